"""What the commands print: derivatives, simpler forms, graphs, other formats."""

import json
import xml.etree.ElementTree as ET

import pytest

import symflow as sf
from symflow.frontend.cli import main

LEAST_SQUARES = ["sum((X*w - y)^2)", "--var", "X: n d"]


def run(capsys, *arguments):
    """Exit code, standard output and standard error."""
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_derive(capsys):
    code, out, err = run(capsys, "derive", *LEAST_SQUARES, "--wrt", "w")
    assert (code, out) == (0, "2 * X.T @ (X @ w - y)\n")
    assert "taking w: d; y: n" in err
    assert "vector (d,)" in err


def test_a_second_derivative(capsys):
    code, out, err = run(capsys, "derive", *LEAST_SQUARES, "--wrt", "w", "--order", "2")
    assert (code, out) == (0, "2 * X.T @ X\n")
    assert "matrix (d, d)" in err


def test_several_variables(capsys):
    code, out, _ = run(capsys, "derive", *LEAST_SQUARES, "--wrt", "w", "--wrt", "y")
    assert code == 0
    assert [line.partition(" = ")[0] for line in out.splitlines()] == ["d/dw", "d/dy"]


def test_results_read_back(capsys):
    _, out, _ = run(capsys, "derive", *LEAST_SQUARES, "--wrt", "X")
    n, d = sf.dims("n d")
    X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
    expected = sf.grad(((X @ w - y) ** 2).sum(), X)
    assert sf.parse(out, {"X": X, "w": w, "y": y}) == expected


@pytest.mark.parametrize(
    ("form", "expected"),
    [("latex", r"X^{\top}"), ("unicode", "Xᵀ"), ("numpy", "over numpy"), ("jax", "over jax.numpy")],
)
def test_formats(capsys, form, expected):
    code, out, _ = run(capsys, "derive", *LEAST_SQUARES, "--wrt", "w", "--format", form)
    assert code == 0
    assert expected in out


def test_code_runs(capsys, tmp_path):
    target = tmp_path / "gradient.py"
    arguments = ("derive", *LEAST_SQUARES, "--wrt", "w", "--format", "numpy", "-o", str(target))
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (0, "")
    assert f"wrote {target}" in err
    compile(target.read_text(), str(target), "exec")


def test_json(capsys):
    formula = ("sum(exp(X*w))", "--var", "X: n d")
    arguments = ("derive", *formula, "--wrt", "w", "--format", "json", "--verify")
    code, out, _ = run(capsys, *arguments)
    content = json.loads(out)
    assert code == 0
    assert content["variables"]["w"] == {
        "shape": ["d"],
        "dtype": "float",
        "properties": [],
        "inferred": True,
    }
    (result,) = content["results"]
    assert (result["text"], result["shape"]) == ("X.T @ exp(X @ w)", ["d"])
    assert "d-exp" in [step["rule"] for step in result["steps"]]
    assert result["verification"]["ok"] is True


def test_steps(capsys):
    formula = ["sum(exp(A*x))", "--var", "A: n d"]
    code, out, _ = run(capsys, "derive", *formula, "--wrt", "x", "--steps")
    assert code == 0
    assert "d-exp" in out
    assert out.endswith("A.T @ exp(A @ x)\n")


def test_no_steps(capsys):
    code, out, _ = run(capsys, "derive", "x", "--var", "x:", "--wrt", "x", "--steps")
    assert code == 0
    assert out.startswith("d/dx\n       f = x\n")
    assert "df/dx = 1" in out
    assert out.endswith("\n1\n")


def test_verify(capsys):
    code, _, err = run(capsys, "derive", *LEAST_SQUARES, "--wrt", "w", "--verify")
    assert code == 0
    assert "agrees with JAX's automatic differentiation" in err
    assert "relative" in err


def test_a_failed_verification_exits_with_1(capsys, monkeypatch):
    class Failed:
        ok = False

        def __str__(self):
            return "the values differ"

    derivation = type(sf.derive(sf.scalar("s"), sf.scalar("s")))
    monkeypatch.setattr(derivation, "verify", lambda self: Failed())
    code, _, err = run(capsys, "derive", *LEAST_SQUARES, "--wrt", "w", "--verify")
    assert code == 1
    assert "the values differ" in err


def test_numpy_syntax(capsys):
    formula = ["(x * y).sum()", "--var", "x: n", "--var", "y: n", "--syntax", "numpy"]
    assert run(capsys, "derive", *formula, "--wrt", "x")[:2] == (0, "y\n")


def test_properties(capsys):
    formula = ["x'*A*x", "--var", "x: n", "--var", "A: n n symmetric", "--wrt", "x"]
    code, out, _ = run(capsys, "derive", *formula)
    assert (code, out) == (0, "2 * A @ x\n")


def test_simplify(capsys):
    formula = ["log(exp(x) .* exp(y))", "--var", "x: n", "--var", "y: n"]
    code, out, _ = run(capsys, "simplify", *formula)
    assert (code, out) == (0, "x + y\n")


def test_export_keeps_the_formula(capsys):
    code, out, _ = run(capsys, "export", "inv(A)*A", "--var", "A: n n", "--format", "text")
    assert (code, out) == (0, "linalg.inv(A) @ A\n")
    code, out, _ = run(capsys, "export", "A*x", "--var", "A: n d", "--format", "json")
    assert json.loads(out)["expression"]["shape"] == ["n"]


def test_graph(capsys, tmp_path):
    code, out, _ = run(capsys, "graph", *LEAST_SQUARES, "--size", "n=100", "--size", "d=3")
    assert code == 0
    assert "matmul" in out
    assert "work 900 FLOPs" in out
    code, out, _ = run(capsys, "graph", *LEAST_SQUARES, "--wrt", "w", "--format", "tree")
    assert code == 0
    assert out.startswith("value = ")
    assert "\ndw = " in out
    target = tmp_path / "deep" / "graph.svg"
    assert run(capsys, "graph", *LEAST_SQUARES, "--format", "svg", "-o", str(target))[0] == 0
    assert ET.parse(target).getroot().tag.endswith("svg")
