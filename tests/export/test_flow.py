"""Levels by brute force; work, span and parallelism added up."""

import sympy as sp

import symflow.nn as nn
import symflow.numpy as snp
from symflow.core import dims, matrix, vector
from symflow.export.graph import Graph, build_graph

n, d, h, k = dims("n d h k")
X, W1, b1 = matrix("X", n, d), matrix("W1", d, h), vector("b1", h)
W2, b2, Y = matrix("W2", h, k), vector("b2", k), matrix("Y", n, k)


def network():
    hidden = nn.relu(X @ W1 + b1)
    return -snp.mean(snp.sum(Y * nn.log_softmax(hidden @ W2 + b2), axis=1))


def graph_of(*roots, sizes=None) -> Graph:
    return build_graph(roots, sizes or {}, {})


def longest_path(graph, number):
    operands = graph.nodes[number].operands
    return 1 + max(longest_path(graph, j) for j in operands) if operands else 0


def test_levels_are_longest_paths():
    graph = graph_of(network())
    assert len(graph.levels) == 8
    for node in graph.nodes:
        assert node.level == longest_path(graph, node.number)
        assert node in graph.levels[node.level]


def test_nodes_of_a_level_do_not_depend_on_each_other():
    graph = graph_of(network())
    for edge in graph.edges:
        assert edge.source.level < edge.target.level
        assert edge.source.number < edge.target.number


def test_work_and_span():
    hidden = X @ W1
    both = snp.sum(snp.exp(hidden)) + snp.sum(snp.sin(hidden) * hidden)
    graph = graph_of(both)
    one = 2 * n * d * h
    assert sp.expand(graph.work - (one + 8 * n * h + n * h + 8 * n * h + 2 * n * h + 1)) == 0
    assert sp.expand(graph.span - (one + 8 * n * h + 2 * n * h + 1)) == 0
    assert sp.simplify(graph.parallelism - graph.work / graph.span) == 0


def test_work_at_sizes_is_a_number():
    graph = graph_of(X @ W1).at(n=10, d=3, h=2)
    assert (graph.work, graph.span, graph.parallelism) == (120, 120, 1)
    assert graph.nodes[-1].shape == (10, 2)
    assert "(at" not in graph.summary()


def test_sizes_may_be_partial():
    graph = graph_of(X @ W1, sizes={n: 10, "d": 3})
    assert graph.work == 60 * h
    assert "at h = 100" in graph.summary()


def test_the_critical_path_depends_on_sizes():
    a, b = vector("a", n), matrix("B", d, d)
    roots = snp.sum(snp.sin(a)) + snp.sum(snp.sin(b))
    small = {node.name for node in graph_of(roots, sizes={n: 10, d: 100}).critical_path}
    large = {node.name for node in graph_of(roots, sizes={n: 10**6, d: 10}).critical_path}
    assert "B" in small
    assert "a" in large


def test_several_outputs_of_one_operation_count_once():
    S = matrix("S", n, n)
    result = snp.linalg.slogdet(S)
    alone = graph_of(result.sign).work
    assert sp.expand(graph_of(result.sign, result.logabsdet).work - alone) == 0
