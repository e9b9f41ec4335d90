"""Attention against JAX's, whose softmax is in float32 always; what ``symflow.nn`` refuses."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow.nn as nn
import symflow.numpy as snp
from rewrites.differentials import standard
from symflow.calculus import gradients
from symflow.core import dims, tensor
from symflow.errors import DTypeError, ShapeError
from symflow.export.text import to_text
from tests.oracle import evaluate, evaluate_all
from tests.tracing import computed

rng = np.random.default_rng(3)
B, T, S, N, K, H = 2, 3, 4, 4, 2, 5
query = rng.normal(size=(B, T, N, H))
key, value = rng.normal(size=(2, B, S, K, H))
bias = rng.normal(size=(1, N, T, S))
mask = rng.random((B, 1, T, S)) > 0.3
lengths = np.array([2, 3], np.int32)

OPTIONS = [
    {},
    {"scale": 0.3},
    {"is_causal": True},
    {"bias": bias},
    {"mask": mask},
    {"local_window_size": 1},
    {"local_window_size": (2, 0), "is_causal": True},
    {"query_seq_lengths": lengths},
    {"key_value_seq_lengths": lengths, "query_seq_lengths": lengths, "bias": bias},
    {"mask": np.zeros((B, N, T, S), bool), "implementation": "xla"},
]


def symbolic(options):
    """Arrays as variables, with their values."""
    kinds = {"float64": "float", "bool": "bool", "int32": "int32"}
    made = {
        name: tensor(name, *given.shape, dtype=kinds[given.dtype.name])
        for name, given in options.items()
        if isinstance(given, np.ndarray)
    }
    return options | made, {made[name]: options[name] for name in made}


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options))
def test_values_and_gradients_are_those_of_jax(options, shared):
    heads = slice(None) if shared else slice(0, K)
    options = {k: v[:, heads] if k == "bias" else v for k, v in options.items()}
    options = (
        {k: v[:, :K] if k == "mask" else v for k, v in options.items()} if not shared else options
    )
    given = (query[:, :, heads], key, value)
    made = [tensor(name, *a.shape) for name, a in zip("qkv", given, strict=True)]
    named, values = symbolic(options)
    values |= dict(zip(made, given, strict=True))
    node = nn.dot_product_attention(*made, **named)
    weights = np.cos(np.arange(given[0].size)).reshape(given[0].shape)
    c = tensor("c", *node.shape)
    found = evaluate_all(gradients(snp.sum(c * node), made, standard()), values | {c: weights})
    with jax.enable_x64(True):
        attend = partial(jax.nn.dot_product_attention, **options)
        expected = computed(attend, *given)
        slopes = computed(jax.grad(lambda *xs: jnp.sum(weights * attend(*xs)), (0, 1, 2)), *given)
    np.testing.assert_allclose(evaluate(node, values), expected, 1e-5, 1e-6)
    for mine, theirs in zip(found, slopes, strict=True):
        np.testing.assert_allclose(mine, theirs, 1e-4, 1e-5)


def test_without_a_batch():
    q, k = tensor("q", T, 2, H), tensor("k", S, 2, H)
    node = nn.dot_product_attention(q, k, k)
    given = {q: query[0, :, :2], k: key[0]}
    expected = jax.nn.dot_product_attention(
        *(jnp.asarray(given[x], jnp.float32) for x in (q, k, k))
    )
    np.testing.assert_allclose(evaluate(node, given), expected, 1e-4, 1e-5)


def test_symbolic_sizes_read_as_a_formula():
    b, t, s, h, f = dims("b t s h f")
    q, k = tensor("q", b, t, h, f), tensor("k", b, s, h, f)
    node = nn.dot_product_attention(q, k, k)
    assert node.shape == (b, t, h, f)
    assert "nn.softmax" in to_text(node)
    assert "sqrt(f)" in to_text(node)


def test_what_does_not_fit_is_refused():
    q, k = tensor("q", B, T, 3, H), tensor("k", B, S, 2, H)
    with pytest.raises(ShapeError, match="multiple"):
        nn.dot_product_attention(q, k, k)
    with pytest.raises(ShapeError, match="differ on axis 3"):
        nn.dot_product_attention(q[..., :2], k, k)
    with pytest.raises(DTypeError, match="one data type"):
        nn.dot_product_attention(k, k, k.astype("float32"))
    with pytest.raises(DTypeError, match="bools"):
        nn.dot_product_attention(k, k, k, mask=tensor("m", S, S))
    with pytest.raises(DTypeError, match="int32"):
        nn.dot_product_attention(k, k, k, query_seq_lengths=tensor("l", B))
    with pytest.raises(ShapeError, match="sequence lengths"):
        nn.dot_product_attention(k, k, k, query_seq_lengths=tensor("l", 3, dtype="int32"))
    with pytest.raises(TypeError, match="cudnn"):
        nn.dot_product_attention(k, k, k, implementation="cudnn")
    with pytest.raises(TypeError, match="return_residual"):
        nn.dot_product_attention(k, k, k, return_residual=True)


@pytest.mark.parametrize("name", ["scaled_matmul", "scaled_dot_general"])
def test_eight_bits_are_refused_with_a_reason(name):
    x = tensor("x", 2, 2, 2)
    with pytest.raises(DTypeError, match="4 and 8 bits"):
        getattr(nn, name)(x, x, x, x)
