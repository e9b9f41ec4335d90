"""Ranks of the parts of formulas, against the graph's own."""

import numpy as np
import pytest

import symflow.numpy as snp
from symflow.core import dims, matrix, tensor, vector
from symflow.export.ranks import ranks_of
from symflow.export.scene import Scene
from symflow.notation.formula import Formula
from symflow.notation.walks import parts_first
from tests.notation.graphs import random_graph

n, m = dims("n m")
A, X, x, T = matrix("A", n, n), matrix("X", m, n), vector("x", n), tensor("T", n, n, n)


def rank(expression):
    formula = Formula([expression])
    known = formula.names.ranks()
    (tree,) = formula.trees
    return ranks_of(parts_first([tree]), lambda name: known.get(name, 0))[tree.digest]


@pytest.mark.parametrize(
    "expression",
    [
        x @ x, A @ x, x @ A @ x, X @ A, T @ x, T @ A, snp.outer(x, x), snp.diag(x), snp.diag(A),
        snp.trace(A), snp.sum(X), snp.sum(X, axis=0), snp.sum(X, axis=1, keepdims=True),
        x[:, None] * A, x[0], A[0], A[1:], snp.linalg.slogdet(A)[1], snp.linalg.eigh(A)[0],
        snp.linalg.eigh(A)[1], snp.linalg.det(A), snp.linalg.norm(X, axis=1), snp.eye(n),
        snp.ones((n, m, 2)), snp.broadcast_to(x, (m, n)), snp.einsum("ip,jq->ijpq", A, A),
        A.reshape(-1), snp.kron(A, X), snp.kron(x, x), snp.concatenate([x, x]),
        snp.stack([x, x]), x > 0, snp.where(x > 0, x, 0), snp.arange(n) * 2,
        snp.transpose(T, (2, 0, 1)), x / (x @ x), np.ones((2, 3)) * tensor("B", 2, 3),
    ],
    ids=str,
)  # fmt: skip
def test_ranks_of_typical_formulas(expression):
    assert rank(expression) == expression.rank


@pytest.mark.parametrize("seed", range(80))
def test_ranks_of_random_formulas(seed):
    node = random_graph(seed)
    assert rank(node) == node.rank


def test_a_scene_knows_the_ranks_of_named_parts():
    t = snp.exp(A @ x + x)
    scene = Scene(snp.outer(t, t) @ t * snp.sin(t), max_chars=10)
    (name, named), (empty, formula) = scene.lines
    assert (name, empty, scene.single) == ("u", "", True)
    assert (scene.ranks[named.digest], scene.ranks[formula.digest]) == (1, 1)
