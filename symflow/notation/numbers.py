"""SymPy scalars (sizes, coefficients, exponents) as trees."""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, NamedTuple

import sympy as sp

from symflow.core.dims import Dim
from symflow.errors import SymflowError
from symflow.notation.tree import Binary, Call, Index, Name, Number, Scaled, Tree, Unary

Spell = Callable[[sp.Symbol], Tree]

_DECIMAL_DENOMINATOR = 1024
_SHORT = 8  # 0.125 is short
_FUNCTIONS = {
    sp.floor: "floor",
    sp.ceiling: "ceil",
    sp.Abs: "abs",
    sp.exp: "exp",
    sp.log: "log",
    sp.Max: "maximum",
    sp.Min: "minimum",
    sp.loggamma: "special.gammaln",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tanh: "tanh",
}


class Factor(NamedTuple):
    """A coefficient taken apart for display: a sign, and what stands above and below the line."""

    negative: bool
    numerator: Tree | None
    denominator: Tree | None

    @property
    def is_one(self) -> bool:
        """Whether nothing but the sign is left."""
        return self.numerator is None and self.denominator is None


_ONE = Factor(negative=False, numerator=None, denominator=None)


def is_negative(value: sp.Expr) -> bool:
    """Whether a coefficient is written with a minus sign."""
    return value is not sp.S.One and bool(value.could_extract_minus_sign())


def named(symbol: sp.Symbol) -> Tree:
    """A symbol by its own name."""
    return Name(symbol.name)


def size_tree(size: Dim, spell: Spell = named) -> Tree:
    """A dimension as a tree.

    >>> from symflow.core.dims import dims
    >>> from symflow.notation.tree import python_text
    >>> n, k = dims("n k")
    >>> python_text(size_tree(n - k + 1)), python_text(size_tree(2 * n))
    ('n - k + 1', '2 * n')
    """
    return Number(str(size)) if isinstance(size, int) else scalar_tree(size, spell)


def scalar_tree(value: sp.Expr, spell: Spell = named) -> Tree:
    """A number or an expression of dimensions as a tree.

    Raises:
        SymflowError: for a SymPy function that has no name in NumPy.
    """
    decimal = as_decimal(value)
    if decimal is not None:
        return decimal
    if value.is_Add:
        value = sp.factor_terms(value)
        if value.is_Add:
            return _sum(value, spell)
    factor = split_factor(value, spell)
    tree = fraction(factor.numerator, factor.denominator)
    return Unary("-", tree) if factor.negative else tree


def as_decimal(value: sp.Expr) -> Tree | None:
    """A fraction that a short decimal gives exactly: ``0.5``."""
    if not value.is_Rational or value.is_Integer or not _is_decimal(int(value.q)):
        return None
    tree = Number(repr(abs(int(value.p)) / int(value.q)))
    return Unary("-", tree) if value.p < 0 else tree


def _is_decimal(denominator: int) -> bool:
    return denominator <= _DECIMAL_DENOMINATOR and _DECIMAL_DENOMINATOR % denominator == 0


def fraction(numerator: Tree | None, denominator: Tree | None) -> Tree:
    """``numerator / denominator``, either of which may be 1."""
    above = Number("1") if numerator is None else numerator
    return above if denominator is None else Binary("/", above, denominator)


def split_factor(value: sp.Expr, spell: Spell = named, *, decimal: bool = False) -> Factor:
    """A coefficient as sign, numerator and denominator.

    Halves, quarters and the like stand as decimals beside a numerator, as divisors alone:
    ``1.5 * x`` and ``x / 2``; with ``decimal`` always as decimals: ``0.5 * x``.
    """
    if value is sp.S.One:
        return _ONE
    negative = is_negative(value)
    value = -value if negative else value
    if value.is_Add:
        value = sp.factor_terms(value)
    if value.is_Add:
        return Factor(negative, _sum(value, spell), None)
    above: list[Tree] = []
    below: list[Tree] = []
    number = sp.S.One
    value, root, is_below = _joined_roots(value)
    for part in _ordered(sp.Mul.make_args(value)):
        if part.is_Rational:
            number = number * part
        elif part.is_Pow and part.exp.is_number and part.exp.could_extract_minus_sign():
            below.append(_atom(part.base ** (-part.exp), spell))
        else:
            above.append(_atom(part, spell))
    p, q = int(number.p), int(number.q)
    if q != 1 and (p != 1 or (decimal and q <= _SHORT)) and _is_decimal(q):
        above.insert(0, Number(repr(p / q)))
    else:
        above[:0] = [] if p == 1 else [Number(str(p))]
        below[:0] = [] if q == 1 else [Number(str(q))]
    if root is not None:
        (below if is_below else above).append(Call("sqrt", (scalar_tree(root, spell),)))
    return Factor(negative, _product(above), _product(below))


