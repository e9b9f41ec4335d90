"""Contractions as networks: opening nested ones, taking parts out, putting parts in."""

from collections import Counter
from collections.abc import Iterable, Sequence

import sympy as sp

from symflow.core import Einsum, Tensor, contract
from symflow.core.dims import Dim
from symflow.core.fusion import is_fuse
from symflow.core.labels import Labels

Item = tuple[Tensor, Labels]
_NO_AXES: frozenset[int] = frozenset()


def items(node: Einsum) -> list[Item]:
    """The operands of a contraction with their labels."""
    return list(zip(node.operands, node.subscripts, strict=True))


def solid_count(node: Einsum) -> int:
    """The number of operands that are not fuse constants."""
    count = len(node.operands)
    for operand in node.operands:
        if is_fuse(operand):
            count -= 1
    return count


def rebuilt(
    node: Einsum,
    parts: Sequence[Item],
    coefficient: sp.Expr | None = None,
    gone: Iterable[int] = (),
    more: dict[int, Dim] | None = None,
) -> Tensor:
    """The contraction with other operands under the same output.

    Args:
        node: gives output, sizes and type.
        parts: the operands with their labels.
        coefficient: the new coefficient (default: the old one).
        gone: labels whose summation went with a removed part and counts no factor.
        more: sizes of labels that the contraction did not have.
    """
    held = {label for _, labels in parts for label in labels} | set(node.output)
    dropped = {label for label in gone if label not in held}
    sizes = {label: size for label, size in enumerate(node.sizes) if label not in dropped}
    if more:
        sizes.update(more)
    return contract(
        node.coefficient if coefficient is None else coefficient,
        [operand for operand, _ in parts],
        [labels for _, labels in parts],
        node.output,
        sizes,
        node.dtype,
    )


def opened(node: Einsum, places: Iterable[int]) -> Tensor:
    """The contraction with the nested contractions at these places merged into it."""
    chosen = set(places)
    sizes: dict[int, Dim] = dict(enumerate(node.sizes))
    renamed: dict[int, int] = {}
    coefficient = node.coefficient
    parts: list[Item] = []
    for place, (operand, labels) in enumerate(items(node)):
        if place not in chosen:
            parts.append((operand, labels))
            continue
        assert isinstance(operand, Einsum)
        coefficient = coefficient * operand.coefficient
        names: dict[int, int] = {}
        for inside, outside in zip(operand.output, labels, strict=True):
            if inside in names:
                _unite(renamed, names[inside], outside)
            else:
                names[inside] = outside
        for label, size in enumerate(operand.sizes):
            if label not in names:
                names[label] = len(sizes)
                sizes[len(sizes)] = size
        for inner, subscripts in items(operand):
            parts.append((inner, tuple(names[label] for label in subscripts)))
    if renamed:
        parts = [(part, tuple(_root(renamed, k) for k in labels)) for part, labels in parts]
        sizes = {label: size for label, size in sizes.items() if label not in renamed}
    return contract(
        coefficient,
        [part for part, _ in parts],
        [labels for _, labels in parts],
        [_root(renamed, label) for label in node.output],
        sizes,
        node.dtype,
    )


LEVELS = 2


def opened_fully(node: Einsum, most: int = 12) -> Tensor:
    """The contraction with nested ones merged, two levels deep, within a number of operands.

    Remembered on the node: every rule about products asks for it.
    """
    if node.cache is None:
        node.cache = {}
    known = node.cache.get("opened")
    if known is None:
        known = node.cache["opened"] = _opened_levels(node, most)
    result: Tensor = known
    return result


def _opened_levels(node: Einsum, most: int) -> Tensor:
    current: Tensor = node
    for _ in range(LEVELS):
        if not isinstance(current, Einsum):
            break
        places = [k for k, operand in enumerate(current.operands) if isinstance(operand, Einsum)]
        total = len(current.operands)
        for k in places:
            total += len(current.operands[k].operands) - 1
        if not places or total > most:
            break
        current = opened(current, places)
    return current


def _root(renamed: dict[int, int], label: int) -> int:
    while label in renamed:
        label = renamed[label]
    return label


def _unite(renamed: dict[int, int], a: int, b: int) -> None:
    a, b = _root(renamed, a), _root(renamed, b)
    if a != b:
        renamed[b] = a


def label_uses(node: Einsum) -> Counter[int]:
    """How often each label occurs in operands and output."""
    uses: Counter[int] = Counter(node.output)
    for labels in node.subscripts:
        uses.update(labels)
    return uses


def lone_labels(node: Einsum) -> set[int]:
    """The labels that are summed and occur once: one operand's axes, summed by themselves."""
    if len(node.output) == len(node.sizes):
        return set()
    once: set[int] = set()
    more: set[int] = set(node.output)
    for labels in node.subscripts:
        for label in labels:
            if label in once:
                more.add(label)
            else:
                once.add(label)
    return once - more


