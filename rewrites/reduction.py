"""Sums, products and extremes over axes."""

from collections.abc import Iterator

from symflow.ops.composite import norm
from symflow.ops.contraction import sum as total
from symflow.ops.creation import ones
from symflow.ops.elementwise import exp, log
from symflow.ops.reduction import prod
from symflow.rewriting.kinds import OneHot, PositiveVector, Simplex, UnitVector, Vector, n
from symflow.rewriting.rule import Rule, theory


@theory("reduction")
def reduction(v: Vector[n], s: Simplex[n], h: OneHot[n], u: UnitVector[n]) -> Iterator[Rule]:
    """Sums that are known without adding."""
    yield Rule("simplex-sum", total(s), ones(()))
    yield Rule("one-hot-norm", norm(h), ones(()))
    yield Rule("unit-norm", norm(u), ones(()))
    yield Rule("unit-square", total(u * u), ones(()))
    yield Rule("prod-of-exp", prod(exp(v)), exp(total(v)))


@theory("products of positives")
def positive_products(p: PositiveVector[n]) -> Iterator[Rule]:
    """The logarithm of a product that cannot overflow."""
    yield Rule("log-prod", log(prod(p)), total(log(p)))