def _joined_roots(value: sp.Expr) -> tuple[sp.Expr, sp.Expr | None, bool]:
    """Several square roots of numbers as one: ``sqrt(2) / (2 * sqrt(pi))`` is ``1 / sqrt(2 * pi)``.

    Returns:
        The rest, what stands under the one root, and whether that root is a divisor.
    """
    parts = sp.Mul.make_args(value)
    roots = [p for p in parts if p.is_Pow and p.base.is_number and abs(p.exp) == sp.S.Half]
    if len(roots) < 2:
        return value, None, False
    number = value.as_coeff_Mul()[0]
    for inside in (number, sp.S.One):
        square = sp.Mul(inside**2, *(root**2 for root in roots))
        above, below = sp.fraction(square)
        if above == 1:
            rest = sp.Mul(number / inside, *(p for p in parts if p not in roots and p != number))
            return rest, below, True
    rest = sp.Mul(*(part for part in parts if part not in roots))
    return rest, square, False


def _ordered(parts: Iterable[sp.Expr]) -> list[sp.Expr]:
    return sorted(parts, key=lambda part: (not part.is_number, part.is_Add, str(part)))


def _product(parts: list[Tree]) -> Tree | None:
    return reduce(lambda left, right: Binary("*", left, right), parts) if parts else None


def _sum(value: sp.Expr, spell: Spell) -> Tree:
    """Terms in SymPy's order (degree, then name), a positive one first."""
    terms = [split_factor(term, spell) for term in value.as_ordered_terms()]
    first = next((place for place, term in enumerate(terms) if not term.negative), 0)
    terms.insert(0, terms.pop(first))
    result: Tree | None = None
    for term in terms:
        tree = fraction(term.numerator, term.denominator)
        if result is None:
            result = Unary("-", tree) if term.negative else tree
        else:
            result = Binary("-" if term.negative else "+", result, tree)
    assert result is not None
    return result


def _atom(value: sp.Expr, spell: Spell) -> Tree:
    """A scalar that is neither a sum nor a product with a number in front."""
    if isinstance(value, sp.Symbol):
        return spell(value)
    if value.is_Pow:
        return _power(value, spell)
    if isinstance(value, sp.Mod):
        return Binary("%", *(scalar_tree(part, spell) for part in value.args))
    if value.is_Add:
        return _sum(value, spell)
    if value.is_Mul:
        return scalar_tree(value, spell)
    if value.func in _FUNCTIONS:
        parts = [scalar_tree(part, spell) for part in value.args]
        name = _FUNCTIONS[value.func]
        if name in ("maximum", "minimum"):
            return reduce(lambda left, right: Call(name, (left, right)), parts)
        return Call(name, tuple(parts))
    if isinstance(value, sp.Indexed):
        keys = tuple(scalar_tree(part, spell) for part in value.indices)
        return Index(Name(str(value.base)), keys)
    if isinstance(value, sp.Function):
        arguments = tuple(scalar_tree(part, spell) for part in value.args)
        return Call(f"sympy.{value.func.__name__}", arguments)
    return _number(value)


def _power(value: sp.Expr, spell: Spell) -> Tree:
    base, exponent = value.args
    if exponent == sp.S.Half:
        return Call("sqrt", (scalar_tree(base, spell),))
    if base is sp.S.Exp1:
        return Call("exp", (scalar_tree(exponent, spell),))
    return Binary("**", scalar_tree(base, spell), scalar_tree(exponent, spell))


def _number(value: Any) -> Tree:
    if value is sp.S.Pi:
        return Name("pi")
    if value is sp.S.Infinity:
        return Name("inf")
    if value is sp.nan:
        return Name("nan")
    if value is sp.S.ImaginaryUnit:
        return Number("1j")
    if value is sp.S.Exp1:
        return Call("exp", (Number("1"),))
    if value.is_Integer:
        return Number(str(value))
    if value.is_number and value.is_extended_real:
        return Number(repr(float(value)))
    raise SymflowError(f"the scalar {value} of kind {type(value).__name__} has no NumPy notation")


def with_factor(factor: Factor, body: Tree) -> Tree:
    """A scalar tensor or any other times a coefficient, the sign left to the caller.

    >>> from symflow.core.dims import dim
    >>> from symflow.notation.tree import python_text
    >>> python_text(with_factor(split_factor(2 / dim("n")), Name("x")))
    '2 / n * x'
    """
    if factor.numerator is None:
        return body if factor.denominator is None else Binary("/", body, factor.denominator)
    return Scaled(fraction(factor.numerator, factor.denominator), body)
