"""Sums, products, extremes, means and norms over axes, against NumPy."""

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

import symflow.nn as nn
import symflow.numpy as snp
import symflow.special as special
from symflow.core import matrix, vector
from symflow.errors import ShapeError
from tests.numpy.against import SHAPES, agree, axes_of, bools, floats, integers

SUMS = ["sum", "prod", "mean", "var", "std"]
EXTREMES = ["max", "min"]
LOGICAL = ["all", "any"]


@pytest.mark.parametrize("name", [*SUMS, *EXTREMES, *LOGICAL])
@settings(max_examples=60)
@given(data=st.data())
def test_over_any_axes(name, data):
    x = data.draw(st.one_of(floats(), integers(), bools()))
    if name in EXTREMES and x.dtype == bool:
        x = x.astype(float)
    axis, keepdims = data.draw(axes_of(x.ndim)), data.draw(st.booleans())
    symbolic = data.draw(st.booleans())
    agree(lambda s, a: getattr(s, name)(a, axis=axis, keepdims=keepdims), x, symbolic=symbolic)


@pytest.mark.parametrize("name", [*SUMS, *LOGICAL])
@settings(max_examples=40)
@given(data=st.data())
def test_of_chosen_entries(name, data):
    x = data.draw(floats())
    chosen = data.draw(bools(x.shape))
    axis, keepdims = data.draw(axes_of(x.ndim)), data.draw(st.booleans())
    agree(lambda s, a, c: getattr(s, name)(a, axis=axis, keepdims=keepdims, where=c), x, chosen)


@pytest.mark.parametrize("name", ["sum", "prod", *EXTREMES])
@settings(max_examples=40)
@given(data=st.data())
def test_from_an_initial_value(name, data):
    x = data.draw(floats())
    chosen = data.draw(bools(x.shape))
    axis = data.draw(axes_of(x.ndim))
    agree(lambda s, a, c: getattr(s, name)(a, axis=axis, initial=0.5, where=c), x, chosen)


@pytest.mark.parametrize("name", ["var", "std"])
@pytest.mark.parametrize("ddof", [0, 1, 2])
def test_variance_with_fewer_degrees_of_freedom(name, ddof):
    x = np.random.default_rng(0).normal(size=(4, 3))
    for axis in (None, 0, 1):
        agree(lambda s, a, axis=axis: getattr(s, name)(a, axis, ddof=ddof), x, symbolic=True)
    if ddof:
        agree(lambda s, a: getattr(s, name)(a, 0, ddof=ddof), x[:1])
    agree(lambda s, a: s.var(a, 0), x + 1j * x)


@pytest.mark.parametrize("name", ["sum", "prod", "mean"])
def test_in_another_type(name):
    x = np.array([[1, 2], [3, 4]])
    agree(lambda s, a: getattr(s, name)(a, 0, np.float64), x)
    agree(lambda s, a: getattr(s, name)(a, 0, "complex128" if s is np else "complex"), x)
    with pytest.raises(TypeError, match="out"):
        getattr(snp, name)(vector("x", 3), out=x)


def test_positional_arguments_are_those_of_numpy():
    x = np.arange(6.0).reshape(2, 3)
    agree(lambda s, a: s.sum(a, 1, None, None, True), x)
    agree(lambda s, a: s.max(a, 1, None, True), x)
    agree(lambda s, a: s.var(a, 1, None, None, 1, True), x)
    agree(lambda s, a: a.sum(1, keepdims=True) + a.mean() * a.std(), x, symbolic=True)
    agree(lambda s, a: np.sum(a, 0) * np.mean(a, 0) - np.max(a) + np.std(a), x, symbolic=True)


@pytest.mark.parametrize("name", EXTREMES)
def test_nothing_has_no_extreme(name):
    with pytest.raises(ShapeError, match="axis 1 of size 0"):
        getattr(snp, name)(matrix("A", "n", 0))
    with pytest.raises(ShapeError, match="initial"):
        getattr(snp, name)(vector("x", 3), where=vector("c", 3, dtype="bool"))


