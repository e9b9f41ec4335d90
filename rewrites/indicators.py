"""Products with 0/1 matrices ``y[:, None] == arange(k)``: rows looked up, or added at positions.

A row of such a matrix has at most one 1, and none where its label is outside of 0 to ``k - 1``.
A sum over classes is a lookup, a sum over labels adds at positions: ``O(n d)`` operations instead
of ``O(n k d)``.
"""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import NamedTuple

import sympy as sp

from symflow.core import Apply, Constant, Einsum, Tensor, apply, constant, dtypes
from symflow.core.dims import Dim, same
from symflow.core.fusion import is_fuse
from symflow.core.labels import Labels
from symflow.ops import facts
from symflow.ops.arithmetic import CAST, cast
from symflow.ops.choice import EQUAL, clip, greater_equal, less, logical_and
from symflow.ops.creation import IOTA
from symflow.ops.gathering import GATHER, distinct, gather, scatter
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory

Hints = Callable[[Dim], float]


class Limits(NamedTuple):
    """Up to how many classes a product takes no longer; measured.

    Attributes:
        looked_up: than a lookup.
        added: than adding at positions.
    """

    looked_up: int = 0
    added: int = 4


class Indicator(NamedTuple):
    """A tensor that is 1 where the number along one axis is a label, else 0.

    Attributes:
        labels: integers over the other axes.
        axis: the axis of the classes.
        classes: how many there are.
        looked_up: whether these are rows of an identity looked up at the labels: then negative
            ones count from the end, and none is outside.
    """

    labels: Tensor
    axis: int
    classes: Dim
    looked_up: bool = False

    @property
    def positions(self) -> Tensor:
        """The labels, those outside of the classes replaced by some inside."""
        if self.valid is None:
            return self.labels
        return clip(self.labels, 0, constant(sp.sympify(self.classes) - 1, (), "int"))

    @property
    def valid(self) -> Tensor | None:
        """Which labels are classes; None where all are."""
        if self.looked_up or _are_inside(self.labels, self.classes):
            return None
        above = less(self.labels, constant(sp.sympify(self.classes), (), "int"))
        if facts.has(self.labels, "nonnegative"):
            return above
        return logical_and(greater_equal(self.labels, 0), above)


def _are_inside(labels: Tensor, classes: Dim) -> bool:
    """Whether all labels are known to be classes."""
    if isinstance(labels, Constant) and isinstance(classes, int):
        return bool(((labels.array >= 0) & (labels.array < classes)).all())
    counts = facts.has(labels, "permutation") and labels.rank == 1
    counts = counts or (isinstance(labels, Apply) and labels.operation is IOTA)
    return counts and same(labels.shape[0], classes)


def indicator(node: Tensor) -> Indicator | None:
    """The labels of a 0/1 tensor that compares them with the numbers of classes."""
    if isinstance(node, Apply) and node.operation is GATHER:
        return _of_lookup(node)
    if not isinstance(node, Apply) or node.operation is not CAST:
        return None
    (inner,) = node.operands
    if not isinstance(inner, Apply) or inner.operation is not EQUAL:
        return None
    for count, other in (inner.operands, inner.operands[::-1]):
        axis = _counted(count)
        if axis is None or dtypes.kind(other.dtype) != "int":
            continue
        if axis in network.broadcast_axes(other):
            labels = network.without_axes(other, frozenset({axis}))
            return Indicator(labels, axis, node.shape[axis])
    return None


def _of_lookup(node: Apply) -> Indicator | None:
    """``eye(k)[y]`` or ``eye(k)[:, y]``."""
    identity, *indices = node.operands
    if not isinstance(identity, Einsum) or identity.operands or identity.output != (0, 0):
        return None
    if len(indices) != 1 or identity.coefficient != 1:
        return None
    axis = node.rank - 1 if node.params[0] == 0 else 0
    return Indicator(indices[0], axis, identity.shape[0], looked_up=True)


