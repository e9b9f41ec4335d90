"""What a SymPy expression is worth while it is read: a tensor, some of whose axes are indices.

In ``Sum(A[i, k]*x[k], (k, 0, n - 1))`` the factor ``A[i, k]`` is the matrix ``A`` whose axes are
called ``i`` and ``k``.  A value keeps such named axes in front; what stands behind them is the
shape that SymPy sees, so that every function of matrices works on stacks of them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import sympy as sp

from symflow.core import Tensor, as_tensor, contract
from symflow.core.dims import (
    Dim,
    Shape,
    as_dim,
    is_dim_expression,
    is_one,
    show_shape,
    simplify_dim,
)
from symflow.errors import ShapeError
from symflow.ops import choice, creation
from symflow.ops.contraction import expand_dims, transpose, view
from symflow.ops.contraction import sum as total
from symflow.ops.structure import Run, take_runs

Range = tuple[Dim, Dim]
"""The first value of an index, and how many there are."""


class Value(NamedTuple):
    """A tensor with named axes in front.

    Attributes:
        content: the tensor, or a SymPy number.
        axes: the indices that the first axes stand for.
    """

    content: Any
    axes: tuple[sp.Basic, ...] = ()

    @property
    def tensor(self) -> Tensor:
        """The content as a tensor."""
        return as_tensor(self.content)

    @property
    def shape(self) -> Shape:
        """The shape that SymPy sees."""
        return self.tensor.shape[len(self.axes) :]

    @property
    def rank(self) -> int:
        """The rank that SymPy sees."""
        return len(self.shape)

    def on(self, function: Callable[[Tensor], Tensor]) -> "Value":
        """A function that takes stacks, applied behind the named axes."""
        return Value(function(self.tensor), self.axes)


def aligned(values: Sequence[Value]) -> tuple[list[Any], tuple[sp.Basic, ...]]:
    """The contents with the same named axes in front, ready for broadcasting.

    Contents of smaller rank get axes of size 1 between the named axes and their own.
    """
    axes: tuple[sp.Basic, ...] = tuple(dict.fromkeys(axis for v in values for axis in v.axes))
    if not axes:
        return [value.content for value in values], ()
    rank = max(value.rank for value in values)
    return [_spread(value, axes, rank) for value in values], axes


def _spread(value: Value, axes: tuple[sp.Basic, ...], rank: int) -> Any:
    if not value.axes and not value.rank:
        return value.content
    present = [value.axes.index(axis) for axis in axes if axis in value.axes]
    count = len(value.axes)
    own = range(count, count + value.rank)
    tensor = transpose(value.tensor, [*present, *own])
    missing = [place for place, axis in enumerate(axes) if axis not in value.axes]
    padding = range(len(axes), len(axes) + rank - value.rank)
    places = [*missing, *padding]
    return expand_dims(tensor, tuple(places)) if places else tensor


def over(value: Value, indices: Sequence[sp.Basic], ranges: Mapping[sp.Basic, Range]) -> Value:
    """The value with these indices as axes of its own, in front of those that SymPy sees.

    Along an index that it does not have, a value is repeated.
    """
    tensor = value.tensor
    names = tuple(axis for axis in value.axes if axis not in indices)
    labels = {axis: label for label, axis in enumerate(value.axes)}
    sizes = dict(enumerate(tensor.shape))
    for index in indices:
        if index not in labels:
            labels[index] = len(sizes)
            sizes[len(sizes)] = ranges[index][1]
    own = range(len(value.axes), tensor.rank)
    output = [*(labels[axis] for axis in (*names, *indices)), *own]
    axes = tuple(range(tensor.rank))
    result = contract(sp.S.One, (tensor,), (axes,), output, sizes, tensor.dtype)
    return Value(result, names)


Read = Callable[[sp.Basic], Value]


def select(
    value: Value,
    indices: Sequence[sp.Expr],
    ranges: Mapping[sp.Basic, Range],
    read: Read,
    what: str,
) -> Value:
    """Entries of a value: every axis that SymPy sees takes an index.

    An index of sizes alone is a position, ``a*k + b`` of one index ``k`` takes a run of the axis;
    any other one compares every position with it.

    Args:
        value: what is indexed.
        indices: an expression for each axis.
        ranges: the range of each index.
        read: the value of an index expression.
        what: how to name the entry in an error.

    Raises:
        ShapeError: for a wrong number of indices, and one that leaves its axis.
    """
    if len(indices) != value.rank:
        raise ShapeError(
            f"{what} has {len(indices)} indices for the {value.rank} axes of "
            f"{show_shape(value.shape)}"
        )
    tensor, lead = value.tensor, len(value.axes)
    runs: list[Run] = [(0, size, 1) for size in tensor.shape[:lead]]
    names: list[Any] = list(value.axes)
    compared: dict[sp.Basic, sp.Expr] = {}
    for axis, index in enumerate(map(sp.sympify, indices)):
        size = tensor.shape[lead + axis]
        moving = [symbol for symbol in _symbols(index) if symbol in ranges]
        run = _run(index, moving, ranges, size)
        if not moving:
            run, name = (_position(index, size, what), 1, 1), None
        elif run is not None:
            name = moving[0]
        else:
            run, name = (0, size, 1), sp.Dummy("position", integer=True)
            compared[name] = index
        runs.append(run)
        names.append(name)
    labels = {name: label for label, name in enumerate(dict.fromkeys(n for n in names if n))}
    numbers = [labels[name] if name else len(names) + place for place, name in enumerate(names)]
    taken = view(take_runs(tensor, tuple(runs)), numbers, list(labels.values()))
    result = Value(taken, tuple(labels))
    for position, index in compared.items():
        result = _where_equal(result, position, read(index))
    return result


def _where_equal(value: Value, position: sp.Basic, index: Value) -> Value:
    """The entries along an axis at the positions that an index takes."""
    size = value.tensor.shape[value.axes.index(position)]
    places = Value(creation.arange(size), (position,))
    (entry, place, wanted), axes = aligned([value, places, index])
    chosen = choice.where(choice.equal(place, wanted), entry, 0)
    axis = axes.index(position)
    return Value(total(chosen, axis), (*axes[:axis], *axes[axis + 1 :]))


def _run(
    index: sp.Expr, moving: Sequence[Any], ranges: Mapping[sp.Basic, Range], size: Dim
) -> Run | None:
    """The run of an axis that ``a*k + b`` takes; None for another index."""
    if len(moving) != 1:
        return None
    (symbol,) = moving
    step = sp.expand(index).coeff(symbol)
    rest = sp.expand(index - step * symbol)
    if not step.is_Integer or step == 0 or symbol in _symbols(rest):
        return None
    first, count = ranges[symbol]
    start = simplify_dim(sp.expand(step * sp.sympify(first) + rest))
    if is_one(size) and is_one(count):
        return 0, 1, 1
    return start, count, int(step)


def free_index(index: sp.Basic) -> ShapeError:
    """What is said of an index without a range."""
    return ShapeError(
        f"the index {index} is free and its range is not known: sum over it, pass "
        f"indices=({index},) to make it an axis of the result, or give it a range, Idx(i, n)"
    )


def _symbols(index: sp.Expr) -> list[sp.Basic]:
    """The indices in an index expression, in a fixed order."""
    found = set(index.atoms(sp.Idx)) | index.free_symbols
    labels = {label for i in index.atoms(sp.Idx) for label in i.args}
    return sorted(found - labels, key=str)


def _position(index: sp.Expr, size: Dim, what: str) -> Dim:
    """A fixed position, counted from the end where it is negative."""
    place = sp.sympify(size) + index if index.is_negative else index
    if place.is_negative or (sp.sympify(size) - 1 - place).is_negative:
        raise ShapeError(f"the index {index} of {what} is outside its axis of size {size}")
    if not is_dim_expression(place):
        raise free_index(_symbols(index)[0])
    return as_dim(simplify_dim(place))
