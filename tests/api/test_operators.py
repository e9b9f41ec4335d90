"""Laplacian, divergence, curl and products with second derivatives."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from symflow.core.walk import postorder
from tests.oracle import evaluate

x, v = sf.vector("x", "n"), sf.vector("v", "n")
A, W, V = sf.matrix("A", "n", "n"), sf.matrix("W", "m", "n"), sf.matrix("V", "k", "m")
a, b = sf.vector("a", "k"), sf.vector("b", "m")
y, M = sf.vector("y", 3), sf.matrix("M", 3, 3)
SIZES = {"n": 3, "m": 4, "k": 2}
NETWORK = a @ snp.tanh(V @ snp.tanh(W @ x + b))


def _values() -> dict[Any, Any]:
    rng = np.random.default_rng(0)
    leaves = (x, v, A, W, V, a, b, y, M)
    return {u: rng.normal(size=[SIZES.get(str(s), s) for s in u.shape]) for u in leaves}


def _network(place: Any, values: dict[Any, Any]) -> Any:
    return values[a] @ jnp.tanh(values[V] @ jnp.tanh(values[W] @ place + values[b]))


def test_the_laplacian_of_a_network_is_the_trace_that_jax_finds() -> None:
    values = _values()
    with jax.enable_x64(True):
        want = float(jnp.trace(jax.hessian(_network)(values[x], values)))
    result = sf.laplacian(NETWORK, x)
    np.testing.assert_allclose(evaluate(result, values), want, rtol=1e-11)


def test_no_array_of_second_derivatives_is_built() -> None:
    n = sf.dim("n")
    for tidy in (True, False):
        nodes = postorder([sf.laplacian(NETWORK, x, tidy=tidy)])
        assert not [node for node in nodes if node.shape.count(n) > 1]
    dense = postorder([sf.hessian(NETWORK, x, tidy=False)])
    assert [node for node in dense if node.shape.count(n) > 1]  # what the test would see


@pytest.mark.parametrize(
    "f",
    [
        snp.sum(snp.log(x**2 + 1)),
        snp.exp(-x @ x / 2),
        snp.linalg.norm(x),
        snp.sin(x),
        sf.nn.logsumexp(W @ x),
        (A @ x) ** 3,
    ],
    ids=["separable", "gaussian", "norm", "vector", "logsumexp", "cubes"],
)
def test_the_laplacian_is_the_trace_of_the_hessian(f: Any) -> None:
    values = _values()
    hessian = evaluate(sf.jacobian(sf.jacobian(f, x), x), values, SIZES)
    want = np.trace(hessian, axis1=-2, axis2=-1)
    np.testing.assert_allclose(evaluate(sf.laplacian(f, x), values, SIZES), want, rtol=1e-10)


def test_variables_of_any_rank_and_entries() -> None:
    s = sf.scalar("s")
    assert sf.laplacian(snp.exp(2 * s), s) is sf.simplify(4 * snp.exp(2 * s))
    assert sf.divergence(snp.sin(s), s) is snp.cos(s)
    symbol = sp.Symbol("c", real=True)
    assert sf.laplacian(snp.sum(symbol**2 * x), symbol) is sf.simplify(2 * snp.sum(x))
    assert str(sf.laplacian(snp.sum((W @ x) ** 2), W)) == "2 * m * x @ x"
    assert sf.laplacian(snp.sum(x**2), x[:2]).coefficient == 4
    assert str(sf.laplacian(x @ A @ x, x)) == "2 * trace(A)"


def test_the_divergence_is_the_trace_of_the_jacobian() -> None:
    values = _values()
    for field in (A @ x, x * snp.exp(-x @ x), snp.outer(x, x), snp.tanh(A @ snp.sin(x))):
        jacobian = evaluate(sf.jacobian(field, x), values)
        want = np.trace(jacobian, axis1=-2, axis2=-1)
        np.testing.assert_allclose(evaluate(sf.divergence(field, x), values), want, rtol=1e-10)
    assert str(sf.divergence(snp.outer(x, x), x)) == "(n + 1) * x"


def test_the_curl_is_the_antisymmetric_part() -> None:
    values = _values()
    for field in (M @ y, snp.cross(y, M @ y), snp.stack([y[1] * y[2], snp.exp(y[0]), y[1]])):
        J = evaluate(sf.jacobian(field, y), values)
        want = [J[2, 1] - J[1, 2], J[0, 2] - J[2, 0], J[1, 0] - J[0, 1]]
        np.testing.assert_allclose(evaluate(sf.curl(field, y), values), want, atol=1e-12)
    plane, z = sf.vector("p", 2), {sf.vector("p", 2): np.array([0.3, -0.7])}
    field = snp.stack([plane[0] * plane[1], snp.sin(plane[0])])
    J = evaluate(sf.jacobian(field, plane), z)
    np.testing.assert_allclose(evaluate(sf.curl(field, plane), z), J[1, 0] - J[0, 1])


def test_gradients_have_no_curl() -> None:
    assert sf.curl(sf.grad(snp.exp(y @ M @ y), y), y).coefficient == 0


def test_directional_derivatives_of_any_order() -> None:
    values = _values()
    f = snp.sum(snp.exp(A @ x))
    inner, along = values[A] @ values[x], values[A] @ values[v]
    for order in (1, 2, 3):
        got = evaluate(sf.directional(f, x, v, order), values)
        np.testing.assert_allclose(got, np.sum(np.exp(inner) * along**order), rtol=1e-11)
    # the direction is held constant, also where it is made of the variable
    np.testing.assert_allclose(
        evaluate(sf.directional(x @ x, x, x, 2), values), 2 * values[x] @ values[x]
    )


def test_a_direction_times_the_hessian() -> None:
    values = _values()
    hessian = evaluate(sf.hessian(NETWORK, x), values)
    for product in (sf.vhp, sf.hvp):
        got = evaluate(product(NETWORK, x, v), values)
        np.testing.assert_allclose(got, values[v] @ hessian, rtol=1e-10, atol=1e-13)


def test_symmetry_is_not_used_between_two_derivatives() -> None:
    S, V = sf.matrix("S", "n", "n", symmetric=True), sf.matrix("V", "n", "n")
    free = sf.matrix("S", "n", "n")
    values = _values()
    s = values[A] + values[A].T
    given = {S: s, free: s, V: values[A]}
    for f, plain in ((snp.trace(S @ S @ S), snp.trace(free @ free @ free)),):
        H = evaluate(sf.hessian(plain, free, tidy=False), given)
        close = np.testing.assert_allclose
        close(evaluate(sf.laplacian(f, S), given), np.einsum("ijij", H), rtol=1e-11)
        close(evaluate(f.diff(S, 2), given), H, rtol=1e-11, atol=1e-12)
        close(evaluate(sf.derive(f, S, order=2).result, given), H, rtol=1e-11, atol=1e-12)
        v = given[V]
        want = np.einsum("ij,ijkl->kl", v, H)
        close(evaluate(sf.vhp(f, S, V), given), want, rtol=1e-11)
        close(evaluate(sf.directional(f, S, V, 2), given), np.sum(want * v), rtol=1e-11)


def test_gradients_of_every_example() -> None:
    inputs, labels, w = sf.matrix("X", "b", "n"), sf.vector("t", "b"), sf.vector("w", "n")

    def loss(row: Any, label: Any) -> Any:
        return sf.nn.softplus(-label * (row @ w))

    each = sf.vmap(lambda row, label: sf.grad(loss(row, label), w))(inputs, labels)
    assert each.shape == inputs.shape
    rng = np.random.default_rng(1)
    values = {u: rng.normal(size=s) for u, s in ((inputs, (4, 3)), (labels, 4), (w, 3))}
    slope = -values[labels] / (1 + np.exp(values[labels] * (values[inputs] @ values[w])))
    np.testing.assert_allclose(evaluate(each, values), slope[:, None] * values[inputs], rtol=1e-10)


def test_misuse_is_refused() -> None:
    with pytest.raises(sf.ShapeError, match="last axes must agree"):
        sf.divergence(W @ x, x)
    with pytest.raises(sf.ShapeError, match="last axes must agree"):
        sf.divergence(x @ x, x)
    with pytest.raises(sf.ShapeError, match=r"\.subs\(n, 3\)"):
        sf.curl(A @ x, x)
    for operator in (sf.laplacian, sf.divergence, sf.curl):
        with pytest.raises(TypeError, match="variable"):
            operator(y, [y])
    with pytest.raises(sf.DomainError, match="order"):
        sf.directional(x @ x, x, v, 0)
    with pytest.raises(sf.ShapeError, match="direction"):
        sf.directional(x @ x, x, b)
