"""Messages that point: the place, the source line, a caret under the fault, and what to try."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

from symflow.errors import ParseError, SymflowError
from symflow.language.syntax import Position

__all__ = ["Fault", "closest", "excerpt", "locate", "shorten"]

_BEFORE = 60  # characters of a long line that are shown before the caret
_AFTER = 30
_WORD = 40  # characters of a word that are repeated in a message
_CANDIDATES = 5_000  # names that a misspelt one is compared with


class Fault(Exception):  # noqa: N818 - not an error of the caller's: becomes a ParseError
    """What is wrong at a place; `error` makes it the `ParseError` that the caller sees."""

    def __init__(self, position: Position, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.position = position
        self.message = message
        self.suggestion = suggestion

    def error(self, text: str) -> ParseError:
        """Return the typed error, with the line of `text` that it speaks of."""
        place = f"line {self.position.line}, column {self.position.column}"
        lines = [f"{place}: {self.message}", excerpt(text, self.position), self.suggestion]
        return ParseError("\n".join(line for line in lines if line))


def excerpt(text: str, position: Position) -> str:
    """Return the line of a position and a caret under the fault; nothing for an empty line."""
    start = position.offset - position.column + 1
    stop = min((i for i in (text.find("\n", start), text.find("\r", start)) if i >= 0), default=-1)
    line = text[start : stop if stop >= 0 else len(text)]
    line = "".join(character if character.isprintable() else " " for character in line)
    if not line.strip():
        return ""
    column = position.column - 1
    first, last = max(0, column - _BEFORE), column + _AFTER
    left, right = "..." * (first > 0), "..." * (last < len(line))
    caret = " " * (len(left) + column - first) + "^"
    return f"    {left}{line[first:last]}{right}\n    {caret}"


def locate(error: SymflowError, text: str, position: Position, suggestion: str = "") -> None:
    """Append to an operation's error the place in the formula that asked for the operation."""
    message = str(error.args[0]) if error.args else type(error).__name__
    place = f"in the formula, line {position.line}, column {position.column}:"
    lines = [message, place, excerpt(text, position), suggestion]
    error.args = ("\n".join(line for line in lines if line), *error.args[1:])


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word most like a misspelt one, or an empty string.

    >>> closest("sofmax", ["softmax", "sigmoid"])
    'softmax'
    """
    candidates = list(islice(known, _CANDIDATES))
    folded = {candidate.casefold(): candidate for candidate in candidates}
    same = folded.get(word.casefold(), "")
    return same or next(iter(get_close_matches(word, candidates, n=1)), "")


def shorten(word: str) -> str:
    """Return a word as messages repeat it, cut when it is long."""
    return word if len(word) <= _WORD else f"{word[:_WORD]}..."
