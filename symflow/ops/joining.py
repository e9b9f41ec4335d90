"""Tensors joined to larger ones and split into smaller ones."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import sympy as sp

from symflow.core.convert import as_tensor
from symflow.core.dims import Dim, normalise_axis, show_shape, simplify_dim
from symflow.core.node import Tensor
from symflow.errors import RankError, ShapeError
from symflow.ops.arithmetic import astype, broadcast_to, convert
from symflow.ops.axes import cube, unit_axes
from symflow.ops.contraction import moveaxis
from symflow.ops.indexing import getitem
from symflow.ops.reshaping import ravel, reshape
from symflow.ops.structure import concatenate

# ------------------------------------------------------------------------------- joining


def concat(arrays: Any, /, *, axis: int | None = 0) -> Tensor:
    """Tensors joined along an axis, or as vectors for ``axis=None``."""
    return concatenate(arrays, axis)


def append(arr: Any, values: Any, axis: int | None = None) -> Tensor:
    """``arr`` and then ``values``, along an axis or as vectors (``numpy.append``)."""
    return concatenate([as_tensor(arr), as_tensor(values)], axis)


def dstack(tup: Any, dtype: Any = None) -> Tensor:
    """Tensors joined along axis 2, matrices and vectors given that axis (``numpy.dstack``)."""
    nodes = [cube(node) for node in convert(tuple(tup))]
    return concatenate(nodes, 2, dtype)


def column_stack(tup: Any) -> Tensor:
    """Vectors as columns (and matrices) side by side (``numpy.column_stack``)."""
    nodes = convert(tuple(tup))
    return concatenate([n if n.rank > 1 else reshape(n, (n.size, 1)) for n in nodes], 1)


def block(arrays: Any) -> Tensor:
    """A tensor from nested lists of blocks (``numpy.block``).

    The innermost lists are joined along the last axis, those around them along the one before.

    Raises:
        ShapeError: for an empty list, or lists of different depths.

    >>> from symflow.core import matrix
    >>> block([[matrix("A", "n", "n"), matrix("B", "n", 2)]]).shape
    (n, n + 2)
    """
    depth, rank = _depth(arrays)
    return _blocks(arrays, depth, max(depth, rank))


def _depth(arrays: Any) -> tuple[int, int]:
    """How deep the lists are nested, and the largest rank in them."""
    if isinstance(arrays, tuple):
        raise TypeError("block takes nested lists; a tuple is no list of blocks")
    if not isinstance(arrays, list):
        return 0, as_tensor(arrays).rank
    if not arrays:
        raise ShapeError("block: an empty list has no blocks")
    inner = [_depth(item) for item in arrays]
    if len({depth for depth, _ in inner}) > 1:
        raise ShapeError("block: the lists are nested to different depths")
    return inner[0][0] + 1, max(rank for _, rank in inner)


def _blocks(arrays: Any, depth: int, rank: int) -> Tensor:
    if depth == 0:
        return unit_axes(as_tensor(arrays), rank)
    return concatenate([_blocks(item, depth - 1, rank) for item in arrays], rank - depth)


# ----------------------------------------------------------------------------- splitting


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """Equal parts, or those between positions, along an axis (``numpy.split``).

    Args:
        ary: a tensor.
        indices_or_sections: the number of parts, or positions (integers, expressions of
            dimensions) where a part begins.
        axis: the axis to cut.

    Raises:
        ShapeError: when the size is not known to be a multiple of the number of parts.

    >>> from symflow.core import dim, matrix
    >>> [part.shape for part in split(matrix("A", 2 * dim("n"), 3), 2)]
    [(n, 3), (n, 3)]
    """
    node = as_tensor(ary)
    place = normalise_axis(axis, node.rank)
    if _is_count(indices_or_sections):
        sections, size = int(indices_or_sections), node.shape[place]
        if sections < 1:
            raise ShapeError(f"split: the number of parts must be positive, got {sections}")
        part = sp.sympify(size) / sections
        if not part.is_integer:
            raise ShapeError(
                f"split: axis {place} of {show_shape(node.shape)} has size {size}, "
                f"not known to be a multiple of {sections}; give positions, or a size of "
                f"the form {sections}*k"
            )
        return _cut(node, [simplify_dim(part * k) for k in range(sections + 1)], place)
    return array_split(node, indices_or_sections, place)


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """As :func:`split`; the first parts may be longer by one (``numpy.array_split``)."""
    node = as_tensor(ary)
    place = normalise_axis(axis, node.rank)
    size = node.shape[place]
    if not _is_count(indices_or_sections):
        cuts = [0, *_positions(indices_or_sections), None]
        _check_ascending(cuts[:-1], size)
        keys = [slice(None)] * place
        pairs = pairwise(cuts)
        return [getitem(node, (*keys, slice(start, stop))) for start, stop in pairs]
    if not isinstance(size, int):
        return split(node, indices_or_sections, place)
    sections = int(indices_or_sections)
    if sections < 1:
        raise ShapeError(f"array_split: the number of parts must be positive, got {sections}")
    each, longer = divmod(size, sections)
    return _cut(node, [k * each + min(k, longer) for k in range(sections + 1)], place)


def _is_count(value: Any) -> bool:
    return isinstance(value, (int, np.integer, sp.Integer)) or (
        isinstance(value, np.ndarray) and value.ndim == 0
    )


def _positions(value: Any) -> list[Any]:
    if isinstance(value, (sp.Basic, str)):
        raise ShapeError(f"a tensor is split into a number of parts or at positions, not {value!r}")
    return [one if isinstance(one, sp.Expr) else int(one) for one in value]


def _check_ascending(cuts: Sequence[Any], size: Dim) -> None:
    """Positions inside the axis, one after the other, as far as they are numbers."""
    numbers = [one for one in (*cuts, size) if isinstance(one, int)]
    if numbers != sorted(numbers):
        raise ShapeError(f"split: the positions {cuts[1:]} must ascend from 0 to {size}")


def _cut(x: Tensor, places: Sequence[Dim], axis: int) -> list[Tensor]:
    keys = [slice(None)] * axis
    pairs = pairwise(places)
    return [getitem(x, (*keys, slice(start, stop))) for start, stop in pairs]


def vsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """Parts along axis 0."""
    return split(ary, indices_or_sections, 0)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """Parts along axis 1, of a vector along axis 0."""
    node = as_tensor(ary)
    return split(node, indices_or_sections, 0 if node.rank == 1 else 1)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """Parts along axis 2."""
    return split(ary, indices_or_sections, 2)


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The parts of a tensor at each position of an axis, whose size must be a number."""
    node = as_tensor(x)
    if not node.rank:
        raise RankError("unstack takes rank 1 or more, got a scalar")
    place = normalise_axis(axis, node.rank)
    keys = (slice(None),) * place
    return tuple(getitem(node, (*keys, k)) for k in range(known(node, place, "unstack")))


