"""Differentials of activations in terms of themselves; conventions at kinks as in JAX."""

from collections.abc import Iterator

import sympy as sp

from symflow.calculus.differential import Differential
from symflow.core.node import Tensor
from symflow.ops.activation import ELU, GELU, LOG1MEXP, RELU6, SILU, tanh_argument, tanh_slope
from symflow.ops.arithmetic import cast, elementwise, square
from symflow.ops.choice import greater, less, logical_and, where
from symflow.ops.composite import sigmoid
from symflow.ops.elementwise import exp, expm1, tanh
from symflow.ops.special import NDTR


def activation() -> Iterator[Differential]:
    """Entry by entry."""
    yield Differential(
        GELU,
        _gelu,
        "d(gelu(x)) = (ndtr(x) + x * exp(-x**2 / 2) / sqrt(2 * pi)) * dx",
        "Hendrycks & Gimpel 2016; of the approximation, 0.5 * d(x * (1 + tanh(u)))",
    )
    yield Differential(
        SILU,
        lambda y, x, dx: (sigmoid(x) + y * (1 - sigmoid(x))) * dx,
        "d(y) = (sigmoid(x) + y * (1 - sigmoid(x))) * dx, y = silu(x)",
    )
    yield Differential(
        ELU,
        lambda y, x, dx, alpha: (
            where(greater(x, 0), 1, alpha * exp(where(greater(x, 0), 0, x))) * dx
        ),
        "d(elu(x)) = where(x > 0, 1, alpha * exp(x)) * dx",
    )
    yield Differential(
        RELU6,
        lambda y, x, dx: cast(logical_and(greater(x, 0), less(x, 6)), x.dtype) * dx,
        "d(relu6(x)) = (0 < x < 6) * dx",
        "derivative 0 at 0 and 6, as jax.nn.relu6",
    )
    yield Differential(
        LOG1MEXP, lambda y, x, dx: dx / expm1(x), "d(log1mexp(x)) = dx / (exp(x) - 1)"
    )


def _gelu(y: Tensor, x: Tensor, dx: Tensor, *, approximate: bool) -> Tensor:
    if not approximate:
        density = exp(-square(x) / 2) / sp.sqrt(2 * sp.pi)
        result: Tensor = (elementwise(NDTR, x) + x * density) * dx
        return result
    slope = tanh(tanh_argument(x))
    return (slope + 1 + x * (1 - square(slope)) * tanh_slope(x)) * dx / 2
