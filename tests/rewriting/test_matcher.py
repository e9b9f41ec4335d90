"""Matching: sums and products in any order, batch axes, groups of axes, parts of contractions."""

import pytest

import symflow.nn as nn
import symflow.numpy as snp
from symflow.core import Tensor, dims, matrix, scaled, tensor, vector
from symflow.core.node import Tensor as Node
from symflow.ops.arithmetic import power_node
from symflow.ops.composite import logsumexp, norm, sigmoid, softmax
from symflow.ops.creation import eye, ones
from symflow.ops.elementwise import cos, exp, log, sin
from symflow.ops.linalg import det, inv
from symflow.rewriting.engine import normalise, rewrite
from symflow.rewriting.kinds import (
    Number,
    Orthogonal,
    PlusMinusOne,
    Positive,
    Real,
    Simplex,
    Square,
    Vector,
    n,
)
from symflow.rewriting.rule import Rule, theory
from symflow.rewriting.ruleset import RuleSet

(N,) = dims("n")
total = snp.sum


@theory("trial")
def trial(
    x: Real, y: Real, p: Positive, s: PlusMinusOne, v: Vector[n], w: Simplex[n],
    A: Square[n], B: Square[n], Q: Orthogonal[n], c: Number,
):  # fmt: skip
    yield Rule("log-exp", log(exp(x)), x)
    yield Rule("exp-sum", exp(x) * exp(y), exp(x + y))
    yield Rule("exp-power", power_node(exp(x), c), exp(scaled(c, x)))
    yield Rule("log-product", log(p * exp(x)), log(p) + x)
    yield Rule("pythagoras", sin(x) * sin(x) + cos(x) * cos(x), ones(()))
    yield Rule("complement", 1 - sigmoid(x), sigmoid(-x))
    yield Rule("softmax", exp(v) / total(exp(v)), softmax(v))
    yield Rule("logsumexp", log(total(exp(v))), logsumexp(v))
    yield Rule("softmax-sum", total(softmax(v)), ones(()))
    yield Rule("simplex-sum", total(w), ones(()))
    yield Rule("cancel", inv(A) @ A, eye(N))
    yield Rule("product", det(A @ B), det(A) * det(B))
    yield Rule("rotated", norm(Q @ v), norm(v))
    yield Rule("pair", sigmoid(s * x) * sigmoid(-(s * x)), sigmoid(x) * sigmoid(-x))


RULES = RuleSet("trial", trial.rules)


def reduced(formula: Node) -> Tensor:
    return rewrite([formula], RULES).results[0]


a, b, c = vector("a", "k"), vector("b", "k"), vector("c", "k")
M, T = matrix("M", "m", "k"), tensor("T", "b", "k", "k")
F, G, H = matrix("F", "k", "k"), matrix("G", "k", "k"), matrix("H", "k", "k")
R = matrix("R", "m", "k")
S = tensor("S", "k", "k", orthogonal=True)
Z = tensor("Z", "j", "m", "k")
sign = vector("sign", "k", plus_minus_one=True)
P = matrix("P", "m", "k", simplex=True)

