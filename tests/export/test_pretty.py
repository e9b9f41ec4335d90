"""One-line Unicode of typical results."""

import pytest

import symflow.numpy as snp
from symflow import nn
from symflow.core import Tensor, dims, matrix, scalar, tensor, vector
from symflow.export.pretty import to_pretty

n, m = dims("n m")
A, X, x, y, r = (matrix("A", n, n), matrix("X", m, n), vector("x", n), vector("y", n),
                 vector("r", m))  # fmt: skip
s, T, beta = scalar("s"), tensor("T", n, n, n), vector("beta", n)
inv = snp.linalg.inv

TABLE: list[tuple[Tensor, str]] = [
    (2 * X.T @ (X @ x - r), "2·Xᵀ(Xx − r)"),
    (x @ A @ y, "xᵀAy"),
    (x @ y * x, "(xᵀy)x"),
    (inv(A).T @ x, "A⁻ᵀx"),
    (inv(A) @ x, "A⁻¹x"),
    (snp.outer(x, y), "xyᵀ"),
    (snp.diag(x) @ A, "diag(x)A"),
    (A @ snp.diag(x), "A diag(x)"),
    (x * y, "x ∘ y"),
    (x**2, "x∘²"),
    (s**2, "s²"),
    (x / s, "x/s"),
    (snp.outer(x / s, y), "xyᵀ/s"),
    (snp.linalg.norm(x), "‖x‖"),
    (nn.softmax(X @ x), "softmax(Xx)"),
    (snp.eye(n) - snp.outer(x, x), "I_n − xxᵀ"),
    (snp.kron(A @ A, X), "AA ⊗ X"),
    (snp.sum(x), "∑_i x_i"),
    (snp.einsum("ijk,i,k->j", T, x, y), "[∑_ik T_ijk x_i y_k]_j"),
    (X @ beta, "Xβ"),
    (tensor("loss") * tensor("rate"), "loss rate"),
    (snp.sqrt(x @ x + 1), "√(xᵀx + 1)"),
    (snp.where(x >= 0, x, y), "(x if x ≥ 0 else y)"),
    (snp.abs(x), "|x|"),
    (-x / 2, "−0.5·x"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "text"), TABLE, ids=[text for _, text in TABLE])
def test_typical_results(expression, text):
    assert to_pretty(expression) == text


def test_named_parts_stand_below():
    t = snp.exp(A @ x + y) / (1 + snp.exp(A @ x + y))
    first, where, *lines = to_pretty(snp.outer(t, t) - A, max_chars=20).split("\n")
    assert where == "where"
    assert first == "vvᵀ − A"
    assert lines == ["  v = exp(Ax + y) ⊘ (exp(Ax + y) + 1)"]
