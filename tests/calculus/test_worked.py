"""Functions cut into parts that an author would name."""

import pytest

import symflow as sf
import symflow.numpy as snp
from rewrites.differentials import standard
from symflow.calculus.worked import differential_of, parts_of, shares_of, uses_of
from symflow.rewriting.sides import move_of

A, X = sf.matrix("A", "n", "n"), sf.matrix("X", "n", "d")
x, y, w = sf.vector("x", "n"), sf.vector("y", "n"), sf.vector("w", "d")


def cut(f, variable):
    return parts_of(f, variable, standard(), lambda nodes: [f"q{k}" for k in range(len(nodes))])


@pytest.mark.parametrize(
    ("f", "variable", "bodies"),
    [
        (x @ A @ x, x, ["x @ A @ x"]),
        (snp.sum(snp.exp(x)), x, ["sum(exp(x))"]),
        (snp.sum((X @ w - y) ** 2), w, ["X @ w - y", "q0 @ q0"]),
        (snp.sum(snp.tanh(A @ x)), x, ["A @ x", "tanh(q0)", "sum(q1)"]),
        (snp.linalg.slogdet(A @ A)[1], A, ["A @ A", "linalg.slogdet(q0)[1]"]),
        (snp.sum(x), x, ["sum(x)"]),
    ],
)
def test_what_is_used_twice_or_under_a_function_has_a_name(f, variable, bodies):
    assert [str(part.body) for part in cut(f, variable)] == bodies


def test_differentials_are_written_in_names():
    z, h, _ = cut(snp.sum(snp.tanh(A @ x)), x)
    assert differential_of(z, standard()) is A @ move_of(x)
    d = differential_of(h, standard())
    assert h.name in d.free_symbols
    assert h.body not in set(d.walk())


def test_rules_are_told_outermost_first():
    (part,) = cut(y @ sf.nn.log_softmax(x), x)
    uses = uses_of(part, standard())
    assert [use.rule for use in uses] == ["d-linear", "d-log-softmax"]
    assert uses[0].moved == (sf.nn.log_softmax(x),)


def test_shares_of_a_cotangent():
    (part,) = cut(A @ x, x)
    ((leaf, share),) = shares_of(part, y, (), standard())
    assert leaf is x
    assert share is A.T @ y


def test_large_graphs_are_cut_into_small_parts():
    node = x
    for k in range(40):
        node = node + sf.vector(f"v{k}", "n") * snp.sum(node)
    parts = cut(snp.sum(node), x)
    assert max(len(list(part.body.walk())) for part in parts) < 30
