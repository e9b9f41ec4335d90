"""The normal distribution of vectors, as ``jax.scipy.stats.multivariate_normal``.

Formulas: K. B. Petersen and M. S. Pedersen, "The Matrix Cookbook" (2012), section 8.1.
"""

from typing import Any

from sympy import log as log_of
from sympy import pi

from symflow.core import Tensor
from symflow.core.dims import same_shape, show_shape
from symflow.errors import ShapeError
from symflow.ops.arithmetic import square
from symflow.ops.contraction import expand_dims, squeeze
from symflow.ops.contraction import sum as total
from symflow.ops.elementwise import exp, log
from symflow.ops.linalg import slogdet, solve
from symflow.stats._shared import floats


def logpdf(x: Any, mean: Any, cov: Any, allow_singular: None = None) -> Tensor:
    """The logarithm of the density of vectors along the last axis.

    Args:
        x: points.
        mean: a vector (or a stack of them), or a number for a density of numbers.
        cov: a positive definite matrix (or a stack of them), not checked, or a number for that
            multiple of the identity.
        allow_singular: not supported.

    Raises:
        ShapeError: where the shapes do not fit.
        TypeError: where ``allow_singular`` is given.

    >>> import symflow as sf
    >>> x, m = sf.vector("x", "n"), sf.vector("m", "n")
    >>> S = sf.matrix("S", "n", "n", positive_definite=True)
    >>> sf.grad(logpdf(x, m, S), m)
    linalg.inv(S) @ (x - m)
    """
    if allow_singular is not None:
        raise TypeError("multivariate_normal.logpdf: allow_singular is not supported")
    x, mean, cov = floats(x, mean, cov)
    result: Tensor
    if not mean.rank:
        result = -square(x - mean) / cov / 2 - (log_of(2 * pi) + log(cov)) / 2
        return result
    size, y = mean.shape[-1], x - mean
    if not cov.rank:
        result = -total(square(y), -1) / cov / 2 - (log_of(2 * pi) + log(cov)) / 2 * size
        return result
    if cov.rank < 2 or not same_shape(cov.shape[-2:], (size, size)):
        raise ShapeError(
            f"cov has shape ({size}, {size}) in its last axes, for a mean of shape "
            f"{show_shape(mean.shape)}; got {show_shape(cov.shape)}"
        )
    distance = total(y * squeeze(solve(cov, expand_dims(y, -1)), -1), -1)
    result = -(distance + slogdet(cov).logabsdet + size * log_of(2 * pi)) / 2
    return result


def pdf(x: Any, mean: Any, cov: Any) -> Tensor:
    """The density, ``exp(logpdf(...))``."""
    return exp(logpdf(x, mean, cov))
