"""Matrices of blocks: products, inverses, determinants and factors block by block."""

from collections.abc import Sequence
from typing import NamedTuple

import sympy as sp

from rewrites.kernels import Applied, matrix_applied
from symflow.core import (
    Apply,
    Constant,
    Einsum,
    Tensor,
    add_terms,
    apply,
    constant,
    contract,
)
from symflow.core.dims import Dim, same
from symflow.core.fusion import is_fuse
from symflow.ops.arithmetic import multiply
from symflow.ops.linalg import CHOLESKY, DET, INV, SLOGDET
from symflow.ops.special_matrices import BLOCK_DIAG
from symflow.ops.structure import CONCATENATE, concatenate, take_runs
from symflow.rewriting.rule import Procedure, Theory

_MOST = 16  # blocks: beyond that the program gets long


def blocks_applied(node: Einsum) -> Tensor | None:
    """``block_diag(A, B) @ concatenate([x, y]) = concatenate([A @ x, B @ y])``."""
    return matrix_applied(node, _by_blocks)


def _by_blocks(matrix: Tensor, x: Tensor, *, turned: bool) -> Applied | None:
    if not isinstance(matrix, Apply) or matrix.operation is not BLOCK_DIAG:
        return None
    blocks = matrix.operands
    if len(blocks) > _MOST or any(is_fuse(block) for block in blocks):
        return None

    def applied(x: Tensor, axis: int) -> Tensor:
        sizes = [block.shape[0 if turned else 1] for block in blocks]
        parts = zip(blocks, _cut(x, axis, sizes), strict=True)
        return concatenate(
            [_product(block, part, axis, turned=turned) for block, part in parts], axis
        )

    return applied


def _cut(x: Tensor, axis: int, sizes: list[Dim]) -> list[Tensor]:
    """A tensor as parts of these sizes along an axis."""
    if isinstance(x, Apply) and x.operation is CONCATENATE and x.params[0] == axis:
        own = [part.shape[axis] for part in x.operands]
        if len(own) == len(sizes) and all(map(same, own, sizes)):
            return list(x.operands)
    parts = []
    start: Dim = 0
    for size in sizes:
        runs: list[tuple[Dim, Dim, int]] = [(0, length, 1) for length in x.shape]
        runs[axis] = (start, size, 1)
        parts.append(take_runs(x, tuple(runs)))
        start = start + size
    return parts


def _product(block: Tensor, x: Tensor, axis: int, *, turned: bool) -> Tensor:
    """A block, or its transpose, times a tensor along an axis."""
    summed = x.rank
    own = tuple(summed if k == axis else k for k in range(x.rank))
    labels = (summed, axis) if turned else (axis, summed)
    sizes: dict[int, Dim] = dict(zip(own, x.shape, strict=True))
    sizes[axis] = block.shape[1 if turned else 0]
    return contract(sp.S.One, (block, x), (labels, own), range(x.rank), sizes, x.dtype)


class Grid(NamedTuple):
    """A matrix of blocks.

    Attributes:
        cells: its rows of blocks; None for a block of zeros.
        rows: their heights.
        columns: the widths of the blocks.
    """

    cells: tuple[tuple[Tensor | None, ...], ...]
    rows: tuple[Dim, ...]
    columns: tuple[Dim, ...]

    @property
    def extent(self) -> int:
        """How many blocks it has."""
        return len(self.rows) * len(self.columns)

    @property
    def has_zeros(self) -> bool:
        """Whether a block is zero."""
        return any(None in row for row in self.cells)

    @property
    def diagonal(self) -> tuple[Tensor, ...] | None:
        """The blocks on the diagonal, where all others are zero and they are square."""
        if len(self.rows) != len(self.columns) or len(self.rows) < 2:
            return None
        if not all(map(same, self.rows, self.columns)):
            return None
        found = []
        for k, row in enumerate(self.cells):
            block = row[k]
            if block is None or any(c is not None for j, c in enumerate(row) if j != k):
                return None
            found.append(block)
        return tuple(found)


def grid_of(matrix: Tensor) -> Grid | None:
    """A matrix read as blocks that were joined, rows of one cut; None for one without."""
    lines = _joined_along(matrix, 0)
    rows = [_joined_along(line, 1) for line in lines]
    if len(rows) * len(rows[0]) < 2:
        return None
    columns = [block.shape[1] for block in rows[0]]
    for row in rows[1:]:
        if len(row) != len(columns):
            return None
        if not all(same(block.shape[1], width) for block, width in zip(row, columns, strict=True)):
            return None
    cells = tuple(tuple(None if _is_zero(block) else block for block in row) for row in rows)
    return Grid(cells, tuple(line.shape[0] for line in lines), tuple(columns))


def _joined_along(x: Tensor, axis: int) -> tuple[Tensor, ...]:
    if isinstance(x, Apply) and x.operation is CONCATENATE and x.params[0] == axis:
        return x.operands
    return (x,)


