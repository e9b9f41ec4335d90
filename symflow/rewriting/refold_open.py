"""Multiplying out, tentatively: where sums stand inside products, another factoring may be shorter.

``(A.T / s - outer(A.T @ r, r) / s**3) @ A`` hides that both ends are ``A.T @ ...``; multiplied out
and factored anew it is ``(A.T @ A - outer(u, u) / s**2) / s`` with ``u = A.T @ r``.  Only sums
that hold products are opened (``a - x`` and ``A + A.T`` stay whole), and only within bounds.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sympy as sp

from symflow.core import Add, Einsum, Tensor, add_terms, contract
from symflow.rewriting import network, normal
from symflow.rewriting.powers import base_and_exponent

Term = tuple[sp.Expr, Tensor]
_MOST_TERMS = 8
_MOST_VISITED = 64


def multiplied_out(node: Add | Einsum, uses: Mapping[Tensor, int]) -> Tensor | None:
    """The node as one flat sum of flat products; None where that promises nothing.

    Args:
        node: a sum, or a product that holds a sum.
        uses: how often the nodes of the graph are used; sums with several uses stay whole.
    """
    if not _promises(node, uses):
        return None
    pending: list[Term] = [(sp.S.One, node)]
    flat: list[Term] = []
    while pending:
        coefficient, term = pending.pop()
        if isinstance(term, Add) and (term is node or uses.get(term, 1) <= 1):
            pending.extend((coefficient * c, inner) for c, inner in term.terms)
        elif isinstance(term, Einsum) and len(term.operands) > 1:
            opened = _opened(term, uses)
            if opened is None:
                flat.append((coefficient, term))
            else:
                pending.extend((coefficient * c, inner) for c, inner in opened)
        elif isinstance(term, Einsum) and any(_is_open(part, uses) for part in term.operands):
            pending.extend((coefficient * c, inner) for c, inner in _distributed(term, 0))
        else:
            flat.append((coefficient, term))
        if len(pending) + len(flat) > _MOST_TERMS:
            return None
    result = add_terms(flat, node.shape, node.dtype)
    return None if result is node else result


def _opened(node: Einsum, uses: Mapping[Tensor, int]) -> list[Term] | None:
    """One step: nested products taken in, or the first sum that holds products multiplied out."""
    total = network.solid_count(node)
    for place, operand in enumerate(node.operands):
        if operand.dtype != node.dtype:
            continue
        if isinstance(operand, Einsum):
            grown = total - 1 + network.solid_count(operand)
            if grown <= normal.MOST_OPERANDS:
                return [(sp.S.One, network.opened(node, [place]))]
        elif _is_open(operand, uses) and node.operands.count(operand) == 1:
            return _distributed(node, place)
    return None


def _distributed(node: Einsum, place: int) -> list[Term]:
    """The product with each term of one of its operands in that operand's place."""
    inner = node.operands[place]
    assert isinstance(inner, Add)
    sizes = dict(enumerate(node.sizes))
    result = []
    for coefficient, term in inner.terms:
        operands = (*node.operands[:place], term, *node.operands[place + 1 :])
        product = contract(
            node.coefficient, operands, node.subscripts, node.output, sizes, node.dtype
        )
        result.append((coefficient, product))
    return result


def _holds_products(node: Tensor) -> bool:
    """Whether a sum has a term that is a product or an identity."""
    return isinstance(node, Add) and any(
        isinstance(term, Einsum)
        and (len(term.operands) > 1 or len(set(term.output)) < len(term.output))
        for term in node.operands
    )


def _is_open(node: Tensor, uses: Mapping[Tensor, int]) -> bool:
    return _holds_products(node) and uses.get(node, 1) <= 1


def _promises(node: Add | Einsum, uses: Mapping[Tensor, int]) -> bool:
    """Whether a sum inside a product holds what stands beside it, there or in another term."""
    terms = node.operands if isinstance(node, Add) else (node,)
    for place, term in enumerate(terms):
        sums = _sums_of_products(term, uses)
        if not sums:
            continue
        beside = {base for other in sums for base in _bases(other.others)}
        for other in terms[:place] + terms[place + 1 :]:
            beside |= _bases((other,))
        if any(not beside.isdisjoint(_bases(inner.node.operands)) for inner in sums):
            return True
    return False


class _Inside(NamedTuple):
    """A sum of products in a product, and the other operands there."""

    node: Add
    others: tuple[Tensor, ...]


def _sums_of_products(term: Tensor, uses: Mapping[Tensor, int]) -> list[_Inside]:
    """The sums of products in a product and in the products nested in it."""
    found = []
    pending = [term]
    for _ in range(_MOST_VISITED):
        if not pending:
            break
        product = pending.pop()
        if not isinstance(product, Einsum):
            continue
        for place, operand in enumerate(product.operands):
            others = product.operands[:place] + product.operands[place + 1 :]
            if isinstance(operand, Add) and _is_open(operand, uses):
                found.append(_Inside(operand, others))
        pending.extend(product.operands)
    return found


def _bases(nodes: Sequence[Tensor]) -> set[Tensor]:
    """What products and sums of products are made of, powers by their bases."""
    found: set[Tensor] = set()
    pending = list(nodes)
    for _ in range(_MOST_VISITED):
        if not pending:
            break
        node = pending.pop()
        if isinstance(node, Einsum) or _holds_products(node):
            pending.extend(node.operands)
        else:
            found.add(base_and_exponent(node)[0])
    return found
