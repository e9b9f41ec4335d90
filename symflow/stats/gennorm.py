"""The generalised normal distribution of shape ``beta``, as ``jax.scipy.stats.gennorm``.

Formulas: Johnson, Kotz and Balakrishnan 2, section 24.6 (Subbotin's distribution).
"""

from typing import Any

from symflow.core import Tensor
from symflow.ops.arithmetic import absolute, power, reciprocal, sign
from symflow.ops.elementwise import exp, gammaln, log
from symflow.ops.special import gammainc
from symflow.stats._shared import floats


def logpdf(x: Any, beta: Any) -> Tensor:
    """The logarithm of the density."""
    x, beta = floats(x, beta)
    return log(beta / 2) - gammaln(1 / beta) - power(absolute(x), beta)


def pdf(x: Any, beta: Any) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, beta))


def cdf(x: Any, beta: Any) -> Tensor:
    """The chance of a smaller value."""
    x, beta = floats(x, beta)
    return (sign(x) * gammainc(reciprocal(beta), power(absolute(x), beta)) + 1) / 2
