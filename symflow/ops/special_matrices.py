"""Matrices made of smaller ones or of vectors: block diagonals, Toeplitz, Hankel, companion ..."""

from collections.abc import Sequence
from typing import Any

from symflow.core import dtypes
from symflow.core.apply import apply
from symflow.core.dims import Dim, Shape, same_shape, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import RankError, ShapeError
from symflow.ops.arithmetic import absolute, broadcast_to, convert, divide, negative, subtract
from symflow.ops.complex import conj
from symflow.ops.contraction import diag, expand_dims
from symflow.ops.creation import eye, ones, zeros
from symflow.ops.indexing import getitem
from symflow.ops.records import promoted
from symflow.ops.reshaping import reshape
from symflow.ops.structure import Run, concatenate, flip, place

_FAMILY = "special_matrices"
_LINEAR = frozenset({"linear"})


def _block_shape(operands: Operands, params: Params) -> Shape:
    stack = operands[0].shape[:-2]
    rows: Dim = 0
    columns: Dim = 0
    for operand in operands:
        if operand.rank < 2 or not same_shape(operand.shape[:-2], stack):
            shapes = ", ".join(show_shape(o.shape) for o in operands)
            raise RankError(f"block_diag takes matrices over the same leading axes, got {shapes}")
        rows, columns = rows + operand.shape[-2], columns + operand.shape[-1]
    return (*stack, rows, columns)


def block_runs(blocks: Sequence[Tensor], number: int) -> tuple[Run, ...]:
    """Where in a block diagonal matrix a block stands."""
    block = blocks[number]
    rows: Dim = 0
    columns: Dim = 0
    for before in blocks[:number]:
        rows, columns = rows + before.shape[-2], columns + before.shape[-1]
    lead = tuple((0, size, 1) for size in block.shape[:-2])
    return (*lead, (rows, block.shape[-2], 1), (columns, block.shape[-1], 1))


def _define_blocks(*blocks: Tensor) -> Tensor:
    shape = _block_shape(blocks, ())
    lines = []
    for number, block in enumerate(blocks):
        *lead, (_, size, _), columns = block_runs(blocks, number)
        wide = (*block.shape[:-1], shape[-1])
        lines.append(place(block, (*lead, (0, size, 1), columns), wide))
    return concatenate(lines, -2)


def _single_block(operands: Operands, params: Params) -> Tensor | None:
    return operands[0] if len(operands) == 1 else None


def _toeplitz_shape(operands: Operands, params: Params) -> Shape:
    column, row = operands
    if not column.rank or column.rank != row.rank:
        raise RankError(
            f"toeplitz takes a column and a row, got shapes {show_shape(column.shape)} and "
            f"{show_shape(row.shape)}"
        )
    if not same_shape(column.shape[:-1], row.shape[:-1]):
        raise ShapeError(
            f"toeplitz: the leading axes of {show_shape(column.shape)} and "
            f"{show_shape(row.shape)} differ"
        )
    return (*column.shape, row.shape[-1])


def _define_toeplitz(column: Tensor, row: Tensor) -> Tensor:
    """Entry ``(i, j)`` is that of number ``j - i`` of one cyclic line, read in shifted rows."""
    *stack, m, n = _toeplitz_shape((column, row), ())
    if 0 in (m, n):
        return zeros((*stack, m, n), dtypes.promote(column.dtype, row.dtype))
    gap = zeros((*stack, 1), column.dtype)
    parts = [column[..., :1], row[..., 1:], gap, flip(column[..., 1:], -1)]
    length = m + n
    lines = broadcast_to(expand_dims(concatenate(parts, -1), -2), (*stack, m, length))
    flat = reshape(lines, (*stack, m * length))[..., : m * (length - 1)]
    return getitem(reshape(flat, (*stack, m, length - 1)), (..., slice(0, n)))


BLOCK_DIAG = Operation(
    name="linalg.block_diag",
    family=_FAMILY,
    arity=None,
    shape=_block_shape,
    dtype=promoted,
    facts=_LINEAR,
    inputs="same",
    definition=_define_blocks,
    normal=_single_block,
    batching="leading",
    latex=r"\operatorname{blockdiag}",
    flops=0,
)
TOEPLITZ = Operation(
    name="linalg.toeplitz",
    family=_FAMILY,
    arity=2,
    shape=_toeplitz_shape,
    dtype=promoted,
    facts=_LINEAR,
    inputs="same",
    definition=_define_toeplitz,
    batching="leading",
    code={
        "jax": "jax.scipy.linalg.toeplitz({0}, {1})",
        "numpy": "scipy.linalg.toeplitz({0}, {1})",
    },
    latex=r"\operatorname{toeplitz}",
    flops=0,
)


