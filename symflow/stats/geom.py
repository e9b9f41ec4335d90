"""The geometric distribution: trials up to the first success, as ``jax.scipy.stats.geom``.

Formulas: Kendall 1, section 5.16.
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.choice import less_equal, where
from symflow.ops.elementwise import exp, log, xlog1py
from symflow.stats._shared import floats


def logpmf(k: Any, p: Any, loc: Any = 0) -> Tensor:
    """The logarithm of the probability; minus infinity below 1."""
    k, p, loc = floats(k, p, loc)
    x = k - loc
    return where(less_equal(x, 0), float("-inf"), xlog1py(x - 1, -p) + log(p))


def pmf(k: Any, p: Any, loc: Any = 0) -> Tensor:
    """The probability, ``exp(logpmf(...))``."""
    return exp(logpmf(k, p, loc))
