"""Entries repeated, tiled, rolled and resized."""

from typing import Any

import numpy as np
import sympy as sp

from symflow.core.add import constant
from symflow.core.apply import apply
from symflow.core.convert import as_tensor
from symflow.core.dims import Dim, as_dim, as_shape, normalise_axis, product, show_shape
from symflow.core.node import Tensor
from symflow.errors import ShapeError
from symflow.ops.axes import repeated_view, unit_axes
from symflow.ops.indexing import getitem
from symflow.ops.joining import known
from symflow.ops.reshaping import ravel, reshape
from symflow.ops.structure import ROLL, concatenate


def tile(A: Any, reps: Any) -> Tensor:
    """``A`` side by side ``reps`` times along each axis (``numpy.tile``).

    >>> from symflow.core import vector
    >>> tile(vector("x", "n"), (3, 2)).shape
    (3, 2*n)
    """
    if isinstance(reps, str):
        raise TypeError(f"tile takes numbers of repetitions, got {reps!r}")
    counts = as_shape(reps)
    node = unit_axes(as_tensor(A), len(counts))
    counts = (1,) * (node.rank - len(counts)) + counts
    target = tuple(product((count, size)) for count, size in zip(counts, node.shape, strict=True))
    wide = node
    for axis in reversed(range(node.rank)):
        if counts[axis] != 1:
            wide = repeated_view(wide, axis, counts[axis], inside=False)
    return reshape(wide, target)


def repeat(
    a: Any, repeats: Any, axis: int | None = None, *, total_repeat_length: int | None = None
) -> Tensor:
    """Each entry (or each part along an axis) several times in a row (``numpy.repeat``).

    Args:
        a: a tensor; a vector of its entries for ``axis=None``.
        repeats: how often: an integer, a dimension, or one integer for each position.
        axis: the axis along which to repeat.
        total_repeat_length: the size of the result along the axis, cut off or filled up with
            the last part.

    Raises:
        ShapeError: for counts that are negative or do not fit the size.

    >>> from symflow.core import vector
    >>> repeat(vector("x", "n"), 2).shape
    (2*n,)
    """
    node, place = (ravel(a), 0) if axis is None else (as_tensor(a), axis)
    place = normalise_axis(place, node.rank)
    if isinstance(repeats, Tensor):
        raise ShapeError("repeat: the counts decide the shape, so they must be numbers")
    if isinstance(repeats, sp.Expr) or np.size(repeats) == 1:
        count = repeats if isinstance(repeats, sp.Expr) else np.asarray(repeats).item()
        result = _each_repeated(node, as_dim(count), place)
    else:
        result = _by_counts(node, np.asarray(repeats), place)
    return result if total_repeat_length is None else _to_length(result, total_repeat_length, place)


def _each_repeated(x: Tensor, count: Dim, axis: int) -> Tensor:
    shape = (*x.shape[:axis], product((x.shape[axis], count)), *x.shape[axis + 1 :])
    return reshape(repeated_view(x, axis, count, inside=True), shape)


def _by_counts(x: Tensor, counts: Any, axis: int) -> Tensor:
    size = known(x, axis, "repeat")
    if counts.shape != (size,) or counts.dtype.kind not in "iu" or (counts < 0).any():
        raise ShapeError(
            f"repeat: axis {axis} of {show_shape(x.shape)} takes one count or {size} of them, "
            f"integers from 0, got {counts.tolist()!r:.60}"
        )
    keys = (slice(None),) * axis
    pieces, start = [], 0
    for stop in range(1, size + 1):
        if stop == size or counts[stop] != counts[start]:
            if counts[start]:
                part = getitem(x, (*keys, slice(start, stop)))
                pieces.append(_each_repeated(part, int(counts[start]), axis))
            start = stop
    return concatenate(pieces or [getitem(x, (*keys, slice(0, 0)))], axis)


def _to_length(x: Tensor, length: int, axis: int) -> Tensor:
    size = known(x, axis, "repeat with total_repeat_length")
    keys = (slice(None),) * axis
    if size >= length or not size:
        cut = getitem(x, (*keys, slice(0, length)))
        if size or not length:
            return cut
        shape = (*x.shape[:axis], length, *x.shape[axis + 1 :])
        return constant(sp.S.Zero, shape, x.dtype)
    last = getitem(x, (*keys, slice(size - 1, size)))
    return concatenate([x, _each_repeated(last, length - size, axis)], axis)


def resize(a: Any, new_shape: Any) -> Tensor:
    """The entries of ``a`` in another shape, repeated as often as needed (``numpy.resize``).

    Raises:
        ShapeError: when how often is not known of symbolic sizes.
    """
    line, target = ravel(a), as_shape(new_shape)
    wanted, had = product(target), product(as_tensor(a).shape)
    if wanted == 0 or had == 0:
        return constant(sp.S.Zero, target, line.dtype)
    times = sp.ceiling(sp.cancel(sp.sympify(wanted) / had))
    if not times.is_Integer:
        raise ShapeError(
            f"resize: from {had} to {wanted} entries: how often they repeat must be a number"
        )
    return reshape(getitem(tile(line, int(times)), slice(0, wanted)), target)


def roll(a: Any, shift: Any, axis: Any = None) -> Tensor:
    """``a`` moved on along axes, what leaves at the end coming in at the start (``numpy.roll``).

    Args:
        a: a tensor; for ``axis=None`` rolled as a vector and put back in shape.
        shift: how far, an integer or an expression of dimensions, or one for each axis.
        axis: one axis or several.

    Raises:
        ShapeError: when shifts and axes are not equally many, or a shift is a tensor.
    """
    node = as_tensor(a)
    if axis is None:
        return reshape(roll(ravel(node), shift, 0), node.shape)
    axes = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    shifts = tuple(shift) if isinstance(shift, (tuple, list, np.ndarray)) else (shift,)
    if len(shifts) == 1:
        shifts = shifts * len(axes)
    if len(axes) == 1:
        axes = axes * len(shifts)
    if len(axes) != len(shifts):
        raise ShapeError(f"roll: {len(shifts)} shifts for {len(axes)} axes")
    for one, far in zip(axes, shifts, strict=True):
        node = apply(ROLL, (node,), (_distance(far), normalise_axis(one, node.rank)))
    return node


def _distance(shift: Any) -> Dim:
    if isinstance(shift, (Tensor, bool, float)):
        raise ShapeError(f"roll: a shift is an integer or an expression of dimensions, not {shift}")
    if isinstance(shift, sp.Expr) and not shift.is_Integer:
        return shift
    return int(shift)
