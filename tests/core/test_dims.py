"""Sizes and shapes: what a size may be, when two are equal, how shapes broadcast and unify."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from symflow.core.dims import (
    as_dim,
    as_shape,
    broadcast,
    changed_dim,
    dim,
    dims,
    is_dim_expression,
    is_one,
    normalise_axes,
    normalise_axis,
    product,
    same,
    same_shape,
    show_shape,
    simplify_dim,
    unify,
)
from symflow.core.variable import vector
from symflow.errors import ShapeError

n, m, k = dims("n m k")


def test_names():
    assert dims("n, m k") == (n, m, k) == dims(["n", "m", "k"])
    assert dim("n") is n
    assert n.is_integer
    assert n.is_nonnegative
    for name in ("", "2n", "n-1", "for", "a b", 3):
        with pytest.raises(ShapeError, match="identifier"):
            dim(name)


@pytest.mark.parametrize(
    ("given", "size"),
    [
        (3, 3),
        (0, 0),
        ("n", n),
        (n, n),
        (sp.Integer(4), 4),
        (np.int64(5), 5),
        (n - k + 1, n - k + 1),
        (2 * n, 2 * n),
        (sp.ceiling(n / 2), sp.ceiling(n / 2)),
        (sp.Symbol("p", integer=True, positive=True),) * 2,
    ],
)
def test_what_a_size_may_be(given, size):
    found = as_dim(given)
    assert found == size
    assert type(found) is type(size)


@pytest.mark.parametrize(
    "given",
    [-1, True, 2.0, "2", sp.Rational(1, 2), sp.Symbol("a"), -n - 1, sp.Integer(-3), None, sp.pi,
     n + sp.Rational(1, 2), vector("x", 3), sp.oo, n * sp.Symbol("a"), (3,)],
)  # fmt: skip
def test_what_a_size_may_not_be(given):
    with pytest.raises(ShapeError):
        as_dim(given)


def test_as_shape():
    assert as_shape(3) == (3,)
    assert as_shape("n") == (n,)
    assert as_shape([2, "n", n + 1]) == (2, n, n + 1)
    assert as_shape(sp.Tuple(2, n)) == (2, n)
    assert as_shape(()) == ()
    assert type(as_shape(sp.Tuple(2))[0]) is int


def test_dimension_expressions():
    assert is_dim_expression(2 * n - k)
    assert not is_dim_expression(sp.Symbol("a") + n)
    assert not is_dim_expression(vector("x", 3))
    assert not is_dim_expression("n")


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (n, n, True),
        (n, m, False),
        (n, 3, False),
        (3, n, False),
        (3, 3, True),
        (2 * n, n + n, True),
        ((n + 1) * (n - 1), n**2 - 1, True),
        (n - k + 1, 1 + n - k, True),
        (n - k, k - n, False),
        (n + 1, n, False),
        (sp.Integer(3), 3, True),
        (n - n + 2, 2, True),
        (n, sp.Symbol("n"), False),
    ],
)
def test_equal_sizes(a, b, equal):
    assert same(a, b) is equal
    assert same(b, a) is equal
    assert same_shape((2, a), (2, b)) is equal
    assert not same_shape((a,), (a, b))


def test_arithmetic_gives_python_integers():
    assert type(simplify_dim(n - n + 3)) is int
    assert simplify_dim(n * (n + 1)) == n**2 + n
    assert product([2, 3, n]) == 6 * n
    assert product([]) == 1
    assert product([n, 0]) == 0
    assert type(product([n, 0])) is int
    assert is_one(1)
    assert not is_one(n)


def test_changed_sizes():
    assert changed_dim(n - 1, lambda size: size.subs(n, 4)) == 3
    assert changed_dim(n + m, lambda size: size.subs(n, k)) == k + m
    with pytest.raises(ShapeError, match="the size n - 1 would become -1: a size must not be neg"):
        changed_dim(n - 1, lambda size: size.subs(n, 0))
    with pytest.raises(ShapeError, match="the size n/2 would become 3/2"):
        changed_dim(n / 2, lambda size: size.subs(n, 3))


@given(hnp.mutually_broadcastable_shapes(num_shapes=3, min_side=0))
def test_broadcast_is_numpys(shapes):
    assert broadcast(*shapes.input_shapes) == shapes.result_shape


@given(st.lists(st.lists(st.integers(0, 3), max_size=3).map(tuple), min_size=1, max_size=3))
def test_broadcast_refuses_what_numpy_refuses(shapes):
    try:
        expected = np.broadcast_shapes(*shapes)
    except ValueError:
        with pytest.raises(ShapeError, match="do not broadcast"):
            broadcast(*shapes)
    else:
        assert broadcast(*shapes) == expected


def test_broadcast_of_symbols():
    assert broadcast((n, 1), (m,)) == (n, m)
    assert broadcast((1,), (n,)) == (n,)
    assert broadcast((n, 1), (1, 1)) == (n, 1)
    assert broadcast((2 * n,), (n + n,)) == (2 * n,)
    assert broadcast() == ()
    for other in (m, 3, n + 1, 0):
        with pytest.raises(ShapeError) as caught:
            broadcast((2, n), (2, other))
        assert f"(2, n) and (2, {other})" in str(caught.value)
        assert f"axis -1 has sizes n and {other}" in str(caught.value)


def test_axes():
    assert normalise_axis(-1, 3) == 2
    assert normalise_axis(np.int64(0), 1) == 0
    assert normalise_axes(None, 2) == (0, 1)
    assert normalise_axes(-2, 2) == (0,)
    assert normalise_axes((1, -3), 3) == (0, 1)
    assert normalise_axes([], 3) == ()
    for axis in (3, -4):
        with pytest.raises(ShapeError, match=f"axis {axis} does not exist: the tensor has rank 3"):
            normalise_axis(axis, 3)
    for axis in (True, 1.0, "0", None):
        with pytest.raises(ShapeError, match="must be an integer"):
            normalise_axis(axis, 3)
    with pytest.raises(ShapeError, match="twice"):
        normalise_axes((1, -1), 2)


def test_show_shape():
    assert [show_shape(s) for s in [(), (n,), (n, 2)]] == ["()", "(n,)", "(n, 2)"]


def test_unify():
    sizes = {}
    assert unify((n, 3, n + m), (2, 3, 7), sizes, "A") == [(n + m, 7)]
    assert sizes == {"n": 2}
    assert unify((n,), (2,), sizes, "x") == []
    cases = [
        ((n,), (3,), "x has shape (3,), expected (n,): axis 0 has size 3, but n is 2 elsewhere"),
        ((4,), (3,), "axis 0 has size 3, not 4"),
        ((n, m), (2,), "expected (n, m): rank 1 instead of 2"),
    ]
    for declared, actual, message in cases:
        with pytest.raises(ShapeError) as caught:
            unify(declared, actual, sizes, "x")
        assert message in str(caught.value)
