"""The grammars, against Python's own parser and written truths; depth and bounds."""

import ast
import logging
import re
from importlib.resources import files

import lark
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symflow.errors import ParseError
from symflow.language import Limits, outline, parse_tree

SIGNS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.MatMult: "@",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.UAdd: "+",
    ast.USub: "-",
    ast.Invert: "~",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
}


def python_outline(node):
    """Write a tree of Python's parser as `outline` writes ours."""
    match node:
        case ast.Constant(value=value):
            return "..." if value is ... else f'"{value}"' if isinstance(value, str) else str(value)
        case ast.UnaryOp(op=op, operand=operand):
            return f"({SIGNS[type(op)]} {python_outline(operand)})"
        case ast.BinOp(op=op, left=left, right=right):
            return f"({SIGNS[type(op)]} {python_outline(left)} {python_outline(right)})"
        case ast.Compare(left=left, ops=ops, comparators=rest):
            pairs = zip(ops, rest, strict=True)
            chain = "".join(f" {SIGNS[type(op)]} {python_outline(item)}" for op, item in pairs)
            return f"({python_outline(left)}{chain})"
        case ast.Slice(lower=lower, upper=upper, step=step):
            bounds = (lower, upper, step) if step else (lower, upper)
            return ":".join(python_outline(part) if part else "" for part in bounds)
        case _:
            return python_outline_of_names(node)


def python_outline_of_names(node):
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{python_outline(value)}.{name}"
        case ast.Subscript(value=value, slice=key):
            return f"{python_outline(value)}[{python_outline(key)}]"
        case ast.Tuple(elts=items):
            inside = ", ".join(python_outline(item) for item in items)
            return f"({inside},)" if len(items) == 1 else f"({inside})"
        case ast.List(elts=items):
            return f"[{', '.join(python_outline(item) for item in items)}]"
        case ast.Call(func=function, args=args, keywords=keywords):
            given = [python_outline(item) for item in args]
            given += [f"{key.arg}={python_outline(key.value)}" for key in keywords]
            return f"{python_outline(function)}({', '.join(given)})"
    raise AssertionError(node)


def outcome(text, syntax="numpy"):
    """Return the outline of a formula, or the message that refuses it."""
    try:
        return outline(parse_tree(text, syntax).result)
    except ParseError as error:
        return str(error)


def extend(inner):
    """Grow formulas as text, without brackets around operands, so that precedence is tested."""
    sign = st.sampled_from(["+", "-", "*", "/", "//", "%", "@", "**", "&", "|", "<", "<=", "=="])
    name = st.sampled_from(["f", "linalg.inv", "x.sum"])
    return st.one_of(
        st.builds("{} {} {}".format, inner, sign, inner),
        st.builds("{}{}".format, st.sampled_from("-+~"), inner),
        st.builds("({})".format, inner),
        st.builds("({}, {})".format, inner, inner),
        st.builds("({},)".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{}({}, k={})".format, name, inner, inner),
        st.builds("({}).mT".format, inner),
        st.builds("x[{}:, ::{}, None, ...]".format, inner, inner),
        st.builds("x ^ ({} | y)".format, inner),
    )


LEAVES = st.sampled_from(["x", "y", "1", "2.5", "A.T", "None", "True", "encoder.W", '"ij"'])
DECIMAL = re.compile(r"(?<![\w.])(?:\d+\.\d*|\.\d+)(?!\w)")
FORMULAS = st.recursive(LEAVES, extend, max_leaves=12)


@settings(max_examples=200, deadline=None)
@given(FORMULAS)
def test_numpy_syntax_groups_as_python_does(text):
    assert outline(parse_tree(text).result) == python_outline(ast.parse(text, mode="eval").body)


@settings(max_examples=200, deadline=None)
@given(FORMULAS, st.integers(0, 200), st.integers(1, 4))
def test_a_formula_with_a_piece_missing_is_refused_where_python_refuses_it(text, start, count):
    start %= len(text)
    broken = (text[:start] + text[start + count :]).strip()
    assume(broken.count('"') < 3)  # Python joins neighbouring strings
    assume(not {"in", "is", "if"} & set(re.findall(r"\w+", broken)))  # names of ours
    shown = DECIMAL.sub(lambda found: str(float(found[0])), outcome(broken))
    try:
        tree = ast.parse(broken, mode="eval").body
    except SyntaxError:
        assert shown.startswith("line 1, column ")
        return
    parts = list(ast.walk(tree))
    assume(not any(isinstance(node, ast.Starred) for node in parts))
    assume(not any(isinstance(node, ast.keyword) and node.arg is None for node in parts))
    # What is Python and no formula: calls of what is not a name, powers by `^`.
    if "not the name of a function" not in shown and "did you mean `**`" not in shown:
        assert shown == python_outline(tree)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x'*A*x", "(* (* (' x) A) x)"),
        ("-x'*y", "(* (- (' x)) y)"),
        ("-x^2", "(- (^ x 2))"),
        ("a^b^c", "(^ a (^ b c))"),
        ("a^-b^c", "(^ a (- (^ b c)))"),
        ("A^-1'", "(' (^ A (- 1)))"),
        ("A'^-1", "(^ (' A) (- 1))"),
        ("a.^b'^c", "(^ (' (.^ a b)) c)"),
        ("x''", "(' (' x))"),
        ("2.*x", "(.* 2 x)"),
        ("2 .* x ./ y * z", "(* (./ (.* 2 x) y) z)"),
        ("a @ b' + c", "(+ (@ a (' b)) c)"),
        ("norm(x)^2/n", "(/ (^ norm(x) 2) n)"),
        ("a + b < c & d", "((+ a b) < (& c d))"),
        ("einsum('ij,j->i', A, x)'*y", '(* (\' einsum("ij,j->i", A, x)) y)'),
        ("A.T'", "(' A.T)"),
        ("(A*B)[0]'", "(' (* A B)[0])"),
        ("~a | b", "(| (~ a) b)"),
        ("(X*W1 + b')*W2", "(* (+ (* X W1) (' b)) W2)"),
    ],
)
def test_blackboard_syntax(text, shown):
    assert outline(parse_tree(text, "blackboard").result) == shown


