"""Formulas to syntax trees, by a grammar; a text that is no formula gives a `ParseError`.

The parser is an LALR automaton fed token by token: its stack is a list, so that ten thousand
brackets or a sum of a hundred thousand terms need no recursion, and the time is linear.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from lark import Lark, Token
from lark.exceptions import UnexpectedToken

from symflow.language.diagnosis import explain, explain_end
from symflow.language.faults import Fault
from symflow.language.syntax import Assignment, Module, Node, Position, SyntaxName
from symflow.language.tokens import DEFAULT_LIMITS, Limits, Tokens
from symflow.language.trees import TreeBuilder

__all__ = ["parse_tree"]

# The assignments of a text and its formula.
_Parts: TypeAlias = tuple[tuple[Assignment, ...], Node]

_GRAMMARS: Mapping[SyntaxName, tuple[str, str]] = {
    "numpy": ("common.lark", "numpy.lark"),
    "blackboard": ("common.lark", "blackboard.lark"),
}


def parse_tree(
    text: str, syntax: SyntaxName = "numpy", *, limits: Limits = DEFAULT_LIMITS
) -> Module:
    """Return the syntax tree of a formula, or of assignments on lines before a formula.

    Args:
        text: The formula. Lines end with a newline or `;`, and `#` begins a comment.
        syntax: `"numpy"`, the expressions of Python (`X.T @ y`, `x**2`), or `"blackboard"`
            (`X'*y`, `x^2`, `.*`, `./`), where `*` is the matrix product.
        limits: Bounds on the text.

    Raises:
        ParseError: The text is no formula, or passes a bound; the message has the place, the
            line with a caret, what was expected and what was probably meant.

    >>> from symflow.language import outline
    >>> outline(parse_tree("x'*A*x / 2", "blackboard").result)
    "(/ (* (* (' x) A) x) 2)"
    >>> parse_tree("2x + 1")
    Traceback (most recent call last):
        ...
    symflow.errors.ParseError: line 1, column 2: unexpected 'x'; expected an operator...
        2x + 1
         ^
    did you mean `2*x`?
    """
    if syntax not in _GRAMMARS:
        known = " or ".join(repr(name) for name in _GRAMMARS)
        raise ValueError(f"the syntax is {known}, not {syntax!r}")
    if not isinstance(text, str):
        raise TypeError(f"a formula is a text, not {type(text).__name__}")
    try:
        assignments, result = _parsed(text, syntax, limits)
    except Fault as fault:
        raise fault.error(text) from None
    return Module(Position(0, 1, 1), assignments, result, text, syntax)


@cache
def _automaton(syntax: SyntaxName) -> Lark:
    folder = files(__package__)
    grammar = "\n".join(folder.joinpath(name).read_text("utf-8") for name in _GRAMMARS[syntax])
    # The tokens come from `Tokens`: the grammar declares them and lark's own lexer rests.
    return Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        strict=False,
        maybe_placeholders=False,
        transformer=TreeBuilder(),
    )


def _parsed(text: str, syntax: SyntaxName, limits: Limits) -> _Parts:
    if len(text) > limits.characters:
        message = f"the formula has {len(text)} characters; the bound is {limits.characters}"
        raise Fault(Position(0, 1, 1), message)
    session = _automaton(syntax).parse_interactive("")
    accepts: Callable[[], set[str]] = session.accepts
    finish: Callable[[], _Parts] = session.feed_eof
    tokens = Tokens(text, syntax, limits)
    before: Token | None = None
    for token in tokens:
        try:
            session.feed_token(token)
        except UnexpectedToken:
            raise explain(token, before, accepts(), tokens.open, syntax) from None
        before = token
    try:
        return finish()
    except UnexpectedToken:
        raise explain_end(before, accepts()) from None
