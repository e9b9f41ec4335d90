"""Repeated parts of products become nodes of their own.

As in Re-Pair (N. J. Larsson, A. Moffat, "Off-line dictionary-based compression", 2000): the pair
of joined operands that occurs most often, over all products given and within each, becomes an
inner product, again and again.  A pair that would make its product more work is left alone: in
``A @ B @ x`` and ``A @ B @ y`` the matrix ``A @ B`` is not formed.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

import sympy as sp

from symflow.core import Einsum, Tensor, contract, dtypes
from symflow.core.dims import Dim
from symflow.core.fusion import is_fuse
from symflow.core.labels import Labels
from symflow.ops.arithmetic import power_node
from symflow.rewriting.network import Item, items
from symflow.rewriting.powers import base_and_exponent, is_norm
from symflow.rewriting.refold_cost import effort, is_symmetric, transposes, work
from symflow.rewriting.refold_terms import build

Measure = Callable[[Dim], float]
Key = tuple[Any, Any, Labels, Labels, tuple[bool, ...]]
Place = tuple[int, int, Labels]  # two operands, and the labels behind the key's names
_SLACK = 1e-6
_ASKED = 4  # products that have a say in the order of a pair's axes


class Product:
    """A product whose operands are being paired."""

    __slots__ = ("effort", "measures", "node", "parts", "sizes")

    def __init__(self, node: Einsum, measure: Measure | None = None) -> None:
        self.node = node
        self.parts: list[Item] = items(node)
        self.sizes: dict[int, Dim] = dict(enumerate(node.sizes))
        self.measures = self.sizes
        if measure is not None:
            self.measures = {label: int(measure(size)) for label, size in self.sizes.items()}
        self.effort: float | None = None

    def uses(self) -> Counter[int]:
        """How often each label occurs in operands and output."""
        uses: Counter[int] = Counter(self.node.output)
        for _, labels in self.parts:
            uses.update(labels)
        return uses

    def allows(self, step: float) -> bool:
        """Whether a step of this size is no larger than the largest one it needs anyway."""
        if len(self.parts) == 2:
            return True
        if self.effort is None:
            self.effort = effort(items(self.node), self.node.output, self.measures)
        return step <= self.effort + _SLACK

    def rebuilt(self) -> Tensor:
        """The product with its parts as they now are."""
        node = self.node
        held = {label for _, labels in self.parts for label in labels} | set(node.output)
        sizes = {label: self.sizes[label] for label in held}
        output = node.output
        if node.rank == 2 and is_symmetric(node):
            # either way round it is the same matrix
            output = min(output, output[::-1], key=lambda axes: transposes(self.parts, axes))
        return build(node.coefficient, self.parts, output, sizes, node.dtype)


def repeated_parts(nodes: Iterable[Einsum], measure: Measure | None = None) -> dict[Tensor, Tensor]:
    """Products rewritten so that what they repeat is one inner product.

    Args:
        nodes: distinct products.
        measure: estimates sizes; without it all symbols are taken to be of one size.

    Returns:
        The new form of each product that changed.
    """
    pairing = _Pairing(list(nodes), measure=measure)
    pairing.run()
    units = _units(pairing.products)
    return {
        product.node: product.rebuilt()
        for index, product in enumerate(pairing.products)
        if index in pairing.changed or index in units
    }


def saving(nodes: Sequence[Einsum]) -> int:
    """The number of products that sharing repeated parts makes superfluous."""
    if not _may_repeat(nodes):
        return 0
    pairing = _Pairing(nodes, build_nodes=False)
    pairing.run()
    return pairing.saved


def _may_repeat(nodes: Iterable[Einsum]) -> bool:
    """Whether any two operands occur together twice (joined or not)."""
    seen: set[tuple[Tensor, Tensor]] = set()
    for node in nodes:
        operands = node.operands
        for k, a in enumerate(operands):
            for b in operands[:k]:
                if (b, a) in seen:
                    return True
                seen.add((b, a))
    return False


class _Inner:
    """Stands for an inner product where only the count matters."""

    __slots__ = ("digest", "dtype", "rank")

    def __init__(self, key: "Key", dtype: str) -> None:
        self.digest = hash((key[0].digest, key[1].digest, *key[2:]))
        self.rank = sum(key[4])
        self.dtype = dtype


class _Pairing:
    def __init__(
        self,
        nodes: Sequence[Einsum],
        *,
        build_nodes: bool = True,
        measure: Measure | None = None,
    ) -> None:
        self.build_nodes, self.measured = build_nodes, measure is not None
        self.products = [Product(node, measure) for node in nodes]
        self.where: dict[Key, dict[int, int]] = {}
        self.found: list[dict[Key, list[Place]]] = []
        self.queue: list[tuple[int, int, int, Key]] = []
        self.order: dict[Key, int] = {}
        self.changed: set[int] = set()
        self.saved = 0
        joined = Counter(
            pair for product in self.products for pair in _operand_pairs(product.parts)
        )
        self.frequent = {pair for pair, count in joined.items() if count > 1}

    def run(self) -> None:
        for index, product in enumerate(self.products):
            self.found.append(self._scan(product))
            self._enter(index)
        for key in list(self.where):
            self._offer(key)
        while self.queue:
            count, _, _, key = heapq.heappop(self.queue)
            if -count == self._count(key) and -count > 1 and self._pays(key):
                self._merge(key)

    def _count(self, key: Key) -> int:
        return sum(self.where.get(key, {}).values())

    def _offer(self, key: Key) -> None:
        count = self._count(key)
        if count > 1:
            number = self.order.setdefault(key, len(self.order))
            heapq.heappush(self.queue, (-count, sum(key[4]), number, key))

    def _enter(self, index: int) -> None:
        for key, places in self.found[index].items():
            self.where.setdefault(key, {})[index] = len(places)

    def _leave(self, index: int) -> None:
        for key in self.found[index]:
            del self.where[key][index]

    def _scan(self, product: Product) -> dict[Key, list[Place]]:
        """The places of each joined pair of operands, not overlapping."""
        found: dict[Key, list[Place]] = {}
        if len(product.parts) < 2:
            return found
        uses = product.uses()
        parts = product.parts
        for i in range(len(parts)):
            for j in range(i + 1, len(parts)):
                pair = self._pair(product, parts[i], parts[j], uses)
                if pair is None:
                    continue
                key, labels = pair
                found.setdefault(key, []).append((i, j, labels))
        return {key: _disjoint(places) for key, places in found.items()}

    def _pair(
        self, product: Product, first: Item, second: Item, uses: Counter[int]
    ) -> tuple[Key, Labels] | None:
        a, b = first[0], second[0]
        if (a, b) not in self.frequent and (b, a) not in self.frequent:
            return None
        if set(first[1]).isdisjoint(second[1]) or first == second:
            return None
        pair = _pair_key(first, second, uses)
        rank = sum(pair[0][4])
        if all(pair[0][4]) and set(first[1]) != set(second[1]):
            return None  # rows or columns scaled, or an outer product: nothing is contracted
        if rank > max(a.rank, b.rank, product.node.rank) or is_fuse(a) or is_fuse(b):
            return None
        if dtypes.promote(a.dtype, b.dtype) != product.node.dtype:
            return None
        step = effort([first, second], (), product.measures)
        return pair if product.allows(step) else None

    def _pays(self, key: Key) -> bool:
        """Whether the pair, formed once, saves work, where sizes are known."""
        if not self.measured:
            return True
        a, b, left, right, exposed = key
        axes = tuple(name for name, shown in enumerate(exposed) if shown)
        before = after = 0.0
        for index, count in self.where[key].items():
            if not count:
                continue
            product, places = self.products[index], self.found[index][key]
            parts = self._paired(product, places, None, axes)
            before += work(product.parts, product.node.output, product.measures)
            after += work(parts, product.node.output, product.measures)
            sizes = {name: product.measures[label] for name, label in enumerate(places[0][2])}
        return after + work([(a, left), (b, right)], axes, sizes) <= before

    def _merge(self, key: Key) -> None:
        indices = sorted(self.where[key])
        touched: dict[Key, None] = {}  # in a fixed order, unlike a set
        inner, axes = self._inner(key, indices)
        for index in indices:
            touched.update(dict.fromkeys(self.found[index]))
            self._leave(index)
            self.saved += len(self.found[index][key])
            self._replace(index, self.found[index][key], inner, axes)
        self.saved -= 1
        # the inner product meets others anew: those pairs may repeat
        joined = Counter(
            pair
            for index in indices
            for pair in _operand_pairs(self.products[index].parts)
            if inner in pair
        )
        self.frequent.update(pair for pair, count in joined.items() if count > 1)
        for index in indices:
            self.found[index] = self._scan(self.products[index])
            self._enter(index)
            touched.update(dict.fromkeys(self.found[index]))
        for other in touched:
            self._offer(other)

    def _inner(self, key: Key, indices: Sequence[int]) -> tuple[Any, Labels]:
        """The pair as a node, and its axes as labels of the key."""
        a, b, left, right, exposed = key
        product = self.products[indices[0]]
        _, _, actual = self.found[indices[0]][key][0]
        sizes = {name: product.sizes[label] for name, label in enumerate(actual)}
        axes = tuple(name for name, shown in enumerate(exposed) if shown)
        if not self.build_nodes:
            return _Inner(key, product.node.dtype), axes
        pair = [(a, left), (b, right)]
        whole = self._as_it_stands(key, indices)
        if whole is not None:
            axes = whole
        elif len(axes) == 2:
            ways = (axes, axes[::-1])
            axes = min(ways, key=lambda way: transposes(pair, way) + self._seen(key, indices, way))
        return build(sp.S.One, pair, axes, sizes, product.node.dtype), axes

    def _seen(self, key: Key, indices: Sequence[int], axes: Labels) -> int:
        """The transposes in (some of) the products once the pair is one operand with these axes."""
        total = 0
        for index in indices[:_ASKED]:
            product = self.products[index]
            parts = self._paired(product, self.found[index][key], key, axes)
            total += transposes(parts, product.node.output)
        return total

    def _as_it_stands(self, key: Key, indices: Sequence[int]) -> Labels | None:
        """The order of axes in which the pair alone is one of the products."""
        for index in indices:
            product = self.products[index]
            output = product.node.output
            if len(product.parts) == 2 and len(set(output)) == len(output):
                _, _, actual = self.found[index][key][0]
                if set(output) <= set(actual):
                    return tuple(actual.index(label) for label in output)
        return None

    def _replace(self, index: int, places: list[Place], inner: Tensor, axes: Labels) -> None:
        product = self.products[index]
        product.parts = self._paired(product, places, inner, axes)
        self.changed.add(index)

    @staticmethod
    def _paired(product: Product, places: list[Place], inner: Any, axes: Labels) -> list[Item]:
        """The parts of a product with an inner product in place of pairs of them."""
        gone = {k for i, j, _ in places for k in (i, j)}
        fresh = [(inner, tuple(actual[name] for name in axes)) for _, _, actual in places]
        return [part for k, part in enumerate(product.parts) if k not in gone] + fresh


def _disjoint(places: list[Place]) -> list[Place]:
    """As many places as can be had (nearly) of which no two use one operand."""
    if len(places) == 1:
        return places
    chosen: list[Place] = []
    while places:
        degree = Counter(k for i, j, _ in places for k in (i, j))
        best = min(
            places, key=lambda p: (min(degree[p[0]], degree[p[1]]), degree[p[0]] + degree[p[1]])
        )
        chosen.append(best)
        places = [p for p in places if not {p[0], p[1]} & {best[0], best[1]}]
    return chosen


def _operand_pairs(parts: Sequence[Item]) -> Iterable[tuple[Tensor, Tensor]]:
    for k, (a, _) in enumerate(parts):
        for b, _ in parts[:k]:
            yield (b, a) if b.digest <= a.digest else (a, b)


def _pair_key(first: Item, second: Item, uses: Counter[int]) -> tuple[Key, Labels]:
    """A pair up to the names of its labels, and the label behind each name."""
    a, b = first[0], second[0]
    if a is b:
        pairs = (_coded(first, second, uses), _coded(second, first, uses))
        return min(pairs, key=lambda pair: pair[0][2:])
    if a.digest > b.digest:
        first, second = second, first
    return _coded(first, second, uses)


def _turned(item: Item, known: dict[int, int]) -> Labels:
    """The labels of an operand, those of a symmetric one with the known ones first."""
    labels = item[1]
    if len(labels) == 2 and is_symmetric(item[0]):
        return tuple(sorted(labels, key=lambda label: known.get(label, len(known))))
    return labels


def _coded(first: Item, second: Item, uses: Counter[int]) -> tuple[Key, Labels]:
    names: dict[int, int] = {}
    left = tuple(
        names.setdefault(k, len(names)) for k in _turned(first, dict.fromkeys(second[1], 0))
    )
    right = tuple(names.setdefault(k, len(names)) for k in _turned(second, names))
    inside = Counter((*first[1], *second[1]))
    exposed = tuple(uses[label] > inside[label] for label in names)
    return (first[0], second[0], left, right, exposed), tuple(names)


def _units(products: Sequence[Product]) -> set[int]:
    """Turn ``x * x' / s**2`` into the product of ``x / s`` with itself; says which changed."""
    present = {operand for product in products for operand in product.node.operands}
    changed: set[int] = set()
    for index, product in enumerate(products):
        counts = Counter(operand for operand, labels in product.parts if labels)
        if len(counts) != 1 or set(counts.values()) != {2}:
            continue
        (x,) = counts
        divisor = _square_divisor(product.parts, present)
        if divisor is None or x.dtype != product.node.dtype:
            continue
        gone, inverse = divisor
        axes = tuple(range(x.rank))
        sizes = dict(enumerate(x.shape))
        unit = contract(sp.S.One, (x, inverse), (axes, ()), axes, sizes, x.dtype)
        product.parts = [
            (unit if operand is x else operand, labels)
            for k, (operand, labels) in enumerate(product.parts)
            if k not in gone
        ]
        changed.add(index)
    return changed


def _square_divisor(
    parts: Sequence[Item], present: Container[Tensor]
) -> tuple[set[int], Tensor] | None:
    """The operands that make up ``1 / s**2`` with a scalar ``s``, and ``1 / s``.

    ``1 / sum(x * x)`` counts as the square of ``1 / norm(x)`` where that one is there anyway.
    """
    for k, (operand, labels) in enumerate(parts):
        if labels:
            continue
        base, exponent = base_and_exponent(operand)
        if exponent == -2:
            inverse = power_node(base, sp.S.NegativeOne)
            if not is_norm(base) or inverse in present:
                return {k}, inverse
    return None
