"""Sums inside products, multiplied out tentatively."""

import numpy as np

import symflow.numpy as snp
from symflow.core import Add, Einsum, dims, tensor
from symflow.rewriting.refold import refold
from symflow.rewriting.refold_open import multiplied_out
from tests.oracle import evaluate

(n,) = dims("n")
A, B = tensor("A", n, n), tensor("B", n, n)
x, y, c = tensor("x", n), tensor("y", n), tensor("c")


def test_products_with_a_sum_of_products_become_sums():
    node = (A.T * c - snp.outer(A.T @ x, x)) @ A
    flat = multiplied_out(node, {})
    assert isinstance(flat, Einsum | Add)
    generator = np.random.default_rng(0)
    for size in (3, 1, 0):
        values = {leaf.name: generator.normal(size=(size,) * leaf.rank) for leaf in (A, B, x, y, c)}
        np.testing.assert_allclose(
            evaluate(flat, values, {"n": size}), evaluate(node, values, {"n": size}), rtol=1e-9
        )


def test_simple_sums_stay_whole():
    assert multiplied_out(A @ (x - y) + x, {}) is None
    assert multiplied_out((A + A.T) @ A, {}) is None


def test_nothing_in_common_is_not_opened():
    assert multiplied_out(A @ (B @ x + y), {}) is None


def test_shared_sums_stay_whole():
    inner = A @ x + y
    assert multiplied_out(A @ inner, {}) is not None
    assert multiplied_out(A @ inner, {inner: 2}) is None


def test_squares_stay_squares():
    inner = A @ x + y
    (square,) = (
        t for t in multiplied_out(inner @ inner + inner @ x, {}).operands if inner in t.operands
    )
    assert square is inner @ inner
    assert refold(inner @ inner) is inner @ inner


def test_too_many_terms_are_given_up():
    long = sum((tensor(f"M{k}", n, n) @ x for k in range(9)), start=A @ x)
    assert multiplied_out(A @ long, {}) is None


def test_deep_nesting_is_no_matter():
    node = x
    for _ in range(2000):
        node = A @ node + y
    assert refold(node) is not None
