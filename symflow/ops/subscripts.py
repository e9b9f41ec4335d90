"""The subscripts of ``einsum`` in text: which axes share a label, and the size of each label."""

from string import ascii_lowercase, ascii_uppercase
from typing import Any

from symflow.core.dims import Dim, is_one, same
from symflow.core.node import Tensor
from symflow.errors import RankError, ShapeError

_LETTERS = ascii_uppercase + ascii_lowercase


def code(name: str) -> int:
    """The number of a label; those that ``...`` stands for are ``...0``, ``...1`` from the end."""
    return -int(name[3:]) - 1 if name.startswith("...") else ord(name)


def label_sizes(inputs: list[list[str]], tensors: list[Tensor]) -> dict[int, Dim]:
    """The size of each label: that of all its axes that are not of size 1."""
    sizes: dict[int, Dim] = {}
    for place, (names, node) in enumerate(zip(inputs, tensors, strict=True)):
        for axis, (name, size) in enumerate(zip(names, node.shape, strict=True)):
            first = node.shape[names.index(name)]
            if not same(first, size):
                raise ShapeError(
                    f"einsum: label {name!r} has sizes {first} and {size} in operand {place}"
                )
            known = sizes.get(code(name), 1)
            if is_one(known):
                sizes[code(name)] = size
            elif not is_one(size) and not same(known, size):
                raise ShapeError(
                    f"einsum: axis {axis} of operand {place} has size {size}, "
                    f"but label {name!r} has size {known} elsewhere"
                )
    return sizes


def in_text(arguments: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """Operands that alternate with lists of integers, as subscripts in text and operands.

    >>> in_text(("A", [0, 1], "B", [1, 2], [0, 2]))
    ('AB,BC->AC', ('A', 'B'))
    """
    *pairs, last = arguments if len(arguments) % 2 else (*arguments, None)
    if not pairs or not all(isinstance(labels, (list, tuple)) for labels in pairs[1::2]):
        raise ShapeError(
            "einsum takes its subscripts as text, 'ij,jk->ik', or a list of integers behind each "
            "operand: einsum(A, [0, 1], B, [1, 2], [0, 2])"
        )
    text = ",".join(map(_spelled, pairs[1::2]))
    return (text if last is None else f"{text}->{_spelled(last)}"), tuple(pairs[::2])


def _spelled(labels: Any) -> str:
    """Labels as letters in their order."""
    letters = []
    for label in labels:
        if label is Ellipsis:
            letters.append("...")
        elif isinstance(label, int) and 0 <= label < len(_LETTERS):
            letters.append(_LETTERS[label])
        else:
            raise ShapeError(
                f"einsum: a label is an integer from 0 to {len(_LETTERS) - 1} or ..., "
                f"got {label!r:.40}"
            )
    return "".join(letters)


def parsed(subscripts: str, operands: list[Tensor]) -> tuple[list[list[str]], list[str]]:
    """The labels of each operand's axes and of the output's.

    Raises:
        ShapeError: for text that names no contraction.
        RankError: when an operand has another rank than its subscripts.
    """
    if not isinstance(subscripts, str):
        raise ShapeError("einsum takes its subscripts as text, for example 'ij,jk->ik'")
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    parts = left.split(",")
    if len(parts) != len(operands):
        raise ShapeError(f"einsum {subscripts!r} names {len(parts)} operands, got {len(operands)}")
    inputs = [
        _names(part, node.rank, subscripts) for part, node in zip(parts, operands, strict=True)
    ]
    extra = max((len([n for n in names if n.startswith("...")]) for names in inputs), default=0)
    batch = [f"...{k}" for k in range(extra - 1, -1, -1)]
    if arrow:
        head, dots, tail = right.partition("...")
        if batch and not dots:
            raise ShapeError(f"einsum {subscripts!r}: the output must hold '...', too")
        output = [*head, *(batch if dots else []), *tail]
    else:
        every = [name for names in inputs for name in names if not name.startswith("...")]
        output = batch + sorted(name for name in set(every) if every.count(name) == 1)
    if any(len(name) == 1 and not name.isalpha() for names in [*inputs, output] for name in names):
        raise ShapeError(f"einsum labels are letters: {subscripts!r}")
    if len(set(output)) != len(output):
        raise ShapeError(f"einsum output names a label twice: {subscripts!r}")
    return inputs, output


def _names(part: str, rank: int, subscripts: str) -> list[str]:
    head, dots, tail = part.partition("...")
    batch = rank - len(head) - len(tail)
    if batch < 0 or (batch and not dots):
        raise RankError(
            f"einsum {subscripts!r}: {part!r} names {len(head) + len(tail)} axes, "
            f"the operand has rank {rank}"
        )
    return [*head, *(f"...{k}" for k in range(batch - 1, -1, -1)), *tail]
