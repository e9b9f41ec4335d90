"""The n-ary sum: like terms collected, coefficients kept beside the terms.

``Add(coefficients, operands)`` is the sum of ``c_k * t_k`` over tensors of one shape and data
type, none of which carries a numeric coefficient of its own.  The coefficients have no common
rational factor and the first is positive; the factor stands in an ``Einsum`` around the sum, so
that ``b - a`` is ``-(a - b)``.
"""

from collections.abc import Callable, Iterable, Sequence
from math import gcd, lcm
from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.bridge import plain
from symflow.core.dims import Dim, Shape
from symflow.core.einsum import Einsum, contract, is_zero
from symflow.core.interning import digest, lookup, register
from symflow.core.node import Tensor, initialise

_TAG = digest("Add")
_LONGEST_CONTENT = 64
Term = tuple[sp.Expr, Tensor]


class Add(Tensor):
    """A sum in canonical form; build it with :func:`add_terms`.

    Attributes:
        coefficients: a number or an expression of dimensions for each operand.
    """

    __slots__ = ("coefficients",)
    coefficients: tuple[sp.Expr, ...]

    def __new__(cls, coefficients: Any, operands: Any) -> Any:
        terms = list(zip(coefficients, operands, strict=True))
        first = plain(terms[0][1])
        return add_terms(terms, first.shape, first.dtype)

    def parts(self) -> tuple[Any, ...]:
        return (sp.Tuple(*self.coefficients), self.operands)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The pairs of coefficient and operand."""
        return tuple(zip(self.coefficients, self.operands, strict=True))

    def with_operands(self, operands: tuple[Tensor, ...]) -> Tensor:
        first = operands[0]
        return add_terms(zip(self.coefficients, operands, strict=True), first.shape, first.dtype)

    def with_scalars(self, change: Callable[[sp.Expr], sp.Expr]) -> Tensor:
        changed = [change(c) for c in self.coefficients]
        return add_terms(zip(changed, self.operands, strict=True), self.shape, self.dtype)

    def numbers(self) -> tuple[sp.Expr, ...]:
        return tuple(c for c in self.coefficients if c.is_Number and c is not sp.S.One)

    def scalars(self) -> tuple[sp.Expr, ...]:
        return tuple(c for c in self.coefficients if not c.is_Number)


# what decimals add up to, 0.9 + 0.1, is no decimal any more
_FLOAT_UNITS = frozenset({sp.Float(1.0), sp.Float(-1.0)})


def split(node: Tensor) -> Term:
    """A node as coefficient times a node without coefficient."""
    if isinstance(node, Einsum) and node.coefficient is not sp.S.One:
        if is_zero(node.coefficient):
            return sp.S.Zero, node
        return node.coefficient, node.with_coefficient(sp.S.One)
    return sp.S.One, node


def scaled(coefficient: sp.Expr, node: Tensor) -> Tensor:
    """``coefficient * node``."""
    if coefficient is sp.S.One:
        return node
    labels = tuple(range(len(node.shape)))
    return contract(
        coefficient, (node,), (labels,), labels, dict(enumerate(node.shape)), node.dtype
    )


def constant(value: sp.Expr, shape: Iterable[Dim] = (), dtype: str = "float") -> Tensor:
    """A tensor whose entries are all ``value``."""
    sizes = tuple(shape)
    return contract(value, (), (), tuple(range(len(sizes))), dict(enumerate(sizes)), dtype)


def add_terms(terms: Iterable[tuple[sp.Expr, Tensor]], shape: Shape, dtype: str) -> Tensor:
    """The canonical node of a sum of scaled tensors of one shape and data type."""
    collected: dict[Tensor, sp.Expr] = {}
    for outer, node in terms:
        inner, core = split(node)
        value = outer if inner is sp.S.One else outer * inner
        known = collected.get(core)
        collected[core] = value if known is None else _total(known, value)
    left = [pair for pair in collected.items() if pair[1] is sp.S.One or not is_zero(pair[1])]
    if not left:
        return constant(sp.S.Zero, shape, dtype)
    if len(left) == 1:
        core, coefficient = left[0]
        return scaled(coefficient, core)
    left.sort(key=lambda pair: pair[0].digest)
    coefficients = tuple([c for _, c in left])
    operands = tuple([core for core, _ in left])
    content = _content(coefficients)
    if content is sp.S.One:
        return _intern(coefficients, operands)
    if content is sp.S.NegativeOne:
        return scaled(content, _intern(tuple([-c for c in coefficients]), operands))
    return scaled(content, _intern(tuple([c / content for c in coefficients]), operands))


def _total(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """The sum of two coefficients; zero is recognised also where it must be multiplied out."""
    total = a + b
    if total.is_Number:
        return sp.sympify(int(total)) if total in _FLOAT_UNITS else total
    expanded = sp.expand(total)
    return expanded if expanded.is_Number else total


def _content(coefficients: Sequence[sp.Expr]) -> sp.Expr:
    """The signed rational that all coefficients share."""
    if all(c is sp.S.One or c is sp.S.NegativeOne for c in coefficients):
        return coefficients[0]
    numerator, denominator = 0, 1
    for coefficient in coefficients:
        rational = coefficient if coefficient.is_Rational else coefficient.as_coeff_Mul()[0]
        if not rational.is_Rational:
            numerator, denominator = 1, 1
            break
        numerator = gcd(numerator, abs(rational.p))
        denominator = lcm(denominator, rational.q)
    if max(numerator, denominator).bit_length() > _LONGEST_CONTENT:
        numerator, denominator = 1, 1  # else squares of sums of squares double its length each time
    negative = coefficients[0].could_extract_minus_sign()
    if numerator == denominator == 1 and not negative:
        return sp.S.One
    return sp.Rational(-numerator if negative else numerator, denominator)


def _intern(coefficients: tuple[sp.Expr, ...], operands: tuple[Tensor, ...]) -> Tensor:
    """The node; its data type is the common one, also after a substitution by another type."""
    key = (Add, coefficients, operands)
    code = hash((_TAG, tuple(map(digest, coefficients)), tuple([x.digest for x in operands])))
    found: Tensor | None = lookup(key, code)
    if found is not None:
        return found
    node = object.__new__(Add)
    dtype = operands[0].dtype
    for operand in operands:
        if operand.dtype != dtype:
            dtype = dtypes.promote(*(operand.dtype for operand in operands))
            break
    initialise(node, operands, operands[0].shape, dtype, code)
    node.coefficients = coefficients
    return register(key, node, code)
