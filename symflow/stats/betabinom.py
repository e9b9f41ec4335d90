"""The beta-binomial distribution, as ``jax.scipy.stats.betabinom``.

Formulas: N. Johnson, A. Kemp and S. Kotz, "Univariate Discrete Distributions", section 6.2.2.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.choice import greater, less, less_equal, logical_or, where
from symflow.ops.elementwise import exp, floor, log1p
from symflow.ops.special import betaln
from symflow.stats._shared import floats


def logpmf(k: Any, n: Any, a: Any, b: Any, loc: Any = 0) -> Tensor:
    """The logarithm of the probability; NaN for negative n and unless a and b are positive."""
    k, n, a, b, loc = floats(k, n, a, b, loc)
    shifted = floor(k) - loc
    outside = logical_or(less(shifted, 0), greater(shifted, n))
    y = where(outside, 0, shifted)
    ways = -(log1p(n) + betaln(n - y + 1, y + 1))
    found = ways + betaln(y + a, n - y + b) - betaln(a, b)
    wrong = logical_or(logical_or(less(n, 0), less_equal(a, 0)), less_equal(b, 0))
    return where(wrong, float("nan"), where(outside, float("-inf"), found))


def pmf(k: Any, n: Any, a: Any, b: Any, loc: Any = 0) -> Tensor:
    """The probability, ``exp(logpmf(...))``."""
    return exp(logpmf(k, n, a, b, loc))
