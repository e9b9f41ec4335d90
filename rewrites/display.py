"""Display: the last touch, forms that are shorter to read and not simpler to compute with."""

from collections.abc import Iterator

from symflow.core import Add, Apply, Einsum, Tensor, Variable, add_terms
from symflow.ops.choice import minimum, where
from symflow.ops.composite import sigmoid
from symflow.ops.contraction import matmul
from symflow.ops.elementwise import exp, expm1
from symflow.ops.linalg import DET, det, inv
from symflow.rewriting import network
from symflow.rewriting.conditions import not_negated
from symflow.rewriting.kinds import Real, Square, n
from symflow.rewriting.refold_cost import operators
from symflow.rewriting.rule import Procedure, Rule, Theory, theory


def sum_of_transposes(node: Add) -> Tensor | None:
    """``A.T + B.T = (A + B).T``, where that is shorter."""
    if node.rank != 2:
        return None
    products = [term for term in node.operands if isinstance(term, Einsum) and term.operands]
    if len(products) < len(node.operands) or not all(map(_is_product, products)):
        return None
    terms = [(c, network.transposed(term, (1, 0))) for c, term in node.terms]
    turned = network.transposed(add_terms(terms, node.shape[::-1], node.dtype), (1, 0))
    return turned if operators([turned])[0] < operators([node])[0] else None


def _is_product(term: Einsum) -> bool:
    """Whether a term is a product of matrices, one after the other."""
    if len(set(term.output)) != 2 or any(operand.rank != 2 for operand in term.operands):
        return False
    return all(count == 2 for count in network.label_uses(term).values())


def determinants_joined(node: Einsum) -> Tensor | None:
    """``det(A) * det(X) * det(B) = det(A @ X @ B)`` for matrices that occur once each."""
    found = [item for item in network.items(node) if _is_determinant(item[0])]
    sizes = {(labels, x.operands[0].shape) for x, labels in found}
    if len(found) < 2 or len(set(found)) < len(found) or len(sizes) > 1:
        return None
    rest = [item for item in network.items(node) if item not in found]
    if any(_is_determinant(part) for x, _ in rest for part in x.operands):
        return None
    first, *others = sorted((x.operands[0] for x, _ in found), key=_by_name)
    whole = first
    for other in others:
        whole = matmul(whole, other)
    return network.rebuilt(node, [*rest, (det(whole), found[0][1])])


def _by_name(matrix: Tensor) -> tuple[bool, str, int]:
    named = isinstance(matrix, Variable)
    return not named, matrix.name if isinstance(matrix, Variable) else "", matrix.digest


def _is_determinant(node: Tensor) -> bool:
    return isinstance(node, Apply) and node.operation is DET


@theory("display")
def display(x: Real, y: Real, A: Square[n], B: Square[n]) -> Iterator[Rule]:
    """Applied once everything else is done."""
    yield Rule(
        "sigmoid-pair",
        sigmoid(x) * sigmoid(-x),
        sigmoid(x) * (1 - sigmoid(x)),
        where=[not_negated(x)],
    )
    yield Rule("bound-of-branch", where(x > 0, y, exp(minimum(x, 0))), where(x > 0, y, exp(x)))
    yield Rule(
        "bound-of-other-branch", where(x > 0, y, expm1(minimum(x, 0))), where(x > 0, y, expm1(x))
    )
    yield Rule("inverses-joined", inv(B) @ inv(A), inv(A @ B))


display_sums = Theory(
    "display of sums",
    "Sums of transposes as the transpose of one sum, products of determinants as one.",
    (
        Procedure(
            "sum-of-transposes",
            sum_of_transposes,
            ((Add, Einsum),),
            law="A.T + B.T = (A + B).T",
        ),
        Procedure(
            "determinants-joined",
            determinants_joined,
            ((Einsum, DET),),
            law="det(A) * det(B) = det(A @ B)",
        ),
    ),
)
