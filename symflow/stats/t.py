"""Student's distribution, as ``jax.scipy.stats.t``.

Formulas: Kendall 1, section 16.10; scale as a factor of the variable.
"""

from typing import Any

from sympy import pi

from symflow.core import Tensor
from symflow.ops.arithmetic import square
from symflow.ops.elementwise import exp, gammaln, log, log1p
from symflow.stats._shared import floats, scaled


def logpdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The logarithm of the density with ``df`` degrees of freedom."""
    x, df, loc, scale = floats(x, df, loc, scale)
    middle = (df + 1) / 2
    constant = gammaln(df / 2) + log(pi * square(scale) * df) / 2 - gammaln(middle)
    result: Tensor = -(constant + middle * log1p(square(scaled(x, loc, scale)) / df))
    return result


def pdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, df, loc, scale))
