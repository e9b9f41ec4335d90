"""Axes added, moved, turned and counted; shapes of several tensors brought together."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.convert import as_tensor
from symflow.core.dims import Dim, Shape, as_shape, broadcast, normalise_axis, same, show_shape
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.errors import DomainError, RankError, ShapeError
from symflow.ops.arithmetic import broadcast_to
from symflow.ops.choice import where
from symflow.ops.contraction import diag, moveaxis, swapaxes, transpose, view
from symflow.ops.creation import full
from symflow.ops.reshaping import ravel, reshape
from symflow.ops.structure import concatenate, flip, place, take_runs


def copy(a: Any, order: str | None = None) -> Tensor:
    """``a`` itself: nodes are immutable, and no memory order exists.

    Raises:
        DomainError: for an order other than "K", as in JAX.
    """
    if order not in (None, "K"):
        raise DomainError(f"copy: there is no memory order {order!r}")
    return as_tensor(a)


def ndim(a: Any) -> int:
    """The number of axes."""
    return as_tensor(a).rank


def shape(a: Any) -> Shape:
    """The sizes of the axes, integers or expressions of dimensions."""
    return as_tensor(a).shape


def size(a: Any, axis: Any = None) -> Dim:
    """The number of entries, or of positions along an axis (or several)."""
    node = as_tensor(a)
    if axis is None:
        return node.size
    several = axis if isinstance(axis, (tuple, list)) else (axis,)
    total: Dim = 1
    for one in several:
        total = total * node.shape[normalise_axis(one, node.rank)]
    return total


def _each(function: Any, arys: tuple[Any, ...]) -> Any:
    """One result for one argument, a list for several."""
    if not arys:
        return []
    made = [function(as_tensor(one)) for one in arys]
    return made[0] if len(made) == 1 else made


def _rows(x: Tensor) -> Tensor:
    return reshape(x, (1,) * (2 - x.rank) + x.shape) if x.rank < 2 else x


def atleast_1d(*arys: Any) -> Any:
    """Scalars as vectors of one entry; several arguments give a list."""
    return _each(lambda x: x if x.rank else reshape(x, (1,)), arys)


def atleast_2d(*arys: Any) -> Any:
    """Scalars and vectors as matrices of one row; several arguments give a list."""
    return _each(_rows, arys)


def atleast_3d(*arys: Any) -> Any:
    """Tensors of rank below 3 with axes of size 1 added, as NumPy places them."""
    return _each(cube, arys)


def cube(x: Tensor) -> Tensor:
    """A vector along the middle of three axes, a matrix along the first two."""
    if x.rank > 2:
        return x
    return reshape(x, (*x.shape, 1) if x.rank == 2 else (1, *(x.shape or (1,)), 1))


def permute_dims(a: Any, /, axes: Any) -> Tensor:
    """``a`` with its axes in the given order."""
    return transpose(a, axes)


def rollaxis(a: Any, axis: int, start: int = 0) -> Tensor:
    """``a`` with an axis moved back until it stands before axis ``start``."""
    node = as_tensor(a)
    here = normalise_axis(axis, node.rank)
    if isinstance(start, bool) or not -node.rank <= start <= node.rank:
        raise ShapeError(f"rollaxis: start {start} is not between {-node.rank} and {node.rank}")
    target = start + node.rank if start < 0 else start
    return moveaxis(node, here, target - 1 if target > here else target)


def fliplr(m: Any) -> Tensor:
    """``m`` with the order along axis 1 reversed."""
    node = as_tensor(m)
    if node.rank < 2:
        raise RankError(f"fliplr takes rank 2 or more, got shape {show_shape(node.shape)}")
    return flip(node, 1)


def flipud(m: Any) -> Tensor:
    """``m`` with the order along axis 0 reversed."""
    node = as_tensor(m)
    if not node.rank:
        raise RankError("flipud takes rank 1 or more, got a scalar")
    return flip(node, 0)


def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Tensor:
    """``m`` turned by ``k`` quarters in the plane of two axes, from the first to the second."""
    node = as_tensor(m)
    if len(axes) != 2:
        raise ShapeError(f"rot90 turns in the plane of two axes, got {axes}")
    first, second = (normalise_axis(axis, node.rank) for axis in axes)
    if first == second:
        raise ShapeError(f"rot90 needs two different axes, got {axes}")
    quarters = int(k) % 4
    if quarters == 0:
        return node
    if quarters == 2:
        return flip(node, (first, second))
    if quarters == 1:
        return swapaxes(flip(node, second), first, second)
    return flip(swapaxes(node, first, second), second)


def diagflat(v: Any, k: int = 0) -> Tensor:
    """A matrix with the entries of ``v`` on diagonal ``k``."""
    return diag(ravel(v), k)


def fill_diagonal(a: Any, val: Any, wrap: bool = False, *, inplace: bool = True) -> Tensor:
    """``a`` with its main diagonal replaced; nodes are immutable, so pass ``inplace=False``.

    Args:
        a: a matrix, or a tensor with equal sizes.
        val: a value, or several, repeated along the diagonal as often as needed.
        wrap: not supported, as in JAX.
        inplace: must be False, as in JAX.

    Raises:
        TypeError: for ``inplace=True`` or ``wrap=True``.
        ShapeError: when how often the values repeat is not known of symbolic sizes.
    """
    if inplace or wrap:
        raise TypeError("fill_diagonal makes a new tensor: pass inplace=False (and no wrap)")
    node, value = as_tensor(a), as_tensor(val)
    if node.rank < 2:
        raise RankError(f"fill_diagonal takes rank 2 or more, got shape {show_shape(node.shape)}")
    if node.rank > 2 and not all(same(one, node.shape[0]) for one in node.shape):
        raise ShapeError(f"fill_diagonal: the sizes {show_shape(node.shape)} must be equal")
    length = _shortest(node.shape)
    if value.shape:
        value = ravel(value)
        if not same(value.shape[0], length):
            value = _repeated(value, length)
    filled = _on_diagonal(broadcast_to(value, (length,)).astype(node.dtype), node.shape)
    here = _on_diagonal(full((length,), 1, "bool"), node.shape)
    return where(here, filled, node)


def _repeated(line: Tensor, length: Dim) -> Tensor:
    """A vector as often as it takes to have a length."""
    size = line.shape[0]
    if not (isinstance(size, int) and isinstance(length, int) and size):
        raise ShapeError(f"fill_diagonal: {size} values for a diagonal of {length} entries")
    return take_runs(concatenate([line] * -(-length // size)), ((0, length, 1),))


def _shortest(sizes: Shape) -> Dim:
    shortest = sizes[0]
    for one in sizes[1:]:
        difference = sp.sympify(one - shortest)
        if difference.is_negative:
            shortest = one
        elif not difference.is_nonnegative:
            raise ShapeError(f"which of the sizes {show_shape(sizes)} is the smallest is not known")
    return shortest


def _on_diagonal(values: Tensor, target: Shape) -> Tensor:
    """Values on the main diagonal of zeros."""
    (length,) = values.shape
    square = view(values, (0,), (0,) * len(target))
    return place(square, ((0, length, 1),) * len(target), target)


def broadcast_shapes(*shapes: Any) -> Shape:
    """The shape to which tensors of these shapes broadcast.

    >>> broadcast_shapes((2, 1), (3,))
    (2, 3)
    """
    return broadcast(*(as_shape(one) for one in shapes))


def broadcast_arrays(*args: Any) -> list[Tensor]:
    """The tensors repeated to their common shape."""
    nodes = [as_tensor(one) for one in args]
    target = broadcast(*(node.shape for node in nodes))
    return [broadcast_to(node, target) for node in nodes]


def meshgrid(
    *xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> list[Tensor]:
    """Coordinates of a grid from one vector for each of its axes (``numpy.meshgrid``).

    Args:
        xi: vectors.
        copy: must be True, as in JAX.
        sparse: keep size 1 along the axes of the others.
        indexing: ``"xy"`` exchanges the first two axes, ``"ij"`` does not.
    """
    if indexing not in ("xy", "ij"):
        raise ShapeError(f"meshgrid: indexing is 'xy' or 'ij', got {indexing!r}")
    if not copy:
        raise TypeError("meshgrid: copy=False is not supported, as in JAX")
    lines = [as_tensor(one) for one in xi]
    for number, line in enumerate(lines):
        if line.rank != 1:
            raise RankError(f"meshgrid: argument {number} has shape {show_shape(line.shape)}")
    order = list(range(len(lines)))
    if indexing == "xy" and len(lines) > 1:
        order[:2] = [1, 0]
    wide = tuple(lines[k].shape[0] for k in order)
    return [_along(line, order.index(k), wide, sparse=sparse) for k, line in enumerate(lines)]


def _along(line: Tensor, axis: int, wide: Shape, *, sparse: bool) -> Tensor:
    """A vector along one axis of a grid."""
    sizes: dict[int, Dim] = {k: 1 if sparse and k != axis else one for k, one in enumerate(wide)}
    return contract(sp.S.One, (line,), ((axis,),), tuple(range(len(wide))), sizes, line.dtype)


def ix_(*args: Any) -> tuple[Tensor, ...]:
    """Vectors of positions as open grids: each along an axis of its own (``numpy.ix_``).

    Raises:
        RankError: for what is no vector.
        ShapeError: for a condition, whose number of positions is known only at run time.
    """
    lines = [as_tensor(one) for one in args]
    for number, line in enumerate(lines):
        if line.rank != 1:
            raise RankError(f"ix_: argument {number} has shape {show_shape(line.shape)}, no vector")
        if dtypes.kind(line.dtype) == "bool":
            raise ShapeError(f"ix_: argument {number} is a condition; give positions (integers)")
    wide = tuple(line.shape[0] for line in lines)
    return tuple(_along(line, axis, wide, sparse=True) for axis, line in enumerate(lines))


def unit_axes(x: Tensor, rank: int) -> Tensor:
    """``x`` with axes of size 1 in front, up to a rank."""
    return reshape(x, (1,) * (rank - x.rank) + x.shape) if x.rank < rank else x


def repeated_view(x: Tensor, axis: int, count: Dim, *, inside: bool) -> Tensor:
    """A new axis of a size beside ``axis``, before it or (``inside``) behind it."""
    labels = list(range(x.rank))
    output = [*labels]
    output.insert(axis + 1 if inside else axis, x.rank)
    sizes: dict[int, Dim] = {**dict(enumerate(x.shape)), x.rank: count}
    return contract(sp.S.One, (x,), (tuple(labels),), tuple(output), sizes, x.dtype)
