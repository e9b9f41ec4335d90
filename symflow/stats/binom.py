"""The binomial distribution of ``n`` trials of chance ``p``, as ``jax.scipy.stats.binom``.

Formulas: Kendall 1, section 5.2.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.choice import greater_equal, less, logical_and, where
from symflow.ops.elementwise import exp, gammaln, xlog1py, xlogy
from symflow.stats._shared import floats


def logpmf(k: Any, n: Any, p: Any, loc: Any = 0) -> Tensor:
    """The logarithm of the probability; minus infinity outside 0 to ``n``."""
    k, n, p, loc = floats(k, n, p, loc)
    inside = logical_and(greater_equal(k, loc), less(k, loc + n + 1))
    y = where(inside, k - loc, 0)
    ways = gammaln(n + 1) - (gammaln(y + 1) + gammaln(n - y + 1))
    return where(inside, ways + xlogy(y, p) + xlog1py(n - y, -p), float("-inf"))


def pmf(k: Any, n: Any, p: Any, loc: Any = 0) -> Tensor:
    """The probability, ``exp(logpmf(...))``."""
    return exp(logpmf(k, n, p, loc))
