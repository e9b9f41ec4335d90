"""The blackboard form that LaTeX and Unicode share: products, rows and columns, brackets."""

import re

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import Tensor, dims, matrix, vector
from symflow.export.pretty import to_pretty
from tests.oracle import evaluate

n, m = dims("n m")
A, B, X = matrix("A", n, n), matrix("B", n, n), matrix("X", m, n)
x, y, b = vector("x", n), vector("y", n), vector("b", m)


def read(text: str) -> Tensor:
    """A blackboard form without functions, read back: juxtaposition is the matrix product."""
    for old, new in (("ᵀ", "'"), ("⁻¹", "^-1"), ("−", "-"), ("∘", ".*"), ("·", "*")):
        text = text.replace(old, new)
    text = re.sub(r"(?<=[\w'\)])(?=[A-Zxyb\(])", "*", text)
    return sf.parse(text, [A, B, X, x, y, b], syntax="blackboard")


@pytest.mark.parametrize(
    "expression",
    [
        x @ A @ y, A @ B @ x, (A @ B).T @ x, x @ A @ B @ y, (A + B) @ x - y, A.T @ (A @ x - y),
        snp.outer(A @ x, y), snp.outer(x, B @ y) @ A, (A * B) @ x, A @ (x * y), x * y - A @ x,
        2 * A @ x, snp.linalg.inv(A) @ x, (A @ B) * A, A * (A @ B), X.T @ (X @ x - b),
        (x @ y) * x, snp.outer(x, x) - A,
    ],
    ids=sf.text,
)  # fmt: skip
def test_products_and_brackets_mean_what_they_say(expression):
    rng = np.random.default_rng(0)
    values = {"A": rng.normal(size=(3, 3)), "B": rng.normal(size=(3, 3)),
              "X": rng.normal(size=(2, 3)), "b": rng.normal(size=2)}  # fmt: skip
    values |= {name: rng.normal(size=3) for name in "xy"}
    back = read(to_pretty(expression))
    wanted = evaluate(expression, values)
    np.testing.assert_allclose(evaluate(back, values), wanted, rtol=1e-10)


def test_a_vector_beside_a_matrix_is_a_row_or_a_column():
    assert to_pretty(X + y) == "X + \U0001d7cfyᵀ"
    assert to_pretty(X + b[:, None]) == "X + b\U0001d7cfᵀ"
    assert to_pretty(X - snp.sum(X, axis=1, keepdims=True)) == "X − sum_1(X)\U0001d7cfᵀ"
    assert to_pretty(X * b[:, None]) == "diag(b)X"
    assert to_pretty(X * y) == "X diag(y)"
    assert to_pretty(x + 1) == "x + 1"


def test_every_printed_kind_of_tree_has_a_form():
    for seed in range(60):
        from tests.notation.graphs import random_graph

        assert to_pretty(random_graph(seed))
