"""Differentials of named composites in terms of themselves: what keeps derivatives small."""

from collections.abc import Iterator

from symflow.calculus.differential import Differential
from symflow.core.node import Tensor
from symflow.ops.arithmetic import cast
from symflow.ops.choice import greater
from symflow.ops.composite import (
    LOG_SOFTMAX,
    LOGSUMEXP,
    NORM,
    RELU,
    SIGMOID,
    SOFTMAX,
    SOFTPLUS,
    sigmoid,
    softmax,
)
from symflow.ops.contraction import expand_dims
from symflow.ops.contraction import sum as total

Axes = tuple[int, ...]


def composite() -> Iterator[Differential]:
    """Sigmoid, softplus, relu, the softmax family, the Euclidean norm."""
    yield Differential(
        SIGMOID, lambda s, x, dx: s * (1 - s) * dx, "d(s) = s * (1 - s) * dx, s = sigmoid(x)"
    )
    yield Differential(
        SOFTPLUS, lambda y, x, dx: sigmoid(x) * dx, "d(softplus(x)) = sigmoid(x) * dx"
    )
    yield Differential(
        RELU,
        lambda y, x, dx: cast(greater(x, 0), x.dtype) * dx,
        "d(relu(x)) = (x > 0) * dx",
        "derivative 0 at 0, as jax.nn.relu",
    )
    yield Differential(
        SOFTMAX,
        lambda s, x, dx, axis: s * dx - s * _sum(s * dx, axis),
        "d(s) = s * dx - s * sum(s * dx), s = softmax(x)",
    )
    yield Differential(
        LOG_SOFTMAX,
        lambda y, x, dx, axis: dx - _sum(softmax(x, axis) * dx, axis),
        "d(log_softmax(x)) = dx - sum(softmax(x) * dx)",
    )
    yield Differential(
        LOGSUMEXP,
        lambda y, x, dx, axis: total(softmax(x, axis) * dx, axis),
        "d(logsumexp(x)) = sum(softmax(x) * dx)",
    )
    yield Differential(
        NORM,
        lambda y, x, dx, axis: total(x * dx / expand_dims(y, axis), axis),
        "d(norm(x)) = sum(x * dx) / norm(x)",
        "Matrix Cookbook eq. 129",
    )


def _sum(x: Tensor, axis: Axes) -> Tensor:
    return total(x, axis, keepdims=True)