def block_diag(*arrs: Any) -> Tensor:
    """A matrix of blocks along the diagonal, zeros elsewhere (``jax.scipy.linalg.block_diag``).

    Args:
        arrs: matrices; vectors count as rows, numbers as 1 by 1.

    Raises:
        RankError: for a tensor of rank above 2.

    >>> from symflow.core import matrix
    >>> block_diag(matrix("A", "m", "m"), matrix("B", 2, 3)).shape
    (m + 2, m + 3)
    """
    if not arrs:
        return zeros((1, 0))
    nodes = convert(arrs)
    for node in nodes:
        if node.rank > 2:
            raise RankError(
                f"block_diag takes matrices, got shape {show_shape(node.shape)}; use vmap"
            )
    return apply(BLOCK_DIAG, tuple(_as_matrix(node) for node in nodes))


def _as_matrix(x: Tensor) -> Tensor:
    return x if x.rank == 2 else reshape(x, (1, *(x.shape or (1,))))


def _vectors(*values: Any, what: str, inputs: str = "same") -> list[Tensor]:
    """Vectors over common leading axes; numbers count as vectors of one entry."""
    nodes = [reshape(node, (1,)) if not node.shape else node for node in convert(values, inputs)]
    most = max(node.rank for node in nodes)
    for node in nodes:
        if node.rank not in (1, most):
            raise RankError(f"{what}: the leading axes of the vectors differ")
    stack = next(node for node in nodes if node.rank == most).shape[:-1]
    return [broadcast_to(node, (*stack, node.shape[-1])) for node in nodes]


def toeplitz(c: Any, r: Any = None) -> Tensor:
    """The matrix with constant diagonals (``jax.scipy.linalg.toeplitz``).

    Args:
        c: first columns ``(..., m)``.
        r: first rows ``(..., n)``, whose first entries are not used; by default the conjugate
            of ``c``.

    Returns:
        Matrices ``(..., m, n)``: entry ``(i, j)`` is ``c[i - j]`` or, above the diagonal,
        ``r[j - i]``.

    >>> from symflow.core import vector
    >>> toeplitz(vector("c", "n"), vector("r", 3)).shape
    (n, 3)
    """
    column, row = _vectors(c, c if r is None else r, what="toeplitz")
    if r is None:
        row = conj(row)
    return apply(TOEPLITZ, (column, row))


def circulant(c: Any) -> Tensor:
    """The matrix whose columns are ``c`` rolled by one more each (``jax.scipy.linalg``)."""
    (column,) = _vectors(c, what="circulant")
    row = concatenate([column[..., :1], flip(column[..., 1:], -1)], -1)
    return apply(TOEPLITZ, (column, row))


def hankel(c: Any, r: Any = None) -> Tensor:
    """The matrix with constant antidiagonals (``jax.scipy.linalg.hankel``).

    Args:
        c: first columns ``(..., m)``.
        r: last rows ``(..., n)``, whose first entries are not used; zeros by default.
    """
    for value in (c,) if r is None else (c, r):
        if not convert((value,))[0].shape:
            raise RankError("hankel takes vectors, got a number")
    column, row = _vectors(c, zeros_of(c) if r is None else r, what="hankel")
    if 0 in (column.shape[-1], row.shape[-1]):
        return apply(TOEPLITZ, (column, row))
    whole = concatenate([column[..., -1:], row[..., 1:]], -1)
    return flip(apply(TOEPLITZ, (flip(column, -1), whole)), -2)


def zeros_of(x: Any) -> Tensor:
    """Zeros in the shape and type of ``x``."""
    node = convert((x,))[0]
    return zeros(node.shape, node.dtype)


