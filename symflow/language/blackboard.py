"""What the operators mean on the blackboard, where vectors are columns.

A vector is a column until it is transposed. Its transpose is a `Row`, a marker around the same
vector that decides what the next product means: row times column is the inner product, column
times row the outer one, row times matrix a row. Whatever has two readings is refused with the
ways to write each.

>>> import numpy as np
>>> from symflow.language.operators import binary_operators
>>> x, A = np.array([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
>>> board = Blackboard(lambda name: None, binary_operators())
>>> row = board.unary("'", x)
>>> float(board.binary("*", row, x))
5.0
>>> board.binary("*", row, A)
Row(value=array([ 7., 10.]))
>>> board.binary("*", x, row)
array([[1., 2.],
       [2., 4.]])
"""

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from symflow.errors import RankError, ShapeError
from symflow.language.operators import UNARY, Find, Function, equality

__all__ = ["Blackboard", "Row", "rank_of"]

Kind = Literal["number", "row", "column", "matrix", "tensor"]

_EXPONENT = 1_000  # of a matrix

_SHORT_LIVED = "x'*y is the inner product, x*y' the outer one, x.*y elementwise"
_REFUSED: Mapping[tuple[str, Kind, Kind], str] = {
    ("*", "column", "column"): f"two columns have no product: {_SHORT_LIVED}",
    ("*", "row", "row"): f"two rows have no product: {_SHORT_LIVED}",
    ("*", "column", "matrix"): "a column times a matrix: write x'*A, or diag(x)*A to scale rows",
    ("*", "matrix", "row"): "a matrix times a row: write A*x, or A*diag(x) to scale columns",
    (".*", "column", "row"): "a column and a row meet in `.*`: the outer product is x*y'",
    (".*", "row", "column"): "a row and a column meet in `.*`: the outer product is y*x'",
    (".*", "column", "matrix"): "a column `.*` a matrix: diag(x)*A scales rows, A*diag(x) columns",
    (".*", "matrix", "column"): "a matrix `.*` a column: diag(x)*A scales rows, A*diag(x) columns",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A transposed vector."""

    value: Any


def rank_of(value: object) -> int:
    """Return the number of axes of a value; what has no shape is a number."""
    shape = getattr(value, "shape", ())
    return len(shape) if isinstance(shape, tuple) else 0


def _kind(value: object) -> Kind:
    if isinstance(value, Row):
        return "row"
    kinds: tuple[Kind, ...] = ("number", "column", "matrix", "tensor")
    return kinds[min(rank_of(value), 3)]


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Row) else value


class Blackboard:
    """The meaning of blackboard syntax; `find` gives the functions `inv`, `outer`, `equal`."""

    def __init__(self, find: Find, operators: Mapping[str, Function]) -> None:
        self._find = find
        self._operators = operators

    def binary(self, sign: str, left: Any, right: Any) -> Any:
        """Apply an operator, with the orientation of its operands."""
        match sign:
            case "*":
                return self._product(left, right)
            case "@" if isinstance(left, Row) or isinstance(right, Row):
                return self._product(left, right)
            case "@":
                return left @ right
            case "/":
                return self._quotient(left, right)
            case "^":
                return self._power(left, right)
            case _:
                return self._elementwise(sign, left, right)

    def unary(self, sign: str, value: Any) -> Any:
        """Apply a sign, or transpose for the sign `'`."""
        if sign == "'":
            return _transpose(value)
        result = UNARY[sign](_bare(value))
        return Row(result) if isinstance(value, Row) else result

    def call(
        self, function: Function, arguments: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """Call a function; a vector made from rows, and not from columns, is a row."""
        given = [*arguments, *keywords.values()]
        bare = {name: _bare(value) for name, value in keywords.items()}
        result = function(*map(_bare, arguments), **bare)
        return Row(result) if rank_of(result) == 1 and _only_rows(given) else result

    def attribute(self, value: Any, name: str) -> Any:
        """Read an attribute; `T` of a matrix or a vector is its transpose."""
        if name == "T" and rank_of(_bare(value)) < 3:
            return _transpose(value)
        result = getattr(_bare(value), name)
        return Row(result) if isinstance(value, Row) and rank_of(result) == 1 else result

    def bare(self, value: Any) -> Any:
        """Return the vector of a row, and anything else as it is."""
        return _bare(value)

    def _product(self, left: Any, right: Any) -> Any:
        kinds = _kind(left), _kind(right)
        a, b = _bare(left), _bare(right)
        match kinds:
            case ("number", _) | (_, "number"):
                return _oriented(self._operators["*"](a, b), left, right)
            case ("row", "column") | ("matrix", "column") | ("matrix", "matrix"):
                return a @ b
            case ("row", "matrix"):
                return Row(a @ b)
            case ("column", "row"):
                outer = self._find("outer")
                return outer(a, b) if outer else a[:, None] * b
        raise _refusal("*", *kinds)

    def _quotient(self, left: Any, right: Any) -> Any:
        if _kind(right) != "number":
            raise ShapeError(
                f"`/` divides by a number, not by a {_kind(right)}: "
                "elementwise is `./`, and a system A*x = b is solved by inv(A)*b"
            )
        return _oriented(self._operators["/"](_bare(left), right), left, right)

    def _power(self, base: Any, exponent: Any) -> Any:
        if _kind(base) not in ("matrix", "tensor") and rank_of(_bare(exponent)) < 2:
            return self._elementwise(".^", base, exponent)
        if _kind(base) != "matrix" or _kind(exponent) != "number":
            raise RankError(
                f"a {_kind(base)} to the power of a {_kind(exponent)}: elementwise is `.^`"
            )
        rows, columns = base.shape
        if rows != columns:
            raise ShapeError(
                f"`^` repeats the product of a square matrix, and this one has shape "
                f"({rows}, {columns}): elementwise is `.^`"
            )
        return self._matrix_power(base, _whole(exponent))

    def _matrix_power(self, base: Any, exponent: int) -> Any:
        if exponent < 0:
            inverse = self._find("inv")
            if inverse is None:
                raise LookupError("there is no function `inv` here")
            base = inverse(base)
        result, square, left = None, base, abs(exponent)
        while left:
            if left & 1:
                result = square if result is None else result @ square
            left >>= 1
            square = square @ square if left else square
        return result

    def _elementwise(self, sign: str, left: Any, right: Any) -> Any:
        kinds = _kind(left), _kind(right)
        if set(kinds) in ({"row", "column"}, {"column", "matrix"}):
            raise _refusal(sign, *kinds)
        plain = {".*": "*", "./": "/", ".^": "**"}.get(sign, sign)
        function = equality(sign, self._find) or self._operators[plain]
        return _oriented(function(_bare(left), _bare(right)), left, right)


def _transpose(value: Any) -> Any:
    match _kind(value):
        case "row":
            return value.value
        case "column":
            return Row(value)
        case "matrix":
            return value.T
        case "number":
            return value
        case "tensor":
            raise RankError("`'` of a tensor: .mT swaps its last two axes, .T reverses them all")


def _oriented(result: Any, *given: Any) -> Any:
    return Row(result) if rank_of(result) == 1 and _only_rows(given) else result


def _only_rows(given: Iterable[Any]) -> bool:
    kinds = {_kind(value) for value in given}
    if {"row", "column"} <= kinds:
        raise ShapeError("rows and columns meet here: transpose one of them")
    return "row" in kinds


def _whole(exponent: Any) -> int:
    try:
        whole = operator.index(exponent)
    except TypeError:
        whole = 0
    if not whole or isinstance(exponent, bool) or abs(whole) > _EXPONENT:
        raise ShapeError(
            f"a matrix has powers from 1 to {_EXPONENT} and from -1 to -{_EXPONENT}: "
            "elementwise is `.^`, the identity is eye(n)"
        )
    return whole


def _refusal(sign: str, left: Kind, right: Kind) -> ShapeError:
    if "tensor" in (left, right):
        return RankError(f"`{sign}` takes vectors and matrices: for tensors write `.*` or einsum")
    both = (
        f"a {left} and a {right} meet in `{sign}`: transpose one, or write ones(n)*x' or x*ones(n)'"
    )
    return ShapeError(_REFUSED.get((sign, left, right), both))
