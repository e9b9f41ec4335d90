"""Stability: tails of distributions, weighted exponentials, moments about the mean, norms.

Sources: NIST Handbook of Mathematical Functions (DLMF) 7.4, 7.7; N. Higham, Accuracy and Stability
of Numerical Algorithms (2002), sections 1.9, 27.8; T. Chan, G. Golub and R. LeVeque, "Algorithms
for computing the sample variance" (1983).
"""

from collections.abc import Iterator

import sympy as sp

from rewrites.multiples import is_positive
from rewrites.stability_conditions import alike, unguarded
from symflow.core import Add, Apply, Einsum, Tensor, add_terms, constant
from symflow.core.add import split
from symflow.ops.arithmetic import SCALAR_POWER
from symflow.ops.choice import logical_and, maximum, minimum, where
from symflow.ops.composite import SIGMOID, logsumexp, sigmoid, softplus
from symflow.ops.contraction import sum as total
from symflow.ops.elementwise import (
    COSH,
    ERFC,
    EXP,
    LOG,
    SINH,
    TANH,
    erf,
    erfc,
    erfcx,
    exp,
    log,
    log1p,
)
from symflow.rewriting.kinds import Positive, PositiveVector, Real, Vector, n
from symflow.rewriting.rule import Rule, Theory, law, theory

_HALF = sp.Rational(1, 2)


@theory("tails of distributions")
def tails(x: Real, y: Real) -> Iterator[Rule]:
    """The error function far from zero, where it is all but 1."""
    yield Rule("one-plus-erf", 1 + erf(x), erfc(-x), source="DLMF 7.2.2")
    yield Rule("scaled-erfc", exp(x * x) * erfc(x), erfcx(x), source="DLMF 7.2.3")
    yield Rule("hazard-of-normal", exp(-x * x) / erfc(x), 1 / erfcx(x), source="DLMF 7.2.3")
    yield Rule("hazard-of-mirrored", exp(-x * x) / erfc(-x), 1 / erfcx(-x), source="DLMF 7.2.3")
    small, large = minimum(x, 1), maximum(x, 0)
    yield Rule(
        "log-erfc",
        log(erfc(x)),
        where(x < _HALF, log1p(-erf(small)), log(erfcx(large)) - large * large),
        where=[unguarded(x)],
        source="DLMF 7.2.3",
    )
    left, middle, right = minimum(x, 1), minimum(maximum(x, -1), 6), maximum(x, 4)
    yield Rule(
        "log-half-erfc",
        log(erfc(x) / 2),
        where(
            x < 0,
            log1p(-erfc(-left) / 2),
            where(x < 5, log(erfc(middle) / 2), log(erfcx(right) / 2) - right * right),
        ),
        where=[unguarded(x)],
        source="DLMF 7.4.1",
    )
    above, below = logical_and(x > 0, y > 0), logical_and(x < 0, y < 0)
    yield Rule(
        "difference-of-erfs",
        erf(x) - erf(y),
        where(
            above,
            erfc(y) - erfc(x),
            where(below, erfc(-x) - erfc(-y), erf(where(above, 1, x)) - erf(y)),
        ),
        where=[unguarded(x, y)],
        source="DLMF 7.4.1",
    )


@theory("weighted exponentials")
def weighted(v: Vector[n], w: PositiveVector[n]) -> Iterator[Rule]:
    """Sums of exponentials with weights; w has positive entries."""
    yield Rule("log-of-weighted-exps", log(total(w * exp(v))), logsumexp(v + log(w)))


@theory("distances")
def distances(v: Vector[n], w: Vector[n]) -> Iterator[Rule]:
    """Squared distances, not between all pairs: those are a matrix product."""
    yield Rule(
        "squared-distance",
        total(v * v) - 2 * total(v * w) + total(w * w),
        total((v - w) * (v - w)),
        where=[alike(v, w)],
    )


@theory("logarithms of one plus exponentials")
def one_plus_exps(v: Vector[n]) -> Iterator[Rule]:
    """The logarithm of 1 and a sum of exponentials."""
    yield Rule("log-of-one-plus-exps", log(1 + total(exp(v))), softplus(logsumexp(v)))


@theory("logarithms of sigmoids")
def sigmoid_factors(x: Real, p: Positive) -> Iterator[Rule]:
    """Sigmoids that are factors have a logarithm that cannot be that of 0."""
    yield Rule("log-of-sigmoid-factor", log(sigmoid(x) * p), log(p) - softplus(-x))


_WITH_STABLE_LOG = frozenset({ERFC, COSH, SINH, TANH, SIGMOID})


def _has_stable_log(node: Tensor) -> bool:
    """Whether a node is a sum of exponentials, or a function with a logarithm of its own."""
    if isinstance(node, Apply):
        if node.operation is SCALAR_POWER:  # 2 / x overflows where x does not
            return bool(node.params[0].is_negative)
        return node.operation in _WITH_STABLE_LOG
    if isinstance(node, Add) or (isinstance(node, Einsum) and node.summed):
        return any(isinstance(x, Apply) and x.operation is EXP for x in node.operands)
    return False


def log_of_multiple(node: Apply) -> Tensor | None:
    """``log(c * sum(exp(x))) = log(c) + log(sum(exp(x)))``, as of a mean, for positive ``c``.

    Also of other functions whose logarithm has a stable form.
    """
    number, core = split(node.operands[0])
    if number == 1 or not (is_positive(number) or is_positive(1 / number)):
        return None
    if not _has_stable_log(core):
        return None
    one = constant(sp.S.One, node.shape, node.dtype)
    return add_terms([(sp.S.One, log(core)), (sp.log(number), one)], node.shape, node.dtype)


log_of_means = Theory(
    "logarithms of means", "Factors taken out.", (law("log-of-multiple", log_of_multiple, LOG),)
)
