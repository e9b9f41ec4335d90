"""Why a text is no formula: the place, what was expected, what was meant."""

import pytest

from symflow.errors import ParseError
from symflow.language import parse_tree


def refusal(text, syntax="numpy"):
    with pytest.raises(ParseError) as caught:
        parse_tree(text, syntax)
    return str(caught.value)


def test_a_whole_message():
    assert refusal("sum(2X)") == (
        "line 1, column 6: unexpected 'X'; expected an operator, ')' or ','\n"
        "    sum(2X)\n"
        "         ^\n"
        "did you mean `2*X`?"
    )


@pytest.mark.parametrize("syntax", ["numpy", "blackboard"])
@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("2X", 2, "did you mean `2*X`?"),
        ("x y", 3, "did you mean `x*y`?"),
        ("2(x + y)", 2, "did you mean the product `2*(...)`?"),
        ("(x)(y + 1)(z)", 11, "did you mean the product `...*(...)`?"),
        ("(x + 1) y", 9, "a product is written with `*`"),
        ("x and y", 3, "write `a & b`"),
        ("x or y", 3, "write `a | b`"),
        ("not x", 5, "write `~a`"),
        ("x if c else y", 3, "write `where(condition, a, b)`"),
        ("x = y = 1", 7, "did you mean `==`?"),
        ("f(x, a + b = 1)", 12, "did you mean `==`?"),
        ("x +", 4, "the formula ends too early; expected an operand"),
        ("f(x", 2, "'(' is never closed"),
        ("t = x", 6, "the last line assigns a name, where a formula is expected"),
        ("x\ny", 2, "only the last line is a formula"),
        ("x; t = 1", 2, "name the lines before it: t1 = ..."),
        ("x +\ny", 4, "unexpected end of the line; expected an operand"),
        ("x[]", 3, "unexpected ']'; expected an operand"),
        ("f(a=1, 2)", 8, "this argument needs a name"),
        ("f(a=1, a=2)", 8, "the argument 'a' is given twice"),
        ("x + |y|", 5, "an absolute value is written abs(x), a length norm(x)"),
        ("f(,)", 3, "unexpected ','; expected an operand or ')'"),
    ],
)
def test_both_syntaxes_explain(text, column, hint, syntax):
    message = refusal(text, syntax)
    assert message.startswith(f"line 1, column {column}: ")
    assert hint in message


@pytest.mark.parametrize(
    ("text", "syntax", "hint"),
    [
        ("x^2", "numpy", "did you mean `**`?"),
        ("x^-1", "numpy", "did you mean `**`?"),
        ("X'*y", "numpy", "in NumPy syntax: `.T`"),
        ("x.*y", "numpy", "in NumPy syntax: `*`"),
        ("x.^2", "numpy", "in NumPy syntax: `**`"),
        ("x**2", "blackboard", "`^` (of a matrix: repeated product) or `.^` (elementwise)"),
        ("x//2", "blackboard", "in blackboard syntax: `floor(a ./ b)`"),
        ("x'[0]", "blackboard", "put the transpose in brackets: (X')"),
        ("x'.T", "blackboard", "put the transpose in brackets: (X')"),
    ],
)
def test_the_other_syntax_is_recognised(text, syntax, hint):
    assert hint in refusal(text, syntax)


def test_a_bracket_left_open_on_an_earlier_line_is_named():
    message = refusal("t = sum(x\nu = t + 1\nu)")
    assert message.startswith("line 2, column 1: unexpected 'u'")
    assert message.endswith("is the '(' of line 1, column 8 meant to be open here?")


@pytest.mark.parametrize("text", ["", "  \n", "# nothing", ";"])
def test_an_empty_text(text):
    assert refusal(text).startswith("line 1, column 1: the formula is empty")


def test_a_long_word_is_cut():
    assert len(refusal("x " + "y" * 10_000)) < 400
