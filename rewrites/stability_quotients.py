"""Stability: a root less a term that it nearly equals, by the sum of the two.

Sources: N. Higham, Accuracy and Stability of Numerical Algorithms (2002), section 1.8 (the roots of
a quadratic equation); W. Kahan, Branch Cuts for Complex Elementary Functions (1987).
"""

import sympy as sp

from rewrites.stability_conditions import terms_of
from symflow.core import Add, Apply, Tensor, add_terms, scaled
from symflow.ops import facts
from symflow.ops.arithmetic import SCALAR_POWER, multiply, power_node
from symflow.ops.choice import maximum, minimum, where
from symflow.ops.elementwise import HYPOT
from symflow.rewriting.rule import Procedure, Theory


def root_less_term(node: Add) -> Tensor | None:
    """``sqrt(y**2 + z) - y = z / (sqrt(y**2 + z) + y)`` for positive ``y``."""
    for place, (a, root) in enumerate(node.terms):
        under = _under_root(root)
        if under is None:
            continue
        for other, (b, term) in enumerate(node.terms):
            if other == place:
                continue
            after = _rationalised(root, under, scaled(-b / a, term))
            if after is not None:
                rest = [t for k, t in enumerate(node.terms) if k not in (place, other)]
                return add_terms([*rest, (a, after)], node.shape, node.dtype)
    return None


def _under_root(node: Tensor) -> Tensor | None:
    if not isinstance(node, Apply):
        return None
    if node.operation is SCALAR_POWER and node.params[0] == sp.S.Half:
        return node.operands[0]
    if node.operation is HYPOT:
        x, y = node.operands
        return add_terms(
            [(sp.S.One, multiply(x, x)), (sp.S.One, multiply(y, y))], node.shape, node.dtype
        )
    return None


def _rationalised(root: Tensor, under: Tensor, y: Tensor) -> Tensor | None:
    """``root - y``, where the square of ``y`` is one of the terms under the root."""
    if "nonpositive" in facts.facts(y) or root.shape != under.shape:
        return None
    inside = terms_of(under)
    negated = [(-c, term) for c, term in terms_of(multiply(y, y))]
    rest = add_terms([*inside, *negated], under.shape, under.dtype)
    if len(inside) < 2 or len(terms_of(rest)) != len(inside) - 1:
        return None
    if facts.has(y, "positive"):
        return _quotient(rest, root, y)
    condition = y > 0
    above = _quotient(rest, root, maximum(y, 0))
    return where(condition, above, _sum((1, root), (-1, minimum(y, 1))))


def _quotient(rest: Tensor, root: Tensor, y: Tensor) -> Tensor:
    return multiply(rest, power_node(_sum((1, root), (1, y)), sp.S.NegativeOne))


def _sum(*terms: tuple[int, Tensor]) -> Tensor:
    first = terms[0][1]
    return add_terms([(sp.Integer(c), term) for c, term in terms], first.shape, first.dtype)


rationalised = Theory(
    "roots less a term",
    "A difference as a quotient by the sum, where squares cancel.",
    (
        Procedure(
            "root-less-term",
            root_less_term,
            ((Add, SCALAR_POWER),),
            "Higham 1.8",
            law=root_less_term.__doc__ or "",
        ),
        Procedure(
            "hypotenuse-less-term",
            root_less_term,
            ((Add, HYPOT),),
            "Kahan 1987",
            law="hypot(x, y) - x = y**2 / (hypot(x, y) + x)",
        ),
    ),
)
