"""Products with matrices of which only a band or a triangle of equal entries is not zero.

A product with a tridiagonal matrix takes three diagonals, one with a triangle of ones is a running
sum: ``O(n)`` operations for a vector instead of ``O(n^2)``.
"""

from collections.abc import Callable
from functools import partial

from rewrites.kernels import Applied, matrix_applied
from symflow.core import Apply, Einsum, Tensor
from symflow.core.dims import Dim, same, simplify_dim
from symflow.ops import facts
from symflow.ops.arithmetic import CAST, add, multiply
from symflow.ops.choice import WHERE
from symflow.ops.contraction import diagonal
from symflow.ops.cumulative import CUMSUM, running
from symflow.ops.facts_masks import least_difference
from symflow.ops.linalg import INV
from symflow.ops.structure import flip, place, take_runs
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory

_SMALL = 8
_NARROW = 128  # up to here a product with a matrix takes no longer than running sums
Hints = Callable[[Dim], float]


# ---------------------------------------------------------------------------- three diagonals


def three_diagonals(node: Einsum, hints: Hints, small: int) -> Tensor | None:
    """``T @ x`` with tridiagonal ``T``: ``d * x`` and the neighbours, each with its diagonal."""
    return matrix_applied(node, partial(_by_diagonals, hints, small))


def _by_diagonals(
    hints: Hints, small: int, matrix: Tensor, x: Tensor, *, turned: bool
) -> Applied | None:
    if isinstance(matrix, Apply) and matrix.operation is INV:
        return None
    have = facts.facts(matrix)
    size = matrix.shape[0]
    if "tridiagonal" not in have or "diagonal" in have or hints(size) <= small:
        return None
    offsets = [1] if "upper_triangular" in have else [-1]
    offsets = offsets if have & {"lower_triangular", "upper_triangular"} else [1, -1]

    def applied(x: Tensor, axis: int) -> Tensor:
        terms = [_scaled(diagonal(matrix, 0), x, axis)]
        for offset in offsets:
            line = diagonal(matrix, offset)
            terms.append(_neighbours(line, x, axis, below=(offset < 0) is not turned))
        return add(*terms)

    return applied


def _scaled(line: Tensor, x: Tensor, axis: int) -> Tensor:
    """A tensor times a vector along an axis."""
    labels = range(x.rank)
    return multiply(network.view(line, (axis,), labels, dict(enumerate(x.shape))), x)


def _neighbours(line: Tensor, x: Tensor, axis: int, *, below: bool) -> Tensor:
    """The entries before (below the diagonal) or after each, times a vector."""
    near = (0, 1) if below else (1, 0)
    taken = take_runs(x, _cut(x, axis, near[0]))
    return place(_scaled(line, taken, axis), _cut(x, axis, near[1]), x.shape)


def _cut(x: Tensor, axis: int, start: int) -> tuple[tuple[Dim, Dim, int], ...]:
    """All but the first or the last position along an axis."""
    runs: list[tuple[Dim, Dim, int]] = [(0, size, 1) for size in x.shape]
    runs[axis] = (start, simplify_dim(x.shape[axis] - 1), 1)
    return tuple(runs)


# ------------------------------------------------------------------------- triangles of ones


def running_sum(node: Einsum, hints: Hints) -> Tensor | None:
    """``tril(ones((n, n))) @ x = cumsum(x)``; from the other end for ``triu``."""
    return matrix_applied(node, partial(_by_sums, hints))


def _by_sums(hints: Hints, matrix: Tensor, x: Tensor, *, turned: bool) -> Applied | None:
    size = matrix.shape[0]
    if not same(*matrix.shape) or hints(size) <= (_SMALL if x.rank == 1 else _NARROW):
        return None
    found = _triangle(matrix)
    if found is None:
        return None
    sign, strict = found
    forward = (sign > 0) is not turned

    def applied(x: Tensor, axis: int) -> Tensor:
        if not forward:
            return flip(_summed(flip(x, axis), axis, strict=strict), axis)
        return _summed(x, axis, strict=strict)

    return applied


def _summed(x: Tensor, axis: int, *, strict: bool) -> Tensor:
    """The sums of the entries up to each, itself left out where strict."""
    if not strict:
        return running(CUMSUM, x, axis)
    before = running(CUMSUM, take_runs(x, _cut(x, axis, 0)), axis)
    return place(before, _cut(x, axis, 1), x.shape)


def _triangle(matrix: Tensor) -> tuple[int, bool] | None:
    """A triangle of ones: 1 for a lower, -1 for an upper one, and whether without diagonal."""
    if not isinstance(matrix, Apply) or matrix.operation not in (CAST, WHERE):
        return None
    bound = least_difference(matrix.operands[0])
    if bound is None:
        return None
    sign, least = bound
    if matrix.operation is WHERE:
        chosen, other = map(_level, matrix.operands[1:])
        if (chosen, other) == (0, 1):
            sign, least = -sign, 1 - least
        elif (chosen, other) != (1, 0):
            return None
    return (sign, least == 1) if least in (0, 1) else None


def _level(node: Tensor) -> int | None:
    """0 or 1 where all entries are."""
    if not isinstance(node, Einsum) or node.operands:
        return None
    if len(set(node.output)) < len(node.output) or node.coefficient not in (0, 1):
        return 0 if node.coefficient == 0 else None
    return int(node.coefficient)


def bands_at(hints: Hints, small: int = _SMALL) -> Theory:
    """The rules at estimates of sizes: up to a size matrices are multiplied with."""
    return Theory(
        "bands",
        __doc__ or "",
        (
            Procedure(
                "three-diagonals",
                partial(three_diagonals, hints=hints, small=small),
                ((Einsum, None),),
                law="T @ x = d * x + (u * x[1:], 0) + (0, l * x[:-1]) for tridiagonal T",
                asks=frozenset({"tridiagonal"}),
            ),
            Procedure(
                "running-sum",
                partial(running_sum, hints=hints),
                ((Einsum, CAST), (Einsum, WHERE)),
                law="tril(ones((n, n))) @ x = cumsum(x)",
            ),
        ),
    )
