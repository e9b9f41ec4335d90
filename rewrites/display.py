"""Display: the last touch, forms that are shorter to read and not simpler to compute with."""

from collections.abc import Iterator

from symflow.core import Add, Einsum, Tensor, add_terms
from symflow.ops.composite import sigmoid
from symflow.ops.linalg import inv
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


@theory("display")
def display(x: Real, A: Square[n], B: Square[n]) -> Iterator[Rule]:
    """Applied once everything else is done."""
    yield Rule(
        "sigmoid-pair",
        sigmoid(x) * sigmoid(-x),
        sigmoid(x) * (1 - sigmoid(x)),
        where=[not_negated(x)],
    )
    yield Rule("inverses-joined", inv(B) @ inv(A), inv(A @ B))


display_sums = Theory(
    "display of sums",
    "Sums of transposes as the transpose of one sum.",
    (
        Procedure(
            "sum-of-transposes",
            sum_of_transposes,
            ((Add, Einsum),),
            law="A.T + B.T = (A + B).T",
        ),
    ),
)
