"""Elementwise functions of one tensor: exponentials, trigonometric, hyperbolic, special."""

from collections.abc import Callable
from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DTypeError
from symflow.ops.arithmetic import absolute, convert, elementwise, multiply, power
from symflow.ops.records import binary, promoted, unary

_FAMILY = "elementwise"


def _f(name: str, *facts: str, **options: Any) -> Operation:
    return unary(name, _FAMILY, *facts, **options)


EXP = _f("exp", "positive", "increasing", latex=r"\exp", sympy=sp.exp, flops=8)
EXP2 = _f("exp2", "positive", "increasing", latex=r"2^{{{0}}}", sympy=lambda x: 2**x, flops=8)
EXPM1 = _f(
    "expm1", "increasing", sympy=lambda x: sp.exp(x) - 1, latex=r"\operatorname{expm1}", flops=8
)
LOG = _f("log", "increasing", latex=r"\log", sympy=sp.log, flops=8)
LOG2 = _f("log2", "increasing", latex=r"\log_2", sympy=lambda x: sp.log(x, 2), flops=8)
LOG10 = _f("log10", "increasing", latex=r"\log_{10}", sympy=lambda x: sp.log(x, 10), flops=8)
LOG1P = _f(
    "log1p", "increasing", latex=r"\operatorname{log1p}", sympy=lambda x: sp.log(1 + x), flops=8
)
CBRT = _f(
    "cbrt",
    "odd",
    "increasing",
    latex=r"\sqrt[3]{{{0}}}",
    sympy=lambda x: sp.sign(x) * sp.Abs(x) ** sp.Rational(1, 3),
    flops=8,
)
SIN = _f("sin", "odd", latex=r"\sin", sympy=sp.sin, flops=8)
COS = _f("cos", "even", latex=r"\cos", sympy=sp.cos, flops=8)
TAN = _f("tan", "odd", latex=r"\tan", sympy=sp.tan, flops=10)
ARCSIN = _f("arcsin", "odd", "increasing", latex=r"\arcsin", sympy=sp.asin, flops=10)
ARCCOS = _f("arccos", "nonnegative", latex=r"\arccos", sympy=sp.acos, flops=10)
ARCTAN = _f("arctan", "odd", "increasing", latex=r"\arctan", sympy=sp.atan, flops=10)
SINH = _f("sinh", "odd", "increasing", latex=r"\sinh", sympy=sp.sinh, flops=10)
COSH = _f("cosh", "even", "positive", latex=r"\cosh", sympy=sp.cosh, flops=10)
TANH = _f("tanh", "odd", "increasing", latex=r"\tanh", sympy=sp.tanh, flops=8)
ARCSINH = _f(
    "arcsinh", "odd", "increasing", latex=r"\operatorname{arsinh}", sympy=sp.asinh, flops=10
)
ARCCOSH = _f("arccosh", "nonnegative", latex=r"\operatorname{arcosh}", sympy=sp.acosh, flops=10)
ARCTANH = _f(
    "arctanh", "odd", "increasing", latex=r"\operatorname{artanh}", sympy=sp.atanh, flops=10
)


SINC = _f("sinc", "even", sympy=lambda x: sp.sinc(sp.pi * x), flops=12)


def _whole(operands: Operands, params: Params) -> Tensor | None:
    """Integers and bools are their own floor and ceiling."""
    x: Tensor = operands[0]
    return x if dtypes.kind(x.dtype) in ("bool", "int") else None


FLOOR = _f(
    "floor",
    "increasing",
    dtype=promoted,
    normal=_whole,
    piecewise_constant=True,
    latex=r"\left\lfloor {0} \right\rfloor",
    sympy=sp.floor,
)
CEIL = _f(
    "ceil",
    "increasing",
    dtype=promoted,
    normal=_whole,
    piecewise_constant=True,
    latex=r"\left\lceil {0} \right\rceil",
    sympy=sp.ceiling,
)
ERF = _f("special.erf", "odd", "increasing", latex=r"\operatorname{erf}", sympy=sp.erf, flops=12)
ERFC = _f("special.erfc", "positive", latex=r"\operatorname{erfc}", sympy=sp.erfc, flops=12)
ERFCX = _f(
    "special.erfcx",
    "positive",
    latex=r"\operatorname{erfcx}",
    sympy=lambda x: sp.exp(x**2) * sp.erfc(x),
    flops=20,
)
GAMMALN = _f("special.gammaln", latex=r"\log\Gamma", sympy=sp.loggamma, flops=20)
DIGAMMA = _f("special.digamma", latex=r"\psi", sympy=sp.digamma, flops=20)
POLYGAMMA = Operation(
    name="special.polygamma",
    family=_FAMILY,
    arity=1,
    shape=DIGAMMA.shape,
    dtype=DIGAMMA.dtype,
    parameters=("order",),
    facts=DIGAMMA.facts,
    inputs="float",
    code={
        "jax": "jax.scipy.special.polygamma({order}, {0})",
        "numpy": "scipy.special.polygamma({order}, {0})",
        "text": "special.polygamma({order}, {0})",
    },
    latex=r"\psi^{{({order})}}\left({0}\right)",
    flops=40,
)
ARCTAN2 = binary(
    "arctan2", _FAMILY, inputs="float", latex=r"\operatorname{atan2}", sympy=sp.atan2, flops=12
)
HYPOT = binary(
    "hypot",
    _FAMILY,
    "commutative",
    "nonnegative",
    inputs="float",
    latex=r"\operatorname{hypot}",
    sympy=lambda x, y: sp.sqrt(x**2 + y**2),
    flops=10,
)
LOGADDEXP = binary(
    "logaddexp",
    _FAMILY,
    "commutative",
    "increasing",
    inputs="float",
    latex=r"\operatorname{logaddexp}",
    sympy=lambda x, y: sp.log(sp.exp(x) + sp.exp(y)),
    flops=16,
)
LOGADDEXP2 = binary(
    "logaddexp2",
    _FAMILY,
    "commutative",
    "increasing",
    inputs="float",
    latex=r"\operatorname{logaddexp2}",
    sympy=lambda x, y: sp.log(2**x + 2**y, 2),
    flops=16,
)
XLOGY = binary(
    "special.xlogy",
    _FAMILY,
    inputs="float",
    latex=r"\operatorname{xlogy}",
    sympy=lambda x, y: sp.Piecewise((0, sp.Eq(x, 0)), (x * sp.log(y), True)),
    flops=10,
)
XLOG1PY = binary(
    "special.xlog1py",
    _FAMILY,
    inputs="float",
    latex=r"\operatorname{xlog1py}",
    sympy=lambda x, y: sp.Piecewise((0, sp.Eq(x, 0)), (x * sp.log(1 + y), True)),
    flops=10,
)


