"""Text to tokens, with the decisions that need more than a pattern.

A quote behind an operand is a transpose and elsewhere opens a string; line ends separate
statements outside brackets and mean nothing inside; a bracket knows where its partner stands; and
every bound on the text is checked here, before anything is built from it.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from lark import Token

from symflow.language.faults import Fault
from symflow.language.syntax import Position, SyntaxName

__all__ = ["DEFAULT_LIMITS", "OPERAND_ENDS", "SIGNS", "Limits", "Tokens", "position_of"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a formula; past one of them it is refused with a `ParseError`.

    A node of the syntax tree has at least one token of its own, so that `nodes` bounds both.
    """

    characters: int = 200_000
    nodes: int = 200_000
    nesting: int = 20_000
    digits: int = 1_000
    exponent_digits: int = 4


DEFAULT_LIMITS = Limits()

# Signs and the terminals that they are in the grammars; a leading underscore leaves no trace.
SIGNS = {
    "(": "LPAR",
    ")": "_RPAR",
    "[": "LSQB",
    "]": "_RSQB",
    ",": "_COMMA",
    ".": "_DOT",
    ";": "_SEP",
    ":": "COLON",
    "=": "EQUAL",
    "...": "ELLIPSIS",
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
    "//": "DOUBLE_SLASH",
    "%": "PERCENT",
    "@": "AT",
    "**": "POWER",
    "^": "CARET",
    "~": "TILDE",
    "&": "AMPERSAND",
    "|": "BAR",
    ".*": "DOT_STAR",
    "./": "DOT_SLASH",
    ".^": "DOT_CARET",
    "'": "QUOTE",
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), "COMPARISON"),
}

OPERAND_ENDS = frozenset({"NAME", "NUMBER", "CONSTANT", "_RPAR", "_RSQB", "QUOTE"})

_PARTNER = {"_RPAR": "(", "_RSQB": "["}

_CONSTANTS = frozenset({"True", "False", "None"})

# Signs that look right and are not, and what to type.
_LOOKALIKES = {
    "−": "`-`",
    "–": "`-`",
    "×": "`*`",
    "·": "`*`",
    "⋅": "`*`",
    "∗": "`*`",
    "⊙": "`.*` (blackboard) or `*` (NumPy)",
    "÷": "`/`",
    "’": "`'`",
    "′": "`'`",
    "ᵀ": "`.T`",
    "“": '`"`',
    "”": '`"`',
    "²": "`^2` (blackboard) or `**2` (NumPy)",
    "³": "`^3` (blackboard) or `**3` (NumPy)",
    "√": "`sqrt(...)`",
    "∑": "`sum(...)`",
    "≤": "`<=`",
    "≥": "`>=`",
    "≠": "`!=`",
    "\\": "`inv(A)` times, or `solve(A, b)`",
    "!": "`~`",
    "{": "`(`",
    "}": "`)`",
}


def _pattern(number: str) -> re.Pattern[str]:
    signs = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))
    parts = {
        "blank": r"[^\S\r\n]+|\#[^\r\n]*",
        "newline": r"\\?(?:\r\n?|\n)",
        "number": number,
        "name": r"[^\W\d][\w\u0300-\u036f]*",  # with accents: x̂ is a name
        "string": r'"[^"\r\n]*"',
        "sign": signs,
    }
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in parts.items()))


_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
_WHOLE = r"[0-9]+(?:_[0-9]+)*"
_PATTERNS: dict[SyntaxName, re.Pattern[str]] = {
    "numpy": _pattern(rf"(?:{_WHOLE}(?:\.[0-9]*)?|\.[0-9]+){_EXPONENT}(?:[jJ](?!\w))?"),
    # `2.*x` is `2 .* x`.
    "blackboard": _pattern(rf"(?:{_WHOLE}(?:\.(?![*/^])[0-9]*)?|\.[0-9]+){_EXPONENT}"),
}
_QUOTED = re.compile(r"'[^'\r\n]*'")


def position_of(token: Token) -> Position:
    """Return where a token starts."""
    return Position(token.start_pos or 0, token.line or 1, token.column or 1)


