"""``sf.verify``: agreement is found, and so is its lack."""

import numpy as np
import pytest
import sympy as sp

import symflow as sf
import symflow.nn as nn
import symflow.numpy as snp
from symflow.api.verify import Verification

n, d = sf.dims("n d")
X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
A = sf.matrix("A", d, d, positive_definite=True)
LOSS = snp.sum((X @ w - y) ** 2) / n


def test_a_right_gradient_agrees_at_two_sets_of_sizes():
    report = sf.verify(LOSS, sf.grad(LOSS, w), w)
    assert isinstance(report, Verification)
    assert report.ok
    assert bool(report)
    assert report.error < 1e-12
    sizes = [dict(check.sizes) for check in report.checks]
    assert len(set(sizes[0].values())) == 2
    assert sizes[1] == {"n": 1, "d": 1}
    assert str(report).startswith("agrees with JAX's automatic differentiation\n  d = 4, n = 3: 4")


def test_a_wrong_gradient_does_not():
    report = sf.verify(LOSS, sf.grad(LOSS, w) * 1.0001, w)
    assert not report.ok
    assert not report
    assert 1e-5 < report.error < 1e-3
    assert str(report).startswith("DISAGREES")


def test_higher_orders_and_several_variables():
    f = snp.sum(snp.exp(X @ w)) + snp.sum(w**3)
    assert sf.verify(f, sf.hessian(f, w), w, order=2).ok
    mixed = sf.jacobian(sf.grad(f, X), w)
    assert sf.verify(f, mixed, (X, w)).ok
    assert sf.verify(nn.softmax(X @ w), sf.jacobian(nn.softmax(X @ w), w), w).ok
    third = sf.jacobian(sf.hessian(f, w), w)
    assert sf.verify(f, third, w, order=3).ok


def test_derivations_verify_themselves():
    derivation = sf.derive(LOSS, w, order=2)
    assert derivation.verify().ok
    assert sf.verify(derivation).ok
    assert derivation.verify(tolerance=0.0).tolerance == 0


def test_structured_variables():
    f = snp.linalg.slogdet(A)[1] + w @ snp.linalg.inv(A) @ w
    free, tied = sf.grad(f, A), sf.grad(f, A, structured=True)
    assert sf.verify(f, free, A).ok
    assert sf.verify(f, tied, A, structured=True).ok
    assert not sf.verify(f, tied, A).ok
    assert not sf.verify(f, free, A, structured=True).ok


def test_values_of_an_expression():
    report = sf.verify(snp.mean(X, axis=0) + nn.softmax(w) @ A)
    assert report.ok
    assert report.against == "NumPy"


def test_sizes_that_cannot_be_one():
    report = sf.verify(snp.mean(y[2:]))
    assert [check.sizes["n"] for check in report.checks] == [4, 3]


def test_without_dimensions():
    x = sf.vector("x", 3)
    (check,) = sf.verify(snp.sum(x**2), 2 * x, x).checks
    assert check.entries == 3
    assert "no dimensions" in str(check)


def test_symbols_of_sympy():
    a = sp.Symbol("a", positive=True)
    f = snp.sum(snp.log(a * snp.exp(y)))
    assert sf.verify(f, sf.grad(f, a), a).ok


def test_dimensions_as_numbers():
    f = snp.sum(y**2) / n + d
    assert sf.verify(f, sf.grad(f, y), y).ok


def test_wrong_questions():
    with pytest.raises(sf.ShapeError, match=r"shape \(n,\); function and variables make \(d,\)"):
        sf.verify(LOSS, y, w)
    with pytest.raises(sf.DomainError, match="give the variable"):
        sf.verify(LOSS, w)
    with pytest.raises(sf.DomainError, match="no random data with finite values"):
        sf.verify(snp.sum(snp.log(-snp.exp(y))))


def test_the_same_seed_gives_the_same_figures():
    first, second = (sf.verify(LOSS, sf.grad(LOSS, w), w, seed=5) for _ in range(2))
    assert first == second
    np.testing.assert_equal(first.error, second.error)


def test_sizes_at_which_a_matrix_is_singular_are_left_for_others() -> None:
    X, w = sf.matrix("X", "n", "d"), sf.vector("w", "d")
    f = w @ snp.linalg.inv(X.T @ X) @ w
    gradient = sf.grad(f, X)
    assert sf.verify(f, gradient, X).ok
    assert not sf.verify(f, 1.0001 * gradient, X).ok
