"""Functions that a graph spells out are written by their names, and read back as the same node."""

from collections.abc import Callable
from typing import Any

import pytest

import symflow as sf
import symflow.numpy as snp

n, m = sf.dims("n m")
A, X = sf.matrix("A", n, m), sf.matrix("X", n, n)
B = sf.tensor("B", 2, n, n)
k = sf.tensor("k", n, dtype="int")
x = sf.vector("x", n)


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (snp.tril(A), "tril(A)"),
        (snp.triu(A, 1), "triu(A, 1)"),
        (snp.tril(X, -2), "tril(X, -2)"),
        (snp.tril(B), "tril(B)"),
        (2 * snp.triu(X @ X), "2 * triu(X @ X)"),
        (snp.tri(n, k=-1), "tri(n, k=-1)"),
        (sf.nn.one_hot(k, 5), "nn.one_hot(k, 5)"),
        (sf.nn.one_hot(k, 5, axis=0), "nn.one_hot(k, 5, axis=0)"),
        (sf.nn.one_hot(k, 5).T @ X, "nn.one_hot(k, 5).T @ X"),
    ],
    ids=str,
)
def test_names(node: Any, text: str) -> None:
    names = {"n": n, "m": m, "A": A, "X": X, "B": B, "k": k}
    assert str(node) == text
    assert sf.parse(text, names) is node


@pytest.mark.parametrize(
    "node",
    [
        snp.where(snp.arange(n)[:, None] > snp.arange(n), X, 0),  # strictly below, said otherwise
        snp.where(snp.arange(n)[:, None] >= snp.arange(n), X, 1),
        snp.equal(snp.arange(n)[:, None], snp.arange(n)).astype("float"),
    ],
    ids=str,
)
def test_others_stay_spelled_out(node: Any) -> None:
    assert not any(name in str(node) for name in ("tri", "one_hot"))
    assert sf.parse(str(node), {"n": n, "X": X}) is node


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda: snp.var(x), "var(x)"),
        (lambda: snp.std(x), "std(x)"),
        (lambda: snp.var(A, axis=0), "var(A, axis=0)"),
        (lambda: snp.std(A, axis=1, keepdims=True) * A, "std(A, axis=1"),
    ],
)
def test_variances(build: Callable[[], Any], name: str) -> None:
    node = build()
    assert name in str(node)
    back = sf.parse(str(node), {"n": n, "m": m, "A": A, "x": x})
    assert sf.simplify(back - node) == sf.simplify(0 * node)


def test_a_mean_along_another_axis_makes_no_variance() -> None:
    centred = X - snp.mean(X, axis=1)
    assert "var" not in str(snp.mean(centred**2, axis=1))
