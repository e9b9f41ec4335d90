"""Pareto's distribution of shape ``b``, as ``jax.scipy.stats.pareto``.

Formulas: Johnson, Kotz and Balakrishnan 1, chapter 20.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.arithmetic import power
from symflow.ops.choice import less, where
from symflow.ops.elementwise import exp, log, log1p
from symflow.stats._shared import chance, floats, scaled


def logpdf(x: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density; minus infinity below ``loc + scale``."""
    x, b, loc, scale = floats(x, b, loc, scale)
    outside, y = _ratio(x, loc, scale)
    return where(outside, float("-inf"), log(b / scale) - (b + 1) * log(y))


def pdf(x: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, b, loc, scale))


def cdf(x: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    x, b, loc, scale = floats(x, b, loc, scale)
    outside, y = _ratio(x, loc, scale)
    return where(outside, 0, 1 - power(y, -b))


def logcdf(x: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`cdf`."""
    x, b, loc, scale = floats(x, b, loc, scale)
    outside, y = _ratio(x, loc, scale)
    return where(outside, float("-inf"), log1p(-power(y, -b)))


def sf(x: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a larger value."""
    return exp(logsf(x, b, loc, scale))


def logsf(x: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`sf`."""
    x, b, loc, scale = floats(x, b, loc, scale)
    outside, y = _ratio(x, loc, scale)
    return where(outside, 0, -b * log(y))


def ppf(q: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The quantile, the inverse of :func:`cdf`; NaN unless ``0 <= q <= 1``."""
    q, b, loc, scale = floats(q, b, loc, scale)
    return chance(q, lambda p: loc + scale * power(1 - p, -1 / b))


def _ratio(x: Tensor, loc: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Where there is no chance, and ``x`` in units of its least value, which is safe there."""
    outside = less(x, loc + scale)
    return outside, where(outside, 2, scaled(x, loc, scale))
