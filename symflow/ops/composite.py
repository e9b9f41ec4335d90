"""Named composites: they stay readable, lower to stable code, and unfold by rule.

Each has a definition in simpler operations, and a differential in terms of itself.
"""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.apply import apply
from symflow.core.convert import number
from symflow.core.dims import Shape, normalise_axes, normalise_axis
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import ShapeError
from symflow.ops import reduction
from symflow.ops.arithmetic import (
    absolute,
    add,
    broadcast_to,
    convert,
    divide,
    elementwise,
    multiply,
    negative,
    power,
    power_node,
    reciprocal,
    subtract,
)
from symflow.ops.choice import equal, less, mask, maximum, not_equal, where
from symflow.ops.contraction import expand_dims, matmul, moveaxis, squeeze
from symflow.ops.contraction import sum as total
from symflow.ops.creation import eye
from symflow.ops.elementwise import exp, log
from symflow.ops.factorisations import svdvals
from symflow.ops.linalg import inv
from symflow.ops.records import float_result, promoted, require_square, same_as_first, unary

_FAMILY = "composite"


def _reduced_shape(operands: Operands, params: Params) -> Shape:
    return tuple(size for k, size in enumerate(operands[0].shape) if k not in params[0])


def _over_axis(name: str, definition: Any, shape: Any, latex: str, *facts: str) -> Operation:
    return Operation(
        name=name,
        family=_FAMILY,
        arity=1,
        shape=shape,
        dtype=float_result,
        parameters=("axis",),
        facts=frozenset(facts),
        latex=latex,
        definition=definition,
        inputs="float",
        flops=12.0,
    )


def _define_sigmoid(x: Tensor) -> Tensor:
    return reciprocal(add(1, exp(negative(x))))


def _define_softplus(x: Tensor) -> Tensor:
    return log(add(1, exp(x)))


def _define_relu(x: Tensor) -> Tensor:
    return maximum(x, 0)


