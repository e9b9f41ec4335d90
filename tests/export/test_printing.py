"""SymPy's printers, notebooks and Python itself show tensors, at any depth."""

import pytest
import sympy as sp

import symflow.numpy as snp
from symflow.core import dims, matrix, vector

n, d = dims("n d")
X, w, y = matrix("X", n, d), vector("w", d), vector("y", n)


def test_every_printer_has_a_hook():
    e = X.T @ (X @ w - y)
    assert str(e) == repr(e) == sp.sstr(e) == f"{e}" == "X.T @ (X @ w - y)"
    assert sp.latex(e) == r"X^{\top} \left(X w - y\right)"
    assert sp.pretty(e, use_unicode=True) == "Xᵀ(Xw − y)"
    assert sp.pretty(e, use_unicode=False) == "X.T @ (X @ w - y)"
    assert sp.srepr(e) == "parse('X.T @ (X @ w - y)', names)"
    assert e._repr_latex_() == r"$\displaystyle X^{\top} \left(X w - y\right)$"


def test_pprint_writes_a_line(capsys):
    sp.pprint(X @ w, use_unicode=True)
    assert capsys.readouterr().out == "Xw\n"


def test_tensors_inside_sympy_s_containers():
    assert str(sp.Tuple(X @ w, n)) == "(X @ w, n)"
    assert str([X @ w]) == "[X @ w]"


@pytest.mark.parametrize("show", [str, repr, sp.latex, sp.pretty, sp.srepr])
def test_a_deep_chain_is_shown(show):
    e = y
    for _ in range(20_000):
        e = snp.tanh(e)
    assert len(show(e)) > 20_000
