"""Inverses in products are solved with, by what is known of the matrix."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import dims, matrix, tensor, vector
from symflow.core.samples import sample
from symflow.lowering import Program, write
from tests.oracle import evaluate

n, d, m = dims("n d m")
SIZES = {"n": 6, "d": 3, "m": 2}
inv, solve = snp.linalg.inv, snp.linalg.solve
A, B = matrix("A", d, d), matrix("B", d, d)
P = matrix("P", d, d, positive_definite=True)
L = matrix("L", d, d, lower_triangular=True, invertible=True)
U = matrix("U", d, d, upper_triangular=True, invertible=True)
D = matrix("D", d, d, diagonal=True, invertible=True)
X, w, v, T = matrix("X", n, d), vector("w", d), vector("v", d), tensor("T", n, d, m)
S = tensor("S", 4, d, d)
LEAVES = (A, B, P, L, U, D, X, w, v, T, S)

WRITTEN = {
    "jnp.linalg.solve(A, w)": solve(A, w),
    "jnp.linalg.solve(A, B)": inv(A) @ B,
    "jnp.linalg.solve(A.T, B.T).T": B @ inv(A),
    "jnp.linalg.solve(A.T, w)": inv(A).T @ w,
    "jnp.linalg.inv(A)": inv(A),
    "jax.scipy.linalg.cho_solve((jnp.linalg.cholesky(P), True), w)": solve(P, w),
    "jax.scipy.linalg.solve_triangular(L, w, lower=True)": solve(L, w),
    "jax.scipy.linalg.solve_triangular(U, w, lower=False)": solve(U, w),
    "jax.scipy.linalg.solve_triangular(L, w, lower=True, trans=1)": w @ inv(L),
    "X @ jnp.linalg.solve(A, X.T)": snp.einsum("ni,ij,mj->nm", X, inv(A), X),
    "w / jnp.diagonal(D)": solve(D, w),
    "B / jnp.diagonal(D)[:, None]": inv(D) @ B,
}
MIXED = [
    w @ inv(A) @ v,
    snp.trace(inv(A) @ B),
    X @ inv(A) @ X.T,
    inv(A) @ inv(B) @ w,
    inv(A) @ B @ inv(A),
    snp.einsum("ij,njm->nim", inv(A), T),
    snp.einsum("ij,njm->nim", inv(P), T),
    snp.einsum("ij,njm->nim", inv(L).T, T),
    inv(A) * B,
    snp.diagonal(inv(A) @ B),
    snp.sum(inv(A)),
    solve(A, w) + inv(A)[0],
    solve(S, snp.broadcast_to(w, (4, d))[..., None]),
    inv(S) @ B,
    inv(2 * A + B) @ w / 3,
    inv(snp.diag(snp.exp(w))) @ B,
    solve(A, w) / inv(A)[0, 0],
    solve(A.T, 1 / v),
    snp.kron(inv(A), snp.eye(m)),
    snp.reshape(inv(A), (d * d,)) @ snp.reshape(B, (d * d,)),
]


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_written(text):
    source = write([WRITTEN[text]]).source
    assert source.rstrip().endswith(f"return {text}"), source


def data(leaves):
    rng = np.random.default_rng(3)
    values = {leaf: sample(leaf, SIZES, rng) for leaf in leaves}
    return values | {leaf: values[leaf] + 2 * np.eye(3) for leaf in leaves if leaf in (A, B)}


def check(nodes, backend):
    parts = {part for node in nodes for part in node.walk()}
    leaves = [leaf for leaf in LEAVES if leaf in parts]
    values = data(leaves)
    written = write(nodes, [*leaves, m], precision="float64", backend=backend)
    results = Program(written, many=True)(*values.values(), SIZES["m"])
    for node, result in zip(nodes, results, strict=True):
        expected = evaluate(node, values, SIZES)
        np.testing.assert_allclose(result, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("node", [*WRITTEN.values(), *MIXED], ids=range(len(WRITTEN) + len(MIXED)))
def test_values_one_by_one(node):
    check([node], "numpy")


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("nodes", [[*WRITTEN.values()], MIXED], ids=["written", "mixed"])
def test_values_together(nodes, backend):
    check(nodes, backend)


def test_one_factorisation_serves_all_solves():
    source = write([solve(A, w), inv(A) @ B, v @ inv(A)]).source
    assert source.count("lu_factor(A)") == 1
    assert source.count("lu_solve(") == 3
    source = write([solve(P, w), w @ solve(P, v)]).source
    assert source.count("cholesky(P)") == 1


def test_an_inverse_that_is_needed_is_not_factored_again():
    source = write([inv(A), inv(A) @ w]).source
    assert "solve" not in source
    assert source.count("inv(A)") == 1


def test_many_columns_use_the_inverse():
    wide = matrix("W", 3, 1000)
    assert "linalg.inv" in write([inv(matrix("A", 3, 3)) @ wide]).source


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_half_precision_is_solved_in_single(precision):
    written = write([solve(P, w), inv(P), snp.linalg.slogdet(P)[1]], precision=precision)
    results = Program(written, many=True)(np.eye(3) * 2, np.ones(3))
    assert [str(result.dtype) for result in results] == [precision] * 3
    np.testing.assert_allclose(np.asarray(results[0], float), 0.5)


def test_the_logarithm_of_a_positive_definite_determinant_uses_its_cholesky_factor():
    sign, logarithm = snp.linalg.slogdet(P)
    written = write([sign, logarithm, solve(P, w)], [P, w], precision="float64")
    assert written.source.count("cholesky") == 1
    assert "slogdet" not in written.source
    value = sample(P, SIZES, np.random.default_rng(0))
    results = Program(written, many=True)(value, np.ones(3))
    np.testing.assert_allclose(results[:2], np.linalg.slogdet(value), rtol=1e-12)


STACKS = {
    "stack": lambda A, B, b, c: snp.linalg.inv(A) @ B,
    "vectors": lambda A, B, b, c: snp.einsum("bij,bj->bi", snp.linalg.inv(A), b),
    "one right side": lambda A, B, b, c: snp.einsum("bij,j->bi", snp.linalg.inv(A), c),
    "from the right": lambda A, B, b, c: snp.swapaxes(B, -1, -2) @ snp.linalg.inv(A),
    "transposed": lambda A, B, b, c: snp.einsum("bji,bjk->bik", snp.linalg.inv(A), B),
    "several axes": lambda A, B, b, c: snp.einsum("bij,bjk,cj->bick", snp.linalg.inv(A), B, b),
    "quadratic": lambda A, B, b, c: snp.einsum("bi,bij,bj->b", b, snp.linalg.inv(A), b),
    "summed": lambda A, B, b, c: snp.einsum("bij,bj->i", snp.linalg.inv(A), b),
    "traces": lambda A, B, b, c: snp.einsum("bij,bji->b", snp.linalg.inv(A), A @ A),
    "orders": lambda A, B, b, c: snp.einsum("bij,bjk->kbi", snp.linalg.inv(A), B),
}


@pytest.mark.parametrize("backend", ["jax", "numpy"])
@pytest.mark.parametrize("name", STACKS)
def test_stacks_of_systems(name, backend):
    rng = np.random.default_rng(3)
    arrays = {
        "A": rng.normal(size=(3, 4, 4)) + 6 * np.eye(4),
        "B": rng.normal(size=(3, 4, 2)),
        "b": rng.normal(size=(3, 4)),
        "c": rng.normal(size=4),
    }
    given = {key: sf.tensor(key, *value.shape) for key, value in arrays.items()}
    node = STACKS[name](*given.values())
    program = sf.lower(node, precision="float64", backend=backend, optimise=False)
    expected = evaluate(node, {given[key]: value for key, value in arrays.items()})
    names = [str(v) for v in program.inputs]
    assert np.allclose(program(**{key: arrays[key] for key in names}), expected)


def test_a_stack_of_systems_is_solved():
    A, B = sf.tensor("A", 3, 4, 4), sf.tensor("B", 3, 4, 2)
    source = sf.lower(snp.linalg.inv(A) @ B).source
    assert "jnp.linalg.solve(A, B)" in source
    assert "inv" not in source
