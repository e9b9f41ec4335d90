"""The chi-squared distribution, as ``jax.scipy.stats.chi2``.

Formulas: Kendall 1, section 16.2: a gamma distribution of shape ``df / 2`` and scale 2.
"""

from typing import Any

from sympy import log as log_of

from symflow.core import Tensor
from symflow.ops.choice import less, where
from symflow.ops.elementwise import exp, gammaln, log
from symflow.ops.special import gammainc, gammaincc
from symflow.stats._shared import above, floats, scaled


def logpdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density with ``df`` degrees of freedom; minus infinity below ``loc``."""
    x, df, loc, scale = floats(x, df, loc, scale)
    outside = less(x, loc)
    y = where(outside, 1, scaled(x, loc, scale))
    constant = gammaln(df / 2) + log_of(2) / 2 * df + log(scale)
    return where(outside, float("-inf"), (df / 2 - 1) * log(y) - y / 2 - constant)


def pdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, df, loc, scale))


def cdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    x, df, loc, scale = floats(x, df, loc, scale)
    return gammainc(df / 2, above(scaled(x, loc, scale) / 2, 0))


def logcdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`cdf`."""
    return log(cdf(x, df, loc, scale))


def sf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a larger value."""
    x, df, loc, scale = floats(x, df, loc, scale)
    return gammaincc(df / 2, above(scaled(x, loc, scale) / 2, 0))


def logsf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`sf`."""
    return log(sf(x, df, loc, scale))
