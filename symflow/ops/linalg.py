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
from symflow.ops.contraction import expand_dims, matmul, matrix_transpose, squeeze
from symflow.ops.records import float_result, require_square

_FAMILY = "linalg"


def _square(operands: Operands, params: Params) -> Shape:
    require_square(operands[0].shape, "this function of a matrix")
    shape: Shape = operands[0].shape
    return shape


def _scalar(operands: Operands, params: Params) -> Shape:
    return _square(operands, params)[:-2]


def _cube(operands: Operands, params: Params, shape: Shape) -> Any:
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


def _real_output(output: int) -> Callable[[Operands, Params], str]:
    """The type of a result whose output of this number is real for complex matrices, too."""

    def dtype(operands: Operands, params: Params) -> str:
        name = float_result(operands, params)
        return real_part(name) if params[0] == output else name

    return dtype


def _matrix_function(name: str, shape: Any, *facts: str, **options: Any) -> Operation:
    return Operation(
        name=name,
        family=_FAMILY,
        arity=options.pop("arity", 1),
        shape=shape,
        dtype=options.pop("dtype", float_result),
        facts=frozenset(facts),
        inputs="float",
        flops=options.pop("flops", _cube),
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
    shape = _square(operands, params)
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


INV = _matrix_function(
    "linalg.inv",
    _square,
    "involution",
    normal=_view_of_inverse,
    latex="{0}^{{-1}}",
    flops=lambda operands, params, shape: 3 * _cube(operands, params, shape),
)
DET = _matrix_function("linalg.det", _scalar, latex=r"\det")
SLOGDET = _matrix_function(
    "linalg.slogdet",
    _scalar,
    parameters=("output",),
    outputs=("sign", "logabsdet"),
    dtype=_real_output(1),
    latex=r"\log\left|\det {0}\right|",
)
SOLVE = _matrix_function(
    "linalg.solve",
    _solve_shape,
    arity=2,
    latex="{0}^{{-1}} {1}",
    batching=cores(2, 2),
)
CHOLESKY = _matrix_function(
    "linalg.cholesky",
    _square,
    "lower_triangular",
    latex=r"\operatorname{chol}",
)
EIGH = _matrix_function(
    "linalg.eigh",
    _eigh_shape,
    parameters=("output",),
    outputs=("eigenvalues", "eigenvectors"),
    dtype=_real_output(0),
    latex=r"\operatorname{eigh}",
)
QR = _matrix_function(
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


def _matrix_of(x: Any, operation: Operation, *params: Any) -> Tensor:
    return apply(operation, tuple(convert((x,), "float")), params)


def inv(a: Any) -> Tensor:
    """The inverse of a square matrix.

    Raises:
        RankError, ShapeError: unless the last two axes exist and agree.
    """
    return _matrix_of(a, INV)


def det(a: Any) -> Tensor:
    """The determinant."""
    return _matrix_of(a, DET)


def slogdet(a: Any) -> SlogdetResult:
    """The sign and the logarithm of the absolute value of the determinant."""
    return SlogdetResult(_matrix_of(a, SLOGDET, 0), _matrix_of(a, SLOGDET, 1))


def cholesky(a: Any, *, upper: bool = False) -> Tensor:
    """The lower triangular ``L`` with ``L @ L.T == a``, for symmetric positive definite ``a``.

    With ``upper=True`` its transpose (``numpy.linalg.cholesky``).
    """
    factor = _matrix_of(a, CHOLESKY)
    return matrix_transpose(factor) if upper else factor


def eigh(a: Any) -> EighResult:
    """Eigenvalues (ascending) and eigenvectors of a symmetric matrix."""
    return EighResult(_matrix_of(a, EIGH, 0), _matrix_of(a, EIGH, 1))


def eigvalsh(a: Any) -> Tensor:
    """The eigenvalues of a symmetric matrix, ascending."""
    return _matrix_of(a, EIGH, 0)


def qr(a: Any) -> QRResult:
    """The reduced QR factorisation."""
    return QRResult(_matrix_of(a, QR, 0), _matrix_of(a, QR, 1))


def solve(a: Any, b: Any) -> Tensor:
    """The solution of ``a @ x = b``; written ``inv(a) @ b``, computed without the inverse.

    ``b`` of rank 1 is a vector; of higher rank, matrices in its last two axes, as in NumPy 2.
    """
    left, right = convert((a, b), "float")
    require_square(left.shape, "solve")
    if right.rank == 1:
        return squeeze(matmul(inv(left), expand_dims(right, -1)), -1)
    return matmul(inv(left), right)
