"""Functions of ``jax.scipy.special`` that are formulas in others, and two that are refused."""

from typing import Any, NoReturn

import numpy as np
import sympy as sp

from symflow.core.convert import as_tensor
from symflow.core.node import Tensor
from symflow.core.variable import Constant
from symflow.errors import DomainError, DTypeError
from symflow.ops.arithmetic import add, convert, divide, subtract
from symflow.ops.choice import equal, greater, greater_equal, less, less_equal, logical_and, where
from symflow.ops.contraction import expand_dims
from symflow.ops.contraction import sum as total
from symflow.ops.creation import iota
from symflow.ops.elementwise import exp, gammaln
from symflow.ops.special import (
    FRESNEL,
    LOG_NDTR,
    SICI,
    bessel_j,
    called,
    gamma,
    hurwitz,
    real,
    whole,
)
from symflow.ops.structure import stack

_MOST_NUMBERS = 1000


def bernoulli(n: Any) -> Tensor:
    """The Bernoulli numbers B_0 to B_n (DLMF 24.2.1), exactly rounded; B_1 is -1/2.

    Raises:
        DTypeError, DomainError: unless ``n`` is a plain integer from 0 to 1000.

    >>> import symflow as sf
    >>> bernoulli(4)
    array([1.0, -0.5, 0.16666666666666666, 0.0, -0.03333333333333333])
    """
    last = whole("bernoulli", "n", n)
    if last > _MOST_NUMBERS:
        raise DomainError(f"special.bernoulli takes n up to {_MOST_NUMBERS}, got {last}")
    values = [_rounded(sp.bernoulli(k)) if k != 1 else -0.5 for k in range(last + 1)]
    numbers: Tensor = Constant(np.array(values), "float")
    return numbers


def _rounded(value: sp.Rational) -> float:
    try:
        return float(sp.Rational(value))
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def loggamma(x: Any) -> Tensor:
    """The logarithm of the gamma function; NaN unless x is positive (see :func:`gammaln`)."""
    real("loggamma", x)
    (node,) = convert((x,), "float")
    return where(greater(node, 0), gammaln(node), float("nan"))


def factorial(n: Any, exact: bool = False) -> Tensor:
    """``gamma(n + 1)``, and 0 for negative n.

    Raises:
        TypeError: for ``exact=True``, as JAX.
    """
    if exact:
        raise TypeError("factorial with exact=True is not supported: take math.factorial")
    real("factorial", n)
    (node,) = convert((n,), "float")
    negative = less(node, 0)
    return where(negative, 0, gamma(add(where(negative, 0, node), 1)))


def comb(N: Any, k: Any, *, repetition: bool = False) -> Tensor:
    """The number of ways to choose k of N things, of real arguments (DLMF 1.2.6).

    Args:
        N: how many things there are.
        k: how many are chosen; the result is 0 unless ``0 <= k <= N``.
        repetition: whether a thing may be chosen again.
    """
    real("comb", N, k)
    things, chosen = convert((N, k), "float")
    if repetition:
        none = logical_and(equal(chosen, 0), greater_equal(things, 0))
        return where(none, 1.0, comb(subtract(add(things, chosen), 1), chosen))
    fits = less_equal(chosen, things)
    for number, node in ((N, things), (k, chosen)):
        if not (isinstance(number, (int, float)) and number >= 0):
            fits = logical_and(fits, greater_equal(node, 0))
    n, m = where(fits, things, 0.0), where(fits, chosen, 0.0)
    shares = add(gammaln(add(m, 1)), gammaln(subtract(add(n, 1), m)))
    return where(fits, exp(subtract(gammaln(add(n, 1)), shares)), 0.0)


def multigammaln(a: Any, d: Any) -> Tensor:
    """The logarithm of the gamma function of matrices of size d (DLMF 35.3.5).

    Raises:
        DTypeError, DomainError: unless ``d`` is a plain integer from 0.
    """
    size = whole("multigammaln", "d", d)
    real("multigammaln", a)
    (node,) = convert((a,), "float")
    constant = sp.Rational(size * (size - 1), 4) * sp.log(sp.pi)
    shifted = subtract(expand_dims(node, -1), divide(iota(size), 2))
    return add(total(gammaln(shifted), -1), constant)


def log_ndtr(x: Any, series_order: int = 3) -> Tensor:
    """The logarithm of ``ndtr(x)``, accurate where that underflows.

    Args:
        x: a tensor of floats.
        series_order: how many terms JAX takes of the series for small x, 0 to 30; symflow's
            programs take JAX's usual 3.

    Raises:
        DTypeError: for integers, and an order that is no integer.
        ValueError: for another order than 3.
    """
    order = whole("log_ndtr", "series_order", series_order)
    if order != 3:
        raise ValueError(f"log_ndtr is supported with series_order=3 alone, got {order}")
    return called(LOG_NDTR, x, wide=True)


def zeta(x: Any, q: Any = None) -> Tensor:
    """Hurwitz's zeta function, the sum of ``(q + k)**-x`` over k from 0 (DLMF 25.11.1).

    Raises:
        TypeError: without ``q``, as JAX; ``q=1`` gives Riemann's.
    """
    if q is None:
        raise TypeError("zeta without q is not supported, as in JAX: zeta(x, 1) is Riemann's")
    return hurwitz(x, q)


def fresnel(x: Any) -> tuple[Tensor, Tensor]:
    """The integrals of ``sin`` and ``cos`` of ``pi / 2 * t**2`` from 0 to x (DLMF 7.2(iii))."""
    return called(FRESNEL, x, params=(0,)), called(FRESNEL, x, params=(1,))


def sici(x: Any) -> tuple[Tensor, Tensor]:
    """The sine and cosine integrals (DLMF 6.2.9 and 6.2.11)."""
    return called(SICI, x, params=(0,)), called(SICI, x, params=(1,))


def bessel_jn(z: Any, *, v: int, n_iter: int = 50) -> Tensor:
    """The Bessel functions J_0 to J_v (DLMF 10.2.2), along a new first axis.

    Args:
        z: a tensor of real numbers.
        v: the last order.
        n_iter: the length of JAX's recurrence, which must exceed ``abs(z)``.
    """
    last, steps = whole("bessel_jn", "v", v), whole("bessel_jn", "n_iter", n_iter)
    return stack([bessel_j(order, z, steps, last) for order in range(last + 1)])


def wofz(z: Any) -> NoReturn:
    """Refused: the Faddeeva function of complex numbers.

    Raises:
        DTypeError: always; of ``1j * x`` for real x it is :func:`erfcx`.
    """
    raise DTypeError(
        f"special.wofz is not supported (got {as_tensor(z).dtype}): symflow's special functions "
        "are those of real numbers; wofz(1j * x) is special.erfcx(x)"
    )


def sph_harm_y(
    n: Any, m: Any, theta: Any, phi: Any, diff_n: Any = None, n_max: Any = None
) -> NoReturn:
    """Refused: spherical harmonics, which are complex and depend on the values of n and m.

    Raises:
        DTypeError: always.
    """
    raise DTypeError(
        "special.sph_harm_y is not supported: its value is complex, and its formula depends on "
        "the values of n and m; write the harmonics that are needed in sin and cos"
    )
