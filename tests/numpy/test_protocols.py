"""NumPy's functions, its operators and Python's conversions on symbolic tensors."""

import math

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

import symflow as sf
import symflow.numpy as snp
from tests.oracle import evaluate

n, d = sf.dims("n d")
X, A, v = sf.matrix("X", n, d), sf.matrix("A", 3, 3), sf.vector("v", 3)
b = sf.vector("b", 3, dtype="bool")
RNG = np.random.default_rng(0)
VALUES = {
    X: RNG.normal(size=(4, 3)),
    A: RNG.normal(size=(3, 3)) + 2 * np.eye(3),
    v: RNG.uniform(0.2, 0.8, size=3),
    b: np.array([True, False, True]),
}
ROWS = np.arange(12.0).reshape(4, 3)

# Called with tensors and with their arrays: NumPy's result is the expected one of both.
CALLS = [
    (lambda x: np.sin(x), v),
    (lambda x: np.add(x, 2), v),
    (lambda x: np.add(np.ones(3), x), v),
    (lambda x: np.float64(2) * x, v),
    (lambda x: np.ones(3) - x, v),
    (lambda x: np.ones((2, 3)) @ x, v),
    (lambda x: x @ np.ones((3, 2)), A),
    (lambda x: np.matmul(np.ones((2, 3)), x), v),
    (lambda x: np.arange(3) < x, v),
    (lambda x: np.power(x, 3), v),
    (lambda x: np.fabs(-x), v),
    (lambda x: np.divmod(x, 0.3)[0], v),
    (lambda x, y: np.logical_and(x > 0.5, y), v, b),
    (lambda x, y: np.bitwise_and(x > 0.5, y), v, b),
    (lambda x: np.invert(x), b),
    (lambda x: np.sum(x, axis=0), X),
    (lambda x: np.sum(x, axis=1, keepdims=True), X),
    (lambda x: np.mean(x), X),
    (lambda x: np.max(x, axis=-1), A),
    (lambda x: np.clip(x, 0.3, a_max=0.6), v),
    (lambda x: np.where(x > 0.5, x, 0), v),
    (lambda x: np.einsum("ij,kj->ik", x, ROWS), A),
    (lambda x: np.einsum("i,i", x, np.ones(3), optimize=True), v),
    (lambda x: np.concatenate([x, np.ones(2)]), v),
    (lambda x: np.stack([x, np.ones(3)], axis=1), v),
    (lambda x: np.reshape(x, (-1, 1)), v),
    (lambda x: np.transpose(x), X),
    (lambda x: np.dot(x, ROWS[0]), v),
    (lambda x: np.outer(x, x), v),
    (lambda x: np.diag(x), v),
    (lambda x: np.zeros_like(x), v),
    (lambda x: np.linalg.inv(x), A),
    (lambda x: np.linalg.solve(x, np.ones((3, 2))), A),
    (lambda x: np.linalg.slogdet(x)[1], A),
    (lambda x: np.linalg.norm(x, axis=0), X),
    (lambda x: np.add.reduce(x), X),
    (lambda x: np.add.reduce(x, 1, keepdims=True), X),
    (lambda x: np.multiply.reduce(x, axis=1), A),
    (lambda x: np.maximum.reduce(x, axis=None), A),
    (lambda x: np.logical_or.reduce(x), b),
    (lambda x: np.subtract.outer(x, np.arange(2.0)), v),
    (lambda x: np.zeros(2, like=x), v),
    (lambda x: scipy.special.erf(x), v),
    (lambda x: scipy.special.expit(x), v),
    (lambda x: scipy.special.psi(x), v),
    (lambda x: abs(-x), v),
    (lambda x: divmod(x, 0.3)[1], v),
    (lambda x: list(x)[2], v),
]


@pytest.mark.parametrize("case", range(len(CALLS)))
def test_numpy_s_functions_give_symbolic_results(case):
    function, *tensors = CALLS[case]
    result = function(*tensors)
    assert isinstance(result, sf.Tensor)
    expected = function(*(VALUES[x] for x in tensors))
    value = evaluate(result, VALUES)
    assert value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=1e-12)


def test_they_are_those_of_the_namespace():
    assert np.sum(X, axis=0) is snp.sum(X, axis=0)
    assert np.linalg.inv(A) is snp.linalg.inv(A)
    assert X.__array_namespace__() is snp
    assert np.shape(X) == (n, d)
    assert np.ndim(X) == 2
    assert np.size(X) == n * d


def grow(array):
    """Add in place, which an array cannot."""
    array += v


REFUSED = [
    (lambda: np.array_repr(v), sf.DTypeError, r"np\.array_repr is not .*: files, buffers"),
    (lambda: np.add.at(v, 0, 1), sf.DTypeError, r"np\.add\.at is not .* there are: none"),
    (lambda: np.arctan2.reduce(A), sf.DTypeError, r"np\.arctan2\.reduce .* np\.add, np\.mult"),
    (lambda: np.add.reduceat(v, [0, 1]), sf.DTypeError, "np.add.reduceat"),
    (lambda: np.sin(v, out=np.ones(3)), sf.DTypeError, "out=.*new tensor"),
    (lambda: grow(np.ones(3)), sf.DTypeError, "y = y . x"),
    (lambda: np.sin(v, casting="no"), sf.DTypeError, "np.sin on symbolic tensors: .*'casting'"),
    (lambda: np.asarray(v), TypeError, "holds no numbers; lower it first"),
    (lambda: np.array([v, v]), TypeError, "holds no numbers; lower it first"),
    (lambda: float(sf.scalar("s")), sf.DTypeError, "a symbolic scalar, .* sf.lower"),
    (lambda: math.sin(sf.scalar("s")), sf.DTypeError, "Python's math"),
    (lambda: int(v), sf.DTypeError, r"a tensor of shape \(3,\)"),
    (lambda: complex(v), sf.DTypeError, "complex"),
    (lambda: bool(v > 0), TypeError, "truth value"),
    (lambda: 3 in v, sf.DTypeError, "contains a value"),
    (lambda: len(X), TypeError, "the symbol n"),
    (lambda: list(X), TypeError, "the symbol n"),
    (lambda: [*sf.scalar("s")], TypeError, "no length"),
    (lambda: range(sf.scalar("s", dtype="int")), TypeError, "integer"),
]


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_what_has_no_answer_is_refused(case):
    call, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        call()


def test_literals_are_numbers():
    assert float(snp.sum(snp.ones(3))) == 3.0
    assert int(snp.array(2)) == 2
    assert complex(snp.array(0.5)) == 0.5


@pytest.mark.parametrize("call", [jnp.sin, jnp.sum, jnp.asarray, lambda x: jnp.dot(x, x)])
@pytest.mark.parametrize("dtype", ["float", "float32"])
def test_jax_takes_no_symbolic_tensor(call, dtype):
    with pytest.raises((TypeError, ValueError)):
        call(sf.vector("v", 3, dtype=dtype))


def test_arrays_of_jax_meet_tensors_in_operators():
    result = jnp.ones(3) + v
    np.testing.assert_allclose(evaluate(result, VALUES), 1 + VALUES[v])
