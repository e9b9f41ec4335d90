"""Interning: one object for equal nodes, freed when unused, with digests that last."""

import gc
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import sympy as sp

import symflow.numpy as snp
from symflow.core import Constant, dims, matrix, scalar, vector
from symflow.core.interning import digest, living, lookup, register, text_digest, typed
from tests.architecture.tree import ROOT

n, m = dims("n m")


def test_equal_nodes_are_one_object():
    def build():
        X, w = matrix("X", "n", "m", symmetric=False), vector("w", "m")
        return snp.sum(snp.tanh(X @ w) ** 3) / n + snp.linalg.norm(w) * 0.1

    assert build() is build()
    assert hash(build()) == hash(build())
    assert Constant(np.arange(3)) is Constant([0, 1, 2])
    assert Constant(np.arange(3)) is not Constant(np.arange(3.0))
    assert Constant(np.zeros((0, 2))) is not Constant(np.zeros((2, 0)))


def test_what_differs_stays_apart():
    variants = [
        vector("x", n),
        vector("x", m),
        vector("x", 3),
        vector("y", n),
        vector("x", n, dtype="float32"),
        vector("x", n, scope="a"),
        vector("x", n, positive=True),
        matrix("x", n, 1),
        scalar("x"),
    ]
    assert len(set(variants)) == len(variants)
    assert len({v.digest for v in variants}) == len(variants)


class Thing:
    """What can be referred to weakly."""


def test_one_code_may_serve_several_keys():
    before = living()
    first, second, third = Thing(), Thing(), Thing()
    assert register(("first",), first, 5) is first
    assert register(("second",), second, 5) is second
    assert register(("second",), third, 5) is second
    assert lookup(("first",), 5) is first
    assert lookup(("third",), 5) is None
    del first
    assert lookup(("first",), 5) is None
    assert lookup(("second",), 5) is second  # though nothing has its code any more
    assert register(("second",), third, 5) is second
    assert register(("first",), third, 5) is third
    del second, third
    assert living() == before


def test_nodes_are_freed():
    gc.collect()
    before = living()
    x = vector("some_x", n)
    y = snp.exp(x @ x) + snp.linalg.inv(matrix("some_A", n, n)) @ x
    assert living() > before + 4
    del x, y
    assert living() == before


def test_substitution_leaves_nothing_behind():
    x = vector("some_x", n)
    y = snp.sin(x) * snp.cos(x)
    y.subs(n, 3), y.atoms(), y.free_symbols, y.has(x), y.expand(), y.sort_key()
    before = living()
    for size in range(10, 20):
        y.subs(n, size)
    assert living() == before


def test_threads_agree():
    results: list[list[object]] = []
    barrier = threading.Barrier(8)

    def work():
        barrier.wait()
        y = vector("shared_x", n)
        chain = []
        for step in range(300):
            y = snp.tanh(y) * (step % 7 + 1) + y
            chain.append(y)
        results.append(chain)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    for chain in results[1:]:
        assert all(a is b for a, b in zip(chain, results[0], strict=True))


def test_nodes_that_come_and_go_in_threads_stay_unique():
    """A node that dies while another thread makes its twin must not take the twin's entry."""
    failures = []

    def work():
        for step in range(2000):
            x = vector(f"brief{step % 5}", n)
            if vector(f"brief{step % 5}", n) is not x:
                failures.append(step)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert failures == []


PROGRAM = """
import symflow.numpy as snp, sympy as sp
from symflow.core import dims, matrix, vector
n, m = dims("n m")
X, w, y = matrix("X", n, m), vector("w", m), vector("y", n, positive=True, scope="s")
f = snp.sum((X @ w - 0.1 * y) ** 2) / n + snp.linalg.det(X.T @ X) * snp.sqrt(2) * sp.pi
g = snp.where(w > 0, snp.softmax(w) if hasattr(snp, "softmax") else w, w[::-1]) + m * (n - m + 1)
h = snp.concatenate([w, y[1:], snp.ones(2)]) ** sp.Symbol("a") + snp.array([1.5, 2.0])[0]
print([node.digest for part in (f, g, h) for node in part.walk()])
"""


def test_digests_and_orders_are_the_same_in_every_process():
    outputs = set()
    for seed in ("0", "1", "31337"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", PROGRAM]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        outputs.add(run.stdout)
    assert len(outputs) == 1


@pytest.mark.parametrize(
    "values",
    [
        [-1, -2, 0, 1, 2, 2**61 - 1, 2**61, -(2**61), 2**200, -(2**200), 2**61 - 2],
        [True, 1, sp.Integer(1), 1.0, "1", sp.Float(1.0), (1,), sp.Symbol("1")],
        [None, "None", (), "", frozenset()],
        [sp.Rational(1, 2), sp.Rational(-1, 2), sp.Rational(2, 1), sp.Float(0.1), 0.1],
        [n, m, n + m, n * m, n - m, m - n, sp.Symbol("n"), sp.Symbol("n", integer=True)],
        [(1, 2), (2, 1), ((1, 2),), ((1,), 2)],
        [sp.Float("0.1", 15), sp.Float("0.1", 30), sp.Rational(1, 10)],
    ],
)
def test_digests_tell_values_apart(values):
    assert len({digest(value) for value in values}) == len(values)


def test_digests_do_not_depend_on_order_where_there_is_none():
    assert digest(frozenset("abc")) == digest(frozenset("cba"))
    assert digest(n + m) == digest(m + n)
    assert digest(vector("x", n)) == vector("x", n).digest
    assert text_digest("x") == text_digest("x")


def test_negative_factors_have_a_canonical_order():
    """Python's hash takes -1 for -2: terms that differ only so must not tie."""
    x = vector("x", n)
    a, b = snp.exp(-x), snp.exp(-2 * x)
    assert a.digest != b.digest
    assert a * b is b * a
    assert x**-1 + x**-2 is x**-2 + x**-1


def test_keys_tell_types_apart():
    assert typed((1, True, 1.0)) != typed((1, 1, 1))
    assert typed(1) != typed(True)
    assert typed(("a", sp.S.One)) == ("a", sp.S.One)
