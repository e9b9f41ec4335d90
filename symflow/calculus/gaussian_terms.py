"""Expectations of single terms: polynomials, times exponentials, times known functions.

Polynomials go by pairings (L. Isserlis, Biometrika 12, 1918; G.-C. Wick): every affine factor
gives its mean, or is paired with another one and gives their covariance, or is paired with a
function ``f(z)`` and gives its covariance with ``z``, while ``E[f]`` becomes ``E[f']`` (C. Stein's
lemma).  Exponentials are absorbed first, by a change of the distribution.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy as sp

from symflow.calculus.derivatives import gradients
from symflow.calculus.gaussian import Moments
from symflow.calculus.gaussian_tilts import Condition, Part, Tilt, exponent_of, tilt
from symflow.calculus.monomials import AFFINE, EXPONENT, GIVEN, Expansion, Factor, Term
from symflow.core.dims import Dim
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.core.variable import Variable
from symflow.core.walk import transform
from symflow.errors import BudgetError
from symflow.ops.contraction import sum as sum_of

Labels = tuple[int, ...]
Tidy = Callable[[Tensor], Tensor]
MOST_PAIRINGS = 3000
_ROWS, _COLUMNS = 200_000, 300_000  # labels of the axes of what moments are taken of


@dataclass(frozen=True)
class Average:
    """A function whose expectation a law gives, of an affine argument.

    Attributes:
        argument: the affine expression.
        labels: of its axes.
        equation: from mean and variance of the argument, the expectation.
    """

    argument: Tensor
    labels: Labels
    equation: Callable[..., Tensor]


class Distribution:
    """Moments, perhaps changed by the exponential of a term."""

    def __init__(self, moments: Moments, changed: Tilt | None) -> None:
        self.moments = moments
        self.changed = changed
        self._covariances: dict[tuple[Tensor, Tensor], Part | None] = {}

    @property
    def shared(self) -> Labels:
        """The labels of the exponent: moments depend on them."""
        return () if self.changed is None else self.changed.weight.labels

    def mean(self, u: Tensor, labels: Labels) -> Part:
        """The mean of an affine expression whose axes have these labels."""
        mean = self.moments.mean(u)
        if self.changed is None:
            return Part(mean, labels)
        covariance = self.moments.cov(u, self.changed.source)
        if covariance is None:
            return Part(mean, labels)
        own = tuple(range(_ROWS, _ROWS + u.rank))
        first = self.changed.first
        operands = ((covariance, (*own, *self.changed.labels)), (first.node, first.labels))
        move = _contracted(operands, (*own, *self.shared))
        still = _contracted(((mean, own),), (*own, *self.shared), _sizes(self.changed.weight))
        return Part(still + move, (*labels, *self.shared))

    def cov(self, u: Tensor, w: Tensor, labels: tuple[Labels, Labels]) -> Part | None:
        """The covariances of two affine expressions; None where they are 0."""
        if (u, w) not in self._covariances:
            self._covariances[u, w] = self._covariance(u, w)
        known = self._covariances[u, w]
        if known is None:
            return None
        return Part(known.node, (*labels[0], *labels[1], *known.labels))

    def _covariance(self, u: Tensor, w: Tensor) -> Part | None:
        """With the labels of the exponent behind, where the covariances depend on them."""
        plain = self.moments.cov(u, w)
        move = self._move(u, w)
        if move is None:
            return None if plain is None else Part(plain, ())
        if plain is None:
            return Part(move, self.shared)
        assert self.changed is not None
        own = (*_axes(_ROWS, u), *_axes(_COLUMNS, w))
        still = _contracted(((plain, own),), (*own, *self.shared), _sizes(self.changed.weight))
        return Part(still + move, self.shared)

    def _move(self, u: Tensor, w: Tensor) -> Tensor | None:
        if self.changed is None or self.changed.second is None:
            return None
        sides = [self.moments.cov(each, self.changed.source) for each in (u, w)]
        if sides[0] is None or sides[1] is None:
            return None
        second, rows, columns = self.changed.second, _axes(_ROWS, u), _axes(_COLUMNS, w)
        operands = (
            (sides[0], (*rows, *self.changed.labels)),
            (second.node, second.labels),
            (sides[1], (*columns, *self.changed.primed)),
        )
        output = (*rows, *columns, *self.shared)
        return _contracted(operands, output, _sizes(self.changed.weight))

    def variance(self, u: Tensor, labels: Labels) -> Part:
        """The variances of the entries of an affine expression."""
        covariance = self._covariances.get((u, u)) or self._covariance(u, u)
        own = _axes(_ROWS, u)
        if covariance is None:
            sizes = dict(zip(own, u.shape, strict=True))
            return Part(contract(sp.S.Zero, (), (), own, sizes, u.dtype), labels)
        operands = ((covariance.node, (*own, *own, *covariance.labels)),)
        node = _contracted(operands, (*own, *covariance.labels))
        return Part(node, (*labels, *covariance.labels))


def _axes(start: int, u: Tensor) -> Labels:
    return tuple(range(start, start + u.rank))


def _sizes(part: Part) -> dict[int, Dim]:
    return dict(zip(part.labels, part.node.shape, strict=True))


def _contracted(
    operands: tuple[tuple[Tensor, Labels], ...],
    output: Labels,
    sizes: dict[int, Dim] | None = None,
) -> Tensor:
    """A contraction; ``sizes`` are those of labels of the output that no operand has."""
    known = {label: (sizes or {})[label] for label in output if label in (sizes or {})}
    for node, labels in operands:
        known |= dict(zip(labels, node.shape, strict=True))
    nodes, subscripts = zip(*operands, strict=True)
    return contract(sp.S.One, nodes, subscripts, output, known, operands[0][0].dtype)


class TermExpectations:
    """Expectations of terms whose functions are settled: see :mod:`symflow.calculus.gaussian`."""

    def __init__(self, moments: Moments, expansion: Expansion, tidy: Tidy) -> None:
        self.moments = moments
        self.expansion = expansion
        self.tidy = tidy
        self.conditions: dict[Condition, None] = {}
        self._tilts: dict[Part, Tilt] = {}

    def distribution(self, term: Term) -> Distribution:
        """The moments that the exponential of a term leaves to its other factors."""
        exponents = term.of(EXPONENT)
        if not exponents:
            return Distribution(self.moments, None)
        exponent = exponent_of(exponents, dict(term.sizes))
        if exponent not in self._tilts:
            self._tilts[exponent] = tilt(exponent, self.moments, self.expansion, self.tidy)
            self.conditions.update(dict.fromkeys(self._tilts[exponent].conditions))
        return Distribution(self.moments, self._tilts[exponent])

    def of(self, term: Term, distribution: Distribution, averages: list[Average]) -> list[Tensor]:
        """The expectation as a list of summands, for independent averages."""
        self._check_count(term, len(averages))
        fixed = [Part(factor.node, factor.labels) for factor in term.of(GIVEN)]
        if distribution.changed is not None:
            fixed.append(distribution.changed.weight)
        summands = []
        for parts, orders in self._pairings(term.of(AFFINE), averages, distribution):
            laws = [
                self.average(each, order, distribution)
                for each, order in zip(averages, orders, strict=True)
            ]
            summands.append(_product(term, [*fixed, *parts, *laws]))
        return summands

    def _check_count(self, term: Term, averages: int) -> None:
        """Refuse degrees whose pairings are too many."""
        factors = term.of(AFFINE)
        alone = averages + any(not is_zero(self.moments.mean(factor.node)) for factor in factors)
        before, count = 1, 1
        for number in range(1, len(factors) + 1):
            before, count = count, alone * count + (number - 1) * before
        if count > MOST_PAIRINGS:
            raise BudgetError(
                f"a product of {len(factors)} normal factors has up to {count} pairings, more than "
                f"{MOST_PAIRINGS}: lower the degree"
            )

    def average(self, each: Average, order: int, distribution: Distribution) -> Part:
        """``E[f]`` or a derivative of it by the mean, which is ``E`` of that of ``f``."""
        mean = distribution.mean(each.argument, each.labels)
        variance = distribution.variance(each.argument, each.labels)
        shared = tuple(dict.fromkeys((*mean.labels[each.argument.rank :],
                                      *variance.labels[each.argument.rank :])))  # fmt: skip
        own = _axes(_ROWS, each.argument)
        sizes = {} if distribution.changed is None else _sizes(distribution.changed.weight)
        m, v = (
            _contracted(
                ((part.node, (*own, *part.labels[each.argument.rank :])),), (*own, *shared), sizes
            )
            for part in (mean, variance)
        )
        variable: Tensor = Variable("mean", m.shape, m.dtype, (), "expectation")
        law = each.equation(variable, self.tidy(v))
        for _ in range(order):
            (law,) = gradients(sum_of(law), [variable], self.moments.calculus)
            law = self.tidy(law)
        (law,) = transform([law], lambda node: None, {variable: self.tidy(m)})
        return Part(law, (*each.labels, *shared))

    def _pairings(
        self, factors: list[Factor], averages: list[Average], distribution: Distribution
    ) -> Iterator[tuple[list[Part], list[int]]]:
        """Every way to use up the affine factors: moments, and how often functions are met."""
        start = (tuple(factors), (), (0,) * len(averages))
        stack: list[tuple[tuple[Factor, ...], tuple[Part, ...], tuple[int, ...]]] = [start]
        while stack:
            left, parts, orders = stack.pop()
            if not left:
                yield list(parts), list(orders)
                continue
            first, rest = left[0], left[1:]
            for k, other in enumerate(rest):
                pair = distribution.cov(first.node, other.node, (first.labels, other.labels))
                if pair is not None:
                    stack.append(((*rest[:k], *rest[k + 1 :]), (*parts, pair), orders))
            for k, each in enumerate(averages):
                pair = distribution.cov(first.node, each.argument, (first.labels, each.labels))
                if pair is not None:
                    met = (*orders[:k], orders[k] + 1, *orders[k + 1 :])
                    stack.append((rest, (*parts, pair), met))
            mean = distribution.mean(first.node, first.labels)
            if not is_zero(mean.node):
                stack.append((rest, (*parts, mean), orders))


def is_zero(node: Tensor) -> bool:
    """Whether a tensor is built as zeros."""
    return isinstance(node, Einsum) and node.coefficient == 0


def _product(term: Term, parts: list[Part]) -> Tensor:
    return contract(
        term.coefficient,
        tuple(part.node for part in parts),
        tuple(part.labels for part in parts),
        term.output,
        dict(term.sizes),
        parts[0].node.dtype if parts else "float",
    )
