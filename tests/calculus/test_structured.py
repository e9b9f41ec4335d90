"""Derivatives by structured variables against JAX on the parameters themselves."""

from itertools import combinations_with_replacement, permutations, product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.calculus.structured import entries_of
from tests.oracle import evaluate

N = 4
Basis = list[np.ndarray[Any, Any]]
STRUCTURES = [
    "symmetric",
    "antisymmetric",
    "diagonal",
    "lower_triangular",
    "upper_triangular",
    "tridiagonal",
    "toeplitz",
    "circulant",
    "symmetric tridiagonal",
    "symmetric toeplitz",
    "antisymmetric toeplitz",
    "symmetric circulant",
    "antisymmetric circulant",
    "tridiagonal toeplitz",
    "lower_triangular toeplitz",
    "diagonal circulant",
    "symmetric lower_triangular",
    "lower_triangular upper_triangular",
    "positive_definite",
    "fully_symmetric",
]
_TENSORS = (("T", {"fully_symmetric": True}), ("A", {}))
RECTANGULAR = ["lower_triangular", "upper_triangular", "toeplitz", "upper_triangular toeplitz"]


def _basis(words: str, m: int = N, n: int = N) -> Basis:
    """A matrix for each parameter of a structure, with 1 where the parameter stands as it is.

    Entries that are the same, up to a sign, are found by trying all pairs; those that are 0, too.
    """
    kinds = set(words.split())
    matrices = []
    seen: set[tuple[int, int]] = set()
    for place in np.ndindex(m, n):
        orbit, pending, sign = {place: 1}, [place], "antisymmetric" in kinds
        while pending:
            i, j = pending.pop()
            for other, factor in _partners(kinds, i, j, m, n):
                if other not in orbit:
                    orbit[other] = factor * orbit[i, j]
                    pending.append(other)
                elif sign and orbit[other] != factor * orbit[i, j]:
                    orbit[other] = 0  # an entry that is its own negative
        dead = any(v == 0 or _vanishes(kinds, *p) for p, v in orbit.items())
        if place not in seen and not dead:
            matrix = np.zeros((m, n))
            for (i, j), value in orbit.items():
                matrix[i, j] = value
            matrices.append(matrix)
        seen |= orbit.keys()
    return matrices


def _partners(kinds: set[str], i: int, j: int, m: int, n: int) -> Any:
    if kinds & {"symmetric", "positive_definite", "fully_symmetric"}:
        yield (j, i), 1
    if "antisymmetric" in kinds:
        yield (j, i), -1
    if "toeplitz" in kinds:
        yield from (((i + d, j + d), 1) for d in (-1, 1) if 0 <= i + d < m and 0 <= j + d < n)
    if "circulant" in kinds:
        yield ((i + 1) % n, (j + 1) % n), 1


def _vanishes(kinds: set[str], i: int, j: int) -> bool:
    return (
        ("diagonal" in kinds and i != j)
        or ("lower_triangular" in kinds and i < j)
        or ("upper_triangular" in kinds and i > j)
        or ("tridiagonal" in kinds and abs(i - j) > 1)
    )


def _tied(gradient: Any, basis: Basis) -> Any:
    """The derivative by the parameters, laid out as the variable."""
    result = np.zeros(basis[0].shape if basis else gradient.shape)
    for matrix in basis:
        result += np.sum(matrix * gradient) * matrix
    return result


def _variable(words: str, *shape: Any) -> Any:
    return sf.matrix("S", *shape, **dict.fromkeys(words.split(), True))


@pytest.mark.parametrize("words", STRUCTURES)
def test_shared_entries_are_the_derivatives_by_the_parameters(words: str) -> None:
    S, A = _variable(words, "n", "n"), sf.matrix("A", "n", "n")
    f = snp.sum(snp.sin(S) * A) + snp.trace(S @ A @ S)
    basis = _basis(words)
    rng = np.random.default_rng(0)
    a, s = rng.normal(size=(N, N)), np.zeros((N, N))
    for matrix in basis:
        s += rng.normal() * matrix
    given = {S: s, A: a}
    got = evaluate(sf.grad(f, S, structured=True), given)
    want = _tied(np.cos(s) * a + (a @ s + s @ a).T, basis)
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-13)
    if "toeplitz" in words or words == "circulant":
        return  # as below
    hessian = evaluate(sf.hessian(f, S, structured=True, tidy=False), given)
    second = np.zeros((N,) * 4)
    for p, q in product(basis, basis):
        move = -np.sum(np.sin(s) * a * p * q) + np.trace(p @ a @ q + q @ a @ p)
        second += move * np.multiply.outer(p, q)
    np.testing.assert_allclose(hessian, second, rtol=1e-10, atol=1e-12)


def test_jax_finds_the_same_by_the_parameters() -> None:
    S, A = _variable("symmetric toeplitz", N, N), sf.matrix("A", N, N)
    stacked = np.array(_basis("symmetric toeplitz"))
    rng = np.random.default_rng(0)
    a, parameters = rng.normal(size=(N, N)), rng.normal(size=len(stacked))
    with jax.enable_x64(True):

        def g(values: Any) -> Any:
            s = jnp.tensordot(values, stacked, 1)
            return jnp.trace(s @ a @ s @ s)

        wanted = jax.grad(g)(parameters)
    given = {S: np.tensordot(parameters, stacked, 1), A: a}
    got = evaluate(sf.grad(snp.trace(S @ A @ S @ S), S, structured=True), given)
    np.testing.assert_allclose(got, np.tensordot(wanted, stacked, 1), rtol=1e-10)


