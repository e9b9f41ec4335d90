"""Differences of neighbours along an axis, and what is made of them."""

from collections.abc import Sequence
from operator import index
from typing import Any

from symflow.core import dtypes
from symflow.core.convert import as_tensor
from symflow.core.dims import normalise_axis, same, show_shape
from symflow.core.node import Tensor
from symflow.errors import DTypeError, RankError, ShapeError
from symflow.ops.arithmetic import (
    absolute,
    add,
    broadcast_to,
    cast,
    convert,
    divide,
    multiply,
    remainder,
    subtract,
)
from symflow.ops.choice import equal, greater, less, logical_and, not_equal, where
from symflow.ops.contraction import moveaxis
from symflow.ops.contraction import sum as total
from symflow.ops.cumulative import CUMSUM, running
from symflow.ops.indexing import getitem
from symflow.ops.reshaping import ravel, reshape
from symflow.ops.structure import concatenate


def _part(x: Tensor, axis: int, start: int | None, stop: int | None) -> Tensor:
    return getitem(x, (*[slice(None)] * axis, slice(start, stop)))


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Tensor:
    """Differences of neighbours, ``x[1:] - x[:-1]``, taken ``n`` times (``numpy.diff``).

    Args:
        a: a tensor of rank 1 or more; of bools, whether neighbours differ.
        n: how often.
        axis: along which axis.
        prepend: what to put before the entries: a number, or a tensor of fitting shape.
        append: what to put after them.

    Raises:
        RankError: for a scalar.
        ShapeError: for a negative ``n``.
    """
    node, times = as_tensor(a), index(n)
    if times < 0:
        raise ShapeError(f"diff is taken 0 or more times, not {times}")
    if times == 0:
        return node
    if not node.shape:
        raise RankError("diff needs rank 1 or more, got a scalar")
    place = normalise_axis(axis, node.rank)
    parts = [_beside(prepend, node, place), node, _beside(append, node, place)]
    node = concatenate([part for part in parts if part is not None], place)
    for _ in range(times):
        later, earlier = _part(node, place, 1, None), _part(node, place, None, -1)
        different = not_equal if node.dtype == "bool" else subtract
        node = different(later, earlier)
    return node


def _beside(value: Any, x: Tensor, axis: int) -> Tensor | None:
    if value is None:
        return None
    node = as_tensor(value)
    if node.shape:
        return node
    return broadcast_to(node, tuple(1 if k == axis else size for k, size in enumerate(x.shape)))


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Tensor:
    """Differences of neighbours of all entries as one vector (``numpy.ediff1d``).

    Args:
        ary: a tensor of numbers.
        to_end: what to put after the differences.
        to_begin: what to put before them.
    """
    line = ravel(ary)
    parts = [subtract(_part(line, 0, 1, None), _part(line, 0, None, -1))]
    if to_begin is not None:
        parts.insert(0, ravel(cast(as_tensor(to_begin), line.dtype)))
    if to_end is not None:
        parts.append(ravel(cast(as_tensor(to_end), line.dtype)))
    return concatenate(parts)


def unwrap(p: Any, discont: Any = None, axis: int = -1, period: Any = 6.283185307179586) -> Tensor:
    """Angles without jumps of more than half a period (``numpy.unwrap``).

    Args:
        p: a tensor of real numbers.
        discont: the least jump to take back; None for half a period.
        axis: along which axis.
        period: the period.

    Raises:
        DTypeError: for complex numbers.
    """
    angle, turn = convert((p, period))
    if dtypes.kind(angle.dtype) == "complex":
        raise DTypeError("unwrap takes real numbers: take the angle first")
    place = normalise_axis(axis, angle.rank)
    if angle.shape[place] == 0:
        return angle
    half = turn // 2 if dtypes.kind(angle.dtype) == "int" else divide(turn, 2)
    step = diff(angle, axis=place)
    within = subtract(remainder(add(step, half), turn), half)
    upwards = logical_and(equal(within, -half), greater(step, 0))
    within = where(upwards, half, within)
    least = divide(turn, 2) if discont is None else discont
    correction = where(less(absolute(step), least), 0, subtract(within, step))
    later = add(_part(angle, place, 1, None), running(CUMSUM, correction, place))
    return concatenate([_part(angle, place, 0, 1), later], place)


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Tensor:
    """The integral by the trapezoidal rule (``numpy.trapezoid``).

    Args:
        y: values of a function.
        x: where they are taken: a vector, or a tensor of the shape of ``y``.
        dx: the distances, where ``x`` is not given: a number, or a tensor that broadcasts.
        axis: along which axis.
    """
    if x is None:
        (values,), widths = convert((y,), "float"), as_tensor(dx)
        place = normalise_axis(axis, values.rank)
        if widths.shape:
            filled = reshape(widths, (*[1] * (values.rank - widths.rank), *widths.shape))
            widths = moveaxis(filled, place, -1)
    else:
        values, points = convert((y, x), "float")
        place = normalise_axis(axis, values.rank)
        widths = diff(points, axis=-1 if points.rank == 1 else axis)
        widths = widths if points.rank == 1 else moveaxis(widths, place, -1)
    last = moveaxis(values, place, -1)
    if not widths.shape or widths.shape[-1] == 1:
        alone = dx if x is None else widths  # a plain number has no type of its own
        width = getitem(widths, (..., 0)) if widths.shape else alone
        ends = add(getitem(last, (..., 0)), getitem(last, (..., -1)))
        return multiply(width, subtract(total(last, -1), divide(ends, 2)))
    pairs = add(getitem(last, (..., slice(1, None))), getitem(last, (..., slice(None, -1))))
    return divide(total(multiply(widths, pairs), -1), 2)


