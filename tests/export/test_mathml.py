"""Expressions as MathML: well formed, escaped, complete."""

from xml.etree import ElementTree as ET

import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from symflow.export.mathml import to_mathml
from tests.notation.graphs import random_graph

A, x = sf.matrix("A", "n", "n"), sf.vector("x", "n")


@pytest.mark.parametrize("seed", range(40))
def test_random_formulas_are_well_formed(seed):
    ET.fromstring(to_mathml(random_graph(seed)))


@pytest.mark.parametrize(
    ("node", "parts"),
    [
        (A @ x, ["<mi>A</mi><mi>x</mi>"]),
        (A.T @ x, ["<msup>", "\u22a4"]),
        (snp.linalg.inv(A), ["<msup><mrow><mi>A</mi></mrow>", "<mn>1</mn>"]),
        (snp.sqrt(x), ["<msqrt><mi>x</mi></msqrt>"]),
        (x / snp.linalg.norm(x), ["<mfrac>", "‖"]),
        (snp.where(x > 0, x, 2), ["&gt;", "otherwise"]),
        (sf.vector("alpha_1", "n") + 1, ["<msub><mi>α</mi><mn>1</mn></msub>"]),
        (snp.sum(snp.sin(x)), ["<munder>", "<mi>i</mi>"]),
        (sf.tensor("w", "n", scope="layer") * 2, ["<mtext>(layer)</mtext>"]),
        (snp.abs(x) + snp.outer(x, x) @ snp.eye(sf.dim("n")), ["|"]),
    ],
)
def test_notation(node, parts):
    text = to_mathml(node)
    ET.fromstring(text)
    assert all(part in text for part in parts), text


def test_named_parts_and_several_formulas():
    t = snp.exp(A @ x + 1) / (1 + snp.exp(A @ x + 1))
    assert "where" in to_mathml(snp.outer(t, t) - A, max_chars=20)
    assert "<mo>,</mo>" in to_mathml([x, A])


def test_sympy_prints_it():
    assert "<mi>x</mi>" in sp.mathml(x + 1, printer="presentation")


def test_odd_names_are_escaped():
    assert "<b" not in to_mathml(sf.vector("a<b", "n"))