def components(parts: Sequence[Item], joined: Iterable[int]) -> list[list[int]]:
    """The operands grouped by connection through the given labels."""
    links = set(joined)
    group = list(range(len(parts)))
    owner: dict[int, int] = {}

    def find(k: int) -> int:
        while group[k] != k:
            k = group[k]
        return k

    for k, (_, labels) in enumerate(parts):
        for label in labels:
            if label in links:
                if label in owner:
                    group[find(k)] = find(owner[label])
                else:
                    owner[label] = k
    found: dict[int, list[int]] = {}
    for k in range(len(parts)):
        found.setdefault(find(k), []).append(k)
    return list(found.values())


def broadcast_axes(node: Tensor) -> frozenset[int]:
    """The axes along which a node repeats itself, seen from its structure."""
    if type(node) is not Einsum:
        return _NO_AXES
    assert isinstance(node, Einsum)
    held = {label for labels in node.subscripts for label in labels}
    output = node.output
    if held.issuperset(output):
        return _NO_AXES
    return frozenset(
        axis for axis, label in enumerate(output) if label not in held and output.count(label) == 1
    )


def common_broadcast_axes(nodes: Sequence[Tensor]) -> frozenset[int]:
    """The axes along which all of some nodes of one shape repeat themselves."""
    for node in nodes:
        if type(node) is not Einsum:
            return _NO_AXES
    axes = broadcast_axes(nodes[0])
    for node in nodes[1:]:
        if not axes:
            break
        axes &= broadcast_axes(node)
    return axes


def without_axes(node: Tensor, axes: frozenset[int]) -> Tensor:
    """A node without some of its broadcast axes."""
    if not axes:
        return node
    assert isinstance(node, Einsum)
    lost = {node.output[axis] for axis in axes}
    output = [label for axis, label in enumerate(node.output) if axis not in axes]
    sizes = {label: size for label, size in enumerate(node.sizes) if label not in lost}
    return contract(node.coefficient, node.operands, node.subscripts, output, sizes, node.dtype)


def with_axes(node: Tensor, axes: frozenset[int], shape: Sequence[Dim]) -> Tensor:
    """A node repeated along new axes, so that it has the given shape."""
    own = tuple(axis for axis in range(len(shape)) if axis not in axes)
    return contract(
        sp.S.One, (node,), (own,), range(len(shape)), dict(enumerate(shape)), node.dtype
    )


def permutation(node: Tensor) -> tuple[int, ...] | None:
    """For ``c * x.transpose(p)``, the ``p``; None for anything else and where nothing moves."""
    if not isinstance(node, Einsum) or len(node.operands) != 1:
        return None
    (labels,) = node.subscripts
    if len(labels) != len(node.output) or len(set(labels)) != len(labels):
        return None
    if labels == node.output or set(labels) != set(node.output):
        return None
    return tuple(labels.index(label) for label in node.output)


def transposed(node: Tensor, order: Sequence[int]) -> Tensor:
    """``node.transpose(order)``."""
    return contract(
        sp.S.One,
        (node,),
        (tuple(range(len(order))),),
        tuple(order),
        dict(enumerate(node.shape)),
        node.dtype,
    )


def literal(coefficient: sp.Expr, output: Labels, sizes: Sequence[Dim], dtype: str) -> Tensor:
    """A contraction without operands: a constant, an identity."""
    return contract(coefficient, (), (), output, dict(enumerate(sizes)), dtype)


def part(node: Einsum, parts: Sequence[Item], output: Labels) -> Tensor:
    """Some operands of a contraction as a contraction of their own, without its number."""
    held = {label for _, labels in parts for label in labels} | set(output)
    return contract(
        sp.S.One,
        [operand for operand, _ in parts],
        [labels for _, labels in parts],
        output,
        {label: node.sizes[label] for label in held},
        node.dtype,
    )


def factored(node: Tensor, axes: Iterable[int]) -> tuple[sp.Expr, Tensor | None, Tensor] | None:
    """A product as number, factors that are constant along some axes, and the rest.

    Args:
        node: what to split.
        axes: the axes along which the second part is constant.

    Returns:
        The number, the constant factors as a tensor over the other axes (None without any), and
        the rest in the shape of the node; None where there is neither number nor factor.
    """
    if not isinstance(node, Einsum):
        return None
    along = set(axes)
    inner = {node.output[axis] for axis in along}
    outer = tuple(label for axis, label in enumerate(node.output) if axis not in along)
    if len(set(outer)) < len(outer) or not inner.isdisjoint(outer):
        return None
    parts = items(node)
    free: list[Item] = []
    held: list[Item] = []
    for group in components(parts, node.summed):
        mine = [parts[k] for k in group]
        touches = any(inner.intersection(labels) for _, labels in mine)
        (held if touches else free).extend(mine)
    if node.coefficient is sp.S.One and not free:
        return None
    scalars = part(node, free, outer) if free else None
    return node.coefficient, scalars, part(node, held, node.output)


def view(
    node: Tensor, labels: Sequence[int], output: Sequence[int], sizes: dict[int, Dim]
) -> Tensor:
    """One operand with its axes renamed, summed, repeated or dropped."""
    return contract(sp.S.One, (node,), (tuple(labels),), output, sizes, node.dtype)
