"""Loss scaling: gradients that are too small for 16 bits."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp

n, d, k = sf.dims("n d k")
X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
LOSS = snp.sum((X @ w - y) ** 2) / n


def test_loss_scaling():
    """Gradients too small for float16 come out right, in float32."""
    W = sf.matrix("W", d, k)
    h = snp.tanh(snp.tanh(X @ W) @ W.T)
    loss = 1e-5 * snp.sum((h - X) ** 2) / n
    gradient = sf.grad(loss, W)
    rng = np.random.default_rng(0)
    given = {"X": rng.normal(size=(64, 3)).astype("f"), "W": rng.normal(size=(3, 4)).astype("f")}
    want = sf.lower(gradient)(**given)
    for precision in ("float16", "mixed_float16"):
        f = sf.lower(loss, gradient, precision=precision, loss_scale=2.0**15)
        assert "/ 32768.0" in f.source
        narrow = {name: value.astype("e" if precision == "float16" else "f")
                  for name, value in given.items()}  # fmt: skip
        value, result = f(**narrow)
        assert str(result.dtype) == "float32"
        np.testing.assert_allclose(result, want, atol=5e-3 * np.max(np.abs(want)))
    assert float(value) > 0
    both = sf.lower(loss, sf.simplify(2 * gradient / 2), precision="mixed", loss_scale=8)
    np.testing.assert_allclose(both(**given)[1], want, atol=2e-2 * np.max(np.abs(want)))


def test_what_cannot_be_scaled():
    gradient = sf.grad(LOSS, w)
    with pytest.raises(sf.LoweringError, match="not for float32"):
        sf.lower(LOSS, gradient, loss_scale=8)
    with pytest.raises(sf.LoweringError, match="result 1 is no gradient"):
        sf.lower(LOSS, 3 * gradient, precision="mixed", loss_scale=8)
    with pytest.raises(sf.LoweringError, match="takes the loss, a scalar"):
        sf.lower(gradient, precision="mixed", loss_scale=8)
    with pytest.raises(sf.LoweringError, match="positive number, got 0"):
        sf.lower(LOSS, gradient, precision="mixed", loss_scale=0)
