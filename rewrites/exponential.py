"""Exponentials and logarithms."""

from collections.abc import Iterator

from symflow.core import apply, scaled
from symflow.ops.arithmetic import POWER, power_node
from symflow.ops.elementwise import exp, exp2, expm1, log, log1p, log2
from symflow.rewriting.conditions import fractional
from symflow.rewriting.kinds import NonNegative, Number, Positive, Real
from symflow.rewriting.rule import Rule, theory


@theory("exponential")
def exponential(x: Real, y: Real, p: Positive, q: NonNegative, c: Number) -> Iterator[Rule]:
    """Laws of exponentials and logarithms; p is positive, q is not negative, c is a number."""
    yield Rule("log-exp", log(exp(x)), x)
    yield Rule("exp-log", exp(log(q)), q)
    yield Rule("exp-sum", exp(x) * exp(y), exp(x + y))
    yield Rule("exp-power", power_node(exp(x), c), exp(scaled(c, x)))
    yield Rule("log-power", log(power_node(p, c)), scaled(c, log(p)))
    yield Rule("log-root", log(power_node(x, c)), scaled(c, log(x)), where=[fractional(c)])
    yield Rule("log-reciprocal", log(1 / x), -log(x))
    yield Rule("log-exp-product", log(exp(x) * p), x + log(p))
    yield Rule("exp-of-log-multiple", exp(x * log(p)), apply(POWER, (p, x)))
    yield Rule("expm1-plus-one", 1 + expm1(x), exp(x))
    yield Rule("log1p-expm1", log1p(expm1(x)), x)
    yield Rule("expm1-log1p", expm1(log1p(q)), q)
    yield Rule("exp-log1p", exp(log1p(q)), 1 + q)
    yield Rule("log2-exp2", log2(exp2(x)), x)
    yield Rule("exp2-log2", exp2(log2(q)), q)
    yield Rule("exp2-sum", exp2(x) * exp2(y), exp2(x + y))
