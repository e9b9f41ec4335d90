"""Failures before ``n`` successes, negative binomial, as ``jax.scipy.stats.nbinom``.

Formulas: Kendall 1, section 5.16.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.choice import less, where
from symflow.ops.elementwise import exp, gammaln, xlogy
from symflow.stats._shared import floats


def logpmf(k: Any, n: Any, p: Any, loc: Any = 0) -> Tensor:
    """The logarithm of the probability; minus infinity below ``loc``."""
    k, n, p, loc = floats(k, n, p, loc)
    outside = less(k, loc)
    y = where(outside, 0, k - loc)
    ways = gammaln(y + n) - gammaln(n) - gammaln(y + 1)
    return where(outside, float("-inf"), ways + xlogy(n, p) + xlogy(y, 1 - p))


def pmf(k: Any, n: Any, p: Any, loc: Any = 0) -> Tensor:
    """The probability, ``exp(logpmf(...))``."""
    return exp(logpmf(k, n, p, loc))
