"""Joining, splitting, padding and grids: symbolic sizes against NumPy, and what is refused."""

import numpy as np
import pytest

import symflow.numpy as snp
from symflow.core import dims, matrix, vector
from symflow.errors import DTypeError, RankError, ShapeError
from tests.numpy.against import agree
from tests.oracle import evaluate

v = np.array([0.5, -1.0, 2.0, 3.5])
m = np.arange(12.0).reshape(4, 3)
n, d = dims("n d")
x, A = vector("x", n), matrix("A", n, 2 * d)

SYMBOLIC = [
    *(lambda s, a, mode=mode: s.pad(a, (2, 1), mode) for mode in ("constant", "edge", "wrap")),
    *(lambda s, a, mode=mode: s.pad(a, (2, 1), mode) for mode in ("reflect", "symmetric", "mean")),
    lambda s, a: s.pad(a, 1, "linear_ramp", end_values=2),
    lambda s, a: s.pad(a, 2, constant_values=(1, 3)),
    lambda s, a: s.roll(a, 1, 0),
    lambda s, a: s.roll(a, -3),
    lambda s, a: s.tile(a, 3),
    lambda s, a: s.repeat(a, 2, 0),
    lambda s, a: s.append(a, a[:1], 0),
    lambda s, a: s.delete(a, 1, 0),
    lambda s, a: s.delete(a, -1, 0),
    lambda s, a: s.insert(a, 2, 1.5, axis=0),
    lambda s, a: s.split(a, [1, 3]),
    lambda s, a: s.rot90(s.diag(a.ravel())),
    lambda s, a: s.fft.fftshift(a),
    lambda s, a: s.fft.irfft(s.fft.rfft(a.ravel()), a.size),
    lambda s, a: s.atleast_3d(a),
    lambda s, a: s.meshgrid(a.ravel(), a.ravel())[0],
    lambda s, a: s.vander(a.ravel()),
]


@pytest.mark.parametrize("case", range(len(SYMBOLIC)))
@pytest.mark.parametrize("array", [v, m], ids=["vector", "matrix"])
def test_symbolic_sizes(case, array):
    agree(SYMBOLIC[case], array, symbolic=True)


def test_sizes_and_windows_of_symbolic_length():
    assert [part.shape for part in snp.split(A, 2, 1)] == [(n, d), (n, d)]
    for name in ("hanning", "hamming", "blackman", "bartlett"):
        found = evaluate(getattr(snp, name)(n), {}, {"n": 6})
        np.testing.assert_allclose(found, getattr(np, name)(6), atol=1e-12)
    line = evaluate(snp.linspace(1, 2, n), {}, {"n": 6})
    np.testing.assert_allclose(line, np.linspace(1, 2, 6))
    for size in (5, 6):
        found = evaluate(snp.fft.fftfreq(n), {}, {"n": size})
        np.testing.assert_allclose(found, np.fft.fftfreq(size))


def test_types_are_names_that_convert():
    assert snp.float32(x).dtype == "float32" == snp.float32
    assert snp.zeros((2,), snp.bfloat16).dtype == "bfloat16"
    assert x.astype(np.float32).dtype == "float32"
    assert snp.finfo("float32").eps == np.finfo(np.float32).eps
    assert snp.finfo(snp.bfloat16).bits == 16
    assert snp.iinfo("int32").max == 2**31 - 1
    assert snp.issubdtype(x.dtype, snp.floating)
    assert snp.result_type(x, 1j) == "complex"
    with pytest.raises(DTypeError, match="known precision"):
        snp.finfo("float")
    with pytest.raises(DTypeError, match="int32 or int64"):
        snp.iinfo("int")
    with pytest.raises(DTypeError, match="depends on the precision"):
        snp.can_cast("float", "float32")


def test_functions_of_parts():
    outer = snp.vectorize(lambda a, b: snp.dot(a, b), signature="(k),(k)->()")
    B = matrix("B", 3, n)
    assert outer(B, x).shape == (3,)
    assert snp.vectorize(snp.maximum)(B, x).shape == (3, n)
    assert snp.vectorize(lambda a, b: a * b, excluded={1})(x, 2).shape == (n,)
    assert snp.apply_along_axis(snp.sum, 0, B).shape == (n,)
    with pytest.raises(TypeError, match="no signature"):
        snp.vectorize(snp.dot, signature="n->")
    with pytest.raises(ShapeError, match="k has sizes"):
        outer(B, vector("y", 4))
    with pytest.raises(RankError, match="lacks the"):
        outer(snp.sum(x), x)


REFUSED = [
    (lambda: snp.split(x, 2), ShapeError, "not known to be a multiple of 2"),
    (lambda: snp.split(vector("y", 5), 2), ShapeError, "multiple"),
    (lambda: snp.split(vector("y", 5), [3, 1]), ShapeError, "must ascend"),
    (lambda: snp.unstack(x), ShapeError, "the size n of axis 0 must be a number"),
    (lambda: snp.pad(x, -1), ShapeError, "negative"),
    (lambda: snp.pad(x, ((1, 2), (3, 4))), ShapeError, "does not fit"),
    (lambda: snp.pad(x, 1, "median"), TypeError, "pad knows the modes"),
    (lambda: snp.pad(x, 1, "edge", constant_values=3), TypeError, "takes no constant_values"),
    (lambda: snp.pad(vector("y", 0), 1, "edge"), ShapeError, "is empty"),
    (lambda: snp.repeat(x, [1, 2]), ShapeError, "must be a number"),
    (lambda: snp.repeat(x, -1), ShapeError, "negative"),
    (lambda: snp.roll(x, x), ShapeError, "a shift is an integer"),
    (lambda: snp.roll(A, (1, 2, 3), (0, 1)), ShapeError, "3 shifts for 2 axes"),
    (lambda: snp.resize(x, (7,)), ShapeError, "must be a number"),
    (lambda: snp.delete(x, [0, 1]), ShapeError, "must be a number"),
    (lambda: snp.delete(vector("y", 3), 3), ShapeError, "out of range"),
    (lambda: snp.insert(vector("y", 3), 4, 1.0), ShapeError, "out of range"),
    (lambda: snp.block([[x], x]), ShapeError, "different depths"),
    (lambda: snp.block([]), ShapeError, "empty list"),
    (lambda: snp.fill_diagonal(A, 1), TypeError, "inplace=False"),
    (lambda: snp.meshgrid(A), RankError, "argument 0"),
    (lambda: snp.tril_indices(n), ShapeError, "needs n as a number"),
    (lambda: snp.ix_(x > 0), ShapeError, "a condition"),
    (lambda: snp.fliplr(x), RankError, "rank 2"),
    (lambda: snp.rot90(A, axes=(0, 0)), ShapeError, "two different axes"),
    (lambda: snp.fft.rfft(snp.fft.fft(x)), DTypeError, "rfft takes real"),
    (lambda: snp.fft.fft(x, 4), ShapeError, "which of 4 and n is larger"),
    (lambda: snp.fft.fft(vector("y", 0)), ShapeError, "no entries"),
    (lambda: snp.fft.fft(x, norm="half"), TypeError, "norm is"),
    (lambda: snp.fft.fftn(A, axes=(0, 0)), ShapeError, "twice"),
]


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_what_is_refused(case):
    call, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        call()
