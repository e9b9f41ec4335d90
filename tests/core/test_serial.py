"""Pickling: one flat table, the same objects again, also in another process."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import sympy as sp

import symflow.numpy as snp
from symflow.core import Constant, as_tensor, dims, matrix, scalar, vector
from symflow.core.serial import freeze, thaw, thaw_all
from tests.architecture.tree import ROOT

n, m = dims("n m")
x, A = vector("x", n, positive=True, scope="a"), matrix("A", n, m, dtype="float32")
a = sp.Symbol("a", real=True)
GRAPHS = [
    x,
    scalar("s"),
    as_tensor(a),
    as_tensor(2.5),
    snp.zeros((n, 0), dtype="int32"),
    snp.eye(n, k=1),
    Constant(np.arange(6.0).reshape(2, 3)),
    Constant(np.ones(2), "float16"),
    (A @ A.T / n - 0.1) ** 3 + a * x,
    snp.kron(A, A)[1:, ::-1],
    snp.linalg.eigh(A @ A.T).eigenvectors,
    snp.where(x > 0, x, -x) ** a,
    snp.concatenate([x, x[:2]]) * sp.sqrt(2),
    snp.array([sp.besselj(0, a), a]),
]


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda node: type(node).__name__)
def test_the_same_object_comes_back(graph):
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(graph, protocol)) is graph
    assert thaw(freeze([graph])) is graph


def test_several_roots_share_one_table():
    roots = [x, snp.exp(x), snp.exp(x) + 1, x]
    rows = freeze(roots)
    assert thaw_all(rows) == roots
    assert thaw(rows, 2) is roots[2]
    assert len([kind for kind, _ in rows if kind is not None]) == 4
    assert pickle.loads(pickle.dumps({"parts": roots}))["parts"] == roots


@pytest.mark.parametrize("index", range(len(GRAPHS)))
def test_another_process_builds_the_same_graph(index, tmp_path):
    if index % 3:
        return
    graph = GRAPHS[index]
    path = tmp_path / "graph"
    path.write_bytes(pickle.dumps(graph))
    program = (
        "import pickle, sys; from symflow.core import Tensor; "
        f"node = pickle.load(open({str(path)!r}, 'rb')); print(node.digest, node.shape)"
    )
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split(" ", 1) == [str(graph.digest), f"{graph.shape}\n"]


def test_the_table_grows_with_the_graph():
    lengths = []
    for levels in (10, 20, 40):
        node = x
        for _ in range(levels):
            node = snp.sin(node) * snp.cos(node)
        lengths.append(len(freeze([node])))
    assert lengths == [32, 62, 122]