def gradient(
    f: Any,
    *varargs: Any,
    axis: int | Sequence[int] | None = None,
    edge_order: int | None = None,
) -> Tensor | list[Tensor]:
    """Slopes by central differences, one-sided at the ends (``numpy.gradient``).

    Args:
        f: values of a function on a grid.
        varargs: distances: none for 1, one for all axes, or one for each: a number, or the
            vector of the positions along the axis.
        axis: one axis or several; None for all.
        edge_order: not supported, as in JAX.

    Returns:
        A tensor for one axis, else a list.

    Raises:
        ShapeError: along an axis with fewer than two entries, for distances of another number
            or size, and for ``edge_order``.
    """
    if edge_order is not None:
        raise ShapeError("the argument 'edge_order' is not supported: ends are of first order")
    values, *given = convert((f, *varargs), "float")
    places = _several(axis, values.rank)
    if not places:
        return []
    if len(given) == 1 or not given:
        given = (given or [as_tensor(1.0)]) * len(places)
    if len(given) != len(places):
        raise ShapeError(f"gradient along {len(places)} axes with {len(given)} distances")
    slopes = [_slope(values, h, k) for h, k in zip(given, places, strict=True)]
    return slopes[0] if len(slopes) == 1 else slopes


def _several(axis: Any, rank: int) -> list[int]:
    if axis is None:
        return list(range(rank))
    several = axis if isinstance(axis, (tuple, list)) else (axis,)
    return [normalise_axis(k, rank) for k in several]


def _slope(f: Tensor, h: Tensor, axis: int) -> Tensor:
    size = f.shape[axis]
    if isinstance(size, int) and size < 2:
        raise ShapeError(f"a gradient along axis {axis} needs two entries or more, got {size}")
    first = subtract(_part(f, axis, 1, 2), _part(f, axis, 0, 1))
    last = subtract(_part(f, axis, -1, None), _part(f, axis, -2, -1))
    if not h.shape:
        inner = subtract(_part(f, axis, 2, None), _part(f, axis, None, -2))
        steps = [divide(first, h), divide(inner, 2 * h), divide(last, h)]
        return concatenate(steps, axis)
    if h.rank != 1 or not same(h.shape[0], size):
        raise ShapeError(
            f"distances along axis {axis} are a number or {size} positions, "
            f"got shape {show_shape(h.shape)}"
        )
    x = reshape(h, tuple(size if k == axis else 1 for k in range(f.rank)))
    step = subtract(_part(x, axis, 1, None), _part(x, axis, None, -1))
    before, after = _part(step, axis, None, -1), _part(step, axis, 1, None)
    whole = add(before, after)
    weights = (
        divide(-after, multiply(before, whole)),
        divide(subtract(after, before), multiply(before, after)),
        divide(before, multiply(after, whole)),
    )
    values = (_part(f, axis, 0, -2), _part(f, axis, 1, -1), _part(f, axis, 2, None))
    inner = add(*(multiply(w, v) for w, v in zip(weights, values, strict=True)))
    ends = divide(first, _part(step, axis, 0, 1)), divide(last, _part(step, axis, -1, None))
    return concatenate([ends[0], inner, ends[1]], axis)
