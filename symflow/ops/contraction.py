"""Products, sums over axes, transposes, diagonals: constructors of contractions."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant, scaled
from symflow.core.convert import as_tensor, number
from symflow.core.dims import (
    Dim,
    Shape,
    broadcast,
    is_one,
    normalise_axes,
    normalise_axis,
    product,
    same,
    show_shape,
    simplify_dim,
)
from symflow.core.einsum import contract
from symflow.core.labels import Labels
from symflow.core.node import Tensor
from symflow.errors import RankError, ShapeError
from symflow.ops import choice
from symflow.ops.arithmetic import (
    add,
    astype,
    broadcast_to,
    cast,
    convert,
    divide,
    multiply,
    subtract,
)
from symflow.ops.complex import conj
from symflow.ops.records import no_out
from symflow.ops.reshaping import ravel, reshape
from symflow.ops.structure import Run, place, take_runs
from symflow.ops.subscripts import code, in_text, label_sizes, parsed


def view(x: Tensor, labels: Sequence[int], output: Sequence[int]) -> Tensor:
    """One operand with its axes renamed, summed, repeated or dropped."""
    sizes = dict(zip(labels, x.shape, strict=True))
    return contract(sp.S.One, (x,), (tuple(labels),), output, sizes, x.dtype)


def einsum(
    subscripts: Any,
    /,
    *operands: Any,
    out: None = None,
    optimize: Any = "auto",
    precision: Any = None,
    preferred_element_type: Any = None,
) -> Tensor:
    """``numpy.einsum``; ``...`` stands for broadcast axes.

    Args:
        subscripts: text as ``"ij,jk->ik"``; or the first operand, followed by the list of its
            labels (integers), the other operands with theirs, and the labels of the result.
        operands: tensors.
        out: not supported, as everything is new.
        optimize: how a product is computed, which is decided when a program is lowered.
        precision: likewise.
        preferred_element_type: data type of the result.

    Raises:
        ShapeError: when a label has two sizes, or a subscript does not fit its operand.
        RankError: when an operand has another rank than its subscripts.
    """
    no_out(out)
    if not isinstance(subscripts, str):
        subscripts, operands = in_text((subscripts, *operands))
    tensors = convert(operands)
    inputs, output = parsed(subscripts, tensors)
    sizes = label_sizes(inputs, tensors)
    fresh = count(max(sizes, default=0) + 0x110000)
    resolved: list[Labels] = []
    for names, node in zip(inputs, tensors, strict=True):
        labels = []
        for name, size in zip(names, node.shape, strict=True):
            label = code(name)
            if is_one(size) and not is_one(sizes[label]):  # an axis of size 1 is repeated
                label = next(fresh)
                sizes[label] = 1
            labels.append(label)
        resolved.append(tuple(labels))
    missing = [name for name in output if code(name) not in sizes]
    if missing:
        raise ShapeError(f"einsum output label {missing[0]!r} is in no operand ({subscripts!r})")
    made = contract(
        sp.S.One, tensors, resolved, [code(name) for name in output], sizes, tensors[0].dtype
    )
    return made if preferred_element_type is None else astype(made, preferred_element_type)


def matmul(a: Any, b: Any) -> Tensor:
    """The matrix product ``a @ b``, batched over leading axes (``numpy.matmul``).

    Raises:
        RankError: for a scalar operand: use ``*``.
        ShapeError: when the contracted sizes differ.
    """
    a, b = convert((a, b))
    if not a.shape or not b.shape:
        raise RankError(
            f"@ takes vectors, matrices or stacks of them, got shapes {show_shape(a.shape)} and "
            f"{show_shape(b.shape)}; scale with *"
        )
    inner_a, inner_b = a.shape[-1], b.shape[-2 if b.rank > 1 else -1]
    if not same(inner_a, inner_b):
        raise ShapeError(
            f"cannot multiply shapes {show_shape(a.shape)} @ {show_shape(b.shape)}: the last axis "
            f"of the left ({inner_a}) and axis {-2 if b.rank > 1 else -1} of the right "
            f"({inner_b}) must agree" + _transpose_hint(a, b)
        )
    batch = broadcast(a.shape[:-2], b.shape[:-2])
    sizes: dict[int, Dim] = dict(enumerate(batch))
    k = len(batch)
    sizes[k + 1] = inner_a
    labels_a = [*_batch_labels(a.shape[:-2], batch, sizes)]
    labels_b = [*_batch_labels(b.shape[:-2], batch, sizes)]
    output = list(range(k))
    if a.rank > 1:
        labels_a.append(k)
        sizes[k] = a.shape[-2]
        output.append(k)
    labels_a.append(k + 1)
    labels_b.append(k + 1)
    if b.rank > 1:
        labels_b.append(k + 2)
        sizes[k + 2] = b.shape[-1]
        output.append(k + 2)
    return contract(sp.S.One, (a, b), (tuple(labels_a), tuple(labels_b)), output, sizes, a.dtype)


def _transpose_hint(a: Tensor, b: Tensor) -> str:
    if a.rank == 2 and same(a.shape[0], b.shape[-2 if b.rank > 1 else -1]):
        return "; did you mean x.T @ y?"
    if b.rank == 2 and same(a.shape[-1], b.shape[-1]):
        return "; did you mean x @ y.T?"
    return ""


def _batch_labels(shape: Shape, batch: Shape, sizes: dict[int, Dim]) -> list[int]:
    offset = len(batch) - len(shape)
    labels = []
    for axis, size in enumerate(shape):
        if is_one(size) and not is_one(batch[offset + axis]):
            fresh = max(sizes, default=0) + 1000
            sizes[fresh] = 1
            labels.append(fresh)
        else:
            labels.append(offset + axis)
    return labels


def dot(a: Any, b: Any) -> Tensor:
    """``numpy.dot``: the last axis of ``a`` with the second to last (or only) one of ``b``."""
    a, b = convert((a, b))
    if not a.shape or not b.shape:
        return multiply(a, b)
    return tensordot(a, b, axes=((a.rank - 1,), (max(b.rank - 2, 0),)))


def inner(a: Any, b: Any) -> Tensor:
    """``numpy.inner``: the last axes of both contracted."""
    a, b = convert((a, b))
    if not a.shape or not b.shape:
        return multiply(a, b)
    return tensordot(a, b, axes=((a.rank - 1,), (b.rank - 1,)))


def vdot(a: Any, b: Any) -> Tensor:
    """The sum of products of all entries, the first conjugated (``numpy.vdot``)."""
    a, b = convert((a, b))
    return tensordot(ravel(conj(a)), ravel(b), axes=1)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Tensor:
    """``numpy.tensordot``: contraction over the given axes of both.

    Raises:
        ShapeError: when paired axes have different sizes.
    """
    a, b = convert((a, b))
    left, right = _paired_axes(a, b, axes)
    labels_a = list(range(a.rank))
    labels_b = list(range(a.rank, a.rank + b.rank))
    for p, q in zip(left, right, strict=True):
        if not same(a.shape[p], b.shape[q]):
            raise ShapeError(
                f"tensordot: axis {p} of {show_shape(a.shape)} has size {a.shape[p]}, "
                f"axis {q} of {show_shape(b.shape)} has size {b.shape[q]}"
            )
        labels_b[q] = labels_a[p]
    sizes = dict(zip(labels_b, b.shape, strict=True)) | dict(zip(labels_a, a.shape, strict=True))
    output = [n for k, n in enumerate(labels_a) if k not in left]
    output += [n for k, n in enumerate(labels_b) if k not in right]
    return contract(sp.S.One, (a, b), (tuple(labels_a), tuple(labels_b)), output, sizes, a.dtype)


def _paired_axes(a: Tensor, b: Tensor, axes: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes that tensordot contracts, from a count or from two lists."""
    if isinstance(axes, int):
        if not 0 <= axes <= min(a.rank, b.rank):
            raise ShapeError(f"tensordot over {axes} axes of tensors of rank {a.rank} and {b.rank}")
        return tuple(range(a.rank - axes, a.rank)), tuple(range(axes))
    given = [(e,) if isinstance(e, int) else tuple(e) for e in axes]
    if len(given) != 2 or len(given[0]) != len(given[1]):
        raise ShapeError(f"tensordot takes two lists of equally many axes, got {axes}")
    left = tuple(normalise_axis(axis, a.rank) for axis in given[0])
    right = tuple(normalise_axis(axis, b.rank) for axis in given[1])
    if len(set(left)) != len(left) or len(set(right)) != len(right):
        raise ShapeError(f"tensordot contracts each axis once, got {axes}")
    return left, right


