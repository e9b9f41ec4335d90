"""The verbs that differentiate, as a user calls them."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from tests.oracle import evaluate

X, w, y = sf.matrix("X", "n", "d"), sf.vector("w", "d"), sf.vector("y", "n")
LOSS = snp.sum((X @ w - y) ** 2) / sf.dim("n")
SIZES = [(4, 3), (1, 1), (2, 5)]


def _data(n: int, d: int) -> dict[Any, Any]:
    rng = np.random.default_rng(n)
    return {X: rng.normal(size=(n, d)), w: rng.normal(size=d), y: rng.normal(size=n)}


def _reference(a: Any, v: Any, b: Any) -> Any:
    return jnp.sum((a @ v - b) ** 2) / a.shape[0]


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_gradient_hessian_and_products_agree_with_jax(n: int, d: int) -> None:
    given = _data(n, d)
    a, v, b = given.values()
    direction = sf.vector("v", "d")
    move = np.arange(1.0, d + 1)
    with jax.enable_x64(True):
        gradient = np.asarray(jax.grad(_reference, 1)(a, v, b))
        hessian = np.asarray(jax.hessian(_reference, 1)(a, v, b))
    close = np.testing.assert_allclose
    close(evaluate(sf.grad(LOSS, w), given), gradient, rtol=1e-10)
    close(evaluate(sf.hessian(LOSS, w), given), hessian, rtol=1e-10)
    moved = given | {direction: move}
    close(evaluate(sf.hvp(LOSS, w, direction), moved), hessian @ move, rtol=1e-10)
    close(evaluate(sf.jvp(LOSS, w, direction), moved), gradient @ move, rtol=1e-10)
    cotangent = sf.vector("u", "n")
    u = np.linspace(-1, 1, n)
    pulled = sf.vjp(X @ w, w, cotangent)
    close(evaluate(pulled, given | {cotangent: u}), u @ a, rtol=1e-10)


def test_several_variables_give_tuples_and_blocks() -> None:
    gradients = sf.grad(LOSS, [X, w])
    assert [g.shape for g in gradients] == [X.shape, w.shape]
    blocks = sf.hessian(LOSS, [X, w])
    assert blocks[0][1].shape == X.shape + w.shape
    value, gradient = sf.value_and_grad(LOSS, w)
    assert value is LOSS
    assert gradient is sf.grad(LOSS, w)


@pytest.mark.parametrize("size", [1, 3])
def test_second_derivatives_by_a_symmetric_variable_keep_its_axes_apart(size: int) -> None:
    P, D = sf.matrix("P", "d", "d", positive_definite=True), sf.matrix("D", "d", "d")
    f = snp.trace(P @ P @ P) - snp.linalg.slogdet(P)[1]

    def reference(p: Any) -> Any:
        return jnp.trace(p @ p @ p) - jnp.linalg.slogdet(p)[1]

    rng = np.random.default_rng(0)
    root, direction = rng.normal(size=(2, size, size))
    given = {P: root @ root.T + np.eye(size), D: direction}
    with jax.enable_x64(True):
        hessian = np.asarray(jax.hessian(reference)(given[P]))
    close = np.testing.assert_allclose
    close(evaluate(sf.hessian(f, P), given), hessian, rtol=1e-10, atol=1e-10)
    close(evaluate(sf.hessian(f, [P])[0][0], given), hessian, rtol=1e-10, atol=1e-10)
    product = np.einsum("ijkl,kl", hessian, direction)
    close(evaluate(sf.hvp(f, P, D), given), product, rtol=1e-10, atol=1e-10)


def test_printed_forms_are_those_of_a_careful_author() -> None:
    assert str(sf.hessian(LOSS, w)) == "2 / n * X.T @ X"
    assert "X.T @ (X @ w - y)" in str(sf.grad(LOSS, w))


def test_sympys_method_takes_repeated_derivatives() -> None:
    a = sp.Symbol("a", real=True)
    f = snp.sum(snp.exp(a * w))
    assert f.diff(a, 2).shape == ()
    assert LOSS.diff(w, w) is sf.hessian(LOSS, w)
    with pytest.raises(sf.RankError, match="variable"):
        LOSS.diff()


def test_misuse_is_refused() -> None:
    with pytest.raises(sf.RankError, match="takes a scalar"):
        sf.grad(X @ w, w)
    with pytest.raises(sf.RankError, match="at least one variable"):
        sf.grad(LOSS, [])
    with pytest.raises(TypeError, match="variable"):
        sf.grad(LOSS, X @ w)
    with pytest.raises(sf.ShapeError, match="direction"):
        sf.jvp(LOSS, w, y)