def _define_softmax(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    weights = exp(x)
    return divide(weights, total(weights, axes, keepdims=True))


def _define_log_softmax(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    return subtract(x, log(total(exp(x), axes, keepdims=True)))


def _define_logsumexp(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    return log(total(exp(x), axes))


def _define_norm(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    return power_node(total(multiply(x, x), axes), sp.S.Half)


SIGMOID = unary(
    "nn.sigmoid",
    _FAMILY,
    "positive",
    "increasing",
    "unit_interval",
    latex=r"\sigma",
    definition=_define_sigmoid,
    sympy=lambda x: 1 / (1 + sp.exp(-x)),
    flops=10,
)
SOFTPLUS = unary(
    "nn.softplus",
    _FAMILY,
    "positive",
    "increasing",
    latex=r"\operatorname{softplus}",
    definition=_define_softplus,
    sympy=lambda x: sp.log(1 + sp.exp(x)),
    flops=14,
)
RELU = unary(
    "nn.relu",
    _FAMILY,
    "nonnegative",
    "increasing",
    "idempotent",
    latex=r"\operatorname{relu}",
    definition=_define_relu,
    dtype=promoted,
    sympy=lambda x: sp.Max(x, 0),
)
SOFTMAX = _over_axis(
    "nn.softmax",
    _define_softmax,
    same_as_first,
    r"\operatorname{softmax}",
    "positive",
    "unit_interval",
)
LOG_SOFTMAX = _over_axis(
    "nn.log_softmax", _define_log_softmax, same_as_first, r"\operatorname{log\,softmax}"
)
LOGSUMEXP = _over_axis(
    "special.logsumexp", _define_logsumexp, _reduced_shape, r"\operatorname{logsumexp}", "reduction"
)
NORM = _over_axis(
    "linalg.norm",
    _define_norm,
    _reduced_shape,
    r"\left\lVert {0} \right\rVert",
    "nonnegative",
    "reduction",
)


def sigmoid(x: Any) -> Tensor:
    """``1 / (1 + exp(-x))``, computed without overflow."""
    return elementwise(SIGMOID, x)


def log_sigmoid(x: Any) -> Tensor:
    """``log(sigmoid(x))``, which is ``-softplus(-x)``."""
    return negative(softplus(negative(x)))


def softplus(x: Any) -> Tensor:
    """``log(1 + exp(x))``, computed without overflow."""
    return elementwise(SOFTPLUS, x)


def relu(x: Any) -> Tensor:
    """``maximum(x, 0)`` with derivative 0 at 0, as ``jax.nn.relu``."""
    return elementwise(RELU, x)


def silu(x: Any) -> Tensor:
    """``x * sigmoid(x)``."""
    return multiply(x, sigmoid(x))


def _axes(x: Tensor, axis: Any) -> tuple[int, ...]:
    return normalise_axes(axis, x.rank)


def softmax(x: Any, axis: Any = -1) -> Tensor:
    """``exp(x)`` scaled to sum 1 along an axis (``jax.nn.softmax``)."""
    node = convert((x,), "float")[0]
    axes = _axes(node, axis)
    return node if 0 in node.shape else apply(SOFTMAX, (node,), (axes,))


def log_softmax(x: Any, axis: Any = -1) -> Tensor:
    """The logarithm of :func:`softmax`."""
    node = convert((x,), "float")[0]
    axes = _axes(node, axis)
    return node if 0 in node.shape else apply(LOG_SOFTMAX, (node,), (axes,))


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Tensor:
    """``log(sum(b * exp(a)))`` over axes, computed without overflow."""
    if b is not None:
        return _weighted_logsumexp(a, axis, b, keepdims=keepdims)
    node = convert((a,), "float")[0]
    axes = _axes(node, axis)
    result = apply(LOGSUMEXP, (node,), (axes,))
    return expand_dims(result, axes) if keepdims and axes else result


def _weighted_logsumexp(a: Any, axis: Any, b: Any, *, keepdims: bool) -> Tensor:
    """With weights of any sign: exponentials are taken relative to the largest exponent."""
    node, weights = convert((a, b), "float")
    node = where(equal(weights, 0), float("-inf"), node)
    axes = _axes(node, axis)
    largest = reduction.max(node, axes, keepdims=True)
    largest = where(less(absolute(largest), float("inf")), largest, 0)
    shifted = multiply(weights, exp(subtract(node, largest)))
    result = add(log(total(shifted, axes, keepdims=True)), largest)
    return result if keepdims else squeeze(result, axes)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Vector and matrix norms (``numpy.linalg.norm``).

    Args:
        x: a tensor.
        ord: None (square root of the sum of squares); for vectors any number, infinity included;
            for matrices ``"fro"``, ``"nuc"`` (the sum of the singular values), 2 and -2 (the
            largest and the smallest one), 1, -1, infinity or -infinity.
        axis: None for all axes, an axis for vector norms, two for matrix norms.
        keepdims: keep the reduced axes with size 1.

    Raises:
        ShapeError: for an order that is not supported for these axes.
    """
    node = convert((x,), "float")[0]
    axes = _axes(node, axis)
    if dtypes.kind(node.dtype) == "complex" and not (len(axes) == 2 and ord in _SPECTRAL):
        node = absolute(node)
    result = _norm(node, ord, axis, axes)
    return expand_dims(result, axes) if keepdims and axes else result


_SPECTRAL = ("nuc", 2, -2)


def _norm(x: Tensor, order: Any, axis: Any, axes: tuple[int, ...]) -> Tensor:
    two = len(axes) == 2
    if order is None or (order == 2 and len(axes) == 1) or (order in ("f", "fro") and two):
        return apply(NORM, (x,), (axes,)) if axes else absolute(x)
    if len(axes) == 1 and isinstance(order, (int, float)):
        return _vector_norm(absolute(x), order, axes)
    if two and order in (1, -1, float("inf"), float("-inf")):
        row, column = axes if axis is None else tuple(normalise_axis(a, x.rank) for a in axis)
        inside, outside = (row, column) if abs(order) == 1 else (column, row)
        sums = total(absolute(x), inside)
        outside -= inside < outside
        return _largest(sums, (outside,)) if order > 0 else reduction.min(sums, outside)
    if two and order in _SPECTRAL:
        return _spectral_norm(svdvals(moveaxis(x, axes, (-2, -1))), order)
    raise ShapeError(
        f"norm of order {order!r} over {len(axes)} axes is not supported; there are: any number "
        "over one axis, 'fro', 'nuc', 1, -1, 2, -2, inf and -inf over two, None over any"
    )


def _spectral_norm(values: Tensor, order: Any) -> Tensor:
    if order == "nuc":
        return total(values, -1)
    return _largest(values, (values.rank - 1,)) if order == 2 else reduction.min(values, -1)


def _largest(size: Tensor, axes: tuple[int, ...]) -> Tensor:
    """The largest of sizes, 0 where there are none."""
    none = any(size.shape[k] == 0 for k in axes)
    return reduction.max(size, axes, initial=0) if none else reduction.max(size, axes)


def _vector_norm(size: Tensor, order: float, axes: tuple[int, ...]) -> Tensor:
    if order == 0:
        return total(mask(not_equal(size, 0), size.dtype), axes)
    if order == 1:
        return total(size, axes)
    if order == float("inf"):
        return _largest(size, axes)
    if order == float("-inf"):
        return reduction.min(size, axes)
    return power(total(power(size, order), axes), 1 / number(order))


def matrix_power(a: Any, n: int) -> Tensor:
    """A square matrix to an integer power, by repeated squaring."""
    node = convert((a,))[0]
    require_square(node.shape, "matrix_power")
    if n < 0:
        return matrix_power(inv(node), -n)
    result: Tensor | None = None
    square = node
    while n:
        if n & 1:
            result = square if result is None else matmul(result, square)
        n >>= 1
        if n:
            square = matmul(square, square)
    if result is None:
        return broadcast_to(eye(node.shape[-1], dtype=node.dtype), node.shape)
    return result
