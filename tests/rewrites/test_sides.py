"""Comparisons lose what their sides have in common."""

import math

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from tests.oracle import evaluate

n, m = sf.dims("n m")
x, y = sf.vector("x", n), sf.vector("y", n)
A = sf.matrix("A", n, m)
c = sf.tensor("c")
p = c * c + 1

SHORTER = {
    "a positive factor": (x / p < y / p, x < y),
    "a number": (snp.equal(3 * x, 3 * y), snp.equal(x, y)),
    "a negative number": (-2 * x <= -2 * y, y <= x),
    "a factor along an axis": (
        A * snp.exp(x)[:, None] > snp.exp(x)[:, None],
        snp.greater(A, 1),
    ),
    "a term": (x + c > y + c, x > y),
    "a term along an axis": (snp.not_equal(A + x[:, None], 2 + x[:, None]), snp.not_equal(A, 2)),
    "a function": (snp.exp(x) <= snp.exp(y), x <= y),
    "one after the other": (
        snp.less(snp.exp(x / p) + c, c + snp.exp(y / p)),
        snp.less(x, y),
    ),
    "the largest": (snp.equal(snp.max(x / p), x / p), snp.equal(snp.max(x), x)),
    "the largest, shifted": (snp.equal(snp.max(x + c), x + c), snp.equal(snp.max(x), x)),
    "the largest, mapped": (snp.equal(snp.max(snp.tanh(x)), snp.tanh(x)), snp.equal(snp.max(x), x)),
}
LONG = {
    "a factor of any sign": x * c < y * c,
    "a factor that may be 0": snp.equal(x * c, y * c),
    "a factor along another axis": snp.exp(x)[:, None] * snp.outer(y, y) < snp.outer(y, snp.exp(x)),
    "a summed factor": snp.equal(snp.sum(snp.exp(x) * y), snp.sum(snp.exp(x) * x)),
    "whole numbers": snp.equal(sf.vector("k", n, dtype="int") * 2, 2 * snp.arange(n)),
    "a function that also falls": snp.equal(snp.cos(x), snp.cos(y)),
}


@pytest.mark.parametrize("name", SHORTER)
def test_what_is_common_goes(name):
    node, expected = SHORTER[name]
    assert sf.simplify(node) is sf.simplify(expected)


@pytest.mark.parametrize("sizes", [{"n": 4, "m": 3}, {"n": 1, "m": 2}, {"n": 0, "m": 1}])
@pytest.mark.parametrize("name", [*SHORTER, *LONG])
def test_values_are_kept(name, sizes):
    node = SHORTER[name][0] if name in SHORTER else LONG[name]
    if sizes["n"] == 0 and "largest" in name:
        return  # of nothing
    rng = np.random.default_rng(2)
    drawn = rng.permutation(np.arange(-12, 12) / 4)  # exact in every form
    values = {
        leaf: drawn[: math.prod(shape := [sizes[str(size)] for size in leaf.shape])]
        .reshape(shape)
        .astype(int if leaf.dtype == "int" else float)
        for leaf in node.free_symbols
        if isinstance(leaf, sf.core.Tensor)
    }
    np.testing.assert_array_equal(
        evaluate(sf.simplify(node), values, sizes), evaluate(node, values, sizes)
    )


def test_derivatives_of_the_largest_compare_what_is_exact():
    """A quotient that is computed in two ways is no measure of equality."""
    f = snp.max(A / (c * c + 1), axis=0)
    gradient = sf.grad(snp.sum(snp.sin(f)), c)
    rng = np.random.default_rng(0)
    for _ in range(20):
        at = {A: rng.normal(size=(5, 4)), c: rng.normal(size=())}
        scale, top = float(at[c] ** 2 + 1), at[A].max(axis=0)
        expected = np.sum(np.cos(top / scale) * top) * -2 * at[c] / scale**2
        np.testing.assert_allclose(evaluate(gradient, at), expected, rtol=1e-12)
