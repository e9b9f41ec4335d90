"""Sums: like terms collected, one order, one sign, one scale."""

import random
import sys

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import symflow.numpy as snp
from symflow.core import Add, Einsum, add_terms, as_tensor, dims, scaled, split, vector
from symflow.core.add import constant
from tests.oracle import evaluate

n, m = dims("n m")
x, y, z = vector("x", n), vector("y", n), vector("z", n)
ONE = sp.S.One


def test_like_terms_are_collected():
    assert x + x is 2 * x
    assert x - x is snp.zeros(n)
    assert x + y - x is not y  # two sums: the normalising pass flattens
    assert snp.add(x, y, -x) is y
    assert 2 * x - 3 * x is -x
    assert x / 3 + x / 6 is x / 2
    assert x * n + x * m is (n + m) * x
    assert x * (n + 1) ** 2 - x * (n**2 + 2 * n + 1) is snp.zeros(n)
    assert x + 0 * y is x
    assert x + 0 is x


def test_order_sign_and_scale_are_canonical():
    assert x + y is y + x
    assert snp.add(x, y, z) is snp.add(z, x, y)
    assert (b := x - y) is -(y - x)
    assert isinstance(b if isinstance(b, Add) else b.operands[0], Add)
    assert 2 * x + 4 * y is 2 * (x + 2 * y)
    assert x / 2 + y / 3 is (3 * x + 2 * y) / 6
    assert -x - y is -(x + y)
    total = 6 * x - 4 * y
    core = split(total)[1]
    assert core.coefficients[0].is_positive
    assert set(map(abs, core.coefficients)) == {2, 3}


def test_a_sum_holds_no_coefficient_inside():
    node = snp.add(2 * x, 3 * y, snp.exp(x))
    for coefficient, term in node.terms:
        assert split(term) == (1, term)
        assert coefficient != 0
    assert node.with_operands(node.operands) is node
    assert Add(node.coefficients, node.operands) is node
    assert node.shape == (n,)


def test_split_and_scale():
    assert split(3 * x) == (3, x)
    assert split(x) == (1, x)
    assert split(snp.zeros(n)) == (0, snp.zeros(n))
    assert split(snp.full(n, 5.0)) == (5, snp.ones(n))
    assert split(n * x) == (n, x)
    assert scaled(ONE, x) is x
    assert scaled(sp.S.Zero, x) is snp.zeros(n)
    assert scaled(sp.Integer(2), 3 * x) is 6 * x


def test_floats():
    assert 0.1 * x + 0.2 * x is (0.1 + 0.2) * x
    assert 0.1 * x - 0.1 * x is snp.zeros(n)
    assert 0.5 * x is x / 2
    assert 1.0 * x is x
    assert (0.1 * x) * 3 is (0.1 * 3) * x
    array = np.array([1.0, 3.0])
    np.testing.assert_array_equal(
        evaluate(0.1 * x + 0.7 * y, {x: array, y: array}), 0.1 * array + 0.7 * array
    )


def test_extreme_numbers():
    assert evaluate(x * sys.float_info.max, {x: np.ones(1)})[0] == sys.float_info.max
    assert evaluate(x * 5e-324, {x: np.ones(1)})[0] == 5e-324
    for value in (np.inf, -np.inf, np.nan):
        np.testing.assert_array_equal(evaluate(x * value, {x: np.ones(1)}), [value])
        np.testing.assert_array_equal(evaluate(x + value, {x: np.ones(1)}), [value])
    np.testing.assert_array_equal(evaluate(as_tensor(np.inf) - np.inf), np.nan)


def test_types():
    i, h = vector("i", n, dtype="int"), vector("h", n, dtype="float32")
    assert (i + i).dtype == (2 * i).dtype == (i - 2).dtype == "int"
    assert (i + 0.5).dtype == (i + x).dtype == "float"
    assert (h + 1).dtype == (h + 0.1).dtype == "float32"
    assert (h + x).dtype == "float"
    assert (x + y).subs(x, h).dtype == "float"
    assert add_terms([], (n,), "int32") is constant(sp.S.Zero, (n,), "int32")


@given(st.data())
def test_any_presentation(data):
    terms = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from([x, y, z, snp.exp(x), snp.ones(n)]),
                st.fractions(-3, 3, max_denominator=6) | st.sampled_from([n, n - 1, -2 * n * m]),
            ),
            min_size=1,
            max_size=6,
        )
    )
    pairs = [
        (
            sp.sympify(c)
            if not hasattr(c, "numerator") or isinstance(c, sp.Basic)
            else sp.Rational(c.numerator, c.denominator),
            t,
        )
        for t, c in terms
    ]
    first = add_terms(pairs, (n,), "float")
    shuffled = random.Random(0).sample(pairs, len(pairs))
    assert add_terms(shuffled, (n,), "float") is first
    negated = add_terms([(-c, t) for c, t in pairs], (n,), "float")
    assert scaled(sp.S.NegativeOne, negated) is first
    core = split(first)[1]
    if isinstance(core, Add):
        rationals = [c for c in core.coefficients if c.is_Rational]
        if len(rationals) == len(core.coefficients):
            assert sp.gcd_list([abs(c) for c in rationals]) == 1
            assert all(c.is_Integer for c in rationals)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3)])
def test_values(shape):
    u, v = vector("u", 1).__class__("u", shape), vector("u", 1).__class__("v", shape)
    a = np.arange(float(np.prod(shape))).reshape(shape)
    node = 2 * u - v / 3 + 1
    assert node.shape == shape
    np.testing.assert_allclose(evaluate(node, {u: a, v: a + 1}), 2 * a - (a + 1) / 3 + 1)


def test_a_number_is_a_contraction_of_nothing():
    node = as_tensor(2.5)
    assert isinstance(node, Einsum)
    assert node.operands == ()
    assert node.coefficient == sp.Rational(5, 2)
    assert constant(n, (m,), "int").shape == (m,)
