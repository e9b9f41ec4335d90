"""Layouts: the order of the axes of a derivative."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.rewriting.layouts import LAYOUTS, laid_out

A, x = sf.matrix("A", "m", "n"), sf.vector("x", "n")
a = sf.scalar("a")


@pytest.mark.parametrize(
    ("f", "by", "numerator", "denominator"),
    [
        (snp.sum(x * x), x, "(1, n)", "(n,)"),
        (snp.sum(A * A), A, "(n, m)", "(m, n)"),
        (A @ x, x, "(m, n)", "(n, m)"),
        (a * x, a, "(n,)", "(1, n)"),
        (a * A, a, "(m, n)", "(n, m)"),
        (a**2, a, "()", "()"),
        (A @ x, A, "(m, n, m)", "(m, n, m)"),
    ],
)
def test_shapes_in_each_layout(f, by, numerator, denominator):
    derivative = sf.jacobian(f, by)
    shapes = [str(laid_out(derivative, by, layout).shape) for layout in LAYOUTS]
    assert shapes[1:] == [numerator, denominator]
    assert shapes[0] == str(f.shape + by.shape)


def test_entries_move_with_the_axes():
    J = sf.jacobian(snp.sin(A) @ x, A)
    values = sf.lower(*(laid_out(J, A, layout) for layout in LAYOUTS))(
        A=np.ones((2, 3)), x=np.arange(3.0)
    )
    own, numerator, denominator = map(np.asarray, values)
    assert np.array_equal(numerator, own.transpose(0, 2, 1))
    assert np.array_equal(denominator, own.transpose(1, 2, 0))


def test_a_layout_is_always_said():
    g = sf.grad(snp.sum(x * x), x)
    for layout in LAYOUTS:
        for write in (sf.text, sf.latex, sf.pretty):
            assert f"{layout} layout" in write(g, layout=layout, variable=x)
    row = sf.latex(g, layout="numerator", variable=x)
    assert row.startswith(r"{\left(2 \, x\right)}^{\top} \qquad")
    assert sf.parse(sf.text(g, layout="numerator", variable=x), [x]) is g[None, :]
    derivation = sf.derive(A @ x, x)
    assert "output + variable layout" in derivation.text()
    assert "In denominator layout\n  df/dx = A.T  (n, m)" in derivation.text(layout="denominator")
    assert "denominator layout" in derivation.html(layout="denominator")


def test_refusals():
    with pytest.raises(sf.DomainError, match="unknown layout"):
        sf.text(x, layout="hessian", variable=x)
    with pytest.raises(sf.DomainError, match="variable=x"):
        sf.latex(x, layout="numerator")
    with pytest.raises(sf.ShapeError, match="ends with its axes"):
        sf.text(A, layout="numerator", variable=sf.vector("y", "m"))
