"""Products with Toeplitz and circulant matrices as convolutions, computed by fast transforms.

G. H. Golub, C. F. Van Loan, "Matrix Computations" (4th ed., 2013), section 4.8: a circulant matrix
is diagonal in the Fourier basis, and a Toeplitz matrix of ``m`` rows and ``n`` columns is a corner
of a circulant one of order ``m + n``. ``O(n log n)`` operations instead of ``O(n^2)``; for
programs only, as the formula is longer.
"""

from typing import NamedTuple

from symflow.core import Add, Apply, Einsum, Tensor, dtypes
from symflow.core.dims import Dim, same, simplify_dim
from symflow.core.fusion import is_fuse
from symflow.core.labels import Labels
from symflow.ops import facts
from symflow.ops.arithmetic import ABS, REMAINDER, divide, multiply
from symflow.ops.complex import conj
from symflow.ops.contraction import expand_dims
from symflow.ops.creation import IOTA, zeros
from symflow.ops.fft import irfft, rfft
from symflow.ops.gathering import GATHER
from symflow.ops.linalg import INV
from symflow.ops.special_matrices import TOEPLITZ, circulant
from symflow.ops.structure import concatenate, flip, place, take_runs
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory

_SMALL = 64


class Kernel(NamedTuple):
    """A matrix ``M[i, j] = w[(i - j) mod size]``, or a corner of it.

    Attributes:
        weights: the first column of the circulant matrix.
        size: its order.
        inverted: whether the inverse is meant.
        transposed: whether the transpose is meant.
    """

    weights: Tensor
    size: Dim
    inverted: bool = False
    transposed: bool = False


def convolved(node: Einsum) -> Tensor | None:
    """``circulant(c) @ x = irfft(rfft(c) * rfft(x))``; so for Toeplitz, and solves by quotients."""
    parts = network.items(node)
    if len(parts) < 2 or dtypes.kind(node.dtype) != "float":
        return None
    uses = network.label_uses(node)
    for number, (operand, labels) in enumerate(parts):
        if operand.rank != 2 or labels[0] == labels[1] or _is_small(operand):
            continue
        for row, column in ((0, 1), (1, 0)):
            gone = labels[column]
            if gone in node.output or uses[gone] != 2:
                continue
            (other,) = (k for k, (_, own) in enumerate(parts) if k != number and gone in own)
            x, own = parts[other]
            kernel = kernel_of(operand)
            if kernel is None or is_fuse(x) or own.count(gone) != 1 or labels[row] in own:
                continue
            if row:
                kernel = kernel._replace(transposed=not kernel.transposed)
            axis = own.index(gone)
            made = _applied(kernel, x, axis, operand.shape[row])
            rest = [item for k, item in enumerate(parts) if k not in (number, other)]
            fresh: Labels = (*own[:axis], labels[row], *own[axis + 1 :])
            return network.rebuilt(node, [*rest, (made, fresh)], gone=[gone])
    return None


def _is_small(matrix: Tensor) -> bool:
    """Whether the product itself takes less time than to set up transforms."""
    return all(isinstance(size, int) and size <= _SMALL for size in matrix.shape)


def _applied(kernel: Kernel, x: Tensor, axis: int, rows: Dim) -> Tensor:
    """The product with a tensor along an axis."""
    spectrum = rfft(kernel.weights)
    if kernel.transposed:
        spectrum = conj(spectrum)
    behind = x.rank - axis - 1
    spectrum = expand_dims(spectrum, tuple(range(1, behind + 1))) if behind else spectrum
    combine = divide if kernel.inverted else multiply
    runs = [(0, size, 1) for size in x.shape]
    padded = (*x.shape[:axis], kernel.size, *x.shape[axis + 1 :])
    whole = rfft(place(x, tuple(runs), padded), axis=axis)
    whole = irfft(combine(whole, spectrum), kernel.size, axis)
    runs = [(0, size, 1) for size in whole.shape]
    runs[axis] = (0, rows, 1)
    return take_runs(whole, tuple(runs))


