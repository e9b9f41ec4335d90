"""Linear algebra over the last two axes; leading axes are batched."""

from collections.abc import Callable
from typing import Any, NamedTuple

from symflow.core.apply import apply
from symflow.core.dims import Dim, Shape, show_shape
from symflow.core.dtypes import real_part
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import RankError, ShapeError
from symflow.ops.arithmetic import convert
from symflow.ops.batching import cores
from symflow.ops.complex import conj
from symflow.ops.contraction import expand_dims, matmul, matrix_transpose, squeeze
from symflow.ops.records import float_result, require_square

_FAMILY = "linalg"


def square_shape(operands: Operands, params: Params) -> Shape:
    """The shape of the operand, which must be square."""
    require_square(operands[0].shape, "this function of a matrix")
    shape: Shape = operands[0].shape
    return shape


def _scalar(operands: Operands, params: Params) -> Shape:
    return square_shape(operands, params)[:-2]


def cube(operands: Operands, params: Params, shape: Shape) -> Any:
    """Two thirds of n cubed for each matrix of the stack."""
    total: Any = 1
    for size in operands[0].shape:
        total = total * size
    return total * operands[0].shape[-1] * 2 / 3


def _view_of_inverse(operands: Operands, params: Params) -> Tensor | None:
    """``inv(c * A.T) == inv(A).T / c`` and ``inv(eye) == eye``: views pass through."""
    x = operands[0]
    if not isinstance(x, Einsum):
        return None
    if not x.operands and x.rank == 2 and x.output[0] == x.output[1] and x.coefficient == 1:
        return x
    if len(x.operands) == 1 and x.subscripts[0] != x.output and x.rank == 2:
        a, b = x.output
        if x.subscripts[0] == (b, a) and a != b:
            inner = apply(INV, (x.operands[0],))
            sizes = dict(enumerate(x.sizes))
            return contract(1 / x.coefficient, (inner,), x.subscripts, x.output, sizes)
    return None


def real_output(output: int) -> Callable[[Operands, Params], str]:
    """The type of a result whose output of this number is real for complex matrices, too."""

    def dtype(operands: Operands, params: Params) -> str:
        name = float_result(operands, params)
        return real_part(name) if params[0] == output else name

    return dtype


def matrix_function(name: str, shape: Any, *facts: str, **options: Any) -> Operation:
    """The record of a function over the last two axes, for floats, batched over the others."""
    return Operation(
        name=name,
        family=options.pop("family", _FAMILY),
        arity=options.pop("arity", 1),
        shape=shape,
        dtype=options.pop("dtype", float_result),
        facts=frozenset(facts),
        inputs="float",
        batching=options.pop("batching", "leading"),
        flops=options.pop("flops", cube),
        **options,
    )


def _solve_shape(operands: Operands, params: Params) -> Shape:
    a, b = operands
    require_square(a.shape, "solve")
    if b.rank < 2 or b.shape[-2] != a.shape[-1]:
        raise ShapeError(
            f"solve: matrix {show_shape(a.shape)} and right side {show_shape(b.shape)} do not fit"
        )
    shape: Shape = b.shape
    return shape


def _eigh_shape(operands: Operands, params: Params) -> Shape:
    shape = square_shape(operands, params)
    return shape[:-1] if params[0] == 0 else shape


def _qr_shape(operands: Operands, params: Params) -> Shape:
    shape: Shape = operands[0].shape
    if len(shape) < 2:
        raise RankError(f"qr takes a matrix, got shape {show_shape(shape)}")
    rows, columns = shape[-2:]
    if isinstance(rows, int) and isinstance(columns, int):
        least: Dim = min(rows, columns)
    elif rows == columns:
        least = rows
    else:
        raise ShapeError(f"qr of {show_shape(shape)}: which size is smaller is not decided")
    tail = (rows, least) if params[0] == 0 else (least, columns)
    return (*shape[:-2], *tail)


INV = matrix_function(
    "linalg.inv",
    square_shape,
    "involution",
    normal=_view_of_inverse,
    latex="{0}^{{-1}}",
    flops=lambda operands, params, shape: 3 * cube(operands, params, shape),
)
DET = matrix_function("linalg.det", _scalar, latex=r"\det")
SLOGDET = matrix_function(
    "linalg.slogdet",
    _scalar,
    parameters=("output",),
    outputs=("sign", "logabsdet"),
    dtype=real_output(1),
    latex=r"\log\left|\det {0}\right|",
)
SOLVE = matrix_function(
    "linalg.solve",
    _solve_shape,
    arity=2,
    latex="{0}^{{-1}} {1}",
    batching=cores(2, 2),
)
CHOLESKY = matrix_function(
    "linalg.cholesky",
    square_shape,
    "lower_triangular",
    latex=r"\operatorname{chol}",
)
EIGH = matrix_function(
    "linalg.eigh",
    _eigh_shape,
    parameters=("output",),
    outputs=("eigenvalues", "eigenvectors"),
    dtype=real_output(0),
    latex=r"\operatorname{eigh}",
)
QR = matrix_function(
    "linalg.qr",
    _qr_shape,
    parameters=("output",),
    outputs=("Q", "R"),
    latex=r"\operatorname{qr}",
)


