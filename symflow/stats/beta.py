"""The beta distribution of shapes ``a`` and ``b``, as ``jax.scipy.stats.beta``.

Formulas: Kendall 1, section 5.14; DLMF 8.17 for the distribution function.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.choice import greater, less, less_equal, logical_or, where
from symflow.ops.elementwise import exp, log, xlog1py, xlogy
from symflow.ops.special import betainc, betaln
from symflow.stats._shared import between, floats, scaled


def logpdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density; NaN unless a, b and the scale are positive."""
    x, a, b, loc, scale = floats(x, a, b, loc, scale)
    outside = logical_or(greater(x, loc + scale), less(x, loc))
    y = where(outside, 0.5, scaled(x, loc, scale))
    found = xlogy(a - 1, y) + xlog1py(b - 1, -y) - betaln(a, b) - log(scale)
    wrong = logical_or(logical_or(less_equal(a, 0), less_equal(b, 0)), less_equal(scale, 0))
    return where(wrong, float("nan"), where(outside, float("-inf"), found))


def pdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, a, b, loc, scale))


def cdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    x, a, b, loc, scale = floats(x, a, b, loc, scale)
    return betainc(a, b, between(scaled(x, loc, scale)))


def logcdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`cdf`."""
    return log(cdf(x, a, b, loc, scale))


def sf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a larger value."""
    x, a, b, loc, scale = floats(x, a, b, loc, scale)
    return betainc(b, a, 1 - between(scaled(x, loc, scale)))


def logsf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`sf`."""
    return log(sf(x, a, b, loc, scale))
