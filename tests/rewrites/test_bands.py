"""Tridiagonal matrices and triangles of ones, as programs compute with them."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from tests.oracle import evaluate

n, m = sf.dims("n m")
T = sf.matrix("T", n, n, tridiagonal=True, invertible=True)
S = sf.matrix("S", n, n, tridiagonal=True, positive_definite=True)
B = sf.matrix("B", n, n, tridiagonal=True, lower_triangular=True, invertible=True)
U = sf.matrix("U", n, n, tridiagonal=True, upper_triangular=True, invertible=True)
x, X, Y = sf.vector("x", n), sf.matrix("X", n, m), sf.matrix("Y", m, n)
ONES = snp.ones((n, n))

PRODUCTS = {
    "vector": T @ x,
    "row": x @ T,
    "matrix": T @ X,
    "from the right": Y @ T,
    "transposed": T.T @ X,
    "bidiagonal": B @ x + U @ x,
    "bidiagonal transposed": B.T @ X - U.T @ X,
    "form": X.T @ T @ X,
    "twice": T @ S @ x,
    "sum of bands": (T + S) @ x,
}
SYSTEMS = {
    "solved": snp.linalg.solve(T, x),
    "solved for columns": snp.linalg.solve(T, X),
    "solved from the right": Y @ snp.linalg.inv(T),
    "solved transposed": snp.linalg.solve(T.T, x),
    "solved definite": snp.linalg.solve(S, x),
    "solved bidiagonal": snp.linalg.solve(B, x) + snp.linalg.solve(U.T, x),
}
SUMS = {
    "cumsum": snp.tril(ONES) @ x,
    "strictly before": snp.tril(ONES, -1) @ x,
    "from the end": snp.triu(ONES) @ x,
    "strictly after": snp.triu(ONES, 1) @ X,
    "tri": snp.tri(n) @ x,
    "tri transposed": snp.tri(n).T @ x,
    "tri from the right": Y @ snp.tri(n, k=-1),
    "form of sums": x @ snp.tril(ONES) @ x,
    "scaled": 3 * snp.tril(ONES) @ x,
    "twice": snp.tril(ONES) @ snp.tril(ONES) @ x,
}
OTHERS = {
    "another diagonal": snp.tril(ONES, 1) @ x,
    "a triangle of other numbers": snp.tril(Y.T @ Y) @ x,
    "not square": snp.tril(snp.ones((m, n))) @ x,
    "alone": snp.tri(n),
    "entries": T * T,
}
SIZES = [
    {"n": 13, "m": 2},
    {"n": 2, "m": 3},
    {"n": 1, "m": 1},
    {"n": 0, "m": 2},
    {"n": 600, "m": 4},
]


def _given(sizes):
    rng = np.random.default_rng(sizes["n"])
    count = sizes["n"]
    band = np.triu(np.tril(rng.normal(size=(count, count)), 1), -1)
    band = band + 0.25 * np.eye(count)
    definite = band @ band.T
    definite = np.triu(np.tril(definite + definite.T, 1), -1) + 20 * np.eye(count)
    strong = band + 5 * np.eye(count)
    return {
        "T": strong[::1].copy(),
        "S": definite,
        "B": np.tril(strong),
        "U": np.triu(strong),
        "x": rng.normal(size=count),
        "X": rng.normal(size=(count, sizes["m"])),
        "Y": rng.normal(size=(sizes["m"], count)),
    }


def _check(case, sizes, backend):
    given = _given(sizes)
    f = sf.lower(case, precision="float64", backend=backend)
    arguments = {str(x): given[str(x)] if str(x) in given else sizes[str(x)] for x in f.inputs}
    np.testing.assert_allclose(f(**arguments), evaluate(case, given, sizes), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", PRODUCTS)
def test_products_with_bands(name, sizes, backend):
    _check(PRODUCTS[name], sizes, backend)


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", SYSTEMS)
def test_systems_with_bands(name, sizes, backend):
    _check(SYSTEMS[name], sizes, backend)


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", SUMS)
def test_triangles_of_ones(name, sizes, backend):
    _check(SUMS[name], sizes, backend)


@pytest.mark.parametrize("name", OTHERS)
def test_other_products(name):
    case = OTHERS[name]
    _check(case, {"n": 13, "m": 13}, "jax")
    source = sf.lower(case).source
    assert "cumsum" not in source
    assert "diagonal" not in source


def test_bands_are_what_is_read():
    for name, case in PRODUCTS.items():
        source = sf.lower(case).source
        assert "diagonal" in source
        assert "@" not in source or name == "form"
    for case in SYSTEMS.values():
        source = sf.lower(case).source
        assert "tridiagonal_solve" in source
        assert "linalg.solve(" not in source


def test_sums_run_along_the_axis():
    for case in SUMS.values():
        source = sf.lower(case).source
        assert "cumsum" in source
        assert ">=" not in source


def test_pivots_are_chosen():
    matrix = np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 1]])
    for backend in ("jax", "numpy"):
        f = sf.lower(snp.linalg.solve(T, x), precision="float64", backend=backend)
        np.testing.assert_allclose(f(T=matrix, x=[1.0, 2, 3]), [0, 1, 2], atol=1e-12)


def test_what_is_small_is_multiplied():
    f = sf.lower(T @ x)
    assert "@" in f.source_for(T=(4, 4), x=(4,))
    g = sf.lower(snp.tri(n) @ X)
    assert "cumsum" not in g.source_for(X=(100, 8))
    assert "cumsum" in g.source_for(X=(1000, 8))
