"""Values on random data: what agrees, what does not, what has no value."""

import numpy as np

import symflow as sf
import symflow.numpy as snp
from symflow.api.evaluation import agree, leaves_of, prepared, rough

n = sf.dim("n")
x, y = sf.vector("x", n), sf.vector("y", n)
A = sf.matrix("A", n, n)


def test_values_by_leaf_and_size() -> None:
    values = prepared(snp.sum(x * y) / n)({x: np.ones(4), y: np.arange(4.0)}, {"n": 4})
    assert values is not None
    assert float(values) == 1.5


def test_no_value() -> None:
    inverse = prepared(snp.linalg.inv(A))
    assert inverse({A: np.zeros((2, 2))}, {"n": 2}) is None
    assert prepared(snp.max(x))({x: np.zeros(0)}, {"n": 0}) is None


def test_low_precision_shows_rounding() -> None:
    node = snp.cosh(x) - snp.sinh(x)
    given = {x: np.array([10.0])}
    fine, coarse = prepared(node)(given, {"n": 1}), rough(node)(given, {"n": 1})
    assert fine is not None
    assert coarse is not None
    assert abs(fine - np.exp(-10)) < 1e-10 < abs(coarse - np.exp(-10))


def test_equal_and_unequal() -> None:
    assert agree(snp.sin(x) ** 2 + snp.cos(x) ** 2, snp.ones(n))
    assert not agree(snp.sin(x), snp.cos(x))
    assert not agree(snp.sum(x), snp.sum(x) / n)
    low = sf.vector("z", n, dtype="float32")
    assert agree((low + 1) ** 2, low**2 + 2 * low + 1)


def test_leaves_in_a_fixed_order() -> None:
    assert leaves_of(x * y, A) == [A, x, y, n]
