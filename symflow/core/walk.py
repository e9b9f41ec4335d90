"""Walks over the graph: every distinct node once, operands first, on explicit stacks."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Node = TypeVar("Node", bound=Any)


def postorder(roots: Iterable[Node], *, stop: Callable[[Node], bool] | None = None) -> list[Node]:
    """The distinct nodes reachable from the roots, operands before their users.

    Args:
        roots: where to start; visited in order.
        stop: nodes below which the walk does not descend.
    """
    seen: set[Node] = set()
    order: list[Node] = []
    stack: list[Node | None] = list(roots)
    stack.reverse()
    while stack:
        node = stack.pop()
        if node is None:  # the node below this mark has all its operands in the order
            order.append(stack.pop())  # type: ignore[arg-type]
            continue
        if node in seen:
            continue
        seen.add(node)
        operands = node.operands
        if not operands or (stop is not None and stop(node)):
            order.append(node)
            continue
        stack += (node, None)
        for operand in reversed(operands):
            if operand not in seen:
                stack.append(operand)
    return order


def larger_than(roots: Iterable[Any], most: int) -> bool:
    """Whether a graph has more distinct nodes than so many; a large one is not walked whole."""
    seen = set(roots)
    stack = list(seen)
    while stack and len(seen) <= most:
        for operand in stack.pop().operands:
            if operand not in seen:
                seen.add(operand)
                stack.append(operand)
    return len(seen) > most


def use_counts(order: Iterable[Any]) -> dict[Any, int]:
    """How many nodes of a walk use each node (counted once per using node)."""
    counts: dict[Any, int] = {}
    for node in order:
        for operand in set(node.operands):
            counts[operand] = counts.get(operand, 0) + 1
    return counts


def depends_on(order: Iterable[Any], leaves: Iterable[Any]) -> set[Any]:
    """The nodes of a walk (operands first) that are among the leaves or built from them."""
    result = set(leaves)
    for node in order:
        if node not in result and any(operand in result for operand in node.operands):
            result.add(node)
    return result


def transform(
    roots: Iterable[Node], change: Callable[[Node], Node | None], memo: dict[Any, Any] | None = None
) -> list[Node]:
    """Rebuild a graph from the leaves up.

    Args:
        roots: the graphs to rebuild together.
        change: called on every rebuilt node; gives its replacement, or None to keep it.
        memo: replacements fixed beforehand (node to node); filled with all others.
    """

    def make(node: Any, operands: tuple[Any, ...]) -> Any:
        rebuilt = node if operands == node.operands else node.with_operands(operands)
        changed = change(rebuilt)
        return rebuilt if changed is None else changed

    return rebuild(roots, make, memo)


def rebuild(
    roots: Iterable[Node],
    make: Callable[[Node, tuple[Any, ...]], Node],
    memo: dict[Any, Any] | None = None,
) -> list[Node]:
    """Make every node of a graph anew, from the leaves up.

    Args:
        roots: the graphs to rebuild together.
        make: called on every node and its new operands; gives the new node.
        memo: replacements fixed beforehand (node to node); filled with all others.
    """
    done: dict[Any, Any] = {} if memo is None else memo
    given = list(roots)
    with paused_collector():
        for node in postorder(given, stop=done.__contains__):
            if node not in done:
                done[node] = make(node, tuple(done[operand] for operand in node.operands))
    return [done[root] for root in given]


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause the cyclic garbage collector: nodes hold no cycles, and its scans cost 3x at 100k."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
