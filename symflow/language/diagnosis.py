"""Why a token cannot stand where it does: what was expected, and what was probably meant."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from lark import Token

from symflow.language.faults import Fault, shorten
from symflow.language.syntax import Position, SyntaxName
from symflow.language.tokens import OPERAND_ENDS, SIGNS, position_of

__all__ = ["explain", "explain_end"]

_OPERAND_STARTS = frozenset({"NAME", "NUMBER", "STRING", "CONSTANT", "LPAR"})

# What a sign of one syntax is called in the other.
_FOREIGN: Mapping[SyntaxName, Mapping[str, str]] = {
    "numpy": {".*": "`*`", "./": "`/`", ".^": "`**`", "'": "`.T`"},
    "blackboard": {
        "**": "`^` (of a matrix: repeated product) or `.^` (elementwise)",
        "//": "`floor(a ./ b)`",
        "%": "`mod(a, b)`",
    },
}

# Words of Python that join operands, and what a formula has for them.
_WORDS = {
    "and": "`a & b`",
    "or": "`a | b`",
    "not": "`~a`",
    "if": "`where(condition, a, b)`",
    "else": "`where(condition, a, b)`",
    "is": "`==`",
}

# What may stand somewhere, in words, by one terminal that tells.
_EXPECTED = {
    "NUMBER": "an operand",
    "STAR": "an operator",
    "_RPAR": "')'",
    "_RSQB": "']'",
    "_COMMA": "','",
    "_SEP": "the end of the line",
    "$END": "the end",
}

_PRODUCT = "a product is written with `*`"


def explain(
    token: Token,
    before: Token | None,
    accepted: AbstractSet[str],
    opened: Sequence[tuple[str, Position]],
    syntax: SyntaxName,
) -> Fault:
    """Return the fault of a token that follows `before` where only `accepted` may stand."""
    if token.type == "_SEP" and "$END" in accepted:
        return Fault(
            position_of(token),
            "only the last line is a formula",
            "name the lines before it: t1 = ...",
        )
    hint = _foreign(token, syntax) or _word(token, before) or _sign(token, before, accepted)
    if not hint and _juxtaposed(token, before, accepted):
        hint = f"did you mean `{before}*{token}`?" if _short(token, before) else _PRODUCT
    if opened and opened[-1][1].line < position_of(token).line:
        sign, place = opened[-1]
        where = f"line {place.line}, column {place.column}"
        hint = f"is the '{sign}' of {where} meant to be open here?"
    return Fault(position_of(token), f"unexpected {_shown(token)}{_expected(accepted)}", hint)


def explain_end(before: Token | None, accepted: AbstractSet[str]) -> Fault:
    """Return the fault of a text that ends too early."""
    if before is None:
        return Fault(Position(0, 1, 1), "the formula is empty")
    width = len(before)
    start = position_of(before)
    position = Position(start.offset + width, start.line, start.column + width)
    if "_SEP" in accepted:
        message = "the last line assigns a name, where a formula is expected"
        return Fault(position, message, "add a last line with the formula itself")
    return Fault(position, f"the formula ends too early{_expected(accepted)}")


def _shown(token: Token) -> str:
    if token.type == "_SEP" and token != ";":
        return "end of the line"
    return f"'{shorten(str(token))}'"


def _expected(accepted: AbstractSet[str]) -> str:
    names = [name for terminal, name in _EXPECTED.items() if terminal in accepted]
    if not names:
        return ""
    return f"; expected {' or '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)}"


def _foreign(token: Token, syntax: SyntaxName) -> str:
    other = _FOREIGN[syntax].get(str(token)) if token.type in SIGNS.values() else None
    if not other:
        return ""
    name = "NumPy" if syntax == "numpy" else "blackboard"
    return f"in {name} syntax: {other}"


def _word(token: Token, before: Token | None) -> str:
    for word in (token, before):
        if word is not None and word.type == "NAME" and word in _WORDS:
            return f"'{word}' is no word of a formula: write {_WORDS[word]}"
    return ""


def _sign(token: Token, before: Token | None, accepted: AbstractSet[str]) -> str:
    if token.type == "EQUAL" and "COMPARISON" in accepted:
        return "did you mean `==`? An assignment is a line of its own: t1 = ..."
    if token.type == "BAR" and "NUMBER" in accepted:
        return "an absolute value is written abs(x), a length norm(x)"
    if before is not None and before.type == "QUOTE" and token.type in ("LSQB", "_DOT"):
        return "put the transpose in brackets: (X')"
    return ""


def _juxtaposed(token: Token, before: Token | None, accepted: AbstractSet[str]) -> bool:
    return (
        before is not None
        and before.type in OPERAND_ENDS
        and token.type in _OPERAND_STARTS
        and "STAR" in accepted
    )


def _short(token: Token, before: Token | None) -> bool:
    pair = [part for part in (before, token) if part is not None]
    return all(part.type in ("NAME", "NUMBER") and shorten(part) == part for part in pair)
