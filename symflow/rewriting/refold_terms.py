"""Terms of a sum taken apart into factors on seats, and put together again.

A seat is an axis that the terms of a sum have in common: at first the axes of the sum, then also
the axes along which a factor that was cut out stays joined to the rest.  What a factor looks like
from outside, its signature, is the factor with the seats of its axes; two terms that show the
same signature share that factor.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import sympy as sp

from symflow.core import Einsum, Tensor, contract
from symflow.core.add import scaled
from symflow.core.dims import Dim, Shape, is_one
from symflow.core.labels import Labels
from symflow.rewriting import network, normal, powers
from symflow.rewriting.refold_cost import is_symmetric

_ONE = Fraction(1)
Signature = tuple[Any, bool, Labels]
Pair = tuple[int, int]
MOST_OPERANDS = normal.MOST_OPERANDS


class Factor(NamedTuple):
    """A power of a tensor on labels, or of a number that is no rational (no labels)."""

    base: sp.Expr
    exponent: Fraction
    labels: Labels


class Term:
    """One term of a sum.

    Attributes:
        number: its rational coefficient.
        factors: what it multiplies, besides.
        seats: the seat of each label that is no inner one.
        deltas: pairs of seats that share a label (an identity or a diagonal); the label's seat
            is the first.
        sizes: the size of each label.
    """

    __slots__ = ("deltas", "factors", "number", "seats", "sizes")

    def __init__(
        self,
        number: sp.Expr,
        factors: list[Factor],
        seats: dict[int, int],
        deltas: tuple[Pair, ...],
        sizes: dict[int, Dim],
    ) -> None:
        self.number = number
        self.factors = factors
        self.seats = seats
        self.deltas = deltas
        self.sizes = sizes

    def copy(self) -> "Term":
        """A term that can be cut without changing this one."""
        return Term(self.number, list(self.factors), dict(self.seats), self.deltas, self.sizes)

    def signatures(self) -> dict[Signature, int]:
        """The first factor that shows each signature; factors on a diagonal show none."""
        knots = {seat for pair in self.deltas for seat in pair}
        found: dict[Signature, int] = {}
        for place, factor in enumerate(self.factors):
            pattern = seen_from_outside(factor, self.seats)
            if not knots or knots.isdisjoint(pattern):
                found.setdefault((factor.base, factor.exponent.numerator > 0, pattern), place)
        return found

    def used_seats(self) -> set[int]:
        """The seats on which the value of the term depends."""
        seats = self.seats
        used = {seats[k] for factor in self.factors for k in factor.labels if k in seats}
        used.update(seat for pair in self.deltas for seat in pair)
        return used


def turned(factor: Factor, seats: dict[int, int]) -> Labels:
    """The labels of a factor; those of a symmetric matrix in the order of their seats."""
    labels = factor.labels
    if len(labels) == 2 and labels[0] != labels[1] and is_symmetric(factor.base):
        first, last = (seats.get(label, -1) for label in labels)
        if last >= 0 and (first < 0 or first > last):
            return (labels[1], labels[0])
    return labels


def seen_from_outside(factor: Factor, seats: dict[int, int]) -> Labels:
    """The seat of each axis; -1, -2, ... for the axes on inner labels, in order."""
    if not factor.labels:
        return ()
    inner: dict[int, int] = {}
    return tuple(
        seats[label] if label in seats else -1 - inner.setdefault(label, len(inner))
        for label in turned(factor, seats)
    )


def read_term(coefficient: sp.Expr, node: Tensor) -> Term:
    """A term of a sum, its closed parts (sums over all their labels) taken as scalar factors."""
    if isinstance(node, Einsum):
        coefficient = coefficient * node.coefficient
        items, output = network.items(node), node.output
        sizes: dict[int, Dim] = dict(enumerate(node.sizes))
    else:
        output = tuple(range(node.rank))
        items, sizes = [(node, output)], dict(enumerate(node.shape))
    items = _apart(items, sizes)
    seats: dict[int, int] = {}
    deltas: list[Pair] = []
    for place, label in enumerate(output):
        if is_one(sizes[label]):
            continue
        if label in seats:
            deltas.append((seats[label], place))
        else:
            seats[label] = place
    items, coefficient = _closed(items, seats, sizes, coefficient, node)
    number, factors = _scalars(coefficient)
    factors.extend(_collected(items))
    return Term(number, factors, seats, tuple(deltas), sizes)


def _apart(items: list[network.Item], sizes: dict[int, Dim]) -> list[network.Item]:
    """Give axes of size 1 labels of their own, as inside a contraction."""
    if not any(is_one(size) for size in sizes.values()):
        return items
    result = []
    for operand, labels in items:
        fresh = list(labels)
        for axis, label in enumerate(labels):
            if is_one(sizes[label]):
                fresh[axis] = len(sizes)
                sizes[len(sizes)] = 1
        result.append((operand, tuple(fresh)))
    return result


def _closed(
    items: list[network.Item],
    seats: dict[int, int],
    sizes: dict[int, Dim],
    coefficient: sp.Expr,
    node: Tensor,
) -> tuple[list[network.Item], sp.Expr]:
    """Replace each connected part that reaches no seat by one scalar operand.

    A term that is one such part and scalars stays open: a scalar sum is factored inside it.
    """
    groups = network.components(items, sizes)
    closed = [
        group
        for group in groups
        if any(items[k][1] for k in group)
        and not any(label in seats for k in group for label in items[k][1])
    ]
    if not closed or (not seats and len(closed) == 1):
        return items, coefficient
    gone: set[int] = set()
    scalars: list[network.Item] = []
    for group in closed:
        parts = [items[k] for k in group]
        labels = {label for _, names in parts for label in names}
        scalar = contract(
            sp.S.One,
            [operand for operand, _ in parts],
            [names for _, names in parts],
            (),
            {label: sizes[label] for label in labels},
            node.dtype,
        )
        if scalar.dtype != node.dtype:
            continue
        gone.update(group)
        if isinstance(scalar, Einsum) and scalar.coefficient is not sp.S.One:
            coefficient = coefficient * scalar.coefficient
            scalar = scalar.with_coefficient(sp.S.One)
        scalars.append((scalar, ()))
    return [item for k, item in enumerate(items) if k not in gone] + scalars, coefficient


def _scalars(coefficient: sp.Expr) -> tuple[sp.Expr, list[Factor]]:
    """A coefficient as a rational number and powers of what is not one (sizes, roots, floats)."""
    if coefficient.is_Rational:
        return coefficient, []
    number, rest = coefficient.as_coeff_Mul()
    factors: list[Factor] = []
    if not number.is_Rational:
        sign = -1 if number.could_extract_minus_sign() else 1
        factors.append(Factor(sign * number, _ONE, ()))
        number = sp.Integer(sign)
    for base, exponent in rest.as_powers_dict().items():
        if base is sp.S.One:
            continue
        if exponent.is_Rational:
            factors.append(Factor(base, Fraction(exponent.p, exponent.q), ()))
        else:
            factors.append(Factor(base**exponent, _ONE, ()))
    return number, factors


def _collected(items: Iterable[network.Item]) -> list[Factor]:
    """Operands as powers, those of one base, sign and place added up where no domain changes."""
    known: dict[tuple[Tensor, bool, Labels], Fraction] = {}
    apart: list[Factor] = []
    for operand, labels in items:
        base, given = powers.base_and_exponent(operand)
        if base.dtype != operand.dtype or not given.is_Rational:
            apart.append(Factor(operand, _ONE, labels))
            continue
        exponent = _ONE if given is sp.S.One else Fraction(given.p, given.q)
        key = (base, exponent.numerator > 0, labels)
        held = known.get(key)
        if held is None:
            known[key] = exponent
        elif held.denominator > 1 and exponent.denominator > 1:
            apart.append(Factor(operand, _ONE, labels))
        else:
            known[key] = held + exponent
    return [Factor(base, e, labels) for (base, _, labels), e in known.items()] + apart


def spread(factor: Factor, labels: Labels) -> tuple[sp.Expr, list[network.Item]]:
    """A factor as a coefficient and operands."""
    base, exponent, _ = factor
    if isinstance(base, Tensor) and (exponent is _ONE or exponent == 1):
        return sp.S.One, [(base, labels)]
    power = sp.Rational(exponent.numerator, exponent.denominator)
    if not isinstance(base, Tensor):
        return base**power, []
    return sp.S.One, [(operand, labels) for operand in powers.factors(base, power)]


def rest_node(term: Term, axes: Sequence[int], shape: Shape, dtype: str) -> Tensor:
    """What a term's remaining factors give on the seats ``axes`` of sizes ``shape``."""
    coefficient = term.number
    items: list[network.Item] = []
    for factor in term.factors:
        number, operands = spread(factor, factor.labels)
        coefficient = coefficient if number is sp.S.One else coefficient * number
        items.extend(operands)
    held = {label for _, labels in items for label in labels}
    sizes = {label: term.sizes[label] for label in held}
    named = {seat: label for label, seat in term.seats.items()}
    first_of = {second: first for first, second in term.deltas}
    fresh = max(term.sizes, default=0) + 1
    output = []
    for axis, size in zip(axes, shape, strict=True):
        seat = first_of.get(axis, axis)
        if seat not in named:
            named[seat] = fresh
            fresh += 1
        sizes[named[seat]] = size
        output.append(named[seat])
    return build(coefficient, items, output, sizes, dtype)