@pytest.mark.parametrize("words", ["toeplitz", "circulant"])
def test_second_derivatives_by_lines_of_entries(words: str) -> None:
    S, A = _variable(words, N, N), sf.matrix("A", N, N)
    f = snp.trace(S @ A @ S)
    rng = np.random.default_rng(0)
    a, basis = rng.normal(size=(N, N)), _basis(words)
    hessian = evaluate(sf.hessian(f, S, structured=True, tidy=False), {A: a})
    want = np.zeros((N,) * 4)
    for p, q in product(basis, basis):
        want += np.trace(p @ a @ q + q @ a @ p) * np.multiply.outer(p, q)
    np.testing.assert_allclose(hessian, want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (1, 4), (4, 1), (1, 1)])
@pytest.mark.parametrize("words", RECTANGULAR)
def test_shapes_that_are_not_square(words: str, shape: tuple[int, int]) -> None:
    S, A = _variable(words, "m", "n"), sf.matrix("A", "m", "n")
    a = np.random.default_rng(0).normal(size=shape)
    given = {S: np.zeros(shape), A: a}
    got = evaluate(sf.grad(snp.sum(S * A), S, structured=True), given)
    np.testing.assert_allclose(got, _tied(a, _basis(words, *shape)), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("words", ["toeplitz", "circulant", "symmetric circulant", "tridiagonal"])
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_small_sizes(words: str, n: int) -> None:
    S, A = _variable(words, n, n), sf.matrix("A", n, n)
    a = np.random.default_rng(0).normal(size=(n, n))
    got = evaluate(sf.grad(snp.sum(S * A), S, structured=True), {S: a, A: a})
    np.testing.assert_allclose(got, _tied(a, _basis(words, n, n)), rtol=1e-12, atol=1e-14)


def test_pairs_of_axes() -> None:
    C = sf.tensor("C", 2, 3, 2, 3, major_symmetric=True)
    A = sf.tensor("A", 2, 3, 2, 3)
    a = np.random.default_rng(0).normal(size=(2, 3, 2, 3))
    got = evaluate(sf.grad(snp.sum(C * A), C, structured=True), {C: a, A: a})
    flat = a.reshape(6, 6)
    want = flat + flat.T - np.diag(np.diag(flat))
    np.testing.assert_allclose(got, want.reshape(a.shape))


def test_a_stack_of_structured_matrices() -> None:
    S, A = sf.tensor("S", 2, N, N, symmetric=True), sf.tensor("A", 2, N, N)
    a = np.random.default_rng(0).normal(size=(2, N, N))
    got = evaluate(sf.grad(snp.sum(S * A), S, structured=True), {S: a, A: a})
    np.testing.assert_allclose(got, [_tied(each, _basis("symmetric")) for each in a])


def test_what_is_said_of_a_derivative() -> None:
    S = sf.matrix("S", "n", "n", positive_definite=True)
    assert entries_of(S, structured=True) == "shared entries of S, positive definite"
    assert entries_of(sf.vector("x", "n", positive=True), structured=False) == ""


def test_by_default_entries_count_as_independent() -> None:
    S, A = sf.matrix("S", "n", "n", symmetric=True), sf.matrix("A", "n", "n")
    assert sf.grad(snp.trace(S.T @ A), S) is A
    assert sf.grad(snp.trace(S @ A), S) is A.T


def test_an_unknown_shared_form_is_refused() -> None:
    Q = sf.matrix("Q", "n", "n", orthogonal=True)
    with pytest.raises(sf.DomainError, match="orthogonal"):
        sf.grad(snp.trace(Q), Q, structured=True)
    both = sf.matrix("Q", "n", "n", orthogonal=True, symmetric=True)
    with pytest.raises(sf.DomainError, match="orthogonal"):
        sf.grad(snp.trace(both), both, structured=True)
    C = sf.matrix("C", "n", "n", circulant=True, tridiagonal=True)
    with pytest.raises(sf.DomainError, match="circulant and tridiagonal"):
        sf.grad(snp.trace(C), C, structured=True)
    T = sf.tensor("T", *["n"] * 6, fully_symmetric=True)
    with pytest.raises(sf.DomainError, match="fully_symmetric variables of up to 5 axes"):
        sf.grad(snp.sum(T), T, structured=True)


@pytest.mark.parametrize("rank", [3, 4])
@pytest.mark.parametrize("size", [0, 1, 3])
def test_entries_in_any_order_are_one_parameter(rank: int, size: int) -> None:
    T, A = (sf.tensor(name, *["n"] * rank, **known) for name, known in _TENSORS)
    f = snp.sum(snp.sin(T) * A)
    rng = np.random.default_rng(0)
    a, t = rng.normal(size=(size,) * rank), np.zeros((size,) * rank)
    basis = []
    for indices in combinations_with_replacement(range(size), rank):
        basis.append(np.zeros((size,) * rank))
        for place in set(permutations(indices)):
            basis[-1][place] = 1
        t += rng.normal() * basis[-1]
    given, sizes = {T: t, A: a}, {"n": size}
    got = evaluate(sf.grad(f, T, structured=True), given, sizes)
    np.testing.assert_allclose(got, _tied(np.cos(t) * a, basis), rtol=1e-12)
    moved = evaluate(sf.jacobian(A * T**2, T, structured=True, tidy=False), given, sizes)
    want = sum((np.multiply.outer(2 * a * t * p, p) for p in basis), np.zeros(moved.shape))
    np.testing.assert_allclose(moved, want, rtol=1e-12)


def test_the_result_is_in_terms_of_the_declared_variable() -> None:
    S = sf.matrix("S", "n", "n", positive_definite=True)
    gradient = sf.grad(snp.linalg.slogdet(S)[1], S)
    assert gradient.free_symbols & {S} == {S}
    assert gradient is snp.linalg.inv(S)
