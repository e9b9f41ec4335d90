"""Expressions in one line of Unicode: ``2·Xᵀ(Xw − y)``."""

from collections.abc import Mapping, Sequence

from sympy.printing.pretty.pretty_symbology import pretty_symbol

from symflow.core import Tensor
from symflow.export.blackboard import (
    ATOM,
    COMPARE,
    HADAMARD,
    POWER,
    PRODUCT,
    SUM,
    Blackboard,
    Part,
    Piece,
    Pieces,
    Written,
)
from symflow.export.scene import MAX_CHARS, Scene
from symflow.notation.names import MOVE
from symflow.notation.tree import Tree

_JOIN = "\u2062"  # a product that is written by standing side by side
_ABOVE = dict(zip("0123456789-+()nijkT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ⁿⁱʲᵏᵀ", strict=True))
_WORDS = {
    "trace": "tr",
    "1": "\U0001d7cf",
    "0": "\U0001d7ce",
    "sign det": "sign det",
    "log|det|": "log|det|",
}


def to_pretty(expressions: Tensor | Sequence[Tensor], max_chars: int = MAX_CHARS) -> str:
    """An expression (or several) as Unicode text, one line and a line for each named part.

    Args:
        expressions: what to write.
        max_chars: up to this many characters (of the text form) nothing is named.

    >>> from symflow.core import matrix, vector
    >>> import symflow.ops
    >>> X, w, y = matrix("X", "n", "d"), vector("w", "d"), vector("y", "n")
    >>> print(to_pretty(2 * (X.T @ (X @ w - y))))
    2·Xᵀ(Xw − y)
    """
    scene = Scene(expressions, max_chars)
    board = Blackboard(_Unicode(), scene.ranks)
    lines = [(name, _joined(board.tokens(tree))) for name, tree in scene.lines]
    formulas = [text for name, text in lines if not name]
    final = formulas[0] if scene.single else "(" + ", ".join(formulas) + ")"
    where = [f"  {pretty_symbol(name)} = {text}" for name, text in lines if name]
    return "\n".join([final, "where", *where]) if where else final


def _joined(tokens: list[str]) -> str:
    """Tokens side by side; longer names keep a space, digits a dot between them."""
    out: list[str] = []
    last = ""
    pending = False
    for token in tokens:
        if token == _JOIN:
            pending = True
            continue
        if not token:
            continue
        if pending:
            out.append(_between(last, token))
            pending = False
        out.append(token)
        last = token
    return "".join(out)


def _between(left: str, right: str) -> str:
    if right[0] in "0123456789":
        return "·"
    word = left[-1].isalnum() and sum(c.isalpha() for c in left) > 1
    named = len(right) > 1 and right[0].isalpha() and right.isidentifier()
    return " " if word or named else ""


_SIGNS = {
    "at set": " ← ",
    "at add": " += ",
    "at multiply": " *= ",
    "at min": " min= ",
    "at max": " max= ",
    "join": _JOIN,
    "scale": "·",
    "minus": "−",
    "-": " − ",
    "+": " + ",
    "hadamard": " ∘ ",
    "divide": " ⊘ ",
    "kron": " ⊗ ",
    "dot": "·",
    "by": "×",
    "power": "∘",
    "transpose": "ᵀ",
    "inverse": "⁻¹",
    "inverse transpose": "⁻ᵀ",
    "<=": " ≤ ",
    ">=": " ≥ ",
    "==": " = ",
    "!=": " ≠ ",
}


class _Unicode:
    """The signs of one-line Unicode."""

    @property
    def signs(self) -> Mapping[str, str]:
        return _SIGNS

    def name(self, text: str) -> str:
        if text.startswith(f"{MOVE}."):
            return f"d{self.name(text.partition('.')[2])}"
        scope, dot, last = text.rpartition(".")
        return f"{scope}{dot}{pretty_symbol(last)}"

    def word(self, text: str) -> str:
        return _WORDS.get(text, text.rpartition(".")[2])

    def function(self, name: str, arguments: list[Pieces]) -> Written:
        if name == "linalg.norm" and len(arguments) == 1:
            return ["‖", *arguments[0], "‖"], ATOM
        if name == "abs":
            return ["|", *arguments[0], "|"], ATOM
        inner: Pieces = []
        for number, argument in enumerate(arguments):
            inner += [", ", *argument] if number else argument
        return [self.word(name), *self.brackets(inner)], POWER

    def brackets(self, inner: Pieces, kind: str = "()") -> Pieces:
        return [kind[0], *inner, kind[1]]

    def raised(self, base: Pieces, exponent: Pieces) -> Pieces:
        raised = _superscript(exponent)
        if raised is not None:
            return [*base, raised]
        return [*base, "^", *self.brackets(exponent)]

    def lowered(self, base: Pieces, index: Pieces) -> Pieces:
        return [*base, "[" if len(index) > 1 else "_", *index, "]" if len(index) > 1 else ""]

    def fraction(self, above: Tree, below: Tree) -> Written:
        return [Part(above, PRODUCT), "/", Part(below, POWER)], HADAMARD

    def root(self, value: Tree) -> Written:
        return ["√", Part(value, ATOM)], POWER

    def total(self, labels: str, body: Pieces) -> Pieces:
        return [f"∑_{labels} ", *body]

    def cases(self, condition: Tree, first: Tree, second: Tree) -> Written:
        inner: Pieces = [Part(first, SUM), " if ", Part(condition, COMPARE)]
        return self.brackets([*inner, " else ", Part(second, SUM)]), ATOM


def _superscript(exponent: Sequence[Piece]) -> str | None:
    """A short exponent in raised characters."""
    text = ""
    for piece in exponent:
        word = piece if isinstance(piece, str) else piece.tree.word
        if not isinstance(piece, str) and piece.tree.children:
            return None
        text += word
    raised = [_ABOVE.get(c, c if c in "ᵀ⁻¹∘" else "") for c in text]
    return "".join(raised) if all(raised) else None
