"""Tensors with some entries written over, multiplied or compared: what ``x.at[...]`` builds."""

from collections.abc import Sequence
from typing import Any

from symflow.core.apply import Apply, apply
from symflow.core.dims import Dim, Shape, same, same_shape, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import ShapeError
from symflow.ops.arithmetic import broadcast_to
from symflow.ops.gathering import first_dtype, gather_shape, jointly_batched
from symflow.ops.structure import SLICE


def _fitting(x: Tensor, values: Tensor, expected: Shape) -> Shape:
    if not same_shape(values.shape, expected):
        raise ShapeError(
            f"values of shape {show_shape(values.shape)} cannot be written to entries of shape "
            f"{show_shape(expected)}"
        )
    shape: Shape = x.shape
    return shape


def _slice_set_shape(operands: Operands, params: Params) -> Shape:
    x, values = operands
    return _fitting(x, values, SLICE.shape((x,), params))


def _slice_set_normal(operands: Operands, params: Params) -> Any:
    (x, values), (runs,) = operands, params
    whole = (
        start == 0 and step == 1 and same(count, size)
        for (start, count, step), size in zip(runs, x.shape, strict=True)
    )
    return values if all(whole) else None


def _slice_set_of_many(
    node: Apply, operands: Sequence[Tensor], flags: Sequence[bool], size: Dim
) -> Tensor:
    led = (
        x if flag else broadcast_to(x, (size, *x.shape))
        for x, flag in zip(operands, flags, strict=True)
    )
    return apply(SLICE_SET, tuple(led), (((0, size, 1), *node.params[0]),))


SLICE_SET = Operation(
    name="slice_set",
    family="updates",
    arity=2,
    shape=_slice_set_shape,
    dtype=first_dtype,
    parameters=("runs",),
    facts=frozenset({"linear"}),
    normal=_slice_set_normal,
    flops=0,
    batching=_slice_set_of_many,
)


def _update_shape(operands: Operands, params: Params) -> Shape:
    x, values, *indices = operands
    return _fitting(x, values, gather_shape((x, *indices), params))


def _update(name: str, **options: Any) -> Operation:
    return Operation(
        name=name,
        family="updates",
        arity=None,
        shape=_update_shape,
        dtype=first_dtype,
        parameters=("start",),
        flops=1,
        batching=jointly_batched(2),
        **options,
    )


SCATTER_SET = _update("scatter_set", facts=frozenset({"linear"}))
SCATTER_MUL = _update("scatter_mul")
SCATTER_MIN = _update("scatter_min")
SCATTER_MAX = _update("scatter_max")
