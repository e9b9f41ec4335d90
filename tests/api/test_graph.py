"""``sf.graph``."""

import symflow as sf
import symflow.numpy as snp


def test_the_verb():
    n, d = sf.dims("n d")
    X, w = sf.matrix("X", n, d), sf.vector("w", d)
    graph = sf.graph(X @ w, snp.sum(X), sizes={"n": 7}, names={"fit": X @ w})
    assert [node.name for node in graph.nodes if node.operands] == ["fit", "out2"]
    assert graph.work == 14 * d + 7 * d


def test_numbers_are_expressions_too():
    assert sf.graph(3).work == 0
