"""Derivatives of order 2 and 3, mixed and of any ranks: shapes and values are JAX's."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from tests.oracle import evaluate
from tests.tracing import computed

SIZES = {"n": 3, "m": 2, "k": 1}
x, y = sf.vector("x", "n"), sf.vector("y", "m")
A, B = sf.matrix("A", "m", "n"), sf.matrix("B", "n", "k")
T, s = sf.tensor("T", "n", "m", "k"), sf.scalar("s")


def logsumexp(space, z):
    return (sf.nn if space is snp else jax.nn).logsumexp(z)


# name: the function of two worlds, the variables of the successive derivatives
CASES = {
    "scalar thrice": (lambda p, s: p.sin(s) * s**3, [s], [s, s, s]),
    "cubic form": (lambda p, x: p.sum(x) ** 3 + p.sum(x**4), [x], [x, x, x]),
    "log-sum-exp": (lambda p, x: logsumexp(p, x), [x], [x, x, x]),
    "vector by scalar": (lambda p, x, s: p.exp(s * x), [x, s], [s, s, s]),
    "vector by vector": (lambda p, x: x * p.sum(x**2), [x], [x, x]),
    "mixed, scalar first": (lambda p, x, s: p.sum(p.sin(s * x)), [x, s], [s, x, x]),
    "mixed, scalar last": (lambda p, x, s: p.sum(p.sin(s * x)), [x, s], [x, x, s]),
    "mixed, scalar between": (lambda p, x, s: p.sum(p.sin(s * x)), [x, s], [x, s, x]),
    "bilinear": (lambda p, A, x, y: y @ A @ x, [A, x, y], [A, x, y]),
    "bilinear, other order": (lambda p, A, x, y: y @ A @ x, [A, x, y], [y, A, x]),
    "matrix then vector": (lambda p, A, x: p.sum((A @ x) ** 3), [A, x], [A, x]),
    "vector then matrix": (lambda p, A, x: p.sum((A @ x) ** 3), [A, x], [x, A]),
    "matrix thrice": (lambda p, A: p.sum(p.tanh(A)) ** 2, [A], [A, A, A]),
    "inverse": (lambda p, A: p.trace(p.linalg.inv(A @ A.T)), [A], [A, A]),
    "output of rank 2": (lambda p, A, B: A @ B * 2 + p.sin(A @ B), [A, B], [B, A]),
    "output of rank 2 by rank 3": (
        lambda p, T, A: p.einsum("ijk,ji->k", T**2, A)[:, None],
        [T, A],
        [T, A, T],
    ),
    "rank 3 by rank 1": (lambda p, T, x: p.exp(T) * x[:, None, None], [T, x], [x, T]),
    "unit axes": (lambda p, B, x: p.sum(B[:, 0] * x) ** 3 * B, [B, x], [B, B]),
    "no dependence": (lambda p, x, y: p.sum(x**2), [x, y], [x, y, y]),
    "linear, then nothing": (lambda p, A, x: A @ x, [A, x], [x, x]),
}


def drawn(name):
    _, variables, _ = CASES[name]
    rng = np.random.default_rng(1)
    shapes = [tuple(SIZES[str(size)] for size in v.shape) for v in variables]
    return [rng.normal(size=shape) * 0.7 for shape in shapes]


@pytest.fixture(scope="module")
def wanted():
    """What JAX computes for all cases."""

    def derivative(name):
        function, variables, order = CASES[name]
        found = lambda *values: function(jnp, *values)  # noqa: E731
        for variable in order:
            found = jax.jacfwd(found, argnums=variables.index(variable))
        return found

    def everything(values):
        return {name: derivative(name)(*values[name]) for name in CASES}

    return computed(everything, {name: drawn(name) for name in CASES})


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_values_are_those_of_jax(name, wanted):
    function, variables, order = CASES[name]
    result = function(snp, *variables)
    shape = result.shape
    for variable in order:
        result = sf.jacobian(result, variable)
        shape += variable.shape
    assert result.shape == shape
    found = evaluate(result, dict(zip(variables, drawn(name), strict=True)), SIZES)
    assert found.shape == wanted[name].shape
    np.testing.assert_allclose(found, wanted[name], rtol=1e-8, atol=1e-8)


def test_the_ways_to_write_them_agree():
    f = snp.sum(snp.exp(x) * snp.sum(x**2))
    third = sf.jacobian(sf.hessian(f, x), x)
    assert third == f.diff(x, 3) == f.diff(x, x, x)
    assert sf.jacobian(sf.jacobian(sf.grad(f, x), x), x) == third
    entry = sf.grad(sf.hessian(f, x)[0, 1], x)
    rng = np.random.default_rng(0)
    given = {x: rng.normal(size=3)}
    np.testing.assert_allclose(evaluate(entry, given), evaluate(third, given)[0, 1], rtol=1e-12)


def test_hessian_of_no_scalar_names_the_verb_that_does_it():
    with pytest.raises(sf.RankError, match="jacobian"):
        sf.grad(sf.hessian(snp.sum(x**4), x), x)
    with pytest.raises(sf.RankError, match="jacobian"):
        sf.hessian(x**2, x)
