"""The normal distribution, as ``jax.scipy.stats.norm``.

Formulas: A. Stuart and K. Ord, "Kendall's Advanced Theory of Statistics" 1, section 5.36.
"""

from typing import Any

from sympy import pi

from symflow.core import Tensor
from symflow.ops.arithmetic import astype, square, subtract
from symflow.ops.elementwise import exp, log
from symflow.ops.special import ndtr, ndtri
from symflow.ops.special_forms import log_ndtr
from symflow.stats._shared import floats, scaled


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density.

    >>> import symflow as sf
    >>> x, m = sf.vector("x", "n"), sf.vector("m", "n")
    >>> sf.grad(sf.numpy.sum(logpdf(x, m)), m)
    x - m
    """
    x, loc, scale = floats(x, loc, scale)
    return -(log(2 * pi * square(scale)) + square(scaled(x, loc, scale))) / 2


def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, loc, scale))


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    return ndtr(scaled(x, loc, scale))


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`cdf`, accurate where that underflows."""
    return log_ndtr(scaled(x, loc, scale))


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a larger value."""
    return ndtr(-scaled(x, loc, scale))


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`sf`, accurate where that underflows."""
    return log_ndtr(-scaled(x, loc, scale))


def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The quantile, the inverse of :func:`cdf`."""
    return astype(ndtri(q) * scale + loc, "float")


def isf(q: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The inverse of :func:`sf`."""
    return ppf(subtract(1, q), loc, scale)
