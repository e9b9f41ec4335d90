"""Block diagonal matrices, as programs compute with them."""

import numpy as np
import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from tests.oracle import evaluate

n, m, k = sf.dims("n m k")
A = sf.matrix("A", n, n, invertible=True)
B = sf.matrix("B", m, m, invertible=True)
C = sf.matrix("C", n, k)
S = sf.matrix("S", n, n, positive_definite=True)
R = sf.matrix("R", m, m, positive_definite=True)
x, y, z = sf.vector("x", n), sf.vector("y", m), sf.vector("z", n + m)
Z = sf.matrix("Z", n + m, k)
w = sf.vector("w", k + m)
D = sf.matrix("D", k, k)


def grid(cells):
    """Blocks joined as ``jnp.block`` does, zeros for None."""
    heights = [next((c.shape[0] for c in row if c is not None), k) for row in cells]
    widths = [
        next(c.shape[1] for c in column if c is not None) for column in zip(*cells, strict=True)
    ]
    rows = [
        [snp.zeros((h, w)) if c is None else c for c, w in zip(row, widths, strict=True)]
        for row, h in zip(cells, heights, strict=True)
    ]
    return snp.block(rows)


SQUARE, DEFINITE = sf.linalg.block_diag(A, B), sf.linalg.block_diag(S, R)
OBLONG = sf.linalg.block_diag(C, B)

CASES = {
    "parts": SQUARE @ snp.concatenate([x, y]),
    "vector": SQUARE @ z,
    "row": z @ SQUARE,
    "matrix": SQUARE @ Z,
    "transposed": SQUARE.T @ Z,
    "oblong": OBLONG @ w,
    "oblong transposed": OBLONG.T @ z,
    "other parts": SQUARE @ snp.concatenate([y, x]),
    "form": z @ SQUARE @ z,
    "solved": snp.linalg.solve(SQUARE, z),
    "solved for columns": snp.linalg.solve(SQUARE.T, Z),
    "solved definite": snp.linalg.solve(DEFINITE, snp.concatenate([x, y])),
    "inverse": snp.linalg.inv(SQUARE),
    "determinant": snp.linalg.det(SQUARE),
    "logarithm": snp.linalg.slogdet(DEFINITE)[1],
    "sign": snp.linalg.slogdet(SQUARE)[0],
    "size": snp.linalg.slogdet(SQUARE)[1],
    "factor": snp.linalg.cholesky(DEFINITE) @ z,
    "written out": grid([[A, None], [None, B]]) @ Z,
    "corner": grid([[A, C], [None, D]]) @ snp.concatenate([x, w[:k]]),
    "corner transposed": grid([[A, C], [None, D]]).T @ snp.concatenate([x, w[:k]]),
    "full": grid([[A, C], [C.T, D]]) @ snp.concatenate([x, w[:k]]),
    "empty row": grid([[A, C], [None, None]]) @ snp.concatenate([x, w[:k]]),
    "inverse written out": snp.linalg.solve(grid([[A, None], [None, B]]), z),
    "determinant written out": snp.linalg.det(grid([[A, None], [None, B]])),
    "factor written out": snp.linalg.cholesky(grid([[S, None], [None, R]])) @ z,
}
SYMBOLS = {"n": n, "m": m, "k": k}
SIZES = [{"n": 3, "m": 2, "k": 4}, {"n": 1, "m": 5, "k": 1}, {"n": 0, "m": 2, "k": 3}]


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", CASES)
def test_values_are_those_of_the_whole(name, sizes, backend):
    case = CASES[name]
    rng = np.random.default_rng(1)
    given = {}
    for leaf in (A, B, C, D, S, R, x, y, z, Z, w):
        shape = [
            int(sp.sympify(s).subs({SYMBOLS[name]: count for name, count in sizes.items()}))
            for s in leaf.shape
        ]
        array = rng.normal(size=shape)
        if "positive_definite" in leaf.properties:
            array = array @ array.T + np.eye(len(array))
        given[leaf.name] = array
    f = sf.lower(case, precision="float64", backend=backend)
    arguments = {str(x): given[str(x)] if str(x) in given else sizes[str(x)] for x in f.inputs}
    np.testing.assert_allclose(f(**arguments), evaluate(case, given, sizes), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in CASES if name != "inverse"])
def test_no_large_matrix_is_formed(name):
    assert "block_diag" not in sf.lower(CASES[name]).source


@pytest.mark.parametrize("name", [name for name in CASES if "written" in name or "corner" in name])
def test_no_zeros_are_written(name):
    assert "zeros" not in sf.lower(CASES[name]).source


def test_blocks_that_are_not_square_have_no_inverses():
    whole = sf.linalg.block_diag(sf.matrix("F", 2, 3), sf.matrix("G", 3, 2))
    for case in (snp.linalg.inv(whole), snp.linalg.det(whole)):
        assert "block_diag" in sf.lower(case).source


def test_many_blocks_stay_one_matrix():
    whole = sf.linalg.block_diag(*[sf.matrix(f"F{k}", 2, 2) for k in range(20)])
    assert "block_diag" in sf.lower(whole @ sf.vector("v", 40)).source
