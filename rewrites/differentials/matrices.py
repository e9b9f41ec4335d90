"""Differentials of singular values, triangular factors, pseudoinverse, exponential and root.

Sources: M. Giles, "Collected matrix derivative results" (2008); J. Townsend, "Differentiating the
singular value decomposition" (2016); G. Golub and V. Pereyra, "The differentiation of
pseudo-inverses" (1973); N. J. Higham, "Functions of Matrices" (2008).
"""

from collections.abc import Iterator
from typing import Any

from rewrites.differentials.linalg import adjoint
from symflow.calculus.differential import Adjoint, Differential
from symflow.core import dtypes
from symflow.core.apply import Apply, apply
from symflow.core.dims import Dim, same, show_shape
from symflow.core.einsum import Einsum
from symflow.core.node import Tensor
from symflow.errors import DifferentialError
from symflow.ops.arithmetic import broadcast_to, divide, reciprocal, sqrt
from symflow.ops.choice import equal, where
from symflow.ops.complex import real
from symflow.ops.contraction import diagonal, expand_dims, matmul, matrix_transpose
from symflow.ops.creation import eye, tril, triu, zeros_like
from symflow.ops.factorisations import LU, LU_FACTOR, SVD, lu_parts, svd, symmetric_part
from symflow.ops.linalg import eigh, inv
from symflow.ops.matrix_functions import EXPM, EXPM_FRECHET, PINV, SQRTM, twice
from symflow.ops.products import CROSS
from symflow.ops.solving import SOLVE_SYLVESTER
from symflow.ops.special_matrices import BLOCK_DIAG, block_runs
from symflow.ops.structure import concatenate, place, take_runs


def matrices() -> Iterator[Differential]:
    """Factorisations and functions of matrices; batched over leading axes."""
    yield Differential(
        SVD,
        _svd,
        "d(s) = diag(Z), d(U) = U @ (F * (Z * s + s * Z.T)) + (I - U @ U.T) @ dA @ V / s, "
        "Z = U.T @ dA @ V, F_ij = 1 / (s_j**2 - s_i**2)",
        "Giles 2008, section 3.2; Townsend 2016",
    )
    yield Differential(
        LU,
        _lu,
        "d(L) = X - L @ triu(inv(L) @ X), d(U) = triu(inv(L) @ X) @ U, X = P.T @ dA @ inv(U)",
        "S. F. Walter, L. Lehmann, R. Lamour 2012; pivots as constants",
    )
    yield Differential(
        LU_FACTOR,
        lambda y, a, da, output: zeros_like(y) if output else _packed(a, da),
        "d(lu) = d(L) + d(U)",
        "S. F. Walter, L. Lehmann, R. Lamour 2012; pivots as constants",
    )
    yield Differential(
        PINV,
        _pinv,
        "d(P) = -P @ dA @ P + P @ P.T @ dA.T @ (I - A @ P) + (I - P @ A) @ dA.T @ P.T @ P",
        "Golub & Pereyra 1973, theorem 4.3",
    )
    yield Differential(
        EXPM,
        lambda y, a, da: apply(EXPM_FRECHET, (a, da)),
        "d(expm(A)) = L(A, dA), the upper right block of expm([[A, dA], [0, A]])",
        "Higham 2008, theorem 3.6 and section 10.2",
    )
    yield Differential(
        SQRTM,
        _root,
        "d(R) = V @ ((V.T @ dA @ V) / (r_i + r_j)) @ V.T, which solves R @ dR + dR @ R = dA",
        "Higham 2008, section 6.1",
    )


def linear_matrices() -> Iterator[Adjoint]:
    """Functions linear in one or all of their operands."""
    yield Adjoint(
        EXPM_FRECHET,
        _frechet_forward,
        _frechet_backward,
        "<G, L(A, E)> = <L(A.T, G), E>",
    )
    yield Adjoint(
        SOLVE_SYLVESTER,
        _sylvester_forward,
        _sylvester_backward,
        "<G, X> = <Y, C> where A @ X + X @ B = C and A.T @ Y + Y @ B.T = G",
    )
    yield Adjoint(
        BLOCK_DIAG,
        lambda node, tangents: apply(BLOCK_DIAG, tangents),
        _blocks_backward,
        "<G, block_diag(A, B)> = <G[:m, :n], A> + <G[m:, n:], B>",
    )
    yield Adjoint(CROSS, _cross_forward, _cross_backward, "<g, a x b> = <b x g, a> = <g x a, b>")


