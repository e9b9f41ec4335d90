"""Expansion: products over sums multiplied out, to see what cancels.

Not part of any set that shortens: ``simplify`` tries it within bounds and keeps what got shorter.
"""

from symflow.core import Add, Einsum, Tensor, add_terms
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory

_MOST_TERMS = 40


def distribute(node: Einsum) -> Tensor | None:
    """``(a + b) * c = a * c + b * c``, for one sum of a product."""
    if len(set(node.output)) < len(node.output):
        return None
    parts = network.items(node)
    for place, (operand, labels) in enumerate(parts):
        if not isinstance(operand, Add) or len(operand.operands) > _MOST_TERMS:
            continue
        if len(parts) == 1 and not node.summed and operand.rank < node.rank:
            continue  # a broadcast sum: nothing to multiply out
        terms = []
        for coefficient, term in operand.terms:
            replaced = [*parts[:place], (term, labels), *parts[place + 1 :]]
            terms.append((coefficient, network.rebuilt(node, replaced)))
        return add_terms(terms, node.shape, node.dtype)
    return None


expansion = Theory(
    "expansion",
    __doc__ or "",
    (Procedure("distribute", distribute, ((Einsum, Add),), law="(a + b) * c = a * c + b * c"),),
)

__all__ = ["distribute", "expansion"]
