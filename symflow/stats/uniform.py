"""The uniform distribution on ``loc`` to ``loc + scale``, as ``jax.scipy.stats.uniform``.

Formulas: Kendall 1, section 1.9.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.choice import greater, less, logical_or, where
from symflow.ops.elementwise import exp, log
from symflow.stats._shared import chance, floats, scaled


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density."""
    x, loc, scale = floats(x, loc, scale)
    outside = logical_or(greater(x, loc + scale), less(x, loc))
    return where(outside, float("-inf"), -log(scale))


def pdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, loc, scale))


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The chance of a smaller value."""
    x, loc, scale = floats(x, loc, scale)
    above = where(greater(x, loc + scale), 1, scaled(x, loc, scale))
    return where(less(x, loc), 0, above)


def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The quantile, the inverse of :func:`cdf`; NaN unless ``0 <= q <= 1``."""
    q, loc, scale = floats(q, loc, scale)
    return chance(q, lambda p: loc + scale * p)
