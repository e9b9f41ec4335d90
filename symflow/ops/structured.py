"""Linear algebra that asks what is known of its matrices: triangular and positive definite ones.

The functions of ``jax.scipy.linalg`` that solve with a factor are products with its inverse, so
that the rules of inverses apply; the program solves instead.
"""

from typing import Any

from symflow.core.apply import Apply, apply
from symflow.core.dims import same, show_shape
from symflow.core.node import Tensor
from symflow.errors import DomainError, ShapeError
from symflow.ops import linalg
from symflow.ops.arithmetic import convert
from symflow.ops.contraction import expand_dims, matmul, matrix_transpose, squeeze
from symflow.ops.creation import eye, tril, triu
from symflow.ops.factorisations import LU_FACTOR, adjoint
from symflow.ops.facts import has
from symflow.ops.linalg import INV
from symflow.ops.matrix_functions import SQRTM
from symflow.ops.records import require_square

_TRANSPOSED = {0: False, "N": False, 1: True, "T": True, 2: True, "C": True}


def sqrtm(A: Any, blocksize: int = 1) -> Tensor:
    """The principal square root of symmetric positive semidefinite matrices.

    JAX (``jax.scipy.linalg.sqrtm``) takes any matrix and gives a complex result; this root is
    real, and is differentiated: ``R @ dR + dR @ R = dA`` (Higham 2008, section 6.1).

    Args:
        A: matrices ``(..., n, n)`` known to be positive semidefinite.
        blocksize: only 1.

    Raises:
        DomainError: when ``A`` is not known to be positive semidefinite.

    >>> from symflow.core import matrix
    >>> sqrtm(matrix("S", "n", "n", positive_definite=True)).shape
    (n, n)
    """
    if blocksize != 1:
        raise TypeError("sqrtm: blocksize is 1; others are not supported")
    node = convert((A,), "float")[0]
    require_square(node.shape, "sqrtm")
    if not has(node, "positive_semidefinite"):
        raise DomainError(
            "sqrtm takes a matrix that is known to be symmetric positive semidefinite: the root "
            "of another may be complex or not exist; declare it with positive_semidefinite=True"
        )
    return apply(SQRTM, (node,))


# ------------------------------------------------------------------------ triangular systems


def solve_triangular(
    a: Any,
    b: Any,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    debug: Any = None,
    check_finite: bool = True,
) -> Tensor:
    """The solution of ``a @ x = b`` by one triangle of ``a`` (``jax.scipy.linalg``).

    Args:
        a: square matrices ``(..., n, n)``; entries of the other triangle are not used.
        b: a vector ``(n,)`` or matrices ``(..., n, k)``.
        trans: 1 or ``"T"`` solves with the transpose; 2 or ``"C"`` with the conjugate one.
        lower: use the lower triangle.
        unit_diagonal: take the diagonal as ones.
        overwrite_b: without effect.
        debug: without effect.
        check_finite: without effect.

    >>> from symflow.core import matrix, vector
    >>> L, b = matrix("L", 3, 3, lower_triangular=True), vector("b", 3)
    >>> solve_triangular(L, b, lower=True).shape
    (3,)
    """
    matrix, right = _system(a, b, "solve_triangular")
    if trans not in _TRANSPOSED:
        raise ShapeError(f"solve_triangular: trans is 0, 1, 2, 'N', 'T' or 'C', got {trans!r}")
    factor = triangle(matrix, lower, unit_diagonal)
    if trans in (2, "C"):
        return _solved(adjoint(factor), right)
    return _solved(matrix_transpose(factor) if _TRANSPOSED[trans] else factor, right)


def triangle(a: Tensor, lower: bool, unit_diagonal: bool = False) -> Tensor:
    """One triangle of a matrix: itself where the other one is known to be zero."""
    if unit_diagonal:
        strict = tril(a, -1) if lower else triu(a, 1)
        return strict + eye(a.shape[-1], dtype=a.dtype)
    if has(a, "lower_triangular" if lower else "upper_triangular"):
        return a
    return tril(a) if lower else triu(a)


