"""The verbs of text: parse, text, latex, pretty, export."""

import json

import numpy as np
import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from symflow import nn, special
from symflow.errors import DomainError, DTypeError, ParseError, ShapeError
from tests.oracle import evaluate

n, d = sf.dims("n d")
X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
NAMES = {"X": X, "w": w, "y": y}


class TestParse:
    def test_a_formula(self):
        assert sf.parse("X.T @ (X @ w - y)", NAMES) is X.T @ (X @ w - y)

    def test_the_variables_themselves_are_names_enough(self):
        assert sf.parse("sum(X @ w) / n", [X, w]) is snp.sum(X @ w) / n

    def test_sizes_of_shapes_need_not_be_given(self):
        assert sf.parse("ones((n, d)) * X", {"X": X}) is X
        other = sf.dim("k")
        assert sf.parse("n * x", {"x": w, "n": other, "X": X}) is other * w

    def test_lines(self):
        assert sf.parse("r = X @ w - y\nr @ r / n", NAMES) is (X @ w - y) @ (X @ w - y) / n

    def test_several_formulas(self):
        assert sf.parse("X @ w, y", NAMES) == (X @ w, y)

    def test_the_blackboard(self):
        found = sf.parse("X'*(X*w - y)/n", NAMES, syntax="blackboard")
        assert found is X.T @ (X @ w - y) / n
        assert sf.parse("sum((X*w - y).^2)", NAMES, "blackboard") is snp.sum((X @ w - y) ** 2)

    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("linalg.norm(y)", snp.linalg.norm(y)), ("norm(y)", snp.linalg.norm(y)),
            ("np.linalg.norm(y)", snp.linalg.norm(y)), ("jax.nn.softmax(y)", nn.softmax(y)),
            ("nn.relu(y)", nn.relu(y)), ("special.erf(y)", special.erf(y)),
            ("maximum(y, 0)", snp.maximum(y, 0)), ("y > 0", y > 0), ("y == 0", snp.equal(y, 0)),
            ("eye(n)[1:]", snp.eye(n)[1:]), ("y[::-1]", y[::-1]), ("y.sum()", snp.sum(y)),
            ("X.T.reshape(-1)", X.T.reshape(-1)), ("-y ** 2", -(y**2)),
            ("einsum('ij,j->i', X, w)", X @ w), ("zeros((n,))", snp.zeros(n)),
            ("array([1.0, 2.0])", sf.parse("array([1., 2.])")),
            ("where(y > 0, y, 0)", snp.where(y > 0, y, 0)),
        ],
    )  # fmt: skip
    def test_functions(self, text, wanted):
        assert sf.parse(text, NAMES) is wanted

    def test_numbers_are_tensors(self):
        assert sf.parse("0").shape == ()
        assert float(evaluate(sf.parse("2 ** 0.5 + 1 / 4"))) == pytest.approx(2**0.5 + 0.25)

    def test_sizes_may_be_computed(self):
        assert sf.parse("zeros((ceil(n / 2), maximum(n, d)))", NAMES).shape == (
            sp.ceiling(n / 2), sp.Max(n, d),
        )  # fmt: skip
        assert sf.parse("y * sqrt(n)", NAMES) is y * sp.sqrt(n)
        assert sf.parse("floor(y)", NAMES) is snp.floor(y)

    def test_functions_that_only_sympy_knows(self):
        found = sf.parse("sympy.besselj(0, y)", NAMES)
        assert sf.text(found) == "sympy.besselj(0, y)"
        assert sf.parse(sf.text(found), NAMES) is found

    def test_functions_of_the_caller(self):
        double = sf.function([y], y + y, name="double") if hasattr(sf, "function") else None
        names = NAMES | {"double": double or (lambda value: value + value)}
        assert sf.parse("double(y)", names).shape == (n,)

    def test_arrays_and_numbers_as_names(self):
        found = sf.parse("a * x + b", {"a": np.ones(3), "x": sf.vector("x", 3), "b": 2})
        assert found.shape == (3,)

    def test_names_that_are_no_identifiers(self):
        odd = sf.vector("my var", n)
        assert sf.parse("my_var + y", {"my var": odd, "y": y}) is odd + y
        assert sf.parse("my_var + y", [odd, y]) is odd + y
        clash = {"my var": odd, "my-var": y}
        with pytest.raises(ParseError, match="my_var"):
            sf.parse("my_var", clash)

    @pytest.mark.parametrize(
        ("text", "error", "message"),
        [
            ("X @", ParseError, "ends"), ("X @ v", ParseError, "'v'"),
            ("foo(X)", ParseError, "foo"), ("X @ y", ShapeError, "did you mean x.T"),
            ("'a'", ParseError, "no tensor"), ("None", ParseError, "no tensor"),
            ("[1, 2]", ParseError, "no tensor"), ("y.__class__", ParseError, "underscore|class"),
            ("X.T.foo", ParseError, "foo"), ("einsum(y, X)", ShapeError, "text"),
        ],
    )  # fmt: skip
    def test_what_is_no_formula_is_refused(self, text, error, message):
        with pytest.raises(error, match=message):
            sf.parse(text, NAMES)

    def test_strings_are_no_tensors(self):
        with pytest.raises(DTypeError, match="'w' stands for text"):
            sf.parse("w", {"w": "X"})
        with pytest.raises(DTypeError, match="no name of its own"):
            sf.parse("w", [X @ w])


class TestOut:
    def test_three_notations(self):
        e = X.T @ (X @ w - y)
        assert sf.text(e) == "X.T @ (X @ w - y)"
        assert sf.pretty(e) == "Xᵀ(Xw − y)"
        assert sf.latex(e) == r"X^{\top} \left(X w - y\right)"

    def test_plain_scalars(self):
        assert sf.text(2) == "2"
        assert sf.text(n) == "n"
        assert sf.latex(sp.Rational(1, 2)) == "0.5"

    def test_a_bound_on_the_line(self):
        t = snp.exp(X @ w - y)
        assert "u = " in sf.text(t * snp.sin(t) * snp.cos(t), max_chars=20)

    @pytest.mark.parametrize(
        ("kind", "start"),
        [("text", "X @ w"), ("latex", "X w"), ("unicode", "Xw"), ("pretty", "Xw")],
    )
    def test_formats(self, kind, start):
        assert sf.export(X @ w, kind) == start

    def test_json(self):
        assert json.loads(sf.export([X @ w, y], "json"))["roots"] == [2, 3]

    @pytest.mark.parametrize("backend", ["jax", "numpy"])
    def test_code(self, backend):
        source = sf.export([X @ w, y], backend)
        assert source == sf.lower(X @ w, y, backend=backend).source
        assert "symflow" not in source.split('"""')[-1]

    def test_an_unknown_format_names_the_known_ones(self):
        with pytest.raises(DomainError, match="text, latex, pretty"):
            sf.export(X, "pdf")
