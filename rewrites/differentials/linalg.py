"""Differentials of matrix functions.

Sources: Magnus & Neudecker, "Matrix Differential Calculus" (3rd ed., 2007), chapters 8 and 9;
K. B. Petersen and M. S. Pedersen, "The Matrix Cookbook" (2012), section 2; M. Giles, "Collected
matrix derivative results for forward and reverse mode algorithmic differentiation" (2008);
I. Murray, "Differentiation of the Cholesky decomposition" (2016).
"""

from collections.abc import Iterator

import sympy as sp

from symflow.calculus.differential import Differential
from symflow.core.dims import Dim, same
from symflow.core.node import Tensor
from symflow.ops.arithmetic import multiply, reciprocal
from symflow.ops.complex import conj, imag, is_complex, real
from symflow.ops.contraction import diagonal, matmul, matrix_transpose, trace
from symflow.ops.creation import eye, tril, zeros_like
from symflow.ops.linalg import CHOLESKY, DET, EIGH, INV, QR, SLOGDET, SOLVE, eigh, inv, qr
from symflow.ops.structure import concatenate, take_runs


def linalg() -> Iterator[Differential]:
    """Inverse, determinants, factorisations; batched over leading axes."""
    yield Differential(
        INV,
        lambda y, a, da: -(y @ da @ y),
        "d(inv(A)) = -inv(A) @ dA @ inv(A)",
        "Magnus & Neudecker 8.4; Matrix Cookbook eq. 40",
    )
    yield Differential(
        DET,
        lambda y, a, da: y * _trace(inv(a) @ da),
        "d(det(A)) = det(A) * trace(inv(A) @ dA)",
        "Magnus & Neudecker 8.3; Matrix Cookbook eq. 41",
    )
    yield Differential(
        SLOGDET,
        _sign_and_logarithm,
        "d(logdet(A)) = trace(inv(A) @ dA)",
        "Magnus & Neudecker 8.3; Matrix Cookbook eq. 43",
    )
    yield Differential(
        SOLVE,
        lambda y, a, b, da, db: inv(a) @ db - inv(a) @ da @ y,
        "d(solve(A, B)) = inv(A) @ (dB - dA @ solve(A, B))",
        "Giles 2008, section 2.3.1",
    )
    yield Differential(
        CHOLESKY,
        _cholesky,
        "d(chol(A)) = L @ low(inv(L) @ dA @ inv(L).T), low: lower half with half the diagonal",
        "Murray 2016, eq. 8",
    )
    yield Differential(
        EIGH,
        _eigh,
        "d(w) = diag(V.T @ dA @ V); d(V) = V @ (F * (V.T @ dA @ V)), F_ij = 1 / (w_j - w_i)",
        "Magnus & Neudecker 9.8; Giles 2008, section 3.1",
    )
    yield Differential(
        QR,
        _qr,
        "d(Q) = Q @ (W - Q.T @ Z) + Z, d(R) = (Q.T @ Z - W) @ R, Z = dA @ inv(R), "
        "W the antisymmetric matrix with the lower part of Q.T @ Z",
        "S. F. Walter, L. Lehmann, R. Lamour 2012",
    )


def _trace(a: Tensor) -> Tensor:
    return trace(a, 0, -2, -1)


def adjoint(a: Tensor) -> Tensor:
    """The conjugate transpose; of a real matrix the transpose."""
    return matrix_transpose(conj(a))


def _symmetric_part(a: Tensor) -> Tensor:
    return (a + adjoint(a)) / 2


def _sign_and_logarithm(y: Tensor, a: Tensor, da: Tensor, output: int) -> Tensor:
    """Of a complex determinant the phase turns as well."""
    relative = _trace(inv(a) @ da)
    if output == 1:
        return real(relative)
    return y * imag(relative) * sp.I if is_complex(a) else zeros_like(y)


def _cholesky(y: Tensor, a: Tensor, da: Tensor) -> Tensor:
    n = a.shape[-1]
    left = inv(y)
    inner = matmul(matmul(left, _symmetric_part(da)), adjoint(left))
    return matmul(y, tril(inner) - multiply(eye(n, dtype=y.dtype) / 2, inner))


def _eigh(y: Tensor, a: Tensor, da: Tensor, output: int) -> Tensor:
    values, vectors = eigh(a)
    inner = matmul(matmul(adjoint(vectors), _symmetric_part(da)), vectors)
    if output == 0:
        return real(diagonal(inner, 0, -2, -1))
    gaps = values[..., None, :] - values[..., :, None]
    own = eye(a.shape[-1], dtype=gaps.dtype)  # no gap to itself: 1 / 1 - 1
    inverse_gaps = reciprocal(gaps + own) - own
    return matmul(vectors, multiply(inverse_gaps, inner))


def _qr(y: Tensor, a: Tensor, da: Tensor, output: int) -> Tensor:
    q, r = qr(a)
    size = q.shape[-1]
    if same(r.shape[-1], size):
        return _thin_qr(q, r, da)[output]
    # a wide matrix: its first columns are factored, R of the others is Q.T times them
    dq, dr = _thin_qr(q, _columns(r, 0, size), _columns(da, 0, size))
    if output == 0:
        return dq
    rest = r.shape[-1] - size
    turned = matmul(adjoint(dq), _columns(a, size, rest))
    return concatenate([dr, turned + matmul(adjoint(q), _columns(da, size, rest))], -1)


def _thin_qr(q: Tensor, r: Tensor, da: Tensor) -> tuple[Tensor, Tensor]:
    z = matmul(da, inv(r))
    qtz = matmul(adjoint(q), z)
    lower = tril(qtz, -1)
    w = lower - adjoint(lower)
    if is_complex(q):  # the diagonal of R stays real
        w = w + multiply(eye(r.shape[-1], dtype=q.dtype), qtz - real(qtz))
    return matmul(q, w - qtz) + z, matmul(qtz - w, r)


def _columns(x: Tensor, start: Dim, count: Dim) -> Tensor:
    lead = tuple((0, size, 1) for size in x.shape[:-1])
    return take_runs(x, (*lead, (start, count, 1)))
