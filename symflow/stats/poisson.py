"""Poisson's distribution of mean ``mu``, as ``jax.scipy.stats.poisson``.

Formulas: Kendall 1, section 5.9; R. J. Evans, J. Boersma, N. M. Blachman and A. A. Jagers,
"The entropy of a Poisson distribution" (1988), for the entropy of large means.
"""

from typing import Any

from sympy import E, pi

from symflow.core import Tensor
from symflow.core.dims import broadcast
from symflow.ops.arithmetic import broadcast_to, reciprocal, sqrt
from symflow.ops.choice import equal, less, logical_or, not_equal, where
from symflow.ops.contraction import expand_dims
from symflow.ops.contraction import sum as total
from symflow.ops.creation import iota
from symflow.ops.elementwise import ceil, exp, floor, gammaln, log, xlogy
from symflow.ops.special import entr, gammaincc
from symflow.stats._shared import floats


def logpmf(k: Any, mu: Any, loc: Any = 0) -> Tensor:
    """The logarithm of the probability; minus infinity outside the whole numbers from 0."""
    k, mu, loc = floats(k, mu, loc)
    x = k - loc
    outside = logical_or(less(x, 0), not_equal(floor(k), k))
    y = where(outside, 0, x)
    return where(outside, float("-inf"), xlogy(y, mu) - gammaln(y + 1) - mu)


def pmf(k: Any, mu: Any, loc: Any = 0) -> Tensor:
    """The probability, ``exp(logpmf(...))``."""
    return exp(logpmf(k, mu, loc))


def cdf(k: Any, mu: Any, loc: Any = 0) -> Tensor:
    """The chance of at most ``k``."""
    k, mu, loc = floats(k, mu, loc)
    x = k - loc
    outside = less(x, 0)
    return where(outside, 0, gammaincc(floor(1 + where(outside, 0, x)), mu))


def entropy(mu: Any, loc: Any = 0) -> Tensor:
    """The entropy in nats: a sum for means below 100, an expansion from there on, as JAX's."""
    given, loc = floats(mu, loc)
    mu = where(equal(given, 0), 1, given)
    small = _summed(mu, 35, mu + 20)
    middle = _summed(mu, 250, mu + 10 * sqrt(mu) + 20)
    large = log(2 * pi * E * mu) / 2 - reciprocal(12 * mu)
    found = where(less(mu, 10), small, where(less(mu, 100), middle, large))
    return broadcast_to(where(equal(given, 0), 0, found), broadcast(given.shape, loc.shape))


def _summed(mu: Tensor, count: int, last: Tensor) -> Tensor:
    """The terms of the entropy up to the ``last``, of at most ``count``."""
    k = iota(count)
    kept = less(k, ceil(expand_dims(last, -1)))
    return total(entr(where(kept, pmf(k, expand_dims(mu, -1)), 0)), -1)
