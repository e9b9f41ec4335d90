"""Messages: the line, the caret, the window into a long line."""

import pytest

from symflow.errors import ParseError, ShapeError
from symflow.language import Position
from symflow.language.faults import Fault, closest, excerpt, locate


def test_the_caret_stands_under_its_column():
    assert excerpt("a = 1\nb + c\nd", Position(8, 2, 3)) == "    b + c\n      ^"


def test_a_long_line_is_shown_around_the_caret():
    text = "x" * 500
    line, caret = excerpt(text, Position(250, 1, 251)).split("\n")
    assert line == f"    ...{'x' * 90}..."
    assert caret.index("^") == 4 + 3 + 60


def test_a_tab_or_control_character_takes_one_column():
    assert excerpt("\ta\0b", Position(3, 1, 4)) == "     a b\n       ^"


def test_an_empty_line_is_not_shown():
    assert excerpt("", Position(0, 1, 1)) == ""
    assert str(Fault(Position(0, 1, 1), "empty").error("  ")) == "line 1, column 1: empty"


def test_a_fault_becomes_a_parse_error_with_everything_in_it():
    error = Fault(Position(2, 1, 3), "what", "try").error("a b")
    assert isinstance(error, ParseError)
    assert str(error) == "line 1, column 3: what\n    a b\n      ^\ntry"


@pytest.mark.parametrize("arguments", [(), ("no fit",), ("no fit", 2)])
def test_locate_keeps_the_error_and_what_it_carries(arguments):
    error = ShapeError(*arguments)
    locate(error, "a @ b", Position(2, 1, 3))
    first, *rest = str(error.args[0]).split("\n")
    assert first == (arguments[0] if arguments else "ShapeError")
    assert rest == ["in the formula, line 1, column 3:", "    a @ b", "      ^"]
    assert error.args[1:] == arguments[1:]


@pytest.mark.parametrize(
    ("word", "near"), [("x1", "X1"), ("sofmax", "softmax"), ("zzz", ""), ("SUM", "sum")]
)
def test_the_closest_known_word(word, near):
    assert closest(word, ["softmax", "sum", "X1"]) == near
