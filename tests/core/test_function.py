"""Closed functions: interned, checked, inlined with their sizes bound."""

import pickle

import pytest

import symflow.numpy as snp
from symflow.core import dim, matrix, vector
from symflow.core.function import Function
from symflow.errors import ShapeError

n = dim("n")
X, w = matrix("X", "m", n), vector("w", n)


def test_equal_functions_are_one_object() -> None:
    assert Function("f", [X, w], [X @ w]) is Function("f", [X, w], [X @ w])
    assert Function("f", [X, w], [X @ w]) is not Function("g", [X, w], [X @ w])


def test_free_variables_of_the_body_are_refused() -> None:
    with pytest.raises(TypeError, match="w, which is no input"):
        Function("f", [X], [X @ w])
    with pytest.raises(TypeError, match="twice"):
        Function("f", [w, w], [w])
    with pytest.raises(TypeError, match="inputs are variables"):
        Function("f", [w + w], [w])


def test_inlining_binds_sizes_and_variables() -> None:
    f = Function("f", [X, w], [X @ w / n])
    a, b = matrix("A", 4, 3), vector("b", 3)
    assert f.inlined([a, b]) is a @ b / 3
    v = vector("v", n)
    swapped = Function("g", [w, v], [w - v])
    assert swapped.inlined([v, w]) is v - w


def test_shapes_that_do_not_fit_are_named() -> None:
    f = Function("f", [X, w], [X @ w])
    with pytest.raises(
        ShapeError, match=r"argument w has shape \(4,\), expected \(n,\): axis 0 is 3"
    ):
        f.sizes([(2, 3), (4,)])
    with pytest.raises(ShapeError, match="takes 2 arguments, got 1"):
        f.sizes([(2, 3)])
    with pytest.raises(ShapeError, match="another rank"):
        f.sizes([(2, 3), (3, 1)])


def test_sizes_are_solved_for_whatever_their_order() -> None:
    k = dim("k")
    f = Function("f", [vector("a", 2 * n + k), vector("b", 3 * k)], [vector("a", 2 * n + k)])
    assert f.sizes([(10,), (12,)]) == {k: 4, n: 3}
    m = dim("m")
    assert f.sizes([(2 * m + 1,), (3,)]) == {k: 1, n: m}
    g = Function("g", [vector("a", n * k), vector("b", k)], [vector("b", k)])
    assert g.sizes([(6,), (2,)]) == {k: 2, n: 3}
    with pytest.raises(ShapeError, match="axis 0 says too little of"):
        f.sizes([(10,), (4,)])
    with pytest.raises(ShapeError, match="axis 0 is 8"):
        Function("g", [vector("a", 2 * n), w], [w]).sizes([(7,), (4,)])


def test_exchanged_sizes_stay_apart() -> None:
    m = dim("m")
    f = Function("f", [X, w], [X @ w / n])
    A, u = matrix("A", n, m), vector("u", m)
    assert f.inlined([A, u]) is A @ u / m


def test_names_are_told_apart() -> None:
    with pytest.raises(TypeError, match="the input x is given twice"):
        Function("f", [vector("x", 3), vector("x", 4)], [vector("x", 3)])
    for name in ("my f", "lambda", "2nd", ""):
        with pytest.raises(TypeError, match="an identifier"):
            Function(name, [w], [w])


def test_functions_pickle_to_the_same_object() -> None:
    f = Function("f", [X, w], [snp.sin(X) @ w])
    assert pickle.loads(pickle.dumps(f)) is f
    assert "f of 2 inputs" in repr(f)
