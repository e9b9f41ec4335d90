"""Sorting and searching along an axis.

The values of a sort are differentiable: they are the entries in another order. Positions are
piecewise constant.
"""

from collections.abc import Sequence
from operator import index
from typing import Any

from symflow.core import dtypes
from symflow.core.apply import Apply, apply
from symflow.core.convert import as_tensor
from symflow.core.dims import Dim, normalise_axis, same_shape, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DomainError, DTypeError, RankError, ShapeError
from symflow.ops.arithmetic import broadcast_to, cast, convert, subtract
from symflow.ops.choice import greater_equal, less, less_equal, where
from symflow.ops.contraction import expand_dims
from symflow.ops.contraction import sum as total
from symflow.ops.creation import zeros_like
from symflow.ops.indexing import getitem
from symflow.ops.records import promoted
from symflow.ops.reshaping import ravel
from symflow.ops.structure import concatenate, flip, take_runs
from symflow.ops.taking import put_along_axis, take_along_axis


def _integers(operands: Operands, params: Params) -> str:
    return "int"


SORT = Operation(
    name="sort",
    family="sorting",
    arity=1,
    shape=lambda operands, params: operands[0].shape,
    dtype=promoted,
    parameters=("axis",),
    flops=20,
)
ARGSORT = Operation(
    name="argsort",
    family="sorting",
    arity=1,
    shape=lambda operands, params: operands[0].shape,
    dtype=_integers,
    parameters=("axis",),
    facts=frozenset({"integer", "nonnegative"}),
    piecewise_constant=True,
    flops=20,
    code={"numpy": "np.argsort({0}, axis={axis}, kind='stable')"},
)


def _searched_shape(operands: Operands, params: Params) -> Any:
    sorted_, values = operands
    if sorted_.rank != 1:
        raise RankError(
            f"searchsorted looks in a sorted vector, got shape {show_shape(sorted_.shape)}"
        )
    return values.shape


def _searched_many(
    node: Apply, operands: Sequence[Tensor], flags: Sequence[bool], size: Dim
) -> Tensor:
    """Values of many examples in one vector; in many vectors, the smaller entries are counted."""
    line, values = operands
    if not flags[0]:
        return apply(SEARCHSORTED, (line, values), node.params)
    wide = values if flags[1] else broadcast_to(values, (size, *values.shape))
    column = expand_dims(wide, -1)
    lines = expand_dims(line, tuple(range(1, wide.rank)))
    before = less if node.params[0] == "left" else less_equal
    return cast(total(cast(before(lines, column), "int"), -1), "int32")


SEARCHSORTED = Operation(
    name="searchsorted",
    family="sorting",
    arity=2,
    shape=_searched_shape,
    dtype=lambda operands, params: "int32",  # as JAX gives it, whatever the precision
    parameters=("side",),
    defaults={"side": "left"},
    facts=frozenset({"integer", "nonnegative"}),
    piecewise_constant=True,
    flops=20,
    inputs="same",
    code={
        "jax": "jnp.searchsorted({0}, {1}, side={side})",
        "numpy": "np.searchsorted({0}, {1}, side={side}).astype(np.int32)",
    },
    batching=_searched_many,
)


def _ordered(a: Any) -> Tensor:
    node = as_tensor(a)
    if dtypes.kind(node.dtype) == "complex":
        raise DTypeError("complex numbers have no order; sort their parts or absolute values")
    return node


def _along(a: Any, axis: int | None) -> tuple[Tensor, int]:
    node = _ordered(a)
    if axis is None:
        return ravel(node), 0
    return node, normalise_axis(axis, node.rank)


def sort(
    a: Any, axis: int | None = -1, *, kind: None = None, order: None = None,
    stable: bool = True, descending: bool = False,
) -> Tensor:  # fmt: skip
    """The entries along an axis in ascending or descending order (``jax.numpy.sort``).

    ``axis=None`` sorts all entries as one vector.  The derivative moves with the entries.

    >>> from symflow.core import matrix
    >>> sort(matrix("A", "n", 3), axis=0).shape
    (n, 3)
    """
    _no_kind(kind, order)
    node, place = _along(a, axis)
    result = apply(SORT, (node,), ((place,),))
    return flip(result, place) if descending else result


