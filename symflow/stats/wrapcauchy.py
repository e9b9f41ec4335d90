"""Cauchy's distribution wrapped around the circle, as ``jax.scipy.stats.wrapcauchy``.

Formulas: Mardia and Jupp, section 3.5.7.
"""

from typing import Any

from sympy import log as log_of
from sympy import pi

from symflow.core import Tensor
from symflow.ops.arithmetic import square
from symflow.ops.choice import greater, greater_equal, less, less_equal, logical_and, where
from symflow.ops.elementwise import cos, exp, log
from symflow.stats._shared import floats


def logpdf(x: Any, c: Any) -> Tensor:
    """The logarithm of the density on 0 to 2 pi; NaN unless ``0 < c < 1``."""
    x, c = floats(x, c)
    found = log(1 - square(c)) - log_of(2 * pi) - log(1 + square(c) - 2 * c * cos(x))
    inside = logical_and(greater_equal(x, 0), less_equal(x, 2 * pi))
    valid = logical_and(greater(c, 0), less(c, 1))
    return where(valid, where(inside, found, float("-inf")), float("nan"))


def pdf(x: Any, c: Any) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, c))
