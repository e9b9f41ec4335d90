"""Declarations, inferred shapes, and what is said about those left open."""

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.errors import ParseError
from symflow.frontend.formulas import declaration, declared, read

n, d = sf.dims("n d")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X: n d", sf.matrix("X", n, d)),
        ("X:n,d", sf.matrix("X", n, d)),
        ("c:", sf.scalar("c")),
        ("c: positive", sf.scalar("c", positive=True)),
        ("x: 3", sf.vector("x", 3)),
        ("x: 0", sf.vector("x", 0)),
        ("A: n n symmetric", sf.matrix("A", n, n, symmetric=True)),
        ("A: n n positive_definite tridiagonal", None),
        ("T: n 2*n n-d+1 3", sf.tensor("T", n, 2 * n, n - d + 1, 3)),
        ("k: n int32", sf.vector("k", n, dtype="int32")),
        ("encoder.layer1.W: n d", sf.matrix("W", n, d, scope="encoder.layer1")),
        ("λ: n", sf.vector("λ", n)),
    ],
)
def test_declarations(text, expected):
    variable = declared(text)
    assert expected is None or variable is expected
    assert declared(declaration(variable)) is variable


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("X n d", "a declaration is NAME: SIZES PROPERTIES"),
        (": n d", "a declaration is NAME"),
        ("1X: n", "a declaration is NAME"),
        ("A: n n symetric!", "no size, property or data type"),
        ("A: n n 2**n", "no size, property or data type"),
        ("A: n n f(n)", "no size, property or data type"),
        ("A: n n/2", "no size, property or data type"),
        ("A: n 2.5", "no size, property or data type"),
        ("A: n d symmetric", "equal sizes in the last two axes"),
        ("x: n-n-1", "negative"),
    ],
)
def test_what_is_no_declaration(text, message):
    with pytest.raises(ParseError, match="cannot read --var") as error:
        declared(text)
    assert message in str(error.value)


def test_a_misspelt_property_becomes_a_size_that_fails_later():
    # any identifier may name a size, so `symetric` does: the rank says that something is wrong
    assert declared("A: n n symetric").rank == 3


def test_shapes_are_inferred():
    formula = read("sum((X*w - y)^2)", ["X: n d"], "blackboard")
    w, y = sf.vector("w", d), sf.vector("y", n)
    assert dict(formula.variables) == {"X": sf.matrix("X", n, d), "w": w, "y": y}
    assert formula.inferred == ("w", "y")
    assert formula.assumed() == "w: d; y: n"
    assert formula.expression is snp.sum((sf.matrix("X", n, d) @ w - y) ** 2)


def test_dimensions_are_names_too():
    formula = read("sum(x) / n", ["x: n"], "numpy")
    assert formula.expression is snp.mean(sf.vector("x", n))


def test_a_variable_hides_a_dimension_of_its_name():
    formula = read("n * sum(x)", ["x: n", "n:"], "numpy")
    assert formula.expression is sf.scalar("n") * snp.sum(sf.vector("x", n))


def test_assignments():
    formula = read("r = X @ w - y; sum(r**2)", ["X: 4 3"], "numpy")
    assert [v.shape for v in formula.variables.values()] == [(4, 3), (3,), (4,)]


@pytest.mark.parametrize(
    ("text", "declarations", "message"),
    [
        ("sum(X*w)", [], r"the shapes of X, w: add --var 'X: ...' --var 'w: ...'"),
        ("f(c) + exp(x)", ["x: n", "c: n"], "there is no function 'f'"),
        (
            "c.*d.*exp(x)",
            ["x: n"],
            r"the shapes of c, d: add --var 'c: ...' .* \('c:' for a scalar",
        ),
        ("X*w", ["X: n d", "X: n n"], "declares 'X' twice"),
        ("X*w", ["X: n d", "w: n"], r"line 1, column 2"),
        ("X**w", ["X: n d"], r"line 1, column 2: unexpected '\*\*'"),
        ("sofmax(x)", ["x: n"], "did you mean"),
    ],
)
def test_errors(text, declarations, message):
    with pytest.raises(Exception, match=message):
        read(text, declarations, "blackboard")


def test_unknown_variables_are_named():
    formula = read("sum(weight)", ["weight: n"], "numpy")
    with pytest.raises(ParseError, match=r"did you mean weight\?"):
        formula.variable("weigth")
    with pytest.raises(ParseError, match="there are: weight"):
        formula.variable("q")
