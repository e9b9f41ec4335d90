"""Notation: formulas recognised as the named functions that they spell out."""

from collections.abc import Iterator

from symflow.core import apply, dims
from symflow.ops.arithmetic import absolute, add, broadcast_to, power_node, sqrt
from symflow.ops.choice import maximum
from symflow.ops.composite import (
    log_softmax,
    logsumexp,
    relu,
    sigmoid,
    softmax,
    softplus,
)
from symflow.ops.contraction import sum as total
from symflow.ops.creation import ones
from symflow.ops.elementwise import (
    POLYGAMMA,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctanh,
    cos,
    cosh,
    digamma,
    erf,
    erfc,
    exp,
    expm1,
    gammaln,
    log,
    log1p,
    sin,
    sinh,
    tan,
    tanh,
)
from symflow.rewriting.conditions import negative
from symflow.rewriting.kinds import Number, Positive, Real, Vector, n
from symflow.rewriting.rule import Rule, theory

(N,) = dims("n")


@theory("recognition")
def recognition(x: Real, v: Vector[n], c: Number) -> Iterator[Rule]:
    """Composites spelled out: sigmoid, softplus, softmax and their logarithms."""
    yield Rule(
        "sigmoid-power",
        power_node(add(1, exp(-x)), c),
        power_node(sigmoid(x), -c),
        where=[negative(c)],
    )
    yield Rule("sigmoid-of-quotient", exp(x) * sigmoid(-x), sigmoid(x))
    yield Rule("softplus", log(1 + exp(x)), softplus(x))
    yield Rule("softplus-log1p", log1p(exp(x)), softplus(x))
    yield Rule("log-sigmoid", log(sigmoid(x)), -softplus(-x))
    yield Rule("softmax", exp(v) / total(exp(v)), softmax(v))
    yield Rule("logsumexp", log(total(exp(v))), logsumexp(v))
    yield Rule("log-softmax", log(softmax(v)), log_softmax(v))
    yield Rule("log-softmax-difference", v - logsumexp(v), log_softmax(v))
    yield Rule(
        "log-softmax-less-argument",
        log_softmax(v) - v,
        broadcast_to(-logsumexp(v), (N,)),
    )
    yield Rule("exp-log-softmax", exp(log_softmax(v)), softmax(v))
    yield Rule("exp-logsumexp", exp(logsumexp(v)), total(exp(v)))
    yield Rule("exp-softplus", exp(softplus(x)), 1 + exp(x))
    yield Rule("expm1-softplus", expm1(softplus(x)), exp(x))
    yield Rule("sigmoid-odds", sigmoid(x) / sigmoid(-x), exp(x))
    yield Rule("log1p-minus-sigmoid", log1p(-sigmoid(x)), -softplus(x))
    yield Rule("exp-minus-softplus", exp(-softplus(x)), sigmoid(-x))
    yield Rule("softmax-sum", total(softmax(v)), ones(()))
    yield Rule("softplus-difference", softplus(x) - softplus(-x), x)
    yield Rule("softplus-split", maximum(x, 0) + softplus(-absolute(x)), softplus(x))
    yield Rule("softplus-split-relu", relu(x) + softplus(-absolute(x)), softplus(x))
    yield Rule("softplus-less-argument", softplus(x) - x, softplus(-x))
    yield Rule("sigmoid-complement", 1 - sigmoid(x), sigmoid(-x))
    yield Rule("sigmoid-sum", sigmoid(x) + sigmoid(-x), ones(()))


