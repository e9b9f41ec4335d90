"""Leaves: variables, scalar symbols of SymPy, arrays of numbers."""

import ml_dtypes
import numpy as np
import pytest
import sympy as sp

import symflow.numpy as snp
from symflow.core import Constant, Scalar, Variable, as_tensor, dims, matrix, scalar, tensor, vector
from symflow.errors import DTypeError, RankError, ShapeError
from tests.oracle import evaluate

n, m = dims("n m")


def test_a_variable_is_its_name_shape_type_properties_and_scope():
    w = tensor("W", n, "m", 3, dtype="float32", scope="encoder")
    assert (w.name, w.scope, w.full_name) == ("W", "encoder", "encoder.W")
    assert w.shape == (n, m, 3)
    assert w.dtype == "float32"
    assert w is Variable("W", (n, m, 3), np.float32, (), "encoder")
    assert tensor("W", n).full_name == "W"
    assert w.free_symbols == {w, n, m}
    assert w.args[0].name == "W"
    assert w.func(*w.args) is w


def test_sizes_may_come_as_one_tuple():
    assert tensor("T", (2, n, 3)) is tensor("T", 2, n, 3)
    assert matrix("A", (n, m)) is matrix("A", n, m)
    assert tensor("s", ()) is scalar("s")
    assert vector("x", [n]) is vector("x", n)
    with pytest.raises(RankError, match="takes 2 sizes, got 3"):
        matrix("A", (n, m, 3))
    with pytest.raises(ShapeError):
        tensor("T", (2, n), 3)


def test_retyped():
    x = vector("x", n, positive=True)
    assert x.retyped(shape=(3,)) is vector("x", 3, positive=True)
    assert x.retyped(properties=frozenset()) is vector("x", n)
    assert x.retyped() is x


def test_ranks_are_checked():
    assert matrix("A", n, n).rank == 2
    assert scalar("s").rank == 0
    for build in (
        lambda: vector("x"),
        lambda: vector("x", n, n),
        lambda: matrix("A", n),
        lambda: matrix("A", n, m, 3),
    ):
        with pytest.raises(RankError, match=r"takes \d sizes, got"):
            build()
    with pytest.raises(ShapeError):
        vector("x", -1)
    with pytest.raises(ShapeError, match="identifier"):
        vector("x", "2n")
    with pytest.raises(DTypeError):
        vector("x", n, dtype="double")


def test_symbols_of_sympy():
    a = as_tensor(sp.Symbol("a"))
    assert isinstance(a, Scalar)
    assert a is Scalar(sp.Symbol("a"))
    assert (a.shape, a.dtype) == ((), "float")
    assert as_tensor(sp.Symbol("i", integer=True)).dtype == "int"
    assert as_tensor(sp.Symbol("z", real=False)).dtype == "complex"
    assert as_tensor(sp.Symbol("a", real=True)) is not a
    assert a.func(*a.args) is a
    assert a.free_symbols == {sp.Symbol("a")}
    assert as_tensor(n).free_symbols == {n}
    assert not isinstance(as_tensor(n), Scalar)


def test_constants_are_compared_by_content():
    values = np.array([[1.0, -0.0], [np.nan, np.inf]])
    c = Constant(values)
    assert c is Constant(values.copy())
    assert c is Constant(np.asfortranarray(values))
    assert c is not Constant(values.T)
    assert c is not Constant(values.astype(np.float32))
    assert c is not Constant(values.reshape(4))
    assert (c.shape, c.dtype) == ((2, 2), "float")
    assert c.func(*c.args) is c
    with pytest.raises(ValueError, match="read-only"):
        c.array[0, 0] = 3
    values[0, 0] = 5.0
    assert c.array[0, 0] == 1.0
    with pytest.raises(TypeError, match="array of numbers"):
        Constant(vector("x", n))


@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        (np.float64, "float"),
        (np.int64, "int"),
        (np.complex128, "complex"),
        (np.float32, "float32"),
        (np.int32, "int32"),
        (np.int8, "int32"),
        (np.uint32, "int64"),
        (bool, "bool"),
        (np.float16, "float16"),
        (ml_dtypes.bfloat16, "bfloat16"),
        (np.complex64, "complex64"),
    ],
)
def test_types_of_arrays(dtype, name):
    array = np.ones(3, dtype)
    node = snp.asarray(array)
    assert isinstance(node, Constant)
    assert node.dtype == name
    np.testing.assert_array_equal(evaluate(node), array)
    assert Constant(array, "float16").dtype == "float16"


def test_large_unsigned_numbers_keep_their_value():
    assert evaluate(snp.asarray(np.array([2**32 - 1], np.uint32))).tolist() == [2**32 - 1]
    with pytest.raises(DTypeError):
        snp.asarray(np.array([1], np.uint64))
