"""``sf.simplify`` and ``sf.derivation`` as a user calls them."""

import pytest

import symflow as sf
import symflow.numpy as snp

x, y = sf.vector("x", "n"), sf.vector("y", "n")
A = sf.matrix("A", "n", "n")


def test_spelled_out_functions_are_named() -> None:
    assert sf.simplify(snp.exp(x) / snp.sum(snp.exp(x))) is sf.nn.softmax(x)
    assert sf.simplify(1 / (1 + snp.exp(-x))) is sf.nn.sigmoid(x)
    assert sf.simplify(snp.log(1 + snp.exp(x))) is sf.nn.softplus(x)
    assert sf.simplify(snp.sqrt(snp.sum(x * x))) is snp.linalg.norm(x)
    assert sf.simplify(snp.log(snp.sum(snp.exp(x)))) is sf.special.logsumexp(x)


def test_several_expressions_are_simplified_together() -> None:
    results = sf.simplify((x - x, snp.log(snp.exp(y))))
    assert results == (snp.zeros(sf.dim("n")), y)
    assert sf.simplify([x, y]) == [x, y]


def test_sympys_method_simplifies() -> None:
    assert snp.log(snp.exp(x)).simplify() is x


def test_an_unknown_goal_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'pretty'.*readable"):
        sf.simplify(x, goal="pretty")


def test_a_derivation_replays_its_rules() -> None:
    derivation = sf.derivation(snp.linalg.inv(snp.linalg.inv(A)) @ snp.log(snp.exp(x)))
    assert derivation.result is A @ x
    assert derivation.steps
    assert derivation.check()


def test_a_sum_is_factored_as_an_author_writes_it() -> None:
    assert str(sf.simplify(A @ x + A.T @ x)) == "(A + A.T) @ x"
    X, w, v = sf.matrix("X", "m", "n"), sf.vector("w", "n"), sf.vector("v", "m")
    assert str(sf.simplify(X.T @ X @ w - X.T @ v)) == "X.T @ (X @ w - v)"