def known(x: Tensor, axis: int, what: str) -> int:
    """The size of an axis as a number.

    Raises:
        ShapeError: when it is a symbol.
    """
    size = x.shape[axis]
    if isinstance(size, int):
        return size
    raise ShapeError(f"{what}: the size {size} of axis {axis} must be a number")


# ------------------------------------------------------------------- with or without parts


def delete(
    arr: Any, obj: Any, axis: int | None = None, *, assume_unique_indices: bool = False
) -> Tensor:
    """``arr`` without the positions ``obj`` of an axis (``numpy.delete``).

    Args:
        arr: a tensor; a vector of its entries for ``axis=None``.
        obj: an integer, a slice, or a sequence of integers or truth values.
        axis: the axis to leave positions out of.
        assume_unique_indices: no difference here.

    Raises:
        ShapeError: for positions out of range, and for more than one position of an axis whose
            size is a symbol.
    """
    node, place = (ravel(arr), 0) if axis is None else (as_tensor(arr), axis)
    place = normalise_axis(place, node.rank)
    keys = (slice(None),) * place
    if isinstance(obj, (int, np.integer)) and not isinstance(obj, bool):
        getitem(node, (*keys, int(obj)))  # raises out of range
        after = None if obj == -1 else slice(int(obj) + 1, None)
        parts = [getitem(node, (*keys, slice(None, int(obj))))]
        return concatenate(parts + ([getitem(node, (*keys, after))] if after else []), place)
    size = known(node, place, "delete")
    try:
        kept = np.delete(np.arange(size), obj if isinstance(obj, slice) else np.asarray(obj))
    except (IndexError, ValueError) as error:
        raise ShapeError(f"delete: {error}") from None
    return _runs_of(node, kept.tolist(), place)


