"""Walks: every distinct node once, operands first."""

import gc

import pytest

import symflow.numpy as snp
from symflow.core import Variable, dims, postorder, transform, vector
from symflow.core.walk import depends_on, larger_than, paused_collector, rebuild, use_counts

n, m = dims("n m")
x, y = vector("x", n), vector("y", n)


def diamond(levels):
    """A graph of few nodes and many paths."""
    node = x
    for _ in range(levels):
        node = snp.sin(node) * snp.cos(node)
    return node


def test_operands_come_first_and_once():
    root = diamond(30)
    order = postorder([root, x, root])
    assert len(order) == len(set(order)) == 91
    places = {node: k for k, node in enumerate(order)}
    for node in order:
        assert all(places[operand] < places[node] for operand in node.operands)
    assert order[0] is x
    assert order[-1] is root
    assert postorder([]) == []
    assert root.walk() == postorder([root])


def test_the_order_follows_the_operands():
    f = snp.add(x, y)
    assert postorder([f])[:2] == list(f.operands)
    assert postorder([y, x]) == [y, x]


def test_a_walk_may_stop():
    inner = snp.exp(x)
    root = snp.sin(inner) + y
    order = postorder([root], stop=lambda node: node is inner)
    assert inner in order
    assert x not in order


def test_size_is_compared_without_walking_a_large_graph():
    root = diamond(3)
    count = len(postorder([root]))
    assert larger_than([root], count - 1)
    assert not larger_than([root, root], count)
    assert not larger_than([], 0)


def test_uses_and_dependence():
    root = snp.sin(x) * snp.exp(x) + y
    order = postorder([root])
    counts = use_counts(order)
    assert counts[x] == 2
    assert counts[y] == 1
    assert root not in counts
    assert use_counts(postorder([x * x]))[x] == 1
    assert depends_on(order, [y]) == {y, root}
    assert depends_on(order, []) == set()


def test_transform():
    root = diamond(20)
    calls = []

    def swap(node):
        calls.append(node)
        return y if node is x else None

    (changed,) = transform([root], swap)
    assert changed is root.subs(x, y)
    assert len(calls) == 61
    assert transform([root], lambda node: None) == [root]
    memo = {x: y}
    assert transform([root, snp.exp(x)], lambda node: None, memo) == [changed, snp.exp(y)]
    assert memo[root] is changed


def test_rebuild_makes_every_node_once():
    root = diamond(20)
    made = []

    def make(node, operands):
        made.append(node)
        return node.with_operands(operands) if operands else node

    assert rebuild([root], make) == [root]
    assert len(made) == len(set(made)) == 61


def test_the_collector_is_paused_and_comes_back():
    assert gc.isenabled()
    with paused_collector():
        assert not gc.isenabled()
        with paused_collector():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), paused_collector():
        _ = 1 / 0
    assert gc.isenabled()
    transform([x + y], lambda node: vector("z", n) if isinstance(node, Variable) else None)
    assert gc.isenabled()