def build(
    coefficient: sp.Expr,
    items: Sequence[network.Item],
    output: Sequence[int],
    sizes: dict[int, Dim],
    dtype: str,
) -> Tensor:
    """A contraction, with symmetric operands turned as the normal form has them."""
    node = contract(
        coefficient,
        [operand for operand, _ in items],
        [labels for _, labels in items],
        output,
        sizes,
        dtype,
    )
    if any(is_symmetric(operand) for operand, _ in items):
        step = normal.normal_step(node, _never)
        return node if step is None else step
    return node


def _never(_: Tensor) -> bool:
    return False


def joined(
    cut: Sequence[Factor],
    equal: Sequence[Pair],
    inner: Tensor,
    axes: Sequence[int],
    shape: Shape,
    sizes: dict[int, Dim],
) -> Tensor:
    """The factors that were cut out, put around the sum of the rests.

    Args:
        cut: factors whose labels are seats.
        equal: pairs of axes of the result that a delta joins.
        inner: the sum of the rests.
        axes: the seat of each of its axes.
        shape: the shape of the result.
        sizes: the size of each seat (those of the result included).
    """
    coefficient = sp.S.One
    items: list[network.Item] = []
    for factor in cut:
        number, operands = spread(factor, factor.labels)
        coefficient = coefficient * number
        items.extend(operands)
    if not items and not equal and tuple(axes) == tuple(range(len(shape))):
        return scaled(coefficient, inner)
    output = list(range(len(shape)))
    for first, second in equal:
        output[second] = first
    needed = {seat for _, labels in items for seat in labels} | set(axes) | set(output)
    sizes = {seat: size for seat, size in sizes.items() if seat in needed}
    coefficient, items = _with(inner, tuple(axes), coefficient, items, sizes)
    return build(coefficient, items, output, sizes, inner.dtype)


def _with(
    inner: Tensor,
    axes: Labels,
    coefficient: sp.Expr,
    items: list[network.Item],
    sizes: dict[int, Dim],
) -> tuple[sp.Expr, list[network.Item]]:
    """Add an operand, opened when it is a product and few enough operands come together."""
    few = isinstance(inner, Einsum) and len(items) + len(inner.operands) <= MOST_OPERANDS
    if not isinstance(inner, Einsum) or not few or len(set(inner.output)) < len(inner.output):
        return coefficient, [*items, (inner, axes)]
    names = dict(zip(inner.output, axes, strict=True))
    for label, size in enumerate(inner.sizes):
        if label not in names:
            names[label] = max(sizes, default=-1) + 1
            sizes[names[label]] = size
    opened = [
        (operand, tuple(names[label] for label in labels))
        for operand, labels in network.items(inner)
    ]
    return coefficient * inner.coefficient, items + opened
