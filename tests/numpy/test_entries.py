"""Arithmetic, functions of entries, comparisons and choices, against NumPy."""

import re

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import symflow.nn as nn
import symflow.numpy as snp
import symflow.special as special
from symflow import simplify
from symflow.core import dims, matrix, scalar, vector
from symflow.errors import DomainError, DTypeError, ShapeError, SymflowError
from tests.numpy.against import agree, bools, floats, integers
from tests.oracle import evaluate

MANY = settings(max_examples=40)
BINARY = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "true_divide",
    "floor_divide",
    "remainder",
    "mod",
]
CHOICES = ["maximum", "minimum", "greater", "greater_equal", "less", "less_equal", "equal"]
MORE = ["not_equal", "logical_and", "logical_or", "heaviside", "arctan2", "hypot", "logaddexp"]
UNARY = [
    "abs", "absolute", "sign", "negative", "positive", "square", "reciprocal", "sqrt", "exp",
    "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin", "arccos",
    "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "floor", "ceil",
    "logical_not",
]  # fmt: skip


def pairs():
    """Two shapes that broadcast."""
    return hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=3, max_dims=4)


@pytest.mark.parametrize("name", [*BINARY, *CHOICES, *MORE])
@MANY
@given(data=st.data())
def test_of_two_tensors(name, data):
    shapes = data.draw(pairs()).input_shapes
    kinds = data.draw(st.tuples(*[st.sampled_from([floats, integers])] * 2))
    x, y = (data.draw(kind(shape)) for kind, shape in zip(kinds, shapes, strict=True))
    if name in ("floor_divide", "remainder", "mod") and y.dtype == int:
        y = np.where(y == 0, 1, y)  # NumPy gives 0 with a warning, JAX -1
    symbolic = data.draw(st.booleans())
    agree(lambda s, a, b: getattr(s, name)(a, b), x, y, symbolic=symbolic)


@pytest.mark.parametrize("name", UNARY)
@MANY
@given(data=st.data())
def test_of_one_tensor(name, data):
    kind = data.draw(st.sampled_from([floats, integers, bools]))
    x = data.draw(kind())
    if name == "reciprocal" or (x.dtype == bool and name not in _OF_BOOLS):
        x = x.astype(float)  # NumPy divides integers as integers, and makes bools float16
    agree(lambda s, a: getattr(s, name)(a), x, symbolic=data.draw(st.booleans()))


_OF_BOOLS = {"abs", "absolute", "negative", "sign", "logical_not"}


@settings(max_examples=100)
@given(data=st.data())
def test_shapes_that_do_not_broadcast(data):
    x, y = data.draw(floats()), data.draw(floats())
    for name in ("add", "multiply", "maximum", "power", "less"):
        agree(lambda s, a, b: getattr(s, name)(a, b), abs(x) + 1, y)  # noqa: B023
    agree(lambda s, a, b, c: s.where(a > 0, b, c), x, y, x[..., None])


def test_the_error_names_shapes_axis_and_remedy():
    n, m = dims("n m")
    with pytest.raises(ShapeError) as caught:
        matrix("A", n, m) + vector("x", n)
    message = str(caught.value)
    for text in ("(n, m) and (n,)", "axis -1 has sizes m and n", "x[:, None]"):
        assert text in message
    with pytest.raises(ShapeError, match=r"cannot broadcast shape \(3,\) to \(1,\)"):
        snp.broadcast_to(vector("x", 3), (1,))


# ----------------------------------------------------------------------------- operators


