"""SymPy's problems are solved, each against JAX, and the page about them is current."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from sympy.matrices.expressions.factorizations import EigenValues

import symflow as sf
from symflow.api.derivatives import jacobian
from tests.interop.sympy.outcomes import RIGHT, compared, derivative
from tests.interop.sympy.problems import CONVERSIONS, DERIVATIVES, A, Problem, X, a, x

DOCS = Path(__file__).parents[3] / "docs"


def test_page_is_as_generated():
    page = runpy.run_path(str(DOCS / "sympy_comparison.py"))["page"]()
    assert (DOCS / "sympy.md").read_text("utf-8") == page, "run `make docs`"


def rows(text):
    return re.findall(r"^\| all \| (\d+) \| (\d+) \| (\d+) \|", text, flags=re.M)


def test_all_are_right_here():
    """The figures of the page, which the test above has computed anew."""
    derived, converted = rows((DOCS / "sympy.md").read_text("utf-8"))
    assert derived[:2] == (str(len(DERIVATIVES)),) * 2
    assert converted[:2] == (str(len(CONVERSIONS)),) * 2


def fails(expr, wrt):
    raise ValueError


@pytest.mark.parametrize(
    ("derive", "outcome"),
    [
        (sp.diff, RIGHT),
        (lambda expr, wrt: sp.diff(expr, wrt).T, "transposed"),
        (lambda expr, wrt: 2 * sp.diff(expr, wrt), "wrong"),
        (lambda expr, wrt: sp.ZeroMatrix(*wrt.shape), "zero"),
        (lambda expr, wrt: a, "wrong shape"),
        (sp.Derivative, "not evaluated"),
        (fails, "raises ValueError"),
        (lambda expr, wrt: EigenValues(A), "has no value"),
    ],
)
def test_what_sympy_gives_is_told_apart(derive, outcome):
    solved = derivative(Problem("", a.T * X * A * x, X, derive))
    assert (solved.ours, solved.theirs) == (RIGHT, outcome)


def test_a_wrong_derivative_here_would_be_seen(monkeypatch):
    monkeypatch.setattr(sf, "jacobian", lambda f, v: 2 * jacobian(f, v))
    assert derivative(Problem("", a.T * X * x, X)).ours == "wrong"


def test_permuted_axes_are_told_apart():
    cube = np.arange(8.0).reshape(2, 2, 2)
    assert compared(cube.transpose(1, 2, 0), cube) == "axes in another order"
    assert compared(cube[:, None], cube) == RIGHT
