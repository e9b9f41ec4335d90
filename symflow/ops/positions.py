"""Where the extreme entries along an axis stand."""

from typing import Any

from symflow.core import dtypes
from symflow.core.apply import apply
from symflow.core.convert import as_tensor
from symflow.core.dims import Shape, normalise_axis, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DTypeError, ShapeError
from symflow.ops.choice import where
from symflow.ops.contraction import expand_dims
from symflow.ops.finite import isnan
from symflow.ops.records import no_out
from symflow.ops.reduction import all as every
from symflow.ops.reshaping import ravel


def _without_axis(operands: Operands, params: Params) -> Shape:
    (axis,) = params[0]
    shape: Shape = operands[0].shape
    if shape[axis] == 0:
        raise ShapeError(
            f"no entry along axis {axis} of {show_shape(shape)} is the extreme one: it is empty"
        )
    return (*shape[:axis], *shape[axis + 1 :])


def _position(name: str, latex: str) -> Operation:
    return Operation(
        name=name,
        family="positions",
        arity=1,
        shape=_without_axis,
        dtype=lambda operands, params: "int",
        parameters=("axis",),
        facts=frozenset({"reduction", "nonnegative", "integer"}),
        piecewise_constant=True,
        latex=latex,
    )


ARGMAX = _position("argmax", r"\operatorname{arg\,max}")
ARGMIN = _position("argmin", r"\operatorname{arg\,min}")


def argmax(
    a: Any, axis: int | None = None, out: None = None, keepdims: bool | None = None
) -> Tensor:
    """The position of the largest entry, of several the first (``numpy.argmax``).

    Args:
        a: a tensor of real numbers; NaN counts as largest.
        axis: an axis; None for all entries as one vector.
        out: not supported.
        keepdims: keep the axis (or all of them) with size 1.

    Raises:
        ShapeError: along an axis of size 0.
        DTypeError: for complex numbers.

    >>> from symflow.core import matrix
    >>> argmax(matrix("A", "m", "n"), axis=1)
    argmax(A, axis=1)
    """
    return _found(ARGMAX, a, axis, out, keepdims)


def argmin(
    a: Any, axis: int | None = None, out: None = None, keepdims: bool | None = None
) -> Tensor:
    """The position of the smallest entry; as :func:`argmax`."""
    return _found(ARGMIN, a, axis, out, keepdims)


def nanargmax(
    a: Any, axis: int | None = None, out: None = None, keepdims: bool | None = None
) -> Tensor:
    """The position of the largest entry that is a number, -1 where none is; see :func:`argmax`."""
    return _among_numbers(ARGMAX, -float("inf"), a, axis, out, keepdims)


def nanargmin(
    a: Any, axis: int | None = None, out: None = None, keepdims: bool | None = None
) -> Tensor:
    """The position of the smallest entry that is a number, -1 where none is; see :func:`argmax`."""
    return _among_numbers(ARGMIN, float("inf"), a, axis, out, keepdims)


def _found(
    operation: Operation, a: Any, axis: int | None, out: None, keepdims: bool | None
) -> Tensor:
    no_out(out)
    node = as_tensor(a)
    if dtypes.kind(node.dtype) == "complex":
        raise DTypeError(f"{operation.name} takes real numbers: complex ones have no order")
    if axis is None:
        line = node if node.rank == 1 else ravel(node)
        result = apply(operation, (line,), ((0,),))
        return expand_dims(result, tuple(range(node.rank))) if keepdims and node.shape else result
    place = normalise_axis(axis, node.rank)
    result = apply(operation, (node,), ((place,),))
    return expand_dims(result, place) if keepdims else result


def _among_numbers(
    operation: Operation,
    filling: float,
    a: Any,
    axis: int | None,
    out: None,
    keepdims: bool | None,
) -> Tensor:
    node = as_tensor(a)
    if dtypes.kind(node.dtype) in ("bool", "int"):
        return _found(operation, node, axis, out, keepdims)
    missing = isnan(node)
    place = _found(operation, where(missing, filling, node), axis, out, keepdims)
    return where(every(missing, axis, keepdims=bool(keepdims)), -1, place)
