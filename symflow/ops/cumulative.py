"""Running sums and products along an axis."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant
from symflow.core.apply import apply
from symflow.core.convert import as_tensor
from symflow.core.dims import normalise_axis, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import RankError
from symflow.ops.arithmetic import cast
from symflow.ops.choice import truth, where
from symflow.ops.finite import isnan
from symflow.ops.records import no_out, promoted
from symflow.ops.reshaping import ravel
from symflow.ops.structure import concatenate


def _trivial(operands: Operands, params: Params) -> Tensor | None:
    """Along an axis of one entry (or none) nothing adds up."""
    (x,), ((axis,),) = operands, params
    size = x.shape[axis]
    return x if isinstance(size, int) and size <= 1 else None


def _running(name: str, latex: str, *facts: str) -> Operation:
    return Operation(
        name=name,
        family="cumulative",
        arity=1,
        shape=lambda operands, params: operands[0].shape,
        dtype=promoted,
        parameters=("axis",),
        facts=frozenset({"cumulative", *facts}),
        normal=_trivial,
        latex=latex,
    )


CUMSUM = _running("cumsum", r"\operatorname{cumsum}", "linear")
CUMPROD = _running("cumprod", r"\operatorname{cumprod}")


def running(operation: Operation, x: Tensor, axis: int) -> Tensor:
    """A running sum or product along an axis."""
    return apply(operation, (x,), ((axis,),))


def _converted(x: Tensor, dtype: Any) -> Tensor:
    """Bools are counted, all else keeps its type, as in JAX."""
    if dtype is None:
        return cast(x, dtypes.at_least_int(x.dtype))
    name = dtypes.canonical(dtype)
    return cast(truth(x), "int") if name == "bool" else cast(x, name)


def _along(operation: Operation, a: Any, axis: int | None, dtype: Any, out: None) -> Tensor:
    no_out(out)
    node = as_tensor(a)
    if axis is None or not node.shape:
        node = node if node.rank == 1 else ravel(node)
        axis = 0 if axis is None else axis
    place = normalise_axis(axis, node.rank)
    result = running(operation, _converted(node, dtype), place)
    return result if dtype is None else cast(result, dtypes.canonical(dtype))


def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Tensor:
    """The sums of the first 1, 2, 3 ... entries along an axis (``numpy.cumsum``).

    Args:
        a: what to add up; bools are counted.
        axis: an axis; None for all entries as one vector.
        dtype: the type in which to add.
        out: not supported.

    >>> from symflow.core import matrix
    >>> cumsum(matrix("A", "m", "n"), axis=0).shape
    (m, n)
    """
    return _along(CUMSUM, a, axis, dtype, out)


def cumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Tensor:
    """The products of the first 1, 2, 3 ... entries along an axis; see :func:`cumsum`."""
    return _along(CUMPROD, a, axis, dtype, out)


def nancumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Tensor:
    """Running sums that take NaN for 0 (``numpy.nancumsum``)."""
    return cumsum(numbers_or(a, 0), axis, dtype, out)


def nancumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Tensor:
    """Running products that take NaN for 1 (``numpy.nancumprod``)."""
    return cumprod(numbers_or(a, 1), axis, dtype, out)


def numbers_or(a: Any, filling: Any) -> Tensor:
    """A tensor with a number for NaN; integers have none."""
    node = as_tensor(a)
    if dtypes.kind(node.dtype) in ("bool", "int"):
        return node
    return where(isnan(node), filling, node)


def cumulative_sum(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Tensor:
    """Running sums, on demand from the empty one on (``numpy.cumulative_sum``).

    Args:
        x: what to add up; bools and small integers become ``int``.
        axis: an axis; needed for tensors of rank 2 or more.
        dtype: the type in which to add.
        include_initial: start with the sum of nothing.

    Raises:
        RankError: for a scalar, or for a tensor of rank 2 or more without an axis.
    """
    return _from_the_start(CUMSUM, x, axis, dtype, sp.S.Zero if include_initial else None)


def cumulative_prod(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Tensor:
    """Running products, on demand from the empty one on; see :func:`cumulative_sum`."""
    return _from_the_start(CUMPROD, x, axis, dtype, sp.S.One if include_initial else None)


def _from_the_start(
    operation: Operation, x: Any, axis: int | None, dtype: Any, initial: sp.Expr | None
) -> Tensor:
    node = as_tensor(x)
    if not node.shape or (axis is None and node.rank > 1):
        raise RankError(
            f"{operation.name.replace('cum', 'cumulative_')} takes a vector, or an axis of a "
            f"tensor; got shape {show_shape(node.shape)} and axis {axis}"
        )
    place = normalise_axis(0 if axis is None else axis, node.rank)
    wanted = dtypes.count_type(node.dtype) if dtype is None else dtype
    result = _along(operation, node, place, wanted, None)
    if initial is None:
        return result
    sizes = tuple(1 if k == place else size for k, size in enumerate(node.shape))
    return concatenate([constant(initial, sizes, result.dtype), result], place)