# --------------------------------------------------------------------------- factorisations


def real_only(a: Tensor, what: str) -> None:
    """Refuse complex matrices where a law needs their conjugate.

    Raises:
        DifferentialError: for a complex matrix.
    """
    if dtypes.kind(a.dtype) == "complex":
        raise DifferentialError(f"the derivative of {what} of complex matrices is not supported")


def _svd(y: Tensor, a: Tensor, da: Tensor, full_matrices: Any, output: int) -> Tensor:
    if output != 1:
        real_only(a, "singular vectors")
    if 0 in a.shape:
        return zeros_like(y)
    u, s, vh = svd(a, full_matrices=False)
    square = same(*a.shape[-2:])
    if full_matrices and output != 1 and not square:
        raise DifferentialError(
            f"the singular vectors of a matrix {show_shape(a.shape)} beyond its singular values "
            "are not determined by it, and have no derivative: use full_matrices=False"
        )
    ut, v = adjoint(u), adjoint(vh)
    z = matmul(matmul(ut, da), v)
    if output == 1:
        return real(diagonal(z, 0, -2, -1))
    lines, columns = expand_dims(s, -2), expand_dims(s, -1)
    gaps = (lines + columns) * (lines - columns)
    inverse_gaps = _reciprocal_off_diagonal(gaps)
    if output == 0:
        scaled = lines * z
        inner = matmul(u, inverse_gaps * (scaled + matrix_transpose(scaled)))
        moved = matmul(da, v)
        return inner if square else inner + (moved - matmul(u, matmul(ut, moved))) / lines
    scaled = columns * z
    inner = matmul(v, inverse_gaps * (scaled + matrix_transpose(scaled)))
    if not square:
        moved = matmul(matrix_transpose(da), u)
        inner = inner + (moved - matmul(v, matmul(vh, moved))) / lines
    return matrix_transpose(inner)


def _reciprocal_off_diagonal(gaps: Tensor) -> Tensor:
    """``1 / gaps`` with zeros on the diagonal."""
    own = broadcast_to(equal(eye(gaps.shape[-1], dtype="int"), 1), gaps.shape)
    return where(own, 0, reciprocal(where(own, 1, gaps)))


def _lu(y: Tensor, a: Tensor, da: Tensor, output: int) -> Tensor:
    if output == 0:
        return zeros_like(y)
    p, lower, upper = lu_parts(a)
    return _lu_differentials(matmul(matrix_transpose(p), da), lower, upper)[output - 1]


def _lu_differentials(pda: Tensor, lower: Tensor, upper: Tensor) -> tuple[Tensor, Tensor]:
    """``dL`` and ``dU`` from the differential of ``P.T @ A``."""
    rows, columns = lower.shape[-2], upper.shape[-1]
    least = lower.shape[-1]
    if same(columns, least):
        x = matmul(pda, inv(upper))
        top = triu(matmul(inv(_first(lower, -2, least)), _first(x, -2, least)))
        return x - matmul(lower, top), matmul(top, upper)
    if same(rows, least):
        x = matmul(inv(lower), pda)
        low = tril(matmul(_first(x, -1, least), inv(_first(upper, -1, least))), -1)
        return matmul(lower, low), x - matmul(low, upper)
    raise DifferentialError(
        f"the derivative of the LU factors of a matrix ({rows}, {columns}) needs to know which "
        "size is smaller"
    )


def _packed(a: Tensor, da: Tensor) -> Tensor:
    p, lower, upper = lu_parts(a)
    below, above = _lu_differentials(matmul(matrix_transpose(p), da), lower, upper)
    rows, columns, least = lower.shape[-2], upper.shape[-1], lower.shape[-1]
    return _widened(below, -1, columns - least) + _widened(above, -2, rows - least)


def _first(x: Tensor, axis: int, count: Dim) -> Tensor:
    """The first entries along an axis."""
    if same(x.shape[axis], count):
        return x
    runs = [(0, size, 1) for size in x.shape]
    runs[axis] = (0, count, 1)
    return take_runs(x, tuple(runs))


def _widened(x: Tensor, axis: int, count: Dim) -> Tensor:
    """Zeros added at the end of an axis."""
    if same(count, 0):
        return x
    shape = list(x.shape)
    shape[axis] = shape[axis] + count
    return place(x, tuple((0, size, 1) for size in x.shape), tuple(shape))


