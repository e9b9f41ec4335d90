"""Von Mises's distribution on the circle, as ``jax.scipy.stats.vonmises``.

Formulas: K. Mardia and P. Jupp, "Directional Statistics", section 3.5.4.
"""

from typing import Any

from sympy import pi

from symflow.core import Tensor
from symflow.ops.choice import greater, where
from symflow.ops.elementwise import cos, exp, log
from symflow.ops.special import i0e
from symflow.stats._shared import floats


def logpdf(x: Any, kappa: Any) -> Tensor:
    """The logarithm of the density; NaN unless ``kappa`` is positive."""
    x, kappa = floats(x, kappa)
    found = kappa * (cos(x) - 1) - log(2 * pi * i0e(kappa))
    return where(greater(kappa, 0), found, float("nan"))


def pdf(x: Any, kappa: Any) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, kappa))
