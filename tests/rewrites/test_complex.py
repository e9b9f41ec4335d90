"""Rewriting of complex expressions: only rules that hold for complex numbers are used."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from rewrites.complex import HOLD
from rewrites.presets import CATALOGUE
from symflow.core import Variable
from symflow.core.bridge import substitute
from symflow.core.walk import postorder
from symflow.errors import DTypeError
from symflow.rewriting.rule import Rule
from tests.oracle import evaluate

z, w = (sf.vector(name, "n", dtype="complex") for name in "zw")
x = sf.vector("x", "n")
A = sf.matrix("A", "n", "n", dtype="complex")


def draw(rng, shape, dtype):
    values = rng.normal(size=shape)
    return values + 1j * rng.normal(size=shape) if dtype == "complex" else values


def test_the_names_are_those_of_rules():
    assert HOLD - {*CATALOGUE} == set()


@pytest.mark.parametrize("name", [n for n in sorted(HOLD) if isinstance(CATALOGUE.get(n), Rule)])
def test_equations_hold_for_complex_numbers(name):
    rule, rng = CATALOGUE[name], np.random.default_rng(3)
    leaves = [v for v in postorder([rule.left, rule.right]) if isinstance(v, Variable)]
    turned = {v: v.retyped(properties=frozenset()) for v in leaves if v.dtype == "bool"}
    structure = {"lower_triangular", "upper_triangular", "diagonal", "symmetric"}
    for v in leaves:
        if v.dtype != "bool":
            turned[v] = Variable(v.name, v.shape, "complex", v.properties & structure, v.scope)
    sides = substitute([rule.left, rule.right], turned)
    sizes = {str(s): 3 for side in sides for s in side.free_symbols if not hasattr(s, "rank")}
    values = {}
    for v in turned.values():
        value = draw(rng, [sizes[str(s)] for s in v.shape], "complex")
        value = np.tril(value) if "lower_triangular" in v.properties else value
        value = np.triu(value) if "upper_triangular" in v.properties else value
        value = np.eye(3) * value if "diagonal" in v.properties else value
        values[v] = value.real > 0 if v.dtype == "bool" else value
    left, right = (evaluate(side, values, sizes) for side in sides)
    np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-10)


UNARY = [
    *(snp.abs, snp.conj, snp.real, snp.imag, snp.exp, snp.sin, snp.cos, snp.sqrt, snp.square),
    *(snp.log, snp.tanh, snp.sign, snp.reciprocal, snp.negative, snp.expm1, snp.cosh),
    *(lambda a: a**3, lambda a: (2 - 1j) * a, lambda a: a**-0.5, lambda a: a - 1j, snp.arctan),
]
BINARY = [snp.add, snp.multiply, snp.subtract, snp.divide, lambda a, b: snp.where(x > 0, a, b)]


def graph(rng):
    nodes = [z, w, x, z @ w, A @ z]
    for _ in range(rng.integers(3, 9)):
        last = nodes[-1]
        if rng.random() < 0.6:
            nodes.append(UNARY[rng.integers(len(UNARY))](last))
        else:
            other = nodes[rng.integers(len(nodes))]
            nodes.append(BINARY[rng.integers(len(BINARY))](last, other))
    return nodes[-1]


@pytest.mark.parametrize("goal", ["readable", "stable", "recognise", "normal"])
def test_rewriting_keeps_complex_values(goal):
    rng = np.random.default_rng(len(goal))
    for _ in range(60):
        before = graph(rng)
        values = {v: draw(rng, (3,) * v.rank, v.dtype) for v in (z, w, x, A)}
        with np.errstate(all="ignore"):
            wanted = evaluate(before, values, {"n": 3})
        after = sf.simplify(before, goal=goal)
        assert after.dtype == before.dtype
        if np.isfinite(wanted).all() and np.abs(wanted).max() < 1e8:
            found = evaluate(after, values, {"n": 3})
            np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-8, err_msg=str(before))


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [
        (snp.sum(snp.abs(z - w) ** 2), "2 * (conj(z) - conj(w))"),
        (snp.real(z @ w), "w"),
        (snp.sum(snp.abs(A @ z) ** 2), "2 * A.T @ (conj(A) @ conj(z))"),
    ],
)
def test_gradients_read_well(loss, gradient):
    assert str(sf.grad(loss, z)) == gradient


def test_the_modulus_is_not_the_number():
    assert snp.abs(z) ** 2 != sf.simplify(z**2)
    assert sf.simplify(snp.sqrt(z * z)) == snp.sqrt(z * z)
    assert sf.simplify(snp.log(snp.exp(z))) == snp.log(snp.exp(z))
    assert sf.simplify(snp.conj(snp.conj(z) * w)) == z * snp.conj(w)
    assert sf.simplify(snp.real(z * snp.conj(z))) == snp.abs(z) ** 2


def test_what_is_complex_has_one_derivative_only_where_holomorphic():
    with pytest.raises(DTypeError, match="holomorphic=True"):
        sf.grad(snp.sum(z * z), z)
    with pytest.raises(DTypeError, match="by complex variables"):
        sf.grad(snp.sum(z * x), x, holomorphic=True)
    assert sf.grad(snp.sum(z * z), z, holomorphic=True) == 2 * z
    with pytest.raises(DTypeError, match="positive_definite is a property of real"):
        sf.matrix("P", "n", "n", dtype="complex", positive_definite=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (snp.fft.ifft(snp.fft.fft(z)), z),
        (snp.fft.fft(snp.fft.ifft(2 * z)), 2 * z),
        (snp.fft.ifftn(snp.fft.fftn(A)), A),
        (snp.fft.irfft(snp.fft.rfft(x), x.shape[0]), x),
        (snp.fft.fft(snp.conj(snp.fft.fft(z))), z.shape[0] * snp.conj(z)),
        (sf.grad(snp.sum(snp.abs(snp.fft.fft(x)) ** 2), x), 2 * x.shape[0] * x),
    ],
)
def test_transforms_cancel(before, after):
    assert sf.simplify(before) == after


def test_odd_and_even_lines_are_not_confused():
    line = snp.fft.irfft(snp.fft.rfft(x))
    assert sf.simplify(line).shape != x.shape
    y = sf.vector("y", 5)
    assert sf.simplify(snp.fft.irfft(snp.fft.rfft(y), 5)) == y
    assert sf.simplify(snp.fft.irfft(snp.fft.rfft(y), 4)) != y
