"""The multinomial distribution, as ``jax.scipy.stats.multinomial``.

Formulas: Kendall 1, section 5.49.
"""

from typing import Any

from symflow.core import Tensor, as_tensor, dtypes
from symflow.errors import DTypeError
from symflow.ops.arithmetic import cast
from symflow.ops.choice import equal, where
from symflow.ops.contraction import sum as total
from symflow.ops.elementwise import exp, gammaln, xlogy
from symflow.stats._shared import floats


def logpmf(x: Any, n: Any, p: Any) -> Tensor:
    """The logarithm of the probability of counts ``x`` along the last axis.

    It is minus infinity unless the counts of a row sum to ``n`` (JAX sums over all rows).

    Raises:
        DTypeError: for counts that are no integers.
    """
    (p,) = floats(p)
    counts, trials = as_tensor(x), as_tensor(n)
    if any(dtypes.kind(node.dtype) not in ("int", "bool") for node in (counts, trials)):
        raise DTypeError(f"x and n are integers here, got {counts.dtype} and {trials.dtype}")
    counts, trials = cast(counts, p.dtype), cast(trials, p.dtype)
    found = gammaln(trials + 1) + total(xlogy(counts, p) - gammaln(counts + 1), -1)
    return where(equal(total(counts, -1), trials), found, float("-inf"))


def pmf(x: Any, n: Any, p: Any) -> Tensor:
    """The probability, ``exp(logpmf(...))``."""
    return exp(logpmf(x, n, p))