OPERATORS = [
    "a + b", "a - b", "a * b", "a / b", "a // b", "a % b", "a < b", "a <= b", "a > b", "a >= b",
    "-a", "+a", "abs(a)", "(a > b) ^ (a < 1)", "(a > b) & (a < 1)", "(a > b) | (a < 1)", "~(a > b)",
    "divmod(a, b)[0]", "divmod(a, b)[1]", "a ** 2", "a ** 0", "a ** 1", "a ** 9", "a ** 2.0",
    "abs(a) ** 0.5", "abs(a) ** -0.5", "2 ** a", "2.5 ** a", "(1 + abs(a)) ** b",
    "a + 1", "1 - a", "a * 0.1", "3 / (abs(a) + 1)", "a // 2", "7 % (abs(a) + 1)", "a * True",
    "0 * a", "a * 0.0", "a - a", "a / 3 + a / 7", "0.1 * a + 0.2 * a", "a * 1j", "(2 + 1j) + a",
    "a + np.float64(0.5)", "np.float64(0.5) * a", "np.arange(3) + a[..., None]",
    "a[..., None] @ np.ones((1, 2))", "np.ones((2, 1)) @ a[..., None, :]" , "np.exp(a) + np.sin(b)",
    "np.add(a, b)", "np.maximum(a, np.float64(0.0))", "np.sqrt(abs(a))", "a.clip(-1, 1)",
    "np.clip(a, -1, None)", "np.logaddexp(a, b)", "np.where", "divmod(7.5, abs(a) + 1)[0]",
]  # fmt: skip


@pytest.mark.parametrize("formula", [f for f in OPERATORS if f != "np.where"])
@MANY
@given(data=st.data())
def test_operators(formula, data):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    kind = data.draw(st.sampled_from([floats, integers]))
    x, y = data.draw(kind(shape)), data.draw(kind(shape))
    if "@" in formula and not shape:
        x, y = x[None], y[None]
    if x.dtype == int and (
        "**" in formula or "// b" in formula or "% b" in formula or "divmod(a" in formula
    ):
        y = np.abs(y) + 1
        x = np.abs(x) if formula.startswith("2 **") else x
    agree(lambda s, a, b: eval(formula, {"np": np, "a": a, "b": b}), x, y)


def test_integers_have_no_negative_powers():
    k = vector("k", "n", dtype="int")
    for power in (-1, -2):
        with pytest.raises(DomainError, match=re.escape(f"no power {power} among the integers")):
            k**power
    assert (k**-1.0).dtype == "float"
    assert (k**2).dtype == "int"
    assert (k**0.5).dtype == "float"
    assert (k ** np.float32(2)).dtype == "float32"
    assert (vector("f", "n", dtype="float32") ** 2.5).dtype == "float32"


def test_bools_are_no_numbers_and_numbers_no_bools():
    b, x = vector("b", "n", dtype="bool"), vector("x", "n")
    for formula in (lambda: -b, lambda: b - b, lambda: snp.sign(b)):
        with pytest.raises(DTypeError, match="takes no bools"):
            formula()
    for formula in (lambda: x & b, lambda: b | x, lambda: ~x, lambda: x ^ 1, lambda: b << x):
        with pytest.raises(DTypeError, match="takes integers"):
            formula()
    assert (b + b).dtype == (b * b).dtype == "bool"
    assert (b + 1).dtype == (b**2).dtype == snp.sum(b).dtype == "int"
    with pytest.raises(DTypeError, match=r"snp\.equal"):
        snp.where(x == 0, x, 1)


@MANY
@given(x=floats(), exponent=st.sampled_from([-3, -2, -1, 0, 1, 2, 3, 8, 9, 0.5, -1.5, 0.1, 2.0]))
def test_powers(x, exponent):
    agree(lambda s, a: s.power(a, exponent), x)
    agree(lambda s, a: s.power(2 * a, exponent), x)
    agree(lambda s, a: s.power(s.full((2,), 4.0), exponent) * a[..., None], x)


def test_powers_that_are_too_large_are_left_to_the_program():
    assert evaluate(snp.full((1,), 10.0) ** 300)[0] == pytest.approx(1e300)
    with np.errstate(over="ignore"):
        assert evaluate(snp.full((1,), 10.0) ** 100_000_000)[0] == np.inf
    x = scalar("x")
    assert evaluate((2 * x) ** 1_000_000, {x: 0.25}) == 0


@MANY
@given(data=st.data())
def test_choices(data):
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=3, min_side=0, max_side=3))
    c, x, y = (data.draw(floats(shape)) for shape in shapes.input_shapes)
    agree(lambda s, a, b, d: s.where(a > 0, b, d), c, x, y, symbolic=data.draw(st.booleans()))
    agree(lambda s, a, b, d: s.where(a, b, d), c, x, y)
    agree(lambda s, a, b, d: s.clip(a, s.minimum(b, d), s.maximum(b, d)), c, x, y)
    agree(lambda s, a: s.clip(a, min=-1), x)
    agree(lambda s, a: s.clip(a, max=1), x)
    agree(lambda s, a: s.where(a > 0, 1, 0), x)
    agree(lambda s, a: s.where(a > 0, 1.5, a), x)


