"""The normal distribution cut at ``a`` and ``b`` scales, as ``jax.scipy.stats.truncnorm``.

Formulas: Johnson, Kotz and Balakrishnan 1, section 13.10.1.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.activation import log1mexp
from symflow.ops.choice import greater, greater_equal, less, less_equal, logical_or, where
from symflow.ops.elementwise import exp, log1p
from symflow.ops.special import ndtr
from symflow.ops.special_forms import log_ndtr
from symflow.stats import norm
from symflow.stats._shared import floats, scaled


def logpdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density; NaN unless ``a < b``."""
    x, a, b, loc, scale = floats(x, a, b, loc, scale)
    y = scaled(x, loc, scale)
    found = norm.logpdf(x, loc, scale) - _log_mass(a, b)
    outside = logical_or(less(y, a), greater(y, b))
    return _valid(a, b, where(outside, float("-inf"), found))


def pdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, a, b, loc, scale))


def cdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    return exp(logcdf(x, a, b, loc, scale))


def logcdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`cdf`."""
    x, a, b, loc, scale = floats(x, a, b, loc, scale)
    return _log_cdf(scaled(x, loc, scale), a, b)


def sf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a larger value."""
    return exp(logsf(x, a, b, loc, scale))


def logsf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`sf`."""
    x, a, b, loc, scale = floats(x, a, b, loc, scale)
    return _log_cdf(-scaled(x, loc, scale), -b, -a)


def _log_cdf(y: Tensor, a: Tensor, b: Tensor) -> Tensor:
    low, high = less_equal(y, a), greater_equal(y, b)
    inside = where(logical_or(low, high), (a + b) / 2, y)
    whole = _log_mass(a, b)
    below, above = _log_mass(a, inside) - whole, _log_mass(inside, b) - whole
    # near the upper end the complement is the smaller of the two, and the more accurate
    found = where(greater(below, -0.1), log1p(-exp(above)), below)
    return _valid(a, b, where(high, 0, where(low, float("-inf"), found)))


def _log_mass(a: Tensor, b: Tensor) -> Tensor:
    """The logarithm of ``ndtr(b) - ndtr(a)``: a difference of tails, or what both tails leave."""
    right = greater(a, 0)
    central = logical_or(right, less_equal(b, 0))
    low, high = where(right, -b, a), where(right, -a, b)
    first, second = log_ndtr(high), log_ndtr(low)
    tail = first + log1mexp(where(central, first - second, 1))
    return where(central, tail, log1p(-ndtr(a) - ndtr(-b)))


def _valid(a: Tensor, b: Tensor, found: Tensor) -> Tensor:
    return where(less(a, b), found, float("nan"))
