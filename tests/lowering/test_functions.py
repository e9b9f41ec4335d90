"""Closed functions in programs: one function of Python, called as often as the formula does."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import vector
from symflow.lowering import write

n, d = sf.dims("n d")
x, W = sf.vector("x", "n"), sf.matrix("W", "m", "n")
layer = sf.function([W, x], snp.tanh(W @ x) / n, name="layer")
A, y = sf.matrix("A", d, d), sf.vector("y", d)

WHOLE = '''"""A program over jax.numpy.

Inputs:
    A: float32 (d, d)
    y: float32 (d,)
Outputs:
    float32 (d,)
"""

import jax.numpy as jnp


def layer(W, x):
    n = W.shape[1]
    return jnp.tanh(W @ x) / n


def program(A, y):
    return layer(A, layer(A, y))
'''


def both(expression, backend="numpy", **values):
    """What a program computes with its calls and without them."""
    inlined = sf.inline(expression)
    called = sf.lower(expression, backend=backend, precision="float64")
    plain = sf.lower(inlined, backend=backend, precision="float64", inputs=called.inputs)
    one, other = called(**values), plain(**values)
    several = isinstance(one, tuple)
    for a, b in zip(*((one, other) if several else ((one,), (other,))), strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    return called.source


def test_a_whole_module():
    assert sf.lower(layer(A, layer(A, y))).source == WHOLE


@pytest.mark.parametrize("backend", ["jax", "numpy"])
def test_calls_of_any_shapes_share_the_function(backend):
    rng = np.random.default_rng(0)
    B = sf.matrix("B", 2, d)
    expression = layer(B, layer(A, y) + y)
    values = {"A": rng.normal(size=(3, 3)), "B": rng.normal(size=(2, 3)), "y": rng.normal(size=3)}
    source = both(expression, backend, **values)
    assert source.count("layer(") == 3
    assert source.count("def ") == 2


def test_one_call_stands_in_place():
    assert "layer" not in sf.lower(layer(A, y)).source
    assert "layer" not in write([layer(A, y)]).source
    twice = sf.function([W, x], layer(W, W.T @ layer(W, x)), name="twice")
    source = sf.lower(twice(A, y)).source
    assert "twice" not in source
    assert source.count("layer(") == 3


@pytest.mark.parametrize("backend", ["jax", "numpy"])
def test_several_results_are_computed_once_a_call(backend):
    pair = sf.function([x], [x + 1, snp.sum(x)], name="pair")
    (p, q), (r, s) = pair(y), pair(2 * y)
    source = both(snp.stack([p * q, r + s, pair(y)[0]]), backend, y=np.array([0.5, -2.0]))
    assert source.count("pair(") == 3


def test_batched_calls():
    Y, Z = sf.matrix("Y", "k", d), sf.matrix("Z", 4, d)
    many = sf.vmap(lambda v: layer(A, v))
    rng = np.random.default_rng(1)
    values = {
        "A": rng.normal(size=(3, 3)),
        "Y": rng.normal(size=(2, 3)),
        "Z": rng.normal(size=(4, 3)),
    }
    source = both(snp.concatenate([many(Y), many(Z)]), **values)
    assert source.count("layer_batch(") == 3


def test_names_do_not_clash():
    a, t1 = sf.vector("jnp", "n"), sf.vector("t1", "n")
    odd = sf.function([a, t1], snp.exp(a) * t1 + snp.exp(a), name="program")
    u, v = sf.vector("program", d), sf.vector("x", d)
    both(odd(u, odd(v, u)), program=np.array([0.5, 1.0]), x=np.array([-1.0, 2.0]))


def test_constants_stand_in_the_module():
    table = np.arange(3.0)
    shifted = sf.function([sf.vector("C1", 3)], sf.vector("C1", 3) + table, name="shifted")
    u = sf.vector("u", 3)
    both(shifted(shifted(u) * table), u=np.ones(3))
    other = sf.function([sf.vector("v", 3)], sf.vector("v", 3) + table, name="other")
    assert both(other(other(u) * table), u=np.ones(3)).count("other(") == 3


def test_sizes_that_arguments_do_not_show_stand_in_place():
    z = sf.vector("z", d * n)
    odd = sf.function([z, sf.vector("w", d)], snp.sum(z) / n * sf.vector("w", d), name="odd")
    u, w = sf.vector("u", 6), sf.vector("w", 2)
    both(odd(u, odd(u, w)), u=np.ones(6), w=np.array([1.0, 3.0]))


def test_a_division_by_a_size_is_checked_for_every_call():
    program = sf.lower(layer(A, layer(A, y)), backend="numpy")
    with pytest.raises(sf.SymflowError, match="d"):
        program(A=np.zeros((0, 0)), y=np.zeros(0))


def test_the_body_is_made_stable():
    soft = sf.function([x], snp.log(1 + snp.exp(x)), name="soft")
    program = sf.lower(soft(y) + soft(-3 * y), backend="numpy", precision="float64")
    result = program(y=np.array([800.0, -800.0]))
    np.testing.assert_allclose(result, [800.0, 2400.0])


def test_a_long_chain_of_calls_counts_as_long():
    step = sf.function([x], snp.sin(snp.sin(snp.sin(x))), name="step")
    chain = vector("y", d)
    for _ in range(2000):
        chain = step(chain)
    with pytest.raises(sf.LoweringError, match="a serial chain"):
        sf.lower(chain, optimise=False, roll=False)
    values = {"y": np.array([0.3])}
    program = sf.lower(chain, optimise=False, backend="numpy", precision="float64")
    assert program(**values).shape == (1,)
