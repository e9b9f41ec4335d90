"""``simplify`` and ``derivation``: what a user asks for, and what must be left alone."""

import pytest

import symflow as sf
import symflow.nn as nn
import symflow.numpy as snp
import symflow.special as special
from symflow.core import Tensor

n, m, k = sf.dims("n m k")
x, y, z = (sf.vector(name, n) for name in "xyz")
p = sf.vector("p", n, positive=True)
X = sf.matrix("X", m, n)
A, B = sf.matrix("A", n, n), sf.matrix("B", n, n)
S = sf.matrix("S", n, n, positive_definite=True)
Q = sf.matrix("Q", n, n, orthogonal=True)
U, C = sf.matrix("U", n, k), sf.matrix("C", k, k)
inv, det, slogdet, norm = snp.linalg.inv, snp.linalg.det, snp.linalg.slogdet, snp.linalg.norm
s = sf.scalar("s")
zero, one = snp.zeros(()), snp.ones(())
P = X.T @ inv(X @ X.T) @ X
left = (snp.eye(n) - P) @ X.T

READABLE = [
    (snp.exp(x) / snp.sum(snp.exp(x)), nn.softmax(x)),
    (snp.log(1 + snp.exp(x)), nn.softplus(x)),
    (1 / (1 + snp.exp(-x)), nn.sigmoid(x)),
    (x - snp.log(snp.sum(snp.exp(x))), nn.log_softmax(x)),
    (snp.sqrt(snp.sum(x * x)), norm(x)),
    (x / snp.sqrt(x @ x), x / norm(x)),
    (snp.sqrt(x**2), snp.abs(x)),
    (x * snp.sign(x), snp.abs(x)),
    (snp.abs(x * y) / snp.abs(y), snp.abs(x)),
    (2 * nn.sigmoid(2 * x) - 1, snp.tanh(x)),
    (nn.softmax(x + s), nn.softmax(x)),
    (special.logsumexp(x + s) - s, special.logsumexp(x)),
    (snp.sum(x - snp.mean(x)), zero),
    (snp.mean((x - snp.mean(x)) ** 2) - (snp.mean(x**2) - snp.mean(x) ** 2), zero),
    ((x + y) @ (x + y) - x @ x - 2 * x @ y - y @ y, zero),
    ((x + y) * s - x * s, s * y),
    (inv(A) @ A @ x, x),
    (inv(A @ B) @ A, inv(B)),
    (inv(2 * A) * 2, inv(A)),
    (det(A @ B) / det(B), det(A)),
    (det(A.T), det(A)),
    (snp.log(det(X @ X.T)), slogdet(X @ X.T)[1]),
    (slogdet(snp.kron(A, C))[1], k * slogdet(A)[1] + n * slogdet(C)[1]),
    (inv(snp.kron(A, C)), snp.kron(inv(A), inv(C))),
    (inv(A) - inv(A) @ U @ inv(inv(C) + U.T @ inv(A) @ U) @ U.T @ inv(A), inv(A + U @ C @ U.T)),
    (norm(Q @ x), norm(x)),
    (snp.trace(Q.T @ A @ Q), snp.trace(A)),
    (left, snp.zeros((n, m))),
    (P @ P, P),
    (snp.linalg.cholesky(S) @ snp.linalg.cholesky(S).T, S),
    (snp.where(x > 0, x, -x), snp.abs(x)),
    (snp.concatenate([x, y])[:n], x),
]
STABLE = [
    (snp.log(1 + x), snp.log1p(x)),
    (snp.exp(x) - 1, snp.expm1(x)),
    (1 - special.erf(x), special.erfc(x)),
    (snp.log(nn.sigmoid(x)), -nn.softplus(-x)),
    (snp.log(snp.prod(p)), snp.sum(snp.log(p))),
    (snp.log(snp.exp(x) + snp.exp(y)), snp.logaddexp(x, y)),
    (snp.log(nn.softmax(X, axis=0)), nn.log_softmax(X, axis=0)),
]
GUARDS = [
    snp.log(x / y),
    snp.log(x * y),
    snp.sqrt(x) ** 2,
    snp.exp(snp.log(x)),
    snp.sqrt(x * y),
    det(A + B),
    inv(A + B),
    snp.log(det(A)),
    x.astype("float32").astype("float64"),
    snp.prod(snp.sum(X, axis=0)),
    snp.where(snp.sqrt(x) > 0, snp.sqrt(x), 0),
]


@pytest.mark.parametrize(("formula", "expected"), READABLE)
def test_readable(formula: Tensor, expected: Tensor) -> None:
    assert sf.simplify(formula) is sf.simplify(expected)


@pytest.mark.parametrize(("formula", "expected"), STABLE)
def test_stable(formula: Tensor, expected: Tensor) -> None:
    assert sf.simplify(formula, goal="stable") is sf.simplify(expected, goal="stable")


@pytest.mark.parametrize("formula", GUARDS)
def test_the_tempting_rewrite_is_left_alone(formula: Tensor) -> None:
    assert not sf.derivation(formula).steps


@pytest.mark.parametrize(("formula", "expected"), READABLE)
def test_simplified_again_nothing_changes(formula: Tensor, expected: Tensor) -> None:
    once = sf.simplify(formula)
    assert sf.simplify(once) is once


@pytest.mark.parametrize(("formula", "expected"), [*READABLE, *STABLE])
@pytest.mark.parametrize("goal", ["readable", "stable"])
def test_derivations_check(formula: Tensor, expected: Tensor, goal: str) -> None:
    d = sf.derivation(formula, goal=goal)
    assert d.result is sf.simplify(formula, goal=goal)
    assert d.check()


def test_several_expressions_are_simplified_together() -> None:
    a, b = sf.simplify((snp.log(snp.exp(x)), x * snp.log(snp.exp(x))))
    assert a is x
    assert b is sf.simplify(x * x)
    assert isinstance(sf.simplify([x, y]), list)


def test_numbers_and_methods() -> None:
    assert sf.simplify(2).shape == ()
    assert snp.log(snp.exp(x)).simplify() is x


def test_unknown_goals_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown goal 'nice'"):
        sf.simplify(x, goal="nice")


def test_large_formulas_are_not_multiplied_out() -> None:
    total: Tensor = x
    for j in range(40):
        total = (total + sf.vector(f"v{j}", n)) * (total - sf.vector(f"w{j}", n))
    assert sf.simplify(total).shape == (n,)
