"""Linear equations for vectors, matrices and tensors, exactly or by least squares."""

from collections.abc import Sequence
from typing import Any

import sympy as sp

from symflow.core.apply import apply
from symflow.core.dims import Shape, normalise_axis, product, same, same_shape, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DomainError, RankError, ShapeError
from symflow.ops.arithmetic import cast, convert, multiply, subtract
from symflow.ops.choice import greater_equal
from symflow.ops.complex import conj, real
from symflow.ops.contraction import matmul, transpose
from symflow.ops.contraction import sum as total
from symflow.ops.factorisations import svdvals
from symflow.ops.linalg import cube, inv
from symflow.ops.matrix_functions import matrix_rank, pinv, plain_number
from symflow.ops.records import float_result, require_matrix, require_square
from symflow.ops.reshaping import ravel, reshape


def _sylvester_shape(operands: Operands, params: Params) -> Shape:
    a, b, c = operands
    for matrix in (a, b):
        require_square(matrix.shape, "solve_sylvester")
    require_matrix(c.shape, "solve_sylvester")
    fits = same(a.shape[-1], c.shape[-2]) and same(b.shape[-1], c.shape[-1])
    stacks = {show_shape(x.shape[:-2]) for x in operands}
    if not fits or len(stacks) > 1:
        shapes = ", ".join(show_shape(x.shape) for x in operands)
        raise ShapeError(
            f"solve_sylvester solves A @ X + X @ B = C for A (m, m), B (n, n), C (m, n) over the "
            f"same leading axes, got {shapes}"
        )
    shape: Shape = c.shape
    return shape


SOLVE_SYLVESTER = Operation(
    name="linalg.solve_sylvester",
    family="solving",
    arity=3,
    shape=_sylvester_shape,
    dtype=float_result,
    inputs="float",
    batching="leading",
    code={
        "jax": "jax.scipy.linalg.solve_sylvester({0}, {1}, {2})",
        "numpy": "scipy.linalg.solve_sylvester({0}, {1}, {2})",
    },
    latex=r"\operatorname{sylvester}",
    flops=lambda operands, params, shape: 20 * cube(operands, params, shape),
)


def solve_sylvester(A: Any, B: Any, C: Any, *, method: str = "schur", tol: float = 1e-8) -> Tensor:
    """The solution of ``A @ X + X @ B == C`` (``jax.scipy.linalg.solve_sylvester``).

    Args:
        A: ``(m, m)``.
        B: ``(n, n)``; no eigenvalue is that of ``-A``.
        C: ``(m, n)``.
        method: only ``"schur"``.
        tol: only its default.

    >>> from symflow.core import matrix
    >>> solve_sylvester(matrix("A", 2, 2), matrix("B", 3, 3), matrix("C", 2, 3)).shape
    (2, 3)
    """
    if method != "schur" or tol != 1e-8:
        raise TypeError("solve_sylvester: method and tol have their defaults; others are refused")
    return apply(SOLVE_SYLVESTER, tuple(convert((A, B, C), "float")))


def lstsq(
    a: Any, b: Any, rcond: Any = None, *, numpy_resid: bool = False
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The least-squares solution of ``a @ x = b`` of smallest norm (``jax.numpy.linalg.lstsq``).

    The solution is ``pinv(a) @ b``, so that rules about the pseudoinverse apply to it.

    Args:
        a: a matrix ``(m, n)``.
        b: a vector ``(m,)`` or a matrix ``(m, k)``.
        rcond: singular values below this part of the largest one count as zero; by default those
            that :func:`pinv` takes for zero.
        numpy_resid: not supported: the size of the residuals would depend on the rank.

    Returns:
        The solution ``(n,)`` or ``(n, k)``, the sums of squared residuals ``(1,)`` or ``(k,)``,
        the rank of ``a``, and its singular values.

    >>> from symflow.core import matrix, vector
    >>> [part.shape for part in lstsq(matrix("A", 5, 2), vector("b", 5))]
    [(2,), (1,), (), (2,)]
    """
    if numpy_resid:
        raise TypeError("lstsq: numpy_resid=True is refused: shapes would depend on values")
    left, right = convert((a, b), "float")
    if left.rank != 2 or right.rank not in (1, 2):
        raise RankError(
            "lstsq takes a matrix and a vector or a matrix, got shapes "
            f"{show_shape(left.shape)} and {show_shape(right.shape)}"
        )
    if not same(left.shape[0], right.shape[0]):
        raise ShapeError(
            f"lstsq: the matrix {show_shape(left.shape)} and the right side "
            f"{show_shape(right.shape)} have {left.shape[0]} and {right.shape[0]} rows"
        )
    tolerance = plain_number(rcond, "lstsq: rcond")
    if tolerance is not None and tolerance.is_negative:
        raise DomainError(f"lstsq: rcond must not be negative, got {tolerance}")
    solution = matmul(pinv(left, tolerance), right)
    gaps = subtract(right, matmul(left, solution))
    residuals = total(real(multiply(conj(gaps), gaps)), 0, keepdims=right.rank == 1)
    return solution, residuals, _rank(left, tolerance), svdvals(left)


def _rank(matrix: Tensor, part: sp.Expr | None) -> Tensor:
    """How many singular values are no smaller than a part of the largest."""
    values = svdvals(matrix)
    if part is None or values.shape[0] == 0:
        return matrix_rank(matrix)
    return total(cast(greater_equal(values, multiply(part, values[0])), "int"))


def tensorinv(a: Any, ind: int = 2) -> Tensor:
    """The inverse of the map from the last axes to the first ``ind`` (``numpy.linalg.tensorinv``).

    Raises:
        ShapeError: unless both groups of axes hold equally many entries.
    """
    node = convert((a,), "float")[0]
    if ind <= 0:
        raise ShapeError(f"tensorinv: ind must be positive, got {ind}")
    first, last = node.shape[:ind], node.shape[ind:]
    if not same(product(first), product(last)):
        raise ShapeError(
            f"tensorinv of {show_shape(node.shape)}: the first {ind} axes hold {product(first)} "
            f"entries, the others {product(last)}"
        )
    square = reshape(node, (product(first), product(last)))
    return reshape(inv(square), (*last, *first))


def tensorsolve(a: Any, b: Any, axes: Sequence[int] | None = None) -> Tensor:
    """The tensor ``x`` with ``tensordot(a, x, x.ndim) == b`` (``numpy.linalg.tensorsolve``).

    Args:
        a: of shape ``b.shape + x.shape``, both with equally many entries.
        b: the right side.
        axes: axes of ``a`` to move to the end first.
    """
    left, right = convert((a, b), "float")
    if axes is not None:  # one after the other, as NumPy does
        moved = [normalise_axis(axis, left.rank) for axis in axes]
        left = transpose(left, [k for k in range(left.rank) if k not in moved] + moved)
    shape = left.shape[right.rank :]
    if not same_shape(left.shape[: right.rank], right.shape):
        raise ShapeError(
            f"tensorsolve: the first axes of {show_shape(left.shape)} must have the sizes of the "
            f"right side {show_shape(right.shape)}"
        )
    if not same(product(right.shape), product(shape)):
        raise ShapeError(
            f"tensorsolve: {show_shape(left.shape)} must hold as many entries in its first "
            f"{right.rank} axes as in the others"
        )
    size = product(right.shape)
    return reshape(matmul(inv(reshape(left, (size, size))), ravel(right)), shape)
