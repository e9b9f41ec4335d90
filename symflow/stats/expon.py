"""The exponential distribution, as ``jax.scipy.stats.expon``.

Formulas: Kendall 1, section 5.29, of shape 1.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.choice import less, where
from symflow.ops.elementwise import exp, expm1, log, log1p
from symflow.stats._shared import chance, floats, scaled


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density; minus infinity below ``loc``."""
    x, loc, scale = floats(x, loc, scale)
    return where(less(x, loc), float("-inf"), -scaled(x, loc, scale) - log(scale))


def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, loc, scale))


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    x, loc, scale = floats(x, loc, scale)
    return where(less(x, loc), 0, -expm1(-_inside(x, loc, scale)))


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`cdf`."""
    return log1p(-sf(x, loc, scale))


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a larger value."""
    return exp(logsf(x, loc, scale))


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`sf`."""
    x, loc, scale = floats(x, loc, scale)
    return where(less(x, loc), 0, -scaled(x, loc, scale))


def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The quantile, the inverse of :func:`cdf`; NaN unless ``0 <= q <= 1``."""
    q, loc, scale = floats(q, loc, scale)
    return chance(q, lambda p: loc - scale * log1p(-p))


def _inside(x: Tensor, loc: Tensor, scale: Tensor) -> Tensor:
    return where(less(x, loc), 0, scaled(x, loc, scale))
