"""The gamma distribution of shape ``a``, as ``jax.scipy.stats.gamma``.

Formulas: Kendall 1, section 5.29; DLMF 8.2 for the distribution function.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.choice import greater_equal, less, where
from symflow.ops.elementwise import exp, gammaln, log, xlogy
from symflow.ops.special import gammainc, gammaincc
from symflow.stats._shared import above, floats, scaled


def logpdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density; minus infinity below ``loc``."""
    x, a, loc, scale = floats(x, a, loc, scale)
    inside = greater_equal(x, loc)
    y = where(inside, scaled(x, loc, scale), 1)
    found = xlogy(a - 1, y) - y - gammaln(a) - log(scale)
    return where(inside, found, float("-inf"))


def pdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, a, loc, scale))


def cdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    x, a, loc, scale = floats(x, a, loc, scale)
    return gammainc(a, above(scaled(x, loc, scale), 0))


def logcdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`cdf`."""
    return log(cdf(x, a, loc, scale))


def sf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a larger value."""
    x, a, loc, scale = floats(x, a, loc, scale)
    y = scaled(x, loc, scale)
    return where(less(y, 0), 1, gammaincc(a, above(y, 0)))


def logsf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`sf`."""
    return log(sf(x, a, loc, scale))
