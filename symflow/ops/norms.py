"""Norms over chosen axes, and condition numbers."""

from typing import Any

from symflow.core.dims import normalise_axes, product, show_shape
from symflow.core.node import Tensor
from symflow.errors import ShapeError
from symflow.ops import composite, reduction
from symflow.ops.arithmetic import convert, divide, multiply
from symflow.ops.choice import logical_and, logical_not, where
from symflow.ops.contraction import expand_dims, transpose
from symflow.ops.factorisations import floating, svdvals
from symflow.ops.finite import isnan
from symflow.ops.linalg import inv
from symflow.ops.records import require_square
from symflow.ops.reshaping import reshape


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Tensor:
    """The norm of all entries over some axes, taken as one vector (``numpy.linalg.vector_norm``).

    Args:
        x: a tensor.
        axis: None for all axes, or one, or several.
        keepdims: keep the reduced axes with size 1.
        ord: any number, infinity included.

    >>> from symflow.core import tensor
    >>> vector_norm(tensor("T", 2, "n", 3), axis=(0, 2)).shape
    (n,)
    """
    node = convert((x,), "float")[0]
    axes = normalise_axes(axis, node.rank)
    if isinstance(ord, str):
        raise ShapeError(f"vector_norm: the order is a number, got {ord!r}")
    if ord is None or ord == 2:
        return composite.norm(node, None, axes, keepdims)
    rest = [k for k in range(node.rank) if k not in axes]
    shape = tuple(node.shape[k] for k in rest)
    count = product(node.shape[k] for k in axes)
    line = reshape(transpose(node, [*rest, *axes]), (*shape, count))
    result = composite.norm(line, ord, -1)
    return expand_dims(result, axes) if keepdims and axes else result


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    """The norm of the matrices in the last two axes (``numpy.linalg.matrix_norm``).

    Args:
        x: matrices ``(..., m, n)``.
        keepdims: keep the last two axes with size 1.
        ord: as of :func:`symflow.numpy.linalg.norm`.
    """
    return composite.norm(floating(x, "matrix_norm"), ord, (-2, -1), keepdims)


def cond(x: Any, p: Any = None) -> Tensor:
    """The condition number: the norm times that of the inverse (``numpy.linalg.cond``).

    Args:
        x: matrices ``(..., m, n)``.
        p: an order of matrix norms; None and 2 divide the largest singular value by the smallest,
            -2 the other way.  For other orders the matrices must be square.

    Raises:
        RankError, ShapeError: for a tensor of rank below 2, without entries, or not square.
    """
    node = floating(x, "cond")
    if 0 in node.shape[-2:]:
        raise ShapeError(f"cond of matrices without entries: {show_shape(node.shape)}")
    if p is None or p in (2, -2):
        values = svdvals(node)
        largest, smallest = values[..., 0], values[..., -1]
        if p != -2:
            return divide(largest, smallest)
        result = divide(smallest, largest)
    else:
        require_square(node.shape, f"cond of order {p!r}")
        result = multiply(composite.norm(node, p, (-2, -1)), composite.norm(inv(node), p, (-2, -1)))
    given = reduction.any(isnan(node), (-2, -1))
    return where(logical_and(isnan(result), logical_not(given)), float("inf"), result)
