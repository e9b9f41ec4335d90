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
    while True:
        pairs = changed_operands(before, after)
        if pairs is None or len(pairs) != 1:
            return tuple(path)
        ((old, new),) = pairs.items()
        path.append(before.operands.index(old))
        before, after = old, new


def changed_operands(before: Tensor, after: Tensor) -> dict[Tensor, Tensor] | None:
    """Which operands of a node became which of another; None where more than these differ.

    The order of operands may differ: it follows from what they are.
    """
    if type(before) is not type(after) or len(before.operands) != len(after.operands):
        return None
    kept = set(before.operands) & set(after.operands)
    old = list(dict.fromkeys(node for node in before.operands if node not in kept))
    new = list(dict.fromkeys(node for node in after.operands if node not in kept))
    if not old or len(old) != len(new):
        return None
    pairs = dict(zip(old, new, strict=True))
    if any(a.shape != b.shape or a.dtype != b.dtype for a, b in pairs.items()):
        return None
    operands = tuple(pairs.get(node, node) for node in before.operands)
    return pairs if before.with_operands(operands) is after else None