# ------------------------------------------------------------------------- matrix functions


def _pinv(p: Tensor, a: Tensor, da: Tensor, rtol: Any) -> Tensor:
    pt, dat = adjoint(p), adjoint(da)
    right = matmul(matmul(p, pt), dat)
    left = matmul(matmul(dat, pt), p)
    whole = right - matmul(matmul(right, a), p) + left - matmul(p, matmul(a, left))
    return whole - matmul(matmul(p, da), p)


def _root(y: Tensor, a: Tensor, da: Tensor) -> Tensor:
    real_only(a, "the square root")
    values, vectors = eigh(a)
    roots = sqrt(values)
    inner = matmul(matmul(matrix_transpose(vectors), symmetric_part(da)), vectors)
    sums = expand_dims(roots, -1) + expand_dims(roots, -2)
    return matmul(matmul(vectors, divide(inner, sums)), matrix_transpose(vectors))


def _frechet_forward(node: Apply, tangents: tuple[Tensor, ...]) -> Tensor:
    (a, e), (da, de) = node.operands, tangents
    first = apply(EXPM_FRECHET, (a, de))
    if is_zero(da):
        return first
    second = apply(EXPM_FRECHET, (twice(a, e), twice(da, zeros_like(da))))
    n = a.shape[-1]
    moved = _quarter(second, n, 0, 1)
    return moved if is_zero(de) else moved + first


def _quarter(x: Tensor, half: Dim, row: int, column: int) -> Tensor:
    """One of the four blocks of stacked matrices."""
    lead = tuple((0, size, 1) for size in x.shape[:-2])
    return take_runs(x, (*lead, (row * half, half, 1), (column * half, half, 1)))


def _frechet_backward(node: Apply, position: int, g: Tensor, extra: int) -> Tensor:
    a, e = node.operands
    riding = g.shape[:extra]
    if position == 1:
        return apply(EXPM_FRECHET, (_riding(matrix_transpose(a), riding), g))
    zero = zeros_like(g)
    corner = concatenate([concatenate([zero, g], -1), concatenate([zero, zero], -1)], -2)
    whole = apply(EXPM_FRECHET, (_riding(matrix_transpose(twice(a, e)), riding), corner))
    n = a.shape[-1]
    return _quarter(whole, n, 0, 0) + _quarter(whole, n, 1, 1)


def _riding(x: Tensor, sizes: tuple[Dim, ...]) -> Tensor:
    """The same for all entries of the axes that ride along in a sweep."""
    return broadcast_to(x, (*sizes, *x.shape)) if sizes else x


# ------------------------------------------------------------------- linear in their operands


def is_zero(x: Tensor) -> bool:
    """Whether a tangent is known to vanish."""
    return isinstance(x, Einsum) and x.coefficient == 0


def _sylvester_forward(x: Apply, tangents: tuple[Tensor, ...]) -> Tensor:
    a, b, _ = x.operands
    da, db, dc = tangents
    right = dc
    if not is_zero(da):
        right = right - matmul(da, x)
    if not is_zero(db):
        right = right - matmul(x, db)
    return apply(SOLVE_SYLVESTER, (a, b, right))


def _sylvester_backward(x: Apply, position: int, g: Tensor, extra: int) -> Tensor:
    a, b = (_riding(matrix_transpose(m), g.shape[:extra]) for m in x.operands[:2])
    dual = apply(SOLVE_SYLVESTER, (a, b, g))
    if position == 2:
        return dual
    xt = matrix_transpose(x)
    return -(matmul(dual, xt) if position == 0 else matmul(xt, dual))


def _blocks_backward(node: Apply, position: int, g: Tensor, extra: int) -> Tensor:
    riding = tuple((0, size, 1) for size in g.shape[:extra])
    return take_runs(g, (*riding, *block_runs(node.operands, position)))


def _cross_forward(node: Apply, tangents: tuple[Tensor, ...]) -> Tensor:
    (a, b), (da, db) = node.operands, tangents
    if is_zero(da):
        return apply(CROSS, (a, db))
    first = apply(CROSS, (da, b))
    return first if is_zero(db) else first + apply(CROSS, (a, db))


def _cross_backward(node: Apply, position: int, g: Tensor, extra: int) -> Tensor:
    a, b = (_riding(x, g.shape[:extra]) for x in node.operands)
    return apply(CROSS, (b, g) if position == 0 else (g, a))
