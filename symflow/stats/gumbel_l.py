"""Gumbel's distribution of least values, as ``jax.scipy.stats.gumbel_l``.

Formulas: Johnson, Kotz and Balakrishnan 2, chapter 22.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.choice import greater, where
from symflow.ops.elementwise import exp, expm1, log, log1p
from symflow.stats._shared import chance, floats, scaled


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density; NaN unless the scale is positive."""
    x, loc, scale = floats(x, loc, scale)
    z = scaled(x, loc, scale)
    return _valid(scale, z - exp(z) - log(scale))


def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, loc, scale))


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    return exp(logcdf(x, loc, scale))


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`cdf`."""
    x, loc, scale = floats(x, loc, scale)
    z = scaled(x, loc, scale)
    return _valid(scale, log(-expm1(-exp(z))))


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a larger value."""
    return exp(logsf(x, loc, scale))


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`sf`."""
    x, loc, scale = floats(x, loc, scale)
    z = scaled(x, loc, scale)
    return _valid(scale, -exp(z))


def ppf(p: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The quantile, the inverse of :func:`cdf`; NaN unless ``0 < p < 1``."""
    p, loc, scale = floats(p, loc, scale)
    return chance(p, lambda q: loc + scale * log(-log1p(-q)), ends=False)


def _valid(scale: Tensor, found: Tensor) -> Tensor:
    return where(greater(scale, 0), found, float("nan"))
