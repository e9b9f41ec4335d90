"""Expansion: products over sums multiplied out, to see what cancels.

Not part of any set that shortens: ``simplify`` tries it within bounds and keeps what got shorter.
"""

from collections.abc import Callable
from functools import partial
from math import comb

import sympy as sp
from sympy.ntheory import multinomial_coefficients

from symflow.core import Add, Apply, Einsum, Tensor, add_terms
from symflow.ops.arithmetic import SCALAR_POWER, multiply, power_node
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory, law

_MOST_TERMS = 40
_MOST_MULTIPLIED = 10_000


def distribute(
    node: Einsum, *, among: Callable[[Tensor], bool] | None = None, most: int = _MOST_TERMS
) -> Tensor | None:
    """``(a + b) * c = a * c + b * c``, for one sum of a product.

    Args:
        node: the product.
        among: which sums are to be multiplied out (default: all).
        most: how many terms a sum may have.
    """
    if len(set(node.output)) < len(node.output):
        return None
    parts = network.items(node)
    for place, (operand, labels) in enumerate(parts):
        if not isinstance(operand, Add) or len(operand.operands) > most:
            continue
        if among is not None and not among(operand):
            continue
        if len(parts) == 1 and not node.summed and operand.rank < node.rank:
            continue  # a broadcast sum: nothing to multiply out
        terms = []
        for coefficient, term in operand.terms:
            replaced = [*parts[:place], (term, labels), *parts[place + 1 :]]
            terms.append((coefficient, network.rebuilt(node, replaced)))
        return add_terms(terms, node.shape, node.dtype)
    return None


def power_of_sum(node: Apply) -> Tensor | None:
    """``(a + b) ** k`` for a whole number ``k`` by the multinomial theorem."""
    (base,), (exponent,) = node.operands, node.params
    if not isinstance(base, Add) or not (exponent.is_Integer and exponent > 0):
        return None
    count, degree = len(base.operands), int(exponent)
    if comb(count + degree - 1, degree) > _MOST_MULTIPLIED:
        return None
    terms = []
    for exponents, times in multinomial_coefficients(count, degree).items():
        number = sp.Integer(times)
        product: Tensor | None = None
        for (coefficient, term), power in zip(base.terms, exponents, strict=True):
            if power:
                number *= coefficient**power
                factor = power_node(term, sp.Integer(power))
                product = factor if product is None else multiply(product, factor)
        assert product is not None
        terms.append((number, product))
    return add_terms(terms, node.shape, node.dtype)


def distributing(among: Callable[[Tensor], bool] | None = None) -> Procedure:
    """The law of distribution for all sums, or for some, however long."""
    function = partial(distribute, among=among, most=_MOST_MULTIPLIED)
    return Procedure("distribute", function, ((Einsum, Add),), law="(a + b) * c = a * c + b * c")


multiplied_out = Theory(
    "multiplied out",
    "Products and powers of sums multiplied out, whatever it costs.",
    (distributing(), law("power-of-sum", power_of_sum, SCALAR_POWER)),
)
expansion = Theory(
    "expansion",
    __doc__ or "",
    (Procedure("distribute", distribute, ((Einsum, Add),), law="(a + b) * c = a * c + b * c"),),
)

__all__ = ["distribute", "distributing", "expansion", "multiplied_out", "power_of_sum"]
