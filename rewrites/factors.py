"""Factors of a matrix multiplied again: QR and eigenvectors with eigenvalues.

Procedures, because an operation with several results is no pattern.
"""

from symflow.core import Apply, Einsum, Tensor, apply
from symflow.core.labels import Labels
from symflow.core.operation import Operation
from symflow.ops import facts
from symflow.ops.linalg import DET, EIGH, QR
from symflow.ops.reduction import PROD
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory

Found = tuple[int, Tensor, Labels]


def _outputs(node: Einsum, operation: Operation, output: int) -> list[Found]:
    """The operands that are one result of an operation: place, what it was applied to, labels."""
    return [
        (place, operand.operands[0], labels)
        for place, (operand, labels) in enumerate(network.items(node))
        if isinstance(operand, Apply)
        and operand.operation is operation
        and operand.params == (output,)
    ]


def _is_inner(node: Einsum, label: int, times: int) -> bool:
    """Whether a label is summed over this many operands."""
    return label not in node.output and network.label_uses(node)[label] == times


def _replaced(node: Einsum, places: set[int], whole: Tensor, labels: Labels, gone: int) -> Tensor:
    rest = [item for place, item in enumerate(network.items(node)) if place not in places]
    return network.rebuilt(node, [*rest, (whole, labels)], gone=[gone])


def qr_product(node: Einsum) -> Tensor | None:
    """``Q @ R = A`` for the factors of ``A``."""
    for first, whole, left in _outputs(node, QR, 0):
        for second, other, right in _outputs(node, QR, 1):
            inner = left[-1]
            if other is not whole or right[-2] != inner or left[:-2] != right[:-2]:
                continue
            if _is_inner(node, inner, 2):
                return _replaced(node, {first, second}, whole, (*left[:-1], right[-1]), inner)
    return None


def eigen_decomposition(node: Einsum) -> Tensor | None:
    """``V @ diag(w) @ V.T = S`` for eigenvectors and eigenvalues of a symmetric ``S``."""
    vectors = _outputs(node, EIGH, 1)
    for place, whole, labels in _outputs(node, EIGH, 0):
        inner = labels[-1]
        mine = [found for found in vectors if found[1] is whole and found[2][-1] == inner]
        if len(mine) != 2 or not _is_inner(node, inner, 3):
            continue
        (a, _, left), (b, _, right) = mine
        same_batch = left[:-2] == right[:-2] == labels[:-1]
        if same_batch and facts.has(whole, "symmetric"):
            return _replaced(node, {place, a, b}, whole, (*left[:-1], right[-2]), inner)
    return None


def eigenvalue_sum(node: Einsum) -> Tensor | None:
    """The eigenvalues of a symmetric matrix add up to its trace."""
    for place, whole, labels in _outputs(node, EIGH, 0):
        inner = labels[-1]
        if _is_inner(node, inner, 1) and facts.has(whole, "symmetric"):
            return _replaced(node, {place}, whole, (*labels, inner), -1)
    return None


def eigenvalue_product(node: Apply) -> Tensor | None:
    """The eigenvalues of a symmetric matrix multiply to its determinant."""
    (operand,), (axes,) = node.operands, node.params
    if not isinstance(operand, Apply) or operand.operation is not EIGH or operand.params != (0,):
        return None
    (whole,) = operand.operands
    last = axes == (operand.rank - 1,)
    return apply(DET, (whole,)) if last and facts.has(whole, "symmetric") else None


factors = Theory(
    "factors multiplied again",
    __doc__ or "",
    (
        Procedure("qr-product", qr_product, ((Einsum, QR),), law="Q @ R = A of qr(A)"),
        Procedure(
            "eigen-decomposition",
            eigen_decomposition,
            ((Einsum, EIGH),),
            law="V @ diag(w) @ V.T = S of eigh(S)",
        ),
        Procedure(
            "eigenvalue-sum",
            eigenvalue_sum,
            ((Einsum, EIGH),),
            law="sum(w) = trace(S) of eigh(S)",
        ),
        Procedure(
            "eigenvalue-product",
            eigenvalue_product,
            ((PROD, EIGH),),
            law="prod(w) = det(S) of eigh(S)",
        ),
    ),
)
