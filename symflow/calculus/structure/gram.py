"""Sums of squares: maps that are positive semidefinite by the form of their terms."""

from collections import Counter
from collections.abc import Sequence

from symflow.calculus.structure.terms import Item, Term
from symflow.core import dtypes
from symflow.ops.facts import has


def are_squares(terms: Sequence[Term]) -> bool:
    """Whether every term is ``c L' diag(w) L`` with ``c`` and ``w`` known not to be negative.

    Complex maps would need the conjugate on one side: of them nothing is said.
    """
    return all(dtypes.kind(term.dtype) != "complex" and _is_square(term) for term in terms)


def _is_square(term: Term) -> bool:
    if len(term.rows) != len(term.columns) or not term.coefficient.is_nonnegative:
        return False
    swap = dict(zip(term.rows, term.columns, strict=True))
    if any(row in term.columns for row in term.rows):
        return False
    left: Counter[Item] = Counter()
    right: Counter[Item] = Counter()
    weights: Counter[Item] = Counter()
    for node, labels in term.items:
        rows = any(label in swap for label in labels)
        columns = any(label in term.columns for label in labels)
        if rows and columns:
            return False
        if rows:
            left[node, tuple(swap.get(label, label) for label in labels)] += 1
        else:
            (right if columns else weights)[node, labels] += 1
    odd = [node for (node, _), times in weights.items() if times % 2]
    return left == right and all(has(node, "nonnegative") for node in odd)
