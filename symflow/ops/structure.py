"""Index maps: slices and their adjoint, concatenation, flips. Each is linear in its operands.

A run ``(start, size, step)`` names the positions ``start, start + step, ...`` of an axis.  The
adjoint of taking runs out of a tensor is placing them into zeros, and the other way round.
"""

from typing import Any

import sympy as sp

from symflow.core.apply import Apply, apply
from symflow.core.convert import as_tensor
from symflow.core.dims import (
    Dim,
    Shape,
    normalise_axis,
    same,
    same_shape,
    show_shape,
    simplify_dim,
)
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import RankError, ShapeError
from symflow.ops.arithmetic import convert
from symflow.ops.records import promoted
from symflow.ops.reshaping import reshape

Run = tuple[Dim, Dim, int]
_LINEAR = frozenset({"linear"})


def _whole(run: Run, size: Dim) -> bool:
    return run[2] == 1 and run[0] == 0 and same(run[1], size)


def _slice_shape(operands: Operands, params: Params) -> Shape:
    return tuple(run[1] for run in params[0])


def _slice_normal(operands: Operands, params: Params) -> Tensor | None:
    (x,), (runs,) = operands, params
    if all(_whole(run, size) for run, size in zip(runs, x.shape, strict=True)):
        return x  # type: ignore[no-any-return]
    if isinstance(x, Apply) and x.operation is SLICE:
        inner = x.params[0]
        both = tuple(_composed(a, b) for a, b in zip(inner, runs, strict=True))
        return apply(SLICE, x.operands, (both,))
    if isinstance(x, Einsum) and not x.operands and len(set(x.output)) == len(x.output):
        sizes = {label: run[1] for label, run in enumerate(runs)}
        return contract(x.coefficient, (), (), tuple(sizes), sizes, x.dtype)
    return None


def _composed(inner: Run, outer: Run) -> Run:
    start = simplify_dim(sp.sympify(inner[0] + outer[0] * inner[2]))
    return start, outer[1], inner[2] * outer[2]


SLICE = Operation(
    name="slice",
    family="structure",
    arity=1,
    shape=_slice_shape,
    dtype=promoted,
    parameters=("runs",),
    facts=_LINEAR,
    normal=_slice_normal,
    flops=0,
)


def _place_shape(operands: Operands, params: Params) -> Shape:
    shape: Shape = params[1]
    return shape


def _place_normal(operands: Operands, params: Params) -> Tensor | None:
    (x,), (runs, shape) = operands, params
    whole = all(_whole(run, size) for run, size in zip(runs, shape, strict=True))
    return x if whole and same_shape(x.shape, shape) else None


PLACE = Operation(
    name="place",
    family="structure",
    arity=1,
    shape=_place_shape,
    dtype=promoted,
    parameters=("runs", "shape"),
    facts=_LINEAR,
    normal=_place_normal,
    flops=0,
)


def _concatenate_shape(operands: Operands, params: Params) -> Shape:
    axis = params[0]
    first = operands[0].shape
    total: Dim = 0
    for number, operand in enumerate(operands):
        rest = operand.shape[:axis] + operand.shape[axis + 1 :]
        if not same_shape(rest, first[:axis] + first[axis + 1 :]):
            raise ShapeError(
                f"concatenate along axis {axis}: operand {number} has shape "
                f"{show_shape(operand.shape)}, operand 0 has {show_shape(first)}; "
                "all other axes must agree"
            )
        total = total + operand.shape[axis]
    return (*first[:axis], simplify_dim(total), *first[axis + 1 :])


CONCATENATE = Operation(
    name="concatenate",
    family="structure",
    arity=None,
    shape=_concatenate_shape,
    dtype=promoted,
    parameters=("axis",),
    facts=_LINEAR,
    normal=lambda operands, params: operands[0] if len(operands) == 1 else None,
    flops=0,
)


def take_runs(x: Tensor, runs: tuple[Run, ...]) -> Tensor:
    """The entries of ``x`` at a run of positions in every axis."""
    return apply(SLICE, (x,), (runs,))


def place(x: Tensor, runs: tuple[Run, ...], shape: Shape) -> Tensor:
    """Zeros of a shape with ``x`` at a run of positions in every axis: the adjoint of a slice."""
    return apply(PLACE, (x,), (tuple(runs), tuple(shape)))