@pytest.mark.parametrize("name", ["erf", "erfc", "gammaln", "digamma", "expit"])
@MANY
@given(x=floats())
def test_special_functions(name, x):
    safe = np.where(x <= 0, 0.25 - x, x) if name in ("gammaln", "digamma") else x
    agree(lambda s, a: getattr(scipy.special if s is np else special, name)(a), safe)
    agree(lambda s, a: (scipy.special if s is np else special).polygamma(2, a), np.abs(x) + 1)


@MANY
@given(x=floats())
def test_activations(x):
    expit = scipy.special.expit
    for ours, formula in [
        (nn.relu, lambda a: np.maximum(a, 0)),
        (nn.sigmoid, expit),
        (nn.silu, lambda a: a * expit(a)),
        (nn.softplus, lambda a: np.logaddexp(a, 0)),
        (nn.log_sigmoid, lambda a: -np.logaddexp(-a, 0)),
    ]:
        agree(lambda s, a: (formula if s is np else ours)(a), x)  # noqa: B023


@MANY
@given(data=st.data())
def test_one_hot(data):
    labels = data.draw(integers(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3)))
    axis = data.draw(st.integers(-labels.ndim - 1, labels.ndim))
    wanted = np.moveaxis((labels[..., None] == np.arange(3)).astype(float), -1, axis)
    x = vector("x", 0).__class__("x", labels.shape, "int")
    np.testing.assert_array_equal(evaluate(nn.one_hot(x, 3, axis=axis), {x: labels}), wanted)
    with pytest.raises(ShapeError, match="does not exist"):
        nn.one_hot(x, 3, axis=labels.ndim + 1)


# ------------------------------------------------------------------------------ creation


@MANY
@given(rows=st.integers(0, 4), columns=st.none() | st.integers(0, 4), k=st.integers(-5, 5))
def test_matrices_of_ones_and_zeros(rows, columns, k):
    agree(lambda s: s.eye(rows, columns, k))
    agree(lambda s: s.tri(rows, columns, k))
    agree(lambda s: s.identity(rows))


@pytest.mark.parametrize("k", [-2, -1, 0, 1, 2])
def test_matrices_of_symbolic_size(k):
    n, m = dims("n m")
    for rows, columns in [(3, 3), (3, 5), (5, 3)]:
        sizes = {n: rows, m: columns}
        np.testing.assert_array_equal(
            evaluate(snp.eye(n, m, k), sizes=sizes), np.eye(rows, columns, k)
        )
        np.testing.assert_array_equal(
            evaluate(snp.tri(n, m, k), sizes=sizes), np.tri(rows, columns, k)
        )
        np.testing.assert_array_equal(evaluate(snp.eye(n, k=k), sizes=sizes), np.eye(rows, k=k))


@MANY
@given(
    start=st.integers(-5, 5),
    stop=st.none() | st.integers(-5, 9),
    step=st.sampled_from([1, 2, -1, 3, 0.5, 0.1, -0.25]),
)
def test_arange(start, stop, step):
    if stop is None:
        agree(lambda s: s.arange(start))
    else:
        agree(lambda s: s.arange(start, stop, step))
        agree(lambda s: s.arange(start + 0.5, stop))
        agree(lambda s: s.arange(start, stop, 0.5, dtype="float32"))


def test_arange_of_a_dimension():
    n = dims("n")[0]
    for node, expected in [
        (snp.arange(n), np.arange(5)),
        (snp.arange(1, n + 1), np.arange(1, 6)),
        (snp.arange(0, n, 2), np.arange(0, 5, 2)),
        (snp.arange(n, 2 * n), np.arange(5, 10)),
        (snp.arange(n) / n, np.arange(5) / 5),
    ]:
        np.testing.assert_allclose(evaluate(node, sizes={n: 5}), expected, rtol=1e-15)