class SlogdetResult(NamedTuple):
    """Sign and logarithm of the absolute value of a determinant."""

    sign: Tensor
    logabsdet: Tensor


class EighResult(NamedTuple):
    """Eigenvalues in ascending order and eigenvectors in columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class QRResult(NamedTuple):
    """Orthonormal columns and an upper triangular factor."""

    Q: Tensor
    R: Tensor


def matrix_of(x: Any, operation: Operation, *params: Any) -> Tensor:
    """A function of matrices with static parameters."""
    return apply(operation, tuple(convert((x,), "float")), params)


def inv(a: Any) -> Tensor:
    """The inverse of a square matrix.

    Raises:
        RankError, ShapeError: unless the last two axes exist and agree.
    """
    return matrix_of(a, INV)


def det(a: Any) -> Tensor:
    """The determinant."""
    return matrix_of(a, DET)


def slogdet(a: Any, *, method: str | None = None) -> SlogdetResult:
    """The sign and the logarithm of the absolute value of the determinant.

    Args:
        a: square matrices ``(..., n, n)``.
        method: ``"lu"``, ``"qr"`` or None: how JAX computes it; here the program chooses.
    """
    if method not in (None, "lu", "qr"):
        raise ShapeError(f"slogdet: method is None, 'lu' or 'qr', got {method!r}")
    return SlogdetResult(matrix_of(a, SLOGDET, 0), matrix_of(a, SLOGDET, 1))


def cholesky(a: Any, *, upper: bool = False, symmetrize_input: bool = True) -> Tensor:
    """The lower triangular ``L`` with ``L @ L.T == a``, for symmetric positive definite ``a``.

    With ``upper=True`` its transpose (``jax.numpy.linalg.cholesky``).  Of a matrix that is not
    symmetric the symmetric part counts.
    """
    _symmetrized(symmetrize_input, "cholesky")
    factor = matrix_of(a, CHOLESKY)
    return matrix_transpose(conj(factor)) if upper else factor


def _symmetrized(flag: bool, what: str) -> None:
    if not flag:
        raise TypeError(
            f"{what}: symmetrize_input=False is not supported: of a symmetric matrix both give "
            "the same; to use one triangle of another, write tril(a) + tril(a, -1).T"
        )


def eigh(
    a: Any,
    UPLO: str | None = None,  # noqa: N803
    symmetrize_input: bool = True,
) -> EighResult:
    """Eigenvalues (ascending) and eigenvectors of a symmetric matrix (``jax.numpy.linalg.eigh``).

    Args:
        a: square matrices; of one that is not symmetric the symmetric part counts, as in JAX.
        UPLO: ``"L"`` or ``"U"``, without effect: the symmetric part is the same for both.
        symmetrize_input: only True.
    """
    _symmetrized(symmetrize_input, "eigh")
    if UPLO not in (None, "L", "U"):
        raise ShapeError(f"eigh: UPLO is 'L' or 'U', got {UPLO!r}")
    return EighResult(matrix_of(a, EIGH, 0), matrix_of(a, EIGH, 1))


def eigvalsh(
    a: Any,
    UPLO: str | None = "L",  # noqa: N803
    *,
    symmetrize_input: bool = True,
) -> Tensor:
    """The eigenvalues of a symmetric matrix, ascending; arguments as of :func:`eigh`."""
    return eigh(a, UPLO, symmetrize_input).eigenvalues


def qr(a: Any, mode: str = "reduced") -> Any:
    """The QR factorisation (``jax.numpy.linalg.qr``).

    Args:
        a: matrices ``(..., m, n)``.
        mode: ``"reduced"`` for orthonormal columns ``Q`` and the upper triangular ``R``, ``"r"``
            for ``R`` alone, ``"complete"`` for a square ``Q``, where ``m`` is at most ``n``.

    Raises:
        ShapeError: for another mode, and for a complete factorisation of a tall matrix, whose
            further columns of ``Q`` are not determined by it.
    """
    if mode not in ("reduced", "r", "complete", "full"):
        raise ShapeError(f"qr: mode is 'reduced', 'r' or 'complete', got {mode!r}")
    result = QRResult(matrix_of(a, QR, 0), matrix_of(a, QR, 1))
    if mode == "complete" and result.Q.shape[-1] != result.Q.shape[-2]:
        raise ShapeError(
            f"the complete QR factorisation of a tall matrix {show_shape(result.Q.shape)} has "
            "columns that the matrix does not determine; use mode='reduced'"
        )
    return result.R if mode == "r" else result


def solve(a: Any, b: Any) -> Tensor:
    """The solution of ``a @ x = b``; written ``inv(a) @ b``, computed without the inverse.

    ``b`` of rank 1 is a vector; of higher rank, matrices in its last two axes, as in NumPy 2.
    """
    left, right = convert((a, b), "float")
    require_square(left.shape, "solve")
    if right.rank == 1:
        return squeeze(matmul(inv(left), expand_dims(right, -1)), -1)
    return matmul(inv(left), right)
