"""LaTeX of typical results."""

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow import nn
from symflow.core import Tensor, dims, matrix, scalar, tensor, vector
from symflow.export.latex import to_latex
from tests.notation.graphs import random_graph

n, m = dims("n m")
A, X, x, y, r = (matrix("A", n, n), matrix("X", m, n), vector("x", n), vector("y", n),
                 vector("r", m))  # fmt: skip
s, T, mu, W1 = scalar("s"), tensor("T", n, n, n), vector("mu", n), matrix("W1", n, n)
inv = snp.linalg.inv

TABLE: list[tuple[Tensor, str]] = [
    (2 * X.T @ (X @ x - r), r"2 \, X^{\top} \left(X x - r\right)"),
    (x @ A @ y, r"x^{\top} A y"),
    (x @ y * x, r"\left(x^{\top} y\right) x"),
    (inv(A).T @ x, r"A^{-\top} x"),
    (snp.outer(x, y), r"x y^{\top}"),
    (snp.outer(A @ x, A @ y), r"A x {\left(A y\right)}^{\top}"),
    (snp.diag(x) @ A, r"\operatorname{diag}\left(x\right) A"),
    (A @ snp.diag(x), r"A \operatorname{diag}\left(x\right)"),
    (x * y, r"x \odot y"),
    (x**2, r"x^{\odot 2}"),
    (s**2, r"s^{2}"),
    (x / s, r"\frac{x}{s}"),
    (x / y, r"x \oslash y"),
    (snp.sqrt(x @ x), r"\sqrt{x^{\top} x}"),
    (snp.linalg.norm(x), r"\left\lVert x \right\rVert"),
    (snp.exp(-x), r"\exp\left(-x\right)"),
    (nn.sigmoid(x), r"\sigma\left(x\right)"),
    (nn.softmax(x), r"\operatorname{softmax}\left(x\right)"),
    (snp.abs(x), r"\left|x\right|"),
    (snp.trace(A), r"\operatorname{tr}\left(A\right)"),
    (snp.linalg.det(A), r"\det\left(A\right)"),
    (snp.linalg.slogdet(A)[1], r"\log\left|\det\right|\left(A\right)"),
    (snp.eye(n) - snp.outer(x, x), r"I_{n} - x x^{\top}"),
    (snp.kron(A, X), r"A \otimes X"),
    (snp.sum(x), r"\sum_{i} x_{i}"),
    (snp.sum(A * A), r"\sum_{ij} {\left(A^{\odot 2}\right)}_{ij}"),
    (snp.einsum("ijk,j,k->i", T, x, y), r"\left(T \cdot y\right) x"),
    (snp.einsum("ijk,i,k->j", T, x, y), r"{\left[\sum_{ik} T_{ijk} x_{i} y_{k}\right]}_{j}"),
    (snp.einsum("ip,jq->ijpq", snp.eye(m), A),
     r"{\left[A_{jl} \delta_{ik}\right]}_{ijkl}"),
    (X @ A + y, r"X A + \mathbf{1} y^{\top}"),
    (snp.where(x > 0, x, y),
     r"\begin{cases} x & x > 0 \\ y & \text{otherwise} \end{cases}"),
    (y * (x > 0), r"y \odot \left[x > 0\right]"),
    (mu + W1 @ x, r"W_{1} x + \mu"),
    (x / n, r"\frac{x}{n}"),
    (x[1:], r"x_{1:}"),
    (snp.maximum(x, y), r"\max\left(x, y\right)"),
    (tensor("learning_rate"), r"learning_{rate}"),
    (tensor("loss"), r"\mathrm{loss}"),
    (tensor("W", n, n, scope="net") @ x, r"W^{(\mathrm{net})} x"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "text"), TABLE, ids=[text for _, text in TABLE])
def test_typical_results(expression, text):
    assert to_latex(expression) == text


def test_named_parts_follow_the_formula():
    t = snp.exp(A @ x + y) / (1 + snp.exp(A @ x + y))
    text = to_latex(snp.outer(t, t) - snp.diag(t) + A, max_chars=20)
    assert text.startswith(r"\begin{aligned} & A + ")
    assert r"\text{where} \\ v &= " in text


def test_brackets_and_braces_are_balanced():
    for seed in range(40):
        text = to_latex(random_graph(seed))
        assert text.count("{") == text.count("}"), text
        assert text.count(r"\left") == text.count(r"\right"), text


def test_several_expressions():
    assert sf.latex([x, y]) == r"\left(x, y\right)"
