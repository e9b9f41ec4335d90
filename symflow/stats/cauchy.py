"""Cauchy's distribution, as ``jax.scipy.stats.cauchy``.

Formulas: N. Johnson, S. Kotz and N. Balakrishnan, "Continuous Univariate
Distributions" 1, chapter 16.
"""

from typing import Any

from sympy import pi

from symflow.core import Tensor
from symflow.ops.arithmetic import square
from symflow.ops.elementwise import arctan, exp, log, log1p, tan
from symflow.stats._shared import floats, scaled


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density."""
    x, loc, scale = floats(x, loc, scale)
    return -(log(pi * scale) + log1p(square(scaled(x, loc, scale))))


def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, loc, scale))


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    x, loc, scale = floats(x, loc, scale)
    result: Tensor = 0.5 + arctan(scaled(x, loc, scale)) / pi
    return result


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`cdf`."""
    return log(cdf(x, loc, scale))


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a larger value."""
    x, loc, scale = floats(x, loc, scale)
    result: Tensor = 0.5 - arctan(scaled(x, loc, scale)) / pi
    return result


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of :func:`sf`."""
    return log(sf(x, loc, scale))


def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The quantile, the inverse of :func:`cdf`."""
    q, loc, scale = floats(q, loc, scale)
    result: Tensor = tan(pi * q - pi / 2) * scale + loc
    return result


def isf(q: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The inverse of :func:`sf`."""
    q, loc, scale = floats(q, loc, scale)
    result: Tensor = tan(pi / 2 - pi * q) * scale + loc
    return result
