"""Scenes: the lines of a formula for the notations on paper."""

import symflow.numpy as snp
from symflow.core import dims, matrix, vector
from symflow.export.scene import Scene
from symflow.notation.tree import python_text

(n,) = dims("n")
A, x = matrix("A", n, n), vector("x", n)


def test_one_short_formula_is_one_line():
    scene = Scene(A @ x)
    assert [(name, python_text(tree)) for name, tree in scene.lines] == [("", "A @ x")]
    assert scene.ranks[scene.lines[0][1].digest] == 1


def test_several_formulas_share_their_parts():
    t = snp.exp(A @ x + 1) * snp.sin(x)
    scene = Scene([t, snp.outer(t, t)], max_chars=10)
    assert not scene.single
    names = [name for name, _ in scene.lines]
    assert names[-2:] == ["", ""]
    assert names[0] == "v"
