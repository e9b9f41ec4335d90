"""Pictures of graphs: every node and edge, no boxes over each other, well-formed."""

import xml.etree.ElementTree as ET

import symflow.nn as nn
import symflow.numpy as snp
from symflow.core import dims, matrix, scalar, vector
from symflow.export.graph import build_graph

n, d, h, k = dims("n d h k")
X, W1, b1 = matrix("X", n, d), matrix("W1", d, h), vector("b1", h)
W2, b2, Y = matrix("W2", h, k), vector("b2", k), matrix("Y", n, k)


def network():
    hidden = nn.relu(X @ W1 + b1)
    return -snp.mean(snp.sum(Y * nn.log_softmax(hidden @ W2 + b2), axis=1))


def graph_of(*roots):
    return build_graph(roots, {}, {})


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
