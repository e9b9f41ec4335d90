"""Formulas as on a blackboard: juxtaposed products, transposes above, fractions.

Shared by LaTeX and by one-line Unicode, which differ in a :class:`Style`.  Vectors are columns:
``x @ y`` is written ``x' y``, ``x @ A`` is ``A' x``, ``outer(x, y)`` is ``x y'``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from symflow.export.ranks import Ranks
from symflow.notation.tree import (
    Attribute,
    Binary,
    Call,
    Compare,
    Group,
    Index,
    Method,
    Name,
    Number,
    Scaled,
    Slice,
    Text,
    Tree,
    Unary,
    transposed,
)
from symflow.notation.tree import (
    Sequence as Items,
)

COMPARE, SUM, HADAMARD, PRODUCT, POWER, ATOM = range(6)


class Part(NamedTuple):
    """A tree still to be written, in brackets where it binds less than asked for."""

    tree: Tree
    least: int = 0
    row: bool = False


Piece = str | Part
Pieces = list[Piece]
Written = tuple[Pieces, int]


class Style(Protocol):
    """What LaTeX and Unicode write differently."""

    @property
    def signs(self) -> Mapping[str, str]:
        """Operators: ``join`` (between factors), ``hadamard``, ``kron``, ``-``, ``<=`` ..."""

    def name(self, text: str) -> str:
        """A variable or a dimension."""

    def word(self, text: str) -> str:
        """The name of a function, or a fixed symbol such as ``I``."""

    def function(self, name: str, arguments: list[Pieces]) -> Written:
        """A function by its name in NumPy."""

    def brackets(self, inner: Pieces, kind: str = "()") -> Pieces:
        """Something in brackets."""

    def raised(self, base: Pieces, exponent: Pieces) -> Pieces:
        """A power."""

    def lowered(self, base: Pieces, index: Pieces) -> Pieces:
        """Something with an index."""

    def fraction(self, above: Tree, below: Tree) -> Written:
        """A quotient by a scalar."""

    def root(self, value: Tree) -> Written:
        """A square root."""

    def total(self, labels: str, body: Pieces) -> Pieces:
        """A sum over labels."""

    def cases(self, condition: Tree, first: Tree, second: Tree) -> Written:
        """One of two by a condition."""


class Blackboard:
    """Writes trees in a style.

    Args:
        style: how signs look.
        ranks: the rank of every tree, by digest.
    """

    def __init__(self, style: Style, ranks: Ranks) -> None:
        self.style = style
        self.ranks = ranks

    def tokens(self, tree: Tree) -> list[str]:
        """The text in tokens."""
        out: list[str] = []
        stack: Pieces = [Part(tree)]
        while stack:
            piece = stack.pop()
            if isinstance(piece, str):
                out.append(piece)
                continue
            pieces, binding = self._row(piece.tree) if piece.row else self._written(piece.tree)
            if binding < piece.least:
                kind = "[]" if isinstance(piece.tree, Compare) else "()"
                pieces = self.style.brackets(pieces, kind)
            stack.extend(reversed(pieces))
        return out

    def rank(self, tree: Tree) -> int:
        """The rank of a tree (that of a part made here is taken as a matrix's)."""
        return self.ranks.get(tree.digest, _MATRIX)

    def _written(self, tree: Tree) -> Written:
        match tree:
            case Name(text=text):
                return [self.style.name(text)], ATOM
            case Number() | Text():
                return [tree.word], ATOM
            case Binary():
                return self._binary(tree)
            case Scaled(factor=factor, body=body):
                return self._scaled(factor, body)
            case Unary(operator="-", operand=operand):
                return [self.style.signs["minus"], Part(operand, HADAMARD)], SUM
            case Unary(operator=operator, operand=operand):
                return [operator, Part(operand, POWER)], POWER
            case Compare(operator=operator, left=left, right=right):
                sign = self.style.signs.get(operator, f" {operator} ")
                return [Part(left, SUM), sign, Part(right, SUM)], COMPARE
            case Group(value=value):
                return [Part(value)], COMPARE
            case Attribute(value=value, name="T"):
                return self._transposed(value)
        return self._other(tree)

    def _other(self, tree: Tree) -> Written:
        match tree:
            case Call():
                return self._call(tree)
            case Method(value=value, name="reshape", arguments=arguments):
                sizes = _joined([[Part(size)] for size in arguments], self.style.signs["by"])
                return self._named("reshape", [[Part(value)]], sizes)
            case Method(value=Index(value=Attribute(name="at", value=value), keys=keys)):
                return self._changed(value, keys, tree.name, tree.arguments[0])
            case Method(value=value):
                return self._written(value)
            case Index(value=value, keys=keys):
                return self._index(value, keys)
            case Items(items=items, bracket=bracket):
                inner = _joined([[Part(item)] for item in items], ", ")
                return self.style.brackets(inner, "()" if bracket == "(" else "[]"), ATOM
            case Slice(start=start, stop=stop, step=step):
                bounds: Pieces = [_bound(start), ":", _bound(stop)]
                return bounds if step is None else [*bounds, ":", _bound(step)], ATOM
        raise TypeError(f"{type(tree).__name__} has no blackboard notation")

    # ------------------------------------------------------------------ products

    def _binary(self, tree: Binary) -> Written:
        operator, left, right = tree.operator, tree.left, tree.right
        if operator in ("+", "-"):
            return self._sum(operator, left, right)
        if operator == "@":
            return self._matmul(left, right)
        if operator == "*":
            return self._times(left, right)
        if operator == "/":
            return self._over(left, right)
        if operator == "**":
            sign: Pieces = [self.style.signs["power"]] if self.rank(tree) else []
            return self.style.raised([Part(left, ATOM)], [*sign, Part(right)]), POWER
        return [Part(left, PRODUCT), f" {operator} ", Part(right, POWER)], HADAMARD

    def _sum(self, operator: str, left: Tree, right: Tree) -> Written:
        rank = max(self.rank(left), self.rank(right))
        sign = self.style.signs["-" if operator == "-" else "+"]
        return [*self._spread(left, SUM, rank), sign, *self._spread(right, HADAMARD, rank)], SUM

    def _spread(self, tree: Tree, least: int, rank: int) -> Pieces:
        """A vector added to a matrix: ``1 b'``, or ``b 1'`` for a column."""
        one, join = self.style.word("1"), self.style.signs["join"]
        if rank != _MATRIX:
            return [Part(tree, least)]
        if self.rank(tree) == 1:
            return [one, join, Part(tree, PRODUCT, row=True)]
        column = _column(tree) if self.rank(tree) == _MATRIX else None
        if column is None:
            return [Part(tree, least)]
        return [Part(column, PRODUCT), join, *self._above([one])]

    def _above(self, base: Pieces) -> Pieces:
        return self.style.raised(base, [self.style.signs["transpose"]])

    def _matmul(self, left: Tree, right: Tree) -> Written:
        ranks = self.rank(left), self.rank(right)
        join = self.style.signs["join"]
        if ranks == (1, 1):
            return [Part(left, PRODUCT, row=True), join, Part(right, PRODUCT)], PRODUCT
        if ranks == (1, _MATRIX):
            return [Part(transposed(right), PRODUCT), join, Part(left, PRODUCT)], PRODUCT
        if max(ranks) > _MATRIX:
            return [Part(left, PRODUCT), self.style.signs["dot"], Part(right, POWER)], HADAMARD
        return [Part(left, PRODUCT), join, Part(right, PRODUCT)], PRODUCT

    def _row(self, tree: Tree) -> Written:
        """A vector as a row."""
        if isinstance(tree, Binary) and tree.operator == "@" and self.rank(tree.left) == 1:
            join = self.style.signs["join"]
            return [Part(tree.left, PRODUCT, row=True), join, Part(tree.right, PRODUCT)], PRODUCT
        return self._transposed(tree)

    def _transposed(self, value: Tree) -> Written:
        if isinstance(value, Call) and value.function == "linalg.inv":
            exponent: Pieces = [self.style.signs["inverse transpose"]]
            return self.style.raised([Part(value.arguments[0], ATOM)], exponent), POWER
        return self._above([Part(value, ATOM)]), POWER

    def _times(self, left: Tree, right: Tree) -> Written:
        if not self.rank(left) or not self.rank(right):
            return self._scaled(left, right)
        for vector, matrix in ((left, right), (right, left)):
            scaling = self._row_scaling(vector, matrix)
            if scaling is not None:
                return scaling
        return [Part(left, HADAMARD), self.style.signs["hadamard"], Part(right, POWER)], HADAMARD

    def _row_scaling(self, vector: Tree, matrix: Tree) -> Written | None:
        """``v[:, None] * A`` is ``diag(v) A``; ``A * v`` is ``A diag(v)``."""
        if self.rank(matrix) != _MATRIX or _column(matrix) is not None:
            return None
        join = self.style.signs["join"]
        column = _column(vector) if self.rank(vector) == _MATRIX else None
        if column is not None:
            return [*self._diagonal(column), join, Part(matrix, PRODUCT)], PRODUCT
        if self.rank(vector) == 1:
            return [Part(matrix, PRODUCT), join, *self._diagonal(vector)], PRODUCT
        return None

    def _diagonal(self, vector: Tree) -> Pieces:
        return self.style.function("diag", [[Part(vector)]])[0]

    def _scaled(self, factor: Tree, body: Tree) -> Written:
        if isinstance(factor, Unary) and isinstance(factor.operand, Number):
            return [self.style.signs["minus"], *self._scaled(factor.operand, body)[0]], SUM
        join = self.style.signs["scale" if isinstance(factor, Number) else "join"]
        hadamard = isinstance(body, Binary) and body.operator == "*"
        least = HADAMARD if hadamard else PRODUCT
        inner = isinstance(factor, Binary) and factor.operator == "@"
        return [Part(factor, POWER if inner else PRODUCT), join, Part(body, least)], least

    def _over(self, left: Tree, right: Tree) -> Written:
        if not self.rank(right):
            return self.style.fraction(left, right)
        return [Part(left, HADAMARD), self.style.signs["divide"], Part(right, POWER)], HADAMARD

    # ------------------------------------------------------------------ calls and indices

    def _call(self, tree: Call) -> Written:
        special = _CALLS.get(tree.function)
        if special is not None:
            written = special(self, tree)
            if written is not None:
                return written
        axis = tree.keyword("axis")
        arguments: list[Pieces] = [[Part(item)] for item in (*tree.arguments, *_numbers(tree))]
        if axis is not None and tree.keyword("dtype") is None:
            return self._named(tree.function, arguments, [Part(axis)])
        return self.style.function(tree.function, arguments)

    def _named(self, name: str, arguments: list[Pieces], index: Pieces) -> Written:
        """A function with an index at its name."""
        head = self.style.lowered([self.style.word(name)], index)
        return [*head, *self.style.brackets(_joined(arguments, ", "))], POWER

    def outer(self, tree: Call) -> Written:
        """``u v'``."""
        u, v = tree.arguments
        join = self.style.signs["join"]
        return [Part(u, PRODUCT), join, Part(v, PRODUCT, row=True)], PRODUCT

    def kron(self, tree: Call) -> Written:
        """``A (x) B``."""
        left, right = tree.arguments
        return [Part(left, PRODUCT), self.style.signs["kron"], Part(right, POWER)], HADAMARD

    def inverse(self, tree: Call) -> Written:
        """``A^-1``."""
        exponent: Pieces = [self.style.signs["inverse"]]
        return self.style.raised([Part(tree.arguments[0], ATOM)], exponent), POWER

    def identity(self, tree: Call) -> Written:
        """``I_n``."""
        return self.style.lowered([self.style.word("I")], [Part(tree.arguments[0])]), ATOM

    def constant(self, tree: Call) -> Written:
        """Ones and zeros with their shape."""
        digit = self.style.word("1" if tree.function == "ones" else "0")
        sizes = _joined([[Part(n)] for n in tree.arguments[0].children], self.style.signs["by"])
        return (self.style.lowered([digit], sizes) if sizes else [digit]), ATOM

    def root(self, tree: Call) -> Written:
        """A square root."""
        return self.style.root(tree.arguments[0])

    def where(self, tree: Call) -> Written:
        """One of two by a condition."""
        condition, first, second = tree.arguments
        return self.style.cases(condition, first, second)

    def total(self, tree: Call) -> Written | None:
        """A sum of all entries, with indices."""
        value = tree.arguments[0]
        if tree.keywords or not 0 < self.rank(value) < len(_LETTERS):
            return None
        labels = _LETTERS[: self.rank(value)]
        body = self.style.lowered([Part(value, ATOM)], [labels])
        return self.style.total(labels, body), HADAMARD

    def einsum(self, tree: Call) -> Written | None:
        """Index notation; the free indices stand at a bracket around it."""
        spec, *operands = tree.arguments
        if not isinstance(spec, Text):
            return None
        inputs, _, output = spec.value.partition("->")
        factors: list[Pieces] = []
        for labels, operand in zip(inputs.split(","), operands, strict=True):
            is_identity = isinstance(operand, Call) and operand.function == "eye"
            base: Pieces = [self.style.name("delta") if is_identity else Part(operand, ATOM)]
            factors.append(self.style.lowered(base, [labels]) if labels else base)
        inner = "".join(dict.fromkeys(n for n in inputs if n != "," and n not in output))
        body = _joined(factors, " ")
        body = self.style.total(inner, body) if inner else body
        if not output:
            return body, HADAMARD
        return self.style.lowered(self.style.brackets(body, "[]"), [output]), ATOM

    def _index(self, value: Tree, keys: Sequence[Tree]) -> Written:
        if isinstance(value, Call) and value.function == "linalg.slogdet":
            name = ("sign det", "log|det|")[int(keys[0].word)]
            return self.style.function(name, [[Part(value.arguments[0])]])
        column = _column(Index(value, tuple(keys)))
        if column is not None and self.rank(column) == 1:
            return [Part(column, ATOM)], PRODUCT
        if self.rank(value) == 1 and _is_row(keys):
            return self._row(value)
        return self.style.lowered(
            [Part(value, ATOM)], _joined([[_key(k)] for k in keys], ",")
        ), ATOM

    def _changed(self, value: Tree, keys: Sequence[Tree], method: str, given: Tree) -> Written:
        """``x`` with some entries changed: ``x[i <- v]``."""
        places = _joined([[_key(k)] for k in keys], ",")
        inner: Pieces = [*places, self.style.signs[f"at {method}"], Part(given)]
        return [Part(value, ATOM), *self.style.brackets(inner, "[]")], ATOM


_MATRIX = 2  # the rank of a matrix
_LETTERS = "ijklmnpq"
_CALLS: dict[str, Callable[[Blackboard, Call], Written | None]] = {
    "outer": Blackboard.outer,
    "kron": Blackboard.kron,
    "linalg.inv": Blackboard.inverse,
    "eye": Blackboard.identity,
    "ones": Blackboard.constant,
    "zeros": Blackboard.constant,
    "sqrt": Blackboard.root,
    "where": Blackboard.where,
    "sum": Blackboard.total,
    "einsum": Blackboard.einsum,
}


def _column(tree: Tree) -> Tree | None:
    """The vector ``v`` of ``v[:, None]`` or of ``sum(A, axis=1, keepdims=True)``."""
    if isinstance(tree, Call) and tree.keyword("keepdims") is not None:
        axis = tree.keyword("axis")
        left = tuple((key, value) for key, value in tree.keywords if key != "keepdims")
        is_last = axis is not None and axis.word == "1"
        return Call(tree.function, tree.arguments, left) if is_last else None
    if not isinstance(tree, Index) or len(tree.keys) != _MATRIX:
        return None
    first, second = tree.keys
    return tree.value if first == Slice() and second.word == "None" else None


def _is_row(keys: Sequence[Tree]) -> bool:
    """Whether ``v[keys]`` is the vector as a row, ``v[None, :]``."""
    return len(keys) == _MATRIX and keys[0].word == "None" and keys[1] == Slice()


def _key(tree: Tree) -> Piece:
    return "·" if tree.word == "None" else Part(tree)


def _bound(tree: Tree | None) -> Piece:
    return "" if tree is None else Part(tree)


def _numbers(tree: Call) -> list[Tree]:
    """Parameters that are numbers, as the decimals of ``round``: they stand after the operands."""
    parameters = [value for name, value in tree.keywords if name not in ("axis", "initial")]
    return [value for value in parameters if isinstance(value, Number)]


def _joined(items: Sequence[Pieces], separator: str) -> Pieces:
    pieces: Pieces = []
    for number, item in enumerate(items):
        if number:
            pieces.append(separator)
        pieces.extend(item)
    return pieces
