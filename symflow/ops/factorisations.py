"""Factorisations of matrices of any shape: singular values, triangular factors with pivots.

They work on the last two axes; leading axes are batched.
"""

from typing import Any, NamedTuple

from symflow.core import dtypes
from symflow.core.apply import apply
from symflow.core.dims import Shape, same
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Params
from symflow.errors import RankError
from symflow.ops.arithmetic import add, convert, divide
from symflow.ops.complex import conj
from symflow.ops.contraction import matmul, matrix_transpose
from symflow.ops.linalg import cube, matrix_function, matrix_of
from symflow.ops.records import float_result, require_matrix, smaller_side

_FAMILY = "factorisations"


def _svd_shape(operands: Operands, params: Params) -> Shape:
    shape: Shape = operands[0].shape
    require_matrix(shape, "svd")
    full, output = params
    stack, (rows, columns), least = shape[:-2], shape[-2:], smaller_side(shape)
    if output == 1:
        return (*stack, least)
    if output == 0:
        return (*stack, rows, rows if full else least)
    return (*stack, columns if full else least, columns)


def _svd_dtype(operands: Operands, params: Params) -> str:
    name = float_result(operands, params)
    return dtypes.real_part(name) if params[-1] == 1 else name


def _lu_shape(operands: Operands, params: Params) -> Shape:
    shape: Shape = operands[0].shape
    require_matrix(shape, "lu")
    stack, (rows, columns), least = shape[:-2], shape[-2:], smaller_side(shape)
    tails = ((rows, rows), (rows, least), (least, columns))
    return (*stack, *tails[params[0]])


def _lu_dtype(operands: Operands, params: Params) -> str:
    name = float_result(operands, params)
    return dtypes.real_part(name) if params[0] == 0 else name


def _packed_shape(operands: Operands, params: Params) -> Shape:
    shape: Shape = operands[0].shape
    require_matrix(shape, "lu_factor")
    return shape if params[0] == 0 else (*shape[:-2], smaller_side(shape))


def _packed_dtype(operands: Operands, params: Params) -> str:
    return float_result(operands, params) if params[0] == 0 else "int32"


SVD = matrix_function(
    "linalg.svd",
    _svd_shape,
    family=_FAMILY,
    parameters=("full_matrices", "output"),
    defaults={"full_matrices": True},
    outputs=("U", "S", "Vh"),
    dtype=_svd_dtype,
    latex=r"\operatorname{svd}",
    flops=lambda operands, params, shape: 15 * cube(operands, params, shape),
)
LU = matrix_function(
    "linalg.lu",
    _lu_shape,
    family=_FAMILY,
    parameters=("output",),
    outputs=("P", "L", "U"),
    dtype=_lu_dtype,
    code={"jax": "jax.scipy.linalg.lu({0})", "numpy": "scipy.linalg.lu({0})"},
    latex=r"\operatorname{lu}",
)
LU_FACTOR = matrix_function(
    "linalg.lu_factor",
    _packed_shape,
    family=_FAMILY,
    parameters=("output",),
    outputs=("lu", "piv"),
    dtype=_packed_dtype,
    code={"jax": "jax.scipy.linalg.lu_factor({0})", "numpy": "scipy.linalg.lu_factor({0})"},
    latex=r"\operatorname{lu}",
)


class SVDResult(NamedTuple):
    """Orthonormal columns ``U``, singular values descending, orthonormal rows ``Vh``."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def svd(
    a: Any,
    full_matrices: bool = True,
    compute_uv: bool = True,
    hermitian: bool = False,
    subset_by_index: Any = None,
) -> Any:
    """The singular value decomposition ``a == U @ diag(S) @ Vh`` (``jax.numpy.linalg.svd``).

    Args:
        a: matrices ``(..., m, n)``.
        full_matrices: square ``U`` and ``Vh``; else as many vectors as singular values.
        compute_uv: give ``(U, S, Vh)``; else the singular values alone.
        hermitian: take the symmetric part of ``a``, as JAX does.
        subset_by_index: not supported.

    Returns:
        ``U`` of shape ``(..., m, m or k)``, ``S`` of ``(..., k)`` in descending order and ``Vh``
        of ``(..., n or k, n)``, ``k`` the smaller of ``m`` and ``n``.  Derivatives take the
        singular values as distinct; those of the vectors need ``full_matrices=False`` or a square
        matrix.

    Raises:
        RankError: for a tensor of rank below 2.

    >>> from symflow.core import matrix
    >>> [part.shape for part in svd(matrix("A", 4, 3), full_matrices=False)]
    [(4, 3), (3,), (3, 3)]
    """
    if subset_by_index is not None:
        raise TypeError("svd: subset_by_index is not supported; slice the results instead")
    node = symmetric_part(a) if hermitian else floating(a, "svd")
    if not compute_uv:
        return svdvals(node)
    full = full_matrices and not same(*node.shape[-2:])  # the same for square matrices
    return SVDResult(*(apply(SVD, (node,), (full and k != 1, k)) for k in range(3)))


def svdvals(x: Any) -> Tensor:
    """The singular values in descending order (``jax.numpy.linalg.svdvals``)."""
    return apply(SVD, (floating(x, "svdvals"),), (False, 1))


def symmetric_part(a: Any) -> Tensor:
    """``(a + a.T) / 2`` over the last two axes, of complex matrices with the conjugate."""
    node = floating(a, "the symmetric part")
    return divide(add(node, adjoint(node)), 2)


def adjoint(x: Tensor) -> Tensor:
    """The conjugate transpose over the last two axes."""
    return matrix_transpose(conj(x))


def floating(x: Any, what: str) -> Tensor:
    """Matrices with entries at least float.

    Raises:
        RankError: for a tensor of rank below 2.
    """
    node = convert((x,), "float")[0]
    require_matrix(node.shape, what)
    return node


def lu(
    a: Any, permute_l: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> tuple[Tensor, ...]:
    """The factorisation ``a == P @ L @ U`` with row pivots (``jax.scipy.linalg.lu``).

    Args:
        a: a matrix ``(m, n)``.
        permute_l: give ``(P @ L, U)``.
        overwrite_a: without effect.
        check_finite: without effect.

    Returns:
        A permutation matrix ``P``, ``L`` lower triangular with ones on the diagonal, ``U`` upper
        triangular; the pivots are taken as fixed when differentiated.

    >>> from symflow.core import matrix
    >>> [part.shape for part in lu(matrix("A", 4, 3))]
    [(4, 4), (4, 3), (3, 3)]
    """
    p, lower, upper = lu_parts(a)
    if p.rank != 2:
        raise RankError(f"lu takes a single matrix, as in JAX; use vmap for rank {p.rank}")
    return (matmul(p, lower), upper) if permute_l else (p, lower, upper)


def lu_parts(a: Any) -> tuple[Tensor, Tensor, Tensor]:
    """``P``, ``L`` and ``U``, batched over leading axes."""
    return matrix_of(a, LU, 0), matrix_of(a, LU, 1), matrix_of(a, LU, 2)


def lu_factor(
    a: Any, overwrite_a: bool = False, check_finite: bool = True
) -> tuple[Tensor, Tensor]:
    """Both triangular factors in one matrix, and the pivots (``jax.scipy.linalg.lu_factor``).

    The diagonal of the lower factor, all ones, is not stored.  For :func:`lu_solve`.
    """
    return matrix_of(a, LU_FACTOR, 0), matrix_of(a, LU_FACTOR, 1)