@theory("hyperbolic and trigonometric")
def trigonometry(x: Real) -> Iterator[Rule]:
    """Hyperbolic functions from exponentials, Pythagoras, quotients, inverses."""
    yield Rule("pythagoras", sin(x) * sin(x) + cos(x) * cos(x), ones(()))
    yield Rule("one-minus-sine-squared", 1 - sin(x) * sin(x), cos(x) * cos(x))
    yield Rule("one-minus-cosine-squared", 1 - cos(x) * cos(x), sin(x) * sin(x))
    yield Rule("hyperbolic-pythagoras", cosh(x) * cosh(x) - sinh(x) * sinh(x), ones(()))
    yield Rule("one-plus-sinh-squared", 1 + sinh(x) * sinh(x), cosh(x) * cosh(x))
    yield Rule("cosh-squared-less-one", cosh(x) * cosh(x) - 1, sinh(x) * sinh(x))
    yield Rule("tanh-pythagoras", tanh(x) * tanh(x) + 1 / (cosh(x) * cosh(x)), ones(()))
    yield Rule("tangent", sin(x) / cos(x), tan(x))
    yield Rule("tangent-times-cosine", tan(x) * cos(x), sin(x))
    yield Rule("hyperbolic-tangent", sinh(x) / cosh(x), tanh(x))
    yield Rule("tanh-times-cosh", tanh(x) * cosh(x), sinh(x))
    yield Rule("sinh", exp(x) - exp(-x), 2 * sinh(x))
    yield Rule("cosh", exp(x) + exp(-x), 2 * cosh(x))
    yield Rule("cosh-plus-sinh", cosh(x) + sinh(x), exp(x))
    yield Rule("cosh-minus-sinh", cosh(x) - sinh(x), exp(-x))
    yield Rule("tanh", (exp(x) - 1) * sigmoid(-x), tanh(x / 2))
    yield Rule("tanh-of-expm1", expm1(x) * sigmoid(-x), tanh(x / 2))
    yield Rule("tanh-of-sigmoid", 2 * sigmoid(2 * x) - 1, tanh(x))
    yield Rule("cosine-double-angle", cos(x) * cos(x) - sin(x) * sin(x), cos(2 * x))
    yield Rule("cosh-double-angle", cosh(x) * cosh(x) + sinh(x) * sinh(x), cosh(2 * x))
    yield Rule("tan-arctan", tan(arctan(x)), x)
    yield Rule("cos-arcsin", cos(arcsin(x)), sqrt(1 - x * x))
    yield Rule("sin-arccos", sin(arccos(x)), sqrt(1 - x * x))
    yield Rule("cosh-arcsinh", cosh(arcsinh(x)), sqrt(1 + x * x))
    yield Rule("arccosh-cosh", arccosh(cosh(x)), absolute(x))
    yield Rule("sinh-arcsinh", sinh(arcsinh(x)), x)
    yield Rule("arcsinh-sinh", arcsinh(sinh(x)), x)
    yield Rule("arctanh-tanh", arctanh(tanh(x)), x)


@theory("special functions")
def special_functions(x: Real, p: Positive) -> Iterator[Rule]:
    """The error function and its complement, the gamma function (NIST Handbook 5.5.1, 7.2)."""
    yield Rule("gamma-recurrence", gammaln(1 + p) - gammaln(p), log(p))
    yield Rule("gamma-shifted-up", gammaln(p) + log(p), gammaln(1 + p))
    yield Rule("gamma-shifted-down", gammaln(1 + p) - log(p), gammaln(p))
    yield Rule("digamma-shifted-up", digamma(p) + 1 / p, digamma(1 + p))
    yield Rule("digamma-shifted-down", digamma(1 + p) - 1 / p, digamma(p))
    yield Rule("digamma-recurrence", digamma(1 + p) - digamma(p), 1 / p)
    yield Rule("erfc", 1 - erf(x), erfc(x))
    yield Rule("erf", 1 - erfc(x), erf(x))
    yield Rule("erf-plus-erfc", erf(x) + erfc(x), ones(()))
    yield Rule("erfc-sum", erfc(x) + erfc(-x), 2 * ones(()))
    yield Rule("erfc-complement", 2 - erfc(x), erfc(-x))
    yield Rule("polygamma-zero", apply(POLYGAMMA, (x,), (0,)), digamma(x))