def _counted(node: Tensor) -> int | None:
    """The axis along which a tensor is 0, 1, 2, ..., and the same along all others."""
    if isinstance(node, Apply):
        return 0 if node.operation is IOTA else None
    if not isinstance(node, Einsum) or len(node.operands) != 1 or node.coefficient != 1:
        return None
    (inner,), ((label, *more),) = node.operands, (node.subscripts[0] or (None,),)
    if more or not isinstance(inner, Apply) or inner.operation is not IOTA:
        return None
    return node.output.index(label) if node.output.count(label) == 1 else None


class _Parts(NamedTuple):
    """A contraction with an indicator taken out.

    Attributes:
        node: the contraction.
        found: the indicator.
        label: of the axis of classes.
        joint: those of the axes of labels.
        rest: the other operands.
        hints: estimates of sizes.
        limits: up to how many classes a product takes no longer.
    """

    node: Einsum
    found: Indicator
    label: int
    joint: Labels
    rest: list[network.Item]
    hints: Hints
    limits: Limits

    @property
    def is_long(self) -> bool:
        """Whether there are more labels than classes."""
        count = 1.0
        for size in self.found.labels.shape:
            count *= self.hints(size)
        return count > self.hints(self.found.classes)

    def is_small(self, most: int) -> bool:
        """Whether there are few classes, for labels that are compared with them."""
        return not self.found.looked_up and self.hints(self.found.classes) <= most

    @property
    def held(self) -> set[int]:
        """All labels of its operands."""
        return {self.label, *self.joint, *(t for _, own in self.rest for t in own)}

    @property
    def is_matched(self) -> bool:
        """Whether its classes are summed with those of another indicator."""
        return any(self.label in own and indicator(x) is not None for x, own in self.rest)

    @property
    def mask(self) -> list[network.Item]:
        """0 for labels that are no classes, as a factor; none where there are no such."""
        valid = self.found.valid
        return [] if valid is None else [(cast(valid, self.node.dtype), self.joint)]

    def connected(self, start: Collection[int], barred: Collection[int]) -> list[int]:
        """The operands that sums connect to some, without those that have a barred label."""
        links = set(self.node.summed).difference(barred)
        open_ = [k for k, (_, own) in enumerate(self.rest) if not set(barred) & set(own)]
        places, reached = list(start), 0
        while reached < len(places):
            own = links.intersection(self.rest[places[reached]][1])
            near = (k for k in open_ if k not in places and own & set(self.rest[k][1]))
            places.extend(near)
            reached += 1
        return sorted(places)

    def joined(self, places: Collection[int], front: Labels) -> network.Item:
        """Some operands as one, axes that it must have in front."""
        inside = [self.rest[k] for k in places]
        others = [own for k, (_, own) in enumerate(self.rest) if k not in places]
        needed = {*self.node.output, *(t for own in others for t in own)}.difference(front)
        extra = dict.fromkeys(t for _, own in inside for t in own if t in needed)
        own = (*front, *extra)
        return network.part(self.node, inside, own), own


def product_with_indicator(node: Einsum, hints: Hints, limits: Limits) -> Tensor | None:
    """``one_hot(y, k) @ W = W[y]`` and ``one_hot(y, k).T @ X = zeros(k).at[y].add(X)``."""
    products = list(_products(node, hints, limits))
    for product in products:
        if product.label in node.output or product.is_matched:
            after = _added(product)
            if after is not None:
                return after
    for product in products:
        if product.label not in node.output:
            after = _looked_up(product)
            if after is not None:
                return after
    return None


def _products(node: Einsum, hints: Hints, limits: Limits) -> Iterator[_Parts]:
    parts = network.items(node)
    for place, (operand, own) in enumerate(parts):
        found = indicator(operand)
        if found is None or found.classes == 0 or len(set(own)) < len(own):
            continue
        rest = [item for k, item in enumerate(parts) if k != place]
        joint = (*own[: found.axis], *own[found.axis + 1 :])
        yield _Parts(node, found, own[found.axis], joint, rest, hints, limits)


# -------------------------------------------------------------------- summed over classes


