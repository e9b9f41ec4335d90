"""Entries at integer positions: looking up and adding into zeros are adjoint; writing over.

Positions do not vary: an integer tensor has no derivative.
"""

from collections.abc import Iterator, Sequence

from symflow.calculus.differential import Adjoint, Differential
from symflow.core.apply import Apply, apply
from symflow.core.dims import product
from symflow.core.node import Tensor
from symflow.errors import DifferentialError
from symflow.ops.arithmetic import broadcast_to, cast, divide, multiply
from symflow.ops.choice import equal
from symflow.ops.contraction import expand_dims
from symflow.ops.creation import full, iota, ones_like, zeros_like
from symflow.ops.gathering import GATHER, SCATTER, distinct, gather, scatter
from symflow.ops.reshaping import reshape
from symflow.ops.sorting import SORT, argsort
from symflow.ops.structure import take_runs
from symflow.ops.taking import take_along_axis
from symflow.ops.updates import SCATTER_MAX, SCATTER_MIN, SCATTER_MUL, SCATTER_SET, SLICE_SET

Tensors = Sequence[Tensor]


def gathering() -> Iterator[Adjoint]:
    """Linear maps of entries to positions that tensors tell."""
    yield Adjoint(GATHER, _first_varies, _gather_backward, "<g, x[i]> = <scatter(g, i), x>")
    yield Adjoint(SCATTER, _first_varies, _scatter_backward, "<g, scatter(x, i)> = <g[i], x>")
    yield Adjoint(
        SLICE_SET,
        _both_vary,
        _slice_set_backward,
        "<g, x.at[runs].set(v)> = <g.at[runs].set(0), x> + <g[runs], v>",
    )
    yield Adjoint(
        SCATTER_SET,
        _both_vary,
        _scatter_set_backward,
        "<g, x.at[i].set(v)> = <g.at[i].set(0), x> + <g[i], v>, of the values that were kept",
    )


def sorting() -> Iterator[Differential]:
    """Sorting moves entries; products and extremes at repeated positions."""
    yield Differential(
        SORT,
        lambda y, x, dx, axis: take_along_axis(dx, argsort(x, axis[0]), axis[0]),
        "d(sort(x)) = dx[argsort(x)]",
    )
    yield Differential(
        SCATTER_MUL,
        _multiplied,
        "d(x.at[i].mul(v)) = ones.at[i].mul(v) * dx + scatter(x[i] * dv, i), i without repetition",
    )
    for operation, name in ((SCATTER_MIN, "min"), (SCATTER_MAX, "max")):
        yield Differential(
            operation,
            _extreme,
            f"d(x.at[i].{name}(v)) is shared equally by the entries that attain it",
            "JAX shares the derivative equally among ties",
        )


# --------------------------------------------------------------------- looking up and adding


def _first_varies(node: Apply, tangents: tuple[Tensor, ...]) -> Tensor:
    return node.with_operands((tangents[0], *node.operands[1:]))


def _gather_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor | None:
    if position:
        return None
    x, *indices = node.operands
    (start,) = node.params
    sizes = x.shape[start : start + len(indices)]
    return scatter(cotangent, indices, sizes, start + extra)


def _scatter_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor | None:
    if position:
        return None
    return gather(cotangent, node.operands[1:], node.params[0] + extra)


# ------------------------------------------------------------------------------ writing over


def _both_vary(node: Apply, tangents: tuple[Tensor, ...]) -> Tensor:
    return node.with_operands((*tangents[:2], *node.operands[2:]))


def _slice_set_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor:
    runs = (*((0, size, 1) for size in cotangent.shape[:extra]), *node.params[0])
    if position:
        return take_runs(cotangent, runs)
    nothing = zeros_like(take_runs(cotangent, runs))
    return apply(SLICE_SET, (cotangent, nothing), (runs,))


def _scatter_set_backward(
    node: Apply, position: int, cotangent: Tensor, extra: int
) -> Tensor | None:
    _, _, *indices = node.operands
    start = node.params[0] + extra
    if position > 1:
        return None
    entries = gather(cotangent, indices, start)
    if position == 0:
        return apply(SCATTER_SET, (cotangent, zeros_like(entries), *indices), (start,))
    if distinct(indices):
        return entries
    return multiply(entries, _lined_up(_kept(node, indices), entries, start))


def _kept(node: Apply, indices: Tensors) -> Tensor:
    """One for the values that stand in the result, zero for those written over by another."""
    shape = indices[0].shape
    start = node.params[0]
    sizes = node.shape[start : start + len(indices)]
    numbers = reshape(iota(product(shape)), shape)
    board = apply(SCATTER_SET, (full(sizes, -1, "int"), numbers, *indices), (0,))
    return cast(equal(gather(board, indices), numbers), node.dtype)


def _lined_up(mask: Tensor, entries: Tensor, start: int) -> Tensor:
    """A tensor over the positions, as one over the entries."""
    behind = range(start + mask.rank, entries.rank)
    wide = expand_dims(mask, (*range(start), *behind)) if entries.rank > mask.rank else mask
    return broadcast_to(wide, entries.shape)


# ------------------------------------------------------------------ products and extremes


def _multiplied(y: Tensor, x: Tensor, v: Tensor, *rest: Tensor, start: int) -> Tensor:
    indices, (dx, dv) = rest[: len(rest) // 2 - 1], _tangents(rest)
    if not distinct(indices):
        raise DifferentialError(
            "x.at[i].multiply has a derivative where positions are known to differ: an array of "
            "known positions, a count, or a variable declared permutation=True"
        )
    factors = apply(SCATTER_MUL, (ones_like(x), v, *indices), (start,))
    sizes = x.shape[start : start + len(indices)]
    return factors * dx + scatter(gather(x, indices, start) * dv, indices, sizes, start)


def _tangents(rest: Tensors) -> tuple[Tensor, Tensor]:
    """Of ``i, ..., dx, dv, di, ...`` the second and third."""
    count = len(rest) // 2 - 1
    return rest[count], rest[count + 1]


def _extreme(y: Tensor, x: Tensor, v: Tensor, *rest: Tensor, start: int) -> Tensor:
    indices, (dx, dv) = rest[: len(rest) // 2 - 1], _tangents(rest)
    sizes = x.shape[start : start + len(indices)]
    own = cast(equal(x, y), x.dtype)
    given = cast(equal(v, gather(y, indices, start)), x.dtype)
    count = own + scatter(given, indices, sizes, start)
    return divide(own * dx + scatter(given * dv, indices, sizes, start), count)
