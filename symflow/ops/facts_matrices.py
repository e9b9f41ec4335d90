"""Facts about factorisations, functions of matrices and matrices made of parts, by a table."""

from collections.abc import Callable, Mapping

from symflow.core import Apply, Einsum, dtypes
from symflow.core.operation import Operation
from symflow.ops.factorisations import LU, SVD
from symflow.ops.gathering import GATHER, distinct
from symflow.ops.known import equal_sizes, known
from symflow.ops.matrix_functions import EXPM, EXPM_FRECHET, MATRIX_RANK, PINV, SQRTM
from symflow.ops.special_matrices import BLOCK_DIAG, TOEPLITZ

_KEPT_BY_ZEROS = frozenset(
    {"nonnegative", "nonpositive", "integer", "zero_one", "in_unit_interval"}
)
_KEPT_BY_BLOCKS = frozenset(
    {
        *("symmetric", "antisymmetric", "positive_definite", "positive_semidefinite", "diagonal"),
        *("lower_triangular", "upper_triangular", "tridiagonal", "orthogonal", "permutation"),
        *("invertible", "positive_determinant", "positive_diagonal", "full_rank"),
    }
)
_KEPT_BY_TURNS = frozenset(
    {
        *("nonnegative", "nonpositive", "positive", "negative", "nonzero", "integer", "zero_one"),
        *("in_unit_interval", "plus_minus_one"),
    }
)


def _singular(node: Apply) -> set[str]:
    if node.params[1] != 1:
        return {"orthogonal"}
    return {"positive"} if "full_rank" in known(node.operands[0]) else {"nonnegative"}


def _lu(node: Apply) -> set[str]:
    if node.params[0] == 0:
        return {"permutation", "orthogonal"}
    if node.params[0] == 2:
        return {"upper_triangular"}
    square = equal_sizes(*node.shape[-2:])
    return {"lower_triangular"} | (
        {"positive_determinant", "positive_diagonal"} if square else set()
    )


def _pseudoinverse(node: Apply) -> set[str]:
    kept = {"symmetric", "antisymmetric", "positive_semidefinite", "positive_definite", "diagonal"}
    have = known(node.operands[0])
    if "invertible" in have:
        kept |= {"lower_triangular", "upper_triangular", "positive_determinant"}
    return set((kept | {"orthogonal", "permutation", "invertible", "full_rank"}) & have)


def _exponential(node: Apply) -> set[str]:
    if dtypes.kind(node.dtype) == "complex":
        return set()
    have = known(node.operands[0])
    found = {"positive_determinant", *(have & {"diagonal"})}
    for shape in ("lower_triangular", "upper_triangular"):
        if shape in have:
            found |= {shape, "positive_diagonal"}
    if "symmetric" in have:
        found.add("positive_definite")
    if "antisymmetric" in have:
        found.add("orthogonal")
    return found


def _root(node: Apply) -> set[str]:
    return set({"positive_definite", "diagonal"} & known(node.operands[0]))


def _blocks(node: Apply) -> set[str]:
    kept = set.intersection(*(set(known(operand)) for operand in node.operands))
    found = kept & _KEPT_BY_ZEROS
    if all(equal_sizes(*operand.shape[-2:]) for operand in node.operands):
        found |= kept & _KEPT_BY_BLOCKS
    return found


def _toeplitz(node: Apply) -> set[str]:
    column, row = node.operands
    found = set(known(column) & known(row) & _KEPT_BY_TURNS)
    return found | ({"symmetric"} if column is row else set())


def _symmetric_both(node: Apply) -> set[str]:
    return set({"symmetric", "diagonal"} & known(node.operands[0]) & known(node.operands[1]))


def _looked_up(node: Apply) -> set[str]:
    """Rows or columns of an identity at all its positions, each once."""
    x, *indices = node.operands
    found = set(known(x) & _KEPT_BY_TURNS)
    identity = isinstance(x, Einsum) and not x.operands and x.output == (0, 0)
    if not identity or x.coefficient != 1 or len(indices) != 1 or node.rank != 2:
        return found
    if equal_sizes(*node.shape) and distinct(indices):
        found |= {"permutation", "orthogonal"}
    return found


TABLE: Mapping[Operation, Callable[[Apply], set[str]]] = {
    SVD: _singular,
    LU: _lu,
    PINV: _pseudoinverse,
    EXPM: _exponential,
    EXPM_FRECHET: _symmetric_both,
    SQRTM: _root,
    BLOCK_DIAG: _blocks,
    TOEPLITZ: _toeplitz,
    GATHER: _looked_up,
    MATRIX_RANK: lambda node: {"nonnegative", "integer"},
}
