"""Products of vectors and matrices that are no plain contraction: cross products, chains."""

from collections.abc import Sequence
from typing import Any

from symflow.core.apply import apply
from symflow.core.dims import Shape, same, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import RankError, ShapeError
from symflow.ops import contraction
from symflow.ops.arithmetic import broadcast_to, convert, multiply, subtract
from symflow.ops.complex import conj
from symflow.ops.contraction import moveaxis, tensordot
from symflow.ops.records import promoted, same_as_first
from symflow.ops.structure import place, stack


def _cross_shape(operands: Operands, params: Params) -> Shape:
    shape = same_as_first(operands, params)
    if not shape or not same(shape[-1], 3):
        raise ShapeError(f"cross takes vectors of 3 entries, got shape {show_shape(shape)}")
    return shape


def _define_cross(a: Tensor, b: Tensor) -> Tensor:
    parts = [
        subtract(multiply(a[..., k - 2], b[..., k - 1]), multiply(a[..., k - 1], b[..., k - 2]))
        for k in range(3)
    ]
    return stack(parts, -1)


CROSS = Operation(
    name="cross",
    family="products",
    arity=2,
    shape=_cross_shape,
    dtype=promoted,
    inputs="same",
    definition=_define_cross,
    batching="leading",
    latex=r"{0} \times {1}",
    flops=3.0,
)


def cross(
    a: Any,
    b: Any,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Tensor:
    """The cross product of vectors in three dimensions (``numpy.cross``).

    Vectors of two entries count as having a third one, 0; of two such the result is that third
    entry alone.

    Args:
        a: vectors along ``axisa``.
        b: vectors along ``axisb``.
        axisa: an axis of ``a``.
        axisb: an axis of ``b``.
        axisc: where the vectors of the result stand.
        axis: in place of all three.

    >>> from symflow.core import vector
    >>> cross(vector("a", 3), vector("b", 3))
    cross(a, b)
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    left, right = convert((a, b))
    left, right = moveaxis(left, axisa, -1), moveaxis(right, axisb, -1)
    widths = (left.shape[-1], right.shape[-1])
    if any(width not in (2, 3) for width in widths):
        raise ShapeError(
            f"cross takes vectors of 2 or 3 entries, got {widths[0]} and {widths[1]} along the axes"
        )
    if widths == (2, 2):
        return subtract(
            multiply(left[..., 0], right[..., 1]), multiply(left[..., 1], right[..., 0])
        )
    left, right = _three(left), _three(right)
    shape = multiply(left, right).shape
    result = apply(CROSS, (broadcast_to(left, shape), broadcast_to(right, shape)))
    return moveaxis(result, -1, axisc)


def _three(x: Tensor) -> Tensor:
    """Vectors of two entries with 0 as a third one."""
    if x.shape[-1] == 3:
        return x
    lead = tuple((0, size, 1) for size in x.shape[:-1])
    return place(x, (*lead, (0, 2, 1)), (*x.shape[:-1], 3))


def vector_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """The cross product of vectors of three entries (``numpy.linalg.cross``)."""
    left, right = convert((x1, x2))
    for node in (left, right):
        if not node.rank or not same(moveaxis(node, axis, -1).shape[-1], 3):
            raise ShapeError(
                f"linalg.cross takes vectors of 3 entries along axis {axis}, got shape "
                f"{show_shape(node.shape)}"
            )
    return cross(left, right, axis=axis)


def multi_dot(arrays: Sequence[Any], *, precision: Any = None) -> Tensor:
    """The product of several matrices (``numpy.linalg.multi_dot``).

    The first and the last one may be vectors.  A program multiplies in the cheapest order, here
    as in any product.

    Args:
        arrays: two or more.
        precision: without effect.

    Raises:
        ShapeError: for fewer than two, or sizes that do not fit.
        RankError: for other ranks.
    """
    nodes = convert(tuple(arrays))
    if len(nodes) < 2:
        raise ShapeError(f"multi_dot takes at least two tensors, got {len(nodes)}")
    ends = (0, len(nodes) - 1)
    for k, node in enumerate(nodes):
        if node.rank != 2 and not (k in ends and node.rank == 1):
            raise RankError(
                "multi_dot takes matrices, and vectors at both ends; operand "
                f"{k} has shape {show_shape(node.shape)}"
            )
    result = nodes[0]
    for node in nodes[1:]:
        result = contraction.matmul(result, node)
    return result


def vector_outer(x1: Any, x2: Any, /) -> Tensor:
    """The outer product of two vectors (``numpy.linalg.outer``)."""
    left, right = convert((x1, x2))
    if left.rank != 1 or right.rank != 1:
        raise RankError(
            f"linalg.outer takes two vectors, got shapes {show_shape(left.shape)} and "
            f"{show_shape(right.shape)}"
        )
    return tensordot(left, right, 0)


def matrix_diagonal(x: Any, /, *, offset: int = 0) -> Tensor:
    """The diagonals of the matrices in the last two axes (``numpy.linalg.diagonal``)."""
    return contraction.diagonal(x, offset, -2, -1)


def matrix_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Tensor:
    """The traces of the matrices in the last two axes (``numpy.linalg.trace``)."""
    return contraction.trace(x, offset, -2, -1, dtype)


def vecdot(
    x1: Any,
    x2: Any,
    /,
    *,
    axis: int = -1,
    precision: Any = None,
    preferred_element_type: Any = None,
) -> Tensor:
    """The inner products of vectors along an axis (``numpy.vecdot``), the others broadcast.

    Complex vectors of the first operand are conjugated.

    Args:
        x1: vectors along ``axis``.
        x2: vectors along ``axis``.
        axis: where the vectors stand, counted from the end of each operand.
        precision: without effect.
        preferred_element_type: only None.
    """
    if preferred_element_type is not None:
        raise TypeError("vecdot: preferred_element_type is not supported; cast the result")
    left, right = convert((x1, x2))
    if not left.rank or not right.rank:
        raise RankError("vecdot takes vectors, got a number")
    left, right = moveaxis(left, axis, -1), moveaxis(right, axis, -1)
    if not same(left.shape[-1], right.shape[-1]):
        raise ShapeError(
            f"vecdot: the vectors have {left.shape[-1]} and {right.shape[-1]} entries along axis "
            f"{axis}"
        )
    return contraction.sum(multiply(conj(left), right), -1)


def matvec(x1: Any, x2: Any, /) -> Tensor:
    """Matrices times vectors (``numpy.matvec``), leading axes broadcast."""
    left, right = convert((x1, x2))
    if left.rank < 2 or not right.rank:
        raise RankError(
            f"matvec takes matrices and vectors, got shapes {show_shape(left.shape)} and "
            f"{show_shape(right.shape)}"
        )
    return contraction.squeeze(contraction.matmul(left, contraction.expand_dims(right, -1)), -1)


def vecmat(x1: Any, x2: Any, /) -> Tensor:
    """Vectors, conjugated where complex, times matrices (``numpy.vecmat``)."""
    left, right = convert((x1, x2))
    if right.rank < 2 or not left.rank:
        raise RankError(
            f"vecmat takes vectors and matrices, got shapes {show_shape(left.shape)} and "
            f"{show_shape(right.shape)}"
        )
    rows = contraction.expand_dims(conj(left), -2)
    return contraction.squeeze(contraction.matmul(rows, right), -2)
