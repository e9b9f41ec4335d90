"""Block diagonal matrices: products, inverses, determinants and factors block by block."""

import sympy as sp

from rewrites.kernels import Applied, matrix_applied
from symflow.core import Apply, Einsum, Tensor, add_terms, apply, contract
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
