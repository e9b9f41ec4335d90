"""Entries of products looked up in the factors; permutation matrices."""

import re

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.ops.facts import facts
from tests.oracle import evaluate

n, m, k, q = sf.dims("n m k q")
A, B = sf.matrix("A", n, m), sf.matrix("B", m, k)
S = sf.matrix("S", n, n)
P = sf.matrix("P", n, n, permutation=True)
t = sf.tensor("t", q, n, m)
i, j = sf.tensor("i", dtype="int"), sf.tensor("j", dtype="int")
r, c = sf.tensor("r", q, dtype="int"), sf.tensor("c", q, dtype="int")
rr = sf.tensor("rr", q, 2, dtype="int")

SINGLE = {
    "column": (A @ B)[:, j],
    "row": (A @ B)[i],
    "entry": (A @ B)[i, j],
    "entry of a power": (S @ S @ S)[i, j],
    "function": snp.exp(A @ B)[i],
    "sum": (A @ B + snp.sin(A @ B))[i, j],
    "diagonal entry": (S @ S)[i, i],
    "turned": (A @ B).T[j],
    "stack": snp.einsum("qnm,mk->qnk", t, B)[:, i],
}
SEVERAL = {
    "rows": (A @ B)[r],
    "entries": (A @ B)[r, c],
    "columns": (A @ B)[:, c],
    "row and entries": (A @ B)[i, c],
    "many": (A @ B)[rr],
    "lookup of lookup": A[r][c],
    "lookup of lookups": A[rr][c][:, 1],
    "entries of entries": A[rr][:, i % 1],
    "exponential": snp.exp(A)[r],
    "repeated": (A[:, None] * B.T)[r],
    "diagonal": snp.diag(A[:, 0])[r],
}
PERMUTED = {
    "permuted": P @ S,
    "permuted back": P.T @ S,
    "columns": S @ P,
    "columns back": S @ P.T,
    "both": P @ S @ P.T,
    "solved": snp.linalg.solve(P, S),
    "vector": P @ S[0],
}
SIZES = [
    {"n": 5, "m": 3, "k": 4, "q": 6},
    {"n": 1, "m": 1, "k": 1, "q": 1},
    {"n": 70, "m": 2, "k": 9, "q": 3},
]


def _given(sizes):
    rng = np.random.default_rng(sizes["n"])
    found = {}
    limits = {"i": "n", "j": "k", "r": "n", "c": "k", "rr": "n"}
    for leaf in (A, B, S, t, i, j, r, c, rr):
        shape = [
            int(sizes.get(str(size), size)) if str(size) in sizes else int(size)
            for size in leaf.shape
        ]
        if leaf.name in limits:
            most = (
                min(sizes[limits[leaf.name]], sizes["q"])
                if leaf.name == "c"
                else sizes[limits[leaf.name]]
            )
            found[leaf.name] = rng.integers(-most, most, shape)
        else:
            found[leaf.name] = rng.normal(size=shape)
    found["P"] = np.eye(sizes["n"])[rng.permutation(sizes["n"])]
    return found


CASES = SINGLE | SEVERAL | PERMUTED


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", CASES)
def test_values_are_those_of_the_whole(name, sizes, backend):
    case = CASES[name]
    given = _given(sizes)
    f = sf.lower(case, precision="float64", backend=backend)
    arguments = {str(x): given[str(x)] if str(x) in given else sizes[str(x)] for x in f.inputs}
    np.testing.assert_allclose(f(**arguments), evaluate(case, given, sizes), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", SINGLE)
def test_single_positions_are_looked_up_first(name):
    source = sf.lower(SINGLE[name]).source
    assert not re.search(r"A @ B($|[^\[])", source)
    assert not re.search(r"S @ S($|[^\[])", source)


def test_what_others_need_is_computed_once():
    source = sf.lower(A @ B, (A @ B)[i]).source
    assert source.count("@") == 1


def test_few_rows_are_looked_up_first():
    f = sf.lower((A @ B)[r])
    assert "A[r]" in f.source_for(A=(1000, 300), B=(300, 200), r=(5,))
    assert "A @ B" in f.source_for(A=(10, 300), B=(300, 200), r=(5000,))


def test_permutations_are_looked_up_where_they_pay():
    f = sf.lower(P @ A)
    assert "P @ A" in f.source_for(P=(1000, 1000), A=(1000, 4))
    assert "A[" in f.source_for(P=(1000, 1000), A=(1000, 400))


def test_permutations_of_identities_have_transposes_as_inverses():
    p = sf.tensor("p", n, dtype="int", permutation=True)
    for matrix in (snp.eye(n)[p], snp.eye(n)[:, p]):
        assert {"permutation", "orthogonal"} <= facts(matrix)
    assert "solve" not in sf.lower(snp.linalg.inv(snp.eye(n)[p]) @ S).source
