"""Entries at positions that an integer tensor tells, and their adjoints.

Indices of one shape ``S`` address adjacent axes of a tensor jointly, from axis ``start`` on:
``gather(x, i, j)[..., s, ...] = x[..., i[s], j[s], ...]``.  Negative positions count from the end,
as in NumPy; positions outside of an axis are the caller's mistake, of which backends make what they
do (JAX takes the nearest entry and writes nothing).
"""

from collections.abc import Callable, Sequence

import numpy as np
import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant
from symflow.core.apply import Apply, apply
from symflow.core.dims import Dim, Shape, is_one, same_shape, show_shape
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.core.variable import Constant, Variable
from symflow.errors import DTypeError, RankError, ShapeError
from symflow.ops.creation import IOTA

_LINEAR = frozenset({"linear"})


def _indices_shape(indices: Sequence[Tensor]) -> Shape:
    """The one shape of the indices."""
    first: Shape = indices[0].shape
    for index in indices:
        if dtypes.kind(index.dtype) != "int":
            raise DTypeError(f"positions are integers, got a tensor of dtype {index.dtype}")
        if not same_shape(index.shape, first):
            shapes = ", ".join(show_shape(index.shape) for index in indices)
            raise ShapeError(f"indices of axes that are addressed jointly have one shape: {shapes}")
    return first


def _addressed(x: Tensor, indices: Sequence[Tensor], start: int) -> tuple[Shape, Shape, Shape]:
    """The axes before, the axes addressed, the axes after."""
    stop = start + len(indices)
    if not 0 <= start <= stop <= x.rank:
        raise RankError(
            f"{len(indices)} indices from axis {start} on do not fit a tensor of shape "
            f"{show_shape(x.shape)}"
        )
    sizes = x.shape[start:stop]
    for axis, (index, size) in enumerate(zip(indices, sizes, strict=True), start):
        _check_positions(index, size, f"axis {axis} of {show_shape(x.shape)}")
    return x.shape[:start], sizes, x.shape[stop:]


def _check_positions(index: Tensor, size: Dim, where: str) -> None:
    """Raise where positions are known to leave an axis."""
    if not isinstance(index, Constant) or not isinstance(size, int) or index.array.size == 0:
        return
    least, largest = int(index.array.min()), int(index.array.max())
    if least < -size or largest >= size:
        position = least if least < -size else largest
        raise ShapeError(f"position {position} is out of range for {where}")


def gather_shape(operands: Operands, params: Params) -> Shape:
    """The axes before, those of the positions, the axes after."""
    x, *indices = operands
    shape = _indices_shape(indices)
    before, _, after = _addressed(x, indices, params[0])
    return (*before, *shape, *after)


def _scatter_shape(operands: Operands, params: Params) -> Shape:
    values, *indices = operands
    start, sizes = params
    shape = _indices_shape(indices)
    stop = start + len(shape)
    if len(indices) != len(sizes) or not same_shape(values.shape[start:stop], shape):
        raise ShapeError(
            f"values of shape {show_shape(values.shape)} do not fit positions of shape "
            f"{show_shape(shape)} from axis {start} on"
        )
    for index, size in zip(indices, sizes, strict=True):
        _check_positions(index, size, f"an axis of size {size}")
    return (*values.shape[:start], *sizes, *values.shape[stop:])


def first_dtype(operands: Operands, params: Params) -> str:
    """The data type of the first operand."""
    return str(operands[0].dtype)


def _level(x: Tensor) -> sp.Expr | None:
    """The number that all entries of a tensor are, where it is one."""
    if isinstance(x, Einsum) and not x.operands and len(set(x.output)) == len(x.output):
        return x.coefficient
    return None


def _gather_normal(operands: Operands, params: Params) -> Tensor | None:
    x, *indices = operands
    level = _level(x)
    if level is not None:
        return constant(level, gather_shape(operands, params), x.dtype)
    free = _free(indices)
    if not free:
        return None
    (start,) = params
    shape = gather_shape(operands, params)
    thin = apply(GATHER, (x, *(_one_of(index, free) for index in indices)), params)
    kept = tuple(axis for axis in range(len(shape)) if axis - start not in free)
    return contract(sp.S.One, (thin,), (kept,), range(len(shape)), dict(enumerate(shape)), x.dtype)


def _scatter_normal(operands: Operands, params: Params) -> Tensor | None:
    values, *indices = operands
    if _level(values) == 0:
        return constant(sp.S.Zero, _scatter_shape(operands, params), values.dtype)
    free = _free(indices)
    if not free:
        return None
    _scatter_shape(operands, params)
    total = _summed(values, {params[0] + axis for axis in free})
    return apply(SCATTER, (total, *(_one_of(index, free) for index in indices)), params)


def _free(indices: Sequence[Tensor]) -> set[int]:
    """The axes of the positions along which none of them varies."""
    first = indices[0].shape
    if any(not same_shape(index.shape, first) for index in indices):
        return set()
    varying = {axis for index in indices for axis in _varying(index)}
    return set(range(len(first))) - varying


def _varying(index: Tensor) -> set[int]:
    """The axes along which a tensor may vary."""
    axes = {k for k, size in enumerate(index.shape) if not is_one(size)}
    if isinstance(index, Einsum):
        held = {label for labels in index.subscripts for label in labels}
        repeated = {label for label in index.output if index.output.count(label) > 1}
        axes &= {k for k, label in enumerate(index.output) if label in held | repeated}
    return axes


