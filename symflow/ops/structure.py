"""Index maps: slices and their adjoint, concatenation, flips. Each is linear in its operands.

A run ``(start, size, step)`` names the positions ``start, start + step, ...`` of an axis.  The
adjoint of taking runs out of a tensor is placing them into zeros, and the other way round.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import sympy as sp

from symflow.core.apply import Apply, apply
from symflow.core.convert import as_tensor
from symflow.core.dims import (
    Dim,
    Shape,
    normalise_axes,
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
from symflow.ops.arithmetic import astype, convert
from symflow.ops.records import no_out, promoted
from symflow.ops.reshaping import reshape

Run = tuple[Dim, Dim, int]
_LINEAR = frozenset({"linear"})


def _whole(run: Run, size: Dim) -> bool:
    return run[2] == 1 and run[0] == 0 and same(run[1], size)


def _slice_shape(operands: Operands, params: Params) -> Shape:
    shape = operands[0].shape
    for axis, (run, size) in enumerate(zip(params[0], shape, strict=True)):
        _check_run(run, size, partial(_where, axis, shape))
    return tuple(run[1] for run in params[0])


def _where(axis: int, shape: Shape) -> str:
    return f"axis {axis} of {show_shape(shape)}"


def _check_run(run: Run, size: Dim, where: Callable[[], str]) -> None:
    """Raise where a run is known to leave an axis, as after setting ``n`` to 2 in ``x[2:5]``."""
    start, length, step = run
    if length == 0:
        return
    for position in (start, start + (length - 1) * step):
        if type(position) is int and type(size) is int:
            if 0 <= position < size:
                continue
            raise ShapeError(f"position {position} is out of range for {where()}")
        before, after = sp.sympify(position), sp.sympify(size - 1 - position)
        if before.is_negative or after.is_negative:
            raise ShapeError(f"position {position} is out of range for {where()}")


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
    return _plain_run((start, outer[1], inner[2] * outer[2]))


def _slice_of_many(
    node: Apply, operands: Sequence[Tensor], flags: Sequence[bool], size: Dim
) -> Tensor:
    return apply(SLICE, tuple(operands), (((0, size, 1), *node.params[0]),))


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
    batching=_slice_of_many,
)


def _place_shape(operands: Operands, params: Params) -> Shape:
    shape: Shape = params[1]
    for axis, (run, size) in enumerate(zip(params[0], shape, strict=True)):
        _check_run(run, size, partial(_where, axis, shape))
    return shape


def _place_normal(operands: Operands, params: Params) -> Tensor | None:
    (x,), (runs, shape) = operands, params
    if not same_shape(x.shape, shape):
        return None
    pairs = list(zip(runs, shape, strict=True))
    if all(_whole(run, size) for run, size in pairs):
        whole: Tensor = x
        return whole
    turned = all(_whole(run, size) or (run[2] == -1 and same(run[1], size)) for run, size in pairs)
    return take_runs(x, runs) if turned else None


def _place_many(
    node: Apply, operands: Sequence[Tensor], flags: Sequence[bool], size: Dim
) -> Tensor:
    runs, shape = node.params
    return apply(PLACE, tuple(operands), (((0, size, 1), *runs), (size, *shape)))


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
    batching=_place_many,
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


def _roll_normal(operands: Operands, params: Params) -> Tensor | None:
    (x,), (shift, axis) = operands, params
    size = x.shape[axis]
    if isinstance(x, Apply) and x.operation is ROLL and x.params[1] == axis:
        both = simplify_dim(sp.sympify(shift + x.params[0]))
        return apply(ROLL, x.operands, (both, axis))
    if isinstance(size, int) and isinstance(shift, int) and size and not 0 <= shift < size:
        return apply(ROLL, operands, (shift % size, axis))
    return x if same(shift, 0) or same(shift, size) or (size in (0, 1)) else None


ROLL = Operation(
    name="roll",
    family="structure",
    arity=1,
    shape=lambda operands, params: operands[0].shape,
    dtype=promoted,
    parameters=("shift", "axis"),
    facts=_LINEAR,
    normal=_roll_normal,
    flops=0,
)


def take_runs(x: Tensor, runs: tuple[Run, ...]) -> Tensor:
    """The entries of ``x`` at a run of positions in every axis."""
    return apply(SLICE, (x,), (tuple(map(_plain_run, runs)),))


def _plain_run(run: Run) -> Run:
    """Runs of one or no entries have no direction, those of none no place."""
    start, size, step = run
    if size == 0:
        return 0, 0, 1
    return (start, size, 1) if size == 1 else (start, size, step)


def place(x: Tensor, runs: tuple[Run, ...], shape: Shape) -> Tensor:
    """Zeros of a shape with ``x`` at a run of positions in every axis: the adjoint of a slice."""
    return apply(PLACE, (x,), (tuple(runs), tuple(shape)))


def concatenate(arrays: Any, axis: int | None = 0, dtype: Any = None) -> Tensor:
    """Tensors joined along an axis, or as vectors for ``axis=None`` (``numpy.concatenate``).

    Raises:
        ShapeError: when the other axes differ, naming the operand.

    >>> from symflow.core import vector
    >>> concatenate([vector("x", "n"), vector("y", 2)]).shape
    (n + 2,)
    """
    nodes = _several(arrays, dtype)
    if axis is None:
        nodes = [reshape(node, -1) for node in nodes]
        axis = 0
    if any(node.rank != nodes[0].rank or not node.shape for node in nodes):
        shapes = ", ".join(show_shape(node.shape) for node in nodes)
        raise RankError(f"concatenate takes tensors of one rank of at least 1, got {shapes}")
    return apply(CONCATENATE, tuple(nodes), (normalise_axis(axis, nodes[0].rank),))


def _several(arrays: Any, dtype: Any) -> list[Tensor]:
    given = tuple(arrays)
    if not given:
        raise ShapeError("at least one tensor is needed to join")
    nodes = convert(given)
    return nodes if dtype is None else [astype(node, dtype) for node in nodes]


def stack(arrays: Any, axis: int = 0, out: None = None, dtype: Any = None) -> Tensor:
    """Tensors of one shape joined along a new axis (``numpy.stack``)."""
    no_out(out)
    nodes = _several(arrays, dtype)
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


def hstack(tup: Any, dtype: Any = None) -> Tensor:
    """Tensors joined along axis 1, vectors along axis 0 (``numpy.hstack``)."""
    nodes = [node if node.shape else reshape(node, 1) for node in _several(tup, dtype)]
    return concatenate(nodes, 0 if nodes[0].rank == 1 else 1)


def vstack(tup: Any, dtype: Any = None) -> Tensor:
    """Tensors joined along axis 0, vectors as rows (``numpy.vstack``)."""
    nodes = _several(tup, dtype)
    return concatenate([n if n.rank > 1 else reshape(n, (1, *(n.shape or (1,)))) for n in nodes])


def flip(m: Any, axis: Any = None) -> Tensor:
    """``m`` with the order along some or all axes reversed (``numpy.flip``)."""
    node = as_tensor(m)
    axes = normalise_axes(axis, node.rank)
    back = [(simplify_dim(size - 1), size, -1) for size in node.shape]
    runs = [back[k] if k in axes else (0, size, 1) for k, size in enumerate(node.shape)]
    return take_runs(node, tuple(runs))
