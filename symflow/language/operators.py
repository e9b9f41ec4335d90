"""What operators, calls and indices do with values: the meaning of a syntax, and NumPy's."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from symflow.errors import BudgetError

__all__ = ["BINARY", "UNARY", "Find", "Function", "Meaning", "NumPy", "equality"]

Function = Callable[..., Any]

_BITS = 4_096  # size of an integer that only literals make


def _multiply(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        _bound(left.bit_length() + right.bit_length())
    return left * right


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and right > 0:
        _bound(left.bit_length() * right)
    return left**right


def _bound(bits: int) -> None:
    if bits > _BITS:
        raise BudgetError(f"an integer of more than {_BITS} bits, which is the bound on a formula")


BINARY: Mapping[str, Function] = {
    "+": operator.add,
    "-": operator.sub,
    "*": _multiply,
    "/": operator.truediv,
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

    def __init__(self, find: Find) -> None:
        self._find = find

    def binary(self, sign: str, left: Any, right: Any) -> Any:
        """Apply Python's operator; `==` compares element by element where `equal` is known."""
        return (equality(sign, self._find) or BINARY[sign])(left, right)

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
