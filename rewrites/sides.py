"""Comparisons whose sides have something in common: factors, terms, an increasing function.

``max(x / c) = max(x) / c`` may leave ``max(x) / c == x / c`` behind, where a derivative asks which
entries are largest; the quotients are computed apart and may differ in their last digits, whereas
``max(x) == x`` is exact.
"""

from collections.abc import Callable, Iterator

import sympy as sp

from rewrites.multiples import is_positive
from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply, contract, dtypes
from symflow.core.add import Term
from symflow.ops import facts
from symflow.ops.arithmetic import sqrt
from symflow.ops.choice import (
    EQUAL,
    GREATER,
    GREATER_EQUAL,
    LESS,
    LESS_EQUAL,
    NOT_EQUAL,
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
)
from symflow.ops.elementwise import arctan, cbrt, exp, exp2, expm1, log, sinh, tanh
from symflow.rewriting import network
from symflow.rewriting.kinds import Positive, Real
from symflow.rewriting.network import Item
from symflow.rewriting.rule import Rule, Theory, law, theory

_EQUALITIES = (EQUAL, NOT_EQUAL)
_COMPARISONS = (*_EQUALITIES, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL)


def _real(node: Apply) -> bool:
    return all(dtypes.kind(side.dtype) == "float" for side in node.operands)


def common_factor(node: Apply) -> Tensor | None:
    """``p * x < p * y`` is ``x < y`` for positive ``p``, ``y < x`` for negative numbers.

    Equalities lose every factor other than 0.
    """
    left, right = node.operands
    if not (isinstance(left, Einsum) and isinstance(right, Einsum) and _real(node)):
        return None
    fact = "nonzero" if node.operation in _EQUALITIES else "positive"
    theirs = _entrywise(right)
    shared = [
        place
        for place, axes in _entrywise(left).items()
        if place in theirs and facts.has(place[0], fact)
    ]
    number = left.coefficient
    negative = number.is_negative is True
    alike = number == right.coefficient and number is not sp.S.One
    alike = alike and (negative or is_positive(number))
    if not shared and not alike:
        return None
    kept = sp.S.One if alike else None
    sides = [_divided(side, shared, kept) for side in (left, right)]
    turned = alike and negative and node.operation not in _EQUALITIES
    return apply(node.operation, tuple(sides[::-1] if turned else sides), node.params)


def _entrywise(side: Einsum) -> dict[tuple[Tensor, tuple[int, ...]], Item]:
    """The factors of a product that are not summed, by the axes that they lie along."""
    if len(set(side.output)) < len(side.output):
        return {}
    found = {}
    for operand, labels in network.items(side):
        if set(labels) <= set(side.output) and len(set(labels)) == len(labels):
            axes = tuple(side.output.index(label) for label in labels)
            found[operand, axes] = (operand, labels)
    return found


def _divided(
    side: Einsum, shared: list[tuple[Tensor, tuple[int, ...]]], number: sp.Expr | None
) -> Tensor:
    """A product without some factors, and with another number."""
    parts, own = network.items(side), _entrywise(side)
    for place in shared:
        parts.remove(own[place])
    return network.rebuilt(side, parts, number)


def common_terms(node: Apply) -> Tensor | None:
    """``x + c < y + c`` is ``x < y``."""
    if not _real(node):
        return None
    sides = [_terms(side) for side in node.operands]
    shared = [term for term in sides[0] if term in sides[1]]
    if not shared or min(map(len, sides)) < 2:
        return None
    rest = []
    for side, terms in zip(node.operands, sides, strict=True):
        left = list(terms)
        for term in shared:
            left.remove(term)
        rest.append(add_terms(left, side.shape, side.dtype))
    return apply(node.operation, tuple(rest), node.params)


def _terms(side: Tensor) -> list[Term]:
    """The terms of a sum, also of one that is repeated along axes."""
    if isinstance(side, Add):
        return list(side.terms)
    repeat = _repeated(side)
    if repeat is None or not isinstance(repeat[0], Add):
        return []
    inner, stretched = repeat
    number = side.coefficient if isinstance(side, Einsum) else sp.S.One
    return [(number * c, stretched(term)) for c, term in inner.terms]


def _repeated(side: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]] | None:
    """The one factor of a product without sums, and what repeats another in its place."""
    if not isinstance(side, Einsum) or len(side.operands) != 1 or not _entrywise(side):
        return None
    (inner,), (labels,) = side.operands, side.subscripts
    sizes = dict(enumerate(side.sizes))
    return inner, lambda x: contract(sp.S.One, (x,), (labels,), side.output, sizes, x.dtype)


@theory("functions of both sides")
def increasing_sides(x: Real, y: Real, p: Positive, q: Positive) -> Iterator[Rule]:
    """Functions that increase everywhere keep the order of what they are given."""
    for f in (exp, exp2, expm1, sinh, tanh, arctan, cbrt):
        yield from _kept(f, x, y)
    for f in (log, sqrt):
        yield from _kept(f, p, q)


def _kept(f: Callable[[Tensor], Tensor], x: Tensor, y: Tensor) -> Iterator[Rule]:
    for word, compare in (
        ("equal", equal),
        ("smaller", less),
        ("at-most", less_equal),
        ("larger", greater),
        ("at-least", greater_equal),
    ):
        yield Rule(f"{word}-{f.__name__}", compare(f(x), f(y)), compare(x, y))


sides = Theory(
    "sides of comparisons",
    __doc__ or "",
    (
        law("common-factor-of-sides", common_factor, *_COMPARISONS),
        law("common-terms-of-sides", common_terms, *_COMPARISONS),
    ),
)
