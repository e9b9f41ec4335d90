"""Special functions at special arguments, angles doubled, logarithms and roots of other functions.

Numbers of equations are those of the NIST Digital Library of Mathematical Functions.
"""

from collections.abc import Iterator

import sympy as sp

from symflow.core import apply, scaled
from symflow.ops.activation import relu6
from symflow.ops.arithmetic import POWER, absolute, power_node, sqrt
from symflow.ops.composite import log_softmax, logsumexp, norm, relu, sigmoid, softmax
from symflow.ops.contraction import sum as total
from symflow.ops.creation import full, ones, zeros
from symflow.ops.elementwise import (
    arctan,
    cbrt,
    cos,
    exp,
    exp2,
    expm1,
    hypot,
    log,
    log2,
    log10,
    logaddexp,
    sin,
    tan,
    xlog1py,
)
from symflow.ops.reduction import max as largest
from symflow.ops.reduction import min as least
from symflow.ops.reduction import prod
from symflow.ops.sorting import sort
from symflow.ops.special import (
    beta,
    betainc,
    betaln,
    entr,
    exp1,
    expi,
    gamma,
    gammainc,
    gammaincc,
    hyp1f1,
    kl_div,
    owens_t,
    poch,
    rel_entr,
)
from symflow.rewriting.kinds import (
    NonNegative,
    NonNegativeVector,
    Number,
    Positive,
    Real,
    UnitInterval,
    Vector,
    n,
)
from symflow.rewriting.rule import Rule, theory


@theory("special values")
def special_values(
    x: Real, p: Positive, q: Positive, t: NonNegative, u: UnitInterval
) -> Iterator[Rule]:
    """Special functions where they are simpler ones; p and q are positive, u is from 0 to 1."""
    one = ones(())
    yield Rule("gamma-quotient", gamma(1 + p) / gamma(p), p, source="DLMF 5.5.1")
    yield Rule("gamma-shifted-back", gamma(1 + p) / p, gamma(p), source="DLMF 5.5.1")
    yield Rule("beta-of-one", beta(one, p), 1 / p, source="DLMF 5.12.1")
    yield Rule("betaln-of-one", betaln(one, p), -log(p), source="DLMF 5.12.1")
    yield Rule("gamma-tail-of-one", gammaincc(one, t), exp(-t), source="DLMF 8.4.5")
    yield Rule("gamma-part-of-one", gammainc(one, t), -expm1(-t), source="DLMF 8.4.5")
    yield Rule("beta-part-of-ones", betainc(one, one, u), u, source="DLMF 8.17.1")
    yield Rule("confluent-of-same", hyp1f1(p, p, x), exp(x), source="DLMF 13.6.1")
    yield Rule("rising-once", poch(p, one), p, source="DLMF 5.2.4")
    yield Rule("rising-never", poch(p, zeros(())), one, source="DLMF 5.2.4")
    yield Rule("owen-of-zero", owens_t(x, zeros(())), zeros(()))
    yield Rule("exponential-integral", expi(-p), -exp1(p), source="DLMF 6.2.6")
    yield Rule("relative-entropy-of-same", rel_entr(p, p), zeros(()))
    yield Rule("divergence-of-same", kl_div(p, p), zeros(()))
    yield Rule("divergence", rel_entr(p, q) - p + q, kl_div(p, q))
    yield Rule("entropy-of-exponential", entr(exp(x)), -(x * exp(x)))
    yield Rule("xlog1py-of-expm1", xlog1py(x, expm1(t)), x * t)


@theory("angles doubled")
def angles_doubled(x: Real, p: Positive) -> Iterator[Rule]:
    """Double angles and quotients (DLMF 4.21 and 4.35)."""
    yield Rule("cosine-from-sine", 1 - 2 * (sin(x) * sin(x)), cos(2 * x), source="DLMF 4.21.28")
    yield Rule("cosine-from-cosine", 2 * (cos(x) * cos(x)) - 1, cos(2 * x), source="4.21.28")
    yield Rule("cotangent", cos(x) / sin(x), 1 / tan(x), source="DLMF 4.14.7")
    yield Rule("angles-of-reciprocals", arctan(p) + arctan(1 / p), full((), sp.pi / 2))


@theory("other logarithms")
def other_logarithms(x: Real, y: Real, p: Positive, q: Positive, c: Number) -> Iterator[Rule]:
    """Logarithms of powers of other bases, roots of products, sums in logarithms."""
    yield Rule("log-of-exp2", log(exp2(x)), scaled(sp.log(2), x))
    yield Rule("exp2-power", power_node(exp2(x), c), exp2(scaled(c, x)))
    yield Rule("log2-of-power", log2(apply(POWER, (p, x))), x * log2(p))
    yield Rule("log10-of-power", log10(apply(POWER, (p, x))), x * log10(p))
    yield Rule("cube-root-product", cbrt(x) * cbrt(y), cbrt(x * y))
    yield Rule("log-of-cube-root", log(cbrt(p)), log(p) / 3)
    yield Rule("logaddexp-of-logs", logaddexp(log(p), log(q)), log(p + q))
    yield Rule("exp-of-logaddexp", exp(logaddexp(x, y)), exp(x) + exp(y))
    yield Rule("hypotenuse-of-sizes", hypot(absolute(x), y), hypot(x, y))
    yield Rule("sigmoid-of-log", sigmoid(log(p)), p / (1 + p))
    yield Rule("relu6-of-relu", relu6(relu(x)), relu6(x))
    yield Rule("relu6-of-relu6", relu6(relu6(x)), relu6(x))


@theory("reductions of functions")
def reductions_of_functions(v: Vector[n], q: NonNegativeVector[n]) -> Iterator[Rule]:
    """Increasing functions change places with extremes and sorting; q is not negative."""
    yield Rule("max-of-root", largest(sqrt(q)), sqrt(largest(q)))
    yield Rule("min-of-root", least(sqrt(q)), sqrt(least(q)))
    yield Rule("sort-of-root", sort(sqrt(q)), sqrt(sort(q)))
    yield Rule("prod-of-reciprocals", prod(1 / v), 1 / prod(v))
    yield Rule("prod-of-sizes", prod(absolute(v)), absolute(prod(v)))
    yield Rule("prod-of-roots", prod(sqrt(q)), sqrt(prod(q)))
    yield Rule("norm-of-sizes", norm(absolute(v)), norm(v))
    yield Rule("logsumexp-of-logs", logsumexp(log(q)), log(total(q)))
    yield Rule("logsumexp-of-log-softmax", logsumexp(log_softmax(v)), zeros(()))
    yield Rule("softmax-of-log-softmax", softmax(log_softmax(v)), softmax(v))
    yield Rule("log-softmax-twice", log_softmax(log_softmax(v)), log_softmax(v))
