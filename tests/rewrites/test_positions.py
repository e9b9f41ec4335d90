"""Known positions, lines of entries, diagonal factors: reached, and left alone elsewhere."""

import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf
import symflow.linalg as slinalg
import symflow.numpy as snp
import symflow.special as special
from symflow.core import tensor

x, v, w = tensor("x", 6), tensor("v", 3), tensor("w", 3)
y, A, B = tensor("y", 6), tensor("A", 4, 5), tensor("B", 4, 4)
d, e = tensor("d", 4), tensor("e", 3)
i, j = tensor("i", 6, dtype="int"), tensor("j", 6, dtype="int")
a, b = tensor("a", 6, dtype="bool"), tensor("b", 6, dtype="bool")
L = tensor("L", 4, 4, lower_triangular=True)
at = snp.array
VALUES = {
    "x": np.array([0.5, -1.0, 2.0, 2.0, -3.0, 0.0]),
    "y": np.array([1.5, 1.0, -2.0, 0.25, 3.0, 4.0]),
    "v": np.array([7.0, -8.0, 9.0]),
    "w": np.array([1.0, 2.0, -4.0]),
    "d": np.array([0.5, -1.5, 2.5, 1.0]),
    "e": np.array([1.0, 2.0, 3.0]),
    "A": np.arange(20.0).reshape(4, 5) ** 2 / 50 - 2,
    "B": np.cos(np.arange(16.0)).reshape(4, 4),
    "i": np.array([0, -3, 7, -1, 12, 5]),
    "j": np.array([5, -3, 2, 4, -12, 1]),
    "a": np.array([True, True, False, False, True, False]),
    "b": np.array([True, False, True, False, False, False]),
    "L": np.tril(np.arange(16.0).reshape(4, 4) + 1),
}


def value(node):
    """The value of a graph as it stands, by a program that no rule has touched."""
    function = sf.lower(node, precision="float64", optimise=False)
    return np.asarray(function(**{str(k): VALUES[str(k)] for k in function.inputs}))


MET = {
    "row": (x[snp.arange(4) + 2], x[2:]),
    "row by twos": (x[snp.arange(0, 6, 2)], x[::2]),
    "row backwards": (x[at([3, 2, 1])], x[3:0:-1]),
    "row from the end": (x[at([-2, -1])], x[4:]),
    "row written": (x.at[snp.arange(6)].set(y), y),
    "pair of rows": (A[snp.arange(4), snp.arange(4) + 1], snp.diagonal(A, 1)),
    "read within written": (x.at[1:4].set(v)[2:4], v[1:]),
    "read one written": (x.at[1:4].set(v)[3], v[2]),
    "read beside written": (x.at[at([4, 0, 2])].set(v)[at([1, 3])], x[at([1, 3])]),
    "read what was written": (x.at[at([4, 0, 2])].set(v)[at([2, 4])], v[at([2, 0])]),
    "lookup of lookup": (x[at([5, 3, 1])][at([2, 0])], x[at([1, 5])]),
    "diagonal written": (snp.diagonal(B.at[snp.arange(4), snp.arange(4)].set(d)), d),
    "beside the diagonal": (snp.diagonal(snp.diag(d, k=1)), snp.zeros(5)),
    "running end": (snp.cumsum(x)[-1], snp.sum(x)),
    "running product's end": (snp.cumprod(x)[-1], snp.prod(x)),
    "order": (snp.sum(snp.roll(x, 2)) + snp.max(x[::-1]), snp.sum(x) + snp.max(x)),
    "sorted by position": (x[snp.argsort(x)], snp.sort(x)),
    "argmax": (snp.argmax(-x), snp.argmin(x)),
    "singular values": (
        snp.linalg.svd(snp.diag(d), compute_uv=False),
        snp.flip(snp.sort(snp.abs(d))),
    ),
    "exponential": (slinalg.expm(snp.diag(d)), snp.diag(snp.exp(d))),
    "sylvester": (
        slinalg.solve_sylvester(snp.diag(d), snp.diag(e), A[:, :3]),
        A[:, :3] / (d[:, None] + e),
    ),
    "odd permutation": (snp.linalg.det(snp.eye(4)[:, at([1, 0, 2, 3])]), -snp.ones(())),
    "no permutation": (snp.linalg.det(snp.eye(3)[:, at([1, 1, 2])]), snp.zeros(())),
    "triangle": (snp.tril(L), L),
    "counted": (snp.arange(10)[2:5], 2 + snp.arange(3)),
    "tiled": (snp.concatenate([v, v, v]), snp.tile(v, 3)),
    "bits": ((i & j) | (i & j), i & j),
    "bits twice": ((i ^ j) ^ j, i),
    "not less": (~(i < j), i >= j),
    "truth": (snp.where(a, b, snp.asarray(False)), a & b),
    "complement": (1 - special.ndtr(x), special.ndtr(-x)),
}


@pytest.mark.parametrize("name", MET)
def test_both_forms_are_one(name):
    before, after = MET[name]
    result = sf.simplify(before)
    assert result == sf.simplify(after)
    np.testing.assert_allclose(value(before), value(result), rtol=1e-10, atol=1e-12)


KEPT = {
    "steps differ": x[at([1, 3, 2])],
    "one position twice": x.at[at([1, 1])].set(x[at([1, 1])] + v[:2]),
    "read of positions met twice": x.at[at([4, 4, 2])].set(v)[at([4, 4, 2])],
    "partly written": x.at[1:4].set(v)[2:5],
    "part of a diagonal": A[snp.arange(3), snp.arange(3)],
    "running but not the end": snp.cumsum(x)[-2],
    "rolled along another axis": snp.sum(snp.roll(A, 1, axis=0), axis=1),
    "other bits": (i & 1) + (i | 1),
    "negation of floats": ~(x < y),
    "upper part": snp.triu(L, 1) + snp.tril(L, -1),
}


@pytest.mark.parametrize("name", KEPT)
def test_values_are_kept(name):
    before = KEPT[name]
    np.testing.assert_array_equal(value(before), value(sf.simplify(before)))


def test_comparisons_of_nan_stay_apart():
    """``not x < y`` is true where ``x >= y`` is false."""
    function = sf.lower(~(x < y), precision="float64")
    assert bool(np.all(function(x=np.full(6, np.nan), y=np.zeros(6))))


def test_logarithm_of_looked_up_probabilities_is_finite():
    rows, labels = snp.arange(4), at([0, 1, 2, 3])
    for entries in (special.softmax(A, axis=1)[rows, labels], special.softmax(A, axis=1)[:, 0]):
        function = sf.lower(-snp.log(entries), precision="float64")
        far = np.where(np.eye(4, 5) + (np.arange(5) == 0) > 0, -1000.0, 0.0)
        assert bool(jnp.all(jnp.isfinite(function(A=far))))
