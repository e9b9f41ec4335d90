"""Values of formulas: against Python's own evaluation of the same text, and the errors."""

import time
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symflow.errors import BudgetError, ParseError, RankError, ShapeError, SymflowError
from symflow.language import build, parse_tree

RNG = np.random.default_rng(1)
NAMES = {
    "a": 1.5,
    "k": 2,
    "x": RNG.normal(size=3),
    "y": RNG.normal(size=3),
    "A": RNG.normal(size=(3, 3)),
    "B": RNG.normal(size=(3, 3)),
    "X": RNG.normal(size=(4, 3)),
    "c": np.array([True, False, True]),
}
FUNCTIONS = {
    "sum": np.sum,
    "exp": np.exp,
    "tanh": np.tanh,
    "where": np.where,
    "maximum": np.maximum,
    "einsum": np.einsum,
    "linalg.inv": np.linalg.inv,
    "linalg.qr": np.linalg.qr,
    "concatenate": np.concatenate,
    "zeros": np.zeros,
}


def value(text, syntax="numpy", names=NAMES, functions=FUNCTIONS):
    return build(parse_tree(text, syntax), names, functions)


def extend(inner):
    sign = st.sampled_from(["+", "-", "*", "/", "//", "%", "@", "&", "|"])
    order = st.sampled_from(["<", "<=", ">", ">=", "!="])  # Python has no chains of arrays
    method = st.sampled_from([".T", ".sum()", ".sum(axis=0)", ".reshape(-1)", ".shape", ".ndim"])
    index = st.sampled_from(["0", "1:", "::-1", "..., 0", ":, None", "None", "-1, :2", "5"])
    function = st.sampled_from(["sum", "exp", "tanh", "linalg.inv"])
    return st.one_of(
        st.builds("{} {} {}".format, inner, sign, inner),
        st.builds("({} {} {})".format, inner, order, inner),
        st.builds("({})**{}".format, inner, st.sampled_from("230")),
        st.builds("-{}".format, inner),
        st.builds("({})".format, inner),
        st.builds("({}){}".format, inner, method),
        st.builds("({})[{}]".format, inner, index),
        st.builds("{}({})".format, function, inner),
        st.builds("sum({}, axis={})".format, inner, st.sampled_from(["0", "-1", "None"])),
        st.builds("where({} < {}, {}, {})".format, inner, inner, inner, inner),
    )


LEAVES = st.sampled_from(["a", "k", "x", "y", "A", "B", "X", "c", "1", "2.5", "3", "1e-1", "True"])


class Linalg:
    inv = staticmethod(np.linalg.inv)


@settings(max_examples=200, deadline=None)
@given(st.recursive(LEAVES, extend, max_leaves=8))
def test_numpy_syntax_means_what_python_means(text):
    scope = {**NAMES, **FUNCTIONS, "linalg": Linalg}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            expected = eval(text, {"__builtins__": {}}, scope)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            with pytest.raises(ParseError):
                value(text)
            return
        try:
            result = value(text)
        except ParseError as error:
            refused = str(error)
        else:
            refused = ""
            np.testing.assert_array_equal(result, expected)
    # What Python has and formulas have not: operators on tuples.
    assert not refused or "an operand is expected here, not a tuple" in refused


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t1 = X @ x\n t2 = t1 * 2\n\nsum(t2)", 2 * np.sum(NAMES["X"] @ NAMES["x"])),
        ("t = x; t = t + 1; t", NAMES["x"] + 1),
        ("0 < x < 1", (NAMES["x"] > 0) & (NAMES["x"] < 1)),
        ("1 < 2 < 3", True),
        (
            "np.sum(x) + jnp.linalg.inv(A)[0, 0]",
            np.sum(NAMES["x"]) + np.linalg.inv(NAMES["A"])[0, 0],
        ),
        ("inv(A)", np.linalg.inv(NAMES["A"])),
        ("einsum('ij,j->i', A, x)", NAMES["A"] @ NAMES["x"]),
        ("x[[0, 2]]", NAMES["x"][[0, 2]]),
        ("concatenate([x, y])", np.concatenate([NAMES["x"], NAMES["y"]])),
        ("concatenate((A, B), axis=1)[k]", np.hstack([NAMES["A"], NAMES["B"]])[2]),
        ("linalg.qr(A)[1]", np.linalg.qr(NAMES["A"])[1]),
        ("x[np.newaxis, :]", NAMES["x"][None, :]),
        ("X.shape[0] * k", 8),
        ("x.astype(int32).sum()", NAMES["x"].astype("int32").sum()),
        ("zeros((2, 3), dtype=float)", np.zeros((2, 3))),
        ("2*pi", 2 * np.pi),
        ("maximum(-inf, x)", NAMES["x"]),
        ("1_000 + 2j", 1000 + 2j),
        ("~c ^ c", ~NAMES["c"] ^ NAMES["c"]),
        ("x.T.T.dot(y)", NAMES["x"] @ NAMES["y"]),
    ],
)
def test_written_truths(text, expected):
    result = value(text)
    np.testing.assert_allclose(result, expected, rtol=1e-12)
    assert np.shape(result) == np.shape(expected)


def test_several_formulas_and_lists_are_tuples_and_lists():
    first, second = value("x, y")
    assert first is NAMES["x"]
    assert second is NAMES["y"]
    assert value("[a, (k,), ()]") == [1.5, (2,), ()]


def test_scoped_names_win_over_attributes():
    names = {"encoder": 1.0, "encoder.W": 2.0, "encoder.T": 3.0}
    assert value("encoder.W + encoder.T", names=names) == 5.0


def test_any_word_may_be_a_name():
    names = {"lambda": 1, "self": 2, "sum": 3, "T": 4, "np": 5, "α": 6, "x̂": 7}
    assert value("lambda + self + sum + T + np + α + x̂", names=names) == 28
    assert value("sum(sum)", names=names) == 3