def concatenate(arrays: Any, axis: int | None = 0) -> Tensor:
    """Tensors joined along an axis (``numpy.concatenate``).

    Raises:
        ShapeError: when the other axes differ, naming the operand.
    """
    nodes = convert(tuple(arrays))
    if axis is None:
        nodes = [reshape(node, -1) for node in nodes]
        axis = 0
    if any(node.rank != nodes[0].rank or not node.shape for node in nodes):
        shapes = ", ".join(show_shape(node.shape) for node in nodes)
        raise RankError(f"concatenate takes tensors of one rank of at least 1, got {shapes}")
    return apply(CONCATENATE, tuple(nodes), (normalise_axis(axis, nodes[0].rank),))


def stack(arrays: Any, axis: int = 0) -> Tensor:
    """Tensors of one shape joined along a new axis (``numpy.stack``)."""
    nodes = convert(tuple(arrays))
    for number, node in enumerate(nodes):
        if not same_shape(node.shape, nodes[0].shape):
            raise ShapeError(
                f"stack: operand {number} has shape {show_shape(node.shape)}, "
                f"operand 0 has {show_shape(nodes[0].shape)}"
            )
    place_ = normalise_axis(axis, nodes[0].rank + 1)
    shape = nodes[0].shape
    wide = (*shape[:place_], 1, *shape[place_:])
    return concatenate([reshape(node, wide) for node in nodes], place_)


def getitem(x: Any, index: Any) -> Tensor:
    """Basic indexing: integers, slices, ``...`` and ``None``.

    Raises:
        ShapeError: for an index out of range or too many indices.
    """
    node = as_tensor(x)
    entries = _expanded(index if isinstance(index, tuple) else (index,), node)
    runs: list[Run] = []
    sizes: dict[int, Dim] = {}
    labels: list[int] = []
    output: list[int] = []
    axis = 0
    for entry in entries:
        label = len(sizes)
        if entry is None:
            sizes[label] = 1
            output.append(label)
            continue
        size = node.shape[axis]
        run = _run_of_slice(entry, size) if isinstance(entry, slice) else _one(entry, size, axis)
        runs.append(run)
        sizes[label] = run[1]
        labels.append(label)
        if isinstance(entry, slice):
            output.append(label)
        axis += 1
    taken = take_runs(node, tuple(runs))
    return contract(sp.S.One, (taken,), (tuple(labels),), output, sizes, node.dtype)


def _expanded(index: tuple[Any, ...], node: Tensor) -> list[Any]:
    given = sum(1 for entry in index if entry is not None and entry is not Ellipsis)
    if given > node.rank:
        raise ShapeError(f"{given} indices for a tensor of rank {node.rank}")
    if sum(1 for entry in index if entry is Ellipsis) > 1:
        raise ShapeError("an index holds at most one ellipsis")
    fill = [slice(None)] * (node.rank - given)
    entries: list[Any] = []
    for entry in index:
        entries.extend(fill if entry is Ellipsis else [entry])
    return entries if Ellipsis in index else entries + fill


def _one(entry: Any, size: Dim, axis: int) -> Run:
    if isinstance(entry, sp.Expr) and not isinstance(entry, Tensor) and entry.is_integer:
        return simplify_dim(entry), 1, 1
    if isinstance(entry, (bool, Tensor)) or not hasattr(entry, "__index__"):
        raise ShapeError(
            f"axis {axis} is indexed by {entry!r:.60}; basic indexing takes integers, slices, "
            "None and ..."
        )
    position = int(entry.__index__())
    if isinstance(size, int) and not -size <= position < size:
        raise ShapeError(f"index {position} is out of range for axis {axis} of size {size}")
    return (position if position >= 0 else simplify_dim(size + position)), 1, 1


def _run_of_slice(entry: slice, size: Dim) -> Run:
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

    def bound(value: Any, default: Dim) -> Dim:
        if value is None:
            return default
        number = simplify_dim(sp.sympify(value))
        if isinstance(number, int) and number < 0:
            return simplify_dim(size + number)
        return number

    if step < 0:
        if entry.start is not None or entry.stop is not None:
            raise ShapeError("a negative step over a symbolic size takes no bounds: x[::-1]")
        count = sp.ceiling(sp.sympify(size) / -step) if step != -1 else size
        return simplify_dim(size - 1), simplify_dim(count), step
    start, stop = bound(entry.start, 0), bound(entry.stop, size)
    length = sp.sympify(stop - start)
    if step != 1:
        length = sp.ceiling(length / step)
    if length.is_negative:
        return 0, 0, 1
    return start, simplify_dim(length), step


def flip(x: Any, axis: Any = None) -> Tensor:
    """``x`` with the order along some or all axes reversed."""
    node = as_tensor(x)
    chosen = range(node.rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = {normalise_axis(a, node.rank) for a in chosen}
    return getitem(
        node, tuple(slice(None, None, -1 if k in axes else None) for k in range(node.rank))
    )
