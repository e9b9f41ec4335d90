"""Slices moved towards the leaves: what is computed of entries is computed of them alone.

``(A @ x)[1:3]`` becomes ``A[1:3] @ x``, ``exp(x)[0]`` becomes ``exp(x[0])``; a slice of what is no
sum, product or elementwise function stays where it is.
"""

from collections.abc import Sequence

import sympy as sp

from symflow.core.add import Add, add_terms
from symflow.core.apply import Apply, apply
from symflow.core.dims import Dim, is_one, same
from symflow.core.einsum import Einsum, contract
from symflow.core.fusion import is_fuse
from symflow.core.node import Tensor
from symflow.ops.structure import Run, take_runs

Runs = tuple[Run, ...]
Request = tuple[Tensor, Runs]


def at(run: Run) -> Run:
    """A run of one position whose axis is dropped; marked by the step 0."""
    return (run[0], 1, 0)


def sunk(x: Tensor, runs: Runs) -> Tensor:
    """The entries of ``x`` at a run of positions in every axis, computed of entries alone.

    Args:
        x: any tensor.
        runs: for every axis its positions; :func:`at` drops an axis.

    >>> from symflow.core import matrix, vector
    >>> A, x = matrix("A", "m", "n"), vector("x", "n")
    >>> sunk(A @ x, ((0, 2, 1),)) is A[:2] @ x
    True
    """
    done: dict[Request, Tensor] = {}
    stack: list[Request] = [(x, runs)]
    while stack:
        request = stack[-1]
        needed = [each for each in _needed(*request) if each not in done]
        if needed and request not in done:
            stack += needed
            continue
        stack.pop()
        if request not in done:
            done[request] = _made(*request, done)
    return done[x, runs]


def _whole(run: Run, size: Dim) -> bool:
    return run[0] == 0 and run[2] == 1 and same(run[1], size)


def _passes(x: Tensor, runs: Runs) -> bool:
    """Whether a slice of this node is a node of slices."""
    if all(_whole(run, size) for run, size in zip(runs, x.shape, strict=True)):
        return False
    if isinstance(x, Apply):
        return bool(x.operands) and x.operation.elementwise
    if isinstance(x, Einsum):
        return bool(x.operands) and not any(map(is_fuse, x.operands))
    return isinstance(x, Add)


def _taken(x: Tensor, runs: Runs) -> Tensor:
    """A slice of a leaf, or of what slices do not pass."""
    plain = tuple((start, size, step or 1) for start, size, step in runs)
    labels = tuple(range(x.rank))
    output = tuple(label for label, run in zip(labels, runs, strict=True) if run[2])
    sizes = {label: run[1] for label, run in enumerate(runs)}
    return contract(sp.S.One, (take_runs(x, plain),), (labels,), output, sizes, x.dtype)


def _needed(x: Tensor, runs: Runs) -> list[Request]:
    if not _passes(x, runs):
        return []
    if not isinstance(x, Einsum):
        return [(operand, runs) for operand in x.operands]
    of_label = _runs_of_labels(x, runs)
    return [
        (operand, _runs_of_operand(operand, labels, of_label))
        for operand, labels in zip(x.operands, x.subscripts, strict=True)
    ]


def _runs_of_labels(x: Einsum, runs: Runs) -> dict[int, Run]:
    """The run of each label of the output; of one that stands there twice, the first that cuts."""
    found: dict[int, Run] = {}
    for label, run in zip(x.output, runs, strict=True):
        if label not in found or _whole(found[label], x.sizes[label]):
            found[label] = run
    return found


def _runs_of_operand(operand: Tensor, labels: Sequence[int], of_label: dict[int, Run]) -> Runs:
    return tuple(
        of_label.get(label, (0, size, 1)) for label, size in zip(labels, operand.shape, strict=True)
    )


def _made(x: Tensor, runs: Runs, done: dict[Request, Tensor]) -> Tensor:
    if not _passes(x, runs):
        return _taken(x, runs)
    parts = tuple(done[request] for request in _needed(x, runs))
    if isinstance(x, Apply):
        return apply(x.operation, parts, x.params)
    if isinstance(x, Add):
        coefficients = [coefficient for coefficient, _ in x.terms]
        terms = list(zip(coefficients, parts, strict=True))
        return add_terms(terms, tuple(run[1] for run in runs if run[2]), x.dtype)
    assert isinstance(x, Einsum)
    return _contraction(x, runs, parts)


def _contraction(x: Einsum, runs: Runs, parts: tuple[Tensor, ...]) -> Tensor:
    """The product of slices; two axes of one label cut differently are tied by an identity."""
    of_label = _runs_of_labels(x, runs)
    gone = {label for label, run in of_label.items() if not run[2]}
    sizes: dict[int, Dim] = dict(enumerate(x.sizes))
    sizes.update({label: run[1] for label, run in of_label.items()})
    operands, output = list(parts), []
    subscripts = [tuple(label for label in labels if label not in gone) for labels in x.subscripts]
    for label, run in zip(x.output, runs, strict=True):
        first = of_label[label]
        if run == first or is_one(x.sizes[label]):
            output += [label] * bool(run[2])
            continue
        identity = contract(sp.S.One, (), (), (0, 0), {0: x.sizes[label]}, x.dtype)
        operands.append(_taken(identity, (first, run)))
        sizes[len(sizes)] = run[1]
        fresh = [len(sizes) - 1] * bool(run[2])
        subscripts.append((*[label] * bool(first[2]), *fresh))
        output += fresh
    kept = {label: size for label, size in sizes.items() if label not in gone or label in output}
    return contract(x.coefficient, operands, subscripts, output, kept, x.dtype)