def _runs_of(x: Tensor, positions: list[int], axis: int) -> Tensor:
    """Ascending positions of an axis, as few slices as they need."""
    keys = (slice(None),) * axis
    runs: list[list[int]] = []
    for position in positions:
        if runs and runs[-1][1] == position:
            runs[-1][1] += 1
        else:
            runs.append([position, position + 1])
    pieces = [getitem(x, (*keys, slice(start, stop))) for start, stop in runs]
    return concatenate(pieces or [getitem(x, (*keys, slice(0, 0)))], axis)


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Tensor:
    """``arr`` with ``values`` put before positions of an axis (``numpy.insert``).

    Args:
        arr: a tensor; a vector of its entries for ``axis=None``.
        obj: an integer, a slice, or a sequence of integers.
        values: what to insert, broadcast against the inserted part and cast to its type.
        axis: the axis to insert along.

    Raises:
        ShapeError: for positions out of range, and for several positions, or one counted from
            the end, of an axis whose size is a symbol.
    """
    node, place = (ravel(arr), 0) if axis is None else (as_tensor(arr), axis)
    place = normalise_axis(place, node.rank)
    given = unit_axes(astype(values, node.dtype), node.rank)
    single = np.ndim(obj) == 0 and not isinstance(obj, slice)
    if single:
        given = moveaxis(given, 0, place)
    spots = [int(obj)] if single else _spots(obj, known(node, place, "insert"))
    if len(spots) == 1:
        spots = spots * known(given, place, "insert: the values along")
    if isinstance(node.shape[place], int):
        spots = [_spot(one, node.shape[place]) for one in spots]
    wide = (*node.shape[:place], len(spots), *node.shape[place + 1 :])
    return _interleaved(node, broadcast_to(given, wide), spots, place)


def _spots(obj: Any, size: int) -> list[int]:
    """Positions from a slice or a sequence of integers."""
    if isinstance(obj, slice):
        return list(range(size))[obj]
    array = np.asarray(obj)
    if array.ndim > 1 or (array.dtype.kind not in "iu" and array.size):
        raise ShapeError(f"insert takes a slice, an integer or a vector of integers, got {obj!r}")
    return [int(one) for one in array]


def _spot(position: int, size: Dim) -> int:
    assert isinstance(size, int)
    if not -size <= position <= size:
        raise ShapeError(f"insert: position {position} is out of range for size {size}")
    return position + size if position < 0 else position


def _interleaved(x: Tensor, values: Tensor, spots: list[int], axis: int) -> Tensor:
    """Pieces of ``x`` and of the values in turn."""
    keys = (slice(None),) * axis
    pieces, last = [], 0
    for number in _in_order(spots):
        if spots[number] != last:
            pieces.append(getitem(x, (*keys, slice(last, spots[number]))))
            last = spots[number]
        pieces.append(getitem(values, (*keys, slice(number, number + 1))))
    return concatenate([*pieces, getitem(x, (*keys, slice(last, None)))], axis)


def _in_order(spots: list[int]) -> Iterable[int]:
    return sorted(range(len(spots)), key=spots.__getitem__)