class Tokens:
    """The tokens of a text, in one pass; a `Fault` at the first thing that is no token.

    `open` holds the brackets that are open at the place reached, with their positions.
    """

    def __init__(self, text: str, syntax: SyntaxName, limits: Limits = DEFAULT_LIMITS) -> None:
        self.text = text
        self.limits = limits
        self.pattern = _PATTERNS[syntax]
        self.offset = 0
        self.line = 1
        self.line_start = 0
        self.open: list[tuple[str, Position]] = []
        self.last = ""

    def __iter__(self) -> Iterator[Token]:
        separator: Token | None = None
        count = 0
        for token in self._all():
            if token.type == "_SEP" and not self.open:
                separator = separator or token
                continue
            if separator is not None and count:
                yield separator
            separator = None
            count += 1
            if count > self.limits.nodes:
                self._bound("parts", self.limits.nodes)
            yield token
        if self.open:
            sign, position = self.open[-1]
            raise Fault(position, f"'{sign}' is never closed")

    def _all(self) -> Iterator[Token]:
        while self.offset < len(self.text):
            found = self.pattern.match(self.text, self.offset)
            if found is None:
                self._refuse()
            kind, value = str(found.lastgroup), found.group()
            if value == "'" and self.last not in OPERAND_ENDS:
                kind, value = "string", self._quoted()
            if kind == "newline":
                if not self.open and value[0] != "\\":
                    self.last = ""
                    yield self._token("_SEP", value)
                self.line += 1
                self.line_start = self.offset + len(value)
            elif kind != "blank":
                token = self._token(self._terminal(kind, value), value)
                self.last = token.type
                yield token
            self.offset += len(value)

    def _terminal(self, kind: str, value: str) -> str:
        if kind == "sign":
            terminal = SIGNS[value]
            self._bracket(terminal, value)
            return terminal
        if kind == "number":
            self._number(value)
        elif kind == "name":
            if value in _CONSTANTS:
                return "CONSTANT"
            self._name(value)
        return kind.upper()

    def _token(self, terminal: str, value: str) -> Token:
        return Token(terminal, value, self.offset, self.line, self.offset - self.line_start + 1)

    def _here(self, ahead: int = 0) -> Position:
        offset = self.offset + ahead
        return Position(offset, self.line, offset - self.line_start + 1)

    def _bracket(self, terminal: str, sign: str) -> None:
        if terminal in ("LPAR", "LSQB"):
            self.open.append((sign, self._here()))
            if len(self.open) > self.limits.nesting:
                self._bound("nested brackets", self.limits.nesting)
        elif terminal in _PARTNER:
            if not self.open:
                raise Fault(self._here(), f"'{sign}' closes nothing: no bracket is open here")
            opened, position = self.open.pop()
            if opened != _PARTNER[terminal]:
                place = f"line {position.line}, column {position.column}"
                raise Fault(self._here(), f"'{sign}' cannot close the '{opened}' of {place}")

    def _number(self, value: str) -> None:
        mantissa, _, exponent = value.lower().rstrip("j").partition("e")
        if len(mantissa) > self.limits.digits:
            self._bound("digits in a number", self.limits.digits)
        if len(exponent.lstrip("+-")) > self.limits.exponent_digits:
            self._bound("digits in an exponent", self.limits.exponent_digits)
        exact = value.replace("_", "").isdigit()
        if not exact and math.isinf(float(f"{mantissa}e{exponent or 0}")):
            raise Fault(self._here(), "the number is beyond the range of double precision")

    def _name(self, value: str) -> None:
        if value.startswith("__"):
            raise Fault(self._here(), "a name may not begin with two underscores")
        if not value.isidentifier():
            # Some letters may only follow others; and a pattern knows fewer letters than Python.
            wrong = (i for i in range(1, len(value)) if not f"x{value[i]}".isidentifier())
            self._refuse(next(wrong, 0) if value[0].isidentifier() else 0)

    def _quoted(self) -> str:
        found = _QUOTED.match(self.text, self.offset)
        if found is None:
            raise Fault(
                self._here(),
                "a string is opened here and not closed on this line",
                "(a transpose stands directly behind its operand: X')",
            )
        return found.group()

    def _bound(self, what: str, bound: int) -> NoReturn:
        raise Fault(self._here(), f"more than {bound} {what}, which is the bound on a formula")

    def _refuse(self, ahead: int = 0) -> NoReturn:
        position = self._here(ahead)
        character = self.text[position.offset]
        if character == '"':
            raise Fault(position, "a string is opened here and not closed on this line")
        shown = f"'{character}'" if character.isprintable() else f"U+{ord(character):04X}"
        meant = _LOOKALIKES.get(character)
        suggestion = f"did you mean {meant}?" if meant else ""
        raise Fault(position, f"{shown} means nothing in a formula", suggestion)
