"""The data-flow graph as table and tree: complete and bounded."""

import pytest

import symflow.nn as nn
import symflow.numpy as snp
from symflow.core import dims, matrix, scalar, vector
from symflow.errors import BudgetError, ShapeError
from symflow.export.graph import Graph, build_graph

n, d, h, k = dims("n d h k")
X, W1, b1 = matrix("X", n, d), matrix("W1", d, h), vector("b1", h)
W2, b2, Y = matrix("W2", h, k), vector("b2", k), matrix("Y", n, k)


def network():
    hidden = nn.relu(X @ W1 + b1)
    return -snp.mean(snp.sum(Y * nn.log_softmax(hidden @ W2 + b2), axis=1))


def graph_of(*roots, sizes=None, **names) -> Graph:
    return build_graph(roots, sizes or {}, names)


def test_shared_parts_appear_once():
    hidden = X @ W1
    graph = graph_of(snp.sin(hidden), snp.exp(hidden), hidden)
    assert sum(node.operation == "matmul" for node in graph.nodes) == 1
    assert len(graph.outputs) == 3
    assert graph.tree().count("(above)") == 2


def test_reshapes_show_one_operand():
    graph = graph_of(X.reshape(n * d))
    assert [node.operation for node in graph.nodes] == ["variable", "reshape"]


def test_a_leaf_alone():
    graph = graph_of(scalar("s"))
    assert (graph.work, graph.span, graph.parallelism) == (0, 0, 1)
    assert graph.tree() == "s: scalar ()"
    assert "0 operations in 0 levels" in graph.summary()


def test_zero_sizes():
    graph = graph_of(matrix("E", 0, 3) @ vector("v", 3))
    assert (graph.work, graph.parallelism) == (0, 1)


def test_names_hide_no_variable():
    t1 = vector("t1", n)
    graph = graph_of(snp.exp(snp.sin(t1) * t1))
    names = [node.name for node in graph.nodes]
    assert len(set(names)) == len(names)
    assert names[0] == "t1"


def test_given_names_are_shown():
    hidden = X @ W1
    graph = graph_of(snp.exp(hidden), hidden=hidden)
    assert "hidden  matmul" in graph.table()
    assert "hidden  matmul" in graph.at(n=3).table()


def test_the_table():
    w, y = vector("w", d), vector("y", n)
    lines = graph_of(snp.sum((X @ w - y) ** 2)).table().splitlines()
    assert [line.split() for line in lines] == [
        ["level", "name", "operation", "of", "shape", "rank", "FLOPs"],
        ["0", "X", "variable", "(n,", "d)", "matrix"],
        ["w", "variable", "(d,)", "vector"],
        ["y", "variable", "(n,)", "vector"],
        ["1", "t1", "matmul", "X,", "w", "(n,)", "vector", "2*d*n"],
        ["2", "t2", "add", "t1,", "y", "(n,)", "vector", "n"],
        ["3", "out", "dot", "t2", "()", "scalar", "2*n"],
    ]


def chain(length):
    x = vector("x", n)
    for _ in range(length):
        x = snp.sin(x)
    return x


def test_long_graphs_are_cut():
    graph = graph_of(chain(5000))
    assert graph.table().endswith("... and 4801 more nodes")
    assert len(graph.table(limit=None).splitlines()) == 5002
    assert graph.tree().endswith("...")
    assert len(graph.tree(limit=None).splitlines()) == 5001
    assert graph.work == 40_000 * n
    with pytest.raises(BudgetError, match="400 nodes"):
        graph.svg()


def test_the_printed_form_is_table_and_summary():
    graph = graph_of(network())
    assert str(graph) == f"{graph.table()}\n\n{graph.summary()}"
    assert repr(graph).startswith("<graph: 9 operations in 7 levels")


@pytest.mark.parametrize("value", [-1, 2.5, True, "n"])
def test_sizes_are_checked(value):
    with pytest.raises(ShapeError, match="the size of n"):
        graph_of(X, sizes={n: value})


def test_no_expression():
    with pytest.raises(TypeError, match="at least one"):
        graph_of()
