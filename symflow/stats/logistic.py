"""The logistic distribution, as ``jax.scipy.stats.logistic``.

Formulas: Johnson, Kotz and Balakrishnan 2, chapter 23.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.composite import sigmoid
from symflow.ops.elementwise import exp, log, logaddexp
from symflow.ops.special import logit
from symflow.stats._shared import floats, scaled


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density."""
    x, loc, scale = floats(x, loc, scale)
    half = scaled(x, loc, scale) / 2
    return -logaddexp(half, -half) * 2 - log(scale)


def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, loc, scale))


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    return sigmoid(scaled(x, loc, scale))


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a larger value."""
    return sigmoid(-scaled(x, loc, scale))


def ppf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The quantile, the inverse of :func:`cdf`."""
    x, loc, scale = floats(x, loc, scale)
    result: Tensor = logit(x) * scale + loc
    return result


def isf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The inverse of :func:`sf`."""
    x, loc, scale = floats(x, loc, scale)
    result: Tensor = -logit(x) * scale + loc
    return result
