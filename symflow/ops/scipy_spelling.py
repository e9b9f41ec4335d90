"""Functions of ``jax.scipy.linalg`` that ``jax.numpy.linalg`` has with other arguments.

And those that are a few products of them: polar factors, tridiagonal matrices.
"""

from typing import Any

from symflow.core.dims import same, show_shape
from symflow.core.node import Tensor
from symflow.errors import RankError, ShapeError
from symflow.ops import factorisations, linalg
from symflow.ops.arithmetic import convert
from symflow.ops.complex import conj
from symflow.ops.contraction import diag, expand_dims, matmul
from symflow.ops.factorisations import adjoint
from symflow.ops.records import smaller_side


def solve(
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    debug: bool = False,
    check_finite: bool = True,
    assume_a: str = "gen",
) -> Tensor:
    """The solution of ``a @ x = b`` (``jax.scipy.linalg.solve``).

    Args:
        a: square matrices.
        b: a vector or matrices, as of :func:`symflow.numpy.linalg.solve`.
        lower: which triangle of a positive definite ``a`` to use; without effect, as both
            hold the same.
        overwrite_a: without effect.
        overwrite_b: without effect.
        debug: without effect.
        check_finite: without effect.
        assume_a: ``"gen"``, ``"sym"``, ``"her"`` or ``"pos"``.  Only what is declared of ``a``
            decides how the program solves.
    """
    if assume_a not in ("gen", "sym", "her", "pos"):
        raise ShapeError(f"solve: assume_a is 'gen', 'sym', 'her' or 'pos', got {assume_a!r}")
    return linalg.solve(a, b)


