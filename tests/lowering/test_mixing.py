"""Mixed precision, the precision of products, loss scaling."""

import jax
import numpy as np
import pytest

import symflow as sf
import symflow.nn as nn
import symflow.numpy as snp

n, d, k = sf.dims("n d k")
X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
LOSS = snp.sum((X @ w - y) ** 2) / n


def close(results, wanted, rtol):
    for result, want in zip(results, wanted, strict=True):
        scale = np.max(np.abs(want))
        np.testing.assert_allclose(np.asarray(result, "f"), want, rtol=rtol, atol=rtol * scale)


@pytest.mark.parametrize(("precision", "eps"), [("mixed", 2**-8), ("mixed_float16", 2**-10)])
def test_factors_are_narrow_and_sums_are_not(precision, eps):
    A, B = sf.tensor("A", k, n, d), sf.tensor("B", k, d, n)
    nodes = [A @ B, snp.einsum("kij,kjl->il", A, B), nn.softmax(X @ w), y @ y]
    f = sf.lower(nodes, precision=precision)
    narrow = "bfloat16" if precision == "mixed" else "float16"
    assert f".astype(jnp.{narrow})" in f.source
    assert "preferred_element_type=jnp.float32" in f.source
    rng = np.random.default_rng(0)
    sizes = {"n": 3, "d": 400, "k": 2}
    values = [rng.normal(size=[sizes[s.name] for s in leaf.shape]).astype("f") for leaf in f.inputs]
    results, wanted = f(*values), sf.lower(nodes)(*values)
    assert {str(result.dtype) for result in results} == {"float32"}
    close(results, wanted, 4 * eps)
    assert np.max(np.abs(results[0] - wanted[0])) > eps**2  # it is another program
    # a sum in 16 bits would stop growing
    ones = {"X": np.ones((1, 5000), "f"), "w": np.ones(5000, "f")}
    assert float(sf.lower(X @ w, precision=precision)(**ones)[0]) == 5000


def test_inner_functions_are_mixed_too():
    u = sf.vector("u", d)
    layer = sf.function([u, X], X @ u, name="layer")
    f = sf.lower(layer(w, X) + layer(2 * w, X), precision="mixed")
    assert "matmul_bfloat16(" in f.source.partition("def layer")[2].partition("def program")[0]
    np.testing.assert_allclose(f(np.ones((2, 3), "f"), np.ones(3, "f")), [9, 9])


def test_precision_of_products():
    f = sf.lower(X @ w, matmul="tf32")
    assert 'with jax.default_matmul_precision("tensorfloat32"):' in f.source
    np.testing.assert_allclose(f(np.ones((2, 3), "f"), np.ones(3, "f")), [3, 3])
    text = str(jax.make_jaxpr(f.function)(np.ones((2, 3), "f"), np.ones(3, "f")))
    assert "Precision.HIGH," in text
    with pytest.raises(sf.LoweringError, match="unknown matmul 'best'; known: default, high"):
        sf.lower(X @ w, matmul="best")
    with pytest.raises(sf.LoweringError, match="leave matmul out"):
        sf.lower(X @ w, matmul="high", backend="numpy")
    with pytest.raises(sf.LoweringError, match="NumPy has no mixed precision"):
        sf.lower(X @ w, precision="mixed", backend="numpy")