def _looked_up(product: _Parts) -> Tensor | None:
    """All that has the axis of the classes is looked up at the labels."""
    label, rest = product.label, product.rest
    if product.is_small(product.limits.looked_up):
        return None
    holders = [k for k, (_, own) in enumerate(rest) if label in own]
    for k in holders:
        x, own = rest[k]
        shared = [t for t in own if t == label or t in product.joint]
        if is_fuse(x) or len(set(shared)) < len(shared):
            return None
    if len(holders) == 1 and product.is_long and product.found.labels.rank:
        (holder,) = holders
        group = product.connected(holders, product.joint)
        plain = set(product.joint).isdisjoint(rest[holder][1])
        if plain and len(group) > 1 and not any(is_fuse(rest[k][0]) for k in group):
            whole = product.joined(group, (label,))
            rest = [whole, *(item for k, item in enumerate(rest) if k not in group)]
    fresh = [_entries(product, item) if label in item[1] else item for item in rest]
    return network.rebuilt(product.node, [*fresh, *product.mask], gone=product.held)


def _entries(product: _Parts, item: network.Item) -> network.Item:
    """The entries of a tensor at the labels; along axes that both have, those of equal number."""
    (x, own), joint, found = item, product.joint, product.found
    met = [t for t in own if t == product.label or t in joint]
    start = own.index(met[0])
    if own[start : start + len(met)] != tuple(met):
        kept = tuple(t for t in own if t not in met)
        x = network.transposed(x, [own.index(t) for t in (*met, *kept)])
        own, start = (*met, *kept), 0
    shape = found.labels.shape
    indices = [
        found.positions if t == product.label else _numbers(joint.index(t), shape) for t in met
    ]
    return gather(x, indices, start), (*own[:start], *joint, *own[start + len(met) :])


def _numbers(axis: int, shape: tuple[Dim, ...]) -> Tensor:
    """0, 1, 2, ... along an axis of a tensor."""
    sizes = dict(enumerate(shape))
    count = apply(IOTA, (), (shape[axis],))
    return network.view(count, (axis,), range(len(shape)), sizes)


# --------------------------------------------------------------------- summed over labels


def _added(product: _Parts) -> Tensor | None:
    """What has the axes of the labels is added up by class."""
    node, found, joint = product.node, product.found, product.joint
    few = product.is_small(product.limits.added)
    if few or not joint or not set(joint).isdisjoint(node.output):
        return None
    places = [k for k, (_, own) in enumerate(product.rest) if not set(joint).isdisjoint(own)]
    if any(is_fuse(product.rest[k][0]) or product.label in product.rest[k][1] for k in places):
        return None
    values, own = product.joined(places, joint)
    group = product.connected(places, {product.label})
    if len(group) > len(places) and not any(is_fuse(product.rest[k][0]) for k in group):
        whole = product.joined(group, joint)
        if len(whole[1]) < len(own) or not product.is_long:
            places, (values, own) = group, whole
    if product.mask:
        values = network.part(node, [(values, own), *product.mask], own)
    extra = own[len(joint) :]
    total = _added_up(values, found)
    outside = [item for k, item in enumerate(product.rest) if k not in places]
    return network.rebuilt(node, [*outside, (total, (product.label, *extra))], gone=product.held)


def _added_up(values: Tensor, found: Indicator) -> Tensor:
    """Values added at the labels; where these are a permutation, looked up at its inverse."""
    positions, size = found.positions, found.classes
    if values.rank > 1 and _is_permutation(positions, size):
        return gather(values, [scatter(apply(IOTA, (), (size,)), [positions], (size,))])
    return scatter(values, [positions], (size,))


def _is_permutation(positions: Tensor, size: Dim) -> bool:
    """Whether positions are all of an axis, each once."""
    return positions.rank == 1 and same(positions.shape[0], size) and distinct([positions])


def indicators_at(hints: Hints, limits: Limits = Limits()) -> Theory:  # noqa: B008
    """The rules at estimates of sizes: which factor meets the labels first depends on them."""
    return Theory(
        "indicators",
        __doc__ or "",
        (
            Procedure(
                "product-with-indicator",
                partial(product_with_indicator, hints=hints, limits=limits),
                ((Einsum, CAST), (Einsum, GATHER)),
                law="one_hot(y, k) @ W = W[y], one_hot(y, k).T @ X = zeros(k).at[y].add(X)",
            ),
        ),
    )
