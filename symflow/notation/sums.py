"""Sums in an author's order: positive terms first, then by degree and name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from symflow.core import Add, Apply, Einsum, Tensor
from symflow.notation.pairs import author_key
from symflow.notation.reading import Shown
from symflow.notation.scaling import signed
from symflow.notation.tree import Binary, Method, Text, Tree
from symflow.notation.views import joint_shape
from symflow.ops.arithmetic import SCALAR_POWER

_HIGHEST = 1 << 20


class Term(NamedTuple):
    """A term with what sorts it.

    Attributes:
        shown: its tree, shape and sign.
        degree: how many variables it multiplies.
        is_literal: whether it is a plain number.
        digest: the node's, which decides where nothing else does.
    """

    shown: Shown
    degree: float
    is_literal: bool
    digest: int


def sum_of(terms: Sequence[Term], dtype: str) -> Shown:
    """The sum of terms that broadcast together.

    >>> from symflow.notation.tree import Name, python_text
    >>> y, x = Shown(Name("y"), (3,), negative=True), Shown(Name("x"), (3,))
    >>> python_text(sum_of([Term(y, 1, False, 0), Term(x, 1, False, 1)], "float").tree)
    'x - y'
    """
    ordered = sorted(terms, key=_key)
    soft = all(term.shown.soft or term.is_literal for term in ordered)
    trees = [term.shown.tree for term in ordered]
    if soft and any(term.shown.soft for term in ordered):
        place = next(k for k, term in enumerate(ordered) if term.shown.soft)
        trees[place] = Method(trees[place], "astype", (Text(dtype),))
    result: Tree | None = None
    for term, tree in zip(ordered, trees, strict=True):
        sign = "-" if term.shown.negative else "+"
        if result is None:
            result = signed(term.shown._replace(tree=tree))
        else:
            result = Binary(sign, result, tree)
    assert result is not None
    return Shown(result, joint_shape([term.shown.shape for term in ordered]))


def _key(term: Term) -> tuple[Any, ...]:
    shown = term.shown
    order = author_key(shown.tree), term.digest
    return (shown.negative, -term.degree, term.is_literal, *order)


def degree(node: Tensor, known: dict[Tensor, float]) -> float:
    """How many variables a node multiplies: 2 for ``X @ w``, 1 for ``exp(x)``, 0 for a number.

    Args:
        node: a node whose operands' degrees are known.
        known: degrees of operands.
    """
    if isinstance(node, Einsum):
        return min(sum(known.get(operand, 1) for operand in node.operands), _HIGHEST)
    if isinstance(node, Add):
        return max(known.get(operand, 1) for operand in node.operands)
    if isinstance(node, Apply) and not node.operands:
        return 0
    if isinstance(node, Apply) and node.operation is SCALAR_POWER:
        exponent = node.params[0]
        inner = known.get(node.operands[0], 1)
        return min(inner * float(exponent), _HIGHEST) if exponent.is_number else inner
    return 1
