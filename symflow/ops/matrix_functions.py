"""Functions of matrices that are no factorisations: pseudoinverse, exponential, square root.

They work on the last two axes; leading axes are batched.
"""

from typing import Any

import sympy as sp

from symflow.core.apply import apply
from symflow.core.convert import number
from symflow.core.dims import Shape, same_shape, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Params
from symflow.errors import ShapeError
from symflow.ops import reduction
from symflow.ops.arithmetic import cast, convert, sqrt
from symflow.ops.choice import not_equal
from symflow.ops.contraction import expand_dims, matmul, matrix_transpose
from symflow.ops.factorisations import floating, symmetric_part
from symflow.ops.linalg import cube, eigh, matrix_function, matrix_of, square_shape
from symflow.ops.records import require_matrix, require_square
from symflow.ops.structure import concatenate, take_runs

_FAMILY = "matrix_functions"


def _pinv_shape(operands: Operands, params: Params) -> Shape:
    shape: Shape = operands[0].shape
    require_matrix(shape, "pinv")
    return (*shape[:-2], shape[-1], shape[-2])


def _frechet_shape(operands: Operands, params: Params) -> Shape:
    a, e = operands
    require_square(a.shape, "expm_frechet")
    if not same_shape(a.shape, e.shape):
        raise ShapeError(
            f"expm_frechet: the matrix {show_shape(a.shape)} and the direction "
            f"{show_shape(e.shape)} must have one shape"
        )
    shape: Shape = a.shape
    return shape


def _define_frechet(a: Tensor, e: Tensor) -> Tensor:
    """The upper right block of ``expm([[a, e], [0, a]])`` (Najfeld and Havel 1995, theorem 3.6)."""
    n = a.shape[-1]
    lead = tuple((0, size, 1) for size in a.shape[:-2])
    whole = apply(EXPM, (twice(a, e),))
    return take_runs(whole, (*lead, (0, n, 1), (n, n, 1)))


def twice(a: Tensor, corner: Tensor) -> Tensor:
    """The block matrices ``[[a, corner], [0, a]]``."""
    upper = concatenate([a, corner], -1)
    lower = concatenate([a * 0, a], -1)
    return concatenate([upper, lower], -2)


def _define_root(a: Tensor) -> Tensor:
    values, vectors = eigh(a)
    scaled = vectors * expand_dims(sqrt(values), -2)
    return matmul(scaled, matrix_transpose(vectors))


PINV = matrix_function(
    "linalg.pinv",
    _pinv_shape,
    family=_FAMILY,
    parameters=("rtol",),
    defaults={"rtol": None},
    latex="{0}^{{+}}",
    flops=lambda operands, params, shape: 20 * cube(operands, params, shape),
)
EXPM = matrix_function(
    "linalg.expm",
    square_shape,
    "invertible",
    family=_FAMILY,
    code={"jax": "jax.scipy.linalg.expm({0})", "numpy": "scipy.linalg.expm({0})"},
    latex=r"\operatorname{expm}",
    flops=lambda operands, params, shape: 20 * cube(operands, params, shape),
)
EXPM_FRECHET = matrix_function(
    "linalg.expm_frechet",
    _frechet_shape,
    family=_FAMILY,
    arity=2,
    definition=_define_frechet,
    code={"text": "linalg.expm_frechet({0}, {1}, compute_expm=False)"},
    latex=r"L_{{\operatorname{{expm}}}}({0}, {1})",
    flops=lambda operands, params, shape: 60 * cube(operands, params, shape),
)
MATRIX_RANK = matrix_function(
    "linalg.matrix_rank",
    lambda operands, params: operands[0].shape[:-2],
    family=_FAMILY,
    parameters=("rtol",),
    defaults={"rtol": None},
    dtype=lambda operands, params: "int",
    piecewise_constant=True,
    latex=r"\operatorname{rank}",
    flops=lambda operands, params, shape: 15 * cube(operands, params, shape),
)
SQRTM = matrix_function(
    "linalg.sqrtm",
    square_shape,
    "positive_semidefinite",
    family=_FAMILY,
    definition=_define_root,
    latex=r"{0}^{{1/2}}",
    flops=lambda operands, params, shape: 12 * cube(operands, params, shape),
)