def outer(a: Any, b: Any) -> Tensor:
    """The outer product of two tensors taken as vectors (``numpy.outer``)."""
    a, b = convert((a, b))
    return tensordot(ravel(a), ravel(b), axes=0)


def kron(a: Any, b: Any) -> Tensor:
    """The Kronecker product (``numpy.kron``), any ranks."""
    a, b = convert((a, b))
    rank = max(a.rank, b.rank)
    a = reshape(a, (1,) * (rank - a.rank) + a.shape)
    b = reshape(b, (1,) * (rank - b.rank) + b.shape)
    pairs = tensordot(a, b, axes=0)
    order = [axis for k in range(rank) for axis in (k, rank + k)]
    shape = tuple(p * q for p, q in zip(a.shape, b.shape, strict=True))
    return reshape(transpose(pairs, order), shape)


def transpose(a: Any, axes: Sequence[int] | None = None) -> Tensor:
    """``a`` with its axes reversed, or in the given order (``numpy.transpose``)."""
    node = as_tensor(a)
    order = range(node.rank - 1, -1, -1) if axes is None else axes
    chosen = [normalise_axis(axis, node.rank) for axis in order]
    if sorted(chosen) != list(range(node.rank)):
        raise ShapeError(f"transpose takes each of {node.rank} axes once, got {tuple(order)}")
    return view(node, range(node.rank), chosen)