def test_equality_is_elementwise_where_the_caller_says_how():
    functions = {"equal": lambda a, b: ("equal", a, b), "not_equal": lambda a, b: ("other", a, b)}
    assert value("a == k", functions=functions) == ("equal", 1.5, 2)
    assert value("a != k", "blackboard", functions=functions) == ("other", 1.5, 2)


def test_constants_can_be_the_callers():
    assert build(parse_tree("pi"), {}, {}, constants={"pi": "exact"}) == "exact"
    assert build(parse_tree("np.pi"), {"pi": 1}, {}, constants={"pi": "exact"}) == "exact"
    assert build(parse_tree("pi"), {"pi": 1}, {}) == 1


@pytest.mark.parametrize("syntax", ["numpy", "blackboard"])
def test_fractions_can_be_exact(syntax):
    tree = parse_tree("x*(2/3)", syntax)
    assert build(tree, {"x": Fraction(1, 2)}, {}, ratio=Fraction) == Fraction(1, 3)


def test_messages_do_not_repeat_long_words():
    word = "v" * 10_000
    for text in (word, f"{word}(1)", f"x.{word}", f"x + {word}"):
        assert len(refusal(text)) < 400
    assert len(refusal(f"{word}(1)", names={word: 1})) < 400


def refusal(text, syntax="numpy", **given):
    with pytest.raises(ParseError) as caught:
        value(text, syntax, **given)
    return str(caught.value)


@pytest.mark.parametrize("syntax", ["numpy", "blackboard"])
@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("x + nothing", 5, "there is no name 'nothing' here"),
        ("a(x + 1)", 1, "did you mean the product `a*(...)`?"),
        ("x.sum", 1, "'sum' is a method: it is called, .sum()"),
        ("A.T()", 1, "'T' is no method: it is read without brackets, .T"),
        ("A.trasnpose()", 1, "did you mean `.transpose`?"),
        ("(A + B).sun(axis=0)", 9, "did you mean `.sum`?"),
        ("x.tolist()", 1, "there is no attribute 'tolist' in a formula"),
        ("(x + y).tofile('f')", 9, "there is no attribute 'tofile' in a formula"),
        ("1/0", 2, "division by zero"),
        ("x[7]", 2, "index 7 is out of bounds"),
        ("x + [1, 2, 3]", 3, "an operand is expected here, not a list"),
        ("x*'ab'", 2, "an operand is expected here, not a str"),
        ("-None", 1, "an operand is expected here, not None"),
        ("'ab'.T", 6, "an operand is expected here, not a str"),
        ("'ab'[0]", 5, "an operand is expected here, not a str"),
        ("(1, 2)[7]", 7, "tuple index out of range"),
        ("sum(x, nonsense=3)", 1, "nonsense"),
        ("10.0 + sum()", 8, "argument"),
        ("a < 'b'", 3, "an operand is expected here, not a str"),
    ],
)
def test_errors_point_at_their_place(text, column, message, syntax):
    text_of_error = refusal(text, syntax)
    assert message in text_of_error
    place, line, caret, *_ = text_of_error.split("\n")
    assert line == f"    {text}"
    assert place.startswith(f"line 1, column {column}: ") or caret.index("^") == 4 + column - 1


def test_the_error_on_a_later_line_shows_that_line():
    assert refusal("t = a + k\nu = t @ x\nu").split("\n")[1:3] == ["    u = t @ x", "          ^"]


def test_an_exclusive_or_of_numbers_was_meant_as_a_power():
    assert refusal("x ^ y").endswith("did you mean `**`?")


@pytest.mark.parametrize("kind", [ShapeError, RankError, BudgetError])
def test_errors_of_operations_keep_their_type_and_gain_the_place(kind):
    def refuse(*_):
        raise kind("no fit of (n,) and (m,)")

    with pytest.raises(kind) as caught:
        value("a +\\\n  inner(x, y)", functions={"inner": refuse})
    assert str(caught.value) == (
        "no fit of (n,) and (m,)\nin the formula, line 2, column 3:\n      inner(x, y)\n      ^"
    )


def test_errors_that_are_no_refusals_pass():
    def broken():
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        value("f()", functions={"f": broken})


def test_the_cause_of_an_error_is_kept():
    with pytest.raises(ParseError) as caught:
        value("1/0")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("text", ["9**9**9", "t=9;" + "t=t*t;" * 100 + "t", "10**10**10 * 0"])
def test_no_formula_computes_huge_integers(text):
    start = time.perf_counter()
    with pytest.raises(BudgetError, match="4096 bits"):
        value(text)
    assert time.perf_counter() - start < 5


def test_depth_needs_no_recursion():
    assert value("+".join(["a"] * 20_000)) == 30_000
    assert value("(" * 10_000 + "a" + ")" * 10_000) == 1.5
    assert value("-" * 20_000 + "a") == 1.5
    assert value("t = a;" + "t = t + 1;" * 5_000 + "t") == 5_001.5
    assert value("x" + "'" * 20_001, "blackboard") is NAMES["x"]
    assert value("exp(" * 3_000 + "0" + "*0)" * 3_000) == 1


PIECES = ["x", "A", "a", "1", "2.5", "'", '"ij"', "(", ")", "[", "]", ",", ":", ".", ".T", ".sum()"]
PIECES += ["+", "-", "*", "^", "**", ".*", "@", "<", "...", "sum(", "True", "None", "~", "t=", ";"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_any_text_has_a_value_or_a_typed_error(text):
    for syntax in ("numpy", "blackboard"):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                value(text, syntax)
            except SymflowError as error:
                refused = str(error)
            else:
                refused = "line 1"
        assert "line " in refused