@pytest.mark.parametrize("syntax", ["numpy", "blackboard"])
def test_assignments_come_before_the_formula(syntax):
    tree = parse_tree("\n t1 = a + b;t2 = t1, c # note\n\n f(t1,\n t2)\n", syntax)
    assert [item.name for item in tree.assignments] == ["t1", "t2"]
    assert [outline(item.value) for item in tree.assignments] == ["(+ a b)", "(t1, c)"]
    assert outline(tree.result) == "f(t1, t2)"
    assert tree.syntax == syntax


@pytest.mark.parametrize("syntax", ["numpy", "blackboard"])
@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "x" + ")" * 10_000,
        "f(" * 10_000 + "x" + ")" * 10_000,
        "[" * 10_000 + "x" + "]" * 10_000,
        "x[" * 10_000 + "0" + "]" * 10_000,
        "-" * 20_000 + "x",
        "x" + ".T" * 10_000,
        "x" + "[0]" * 10_000,
        "t = x;" * 10_000 + "t",
        "f(" + "x," * 30_000 + ")",
    ],
    ids=["brackets", "calls", "lists", "nested", "signs", "dots", "indices", "lines", "arguments"],
)
def test_depth_and_length_need_no_recursion(text, syntax):
    assert parse_tree(text, syntax).text == text


def test_a_sum_of_a_hundred_thousand_terms():
    tree = parse_tree("+".join(["x"] * 100_000))
    assert outline(tree.result).count("(+") == 99_999


def test_powers_and_transposes_of_any_depth_on_the_blackboard():
    assert outline(parse_tree("x" + "^x" * 20_000, "blackboard").result).endswith(
        "x" + ")" * 20_000
    )
    assert outline(parse_tree("x" + "'" * 20_000, "blackboard").result).endswith("x" + ")" * 20_000)


def test_bounds_are_on_by_default_and_can_be_set():
    with pytest.raises(ParseError, match="200001 characters; the bound is 200000"):
        parse_tree("x" + " " * 200_000)
    assert parse_tree("x" + " " * 200_000, limits=Limits(characters=300_000))
    with pytest.raises(ParseError, match="more than 20000 nested brackets"):
        parse_tree("(" * 30_000 + "x" + ")" * 30_000)


def test_what_is_no_text_and_no_syntax_is_refused():
    with pytest.raises(ValueError, match="'numpy' or 'blackboard', not 'latex'"):
        parse_tree("x", "latex")
    with pytest.raises(TypeError, match="a formula is a text, not bytes"):
        parse_tree(b"x")


@pytest.mark.parametrize("operators", ["numpy.lark", "blackboard.lark"])
def test_the_grammars_have_one_reading(operators, caplog):
    folder = files("symflow.language")
    grammar = "".join(folder.joinpath(name).read_text() for name in ("common.lark", operators))
    with caplog.at_level(logging.DEBUG, logger=lark.logger.name):
        lark.Lark(grammar, parser="lalr", lexer="basic", debug=True)
    assert "conflict" not in caplog.text.lower()


def test_a_grammar_with_two_readings_would_be_seen(caplog):
    with caplog.at_level(logging.DEBUG, logger=lark.logger.name):
        lark.Lark('start: start "+" start | "a"', parser="lalr", lexer="basic", debug=True)
    assert "conflict" in caplog.text.lower()


PIECES = ["x", "A", "1", "2.5", "e", "'", '"', "(", ")", "[", "]", ",", ":", ".", "=", "\n", ";"]
PIECES += [" ", "+", "-", "*", "^", "**", ".*", "@", "<", "...", "f(", "True", "~", "#", "\\", "_"]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_any_text_is_a_formula_or_a_parse_error(text):
    for syntax in ("numpy", "blackboard"):
        assert outcome(text, syntax)