ORDERS = [None, 0, 1, 2, 3, 2.5, -1, -2, np.inf, -np.inf]


@pytest.mark.parametrize("order", ORDERS)
@settings(max_examples=25)
@given(data=st.data())
def test_norms_of_vectors(order, data):
    x = data.draw(floats(st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)))
    axis, keepdims = data.draw(st.integers(-x.ndim, x.ndim - 1)), data.draw(st.booleans())
    agree(lambda s, a: s.linalg.norm(a, order, axis, keepdims), x, symbolic=True)


@pytest.mark.parametrize("order", [None, "fro", 1, -1, np.inf, -np.inf])
@settings(max_examples=25)
@given(data=st.data())
def test_norms_of_matrices(order, data):
    x = data.draw(floats(st.lists(st.integers(1, 3), min_size=2, max_size=4).map(tuple)))
    axis = data.draw(st.permutations([k - x.ndim * (k % 2) for k in range(x.ndim)]))[:2]
    keepdims = data.draw(st.booleans())
    agree(lambda s, a: s.linalg.norm(a, order, tuple(axis), keepdims), x)


def test_norm_of_everything():
    x = np.random.default_rng(1).normal(size=(2, 3, 2))
    agree(lambda s, a: s.linalg.norm(a), x, symbolic=True)
    agree(lambda s, a: s.linalg.norm(a, keepdims=True), x)
    agree(lambda s, a: s.linalg.norm(a), x + 2j * x)
    agree(lambda s, a: s.linalg.norm(a), 0 * x[:0])
    for order in ("nuc", 2, "fro", -2, 1, -1, np.inf, -np.inf):
        agree(lambda s, a: s.linalg.norm(a, order), x[0])  # noqa: B023
    for order in ("nuc", "fro"):
        with pytest.raises(ShapeError, match="order"):
            snp.linalg.norm(vector("x", 2), order)


@settings(max_examples=60)
@given(data=st.data())
def test_softmax_and_kin(data):
    x = data.draw(floats(SHAPES.filter(lambda shape: shape and 0 not in shape)))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    symbolic = data.draw(st.booleans())
    pairs = [
        (nn.softmax, scipy.special.softmax),
        (nn.log_softmax, scipy.special.log_softmax),
        (special.softmax, scipy.special.softmax),
        (special.logsumexp, scipy.special.logsumexp),
        (nn.logsumexp, scipy.special.logsumexp),
    ]
    for ours, theirs in pairs:
        agree(lambda s, a: (theirs if s is np else ours)(a, axis=axis), x, symbolic=symbolic)  # noqa: B023
    agree(lambda s, a: (scipy.special.softmax if s is np else special.softmax)(a), x)
    agree(lambda s, a: (scipy.special.log_softmax if s is np else special.log_softmax)(a), x)
    agree(lambda s, a: (scipy.special.logsumexp if s is np else nn.logsumexp)(a), x)
    last = lambda a: scipy.special.softmax(a, axis=-1)  # noqa: E731
    agree(lambda s, a: (last if s is np else nn.softmax)(a), x)


def test_logsumexp_with_weights_and_large_arguments():
    x = np.array([[1000.0, 1001.0], [-1000.0, 3.0]])
    weights = np.array([[2.0, -0.5], [1.0, 0.0]])
    for axis in (None, 0, 1, (0, 1)):
        for keepdims in (False, True):
            agree(
                lambda s, a, b, axis=axis, keepdims=keepdims: (
                    scipy.special.logsumexp if s is np else nn.logsumexp
                )(a, axis=axis, b=b, keepdims=keepdims),
                x,
                weights,
            )
    agree(lambda s, a: s.logaddexp(a, a[0]), x)
    infinite = np.array([-np.inf, np.inf, 0.0])
    agree(lambda s, a: s.logaddexp(a, a), infinite)
