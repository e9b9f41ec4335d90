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


def test_functions_pickle_to_the_same_object() -> None:
    f = Function("f", [X, w], [snp.sin(X) @ w])
    assert pickle.loads(pickle.dumps(f)) is f
    assert "f of 2 inputs" in repr(f)
