"""Running sums, which are linear, and running products, correct at zeros."""

from collections.abc import Iterator

from symflow.calculus.differential import Adjoint, Differential
from symflow.core.apply import Apply
from symflow.core.node import Tensor
from symflow.ops.arithmetic import broadcast_to
from symflow.ops.choice import equal, where
from symflow.ops.contraction import expand_dims, moveaxis
from symflow.ops.contraction import sum as total
from symflow.ops.creation import eye, triu
from symflow.ops.cumulative import CUMPROD, CUMSUM, running
from symflow.ops.structure import flip


def cumulative() -> Iterator[Differential]:
    """The products of all factors but one, without a division."""
    yield Differential(
        CUMPROD,
        lambda y, x, dx, axis: _product(x, dx, axis[0]),
        "d(cumprod(x))_k = sum(prod(x_j, j <= k, j != i) * dx_i, i <= k)",
    )


def _product(x: Tensor, dx: Tensor, axis: int) -> Tensor:
    last, moving = moveaxis(x, axis, -1), moveaxis(dx, axis, -1)
    size = last.shape[-1]
    rows = broadcast_to(expand_dims(last, -2), (*last.shape[:-1], size, size))
    own = equal(eye(size, dtype="int"), 1)
    left_out = triu(running(CUMPROD, where(own, 1, rows), last.rank))
    return moveaxis(total(left_out * expand_dims(moving, -1), -2), -1, axis)


def added_up() -> Iterator[Adjoint]:
    """The adjoint of adding up from the start is adding up from the end."""
    yield Adjoint(
        CUMSUM,
        lambda node, tangents: running(CUMSUM, tangents[0], node.params[0][0]),
        _from_the_end,
        "<g, cumsum(x)> = <flip(cumsum(flip(g))), x>",
    )


def _from_the_end(node: Apply, place: int, cotangent: Tensor, extra: int) -> Tensor:
    axis = node.params[0][0] + extra
    return flip(running(CUMSUM, flip(cotangent, axis), axis), axis)
