"""Sums, products and extremes over axes."""

from collections.abc import Iterator

from symflow.ops.arithmetic import absolute
from symflow.ops.composite import norm
from symflow.ops.contraction import sum as total
from symflow.ops.creation import ones
from symflow.ops.elementwise import exp, log
from symflow.ops.reduction import max as largest
from symflow.ops.reduction import prod
from symflow.rewriting.conditions import regular
from symflow.rewriting.kinds import (
    NonNegativeVector,
    OneHot,
    Simplex,
    UnitVector,
    Vector,
    n,
)
from symflow.rewriting.rule import Rule, theory


@theory("reduction")
def reduction(v: Vector[n], s: Simplex[n], h: OneHot[n], u: UnitVector[n]) -> Iterator[Rule]:
    """Sums that are known without adding."""
    yield Rule("sum-over-itself", total(v) / total(v), ones(()), where=[regular(v)], grade="widens")
    yield Rule("simplex-sum", total(s), ones(()))
    yield Rule("one-hot-norm", norm(h), ones(()))
    yield Rule("one-hot-largest", largest(h), ones(()))
    yield Rule("unit-norm", norm(u), ones(()))
    yield Rule("unit-square", total(u * u), ones(()))
    yield Rule("prod-of-exp", prod(exp(v)), exp(total(v)))


@theory("products of positives")
def positive_products(v: Vector[n], q: NonNegativeVector[n]) -> Iterator[Rule]:
    """The logarithm of a product that cannot overflow; q is not negative."""
    yield Rule("log-prod", log(prod(q)), total(log(q)))
    yield Rule("log-abs-prod", log(absolute(prod(v))), total(log(absolute(v))))
