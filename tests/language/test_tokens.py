"""Tokens: numbers, quotes, line ends, brackets, bounds."""

import pytest

from symflow.language.faults import Fault
from symflow.language.tokens import DEFAULT_LIMITS, Limits, Tokens, position_of


def kinds(text, syntax="numpy", limits=DEFAULT_LIMITS):
    return [token.type for token in Tokens(text, syntax, limits)]


def values(text, syntax="numpy"):
    return [str(token) for token in Tokens(text, syntax)]


@pytest.mark.parametrize(
    "text", ["1", "1.", ".5", "1.5e-3", "1E+5", "1_000", "2j", "1.5e3J", "007"]
)
def test_numbers_are_one_token(text):
    assert kinds(text) == ["NUMBER"]
    assert values(text) == [text]


def test_a_dot_before_an_operator_belongs_to_it_on_the_blackboard_alone():
    assert values("2.*x", "blackboard") == ["2", ".*", "x"]
    assert values("2./x", "blackboard") == ["2", "./", "x"]
    assert values("2.^x", "blackboard") == ["2", ".^", "x"]
    assert values("2.*x", "numpy") == ["2.", "*", "x"]
    assert values("2.5.*x", "blackboard") == ["2.5", ".*", "x"]


def test_an_imaginary_unit_is_numpys():
    assert values("2j", "blackboard") == ["2", "j"]
    assert values("2jx", "numpy") == ["2", "jx"]


@pytest.mark.parametrize("text", ["x'", "x '", "f(x)'", "A[0]'", "x''", "2'"])
def test_a_quote_behind_an_operand_transposes(text):
    assert kinds(text, "blackboard")[-1] == "QUOTE"


@pytest.mark.parametrize("text", ["'ij'", "f('ij')", "a, 'ij'", "a == 'ij'", "a\n'ij'", '"ij"'])
def test_a_quote_elsewhere_opens_a_string(text):
    assert "STRING" in kinds(text, "blackboard")
    assert "QUOTE" not in kinds(text, "blackboard")


def test_lines_separate_outside_brackets_and_only_between_statements():
    assert kinds("\n\n a ;; \n # nothing\n b \n\n") == ["NAME", "_SEP", "NAME"]
    assert kinds("f(a,\n b\n)") == ["NAME", "LPAR", "NAME", "_COMMA", "NAME", "_RPAR"]
    assert kinds("a + \\\n b") == ["NAME", "PLUS", "NAME"]
    assert kinds("a # + b") == ["NAME"]


def test_constants_are_not_names():
    assert kinds("True False None Trueish") == ["CONSTANT"] * 3 + ["NAME"]


@pytest.mark.parametrize("text", ["α", "β_1", "θ̂", "Σ", "lambda", "self", "名"])
def test_any_identifier_is_a_name(text):
    assert kinds(text) == ["NAME"]


def test_positions_count_from_one_on_each_line():
    tokens = list(Tokens("ab = 1\n  cd", "numpy"))
    assert [tuple(position_of(token)) for token in tokens] == [
        (0, 1, 1),
        (3, 1, 4),
        (5, 1, 6),
        (6, 1, 7),
        (9, 2, 3),
    ]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("f(x", 2, "'(' is never closed"),
        ("f(x[1)", 6, "')' cannot close the '[' of line 1, column 4"),
        ("x]", 2, "']' closes nothing: no bracket is open here"),
        ("x + $", 5, "'$' means nothing in a formula"),
        ("x\0", 2, "U+0000 means nothing in a formula"),
        ("__x", 1, "a name may not begin with two underscores"),
        ("x²", 2, "'²' means nothing in a formula"),
        ("ำ", 1, "'ำ' means nothing in a formula"),
        ("1e999", 1, "the number is beyond the range of double precision"),
        ("'ij", 1, "a string is opened here and not closed on this line"),
        ('f("ij', 3, "a string is opened here and not closed on this line"),
    ],
)
def test_what_is_no_token_is_a_fault_at_its_place(text, column, message):
    with pytest.raises(Fault) as caught:
        kinds(text)
    assert caught.value.message == message
    assert caught.value.position.column == column


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a − b", "did you mean `-`?"),
        ("a × b", "did you mean `*`?"),
        ("x’", "did you mean `'`?"),
        ("A \\ b", "did you mean `inv(A)` times, or `solve(A, b)`?"),
    ],
)
def test_signs_that_look_right_are_explained(text, hint):
    with pytest.raises(Fault) as caught:
        kinds(text)
    assert caught.value.suggestion == hint


@pytest.mark.parametrize(
    ("text", "limits", "what"),
    [
        ("a+a+a", Limits(nodes=4), "4 parts"),
        ("((a))", Limits(nesting=1), "1 nested brackets"),
        ("1" * 11, Limits(digits=10), "10 digits in a number"),
        ("1e123", Limits(exponent_digits=2), "2 digits in an exponent"),
    ],
)
def test_every_bound_is_kept(text, limits, what):
    with pytest.raises(Fault, match=f"more than {what}, which is the bound on a formula"):
        kinds(text, limits=limits)
