"""Places: paths from the root of a graph, as the operand to follow at each node."""

from collections import deque

from symflow.core import Tensor

Path = tuple[int, ...]


def path_to(root: Tensor, node: Tensor) -> Path | None:
    """A shortest path to a node; None where it does not occur.

    >>> from symflow.core import vector
    >>> from symflow.ops.elementwise import exp, log
    >>> x = vector("x", "n")
    >>> path_to(log(exp(x)), x)
    (0, 0)
    """
    parents: dict[Tensor, tuple[Tensor, int] | None] = {root: None}
    pending = deque([root])
    while pending and node not in parents:
        current = pending.popleft()
        for place, operand in enumerate(current.operands):
            if operand not in parents:
                parents[operand] = (current, place)
                pending.append(operand)
    if node not in parents:
        return None
    path: list[int] = []
    step = parents[node]
    while step is not None:
        path.append(step[1])
        step = parents[step[0]]
    return tuple(reversed(path))


def at(root: Tensor, path: Path) -> Tensor:
    """The node at the end of a path."""
    for place in path:
        root = root.operands[place]
    return root


def path_of_change(before: Tensor, after: Tensor) -> Path:
    """The path to the least subterm that holds all that differs between two graphs."""
    path: list[int] = []
    while type(before) is type(after) and len(before.operands) == len(after.operands):
        pairs = zip(before.operands, after.operands, strict=True)
        differing = [place for place, (a, b) in enumerate(pairs) if a is not b]
        if len(differing) != 1:
            break
        (place,) = differing
        below = after.operands[place]
        operands = (*before.operands[:place], below, *before.operands[place + 1 :])
        if below.shape != before.operands[place].shape:
            break
        if before.with_operands(operands) is not after:
            break
        path.append(place)
        before, after = before.operands[place], below
    return tuple(path)
