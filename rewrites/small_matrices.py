"""Matrices of size 1: functions of a matrix are functions of its entry."""

from symflow.core import Apply, Tensor
from symflow.core.dims import is_one
from symflow.ops.arithmetic import absolute, reciprocal, sign, sqrt
from symflow.ops.contraction import squeeze
from symflow.ops.elementwise import log
from symflow.ops.linalg import CHOLESKY, DET, INV, SLOGDET
from symflow.rewriting.rule import Theory, law


def _has_size_one(node: Apply) -> bool:
    return is_one(node.operands[0].shape[-1])


def matrix_of_size_one(node: Apply) -> Tensor | None:
    """``inv([[x]]) = [[1 / x]]``, ``cholesky([[x]]) = [[sqrt(x)]]``."""
    if not _has_size_one(node):
        return None
    (entry,) = node.operands
    result: Tensor = reciprocal(entry) if node.operation is INV else sqrt(entry)
    return result


def determinant_of_size_one(node: Apply) -> Tensor | None:
    """``det([[x]]) = x``, its sign that of ``x``, its logarithm ``log|x|``."""
    if not _has_size_one(node):
        return None
    entry = squeeze(node.operands[0], (-2, -1))
    if node.operation is DET:
        return entry
    return sign(entry) if node.params[0] == 0 else log(absolute(entry))


small_matrices = Theory(
    "matrices of size 1",
    __doc__ or "",
    (
        law("matrix-of-size-one", matrix_of_size_one, INV, CHOLESKY),
        law("determinant-of-size-one", determinant_of_size_one, DET, SLOGDET),
    ),
)
