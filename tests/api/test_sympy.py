"""The verbs between SymPy and symflow."""

import sympy as sp

import symflow as sf

n = sp.Symbol("n")
A, x = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("x", n, 1)


def test_derivatives_are_taken_by_symflow():
    """SymPy leaves this one as it is, or gives zero."""
    tensor = sf.from_sympy(sp.Derivative(sp.log(sp.Determinant(A)), A))
    assert tensor is sf.numpy.linalg.inv(sf.matrix("A", "n", "n")).T


def test_a_formula_goes_through_both():
    loss = sf.from_sympy(x.T * A * x, assuming=sp.Q.symmetric(A), squeezed=True)
    (variable,) = (v for v in loss.free_symbols if getattr(v, "name", "") == "x")
    gradient = sf.to_sympy(sf.grad(loss, variable))
    assert gradient == 2 * A.xreplace({n: sf.dim("n")}) * x.xreplace({n: sf.dim("n")})
