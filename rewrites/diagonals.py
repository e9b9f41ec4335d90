"""Factors and values of matrices that are diagonal, triangular or rows of an identity."""

import numpy as np
import sympy as sp

from rewrites.positions import known_positions
from symflow.core import Apply, Einsum, Tensor, apply, constant
from symflow.core.dims import same
from symflow.ops.arithmetic import absolute, add, divide
from symflow.ops.choice import WHERE
from symflow.ops.contraction import diagonal, expand_dims
from symflow.ops.creation import eye, ones
from symflow.ops.factorisations import LU, SVD
from symflow.ops.facts import has
from symflow.ops.facts_masks import least_difference
from symflow.ops.gathering import GATHER, gather
from symflow.ops.linalg import DET, EIGH, QR
from symflow.ops.solving import SOLVE_SYLVESTER
from symflow.ops.sorting import ARGSORT, sort
from symflow.ops.special_matrices import BLOCK_DIAG
from symflow.ops.structure import concatenate, flip
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory, law


def singular_values(node: Apply) -> Tensor | None:
    """``svd(D)`` has the values ``sort(|d|)[::-1]``; those of an orthogonal matrix are 1."""
    (matrix,) = node.operands
    if node.params[-1] != 1:
        return None
    if has(matrix, "diagonal"):
        return flip(sort(absolute(diagonal(matrix, 0, -2, -1))), -1)
    return ones(node.shape, node.dtype) if has(matrix, "orthogonal") else None


def factors_of_diagonal(node: Apply) -> Tensor | None:
    """``qr(D) = (eye, D)`` and ``lu(D) = (eye, eye, D)``: nothing is to be eliminated."""
    (matrix,) = node.operands
    if matrix.rank != 2 or not has(matrix, "diagonal"):
        return None
    last = 1 if node.operation is QR else 2
    return matrix if node.params[-1] == last else eye(matrix.shape[0], dtype=node.dtype)


def eigenvectors_of_diagonal(node: Apply) -> Tensor | None:
    """The eigenvectors of ``diag(d)`` are ``eye(n)[:, argsort(d)]``."""
    (matrix,) = node.operands
    if node.params != (1,) or matrix.rank != 2 or not has(matrix, "diagonal"):
        return None
    order = apply(ARGSORT, (diagonal(matrix),), ((0,),))
    return gather(eye(matrix.shape[0], dtype=node.dtype), [order], 1)


def sylvester_of_diagonals(node: Apply) -> Tensor | None:
    """``diag(a) @ X + X @ diag(b) = C`` has ``X = C / (a[:, None] + b)``."""
    first, second, right = node.operands
    if not (has(first, "diagonal") and has(second, "diagonal")):
        return None
    rows, columns = diagonal(first, 0, -2, -1), diagonal(second, 0, -2, -1)
    return divide(right, add(expand_dims(rows, -1), expand_dims(columns, -2)))


def det_of_rows(node: Apply) -> Tensor | None:
    """``det(eye(n)[:, i])`` is the sign of a permutation ``i``, and 0 where one comes twice."""
    (rows,) = node.operands
    if not isinstance(rows, Apply) or rows.operation is not GATHER or len(rows.operands) > 2:
        return None
    identity, index = rows.operands
    if not isinstance(identity, Einsum) or identity.operands or identity.output != (0, 0):
        return None
    found = known_positions(index, identity.shape[0])
    if found is None:
        return None
    value = sp.Integer(_sign(found)) * identity.coefficient ** len(found)
    return constant(value, node.shape, node.dtype)


def _sign(found: list[int]) -> int:
    """The sign of a permutation by its cycles; 0 for what is none."""
    if len(set(found)) < len(found):
        return 0
    seen = np.zeros(len(found), dtype=bool)
    sign = 1
    for start in range(len(found)):
        length = 0
        place = start
        while not seen[place]:
            seen[place] = True
            place = found[place]
            length += 1
        sign = -sign if length and length % 2 == 0 else sign
    return sign


def triangle_kept(node: Apply) -> Tensor | None:
    """``tril(L) = L`` for lower triangular ``L``, and ``triu(U) = U``."""
    condition, kept, other = node.operands
    if not isinstance(other, Einsum) or other.coefficient != 0 or node.rank < 2:
        return None
    bound = least_difference(condition)
    if bound is None or not bound[1].is_nonpositive:
        return None
    wanted = "lower_triangular" if bound[0] > 0 else "upper_triangular"
    return kept if has(kept, wanted) else None


def diagonal_of_blocks(node: Einsum) -> Tensor | None:
    """``diagonal(block_diag(A, B)) = concatenate([diagonal(A), diagonal(B)])``."""
    parts = network.items(node)
    for place, (operand, labels) in enumerate(parts):
        if not isinstance(operand, Apply) or operand.operation is not BLOCK_DIAG:
            continue
        square = all(same(*block.shape[-2:]) for block in operand.operands)
        if labels[-1] == labels[-2] and square:
            own = [diagonal(block, 0, -2, -1) for block in operand.operands]
            fresh = (concatenate(own, -1), labels[:-1])
            return network.rebuilt(node, [*parts[:place], fresh, *parts[place + 1 :]])
    return None


diagonals = Theory(
    "diagonal matrices",
    __doc__ or "",
    (
        law("singular-values", singular_values, SVD),
        law("factors-of-diagonal", factors_of_diagonal, QR, LU),
        law("eigenvectors-of-diagonal", eigenvectors_of_diagonal, EIGH),
        law("sylvester-of-diagonals", sylvester_of_diagonals, SOLVE_SYLVESTER),
        Procedure(
            "diagonal-of-blocks",
            diagonal_of_blocks,
            ((Einsum, BLOCK_DIAG),),
            law="diagonal(block_diag(A, B)) = concatenate([diagonal(A), diagonal(B)])",
        ),
        law("det-of-rows", det_of_rows, DET),
        law("triangle-kept", triangle_kept, WHERE),
    ),
)