def convolution_matrix(a: Any, n: int, mode: str = "full") -> Tensor:
    """The matrix whose product with a vector of ``n`` entries convolves it with ``a``.

    Args:
        a: vectors ``(..., m)``.
        n: the number of columns.
        mode: ``"full"``, ``"same"`` or ``"valid"``, as in ``jax.numpy.convolve``; the last two
            need the size of ``a`` as a number.
    """
    (node,) = _vectors(a, what="convolution_matrix")
    m = node.shape[-1]
    if mode not in ("full", "same", "valid"):
        raise ShapeError(f"convolution_matrix: mode is 'full', 'same' or 'valid', got {mode!r}")
    if isinstance(n, bool) or not isinstance(n, int) or n < 1 or m == 0:
        raise ShapeError("convolution_matrix: n is a positive integer, and a is not empty")
    before = after = 0
    if mode != "full":
        if not isinstance(m, int):
            raise ShapeError(f"convolution_matrix: mode {mode!r} needs a number as size, got {m}")
        trim = min(n, m) - 1
        before, after = (trim, trim) if mode == "valid" else (trim // 2, trim - trim // 2)
    padding = zeros((*node.shape[:-1], n - 1), node.dtype)
    length = m + n - 1
    column = concatenate([node, padding], -1)[..., before : length - after]
    row = concatenate([flip(node, -1), padding], -1)[..., m - 1 - before : length - before]
    return apply(TOEPLITZ, (column, row))


def companion(a: Any) -> Tensor:
    """The companion matrix of a polynomial, highest coefficient first (``jax.scipy.linalg``).

    Raises:
        ShapeError: for fewer than two coefficients.
    """
    node = _coefficients(a, "companion", 2)
    size = node.shape[0] - 1
    row = negative(divide(node[1:], node[0]))
    top = place(expand_dims(row, 0), ((0, 1, 1), (0, size, 1)), (size, size))
    return top + eye(size, k=-1, dtype=row.dtype)


def _coefficients(a: Any, what: str, least: int) -> Tensor:
    (node,) = _vectors(a, what=what, inputs="float")
    if node.rank != 1:
        raise RankError(f"{what} takes one vector, got shape {show_shape(node.shape)}; use vmap")
    size = node.shape[0]
    if isinstance(size, int) and size < least:
        raise ShapeError(f"{what} takes at least {least} coefficients, got {size}")
    return node


def leslie(f: Any, s: Any) -> Tensor:
    """The Leslie matrix of fecundity and survival rates (``jax.scipy.linalg.leslie``)."""
    rates, survival = _vectors(f, s, what="leslie")
    size = rates.shape[-1]
    if rates.rank != 1 or survival.shape[-1] != size - 1 or size == 1:
        raise ShapeError(
            "leslie takes two vectors, the second shorter by one, got shapes "
            f"{show_shape(rates.shape)} and {show_shape(survival.shape)}"
        )
    top = place(expand_dims(rates, 0), ((0, 1, 1), (0, size, 1)), (size, size))
    return top + diag(survival, -1)


def fiedler(a: Any) -> Tensor:
    """The symmetric matrix of distances ``abs(a[i] - a[j])`` (``jax.scipy.linalg.fiedler``)."""
    (node,) = _vectors(a, what="fiedler")
    return absolute(subtract(expand_dims(node, -1), expand_dims(node, -2)))


def fiedler_companion(a: Any) -> Tensor:
    """A companion matrix with five diagonals (``jax.scipy.linalg.fiedler_companion``).

    M. Fiedler, "A note on companion matrices" (2003).  The number of coefficients must be known.
    """
    node = _coefficients(a, "fiedler_companion", 1)
    if not isinstance(node.shape[0], int):
        raise ShapeError(f"fiedler_companion needs a number as size, got {node.shape[0]}")
    n = node.shape[0] - 1
    if n == 0:
        return zeros((0, 0), node.dtype)
    scaled = divide(node, node[0])
    corner = place(reshape(negative(scaled[1]), (1, 1)), ((0, 1, 1), (0, 1, 1)), (n, n))
    odd, even = (n - 1) // 2, n // 2
    lines = [  # entries, first row, first column; every second place of a diagonal
        (negative(scaled[2::2])[:even], 0, 1),
        (ones((odd,), node.dtype), 0, 2),
        (negative(scaled[3::2])[:odd], 2, 1),
        (ones(((n - 2) // 2 if n > 1 else 0,), node.dtype), 3, 1),
        (ones((min(n - 1, 1),), node.dtype), 1, 0),
    ]
    result = corner
    for entries, row, column in lines:
        count = entries.shape[0]
        if count:
            result = result + place(diag(entries), ((row, count, 2), (column, count, 2)), (n, n))
    return result
