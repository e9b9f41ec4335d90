"""The canonical form of contractions: one object however a product is written."""

import random

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import symflow.numpy as snp
from symflow.core import Einsum, contract, dims, matrix, scalar, tensor, vector
from symflow.core.einsum import letter
from tests.oracle import evaluate

n, m, k, b = dims("n m k b")
A, B, C = matrix("A", n, m), matrix("B", m, k), matrix("C", k, n)
X, Y, S = matrix("X", n, n), matrix("Y", n, n), matrix("S", n, n)
x, y, s = vector("x", n), vector("y", n), scalar("s")
T = tensor("T", n, n, n)
EYE, ONE, ZERO = snp.eye(n), snp.ones(n), snp.zeros(n)

# ------------------------------------------------------------------ identities by construction

SAME = {
    "transposed product": ((A @ B).T, B.T @ A.T),
    "trace of product": (snp.trace(X @ Y), snp.sum(X * Y.T)),
    "cyclic trace": (snp.trace(X @ Y), snp.trace(Y @ X)),
    "trace of transpose": (snp.trace(X.T), snp.trace(X)),
    "double transpose": (A.T.T, A),
    "identity left": (EYE @ X, X),
    "identity right": (X @ EYE, X),
    "identity on a vector": (EYE @ x, x),
    "trace of identity": (snp.trace(EYE), n * snp.ones(())),
    "sum of identity": (snp.sum(EYE), n * snp.ones(())),
    "identity squared": (EYE @ EYE, EYE),
    "identity times identity": (EYE * EYE, EYE),
    "diagonal of identity": (snp.diagonal(EYE), ONE),
    "diagonal of diagonal": (snp.diagonal(snp.diag(x)), x),
    "trace of diagonal": (snp.trace(snp.diag(x)), snp.sum(x)),
    "sum of diagonal": (snp.sum(snp.diag(x)), snp.sum(x)),
    "row sum of diagonal": (snp.sum(snp.diag(x), 1), x),
    "diagonal matrix times vector": (snp.diag(x) @ y, x * y),
    "diagonal matrices": (snp.diag(x) @ snp.diag(y), snp.diag(x * y)),
    "identity times matrix": (EYE * X, snp.diag(snp.diagonal(X))),
    "ones": (ONE * x, x),
    "dot with ones": (ONE @ x, snp.sum(x)),
    "ones dot ones": (ONE @ ONE, n * snp.ones(())),
    "zeros": (ZERO * x, ZERO),
    "zeros dot": (ZERO @ x, snp.zeros(())),
    "outer of ones": (snp.outer(ONE, ONE), snp.ones((n, n))),
    "dot is sum": (x @ y, snp.sum(x * y)),
    "einsum is matmul": (snp.einsum("ij,jk->ik", A, B), A @ B),
    "einsum of three": (snp.einsum("ij,jk,kl->il", A, B, C), snp.einsum("jk,kl,ij->il", B, C, A)),
    "scaled product": ((2 * A) @ (B / 4), (A @ B) / 2),
    "scalar tensors": (s * (A @ B), s * (A @ B)),
    "scalar inside sum": (snp.sum(s * x), s * snp.sum(x)),
    "broadcast then sum": (snp.sum(snp.broadcast_to(x, (m, n)), 0), m * x),
    "broadcast then mean": (snp.mean(snp.broadcast_to(x, (m, n)), 0), x),
    "sum in two steps": (snp.sum(snp.sum(T, 0), 0), snp.sum(T, (0, 1))),
    "negation twice": (snp.negative(-x), x),
    "power by hand": (snp.multiply(x, x, x), x**3),
    "tensordot": (snp.tensordot(A, B, 1), A @ B),
    "outer": (snp.outer(x, y), x[:, None] * y),
    "outer transposed": (snp.outer(x, y).T, snp.outer(y, x)),
    "squeeze": (snp.squeeze(x[:, None], 1), x),
    "swap twice": (snp.swapaxes(snp.swapaxes(T, 0, 2), 0, 2), T),
    "move and back": (snp.moveaxis(snp.moveaxis(T, 0, 2), 2, 0), T),
    "trace of three": (snp.trace(snp.einsum("ij,jk,kl->il", A, B, C)),
                       snp.trace(snp.einsum("ij,jk,kl->il", B, C, A))),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_two_ways_to_write_one_object(name):
    left, right = SAME[name]
    assert left is right


def test_summed_deltas_are_counted():
    """The size of a label that no operand holds is a factor, also after others vanish."""
    sizes = {0: n, 1: n, 2: m}
    one = sp.S.One
    assert contract(one, (), (), (), sizes) is contract(n**2 * m, (), (), (), {})
    eye = EYE
    for labels, output, factor in [
        ((0, 0), (), n),
        ((0, 1), (), n),
        ((0, 1), (0,), 1),
        ((0, 1), (1, 0), 1),
        ((0, 0), (0,), 1),
    ]:
        used = dict.fromkeys(labels, n)
        node = contract(one, (eye,), (labels,), output, used)
        expected = contract(factor * one, (), (), (0,) * len(output), {0: n} if output else {})
        assert node is expected, labels
    # delta_ij delta_jk delta_ki = n, and the same delta twice
    assert contract(one, (eye,) * 3, ((0, 1), (1, 2), (2, 0)), (), dict.fromkeys(range(3), n)) is (
        contract(n, (), (), (), {})
    )
    assert contract(one, (eye, eye), ((0, 1), (0, 1)), (), {0: n, 1: n}) is contract(
        n, (), (), (), {}
    )
    assert contract(one, (eye, eye), ((0, 1), (2, 3)), (), dict.fromkeys(range(4), n)) is contract(
        n**2, (), (), (), {}
    )
    assert evaluate(snp.sum(snp.eye(3)[None] * snp.ones((2, 1, 1)))) == 6


def test_repeated_output_labels():
    node = contract(sp.S.One, (x,), ((0,),), (0, 0, 0), {0: n})
    assert node.shape == (n, n, n)
    array = np.arange(1.0, 4.0)
    expected = np.zeros((3, 3, 3))
    expected[range(3), range(3), range(3)] = array
    np.testing.assert_array_equal(evaluate(node, {x: array}), expected)
    assert snp.einsum("iii->i", node) is x
    assert snp.einsum("iij->j", node) is x


def test_axes_of_size_one_never_connect():
    one, other = vector("u", 1), vector("v", 1)
    node = one * other
    assert isinstance(node, Einsum)
    assert len(set(node.output) & {i for labels in node.subscripts for i in labels}) == 0
    assert snp.eye(1) is snp.ones((1, 1))
    assert snp.trace(matrix("M", 1, 1)) is snp.sum(matrix("M", 1, 1))
    assert matrix("M", 1, 1).T is matrix("M", 1, 1)
    assert snp.sum(snp.ones((1, n)), 0) is ONE
    assert one @ other is snp.sum(one) * snp.sum(other)
    assert one.reshape(1, 1, 1).reshape(1) is one
    assert (x * snp.ones((1,))) is x
    # a size that becomes 1 later
    fixed = (EYE * s).subs(n, 1)
    assert fixed is s * snp.ones((1, 1))
    assert snp.trace(X).subs(n, 1) is snp.sum(matrix("X", 1, 1))


def test_axes_of_size_zero():
    e = vector("e", 0)
    assert snp.sum(snp.ones(0)) is snp.zeros(())
    assert snp.trace(snp.eye(0)) is snp.zeros(())
    assert evaluate(snp.sum(e), {e: np.ones(0)}) == 0
    assert evaluate(snp.ones((2, 0)) @ snp.ones((0, 3))).tolist() == [[0.0] * 3] * 2
    assert snp.trace(snp.eye(n)).subs(n, 0) is snp.zeros(())


def test_parts():
    node = 2 * (A @ B)
    assert isinstance(node, Einsum)
    assert node.coefficient == 2
    assert set(node.operands) == {A, B}
    assert node.shape == (n, k)
    assert len(node.summed) == 1
    assert sorted(node.spec.replace("->", ",").split(",")) == sorted(["ik", "kj", "ij"])
    assert node.with_coefficient(sp.S.One) is A @ B
    assert node.with_coefficient(sp.S.Zero) is snp.zeros((n, k))
    assert (2 * x).with_coefficient(sp.S.One) is x
    assert len({letter(i) for i in range(300)}) == 300
    assert Einsum(2, (A, B), ((0, 1), (1, 2)), (0, 2), (n, m, k)) is node


# ---------------------------------------------------------------------- random contractions

LEAVES = [x, y, X, Y, T, vector("z", n), x, X]


@st.composite
def contractions(draw, most=6):
    """Operands, their labels, output labels: all of one size."""
    chosen = draw(st.lists(st.sampled_from(LEAVES), min_size=1, max_size=most))
    count = draw(st.integers(1, 5))
    labels = st.integers(0, count - 1)
    subscripts = [tuple(draw(labels) for _ in node.shape) for node in chosen]
    held = sorted({label for part in subscripts for label in part})
    output = draw(st.lists(st.sampled_from(range(count)), max_size=3))
    return chosen, subscripts, output, sorted({*held, *output})


def build(operands, subscripts, output, coefficient=1):
    sizes = {label: n for part in [*subscripts, output] for label in part}
    return contract(sp.sympify(coefficient), operands, subscripts, output, sizes)


@settings(max_examples=300)
@given(data=contractions(), seed=st.integers(0, 10**6))
def test_order_and_names_do_not_matter(data, seed):
    operands, subscripts, output, labels = data
    rng = random.Random(seed)
    names = dict(zip(labels, rng.sample(range(-20, 20), len(labels)), strict=True))
    order = rng.sample(range(len(operands)), len(operands))
    first = build(operands, subscripts, output)
    again = build(
        [operands[i] for i in order],
        [tuple(names[label] for label in subscripts[i]) for i in order],
        [names[label] for label in output],
    )
    assert first is again


@settings(max_examples=200)
@given(data=contractions(), seed=st.integers(0, 10**6))
def test_views_merge(data, seed):
    """Operands given as transposed views of transposed views, scaled: the same object."""
    operands, subscripts, output, _ = data
    rng = random.Random(seed)
    views, places = [], []
    for node, labels in zip(operands, subscripts, strict=True):
        order = rng.sample(range(node.rank), node.rank)
        views.append(snp.transpose(node, order) * 2)
        places.append(tuple(labels[i] for i in order))
    first = build(operands, subscripts, output, 2 ** len(operands))
    assert build(views, places, output) is first


@settings(max_examples=200)
@given(data=contractions(most=4))
def test_values_are_those_of_einsum(data):
    operands, subscripts, output, _ = data
    node = build(operands, subscripts, output, sp.Rational(1, 2))
    rng = np.random.default_rng(0)
    values = {leaf: rng.integers(-2, 3, size=[2] * leaf.rank).astype(float) for leaf in LEAVES}
    shown = list(dict.fromkeys(output))
    parts = [
        part for op, lab in zip(operands, subscripts, strict=True) for part in (values[op], lab)
    ]
    loose = sorted(set(shown) - {label for labels in subscripts for label in labels})
    for label in loose:
        parts += [np.ones(2), [label]]
    compact = np.einsum(*parts, shown) / 2
    expected = np.zeros([2] * len(output))
    grid = dict(zip(shown, np.indices(compact.shape), strict=True))
    expected[tuple(grid[label] for label in output)] = compact
    np.testing.assert_allclose(evaluate(node, values, {n: 2}), expected, atol=1e-12)
    np.testing.assert_allclose(
        evaluate(node.subs(n, 2), {leaf.name: values[leaf] for leaf in LEAVES}),
        expected,
        atol=1e-12,
    )


@settings(max_examples=100)
@given(data=contractions(), size=st.integers(0, 2))
def test_setting_sizes_commutes_with_building(data, size):
    operands, subscripts, output, _ = data
    fixed = [node.subs(n, size) for node in operands]
    sizes = {label: size for part in [*subscripts, output] for label in part}
    assert build(operands, subscripts, output).subs(n, size) is contract(
        sp.S.One, fixed, subscripts, output, sizes
    )
