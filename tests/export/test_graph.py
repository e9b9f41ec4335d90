"""The data-flow graph: levels by brute force, costs added up, text and pictures complete."""

import xml.etree.ElementTree as ET

import pytest
import sympy as sp

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


def test_shared_parts_appear_once():
    hidden = X @ W1
    graph = graph_of(snp.sin(hidden), snp.exp(hidden), hidden)
    assert sum(node.operation == "matmul" for node in graph.nodes) == 1
    assert len(graph.outputs) == 3
    assert graph.tree().count("(above)") == 2


def test_several_outputs_of_one_operation_count_once():
    S = matrix("S", n, n)
    result = snp.linalg.slogdet(S)
    alone = graph_of(result.sign).work
    assert sp.expand(graph_of(result.sign, result.logabsdet).work - alone) == 0


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


def boxes_of(svg):
    root = ET.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    found = []
    for group in root.iter(space + "g"):
        rect = group.find(space + "rect")
        found.append((group.findtext(space + "title"), rect.attrib))
    paths = [p for p in root.iter(space + "path") if p.get("marker-end")]
    return root, found, paths


def test_the_picture_shows_every_node_and_edge():
    graph = graph_of(network())
    root, boxes, paths = boxes_of(graph.svg("A <network> & more"))
    assert len(boxes) == len(graph.nodes)
    assert len(paths) == len(graph.edges)
    text = "".join(root.itertext())
    assert "A <network> & more" in text
    assert all(node.operation in text or not node.operands for node in graph.nodes)
    width, height = float(root.get("width")), float(root.get("height"))
    corners = [(float(b["x"]), float(b["y"]), float(b["width"])) for _, b in boxes]
    assert all(x >= 0 and x + w <= width and y >= 0 and y + 40 <= height for x, y, w in corners)
    for x, y, w in corners:
        for u, v, s in corners:
            assert (x, y) == (u, v) or y != v or x + w <= u or u + s <= x


def test_the_picture_of_leaves_alone():
    _, boxes, paths = boxes_of(graph_of(scalar("s"), snp.eye(n)).svg())
    assert (len(boxes), len(paths)) == (2, 0)


def test_notebooks_show_the_picture():
    graph = graph_of(X @ W1)
    assert graph._repr_svg_() == graph.svg()


@pytest.mark.parametrize("value", [-1, 2.5, True, "n"])
def test_sizes_are_checked(value):
    with pytest.raises(ShapeError, match="the size of n"):
        graph_of(X, sizes={n: value})


def test_no_expression():
    with pytest.raises(TypeError, match="at least one"):
        graph_of()