def _function(operation: Operation) -> Callable[[Any], Tensor]:
    def call(x: Any) -> Tensor:
        return elementwise(operation, x)

    call.__name__ = call.__qualname__ = operation.short_name
    call.__doc__ = f"``{operation.name}`` of each entry; integers and bools become floats."
    return call


exp = _function(EXP)
exp2 = _function(EXP2)
expm1 = _function(EXPM1)
log = _function(LOG)
log2 = _function(LOG2)
log10 = _function(LOG10)
log1p = _function(LOG1P)
sin = _function(SIN)
cos = _function(COS)
tan = _function(TAN)
arcsin = _function(ARCSIN)
arccos = _function(ARCCOS)
arctan = _function(ARCTAN)
sinh = _function(SINH)
cosh = _function(COSH)
tanh = _function(TANH)
arcsinh = _function(ARCSINH)
arccosh = _function(ARCCOSH)
arctanh = _function(ARCTANH)
floor = _function(FLOOR)
ceil = _function(CEIL)
erf = _function(ERF)
erfc = _function(ERFC)
erfcx = _function(ERFCX)
cbrt = _function(CBRT)
gammaln = _function(GAMMALN)
sinc = _function(SINC)
digamma = _function(DIGAMMA)


def arctan2(x1: Any, x2: Any) -> Tensor:
    """The angle of the point ``(x2, x1)``, from -pi to pi, with broadcasting."""
    return elementwise(ARCTAN2, x1, x2)


def hypot(x1: Any, x2: Any) -> Tensor:
    """``sqrt(x1**2 + x2**2)`` without overflow of the squares."""
    return elementwise(HYPOT, x1, x2)


def logaddexp(x1: Any, x2: Any) -> Tensor:
    """``log(exp(x1) + exp(x2))`` without overflow of the exponentials."""
    return elementwise(LOGADDEXP, x1, x2)


def logaddexp2(x1: Any, x2: Any) -> Tensor:
    """``log2(2**x1 + 2**x2)`` without overflow of the powers."""
    return elementwise(LOGADDEXP2, x1, x2)


def degrees(x: Any) -> Tensor:
    """An angle in radians as one in degrees (``numpy.degrees``)."""
    return multiply(convert((x,), "float")[0], 180 / sp.pi)


def radians(x: Any) -> Tensor:
    """An angle in degrees as one in radians (``numpy.radians``)."""
    return multiply(convert((x,), "float")[0], sp.pi / 180)


def fabs(x: Any) -> Tensor:
    """``|x|`` as a float (``numpy.fabs``).

    Raises:
        DTypeError: for complex numbers.
    """
    (node,) = convert((x,), "float")
    if dtypes.kind(node.dtype) == "complex":
        raise DTypeError("fabs takes real numbers: use snp.abs")
    return absolute(node)


def float_power(x: Any, y: Any) -> Tensor:
    """``x ** y`` with both as floats (``numpy.float_power``)."""
    base, exponent = convert((x, y), "float")
    return power(base, exponent)


def xlogy(x: Any, y: Any) -> Tensor:
    """``x * log(y)``, which is 0 wherever ``x`` is 0."""
    return elementwise(XLOGY, x, y)


def xlog1py(x: Any, y: Any) -> Tensor:
    """``x * log(1 + y)``, which is 0 wherever ``x`` is 0."""
    return elementwise(XLOG1PY, x, y)


def polygamma(n: int, x: Any) -> Tensor:
    """The ``n``-th derivative of the digamma function (``scipy.special.polygamma``)."""
    return elementwise(POLYGAMMA, x, params=(int(n),))
