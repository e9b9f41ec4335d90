"""What a node costs in floating point operations.

A contraction of two operands costs one multiplication for every combination of their labels, and
one addition where a label is summed; one of more operands is counted pair by pair, in the best
order.  Views (transposes, broadcasts, reshapes) cost nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import sympy as sp

from symflow.core import Add, Apply, Dim, Einsum, Tensor, Variable
from symflow.core.dims import is_one
from symflow.core.fusion import is_fuse
from symflow.core.labels import Labels
from symflow.rewriting.saturation.order import contraction_path

Cost: TypeAlias = int | sp.Expr
Measure: TypeAlias = Callable[[Dim], float]

_LAST = "\U0010ffff"  # after every name
Names: TypeAlias = Mapping[Tensor, str]
_NO_NAMES: Names = MappingProxyType({})


def first_names(order: Iterable[Tensor]) -> dict[Tensor, str]:
    """For each node of a walk the first variable name below it: an order that an author sees."""
    names: dict[Tensor, str] = {}
    for node in order:
        own = node.full_name if isinstance(node, Variable) else str(getattr(node, "symbol", _LAST))
        names[node] = min((names[part] for part in node.operands), default=own)
    return names


def parts_of(node: Tensor, names: Names = _NO_NAMES) -> tuple[Tensor, ...]:
    """The operands that carry data (not a reshape's index constants), in reading order.

    Args:
        node: any tensor.
        names: orders operands that could stand in any order.
    """
    if isinstance(node, Einsum):
        return tuple(operand for operand, _ in factors_of(node, names))
    parts = tuple(operand for operand in node.operands if not is_fuse(operand))
    free = isinstance(node, Add) or (
        isinstance(node, Apply) and "commutative" in node.operation.facts
    )
    return tuple(sorted(parts, key=lambda part: names.get(part, ""))) if free else parts


def factors_of(node: Einsum, names: Names = _NO_NAMES) -> list[tuple[Tensor, Labels]]:
    """The operands of a contraction with their labels, those of the first output axes first."""
    place = {label: axis for axis, label in reversed(list(enumerate(node.output)))}
    pairs = zip(node.operands, node.subscripts, strict=True)
    last = len(place)

    def key(pair: tuple[Tensor, Labels]) -> tuple[int, str]:
        first = min((place.get(label, last) for label in pair[1]), default=last)
        return first, names.get(pair[0], "")

    return sorted((pair for pair in pairs if not is_fuse(pair[0])), key=key)


def flops(node: Tensor, measure: Measure) -> Cost:
    """Floating point operations of a node itself, as an expression of its dimensions.

    Args:
        node: any tensor.
        measure: a representative value of a size, by which contractions are ordered.
    """
    if isinstance(node, Einsum):
        return _einsum_flops(node, measure)
    if isinstance(node, Add):
        scaled = sum(1 for c in node.coefficients if abs(c) != 1)
        return _times(len(node.operands) - 1 + scaled, node.shape)
    if isinstance(node, Apply):
        return _apply_flops(node)
    return 0


def _times(count: Any, sizes: Iterable[Dim]) -> Cost:
    total = sp.nsimplify(count)
    for size in sizes:
        total = total * size
    return int(total) if total.is_Integer else total


def _apply_flops(node: Apply) -> Cost:
    given = node.operation.flops
    if callable(given):
        return _times(given(node.operands, node.params, node.shape), ())
    entries = node.operands[0].shape if "reduction" in node.operation.facts else node.shape
    return _times(given, entries)


def _einsum_flops(node: Einsum, measure: Measure) -> Cost:
    split: dict[int, Labels] = {}
    held: list[frozenset[int]] = []
    for operand, labels in zip(node.operands, node.subscripts, strict=True):
        if is_fuse(operand):
            split.setdefault(labels[0], labels[1:])

    def opened(labels: Iterable[int]) -> frozenset[int]:
        parts = (part for label in labels for part in split.get(label, (label,)))
        return frozenset(part for part in parts if not is_one(node.sizes[part]))

    for operand, labels in zip(node.operands, node.subscripts, strict=True):
        if not is_fuse(operand):
            held.append(opened(labels))
    if not held:
        return 0
    shown = opened(node.output)
    total: Cost = 0
    for product, summed in _steps(held, shown, tuple(map(measure, node.sizes))):
        total = total + _times(2 if summed else 1, (node.sizes[k] for k in sorted(product)))
    if node.coefficient not in (1, -1):
        kept = shown & frozenset().union(*held)
        total = total + _times(1, (node.sizes[k] for k in sorted(kept)))
    return total


def _steps(
    held: list[frozenset[int]], shown: frozenset[int], sizes: tuple[float, ...]
) -> list[tuple[frozenset[int], bool]]:
    """The pairwise products of a contraction: labels of each, and whether it sums."""
    uses = Counter(label for labels in held for label in labels)
    left = []
    steps: list[tuple[frozenset[int], bool]] = []
    for labels in held:
        shared = frozenset(label for label in labels if label in shown or uses[label] > 1)
        if shared != labels:  # summed beforehand: additions alone
            steps.append((labels, False))
        left.append(shared)
    for i, j in contraction_path(tuple(left), shown, sizes):
        second, first = left.pop(j), left.pop(i)
        joint = first | second
        kept = joint & shown.union(*left)
        steps.append((joint, kept != joint))
        left.append(kept)
    return steps
