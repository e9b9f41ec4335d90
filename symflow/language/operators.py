"""What operators, calls and indices do with values: the meaning of a syntax, and NumPy's."""

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from numbers import Integral, Rational
from typing import Any, Protocol

from symflow.errors import BudgetError

__all__ = ["UNARY", "Find", "Function", "Meaning", "NumPy", "binary_operators", "equality"]

Function = Callable[..., Any]

_BITS = 4_096  # size of a number that a formula computes exactly


def _multiply(left: Any, right: Any) -> Any:
    if isinstance(left, Rational) and isinstance(right, Rational):
        _bound(_bits(left) + _bits(right))
    return left * right


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, Rational) and isinstance(right, Integral):
        _bound(_bits(left) * abs(int(right)))
    return left**right


def _bits(number: Rational) -> int:
    """The size of a whole number or fraction, SymPy's included; 0 and 1 do not grow."""
    size = max(abs(int(number.numerator)), int(number.denominator))
    return size.bit_length() if size > 1 else 0


def _bound(bits: int) -> None:
    if bits > _BITS:
        raise BudgetError(f"a number of more than {_BITS} bits, which is the bound on a formula")


def _divide(ratio: Function, left: Any, right: Any) -> Any:
    whole = isinstance(left, int) and isinstance(right, int) and right != 0
    return ratio(left, right) if whole else left / right


def binary_operators(ratio: Function = operator.truediv) -> Mapping[str, Function]:
    """Return the operators by sign; `ratio` makes the quotient of two whole numbers.

    >>> from fractions import Fraction
    >>> binary_operators(Fraction)["/"](2, 3)
    Fraction(2, 3)
    """
    return {**_BINARY, "/": partial(_divide, ratio)}


_BINARY: Mapping[str, Function] = {
    "+": operator.add,
    "-": operator.sub,
    "*": _multiply,
    "//": operator.floordiv,
    "%": operator.mod,
    "@": operator.matmul,
    "**": _power,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}

UNARY: Mapping[str, Function] = {"+": operator.pos, "-": operator.neg, "~": operator.invert}


# How a meaning finds a function of the caller's by name; None where there is none.
Find = Callable[[str], Function | None]


class Meaning(Protocol):
    """What a syntax means: one method for each way of combining values."""

    def binary(self, sign: str, left: Any, right: Any) -> Any:
        """Apply an operator to two operands."""

    def unary(self, sign: str, value: Any) -> Any:
        """Apply a sign, a negation or a transpose."""

    def call(
        self, function: Function, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """Call a function on values; methods and indices are calls too."""

    def attribute(self, value: Any, name: str) -> Any:
        """Read an attribute, whose name has been vetted."""

    def bare(self, value: Any) -> Any:
        """Return a value as the world outside knows it."""


class NumPy:
    """The meaning of NumPy syntax: Python's operators on the values themselves."""

    def __init__(self, find: Find, operators: Mapping[str, Function]) -> None:
        self._find = find
        self._operators = operators

    def binary(self, sign: str, left: Any, right: Any) -> Any:
        """Apply Python's operator; `==` compares element by element where `equal` is known."""
        return (equality(sign, self._find) or self._operators[sign])(left, right)

    def unary(self, sign: str, value: Any) -> Any:
        """Apply Python's sign."""
        return UNARY[sign](value)

    def call(
        self, function: Function, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """Call a function."""
        return function(*arguments, **keywords)

    def attribute(self, value: Any, name: str) -> Any:
        """Read an attribute."""
        return getattr(value, name)

    def bare(self, value: Any) -> Any:
        """Return the value itself."""
        return value


def equality(sign: str, find: Find) -> Function | None:
    """Return the function behind `==` and `!=`: as operators these may compare by identity."""
    name = {"==": "equal", "!=": "not_equal"}.get(sign)
    return find(name) if name else None
