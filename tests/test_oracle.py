"""The oracle against NumPy written by hand, and complete over the table of operations."""

import numpy as np
import pytest

import symflow.linalg as sl
import symflow.numpy as snp
from symflow.core import dims, matrix, vector
from symflow.ops import TABLE
from tests.oracle import OPERATIONS, evaluate

rng = np.random.default_rng(0)


def test_every_operation_has_a_formula():
    assert set(TABLE) <= OPERATIONS


def test_by_hand():
    n, d = dims("n d")
    X, w, y = matrix("X", n, d), vector("w", d), vector("y", n)
    xs, ws, ys = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=4)
    values = {"X": xs, w: ws, "y": ys}
    cases = [
        (snp.sum((X @ w - y) ** 2) / n, ((xs @ ws - ys) ** 2).sum() / 4),
        (snp.diag(w) @ X.T, np.diag(ws) @ xs.T),
        (snp.kron(X, snp.eye(2)), np.kron(xs, np.eye(2))),
        (X.reshape(n * d)[1:-1], xs.reshape(-1)[1:-1]),
        (snp.trace(X @ X.T) + n, np.trace(xs @ xs.T) + 4),
        (snp.sum(X * w, axis=1) - y, xs @ ws - ys),
        (sl.inv(X.T @ X) @ w, np.linalg.inv(xs.T @ xs) @ ws),
        (snp.eye(n) + X @ X.T, np.eye(4) + xs @ xs.T),
        (y[::-1] / y, ys[::-1] / ys),
        (snp.stack([y, snp.exp(y)]), np.stack([ys, np.exp(ys)])),
    ]
    for expression, expected in cases:
        np.testing.assert_allclose(evaluate(expression, values), expected, atol=1e-12)


def test_sizes_may_be_given():
    n, k = dims("n k")
    result = evaluate(snp.eye(n + 1) * k, sizes={"n": 2, k: 5})
    np.testing.assert_array_equal(result, 5 * np.eye(3))


def test_wrong_sizes_fail():
    x, y = vector("x", "n"), vector("y", "n")
    with pytest.raises(AssertionError, match="n"):
        evaluate(x + y, {"x": np.ones(2), "y": np.ones(3)})
