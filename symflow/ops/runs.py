"""Integers and slices of an index as runs of positions of an axis."""

from operator import index as as_index
from typing import Any

import sympy as sp

from symflow.core.dims import Dim, is_dim_expression, simplify_dim
from symflow.core.node import Tensor
from symflow.errors import ShapeError
from symflow.ops.structure import Run


def run_of_position(entry: Any, size: Dim, axis: int) -> Run:
    """The run of one position.

    Raises:
        ShapeError: for what is no integer, or out of range.
    """
    if isinstance(entry, sp.Expr) and not isinstance(entry, Tensor) and not entry.is_number:
        return _symbolic_position(entry, size, f"index {entry} of axis {axis}"), 1, 1
    try:
        position = None if isinstance(entry, (bool, Tensor)) else as_index(entry)
    except TypeError:
        position = None
    if position is None:
        raise ShapeError(
            f"axis {axis} is indexed by {entry!r:.60}; an index takes integers, slices, "
            "None and ..."
        )
    if isinstance(size, int) and not -size <= position < size:
        raise ShapeError(f"index {position} is out of range for axis {axis} of size {size}")
    return (position if position >= 0 else simplify_dim(size + position)), 1, 1


def run_of_slice(entry: slice, size: Dim) -> Run:
    """The run of a slice, as Python counts it.

    Raises:
        ShapeError: for a step of 0, and for bounds that a symbolic size leaves open.
    """
    step = 1 if entry.step is None else int(entry.step)
    if step == 0:
        raise ShapeError("a slice's step must not be 0")
    if isinstance(size, int) and all(
        bound is None or hasattr(bound, "__index__") for bound in (entry.start, entry.stop)
    ):
        positions = range(size)[entry]
        return (positions.start if len(positions) else 0), len(positions), step
    return _symbolic_run(entry, size, step)


def _symbolic_run(entry: slice, size: Dim, step: int) -> Run:
    """A slice of an axis of symbolic size; bounds are taken to lie inside the axis."""
    if step < 0:
        if entry.start is not None or entry.stop is not None:
            raise ShapeError("a negative step over a symbolic size takes no bounds: x[::-1]")
        count = sp.ceiling(sp.sympify(size) / -step) if step != -1 else size
        return simplify_dim(size - 1), simplify_dim(count), step
    start, stop = _bound(entry.start, 0, size), _bound(entry.stop, size, size)
    length = sp.sympify(stop - start)
    if step != 1:
        length = sp.ceiling(length / step)
    if length.is_nonpositive:
        return 0, 0, 1
    return start, simplify_dim(length), step


def _bound(value: Any, default: Dim, size: Dim) -> Dim:
    """A bound of a slice, counted from the start of the axis and inside it where that is known."""
    if value is None:
        return default
    if isinstance(value, bool) or (
        not isinstance(value, sp.Expr) and not hasattr(value, "__index__")
    ):
        raise ShapeError(f"a slice takes integers and expressions of dimensions, got {value!r:.60}")
    position = _symbolic_position(sp.sympify(value), size, f"bound {value} of a slice")
    return size if sp.sympify(position - size).is_positive else position


def _symbolic_position(value: sp.Expr, size: Dim, what: str) -> Dim:
    """A position counted from the start: ``-1`` is ``size - 1``.

    Raises:
        ShapeError: for ``-k``, which is the start of the axis where ``k`` is 0 and else counts
            from its end, and for what is no expression of dimensions.
    """
    if isinstance(value, Tensor) or not value.is_integer or not is_dim_expression(value):
        raise ShapeError(f"{what}: positions are integers or expressions of dimensions")
    if value.is_negative:
        return simplify_dim(sp.sympify(size) + value)
    if value.is_nonpositive and not value.is_zero:
        raise ShapeError(f"{what}: is it counted from the end? Write {size} - ({-value})")
    return simplify_dim(value)