@MANY
@given(shape=hnp.array_shapes(min_dims=0, min_side=0), value=st.sampled_from([0, 1, -2, 2.5, True]))
def test_full(shape, value):
    agree(lambda s: s.full(shape, value))
    agree(lambda s: s.full(shape, value, dtype="int32"))
    agree(lambda s: s.ones(shape) + s.zeros(shape))
    like = np.zeros(shape, int)
    agree(lambda s, a: s.full_like(a, value), like)
    agree(lambda s, a: s.full_like(a, value, dtype="float64", shape=(2, 1)), like)
    agree(lambda s, a: s.ones_like(a) + s.zeros_like(a, dtype="float64"), like)


def test_arrays_of_lists_and_tensors():
    a, b = scalar("a"), vector("b", 2)
    agree(lambda s: s.array([[1, 2], [3, 4]]))
    agree(lambda s: s.asarray(2.5))
    agree(lambda s: s.array([1, 2], dtype="float64"))
    np.testing.assert_array_equal(
        evaluate(snp.array([[a, 1], [0, a]]), {a: 3.0}), [[3.0, 1.0], [0.0, 3.0]]
    )
    np.testing.assert_array_equal(
        evaluate(snp.array([b, (1, a)]), {a: 3.0, b: np.ones(2)}), [[1.0, 1.0], [1.0, 3.0]]
    )
    assert snp.asarray(b) is b
    with pytest.raises(ShapeError, match="stack"):
        snp.array([a, b])


REFUSED = [
    "s.round(b)", "s.round(k, -1)", "s.signbit(z)", "s.gcd(x, 2)", "s.left_shift(x, 1)", "x & 1",
    "s.bitwise_count(x)", "s.ldexp(x, 0.5)", "s.frexp(z)", "s.fabs(z)",
    "s.isposinf(z)", "s.clip(z, 0, 1)", "s.select([], [])", "s.select([b], [x, x])",
    "s.argmax(z)", "s.argmax(x[:0])", "s.cumulative_sum(x[None])", "s.diff(x[0])", "s.diff(x, -1)",
    "s.gradient(x[:1])", "s.gradient(x, x[1:])", "s.gradient(x, 1.0, 2.0)", "s.convolve(x[:0], x)",
    "s.convolve(x[None], x)", "s.convolve(x, x, 'all')", "s.average(x[None], weights=x)",
    "s.average(x[None], 1, x[1:])", "s.cov(x[None, None])", "s.cov(x, fweights=x)",
    "s.quantile(z, 0.5)", "s.quantile(x, 0.5, method='other')", "s.interp(x, x, x[1:])",
    "s.interp(x, x, x, left='other')", "s.polyder(x, -1)", "s.polyint(x, 2, [1.0, 2.0, 3.0])",
    "s.histogram(x, 'auto')", "s.var(x, ddof=1, correction=1)", "s.piecewise(x, [b], [1, 2, 3])",
]  # fmt: skip


@pytest.mark.parametrize("formula", REFUSED)
def test_what_jax_refuses_is_refused(formula):
    arrays = {
        "x": np.array([0.5, -1.0, 2.0]),
        "k": np.array([1, 2, 3]),
        "b": np.array([True, False, True]),
        "z": np.array([1j, 2.0, 3.0]),
    }
    ours = {name: vector(name, 3, dtype=a.dtype.name) for name, a in arrays.items()}
    theirs = {name: jnp.asarray(a) for name, a in arrays.items()}
    with pytest.raises((TypeError, ValueError, NotImplementedError, RuntimeError)):
        eval(formula, theirs | {"s": jnp})
    with pytest.raises(SymflowError):
        eval(formula, ours | {"s": snp})


def test_division_by_an_empty_zero_gives_nothing():
    """No entry is infinite, so that sums stay 0 when factors move out of them."""
    x = vector("x", 0)
    node = snp.sum(snp.sin(x) / snp.zeros((0,)))
    assert evaluate(simplify(node * 2), {x: np.zeros(0)}) == 0


@pytest.mark.parametrize("name", ["remainder", "floor_divide", "fmod"])
def test_division_of_numbers_by_zero_is_left_to_the_machine(name):
    quotient = getattr(snp, name)(2.0 * snp.ones(()), snp.zeros(()))
    with np.errstate(all="ignore"):
        assert not np.isfinite(evaluate(simplify(quotient)))
