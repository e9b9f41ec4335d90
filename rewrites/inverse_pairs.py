"""Functions after their inverses, beside their complements, and under logarithms."""

from collections.abc import Iterator

from symflow.core import scaled
from symflow.ops.arithmetic import absolute, power_node
from symflow.ops.choice import fmax, fmin
from symflow.ops.composite import sigmoid, softplus
from symflow.ops.creation import full, ones, zeros
from symflow.ops.elementwise import (
    arctan2,
    cbrt,
    ceil,
    erf,
    exp,
    exp2,
    floor,
    gammaln,
    hypot,
    log,
    log2,
    log10,
    logaddexp,
    logaddexp2,
    xlog1py,
    xlogy,
)
from symflow.ops.floating import copysign, rint, trunc
from symflow.ops.special import (
    beta,
    betaln,
    erfinv,
    gamma,
    gammainc,
    gammaincc,
    i0,
    i0e,
    i1,
    i1e,
    logit,
    ndtr,
    ndtri,
)
from symflow.ops.special_forms import log_ndtr
from symflow.rewriting.conditions import not_negated
from symflow.rewriting.kinds import Integer, NonNegative, Number, Positive, Real, UnitInterval
from symflow.rewriting.rule import Rule, theory


@theory("other bases")
def other_bases(x: Real, y: Real, p: Positive, c: Number) -> Iterator[Rule]:
    """Logarithms to the bases 2 and 10, and of sums of exponentials; p is positive."""
    yield Rule("log2-power", log2(power_node(p, c)), scaled(c, log2(p)))
    yield Rule("log10-power", log10(power_node(p, c)), scaled(c, log10(p)))
    yield Rule("log2-reciprocal", log2(1 / x), -log2(x))
    yield Rule("log10-reciprocal", log10(1 / x), -log10(x))
    yield Rule("logaddexp-of-same", logaddexp(x, x), x + log(full((), 2.0)))
    yield Rule("logaddexp-with-zero", logaddexp(x, zeros(())), softplus(x))
    yield Rule("logaddexp-less-argument", logaddexp(x, y) - x, softplus(y - x))
    yield Rule("logaddexp2-of-same", logaddexp2(x, x), x + 1)
    yield Rule("exp2-of-logaddexp2", exp2(logaddexp2(x, y)), exp2(x) + exp2(y))


@theory("inverse pairs")
def inverse_pairs(x: Real, y: Real, p: Positive, u: UnitInterval, i: Integer) -> Iterator[Rule]:
    """Roots, angles, signs and whole parts undone; u is from 0 to 1, i a whole number."""
    yield Rule("cube-root-of-cube", cbrt(x * x * x), x)
    yield Rule("error-function-inverted", erf(erfinv(u)), u)
    yield Rule("normal-quantile-inverted", ndtr(ndtri(u)), u)
    yield Rule("logit-inverted", sigmoid(logit(u)), u)
    yield Rule("logit-of-sigmoid", logit(sigmoid(x)), x)
    yield Rule("square-of-hypotenuse", hypot(x, y) * hypot(x, y), x * x + y * y)
    yield Rule("hypotenuse-without-height", hypot(x, zeros(())), absolute(x))
    yield Rule("angle-of-positive", arctan2(zeros(()), p), zeros(()))
    yield Rule("own-sign-copied", copysign(x, x), x)
    yield Rule("positive-sign-copied", copysign(x, p), absolute(x))
    yield Rule("fmax-of-same", fmax(x, x), x)
    yield Rule("fmin-of-same", fmin(x, x), x)
    yield Rule("trunc-of-integer", trunc(i), i)
    yield Rule("round-of-integer", rint(i), i)
    yield Rule("floor-of-opposite", floor(-x), -ceil(x), where=[not_negated(x)])
    yield Rule("ceil-of-opposite", ceil(-x), -floor(x), where=[not_negated(x)])


@theory("complements")
def complements(x: Real, p: Positive, q: Positive, t: NonNegative) -> Iterator[Rule]:
    """Distribution, gamma, beta and Bessel functions (NIST Handbook 5.2, 5.12, 7.2, 8.2, 10.25)."""
    yield Rule("normal-tail", 1 - ndtr(x), ndtr(-x))
    yield Rule("normal-tails-sum", ndtr(x) + ndtr(-x), ones(()))
    yield Rule("log-of-normal-distribution", log(ndtr(x)), log_ndtr(x))
    yield Rule("normal-distribution-from-log", exp(log_ndtr(x)), ndtr(x))
    yield Rule("log-of-gamma", log(gamma(p)), gammaln(p))
    yield Rule("gamma-from-log", exp(gammaln(p)), gamma(p))
    yield Rule("gamma-shifted", p * gamma(p), gamma(1 + p), source="DLMF 5.5.1")
    yield Rule("log-of-beta", log(beta(p, q)), betaln(p, q))
    yield Rule("beta-from-log", exp(betaln(p, q)), beta(p, q))
    yield Rule("beta-from-gammas", gammaln(p) + gammaln(q) - gammaln(p + q), betaln(p, q))
    yield Rule("gamma-tail", 1 - gammainc(p, t), gammaincc(p, t))
    yield Rule("gamma-tail-complement", 1 - gammaincc(p, t), gammainc(p, t))
    yield Rule("gamma-tails-sum", gammainc(p, t) + gammaincc(p, t), ones(()))
    yield Rule("bessel-scaled-back", exp(absolute(x)) * i0e(x), i0(x))
    yield Rule("bessel-scaled", exp(-absolute(x)) * i0(x), i0e(x))
    yield Rule("bessel-one-scaled-back", exp(absolute(x)) * i1e(x), i1(x))
    yield Rule("bessel-one-scaled", exp(-absolute(x)) * i1(x), i1e(x))
    yield Rule("xlogy-of-exponential", xlogy(x, exp(t)), x * t)
    yield Rule("xlogy-near-one", xlogy(x, 1 + t), xlog1py(x, t))
