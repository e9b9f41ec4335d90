"""Sides of equations: differentials, pairings, symbols of derivatives, in three notations."""

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.rewriting.sides import (
    LatexPen,
    MathPen,
    Moved,
    Pairs,
    Quotient,
    TextPen,
    Value,
    held,
    move_of,
)

A, x = sf.matrix("A", "n", "n"), sf.vector("x", "n")
f = sf.scalar("f")


@pytest.mark.parametrize(
    ("side", "text", "latex"),
    [
        (Value(A @ move_of(x)), "A @ dx", r"A \mathrm{d} x"),
        (Value(snp.sin(x) * move_of(x)), "sin(x) * dx", r"\sin\left(x\right) \odot \mathrm{d} x"),
        (Moved(x), "dx", r"\mathrm{d} x"),
        (Moved(A @ x), "d(A @ x)", r"\mathrm{d}\left(A x\right)"),
        (Pairs(((x, x), (A @ x, x))), "<x, dx> + <A @ x, dx>", None),
        (Pairs(()), "0", "0"),
        (Quotient(f, x), "df/dx", r"\frac{\partial f}{\partial {x}}"),
        (Quotient(f, x, 2), "d2f/dx2", r"\frac{\partial^{2} f}{\partial {x}^{2}}"),
        (Value(A @ held(0, x), (A @ x,)), "A @ d(A @ x)", r"A \mathrm{d}\left(A x\right)"),
    ],
)
def test_sides_are_written(side, text, latex):
    assert side.write(TextPen()) == text
    assert latex is None or side.write(LatexPen()) == latex
    assert "δ" not in side.write(MathPen())
    assert "Ξ" not in side.write(MathPen())
    assert "&#926;" not in side.write(MathPen())


def test_sides_may_be_mapped():
    y = sf.vector("y", "n")

    def change(node):
        return node.xreplace({x: y})

    assert Moved(x).mapped(change).write(TextPen()) == "dy"
    assert Pairs(((A @ x, x),)).mapped(change).write(TextPen()) == "<A @ y, dy>"
    assert Value(A @ x, (x,)).mapped(change) == Value(A @ y, (y,))


def test_a_variable_of_a_scope_keeps_it():
    w = sf.tensor("w", "n", scope="layer")
    assert Value(2 * move_of(w)).write(TextPen()) == "2 * dlayer.w"
    assert sf.pretty(move_of(w)) == "dlayer.w"