def pinv(a: Any, rtol: Any = None, hermitian: bool = False, *, rcond: Any = None) -> Tensor:
    """The pseudoinverse of Moore and Penrose (``jax.numpy.linalg.pinv``).

    Args:
        a: matrices ``(..., m, n)``.
        rtol: singular values below this part of the largest one count as zero; by default ten
            times the larger size times the machine precision, as in JAX.
        hermitian: take the symmetric part of ``a``, as JAX does.
        rcond: another name of ``rtol``.

    Returns:
        Matrices ``(..., n, m)``; the derivative takes the rank as constant.

    Raises:
        TypeError: for a tolerance that is no number.

    >>> from symflow.core import matrix
    >>> pinv(matrix("A", "m", "n")).shape
    (n, m)
    """
    if rtol is not None and rcond is not None:
        raise TypeError("pinv: rcond is another name of rtol; give one of them")
    tolerance = rcond if rtol is None else rtol
    node = symmetric_part(a) if hermitian else floating(a, "pinv")
    return apply(PINV, (node,), (plain_number(tolerance, "pinv: rtol"),))


def matrix_rank(M: Any, rtol: Any = None, *, hermitian: bool = False, tol: Any = None) -> Tensor:
    """The number of singular values that count as not zero (``jax.numpy.linalg.matrix_rank``).

    Its derivative is zero, where it has one.

    Args:
        M: matrices ``(..., m, n)``, or a vector, whose rank is 0 or 1.
        rtol: singular values up to this part of the largest one count as zero; by default the
            larger size times the machine precision.
        hermitian: take the symmetric part of ``M``, as JAX does.
        tol: another name of ``rtol``.
    """
    if rtol is not None and tol is not None:
        raise TypeError("matrix_rank: tol is another name of rtol; give one of them")
    node = convert((M,), "float")[0]
    if node.rank < 2:
        return cast(reduction.any(not_equal(node, 0)), "int32")  # as JAX
    node = symmetric_part(node) if hermitian else node
    tolerance = plain_number(tol if rtol is None else rtol, "matrix_rank: rtol")
    return apply(MATRIX_RANK, (node,), (tolerance,))


def plain_number(value: Any, what: str) -> sp.Expr | None:
    """A tolerance as a number, None left as it is.

    Raises:
        TypeError: for a tensor.
    """
    if value is None:
        return None
    if isinstance(value, (Tensor, bool)) or not isinstance(value, (int, float, sp.Expr)):
        raise TypeError(f"{what} must be a plain number, got {value!r:.60}")
    return number(value)


def expm(A: Any, *, upper_triangular: bool = False, max_squarings: int = 16) -> Tensor:
    """The matrix exponential (``jax.scipy.linalg.expm``).

    Args:
        A: square matrices ``(..., n, n)``.
        upper_triangular: promises that ``A`` is; JAX's shortcut for it changes no value.
        max_squarings: only the default of JAX, 16.

    Raises:
        RankError, ShapeError: unless the last two axes exist and agree.
        TypeError: for another number of squarings.

    >>> from symflow.core import matrix
    >>> expm(matrix("A", "n", "n", symmetric=True)).shape
    (n, n)
    """
    if max_squarings != 16:
        raise TypeError("expm: max_squarings is 16; other numbers are not supported")
    return matrix_of(A, EXPM)


def expm_frechet(A: Any, E: Any, *, method: str | None = None, compute_expm: bool = True) -> Any:
    """The exponential and its derivative in a direction (``jax.scipy.linalg.expm_frechet``).

    Args:
        A: square matrices ``(..., n, n)``.
        E: directions of the same shape.
        method: without effect.
        compute_expm: give ``(expm(A), L)``; else ``L`` alone.

    Returns:
        ``L`` is the upper right block of ``expm([[A, E], [0, A]])`` (N. J. Higham, "Functions of
        Matrices", 2008, theorem 3.6).
    """
    a, e = convert((A, E), "float")
    derivative = apply(EXPM_FRECHET, (a, e))
    return (apply(EXPM, (a,)), derivative) if compute_expm else derivative
