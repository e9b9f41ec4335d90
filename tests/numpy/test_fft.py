"""Laws of the Fourier transform, on symbolic sizes."""

import numpy as np
import pytest

import symflow.numpy as snp
from symflow.core import dim, matrix, vector
from tests.oracle import evaluate

n = dim("n")
x, y = vector("x", n), vector("y", n)
rng = np.random.default_rng(2)


@pytest.mark.parametrize("size", [1, 4, 7])
def test_convolution_theorem(size):
    values = {x: rng.normal(size=size), y: rng.normal(size=size)}
    product = snp.fft.irfft(snp.fft.rfft(x) * snp.fft.rfft(y), n)
    a, b = values.values()
    wanted = [sum(a[j] * b[(k - j) % size] for j in range(size)) for k in range(size)]
    np.testing.assert_allclose(evaluate(product, values), wanted, atol=1e-12)


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
@pytest.mark.parametrize("size", [1, 4, 5])
def test_norms_of_both_directions_cancel(norm, size):
    values = {x: rng.normal(size=size)}
    for there, back in (("fft", "ifft"), ("rfft", "irfft"), ("ihfft", "hfft")):
        moved = getattr(snp.fft, there)(x, norm=norm)
        again = getattr(snp.fft, back)(moved, n, norm=norm)
        np.testing.assert_allclose(evaluate(again, values), values[x], atol=1e-12)


@pytest.mark.parametrize("shape", [(3, 4), (1, 5), (2, 1)])
def test_several_axes_are_one_after_the_other(shape):
    A = matrix("A", "m", n)
    values = {A: rng.normal(size=shape)}
    together = snp.fft.rfftn(A, norm="ortho")
    each = snp.fft.fft(snp.fft.rfft(A, norm="ortho"), axis=0, norm="ortho")
    found, wanted = (evaluate(node, values) for node in (together, each))
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_shifts_undo_each_other():
    assert snp.fft.ifftshift(snp.fft.fftshift(x)) is x
    assert snp.fft.rfft(x).shape == (n // 2 + 1,)
    assert snp.fft.irfft(snp.fft.rfft(vector("z", 2 * n))).shape == (2 * n,)
