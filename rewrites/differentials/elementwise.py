"""Differentials of elementwise functions.

Sources: NIST Digital Library of Mathematical Functions (DLMF); conventions at kinks as in JAX.
Each line reads: operation, ``d`` of its result, the law.
"""

from collections.abc import Iterator

import sympy as sp

from symflow.calculus.differential import Differential
from symflow.core.node import Tensor
from symflow.ops.arithmetic import (
    ABS,
    POWER,
    REMAINDER,
    SCALAR_POWER,
    floor_divide,
    power_node,
    sqrt,
)
from symflow.ops.choice import equal, greater_equal, where
from symflow.ops.complex import conj, is_complex, real
from symflow.ops.composite import sigmoid
from symflow.ops.elementwise import (
    ARCCOS,
    ARCCOSH,
    ARCSIN,
    ARCSINH,
    ARCTAN,
    ARCTAN2,
    ARCTANH,
    CBRT,
    COS,
    COSH,
    DIGAMMA,
    ERF,
    ERFC,
    ERFCX,
    EXP,
    EXP2,
    EXPM1,
    GAMMALN,
    HYPOT,
    LOG,
    LOG1P,
    LOG2,
    LOG10,
    LOGADDEXP,
    LOGADDEXP2,
    POLYGAMMA,
    SIN,
    SINC,
    SINH,
    TAN,
    TANH,
    XLOG1PY,
    XLOGY,
    cos,
    cosh,
    digamma,
    exp,
    log,
    log1p,
    polygamma,
    sin,
    sinh,
)

_D = Differential
_SLOPE = 2 / sp.sqrt(sp.pi)


def elementwise() -> Iterator[Differential]:
    """``d(f(x)) = f'(x) * dx``, entry by entry."""
    yield _D(EXP, lambda y, x, dx: y * dx, "d(exp(x)) = exp(x) * dx", "DLMF 4.2")
    yield _D(EXP2, lambda y, x, dx: sp.log(2) * y * dx, "d(2**x) = log(2) * 2**x * dx", "DLMF 4.2")
    yield _D(EXPM1, lambda y, x, dx: exp(x) * dx, "d(expm1(x)) = exp(x) * dx", "DLMF 4.2")
    yield _D(LOG, lambda y, x, dx: dx / x, "d(log(x)) = dx / x", "DLMF 4.2")
    yield _D(LOG2, lambda y, x, dx: dx / x / sp.log(2), "d(log2(x)) = dx / (x * log(2))")
    yield _D(LOG10, lambda y, x, dx: dx / x / sp.log(10), "d(log10(x)) = dx / (x * log(10))")
    yield _D(LOG1P, lambda y, x, dx: dx / (1 + x), "d(log1p(x)) = dx / (1 + x)")
    yield _D(SIN, lambda y, x, dx: cos(x) * dx, "d(sin(x)) = cos(x) * dx", "DLMF 4.20")
    yield _D(COS, lambda y, x, dx: -sin(x) * dx, "d(cos(x)) = -sin(x) * dx", "DLMF 4.20")
    yield _D(TAN, lambda y, x, dx: (1 + y**2) * dx, "d(tan(x)) = (1 + tan(x)**2) * dx")
    yield _D(ARCSIN, lambda y, x, dx: dx / sqrt(1 - x**2), "d(arcsin(x)) = dx / sqrt(1 - x**2)")
    yield _D(ARCCOS, lambda y, x, dx: -dx / sqrt(1 - x**2), "d(arccos(x)) = -dx / sqrt(1 - x**2)")
    yield _D(ARCTAN, lambda y, x, dx: dx / (1 + x**2), "d(arctan(x)) = dx / (1 + x**2)")
    yield _D(CBRT, lambda y, x, dx: dx / (3 * y**2), "d(cbrt(x)) = dx / (3 * cbrt(x)**2)")
    yield _D(SINH, lambda y, x, dx: cosh(x) * dx, "d(sinh(x)) = cosh(x) * dx", "DLMF 4.34")
    yield _D(COSH, lambda y, x, dx: sinh(x) * dx, "d(cosh(x)) = sinh(x) * dx", "DLMF 4.34")
    yield _D(TANH, lambda y, x, dx: (1 - y**2) * dx, "d(tanh(x)) = (1 - tanh(x)**2) * dx")
    yield _D(ARCSINH, lambda y, x, dx: dx / sqrt(1 + x**2), "d(arcsinh(x)) = dx / sqrt(1 + x**2)")
    yield _D(
        ARCCOSH,
        lambda y, x, dx: dx / (sqrt(x - 1) * sqrt(x + 1)),
        "d(arccosh(x)) = dx / sqrt((x - 1) * (x + 1))",
    )
    yield _D(ARCTANH, lambda y, x, dx: dx / (1 - x**2), "d(arctanh(x)) = dx / (1 - x**2)")
    yield _D(
        ARCTAN2,
        lambda z, y, x, dy, dx: (x * dy - y * dx) / (x**2 + y**2),
        "d(arctan2(y, x)) = (x * dy - y * dx) / (x**2 + y**2)",
    )
    yield _D(
        ERF,
        lambda y, x, dx: _SLOPE * exp(-(x**2)) * dx,
        "d(erf(x)) = 2 / sqrt(pi) * exp(-x**2) * dx",
        "DLMF 7.2.1",
    )
    yield _D(
        ERFC,
        lambda y, x, dx: -_SLOPE * exp(-(x**2)) * dx,
        "d(erfc(x)) = -2 / sqrt(pi) * exp(-x**2) * dx",
        "DLMF 7.2.2",
    )
    yield _D(
        ERFCX,
        lambda y, x, dx: (2 * x * y - _SLOPE) * dx,
        "d(erfcx(x)) = (2 * x * erfcx(x) - 2 / sqrt(pi)) * dx",
        "DLMF 7.2.3",
    )
    yield _D(
        SINC,
        _sinc,
        "d(sinc(x)) = (cos(pi * x) - sinc(x)) / x * dx",
        "at 0 by the series, which gives derivatives up to the fifth",
    )
    yield _D(
        GAMMALN,
        lambda y, x, dx: digamma(x) * dx,
        "d(gammaln(x)) = digamma(x) * dx",
        "DLMF 5.2.2",
    )
    yield _D(
        DIGAMMA,
        lambda y, x, dx: polygamma(1, x) * dx,
        "d(digamma(x)) = polygamma(1, x) * dx",
        "DLMF 5.15",
    )
    yield _D(
        POLYGAMMA,
        lambda y, x, dx, order: polygamma(order + 1, x) * dx,
        "d(polygamma(k, x)) = polygamma(k + 1, x) * dx",
        "DLMF 5.15",
    )
    yield from _of_two()