def argsort(
    a: Any, axis: int | None = -1, *, kind: None = None, order: None = None,
    stable: bool = True, descending: bool = False,
) -> Tensor:  # fmt: skip
    """The positions that sort the entries along an axis (``jax.numpy.argsort``), ties in order."""
    _no_kind(kind, order)
    node, place = _along(a, axis)
    if not descending:
        return apply(ARGSORT, (node,), ((place,),))
    backward = apply(ARGSORT, (flip(node, place),), ((place,),))
    return subtract(subtract(node.shape[place], 1), flip(backward, place))


def _no_kind(kind: object, order: object) -> None:
    if kind is not None or order is not None:
        raise TypeError("sorting is stable and takes no 'kind' or 'order'")


def lexsort(keys: Any, axis: int = -1) -> Tensor:
    """The positions that sort by several keys, the last one first (``numpy.lexsort``)."""
    lines = [_ordered(key) for key in keys]
    if not lines or any(not same_shape(line.shape, lines[0].shape) for line in lines):
        raise ShapeError("lexsort takes at least one key, all of one shape")
    order = argsort(lines[0], axis)
    for line in lines[1:]:
        order = take_along_axis(order, argsort(take_along_axis(line, order, axis), axis), axis)
    return order


def _split(a: Any, kth: int, axis: int) -> tuple[Tensor, int, Dim]:
    place = index(axis)  # of all entries as one vector there is none, as in JAX
    node, place = _along(a, place)
    size = node.shape[place]
    number = int(kth)
    if isinstance(size, int) and not -size <= number < size:
        raise ShapeError(f"kth={number} is out of range for axis {place} of size {size}")
    return node, place, number if number >= 0 else size + number


def _piece(x: Tensor, axis: int, start: Dim, stop: Dim) -> Tensor:
    runs = [(0, size, 1) for size in x.shape]
    runs[axis] = (start, stop - start, 1)
    return take_runs(x, tuple(runs))


def partition(a: Any, kth: int, axis: int = -1) -> Tensor:
    """Entries with the ``kth`` smallest in its place, none larger before it (``jax.numpy``).

    As in JAX, those before stand in ascending and those behind in descending order.
    """
    node, place, number = _split(a, kth, axis)
    ascending = sort(node, place)
    head = _piece(ascending, place, 0, number + 1)
    tail = _piece(ascending, place, number + 1, node.shape[place])
    return concatenate([head, flip(tail, place)], place)


def argpartition(a: Any, kth: int, axis: int = -1) -> Tensor:
    """The positions of :func:`partition`, those behind in order (``jax.numpy.argpartition``)."""
    node, place, number = _split(a, kth, axis)
    head = _piece(argsort(node, place), place, 0, number + 1)
    taken = put_along_axis(zeros_like(node, "int"), head, 1, place, inplace=False)
    tail = _piece(argsort(taken, place), place, 0, node.shape[place] - number - 1)
    return cast(concatenate([head, tail], place), "int32")


def searchsorted(
    a: Any, v: Any, side: str = "left", sorter: Any = None, *, method: str = "scan"
) -> Tensor:
    """Where values fit into a sorted vector (``jax.numpy.searchsorted``), as int32.

    Raises:
        RankError: when ``a`` is no vector.
    """
    if side not in ("left", "right"):
        raise TypeError(f"side is 'left' or 'right', got {side!r}")
    if method not in ("scan", "scan_unrolled", "sort", "compare_all", "default"):
        raise TypeError(f"method {method!r} of searchsorted is not known")
    line, values = convert([a, v])
    if sorter is not None:
        line = getitem(line, as_tensor(sorter))
    return apply(SEARCHSORTED, (_ordered(line), _ordered(values)), (side,))


def digitize(x: Any, bins: Any, right: bool = False, *, method: str | None = None) -> Tensor:
    """The numbers of the bins of values; edges increase or decrease (``jax.numpy.digitize``).

    Raises:
        RankError: when ``bins`` is no vector.
    """
    edges = as_tensor(bins)
    if edges.rank != 1:
        raise RankError(f"digitize takes a vector of edges, got shape {show_shape(edges.shape)}")
    if method not in (None, "scan", "scan_unrolled", "sort", "compare_all"):
        raise DomainError(f"digitize: there is no method {method!r}")
    side = "left" if right else "right"
    found = searchsorted(edges, x, side=side)
    if edges.shape[0] in (0, 1):
        return found
    down = subtract(edges.shape[0], searchsorted(flip(edges), x, side=side))
    return where(greater_equal(edges[-1], edges[0]), found, down)
