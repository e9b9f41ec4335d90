"""Gradients of real losses of complex matrices against JAX, whose convention they follow."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import tensor
from tests.oracle import evaluate
from tests.tracing import computed

rng = np.random.default_rng(0)
A = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
H = A @ A.conj().T + 3 * np.eye(3)
W = rng.normal(size=(3, 3))


def parts(space: Any, z: Any) -> Any:
    """A real number that depends on real and imaginary parts."""
    return space.sum(space.real(z) * W + space.imag(z) * W.T)


Loss = Callable[[Any, Any], Any]
LOSSES: dict[str, tuple[Loss, Any]] = {
    "inv": (lambda s, z: parts(s, s.linalg.inv(z)), A),
    "det": (lambda s, z: s.imag(s.linalg.det(z)), A),
    "logdet": (lambda s, z: s.linalg.slogdet(z)[1], A),
    "phase": (lambda s, z: s.real(s.linalg.slogdet(z)[0]), A),
    "cholesky": (lambda s, z: parts(s, s.linalg.cholesky(z)), H),
    "eigvalsh": (lambda s, z: s.sum(s.linalg.eigvalsh(z) ** 2 * W[0]), H),
    "eigh": (lambda s, z: s.sum(s.abs(s.linalg.eigh(z)[1]) ** 2 * W), H),
    "qr": (lambda s, z: s.sum(s.abs(s.linalg.qr(z)[1]) ** 2 * W), A),
    "qr-wide": (lambda s, z: s.sum(s.abs(s.linalg.qr(z)[1]) ** 2), A[:2]),
    "solve": (lambda s, z: parts(s, s.linalg.solve(z, W + 0j)), A),
    "svdvals": (lambda s, z: s.sum(s.linalg.svdvals(z) * W[0]), A),
    "nuclear": (lambda s, z: s.linalg.norm(z, "nuc"), A[:, :2]),
    "spectral": (lambda s, z: s.linalg.norm(z, 2), A),
    "pinv": (lambda s, z: s.sum(s.abs(s.linalg.pinv(z)) ** 2), A[:, :2]),
    "norm": (lambda s, z: s.linalg.norm(z), A),
    "prod": (lambda s, z: s.real(s.prod(z)), A),
    "cumprod": (lambda s, z: parts(s, s.cumprod(z, 0)), A),
    "std": (lambda s, z: s.std(z), A),
    "lookup": (lambda s, z: parts(s, z[np.array([0, 0, 2])] ** 2), A),
    "update": (lambda s, z: parts(s, z.at[0].set(2j) ** 2), A),
}


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_are_those_of_jax(name: str) -> None:
    loss, at = LOSSES[name]
    z = tensor("z", *at.shape, dtype="complex")
    expected = computed(jax.grad(lambda x: loss(jnp, x)), at)
    gradient = sf.grad(loss(snp, z), z)
    np.testing.assert_allclose(evaluate(gradient, {z: at}), expected, rtol=1e-8, atol=1e-9)


def test_singular_vectors_of_complex_matrices_are_not_determined() -> None:
    z = tensor("z", 3, 3, dtype="complex")
    with pytest.raises(sf.DifferentialError, match="singular vectors"):
        sf.grad(parts(snp, snp.linalg.svd(z)[0]), z)