def matrix_transpose(x: Any) -> Tensor:
    """``x`` with its last two axes exchanged."""
    node = as_tensor(x)
    if node.rank < 2:
        raise RankError(f"the matrix transpose needs rank 2 or more, got {node.rank}")
    return swapaxes(node, -1, -2)


def swapaxes(a: Any, axis1: int, axis2: int) -> Tensor:
    """``a`` with two axes exchanged."""
    node = as_tensor(a)
    order = list(range(node.rank))
    first, second = normalise_axis(axis1, node.rank), normalise_axis(axis2, node.rank)
    order[first], order[second] = second, first
    return transpose(node, order)


def moveaxis(a: Any, source: Any, destination: Any) -> Tensor:
    """``a`` with axes moved to other places (``numpy.moveaxis``)."""
    node = as_tensor(a)
    start = list(source) if isinstance(source, (tuple, list)) else [source]
    stop = list(destination) if isinstance(destination, (tuple, list)) else [destination]
    moved = [normalise_axis(axis, node.rank) for axis in start]
    order = [axis for axis in range(node.rank) if axis not in moved]
    targets = [normalise_axis(axis, node.rank) for axis in stop]
    if not len(set(moved)) == len(moved) == len(targets) == len(set(targets)):
        raise ShapeError(f"moveaxis takes as many different axes on both sides: {start}, {stop}")
    for target, axis in sorted(zip(targets, moved, strict=True)):
        order.insert(target, axis)
    return transpose(node, order)


def expand_dims(a: Any, axis: Any) -> Tensor:
    """``a`` with axes of size 1 inserted."""
    node = as_tensor(a)
    several = axis if isinstance(axis, (tuple, list)) else (axis,)
    rank = node.rank + len(several)
    places = [normalise_axis(a, rank) for a in several]
    if len(set(places)) != len(places):
        raise ShapeError(f"axis {tuple(several)} names an axis twice")
    sizes = iter(node.shape)
    return reshape(node, tuple(1 if k in places else next(sizes) for k in range(rank)))


def squeeze(a: Any, axis: Any = None) -> Tensor:
    """``a`` without its axes of size 1 (or without the given ones).

    Raises:
        ShapeError: when a given axis has another size.
    """
    node = as_tensor(a)
    if axis is None:
        axes = tuple(k for k, size in enumerate(node.shape) if is_one(size))
    else:
        axes = normalise_axes(axis, node.rank)
    for k in axes:
        if not is_one(node.shape[k]):
            raise ShapeError(
                f"cannot squeeze axis {k} of {show_shape(node.shape)}: its size is not 1"
            )
    return view(node, range(node.rank), [k for k in range(node.rank) if k not in axes])


def sum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
    promote_integers: bool = True,
) -> Tensor:
    """The sum over all or some axes (``numpy.sum``); bools are counted.

    Args:
        a: what to sum.
        axis: None for all axes, or one, or several.
        dtype: the type in which to sum.
        out: not supported.
        keepdims: keep the summed axes with size 1.
        initial: added to the result.
        where: a condition; entries where it does not hold are left out.
        promote_integers: sum small integers as ``int``.

    >>> from symflow.core import matrix
    >>> sum(matrix("A", "m", "n"), axis=0).shape
    (n,)
    """
    no_out(out)
    node = as_tensor(a)
    own = dtypes.count_type if promote_integers else dtypes.at_least_int
    node = cast(node, own(node.dtype) if dtype is None else dtypes.canonical(dtype))
    if where is not None:
        node = choice.where(choice.condition(where), node, 0)
    total = _summed(node, normalise_axes(axis, node.rank), keepdims=keepdims)
    return total if initial is None else with_initial(add, total, initial)


def with_initial(combine: Callable[[Any, Any], Tensor], found: Tensor, initial: Any) -> Tensor:
    """A reduction combined with a first value, which takes its type, as in JAX.

    Raises:
        RankError: for a first value that is no scalar.
    """
    first = as_tensor(initial)
    if first.shape:
        raise RankError(f"initial is a scalar, got shape {show_shape(first.shape)}")
    result = combine(found, initial)
    return result if result.dtype == found.dtype else combine(found, astype(first, found.dtype))