def _one_of(index: Tensor, axes: set[int]) -> Tensor:
    """Positions that do not vary along some axes, without these."""
    kept = [axis for axis in range(index.rank) if axis not in axes]
    if not isinstance(index, Einsum):
        return _summed(index, axes)  # of axes of size 1
    output = tuple(index.output[axis] for axis in kept)
    held = {label for labels in index.subscripts for label in labels}
    gone = {index.output[axis] for axis in axes} - held
    sizes = {label: size for label, size in enumerate(index.sizes) if label not in gone}
    return contract(index.coefficient, index.operands, index.subscripts, output, sizes, index.dtype)


def _summed(x: Tensor, axes: set[int]) -> Tensor:
    kept = [axis for axis in range(x.rank) if axis not in axes]
    labels = tuple(range(x.rank))
    return contract(sp.S.One, (x,), (labels,), kept, dict(enumerate(x.shape)), x.dtype)


# ------------------------------------------------------------------------------ batching


def _moved(x: Tensor, source: int, target: int) -> Tensor:
    """An axis moved to another place."""
    order = list(range(x.rank))
    order.insert(target, order.pop(source))
    sizes = dict(enumerate(x.shape))
    return contract(sp.S.One, (x,), (tuple(range(x.rank)),), order, sizes, x.dtype)


def _wide(x: Tensor, size: Dim) -> Tensor:
    """The same tensor for each example."""
    labels = tuple(range(1, x.rank + 1))
    sizes = {0: size, **dict(enumerate(x.shape, 1))}
    return contract(sp.S.One, (x,), (labels,), (0, *labels), sizes, x.dtype)


def jointly_batched(tensors: int) -> Callable[..., Tensor]:
    """The rule of a record whose first operands, so many, hold entries, and the others positions.

    Where positions differ between examples, the number of the example is one position more.
    """

    def rule(node: Apply, operands: Sequence[Tensor], flags: Sequence[bool], size: Dim) -> Tensor:
        start, *rest = node.params
        batch = [x if flag else _wide(x, size) for x, flag in zip(operands, flags, strict=True)]
        if not any(flags[tensors:]):
            indices = node.operands[tensors:]
            return apply(node.operation, (*batch[:tensors], *indices), (start + 1, *rest))
        positions = batch[tensors:]
        shape = positions[0].shape
        own = contract(
            sp.S.One,
            (apply(IOTA, (), (size,)),),
            ((0,),),
            range(len(shape)),
            dict(enumerate(shape)),
            "int",
        )
        inner = [_moved(x, 0, start) for x in batch[:tensors]]
        params = (start, (size, *rest[0])) if rest else (start,)
        return _moved(apply(node.operation, (*inner, own, *positions), params), start, 0)

    return rule


# ------------------------------------------------------------------------------- records

GATHER = Operation(
    name="gather",
    family="gathering",
    arity=None,
    shape=gather_shape,
    dtype=first_dtype,
    parameters=("start",),
    facts=_LINEAR,
    normal=_gather_normal,
    flops=0,
    batching=jointly_batched(1),
)
SCATTER = Operation(
    name="scatter",
    family="gathering",
    arity=None,
    shape=_scatter_shape,
    dtype=first_dtype,
    parameters=("start", "sizes"),
    facts=_LINEAR,
    normal=_scatter_normal,
    flops=1,
    batching=jointly_batched(1),
)


def gather(x: Tensor, indices: Sequence[Tensor], start: int = 0) -> Tensor:
    """The entries of ``x`` at joint positions of its axes from ``start`` on.

    >>> from symflow.core import matrix, tensor
    >>> gather(matrix("A", "n", 3), [tensor("i", 5, dtype="int")]).shape
    (5, 3)
    """
    return apply(GATHER, (x, *indices), (start,))


def scatter(values: Tensor, indices: Sequence[Tensor], sizes: Shape, start: int = 0) -> Tensor:
    """Zeros with values added at joint positions of new axes from ``start`` on.

    The adjoint of :func:`gather`: ``<g, gather(x, i)> = <scatter(g, i), x>``.
    """
    return apply(SCATTER, (values, *indices), (start, tuple(sizes)))


def distinct(indices: Sequence[Tensor]) -> bool:
    """Whether no two positions are known to be the same; those of both signs may be."""
    shape = indices[0].shape
    if all(isinstance(index, Constant) for index in indices):
        rows = np.stack([index.array.ravel() for index in indices], axis=1)
        one_sign = (rows >= 0).all(axis=0) | (rows < 0).all(axis=0)  # -1 may be n - 1
        return len(rows) < 2 or (bool(one_sign.all()) and len(np.unique(rows, axis=0)) == len(rows))
    permutes = (isinstance(x, Variable) and "permutation" in x.properties for x in indices)
    if len(shape) == 1 and any(permutes):
        return True
    units = {axis for axis, size in enumerate(shape) if isinstance(size, int) and size == 1}
    return units | {axis for index in indices for axis in _counted(index)} == set(range(len(shape)))


def _counted(index: Tensor) -> tuple[int, ...]:
    """The axis along which an index is 0, 1, 2, ..., where it is."""
    if isinstance(index, Apply) and index.operation is IOTA:
        return (0,)
    if not isinstance(index, Einsum) or len(index.operands) != 1 or index.coefficient != 1:
        return ()
    (inner,), (labels,) = index.operands, index.subscripts
    if not isinstance(inner, Apply) or inner.operation is not IOTA:
        return ()
    return (index.output.index(labels[0]),) if index.output.count(labels[0]) == 1 else ()
