"""Products with Toeplitz and circulant matrices, as programs compute them."""

import numpy as np
import pytest
import scipy.linalg

import symflow as sf
import symflow.numpy as snp
from symflow.core import dims, matrix, vector
from tests.oracle import evaluate

n, m, k = dims("n m k")
c, x, b, r = vector("c", n), vector("x", n), vector("b", m), vector("r", m)
X, Y = matrix("X", n, k), matrix("Y", k, n)
C = matrix("C", n, n, circulant=True, invertible=True)
T = matrix("T", n, m, toeplitz=True)
i = snp.arange(n)
LOOKUP = c[(i[:, None] - i[None, :]) % n]
OTHER = c[i[None, :] - i[:, None]]
EVEN = c[snp.abs(i[:, None] - i[None, :])]
CASES = [
    LOOKUP @ x,
    x @ LOOKUP,
    OTHER @ x,
    EVEN @ x,
    Y @ EVEN,
    LOOKUP @ X,
    Y @ LOOKUP,
    sf.linalg.circulant(c) @ x,
    sf.linalg.circulant(c).T @ X,
    snp.linalg.solve(sf.linalg.circulant(c), x),
    snp.linalg.inv(sf.linalg.circulant(c)).T @ x,
    C @ x,
    snp.linalg.solve(C, X),
    sf.linalg.toeplitz(c, r) @ b,
    sf.linalg.toeplitz(c, r).T @ x,
    sf.linalg.toeplitz(c) @ X,
    T @ b,
    x @ T,
]


def values(sizes):
    rng = np.random.default_rng(sum(sizes.values()))
    big, wide, few = sizes["n"], sizes["m"], sizes["k"]
    column = rng.normal(size=big)
    column[0] += 3 * np.sqrt(big)
    found = {
        "c": column,
        "x": rng.normal(size=big),
        "b": rng.normal(size=wide),
        "r": rng.normal(size=wide),
        "X": rng.normal(size=(big, few)),
        "Y": rng.normal(size=(few, big)),
        "C": scipy.linalg.circulant(column),
    }
    found["T"] = scipy.linalg.toeplitz(found["x"], found["r"])
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("sizes", [(1, 1, 1), (6, 4, 2), (7, 9, 3), (5, 1, 2)], ids=str)
def test_values_are_those_of_the_product(case, sizes):

    given = values(dict(zip("nmk", sizes, strict=True)))
    f = sf.lower(case, precision="float64")
    got = f(**{str(leaf): given[str(leaf)] for leaf in f.inputs})
    expected = evaluate(case, given, dict(zip("nmk", sizes, strict=True)))
    np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_matrix_is_formed(case):
    source = sf.lower(case).source
    assert "rfft" in source
    assert "@" not in source
    assert "solve" not in source


def test_what_is_no_circulant_matrix_is_multiplied():
    d = vector("d", m)
    for case in (c[(i[:, None] + i[None, :]) % n] @ x, d[(i[:, None] - i[None, :]) % n] @ x):
        assert "fft" not in sf.lower(case).source
    small = vector("s", 8)
    j = snp.arange(8)
    assert "fft" not in sf.lower(small[(j[:, None] - j) % 8] @ vector("y", 8)).source
