"""Stability: forms that neither overflow nor cancel, equal to the formulas that they replace.

Sources: N. Higham, Accuracy and Stability of Numerical Algorithms (2002), chapter 1; M. Maechler,
"Accurately computing log(1 - exp(-|a|))" (2012); NIST Handbook of Mathematical Functions 7.12.1.
"""

from collections.abc import Iterator

import sympy as sp

from symflow.ops.arithmetic import sqrt
from symflow.ops.choice import MAXIMUM, MINIMUM, maximum, minimum, where
from symflow.ops.composite import softplus
from symflow.ops.elementwise import cos, cosh, erfc, exp, expm1, log, log1p, sin, sinh
from symflow.rewriting.conditions import not_headed
from symflow.rewriting.kinds import Positive, Real
from symflow.rewriting.rule import Rule, theory

_NAN = float("nan")
_FAR = 10  # from here on the asymptotic series of erfc is exact to 64 bits


def _tail(x: Real) -> Real:
    """The logarithm of ``erfc`` by its asymptotic series, for large arguments."""
    far = maximum(x, _FAR)
    square = 1 / (far * far)
    series = square * (
        -sp.Rational(1, 2) + square * (sp.Rational(3, 4) - square * sp.Rational(15, 8))
    )
    result: Real = -far * far - log(far) - sp.log(sp.pi) / 2 + log1p(series)
    return result


@theory("stability")
def stability(x: Real, y: Real, p: Positive, q: Positive) -> Iterator[Rule]:
    """Cancellation and overflow avoided; p and q are positive."""
    yield Rule("log-of-sum-of-exps", log(exp(x) + exp(y)), y + softplus(x - y))
    yield Rule(
        "log-of-complement-of-exp",  # the second branch is the accurate one far from zero
        log(-expm1(x)),
        where(x > -sp.Rational(177, 256), log(-expm1(maximum(x, -1))), log1p(-exp(x))),
        where=[not_headed(x, MAXIMUM)],
        source="Maechler 2012",
    )
    yield Rule("log1p", log(1 + x), log1p(x))
    yield Rule("expm1", exp(x) - 1, expm1(x))
    yield Rule("log-cosh", log(cosh(x)), x + softplus(-2 * x) - log(2))
    yield Rule("one-minus-cosine", 1 - cos(x), 2 * (sin(x / 2) * sin(x / 2)))
    yield Rule("cosh-less-one", cosh(x) - 1, 2 * (sinh(x / 2) * sinh(x / 2)))
    yield Rule(
        "difference-of-roots", sqrt(p) - sqrt(q), (p - q) / (sqrt(p) + sqrt(q)), source="Higham 1.7"
    )
    yield Rule(
        "log-erfc",
        log(erfc(x)),
        where(x < _FAR, log(erfc(minimum(x, _FAR))), _tail(x)),
        where=[not_headed(x, MINIMUM)],
    )


@theory("domains")
def domains(x: Real) -> Iterator[Rule]:
    """A function and its inverse gone, the domain kept."""
    yield Rule("square-of-root", sqrt(x) * sqrt(x), where(x >= 0, x, _NAN))
    yield Rule("exp-of-log", exp(log(x)), where(x >= 0, x, _NAN))
    yield Rule("exp-of-log1p", exp(log1p(x)), where(x >= -1, 1 + x, _NAN))
    yield Rule("expm1-of-log1p", expm1(log1p(x)), where(x >= -1, x, _NAN))
