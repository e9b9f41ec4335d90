"""Differentials of what rounds, splits and signs floating point numbers."""

from collections.abc import Iterator

from symflow.calculus.differential import Differential
from symflow.core import dtypes
from symflow.core.node import Tensor
from symflow.ops.arithmetic import cast, divide
from symflow.ops.choice import FMAX, FMIN, greater, greater_equal, less, logical_or, where
from symflow.ops.creation import zeros_like
from symflow.ops.finite import NAN_TO_NUM, isfinite, isnan
from symflow.ops.floating import (
    COPYSIGN,
    FMOD,
    FREXP,
    LDEXP,
    NEXTAFTER,
    copysign,
    frexp,
    ldexp,
    trunc,
)


def floating() -> Iterator[Differential]:
    """Signs, exponents, remainders and NaN; conventions at kinks as in JAX."""
    yield Differential(
        COPYSIGN,
        lambda z, x, y, dx, dy: where(greater_equal(x, 0), 1, -1) * copysign(1, y) * dx,
        "d(copysign(x, y)) = where(x >= 0, 1, -1) * copysign(1, y) * dx",
    )
    yield Differential(
        NEXTAFTER, lambda z, x, y, dx, dy: dx, "d(nextafter(x, y)) = dx", "up to the spacing of x"
    )
    yield Differential(
        FMOD,
        lambda z, x, y, dx, dy: dx - trunc(divide(x, y)) * dy,
        "d(fmod(x, y)) = dx - trunc(x / y) * dy",
    )
    yield Differential(
        LDEXP, lambda z, x, k, dx, dk: ldexp(1, k) * dx, "d(ldexp(x, k)) = ldexp(1, k) * dx"
    )
    yield Differential(FREXP, _mantissa, "d(mantissa(x)) = dx / 2**exponent(x)")
    yield Differential(
        FMAX,
        lambda z, x, y, dx, dy: where(logical_or(greater(x, y), isnan(y)), dx, dy),
        "d(fmax(x, y)) = where((x > y) | isnan(y), dx, dy)",
        "at a tie that of y, as in JAX",
    )
    yield Differential(
        FMIN,
        lambda z, x, y, dx, dy: where(logical_or(less(x, y), isnan(y)), dx, dy),
        "d(fmin(x, y)) = where((x < y) | isnan(y), dx, dy)",
        "at a tie that of y, as in JAX",
    )
    yield Differential(
        NAN_TO_NUM,
        lambda y, x, dx, nan, posinf, neginf: cast(isfinite(x), dx.dtype) * dx,
        "d(nan_to_num(x)) = isfinite(x) * dx",
    )


def _mantissa(z: Tensor, x: Tensor, dx: Tensor, output: int) -> Tensor:
    if output or dtypes.kind(z.dtype) != "float":
        return zeros_like(dx)
    return ldexp(1, -frexp(x)[1]) * dx