CASES = [
    # elementwise, at any shape, within longer products and sums
    (log(exp(M * 2)), 2 * M),
    (exp(a) * b * exp(c), exp(a + c) * b),
    (exp(a) * exp(a) * exp(b), exp(2 * a + b)),
    (log(3 * exp(a)), a + log(snp.full((), 3.0))),
    (b + 2 * sin(a) ** 2 - c + 2 * cos(a) ** 2, b - c + 2),
    (2 * sin(a) ** 2 + 3 * cos(a) ** 2, 2 * sin(a) ** 2 + 3 * cos(a) ** 2),
    (4 * a + 3 - 3 * sigmoid(b), 4 * a + 3 * sigmoid(-b)),
    (snp.sum(exp(a) * exp(b)), snp.sum(exp(a + b))),
    # groups of axes
    (exp(a) / total(exp(a)), nn.softmax(a)),
    (exp(M) / total(exp(M)), nn.softmax(M, axis=(0, 1))),
    (exp(M) / total(exp(M), axis=0, keepdims=True), nn.softmax(M, axis=0)),
    (exp(M) / total(exp(M), axis=1, keepdims=True), nn.softmax(M, axis=1)),
    (exp(Z) / total(exp(Z), axis=(0, 2), keepdims=True), nn.softmax(Z, axis=(0, 2))),
    (log(total(exp(Z), axis=1)), logsumexp(Z, axis=1)),
    (total(nn.softmax(M, axis=1)), snp.full((), M.shape[0], "float")),
    (total(nn.softmax(M, axis=1), axis=1), snp.ones((M.shape[0],))),
    (total(nn.softmax(M, axis=0) * R), total(nn.softmax(M, axis=0) * R)),
    (total(P), snp.full((), M.shape[0], "float")),
    (total(P, axis=0), total(P, axis=0)),
    # parts of contractions, transposed and batched
    (inv(F) @ F, snp.eye(F.shape[0])),
    (F @ inv(F) @ a, a),
    (G @ inv(F).T @ F.T @ a, G @ a),
    (inv(T) @ T @ a, snp.broadcast_to(a, T.shape[:2])),
    (snp.trace(inv(F) @ F), snp.full((), F.shape[0], "float")),
    (inv(R.T @ R) @ R.T @ R @ a, a),
    (inv(2 * R.T @ R) @ R.T @ R @ a, a / 2),
    (det(F @ G @ H), det(F) * det(G) * det(H)),
    (norm(S @ a), norm(a)),
    (norm(a @ S), norm(a)),
    (sigmoid(sign * a) * sigmoid(-sign * a), sigmoid(a) * sigmoid(-a)),
]

STAY = [
    exp(a)[:, None] * exp(b)[None, :],  # an outer product is not turned into a larger exponent
    snp.trace(nn.softmax(F, axis=1)),  # a diagonal is no row
    total(inv(F) * F),  # entries, not matrices
    snp.einsum("ij,ij->i", inv(F), F),
    inv(F) @ G @ F,
    snp.einsum("ii,ij->j", inv(F), F),
    snp.einsum("bij,cjk->bik", inv(T), T),  # two different places in the stack
    exp(M) / total(exp(R), axis=1, keepdims=True),
    exp(M) / total(exp(M), axis=1)[:, None] ** 2,
    log(1 + exp(a) + total(exp(a))),
    1 - 2 * sigmoid(a),
    log(a * exp(b)),  # the sign of a is unknown
    sigmoid(a * b) * sigmoid(-a * b),
]


@pytest.mark.parametrize(("formula", "expected"), CASES)
def test_matches(formula: Node, expected: Node) -> None:
    assert reduced(formula) is normalise([expected])[0]


@pytest.mark.parametrize("formula", STAY)
def test_does_not_match(formula: Node) -> None:
    outcome = rewrite([formula], RULES)
    assert outcome.steps == []


def test_the_axis_of_a_sum_that_nothing_else_tells() -> None:
    """A sum of entries is met along one axis, or along all that are summed, beside a rest."""

    @theory("sums")
    def sums(v: Vector[n]):
        yield Rule("sum-of-exp", total(exp(v)), exp(logsumexp(v)))

    rule = sums.rules[0]
    u, X = vector("u", "k"), matrix("X", "k", "l")
    y = vector("y", "m")
    assert rule.apply(total(exp(u))) is exp(logsumexp(u))
    assert rule.apply(total(exp(X), axis=0)) is exp(logsumexp(X, axis=0))
    assert rule.apply(snp.outer(total(exp(X), axis=1), y)) is snp.outer(
        exp(logsumexp(X, axis=1)), y
    )
    assert rule.apply(exp(u) @ u) is None  # the axis is not summed over the exponential alone
