"""Dirichlet's distribution, as ``jax.scipy.stats.dirichlet``.

Formulas: S. Kotz, N. Balakrishnan and N. Johnson, "Continuous Multivariate
Distributions" 1, chapter 49.
"""

from typing import Any

from symflow.core import Tensor
from symflow.core.dims import same, show_shape
from symflow.errors import RankError, ShapeError
from symflow.ops.arithmetic import absolute
from symflow.ops.choice import greater, less, logical_and, where
from symflow.ops.contraction import expand_dims
from symflow.ops.contraction import sum as total
from symflow.ops.elementwise import exp, gammaln, xlogy
from symflow.ops.reduction import all as every
from symflow.ops.structure import concatenate
from symflow.stats._shared import floats


def logpdf(x: Any, alpha: Any) -> Tensor:
    """The logarithm of the density of points ``x`` along the first axis.

    Args:
        x: entries of the simplex, of which the last may be left out.
        alpha: the vector of exponents plus one.

    Raises:
        RankError: unless ``alpha`` is a vector.
        ShapeError: where the sizes do not fit.
    """
    x, alpha = floats(x, alpha)
    if alpha.rank != 1:
        raise RankError(f"alpha is a vector, got shape {show_shape(alpha.shape)}")
    size = alpha.shape[0]
    if x.rank < 1 or not (same(x.shape[0], size) or same(x.shape[0] + 1, size)):
        raise ShapeError(
            f"x has as many entries as alpha, or one fewer: got shapes {show_shape(x.shape)} "
            f"and {show_shape(alpha.shape)}"
        )
    if not same(x.shape[0], size):
        x = concatenate([x, 1 - total(x, 0, keepdims=True)], 0)
    inside = logical_and(every(greater(x, 0), 0), less(absolute(total(x, 0) - 1), 1e-6))
    constant = total(gammaln(alpha)) - gammaln(total(alpha))
    exponents = expand_dims(alpha - 1, tuple(range(1, x.rank)))
    return where(inside, total(xlogy(exponents, x), 0) - constant, float("-inf"))


def pdf(x: Any, alpha: Any) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, alpha))
