"""Functions after their inverses where these are not defined everywhere: the domain is kept."""

from collections.abc import Iterator

from symflow.ops.arithmetic import absolute
from symflow.ops.choice import logical_and, where
from symflow.ops.composite import sigmoid, softplus
from symflow.ops.elementwise import (
    arccos,
    arccosh,
    arcsin,
    arctanh,
    cos,
    cosh,
    exp2,
    expm1,
    log,
    log1p,
    log2,
    sin,
    tanh,
)
from symflow.rewriting.kinds import Real
from symflow.rewriting.rule import Rule, theory

_NAN = float("nan")


@theory("inverse functions")
def inverse_functions(x: Real) -> Iterator[Rule]:
    """Both functions gone, NaN wherever the inner one has it."""
    yield Rule("sin-arcsin", sin(arcsin(x)), where(absolute(x) <= 1, x, _NAN))
    yield Rule("cos-arccos", cos(arccos(x)), where(absolute(x) <= 1, x, _NAN))
    yield Rule("tanh-arctanh", tanh(arctanh(x)), where(absolute(x) <= 1, x, _NAN))
    yield Rule("cosh-arccosh", cosh(arccosh(x)), where(x >= 1, x, _NAN))
    yield Rule("exp2-of-log2", exp2(log2(x)), where(x >= 0, x, _NAN))
    yield Rule("expm1-of-log", expm1(log(x)), where(x >= 0, x - 1, _NAN))
    yield Rule("softplus-of-log", softplus(log(x)), where(x >= 0, log1p(x), _NAN))
    yield Rule(
        "sigmoid-of-logit",
        sigmoid(log(x / (1 - x))),
        where(logical_and(x >= 0, x <= 1), x, _NAN),
    )
