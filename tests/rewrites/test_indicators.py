"""Products with 0/1 matrices of labels: looked up and added, never formed."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from tests.oracle import evaluate

n, k, d, m = sf.dims("n k d m")
y, z = sf.tensor("y", n, dtype="int"), sf.tensor("z", n, dtype="int")
yy = sf.tensor("yy", n, m, dtype="int")
s = sf.tensor("s", dtype="int")
p = sf.tensor("p", n, dtype="int", permutation=True)
W, X, V = sf.matrix("W", k, d), sf.matrix("X", n, d), sf.matrix("V", d, m)
F, v, w = sf.matrix("F", n, k), sf.vector("v", k), sf.vector("w", d)
A = sf.matrix("A", n, m)
one_hot = sf.nn.one_hot
H = one_hot(y, k)

CASES = {
    "rows": H @ W,
    "rows of a product": H @ W @ V,
    "vector": H @ v,
    "number": H @ v @ X,
    "columns": W.T @ H.T,
    "one label": one_hot(s, k) @ W,
    "many labels": snp.einsum("nmk,kd->nmd", one_hot(yy, k), W),
    "classes first": snp.einsum("kn,kd->nd", one_hot(y, k, axis=0), W),
    "picked": snp.sum(H * F, 1),
    "picked by both": snp.einsum("nmk,nk->nm", one_hot(yy, k), F),
    "picked and scaled": snp.sum(H * F * v, 1),
    "loss": -snp.mean(snp.sum(H * sf.nn.log_softmax(F), 1)),
    "whole sum": snp.sum(H * F),
    "valid": snp.sum(H, 1),
    "added": H.T @ X,
    "added and multiplied": H.T @ X @ V,
    "added vector": H.T @ X @ w,
    "counted": snp.sum(H, 0),
    "scaled": snp.einsum("nk,nd,k->kd", H, X, v),
    "added over all": snp.einsum("nmk,nd->kd", one_hot(yy, k), X),
    "projected": H @ H.T @ X,
    "confusion": H.T @ one_hot(z, k),
    "outer": snp.einsum("nk,d->kd", H, w),
    "permuted": one_hot(p, n) @ X,
    "permuted back": one_hot(p, n).T @ X,
    "identity looked up": snp.eye(n)[y].T @ X,
    "identity permuted back": snp.eye(n)[p].T @ X,
    "identity permuted": snp.linalg.inv(snp.eye(n)[:, p]) @ X,
    "product of permutations": snp.eye(n)[p].T @ snp.eye(n)[p] @ X,
}
SIZES = [
    {"n": 5, "k": 7, "d": 3, "m": 2},
    {"n": 9, "k": 6, "d": 2, "m": 11},
    {"n": 1, "k": 1, "d": 1, "m": 1},
    {"n": 5, "k": 600, "d": 2, "m": 3},
    {"n": 0, "k": 6, "d": 2, "m": 2},
    {"n": 4, "k": 0, "d": 2, "m": 3},
]


def values(sizes, inside):
    rng = np.random.default_rng(sum(sizes.values()))
    shape = {name: [sizes[str(size)] for size in x.shape] for name, x in LEAVES.items()}
    found = {}
    for name, leaf in LEAVES.items():
        if name == "p":
            found[name] = rng.permutation(sizes["n"])
        elif leaf.dtype == "int":
            least, most = (-sizes["n"], sizes["n"]) if inside else (-3, sizes["k"] + 3)
            found[name] = rng.integers(least, max(most, least + 1), shape[name])
        else:
            found[name] = rng.normal(size=shape[name])
    return found


LEAVES = {leaf.name: leaf for leaf in (y, z, yy, s, p, W, X, V, F, v, w, A)}


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", CASES)
def test_values_are_those_of_the_product(name, sizes, backend):
    if name == "loss" and 0 in sizes.values():
        pytest.skip("a mean over nothing")
    case = CASES[name]
    given = values(sizes, name.startswith("identity"))
    f = sf.lower(case, precision="float64", backend=backend)
    arguments = {str(x): given[str(x)] if str(x) in given else sizes[str(x)] for x in f.inputs}
    want = evaluate(case, {LEAVES[name]: array for name, array in given.items()}, sizes)
    np.testing.assert_allclose(f(**arguments), want, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", [name for name in CASES if name != "confusion"])
def test_no_matrix_of_labels_is_formed(name):
    source = sf.lower(CASES[name]).source
    assert "==" not in source
    assert "eye" not in source


def test_the_shorter_side_meets_the_labels():
    f = sf.lower(H @ W @ V)
    few = f.source_for(y=(1000,), W=(10, 64), V=(64, 64))
    assert "(W @ V)[" in few
    many = f.source_for(y=(10,), W=(1000, 64), V=(64, 64))
    assert "W @ V" not in many
    f = sf.lower(H.T @ X @ V)
    assert "zeros((k, d)" in f.source_for(y=(1000,), X=(1000, 64), V=(64, 64), k=10)
    assert "zeros((k, m)" in f.source_for(y=(10,), X=(10, 64), V=(64, 64), k=1000)


def test_labels_known_to_be_classes_need_no_mask():
    for labels in (p, snp.array([0, 2, 1])):
        size = labels.shape[0]
        assert ">=" not in sf.lower(one_hot(labels, size) @ sf.matrix("B", size, 2)).source


def test_what_sums_neither_is_left_alone():
    assert "==" in sf.lower(H).source
    assert "==" in sf.lower(H * F).source
    assert "==" in sf.lower(snp.einsum("nk,nk->k", H, F)).source
