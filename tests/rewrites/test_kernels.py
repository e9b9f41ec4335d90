"""Kernels: structured products from what of them is not zero; only programs use them."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from rewrites import presets
from symflow.rewriting.engine import rewrite
from tests.oracle import evaluate

n, m, b = sf.dims("n m b")
D = sf.matrix("D", n, n, diagonal=True)
B, A = sf.matrix("B", n, m), sf.matrix("A", n, n)
v = sf.vector("v", n)
S = sf.tensor("S", b, n, n, diagonal=True)

FORMULAS = {
    "rows": D @ B,
    "columns": B.T @ D,
    "vector": D @ v,
    "quadratic form": v @ D @ v,
    "trace": snp.trace(D @ A),
    "transposed": D.T @ B,
    "sandwich": D @ A @ D,
    "stack": S @ B,
    "chain": A @ D @ B,
}
UNTOUCHED = {
    "alone": D,
    "entries": D * A,
    "system": snp.linalg.inv(D) @ B,
    "plain": A @ B,
}


def programmed(node):
    return rewrite([node], presets.PROGRAMS).results[0]


@pytest.mark.parametrize("sizes", [{"n": 3, "m": 2, "b": 2}, {"n": 1, "m": 4, "b": 0}], ids=str)
@pytest.mark.parametrize("name", FORMULAS)
def test_only_the_diagonal_is_read(name, sizes):
    node = FORMULAS[name]
    after = programmed(node)
    assert after is not node
    rng = np.random.default_rng(0)
    values = {}
    for variable in (D, B, A, v, S):
        array = rng.normal(size=[sizes[str(size)] for size in variable.shape])
        values[variable] = array * np.eye(sizes["n"]) if variable in (D, S) else array
    want = evaluate(node, values, sizes)
    # what is off the diagonal counts no more
    values[D], values[S] = values[D] + 1 - np.eye(sizes["n"]), values[S] + 1 - np.eye(sizes["n"])
    np.testing.assert_allclose(evaluate(after, values, sizes), want, atol=1e-12)


@pytest.mark.parametrize("name", UNTOUCHED)
def test_what_has_no_such_product_stays(name):
    (normal,) = rewrite([UNTOUCHED[name]], presets.NORMALISE).results
    assert programmed(normal) is normal