def _sinc(y: Tensor, x: Tensor, dx: Tensor) -> Tensor:
    zero = equal(x, 0)
    series = -(sp.pi**2) / 3 * x + sp.pi**4 / 30 * x**3
    return where(zero, series, (cos(sp.pi * x) - y) / where(zero, 1, x)) * dx


def _of_two() -> Iterator[Differential]:
    """Functions of two entries that avoid an overflow or a singularity."""
    yield _D(
        HYPOT,
        lambda z, x, y, dx, dy: x / z * dx + y / z * dy,
        "d(hypot(x, y)) = (x * dx + y * dy) / hypot(x, y)",
    )
    yield _D(
        LOGADDEXP,
        lambda z, x, y, dx, dy: sigmoid(x - y) * dx + sigmoid(y - x) * dy,
        "d(logaddexp(x, y)) = sigmoid(x - y) * dx + sigmoid(y - x) * dy",
    )
    yield _D(
        LOGADDEXP2,
        lambda z, x, y, dx, dy: (
            sigmoid(sp.log(2) * (x - y)) * dx + sigmoid(sp.log(2) * (y - x)) * dy
        ),
        "d(logaddexp2(x, y)) = sigmoid(log(2) * (x - y)) * dx + sigmoid(log(2) * (y - x)) * dy",
    )
    yield _D(
        XLOGY,
        lambda z, x, y, dx, dy: log(y) * dx + x / y * dy,
        "d(xlogy(x, y)) = log(y) * dx + x / y * dy",
    )
    yield _D(
        XLOG1PY,
        lambda z, x, y, dx, dy: log1p(y) * dx + x / (1 + y) * dy,
        "d(xlog1py(x, y)) = log1p(y) * dx + x / (1 + y) * dy",
    )


def arithmetic() -> Iterator[Differential]:
    """Powers, absolute values and remainders."""
    yield _D(
        SCALAR_POWER,
        lambda y, x, dx, exponent: exponent * power_node(x, exponent - 1) * dx,
        "d(x**p) = p * x**(p - 1) * dx",
    )
    yield _D(POWER, _power, "d(x**y) = y * x**(y - 1) * dx + log(x) * x**y * dy")
    yield _D(
        ABS,
        _absolute,
        "d(abs(x)) = where(x >= 0, 1, -1) * dx; d(abs(z)) = real(conj(z) * dz) / abs(z)",
        "1 at 0, for complex numbers 0 there, as in JAX",
    )
    yield _D(
        REMAINDER,
        lambda z, x, y, dx, dy: dx - floor_divide(x, y) * dy,
        "d(x % y) = dx - (x // y) * dy",
    )


def _absolute(y: Tensor, x: Tensor, dx: Tensor) -> Tensor:
    if is_complex(x):
        return real(conj(x) / where(equal(y, 0), 1, y) * dx)
    return where(greater_equal(x, 0), 1, -1) * dx


def _power(z: Tensor, x: Tensor, y: Tensor, dx: Tensor, dy: Tensor) -> Tensor:
    """The logarithm is taken as 0 where the base is 0, as in JAX."""
    base = where(equal(x, 0), 1, x)
    return y * x ** (y - 1) * dx + log(base) * z * dy
