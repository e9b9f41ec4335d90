"""Laplace's distribution, as ``jax.scipy.stats.laplace``.

Formulas: Johnson, Kotz and Balakrishnan 2, chapter 24.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.arithmetic import absolute
from symflow.ops.choice import less_equal, where
from symflow.ops.elementwise import exp, log
from symflow.stats._shared import floats, scaled


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density."""
    x, loc, scale = floats(x, loc, scale)
    result: Tensor = -(absolute(x - loc) / scale + log(2 * scale))
    return result


def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, loc, scale))


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    y = scaled(x, loc, scale)
    below = less_equal(y, 0)
    tail = exp(where(below, y, -y)) / 2
    return where(below, tail, 1 - tail)