def inv(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Tensor:
    """The inverse of a square matrix (``jax.scipy.linalg.inv``); the flags have no effect."""
    return linalg.inv(a)


def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Tensor:
    """The determinant (``jax.scipy.linalg.det``); the flags have no effect."""
    return linalg.det(a)


def eigh(
    a: Any,
    b: Any = None,
    lower: bool = True,
    eigvals_only: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    turbo: bool = True,
    eigvals: None = None,
    type: int = 1,
    check_finite: bool = True,
) -> Any:
    """Eigenvalues and eigenvectors of a symmetric matrix (``jax.scipy.linalg.eigh``).

    Args:
        a: square matrices, as of :func:`symflow.numpy.linalg.eigh`.
        b: only None, as in JAX.
        lower: without effect, as the symmetric part of ``a`` counts.
        eigvals_only: give the eigenvalues alone.
        overwrite_a: without effect.
        overwrite_b: without effect.
        turbo: without effect.
        eigvals: only None, as in JAX.
        type: only 1, as in JAX.
        check_finite: without effect.
    """
    if b is not None or eigvals is not None or type != 1:
        raise TypeError("eigh: b, eigvals and type are not supported, neither in JAX")
    result = linalg.eigh(a)
    return result.eigenvalues if eigvals_only else tuple(result)


def svd(
    a: Any,
    full_matrices: bool = True,
    compute_uv: bool = True,
    overwrite_a: bool = False,
    check_finite: bool = True,
    lapack_driver: str = "gesdd",
) -> Any:
    """The singular value decomposition (``jax.scipy.linalg.svd``).

    As :func:`symflow.numpy.linalg.svd`; the last three arguments have no effect.
    """
    found = factorisations.svd(a, full_matrices, compute_uv)
    return tuple(found) if compute_uv else found


def qr(
    a: Any,
    overwrite_a: bool = False,
    lwork: Any = None,
    mode: str = "full",
    pivoting: bool = False,
    check_finite: bool = True,
) -> tuple[Tensor, ...]:
    """The QR factorisation (``jax.scipy.linalg.qr``).

    Args:
        a: matrices ``(..., m, n)``.
        overwrite_a: without effect.
        lwork: without effect.
        mode: ``"economic"``, ``"full"`` where ``m`` is at most ``n``, or ``"r"`` likewise.
        pivoting: only False.
        check_finite: without effect.
    """
    if pivoting:
        raise TypeError("qr: pivoting is not supported: the order of columns depends on values")
    if mode not in ("full", "r", "economic"):
        raise ShapeError(f"qr: mode is 'full', 'economic' or 'r', got {mode!r}")
    q, r = linalg.qr(a, "reduced" if mode == "economic" else "complete")
    return (r,) if mode == "r" else (q, r)


def qr_multiply(
    a: Any,
    c: Any,
    mode: str = "right",
    pivoting: bool = False,
    conjugate: bool = False,
    overwrite_a: bool = False,
    overwrite_c: bool = False,
) -> tuple[Tensor, Tensor]:
    """``c @ Q`` (or ``Q @ c``) and ``R`` of the QR factorisation of ``a`` (``jax.scipy.linalg``).

    Args:
        a: matrices ``(..., m, n)``.
        c: a vector or matrices to multiply.
        mode: ``"right"`` for ``c @ Q``, ``"left"`` for ``Q @ c``.
        pivoting: only False.
        conjugate: multiply with the conjugate of ``Q``.
        overwrite_a: without effect.
        overwrite_c: without effect.
    """
    matrix, other = convert((a, c), "float")
    if pivoting or mode not in ("right", "left"):
        raise TypeError("qr_multiply: mode is 'right' or 'left', and pivoting is not supported")
    q, r = linalg.qr(matrix)
    q = conj(q) if conjugate else q
    made = matmul(q, other) if mode == "left" else matmul(other, q)
    return made, r


def polar(
    a: Any,
    side: str = "right",
    *,
    method: str = "qdwh",
    eps: float | None = None,
    max_iterations: int | None = None,
) -> tuple[Tensor, Tensor]:
    """The factors ``a == U @ P``, or ``a == P @ U``, of the polar decomposition.

    Computed from the singular value decomposition (N. J. Higham, "Functions of Matrices", 2008,
    theorem 8.1); derivatives take the singular values as distinct.

    Args:
        a: matrices ``(..., m, n)``, at least as high as wide (as wide as high for
            ``side="left"``) unless ``method="svd"``.
        side: where the positive semidefinite factor stands.
        method: ``"qdwh"`` or ``"svd"``; both are computed by the latter.
        eps: only None.
        max_iterations: only None.

    Returns:
        ``U`` of the shape of ``a``, and ``P``, symmetric positive semidefinite.
    """
    if side not in ("right", "left") or method not in ("qdwh", "svd"):
        raise ShapeError("polar: side is 'right' or 'left', method is 'qdwh' or 'svd'")
    if eps is not None or max_iterations is not None:
        raise TypeError("polar: eps and max_iterations are not supported")
    u, s, vh = factorisations.svd(a, full_matrices=False)
    rows, columns = u.shape[-2], vh.shape[-1]
    kept = columns if side == "right" else rows
    if method == "qdwh" and not same(smaller_side((rows, columns)), kept):
        raise ShapeError(
            f"polar of {show_shape((rows, columns))} with side={side!r} needs method='svd', as in "
            "JAX"
        )
    vectors = adjoint(vh) if side == "right" else u
    positive = matmul(vectors * expand_dims(s, -2), adjoint(vectors))
    return matmul(u, vh), positive


def eigh_tridiagonal(
    d: Any,
    e: Any,
    *,
    eigvals_only: bool = False,
    select: str = "a",
    select_range: Any = None,
    tol: float | None = None,
    key: Any = None,
) -> Any:
    """Eigenvalues (and vectors) of a symmetric tridiagonal matrix (``jax.scipy.linalg``).

    Args:
        d: the diagonal ``(n,)``.
        e: the diagonals beside it ``(n - 1,)``.
        eigvals_only: give the eigenvalues alone.
        select: only ``"a"``, all of them.
        select_range: only None.
        tol: without effect.
        key: without effect.
    """
    if select != "a" or select_range is not None:
        raise TypeError("eigh_tridiagonal: only select='a' is supported; slice the eigenvalues")
    middle, beside = convert((d, e), "float")
    if middle.rank != 1 or beside.rank != 1 or not same(beside.shape[0] + 1, middle.shape[0]):
        raise RankError(
            "eigh_tridiagonal takes two vectors, the second shorter by one, got shapes "
            f"{show_shape(middle.shape)} and {show_shape(beside.shape)}"
        )
    values, vectors = linalg.eigh(_tridiagonal(middle, beside))
    return values if eigvals_only else (values, vectors)


def _tridiagonal(d: Tensor, e: Tensor) -> Tensor:
    return diag(d) + diag(e, 1) + diag(e, -1)
