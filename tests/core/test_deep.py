"""Depth and sharing: nothing recursive, nothing quadratic, counted in steps and not in seconds."""

import copy
import gc
import pickle
import sys
import weakref

import pytest
import sympy as sp

import symflow.numpy as snp
from symflow.core import Variable, dims, vector

n, m = dims("n m")
x, w = vector("deep", n), vector("w", n)  # no other test has nodes over `deep`
DEPTH = 100_000


def chain(depth, start=x):
    """A line of nodes of every kind: functions, sums, products."""
    node = start
    for level in range(depth):
        kind = level % 10
        node = snp.tanh(node) if kind % 2 else node + start if kind else node * 0.5
    return node


@pytest.fixture(scope="module")
def deep():
    node = chain(DEPTH)
    assert size(node) > DEPTH
    return node


def size(node):
    return len(node.walk())


def test_built_twice_it_is_one_object(deep):
    again = chain(DEPTH)
    assert again is deep
    assert hash(again) == hash(deep)
    assert again == deep
    assert deep.operands[0] != deep
    assert {deep: 1}[again] == 1


def test_queries(deep):
    assert deep.has(x)
    assert deep.has(n)
    assert not deep.has(w, m)
    assert deep.free_symbols == {x, n}
    assert deep.atoms() >= {x, n}
    assert deep.find(Variable) == {x}
    assert deep.count_ops() == size(deep) - 1
    assert deep.sort_key()
    assert copy.deepcopy(deep) is copy.copy(deep) is deep.doit() is deep.expand() is deep
    assert deep.compare(x) != 0
    assert sp.default_sort_key(deep)


def test_substitution(deep):
    fixed = deep.subs(n, 3)
    assert fixed.shape == (3,)
    assert fixed.free_symbols == {vector("deep", 3)}
    assert size(fixed) == size(deep)
    renamed = deep.xreplace({x: w})
    assert deep.replace(x, w) is renamed
    assert renamed.xreplace({w: x}) is deep


def test_substitution_is_construction():
    assert chain(500).subs(n, 3) is chain(500, vector("deep", 3))
    assert chain(500).subs({x: w, n: 3}) is chain(500, vector("w", 3))
    assert chain(500).replace(x, w) is chain(500, w)


def test_pickling(deep):
    assert pickle.loads(pickle.dumps(deep)) is deep


def test_deep_graphs_are_freed():
    node = chain(DEPTH, vector("gone", n))
    seen = [weakref.ref(part) for part in node.walk()]
    assert len(seen) > DEPTH
    del node
    gc.collect()
    left = [part() for part in seen if part() is not None]
    assert all(part.is_Symbol or not part.operands for part in left), left[:3]


def test_shared_graphs_are_walked_once():
    """Two to the power of 300 paths."""
    node = x
    for _ in range(300):
        node = snp.sin(node) * snp.cos(node)
    assert size(node) == 901
    assert node.subs(n, 3).subs(vector("deep", 3), vector("w", 3)).shape == (3,)
    assert node.free_symbols == {x, n}
    assert node.count_ops() == 900
    assert pickle.loads(pickle.dumps(node)) is node
    assert node.has(n)
    assert not node.has(m)
    assert node.replace(x, w) is node.xreplace({x: w})


@pytest.mark.parametrize("depth", [1000, 4000])
def test_work_grows_with_the_graph(depth, monkeypatch):
    """Constructor calls per node are the same at every depth."""
    node = chain(depth, vector("counted", n))
    calls = []
    for module in map(sys.modules.get, ("symflow.core.apply", "symflow.core.einsum")):
        real = module.lookup
        monkeypatch.setattr(module, "lookup", lambda *key, real=real: calls.append(1) or real(*key))
    node.subs(n, 3)
    assert len(calls) <= 2 * size(node)
    calls.clear()
    assert node.has(n)
    assert node.free_symbols
    assert calls == []
