"""Derivatives by structured variables against JAX on the parameters themselves."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from tests.oracle import evaluate

N = 3


def _entries(kind: str) -> tuple[list[tuple[int, int]], Any]:
    """The free entries of a structure, and how a matrix is made from their values."""
    if kind == "diagonal":
        return [(i, i) for i in range(N)], jnp.diag
    places = [
        (i, j) for i in range(N) for j in range(N) if j < i or (j == i and kind == "symmetric")
    ]
    sign = -1.0 if kind == "antisymmetric" else 1.0

    def build(values: Any) -> Any:
        matrix = jnp.zeros((N, N))
        for value, (i, j) in zip(values, places, strict=True):
            matrix = matrix.at[i, j].set(value)
            if i != j:
                matrix = matrix.at[j, i].set(sign * value)
        return matrix

    return places, build


@pytest.mark.parametrize("kind", ["symmetric", "antisymmetric", "diagonal"])
def test_shared_entries_are_the_derivatives_by_the_parameters(kind: str) -> None:
    S, A = sf.matrix("S", N, N, **{kind: True}), sf.matrix("A", N, N)
    f = snp.sum(snp.sin(S) * A) + snp.trace(S @ A @ S)
    gradient = sf.grad(f, S, structured=True)
    places, build = _entries(kind)
    rng = np.random.default_rng(0)
    a, parameters = rng.normal(size=(N, N)), rng.normal(size=len(places))
    with jax.enable_x64(True):

        def g(values: Any) -> Any:
            s = build(values)
            return jnp.sum(jnp.sin(s) * a) + jnp.trace(s @ a @ s)

        wanted = jax.grad(g)(parameters)
        s = np.asarray(build(parameters))
    got = evaluate(gradient, {S: s, A: a})
    np.testing.assert_allclose([got[i, j] for i, j in places], wanted, rtol=1e-10)


def test_by_default_entries_count_as_independent() -> None:
    S, A = sf.matrix("S", "n", "n", symmetric=True), sf.matrix("A", "n", "n")
    assert sf.grad(snp.trace(S.T @ A), S) is A
    assert sf.grad(snp.trace(S @ A), S) is A.T


def test_an_unknown_shared_form_is_refused() -> None:
    Q = sf.matrix("Q", "n", "n", orthogonal=True)
    with pytest.raises(sf.DomainError, match="orthogonal"):
        sf.grad(snp.trace(Q), Q, structured=True)


def test_the_result_is_in_terms_of_the_declared_variable() -> None:
    S = sf.matrix("S", "n", "n", positive_definite=True)
    gradient = sf.grad(snp.linalg.slogdet(S)[1], S)
    assert gradient.free_symbols & {S} == {S}
    assert gradient is snp.linalg.inv(S)
