"""How merged axes cancel inside a contraction.

A fuse ``F[K, a, b]`` is 1 where ``K`` is the row-major number of ``(a, b)`` and 0 elsewhere.
Four facts, each a rule here: two fuses of the same sizes that share ``K`` share ``a`` and ``b``;
two that share ``a`` and ``b`` share ``K``; summed over ``K`` alone, or over ``a`` and ``b``
alone, a fuse is 1.  With them ``kron(A, B) @ kron(C, D)`` becomes ``kron(A @ C, B @ D)``.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from symflow.core.apply import Apply

Labels = tuple[int, ...]
Item = tuple[Any, Labels]


def is_fuse(node: Any) -> bool:
    """Whether a node is a fuse constant."""
    return type(node) is Apply and "fuse" in node.operation.facts


def cancel_fuses(
    items: list[Item], output: Sequence[int], unite: Callable[[int, int], None]
) -> tuple[list[Item], set[int]]:
    """Remove the fuses that the four facts make superfluous.

    Args:
        items: operands with their labels.
        output: labels of the result.
        unite: called with two labels that a removed pair of fuses makes one.

    Returns:
        The remaining operands, and the summed labels that went with a fuse and count no factor.
    """
    consumed: set[int] = set()
    renamed: dict[int, int] = {}

    def current(label: int) -> int:
        while label in renamed:
            label = renamed[label]
        return label

    def merge(a: int, b: int) -> None:
        a, b = current(a), current(b)
        if a != b:
            renamed[b] = a
            unite(a, b)

    changed = True
    while changed:
        items = [(node, tuple(map(current, labels))) for node, labels in items]
        shown = [current(label) for label in output]
        changed = _drop_twin(items, merge) or _drop_lone(items, shown, consumed)
    return items, consumed


def _drop_twin(items: list[Item], merge: Callable[[int, int], None]) -> bool:
    by_whole: dict[tuple[Any, int], Labels] = {}
    by_parts: dict[tuple[Any, Labels], int] = {}
    for place, (node, labels) in enumerate(items):
        if not is_fuse(node):
            continue
        whole, parts = labels[0], labels[1:]
        twin = by_whole.get((node, whole))
        other = by_parts.get((node, parts))
        if twin is not None or other is not None:
            del items[place]
            if twin is not None:
                for a, b in zip(twin, parts, strict=True):
                    merge(a, b)
            else:
                assert other is not None
                merge(other, whole)
            return True
        by_whole[node, whole] = parts
        by_parts[node, parts] = whole
    return False


def _drop_lone(items: list[Item], shown: list[int], consumed: set[int]) -> bool:
    uses = Counter(label for _, labels in items for label in labels)
    uses.update(shown)
    for place, (node, labels) in enumerate(items):
        if not is_fuse(node):
            continue
        whole, parts = labels[0], labels[1:]
        if uses[whole] == 1:
            consumed.add(whole)
        elif all(uses[part] == 1 for part in parts):
            consumed.update(parts)
        else:
            continue
        del items[place]
        return True
    return False
