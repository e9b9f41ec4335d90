"""Piecewise linear interpolation."""

from typing import Any

from symflow.core import dtypes
from symflow.core.apply import apply
from symflow.core.dims import Shape, same_shape, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DTypeError, RankError, ShapeError
from symflow.ops.arithmetic import (
    absolute,
    add,
    cast,
    convert,
    divide,
    multiply,
    remainder,
    subtract,
)
from symflow.ops.choice import equal, greater, less, maximum, minimum, where
from symflow.ops.gathering import gather
from symflow.ops.indexing import getitem
from symflow.ops.sorting import argsort, searchsorted
from symflow.ops.structure import concatenate


def _interp_shape(operands: Operands, params: Params) -> Shape:
    x, knots, values = operands
    if knots.rank != 1 or not same_shape(knots.shape, values.shape):
        raise RankError(
            "interp takes points as two vectors of one size, got shapes "
            f"{show_shape(knots.shape)} and {show_shape(values.shape)}"
        )
    size = knots.shape[0]
    if isinstance(size, int) and size < 2:
        raise ShapeError(f"interp takes two points or more, got {size}")
    shape: Shape = x.shape
    return shape


def _interp_dtype(operands: Operands, params: Params) -> str:
    return dtypes.promote(*(operand.dtype for operand in operands))


def _polygon(x: Tensor, knots: Tensor, values: Tensor, left: Any, right: Any) -> Tensor:
    """The line through the points around each place; one of no width is level."""
    last = knots.shape[0] - 1
    above = maximum(minimum(searchsorted(knots, x, side="right"), last), 1)
    below = subtract(above, 1)
    start, first = gather(knots, [below]), gather(values, [below])
    width = subtract(gather(knots, [above]), start)
    flat = equal(width, 0)
    rise = subtract(gather(values, [above]), first)
    share = divide(subtract(x, start), where(flat, 1, width))
    result = where(flat, first, add(first, multiply(share, rise)))
    if left is None:
        result = where(less(x, getitem(knots, 0)), getitem(values, 0), result)
    if right is None:
        result = where(greater(x, getitem(knots, -1)), getitem(values, -1), result)
    return result


INTERP = Operation(
    name="interp",
    family="interpolation",
    arity=3,
    shape=_interp_shape,
    dtype=_interp_dtype,
    parameters=("left", "right"),
    defaults={"left": None, "right": None},
    definition=_polygon,
    batching="definition",
    code={"jax": "jnp.interp({0}, {1}, {2}, left={left}, right={right})"},
    latex=r"\operatorname{interp}",
    flops=10,
)


def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Tensor:
    """The polygon through points, at ``x`` (``jax.numpy.interp``).

    Args:
        x: where to take it.
        xp: the abscissas of the points, a vector that increases.
        fp: their ordinates, as many.
        left: the value below all abscissas; None for the first ordinate, ``"extrapolate"`` for
            the first line.
        right: the value above all abscissas, likewise.
        period: the period of the abscissas, which then need not increase.

    Raises:
        RankError: for points that are not given by two vectors of one size.
        ShapeError: for fewer than two points, and for a period that is no number.
        DTypeError: for complex numbers.

    >>> from symflow.core import vector
    >>> interp(vector("x", "n"), vector("t", 4), vector("y", 4))
    interp(x, t, y)
    """
    place, knots, values = convert((x, xp, fp), "float")
    if dtypes.kind(place.dtype) == "complex":
        raise DTypeError("interp takes real numbers")
    if period is not None:
        return apply(INTERP, _periodic(place, knots, values, period), ("extrapolate",) * 2)
    beyond = tuple(_rule(value, side) for value, side in ((left, "left"), (right, "right")))
    result = apply(INTERP, (place, knots, values), beyond)
    if _is_value(left):
        result = where(less(place, getitem(knots, 0)), left, result)
    if _is_value(right):
        result = where(greater(place, getitem(knots, -1)), right, result)
    return result


def _is_value(beyond: Any) -> bool:
    return beyond is not None and not isinstance(beyond, str)


def _rule(beyond: Any, side: str) -> str | None:
    if isinstance(beyond, str) and beyond != "extrapolate":
        raise ShapeError(f"{side} is a value, None or 'extrapolate', got {beyond!r}")
    return beyond if isinstance(beyond, str) else None


def _periodic(
    x: Tensor, knots: Tensor, values: Tensor, period: Any
) -> tuple[Tensor, Tensor, Tensor]:
    """The places in one period, and the points in order with a neighbour on both sides."""
    _interp_shape((x, knots, values), ())
    length = cast(convert((period,))[0], x.dtype)
    if length.shape:
        raise ShapeError(f"the period is a number, got shape {show_shape(length.shape)}")
    length = absolute(length)
    turned = remainder(knots, length)
    order = argsort(turned)
    line, heights = gather(turned, [order]), gather(values, [order])
    first, last = slice(None, 1), slice(-1, None)
    around = [subtract(getitem(line, last), length), line, add(getitem(line, first), length)]
    beside = [getitem(heights, last), heights, getitem(heights, first)]
    return remainder(x, length), concatenate(around), concatenate(beside)