def _summed(x: Tensor, axes: tuple[int, ...], *, keepdims: bool) -> Tensor:
    sizes: dict[int, Dim] = dict(enumerate(x.shape))
    output = []
    for k in range(x.rank):
        if k not in axes:
            output.append(k)
        elif keepdims:
            sizes[x.rank + k] = 1
            output.append(x.rank + k)
    return contract(sp.S.One, (x,), (tuple(range(x.rank)),), output, sizes, x.dtype)


def mean(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Any = None,
) -> Tensor:
    """The mean over all or some axes (``numpy.mean``); a symbolic size is taken as positive.

    Arguments as of :func:`sum`.
    """
    no_out(out)
    if dtype is not None:
        wanted = dtypes.canonical(dtype)
        if dtypes.kind(wanted) in ("bool", "int"):  # the division is one of floats
            found = mean(
                astype(a, dtypes.at_least_float(wanted)), axis, None, None, keepdims, where=where
            )
            return astype(found, wanted)
    node = convert((a,), "float")[0] if dtype is None else astype(a, dtype)
    axes = normalise_axes(axis, node.rank)
    total = sum(node, axes, keepdims=keepdims, where=where)
    return shared(total, node, axes, where)


def shared(
    total: Tensor, x: Tensor, axes: tuple[int, ...], where: Any = None, taken_off: Any = 0
) -> Tensor:
    """A total over the (chosen) entries of ``x`` along axes, divided by their number.

    A symbolic size is taken as positive; over no entries, or not more than are taken off, the
    result is NaN.
    """
    count = sp.sympify(product(x.shape[k] for k in axes))
    if count == 0:
        return constant(sp.nan, total.shape, total.dtype)
    if where is not None:
        kept = broadcast_to(choice.mask(choice.truth(where), total.dtype), x.shape)
        chosen = _summed(kept, axes, keepdims=total.rank == x.rank)
        left = subtract(chosen, taken_off) if taken_off else chosen
        share = divide(total, left)
        return choice.where(choice.greater(left, 0), share, sp.nan) if taken_off else share
    count = count - number(taken_off)
    if count.is_nonpositive:
        return constant(sp.nan, total.shape, total.dtype)
    return scaled(1 / count, total)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Tensor:
    """The sum of a diagonal (``numpy.trace``)."""
    return sum(diagonal(a, offset, axis1, axis2), -1, dtype)


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """A diagonal, as the last axis of the result (``numpy.diagonal``).

    Raises:
        RankError: for a tensor of rank 0 or 1.
        ShapeError: when the length of the diagonal of symbolic sizes is not decided.
    """
    node = as_tensor(a)
    if node.rank < 2:
        raise RankError(f"a diagonal needs rank 2 or more, got shape {show_shape(node.shape)}")
    row, column = normalise_axis(axis1, node.rank), normalise_axis(axis2, node.rank)
    if row == column:
        raise ShapeError("diagonal needs two different axes")
    if offset or not same(node.shape[row], node.shape[column]):
        node = _clipped(node, int(offset), row, column)
    rest = [k for k in range(node.rank) if k not in (row, column)]
    labels = [row if k == column else k for k in range(node.rank)]
    return view(node, labels, [*rest, row])


def _clipped(x: Tensor, offset: int, a: int, b: int) -> Tensor:
    """The square part of ``x`` whose main diagonal is the wanted one."""
    rows, columns = x.shape[a], x.shape[b]
    start_a, start_b = max(0, -offset), max(0, offset)
    left, right = rows - start_a, columns - start_b
    difference = sp.sympify(left) - sp.sympify(right)
    if difference.is_nonpositive:
        length: Dim = simplify_dim(left)
    elif difference.is_nonnegative:
        length = simplify_dim(right)
    else:
        raise ShapeError(
            f"the length of diagonal {offset} of sizes {rows} and {columns} is not decided"
        )
    if isinstance(length, int):
        length = max(0, length)
    runs: list[Run] = [(0, size, 1) for size in x.shape]
    runs[a], runs[b] = (start_a, length, 1), (start_b, length, 1)
    return take_runs(x, tuple(runs))


def diag(v: Any, k: int = 0) -> Tensor:
    """A matrix with ``v`` on diagonal ``k``, or diagonal ``k`` of a matrix (``numpy.diag``)."""
    node = as_tensor(v)
    if node.rank == 2:
        return diagonal(node, k)
    if node.rank != 1:
        raise RankError(f"diag takes a vector or a matrix, got shape {show_shape(node.shape)}")
    square = view(node, (0,), (0, 0))
    if k == 0:
        return square
    width = abs(int(k))
    rows, columns = (0, width) if k > 0 else (width, 0)
    size = node.shape[0]
    total = size + width
    return place(square, ((rows, size, 1), (columns, size, 1)), (total, total))