def _system(a: Any, b: Any, what: str) -> tuple[Tensor, Tensor]:
    matrix, right = convert((a, b), "float")
    require_square(matrix.shape, what)
    if matrix.rank == right.rank + 1 > 2 and same(matrix.shape[-1], right.shape[-1]):
        raise ShapeError(
            f"{what}: JAX takes a right side {show_shape(right.shape)} for matrices "
            f"{show_shape(matrix.shape)} as vectors, NumPy as matrices; write b[..., None] for "
            "vectors, or broadcast the matrices"
        )
    rows = right.shape[-1 if right.rank == 1 else -2 :][:1]
    if not rows or not same(rows[0], matrix.shape[-1]):
        raise ShapeError(
            f"{what}: the matrix {show_shape(matrix.shape)} and the right side "
            f"{show_shape(right.shape)} do not fit"
        )
    return matrix, right


def _solved(matrix: Tensor, right: Tensor) -> Tensor:
    inverse = apply(INV, (matrix,))
    if right.rank == 1 and matrix.rank > 2:
        return squeeze(matmul(inverse, expand_dims(right, -1)), -1)
    return matmul(inverse, right)


def cholesky(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> Tensor:
    """The Cholesky factor, by default the upper one (``jax.scipy.linalg.cholesky``).

    Args:
        a: symmetric positive definite matrices, as :func:`symflow.numpy.linalg.cholesky`.
        lower: give ``L`` with ``L @ L.T == a``; else its transpose.
        overwrite_a: without effect.
        check_finite: without effect.
    """
    return linalg.cholesky(a, upper=not lower)


def cho_factor(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> tuple[Tensor, bool]:
    """A Cholesky factor and which it is, for :func:`cho_solve` (``jax.scipy.linalg``)."""
    return cholesky(a, lower), lower


def cho_solve(
    c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True
) -> Tensor:
    """The solution of ``a @ x = b`` by a Cholesky factor of ``a`` (``jax.scipy.linalg``).

    Args:
        c_and_lower: what :func:`cho_factor` gives.
        b: a vector ``(n,)`` or matrices ``(..., n, k)``.
        overwrite_b: without effect.
        check_finite: without effect.
    """
    c, lower = c_and_lower
    matrix, right = _system(c, b, "cho_solve")
    factor = triangle(matrix, lower)
    left = factor if lower else adjoint(factor)
    return _solved(adjoint(left), _solved(left, right))


def lu_solve(
    lu_and_piv: Any,
    b: Any,
    trans: int = 0,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Tensor:
    """The solution of ``a @ x = b`` by ``lu_factor(a)`` (``jax.scipy.linalg.lu_solve``).

    It is ``inv(a) @ b``: a program that solves with one matrix several times factors it once.

    Args:
        lu_and_piv: what ``lu_factor`` gives.
        b: a vector ``(n,)`` or matrices ``(..., n, k)``.
        trans: 1 solves with the transpose, 2 with the conjugate one.
        overwrite_b: without effect.
        check_finite: without effect.

    Raises:
        DomainError: for factors from elsewhere.
    """
    packed, pivots = lu_and_piv
    for output, part in enumerate((packed, pivots)):
        known = isinstance(part, Apply) and part.operation is LU_FACTOR
        if not known or part.params != (output,) or part.operands != packed.operands:
            raise DomainError("lu_solve takes the two results of lu_factor of one matrix")
    if trans not in (0, 1, 2):
        raise ShapeError(f"lu_solve: trans is 0, 1 or 2, got {trans!r}")
    matrix, right = _system(packed.operands[0], b, "lu_solve")
    if trans == 2:
        return _solved(adjoint(matrix), right)
    return _solved(matrix_transpose(matrix) if trans else matrix, right)
