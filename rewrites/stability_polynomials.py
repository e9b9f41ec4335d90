"""Stability: sums in which something cancels exactly, computed by algebra before rounding.

Sources: N. Higham, Accuracy and Stability of Numerical Algorithms (2002), sections 1.7, 1.8 and
chapter 5; R. Hamming, Numerical Methods for Scientists and Engineers (1986), chapter 3.
"""

from collections import Counter
from typing import Any

import sympy as sp

from rewrites.stability_conditions import is_number, terms_of
from rewrites.stability_rings import Key, Ring, Unfit, parts
from symflow.core import Add, Apply, Einsum, Tensor, Variable, add_terms, constant
from symflow.ops.arithmetic import SCALAR_POWER, power_node
from symflow.rewriting.rule import Procedure, Theory

_MOST_TERMS = 12


def collected_terms(node: Add) -> Tensor | None:
    """``(x + y) - x = y`` also where others use ``x + y``."""
    inner = [isinstance(operand, Add) for operand in node.operands]
    if not any(inner) or len(node.operands) > _MOST_TERMS:
        return None
    opened = [
        [(c * k, term) for k, term in operand.terms] if isinstance(operand, Add) else [(c, operand)]
        for c, operand in node.terms
    ]
    flat = [pair for group in opened for pair in group]
    after = add_terms(flat, node.shape, node.dtype)
    count = 0 if is_number(after) and terms_of(after)[0][0] == 0 else len(terms_of(after))
    return after if count < len(flat) and count <= len(node.operands) else None


# ----------------------------------------------------------------------- polynomials


def factored(node: Add) -> Tensor | None:
    """``x**2 - y**2 = (x - y) * (x + y)``, ``x**2 - 2*x + 1 = (x - 1)**2``, of inputs."""
    root: Key = (node, tuple(range(node.rank)))
    if len(node.operands) > _MOST_TERMS or not any(_is_product(part) for part in parts(root)):
        return None
    try:
        ring = Ring(node, [root])
    except Unfit:
        return None
    if not all(isinstance(leaf, Variable) for leaf, _ in ring.leaves):
        return None
    polynomial = ring[root]
    if not polynomial:
        return constant(sp.S.Zero, node.shape, node.dtype)
    number, factors = polynomial.factor_list()
    if not _pays(node, ring, polynomial, factors):
        return None
    return _product(ring, number, factors, node)


def _is_product(key: Key) -> bool:
    return isinstance(key[0], (Einsum, Apply)) and bool(parts(key)) and not _is_view(key[0])


def _is_view(node: Tensor) -> bool:
    return isinstance(node, Einsum) and len(node.operands) == 1


def _pays(node: Add, ring: Ring, polynomial: Any, factors: list[tuple[Any, int]]) -> bool:
    """Whether sums are multiplied, or something cancels once it is multiplied out."""
    if _sums(factors) > 1:
        return True
    axes = tuple(range(node.rank))
    return _cancels([ring[part, axes] for part in node.operands], polynomial)


def _sums(factors: list[tuple[Any, int]]) -> int:
    return sum(power for factor, power in factors if len(factor) > 1)


def _cancels(terms: list[Any], total: Any) -> bool:
    """Whether a monomial of the terms is none of their sum."""
    return not {monomial for term in terms for monomial in term} <= set(total)


def _product(ring: Ring, number: Any, factors: list[tuple[Any, int]], node: Add) -> Tensor:
    given: list[Key] = []
    for factor, power in factors:
        made, axes = ring.tensor(factor)
        given.extend([(made, axes)] * power)
    value = sp.Rational(int(number.numerator), int(number.denominator))
    return ring.product(given, tuple(range(node.rank)), value)


# ------------------------------------------------------------------------- fractions


def joined_fractions(node: Add) -> Tensor | None:
    """``1 / x - 1 / (x + 1) = 1 / x / (x + 1)``: over one denominator, where terms cancel."""
    axes = tuple(range(node.rank))
    if len(node.operands) > _MOST_TERMS:
        return None
    split = [_fraction((operand, axes)) for operand in node.operands]
    if not any(below for _, _, below in split):
        return None
    try:
        ring = Ring(node, [key for _, above, below in split for key in (*above, *below)])
        tops = _tops(node, ring, split)
    except Unfit:
        return None
    total = sum(tops, ring.ring.zero)
    if not total:
        return constant(sp.S.Zero, node.shape, node.dtype)
    cancels = _cancels(tops, total)
    if not cancels and not all(isinstance(leaf, Variable) for leaf, _ in ring.leaves):
        return None
    number, factors = total.factor_list()
    if not cancels and _sums(factors) < 2:
        return None
    powers = _common(split)
    given: list[Key] = [(power_node(base, sp.Integer(-k)), on) for (base, on), k in powers.items()]
    for factor, power in factors:
        given.extend([ring.tensor(factor)] * power)
    value = sp.Rational(int(number.numerator), int(number.denominator))
    return ring.product(given, axes, value)


_Split = tuple[sp.Expr, list[Key], Counter[Key]]


def _fraction(key: Key) -> _Split:
    """A term as a number, the factors above and, with their powers, those below the line."""
    node, _ = key
    number: sp.Expr = sp.S.One
    factors = [key]
    if isinstance(node, Einsum) and (parts(key) or not node.operands):
        number, factors = node.coefficient, parts(key)
    above: list[Key] = []
    below: Counter[Key] = Counter()
    for factor, on in factors:
        power = _whole_power(factor)
        if power < 0:
            below[factor.operands[0], on] += -power
        else:
            above.append((factor, on))
    return number, above, below


def _whole_power(node: Tensor) -> int:
    if isinstance(node, Apply) and node.operation is SCALAR_POWER and node.params[0].is_Integer:
        return int(node.params[0])
    return 1


def _common(split: list[_Split]) -> Counter[Key]:
    powers: Counter[Key] = Counter()
    for _, _, below in split:
        powers |= below
    return powers


def _tops(node: Add, ring: Ring, split: list[_Split]) -> list[Any]:
    """The terms over the common denominator."""
    powers = _common(split)
    tops = []
    for coefficient, (number, above, below) in zip(node.coefficients, split, strict=True):
        top = ring.number(coefficient * number)
        for key in above:
            top = top * ring[key]
        for key, power in (powers - below).items():
            top = top * ring[key] ** power
        tops.append(top)
    return tops


def _on_sums(name: str, function: Any, inner: Any, source: str) -> Procedure:
    return Procedure(name, function, ((Add, inner),), source, law=function.__doc__ or "")


fractions = Theory(
    "fractions",
    "Fractions over one denominator.",
    (_on_sums("joined-fractions", joined_fractions, SCALAR_POWER, "Hamming, chapter 3"),),
)
polynomials = Theory(
    "polynomials",
    "Polynomials of inputs as products.",
    (_on_sums("factored-polynomial", factored, None, "Higham, chapter 5"),),
)
collected = Theory(
    "terms that cancel",
    "Sums of sums in which terms cancel.",
    (_on_sums("collected-terms", collected_terms, Add, ""),),
)
