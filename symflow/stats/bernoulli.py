"""Bernoulli's distribution of chance ``p``, as ``jax.scipy.stats.bernoulli``.

Formulas: Kendall 1, section 5.2.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.choice import greater, less, less_equal, logical_and, logical_or, where
from symflow.ops.elementwise import exp, xlog1py, xlogy
from symflow.stats._shared import floats, proper


def logpmf(k: Any, p: Any, loc: Any = 0) -> Tensor:
    """The logarithm of the probability; minus infinity outside 0 and 1."""
    k, p, loc = floats(k, p, loc)
    x = k - loc
    outside = logical_or(less(x, 0), greater(x, 1))
    return where(outside, float("-inf"), xlogy(x, p) + xlog1py(1 - x, -p))


def pmf(k: Any, p: Any, loc: Any = 0) -> Tensor:
    """The probability, ``exp(logpmf(...))``."""
    return exp(logpmf(k, p, loc))


def cdf(k: Any, p: Any) -> Tensor:
    """The chance of at most ``k``; NaN unless ``0 <= p <= 1``."""
    k, p = floats(k, p)
    steps = where(less(k, 0), 0, where(less(k, 1), 1 - p, 1))
    return where(logical_and(proper(k), _fits(p)), steps, float("nan"))


def ppf(q: Any, p: Any) -> Tensor:
    """The quantile; NaN unless ``q`` and ``p`` are chances."""
    q, p = floats(q, p)
    return where(logical_and(_fits(q), _fits(p)), where(less_equal(q, 1 - p), 0, 1), float("nan"))


def _fits(p: Tensor) -> Tensor:
    return logical_and(less_equal(0, p), less_equal(p, 1))
