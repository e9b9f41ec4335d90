"""Tensors with entries added at the ends of their axes (``numpy.pad``)."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import dtypes
from symflow.core.convert import as_tensor
from symflow.core.dims import Dim, as_dim, is_one, show_shape, simplify_dim
from symflow.core.node import Tensor
from symflow.errors import DTypeError, ShapeError
from symflow.ops.arithmetic import astype, broadcast_to, cast, multiply, subtract
from symflow.ops.contraction import mean, moveaxis
from symflow.ops.grids import linspace
from symflow.ops.indexing import getitem
from symflow.ops.joining import known
from symflow.ops.reduction import max as largest
from symflow.ops.reduction import min as smallest
from symflow.ops.structure import concatenate, flip, place

Pair = tuple[Any, Any]
_OPTIONS: Mapping[str, frozenset[str]] = {
    "constant": frozenset({"constant_values"}),
    "linear_ramp": frozenset({"end_values"}),
    "maximum": frozenset({"stat_length"}),
    "mean": frozenset({"stat_length"}),
    "minimum": frozenset({"stat_length"}),
    "reflect": frozenset({"reflect_type"}),
    "symmetric": frozenset({"reflect_type"}),
    "edge": frozenset(),
    "empty": frozenset(),
    "wrap": frozenset(),
}


def pad(array: Any, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Tensor:
    """``array`` with entries added before and after it along each axis (``numpy.pad``).

    Args:
        array: a tensor.
        pad_width: how many: one number (or dimension) for all, one pair (before, after) for all
            axes, or one pair for each.
        mode: ``"constant"``, ``"edge"``, ``"reflect"``, ``"symmetric"``, ``"wrap"``,
            ``"linear_ramp"``, ``"maximum"``, ``"mean"``, ``"minimum"`` or ``"empty"``.
        kwargs: ``constant_values``, ``end_values``, ``stat_length`` (in the form of
            ``pad_width``), ``reflect_type`` (``"even"`` or ``"odd"``), with the modes they belong
            to.

    Raises:
        ShapeError: for widths that do not fit the rank, or entries taken from an empty axis.
        TypeError: for an unknown mode or option.

    >>> from symflow.core import vector
    >>> pad(vector("x", "n"), (1, 2)).shape
    (n + 3,)
    """
    node = as_tensor(array)
    if mode not in _OPTIONS:
        raise TypeError(f"pad knows the modes {', '.join(sorted(_OPTIONS))}; got {mode!r:.40}")
    odd = sorted(set(kwargs) - _OPTIONS[mode])
    if odd:
        raise TypeError(f"pad with mode {mode!r} takes no {odd[0]}")
    widths = [(as_dim(a), as_dim(b)) for a, b in _pairs(pad_width, node.rank, "pad_width")]
    if mode == "empty" or (mode == "constant" and _is_zero(kwargs.get("constant_values", 0))):
        return _zeros_around(node, widths)
    (values,) = kwargs.values() or (None,)
    return _MODES[mode](node, widths, values)


def _is_zero(value: Any) -> bool:
    return not isinstance(value, sp.Basic) and not isinstance(value, (list, tuple)) and value == 0


def _pairs(value: Any, rank: int, what: str) -> list[Pair]:
    """One pair for each axis, from one value, one pair, or all of them."""
    if isinstance(value, Mapping):
        raise TypeError(f"pad: {what} is a number, a pair, or one pair for each axis")
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, (tuple, list)):
        return [(value, value)] * rank
    rows = list(value)
    if all(not isinstance(row, (tuple, list)) for row in rows):
        if len(rows) in (1, 2):
            return [(rows[0], rows[-1])] * rank
    elif all(isinstance(row, (tuple, list)) and len(row) in (1, 2) for row in rows):
        pairs = [(row[0], row[-1]) for row in rows]
        if len(pairs) in (1, rank):
            return pairs * rank if len(pairs) == 1 else pairs
    raise ShapeError(f"pad: {what} {value!r:.60} does not fit a tensor of rank {rank}")


def _zeros_around(x: Tensor, widths: list[Pair]) -> Tensor:
    ends = zip(widths, x.shape, strict=True)
    runs = tuple((before, size, 1) for (before, _), size in ends)
    sizes = zip(widths, x.shape, strict=True)
    return place(x, runs, tuple(simplify_dim(before + s + after) for (before, after), s in sizes))


def _axis_by_axis(piece: Callable[..., Tensor], x: Tensor, widths: list[Pair]) -> Tensor:
    """What comes before and after, one axis after the other."""
    for axis, (before, after) in enumerate(widths):
        parts = [
            piece(x, axis, before, first=True) if before != 0 else None,
            x,
            piece(x, axis, after, first=False) if after != 0 else None,
        ]
        x = concatenate([part for part in parts if part is not None], axis)
    return x


def _resized(shape: tuple[Dim, ...], axis: int, size: Dim) -> tuple[Dim, ...]:
    return (*shape[:axis], size, *shape[axis + 1 :])


def _constant(x: Tensor, widths: list[Pair], values: Any) -> Tensor:
    pairs = _pairs(values, x.rank, "constant_values")

    def piece(part: Tensor, axis: int, width: Dim, *, first: bool) -> Tensor:
        value = astype(pairs[axis][0 if first else 1], x.dtype)
        return broadcast_to(value, _resized(part.shape, axis, width))

    return _axis_by_axis(piece, x, widths)


def _end(x: Tensor, axis: int, count: Dim = 1, *, first: bool) -> Tensor:
    """The first or last entries along an axis."""
    size = x.shape[axis]
    if isinstance(size, int) and size == 0:
        raise ShapeError(
            f"pad: axis {axis} of {show_shape(x.shape)} is empty and has nothing to add; "
            "only mode='constant' fills it"
        )
    part = slice(0, count) if first else slice(simplify_dim(size - count), size)
    return getitem(x, ((slice(None),) * axis) + (part,))


def _edge(x: Tensor, widths: list[Pair], values: Any) -> Tensor:
    def piece(part: Tensor, axis: int, width: Dim, *, first: bool) -> Tensor:
        return broadcast_to(_end(part, axis, first=first), _resized(part.shape, axis, width))

    return _axis_by_axis(piece, x, widths)


def _mirrored(mode: str) -> Callable[[Tensor, list[Pair], Any], Tensor]:
    """Entries in reverse order; ``"reflect"`` leaves the edge out.

    A width beyond the size takes several turns, each mirroring what is there by then.
    """

    def padded(x: Tensor, widths: list[Pair], values: Any) -> Tensor:
        kind = values or "even"
        if kind not in ("even", "odd"):
            raise TypeError(f"pad: reflect_type is 'even' or 'odd', got {kind!r}")
        for axis, pair in enumerate(widths):
            size = x.shape[axis]
            off = int(mode == "reflect" and not is_one(size))
            for width, first in zip(pair, (True, False), strict=True):
                x = _turns(x, axis, width, size, off, first=first, odd=kind == "odd")
        return x

    return padded


def _turns(
    x: Tensor, axis: int, width: Dim, size: Dim, off: int, *, first: bool, odd: bool
) -> Tensor:
    edge = _end(x, axis, first=first) if width != 0 else x
    while width != 0:
        turn = width
        if isinstance(size, int) and isinstance(width, int):
            turn = min(width, size - off)
        part = _end(x, axis, simplify_dim(turn + off), first=first)
        part = _end(part, axis, turn, first=not first)
        part = flip(part, axis)
        if odd:
            part = subtract(multiply(2, edge), part)
            edge = edge if is_one(size) else _end(part, axis, first=first)
        x = concatenate([part, x] if first else [x, part], axis)
        width = simplify_dim(width - turn)
    return x


def _wrap(x: Tensor, widths: list[Pair], values: Any) -> Tensor:
    for axis, (before, after) in enumerate(widths):
        if before == 0 and after == 0:
            continue
        turns = [_whole_turns(width, x.shape[axis]) for width in (before, after)]
        left, right = (
            simplify_dim(width - turn * x.shape[axis])
            for width, turn in zip((before, after), turns, strict=True)
        )
        parts = [_end(x, axis, left, first=False)] if left != 0 else []
        parts += [x] * (1 + sum(turns))
        parts += [_end(x, axis, right, first=True)] if right != 0 else []
        x = concatenate(parts, axis)
    return x


def _whole_turns(width: Dim, size: Dim) -> int:
    """How many whole copies fit; a width over a symbolic size is taken to be smaller."""
    return width // size if isinstance(width, int) and isinstance(size, int) and size else 0


def _ramp(x: Tensor, widths: list[Pair], values: Any) -> Tensor:
    pairs = _pairs(0 if values is None else values, x.rank, "end_values")

    def piece(part: Tensor, axis: int, width: Dim, *, first: bool) -> Tensor:
        edge = _end(part, axis, first=first)
        inner = getitem(edge, ((slice(None),) * axis) + (0,))
        end = astype(pairs[axis][0 if first else 1], x.dtype)
        line = moveaxis(linspace(end, inner, width, endpoint=False, dtype=x.dtype), 0, axis)
        return line if first else flip(line, axis)

    return _axis_by_axis(piece, x, widths)


def _statistic(function: Callable[..., Tensor]) -> Callable[[Tensor, list[Pair], Any], Tensor]:
    """A statistic of the entries next to the end, or of all, repeated."""

    def padded(x: Tensor, widths: list[Pair], values: Any) -> Tensor:
        if dtypes.kind(x.dtype) != "float" and function is mean:
            raise DTypeError(f"pad with the mean takes floats, got {x.dtype}: cast it first")
        lengths = [(None, None)] * x.rank if values is None else _pairs(values, x.rank, "length")
        for axis, (before, after) in enumerate(widths):
            parts = [
                _repeated(function, x, axis, width, length, first=first)
                for width, length, first in zip(
                    (before, after), lengths[axis], (True, False), strict=True
                )
            ]
            x = concatenate([parts[0], x, parts[1]], axis)
        return x

    return padded


def _repeated(
    function: Callable[..., Tensor], x: Tensor, axis: int, width: Dim, length: Any, *, first: bool
) -> Tensor:
    part = x
    if length is not None:
        size = known(x, axis, "pad with stat_length")
        if int(length) < 1:
            raise ShapeError("pad: a stat_length of 0 yields no value for padding")
        part = _end(x, axis, min(int(length), size), first=first)
    value = cast(function(part, axis, keepdims=True), x.dtype)
    return broadcast_to(value, _resized(x.shape, axis, width))


_MODES: Mapping[str, Callable[[Tensor, list[Pair], Any], Tensor]] = {
    "constant": _constant,
    "edge": _edge,
    "linear_ramp": _ramp,
    "maximum": _statistic(largest),
    "mean": _statistic(mean),
    "minimum": _statistic(smallest),
    "reflect": _mirrored("reflect"),
    "symmetric": _mirrored("symmetric"),
    "wrap": _wrap,
}
