"""Index maps and casts: linear operations with their adjoints.

The adjoint of taking entries is placing them into zeros, and the other way round.
"""

from collections.abc import Iterator
from typing import Any

from symflow.calculus.differential import Adjoint
from symflow.core import dtypes
from symflow.core.apply import Apply, apply
from symflow.core.dims import Dim, Shape
from symflow.core.node import Tensor
from symflow.ops.arithmetic import CAST, cast
from symflow.ops.structure import CONCATENATE, PLACE, ROLL, SLICE, Run, place, take_runs


def structure() -> Iterator[Adjoint]:
    """Linear maps of entries to places."""
    yield Adjoint(CAST, _cast_forward, _cast_backward, "<g, cast(x)> = <cast(g), x>")
    yield Adjoint(SLICE, _same_map, _slice_backward, "<g, x[runs]> = <place(g, runs), x>")
    yield Adjoint(PLACE, _same_map, _place_backward, "<g, place(x, runs)> = <g[runs], x>")
    yield Adjoint(ROLL, _same_map, _roll_backward, "<g, roll(x, k)> = <roll(g, -k), x>")
    yield Adjoint(
        CONCATENATE,
        _same_map,
        _concatenate_backward,
        "<g, concatenate(x, y)> = <g[:n], x> + <g[n:], y>",
    )


def _same_map(node: Apply, tangents: tuple[Tensor, ...]) -> Tensor:
    return apply(node.operation, tangents, node.params)


def _cast_forward(node: Apply, tangents: tuple[Tensor, ...]) -> Tensor:
    return cast(tangents[0], dtypes.at_least_float(node.dtype))


def _smooth(dtype: str) -> bool:
    return dtypes.kind(dtype) in ("float", "complex")


def _cast_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Any:
    source = node.operands[0].dtype
    return cast(cotangent, source) if _smooth(source) and _smooth(node.dtype) else None


def _riding(cotangent: Tensor, extra: int) -> tuple[tuple[Run, ...], Shape]:
    sizes = cotangent.shape[:extra]
    return tuple((0, size, 1) for size in sizes), sizes


def _slice_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor:
    runs, sizes = _riding(cotangent, extra)
    return place(cotangent, runs + node.params[0], sizes + node.operands[0].shape)


def _place_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor:
    runs, _ = _riding(cotangent, extra)
    return take_runs(cotangent, runs + node.params[0])


def _roll_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor:
    shift, axis = node.params
    return apply(ROLL, (cotangent,), (-shift, axis + extra))


def _concatenate_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor:
    axis = node.params[0]
    start: Dim = 0
    for operand in node.operands[:position]:
        start = start + operand.shape[axis]
    runs, _ = _riding(cotangent, extra)
    inner: list[Run] = [(0, size, 1) for size in node.shape]
    inner[axis] = (start, node.operands[position].shape[axis], 1)
    return take_runs(cotangent, runs + tuple(inner))
