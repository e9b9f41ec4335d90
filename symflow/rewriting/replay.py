"""Replaying: from the local changes of a pass back to whole expressions.

A pass over a graph leaves a list of changes, each an equation between two nodes.  That list and
the graph at the start fix every whole form between start and result, so that whole forms need not
be kept: a derivation stays linear in its steps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from symflow.core import Tensor
from symflow.core.walk import paused_collector, postorder, transform
from symflow.rewriting.places import changed_operands

# How a pass treats what it has put in: reduces that, too; looks at every node once, operands
# first; or replaces nodes as they stand and does not look below them.  A pass that does not say
# what it changed is seen from outside.
EXHAUSTIVE, UPWARD, DIRECT, UNSEEN = "exhaustive", "upward", "direct", "unseen"

Change = tuple[Any, Tensor, Tensor]
Equal = Callable[[Tensor, Tensor], bool]


@dataclass
class Stage:
    """One pass over some graphs.

    Attributes:
        start: the graphs before.
        result: the graphs after.
        changes: the rule (or the name of a pass), the node before and the node after.
        mode: ``EXHAUSTIVE``, ``UPWARD``, ``DIRECT`` or ``UNSEEN``.
        name: what to call the pass where its changes do not tell.
    """

    start: list[Tensor]
    result: list[Tensor]
    changes: list[Change] = field(default_factory=list)
    mode: str = EXHAUSTIVE
    name: str = "normal form"

    def reached(self, count: int | None = None) -> list[Tensor]:
        """The whole graphs after so many changes (all of them where nothing is said)."""
        return replayed(self.start, _map(self.changes[:count]), self.mode)[0]

    def settled(self, equal: Equal | None = None) -> "Stage":
        """The stage with the changes that its result needs, and no others.

        Where they do not lead to the result, the whole pass is one change.
        """
        if self.mode == UNSEEN:
            return compared(self.name, self.start, self.result, equal)
        reached, used = replayed(self.start, _map(self.changes), self.mode)
        if any(a is not b for a, b in zip(reached, self.result, strict=True)):
            return whole(self.name, self.start, self.result)
        kept = [change for change in self.changes if change[1] in used]
        return Stage(self.start, self.result, kept, self.mode, self.name)


def whole(name: str, start: Sequence[Tensor], result: Sequence[Tensor]) -> Stage:
    """A pass of which nothing is known but its start and its result."""
    changes = [(name, a, b) for a, b in zip(start, result, strict=True) if a is not b]
    return Stage(list(start), list(result), changes, DIRECT, name)


def compared(
    name: str, start: Sequence[Tensor], result: Sequence[Tensor], equal: Equal | None
) -> Stage:
    """A pass seen from outside: where two graphs differ, walking down both at once.

    Args:
        name: of the pass.
        start: the graphs before.
        result: the graphs after.
        equal: whether two nodes are known to be equal; the walk goes down to equal parts alone: a
            sign that moves between factors makes unequal parts of equal products.
    """
    if equal is None:
        return whole(name, start, result)
    found: dict[Tensor, Tensor] = {}
    seen: set[tuple[Tensor, Tensor]] = set()
    pending = list(zip(start, result, strict=True))
    while pending:
        pair = pending.pop()
        before, after = pair
        if before is after or pair in seen:
            continue
        seen.add(pair)
        inner = changed_operands(before, after)
        if inner is not None and all(equal(a, b) for a, b in inner.items()):
            pending.extend(inner.items())
        else:
            found[before] = after
    changes = [(name, node, found[node]) for node in postorder(start) if node in found]
    return Stage(list(start), list(result), changes, DIRECT, name).settled(equal)


def replayed(
    roots: Sequence[Tensor], changes: Mapping[Tensor, Tensor], mode: str
) -> tuple[list[Tensor], set[Tensor]]:
    """Graphs after changes, and which of the changes were met."""
    if mode == DIRECT:
        met = {node for node in postorder(roots, stop=changes.__contains__) if node in changes}
        return transform(roots, _unchanged, dict(changes)), met
    met = set()
    if mode == UPWARD:

        def change(node: Tensor) -> Tensor | None:
            after = changes.get(node)
            if after is not None:
                met.add(node)
            return after

        return transform(roots, change), met
    return _exhausted(roots, changes, met), met


def _unchanged(node: Tensor) -> Tensor | None:
    return None


def _map(changes: Sequence[Change]) -> dict[Tensor, Tensor]:
    return {before: after for _, before, after in changes}


_VISIT, _BUILD, _SETTLE = 0, 1, 2


def _exhausted(
    roots: Sequence[Tensor], changes: Mapping[Tensor, Tensor], met: set[Tensor]
) -> list[Tensor]:
    """The way of the engine: every node reduced once, what comes of it reduced in turn."""
    done: dict[Tensor, Tensor] = {}
    active: set[Tensor] = set()
    stack = [(_VISIT, root, root) for root in reversed(roots)]
    with paused_collector():
        while stack:
            task, node, other = stack.pop()
            if task == _SETTLE:
                done[node] = done[other]
                continue
            if node in done:
                continue
            if task == _VISIT and node in active:
                done[node] = node  # it came back to itself: the engine stops there, too
                continue
            missing = [operand for operand in node.operands if operand not in done]
            if missing and task == _VISIT:
                active.add(node)
                stack.append((_BUILD, node, node))
                stack.extend((_VISIT, operand, operand) for operand in reversed(missing))
                continue
            after = _next(node, done, changes, met)
            if after is node:
                done[node] = node
                continue
            active.add(node)
            stack.append((_SETTLE, node, after))
            stack.append((_VISIT, after, after))
    return [done[root] for root in roots]


def _next(
    node: Tensor,
    done: Mapping[Tensor, Tensor],
    changes: Mapping[Tensor, Tensor],
    met: set[Tensor],
) -> Tensor:
    operands = tuple(done[operand] for operand in node.operands)
    if operands != node.operands:
        return node.with_operands(operands)
    after = changes.get(node)
    if after is None:
        return node
    met.add(node)
    return after