def _is_zero(block: Tensor) -> bool:
    if isinstance(block, Constant):
        return not block.array.any()
    return isinstance(block, Einsum) and block.coefficient == 0


def grid_applied(node: Einsum) -> Tensor | None:
    """``[[A, B], [0, C]] @ [x, y] = [A @ x + B @ y, C @ y]``.

    Of a matrix without blocks of zeros for vectors alone, where to join the blocks would take
    longer than the product.
    """
    return matrix_applied(node, _by_cells)


def _by_cells(matrix: Tensor, x: Tensor, *, turned: bool) -> Applied | None:
    grid = grid_of(matrix)
    if grid is None or grid.extent > _MOST or not (grid.has_zeros or x.rank == 1):
        return None
    cells, heights, widths = grid
    if turned:
        cells, heights, widths = tuple(zip(*cells, strict=True)), widths, heights

    def applied(x: Tensor, axis: int) -> Tensor:
        parts = _cut(x, axis, list(widths))
        return concatenate(
            [
                _row_applied(row, parts, axis, height, turned=turned)
                for row, height in zip(cells, heights, strict=True)
            ],
            axis,
        )

    return applied


def _row_applied(
    row: Sequence[Tensor | None], parts: Sequence[Tensor], axis: int, height: Dim, *, turned: bool
) -> Tensor:
    """A row of blocks times the parts of a tensor."""
    terms = [
        (sp.S.One, _product(block, part, axis, turned=turned))
        for block, part in zip(row, parts, strict=True)
        if block is not None
    ]
    shape = list(parts[0].shape)
    shape[axis] = height
    if not terms:
        return constant(sp.S.Zero, tuple(shape), parts[0].dtype)
    return add_terms(terms, tuple(shape), parts[0].dtype)


def blocks_recognised(node: Apply) -> Tensor | None:
    """``[[A, 0], [0, B]] = block_diag(A, B)`` for square blocks in a function of matrices."""
    if node.operands[0].rank != 2:
        return None
    grid = grid_of(node.operands[0])
    blocks = None if grid is None or grid.extent > _MOST else grid.diagonal
    if blocks is None:
        return None
    matrix = apply(BLOCK_DIAG, blocks)
    if matrix.dtype != node.operands[0].dtype:
        return None
    return apply(node.operation, (matrix, *node.operands[1:]), node.params)


def _square_blocks(node: Apply) -> tuple[Tensor, ...] | None:
    (matrix,) = node.operands
    if not isinstance(matrix, Apply) or matrix.operation is not BLOCK_DIAG:
        return None
    square = all(same(*block.shape[-2:]) for block in matrix.operands)
    return matrix.operands if square else None


def function_of_blocks(node: Apply) -> Tensor | None:
    """``inv(block_diag(A, B)) = block_diag(inv(A), inv(B))``, and so for Cholesky factors."""
    blocks = _square_blocks(node)
    if blocks is None:
        return None
    made = tuple(apply(node.operation, (block,), node.params) for block in blocks)
    return apply(BLOCK_DIAG, made)


def determinant_of_blocks(node: Apply) -> Tensor | None:
    """``det(block_diag(A, B)) = det(A) * det(B)``; logarithms add up."""
    blocks = _square_blocks(node)
    if blocks is None:
        return None
    made = [apply(node.operation, (block,), node.params) for block in blocks]
    if node.operation is SLOGDET and node.params[0] == 1:
        return add_terms([(sp.S.One, part) for part in made], node.shape, node.dtype)
    return multiply(*made)


blocks = Theory(
    "blocks",
    __doc__ or "",
    (
        Procedure(
            "blocks-applied",
            blocks_applied,
            ((Einsum, BLOCK_DIAG),),
            law="block_diag(A, B) @ concatenate([x, y]) = concatenate([A @ x, B @ y])",
        ),
        Procedure(
            "grid-applied",
            grid_applied,
            ((Einsum, CONCATENATE),),
            law="[[A, B], [0, C]] @ [x, y] = [A @ x + B @ y, C @ y]",
        ),
        Procedure(
            "blocks-recognised",
            blocks_recognised,
            tuple((operation, CONCATENATE) for operation in (INV, CHOLESKY, DET, SLOGDET)),
            law="inv([[A, 0], [0, B]]) = inv(block_diag(A, B))",
        ),
        Procedure(
            "function-of-blocks",
            function_of_blocks,
            ((INV, BLOCK_DIAG), (CHOLESKY, BLOCK_DIAG)),
            law="inv(block_diag(A, B)) = block_diag(inv(A), inv(B))",
        ),
        Procedure(
            "determinant-of-blocks",
            determinant_of_blocks,
            ((DET, BLOCK_DIAG), (SLOGDET, BLOCK_DIAG)),
            law="det(block_diag(A, B)) = det(A) * det(B)",
        ),
    ),
)
