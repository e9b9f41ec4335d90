"""Differentials of reductions over axes, correct at zeros and at ties."""

from collections.abc import Iterator

import sympy as sp

from symflow.calculus.differential import Differential
from symflow.core.dims import product
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.ops.arithmetic import cast, divide
from symflow.ops.choice import equal, where
from symflow.ops.contraction import expand_dims
from symflow.ops.contraction import sum as total
from symflow.ops.creation import eye
from symflow.ops.reduction import MAX, MIN, PROD, prod
from symflow.ops.reshaping import reshape

Axes = tuple[int, ...]


def reduction() -> Iterator[Differential]:
    """Products and extremes."""
    yield Differential(
        PROD,
        lambda y, x, dx, axis: total(_others(x, axis) * dx, axis),
        "d(prod(x)) = sum(prod(x_j, j != i) * dx_i)",
    )
    yield Differential(
        MAX,
        lambda y, x, dx, axis: total(_where_equal(y, x, axis) * dx, axis),
        "d(max(x)) = sum((x == max(x)) * dx) / count(x == max(x))",
        "JAX shares the derivative equally among ties",
    )
    yield Differential(
        MIN,
        lambda y, x, dx, axis: total(_where_equal(y, x, axis) * dx, axis),
        "d(min(x)) = sum((x == min(x)) * dx) / count(x == min(x))",
        "JAX shares the derivative equally among ties",
    )


def _where_equal(y: Tensor, x: Tensor, axis: Axes) -> Tensor:
    """One at the extreme entries, shared equally among them."""
    hits = cast(equal(x, expand_dims(y, axis)), x.dtype)
    return divide(hits, total(hits, axis, keepdims=True))


def _others(x: Tensor, axis: Axes) -> Tensor:
    """For each entry the product of the others: no division, so zeros are harmless."""
    kept = [k for k in range(x.rank) if k not in axis]
    count = product(x.shape[k] for k in axis)
    last = _moved_last(x, kept, list(axis))
    rows = reshape(last, (*last.shape[: len(kept)], count))
    wide = (*rows.shape[:-1], count, count)
    labels = (*range(len(kept)), len(kept) + 1)
    repeated = contract(
        sp.S.One, (rows,), (labels,), range(len(wide)), dict(enumerate(wide)), x.dtype
    )
    own = equal(eye(count, dtype="int"), 1)
    left_out = prod(where(own, 1, repeated), -1)
    back = reshape(left_out, last.shape)
    order = [*kept, *axis]
    inverse = sorted(range(x.rank), key=order.__getitem__)
    return _moved_last(back, inverse, [])


def _moved_last(x: Tensor, kept: list[int], axis: list[int]) -> Tensor:
    sizes = dict(enumerate(x.shape))
    return contract(sp.S.One, (x,), (tuple(range(x.rank)),), [*kept, *axis], sizes, x.dtype)
