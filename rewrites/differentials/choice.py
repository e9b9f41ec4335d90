"""Differentials of choices between entries; at a tie, JAX's convention."""

from collections.abc import Iterator
from typing import Any

from symflow.calculus.differential import Adjoint, Differential
from symflow.core.apply import Apply
from symflow.core.node import Tensor
from symflow.ops.arithmetic import broadcast_to
from symflow.ops.choice import MAXIMUM, MINIMUM, WHERE, heaviside, where


def choice() -> Iterator[Differential]:
    """At a tie of maximum and minimum each operand has half."""
    yield Differential(
        MAXIMUM,
        lambda z, x, y, dx, dy: heaviside(x - y, 0.5) * dx + heaviside(y - x, 0.5) * dy,
        "d(maximum(x, y)) = step(x - y) * dx + step(y - x) * dy",
    )
    yield Differential(
        MINIMUM,
        lambda z, x, y, dx, dy: heaviside(y - x, 0.5) * dx + heaviside(x - y, 0.5) * dy,
        "d(minimum(x, y)) = step(y - x) * dx + step(x - y) * dy",
    )


def chosen() -> Iterator[Adjoint]:
    """``where`` is linear in what it chooses between."""
    yield Adjoint(
        WHERE,
        lambda node, tangents: where(node.operands[0], tangents[1], tangents[2]),
        _where_backward,
        "<g, where(c, x, y)> = <where(c, g, 0), x> + <where(c, 0, g), y>",
    )


def _where_backward(node: Apply, place: int, cotangent: Tensor, extra: int) -> Any:
    if place == 0:
        return None
    condition = broadcast_to(node.operands[0], cotangent.shape)
    return where(condition, cotangent, 0) if place == 1 else where(condition, 0, cotangent)