def kernel_of(matrix: Tensor) -> Kernel | None:
    """The kernel of a matrix that is known to be Toeplitz, or of the inverse of a circulant one."""
    if isinstance(matrix, Apply) and matrix.operation is INV:
        inner = kernel_of(matrix.operands[0])
        if inner is None or inner.inverted or not same(inner.size, matrix.shape[0]):
            return None
        return inner._replace(inverted=True)
    if dtypes.kind(matrix.dtype) != "float":
        return None
    if isinstance(matrix, Apply) and matrix.operation is TOEPLITZ:
        column, row = matrix.operands
        return _of_toeplitz(matrix, column, row)
    if isinstance(matrix, Apply) and matrix.operation is GATHER:
        return _of_lookup(matrix)
    if facts.has(matrix, "circulant"):
        return Kernel(_line(matrix, 0), matrix.shape[0])
    if facts.has(matrix, "toeplitz") and not _is_thin(matrix):
        return _of_toeplitz(matrix, _line(matrix, 0), _line(matrix, 1))
    return None


def _is_thin(matrix: Tensor) -> bool:
    """Whether other rules know better: of diagonals, and of what is computed from less."""
    return facts.has(matrix, "tridiagonal") or isinstance(matrix, Einsum)


def _line(matrix: Tensor, axis: int) -> Tensor:
    """The first column (along axis 0) or row."""
    index = (slice(None), 0) if axis == 0 else (0, slice(None))
    return matrix[index]


def _of_toeplitz(matrix: Tensor, column: Tensor, row: Tensor) -> Kernel:
    if same(*matrix.shape) and circulant(column).operands[1:] == (row,):
        return Kernel(column, matrix.shape[0])
    rows, columns = matrix.shape
    # one zero more than needed: transforms of an odd, often prime, length are slow
    weights = concatenate([column, zeros((1,), column.dtype), flip(row[1:], 0)])
    return Kernel(weights, simplify_dim(rows + columns))


def _of_lookup(matrix: Apply) -> Kernel | None:
    """``c[(i - j) % n]`` or ``c[abs(i - j)]``, numbers ``i`` of rows and ``j`` of columns."""
    c, *indices = matrix.operands
    if c.rank != 1 or len(indices) != 1 or not all(same(n, c.shape[0]) for n in matrix.shape):
        return None
    (index,) = indices
    if isinstance(index, Apply) and index.operation is ABS:
        return _of_toeplitz(matrix, c, c) if _apart(index.operands[0]) is not None else None
    if isinstance(index, Apply) and index.operation is REMAINDER:
        index, modulus = index.operands
        if not isinstance(modulus, Einsum) or modulus.operands:
            return None
        if not same(modulus.coefficient, c.shape[0]):
            return None
    sign = _apart(index)
    return None if sign is None else Kernel(c, c.shape[0], transposed=sign == -1)


def _apart(index: Tensor) -> int | None:
    """1 for ``i - j`` and -1 for ``j - i``, the numbers of the row and of the column."""
    outer = 1
    if isinstance(index, Einsum) and index.subscripts == (index.output,):
        outer, index = index.coefficient, index.operands[0]
    if not isinstance(index, Add) or len(index.terms) != 2:
        return None
    signs = {_counted(term): outer * sign for sign, term in index.terms}
    if signs.keys() != {0, 1} or sorted(signs.values()) != [-1, 1]:
        return None
    return int(signs[0])


def _counted(node: Tensor) -> int | None:
    """The axis along which a matrix is 0, 1, 2, ..., and the same along the other."""
    if not isinstance(node, Einsum) or len(node.operands) != 1 or node.coefficient != 1:
        return None
    (inner,), ((label, *more),) = node.operands, node.subscripts
    if more or not isinstance(inner, Apply) or inner.operation is not IOTA:
        return None
    return node.output.index(label) if node.output.count(label) == 1 else None


convolutions = Theory(
    "convolutions",
    __doc__ or "",
    (
        Procedure(
            "convolved",
            convolved,
            ((Einsum, TOEPLITZ), (Einsum, GATHER), (Einsum, INV)),
            law="circulant(c) @ x = irfft(rfft(c) * rfft(x))",
        ),
        Procedure(
            "convolved-by-property",
            convolved,
            ((Einsum, None),),
            law="C @ x = irfft(rfft(C[:, 0]) * rfft(x)) for circulant C",
            asks=frozenset({"toeplitz"}),
        ),
    ),
)
