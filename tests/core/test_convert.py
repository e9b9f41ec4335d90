"""Everything that may stand where a tensor stands."""

import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symflow.core import Constant, Einsum, Scalar, as_tensor, dims, vector
from symflow.core.convert import accept, is_plain_scalar, number, scalar_kind
from symflow.errors import DTypeError, ShapeError
from tests.oracle import evaluate

n, m = dims("n m")


@given(st.floats(allow_nan=False))
def test_floats_keep_their_value(value):
    assert float(number(value)) == value or (value in (np.inf, -np.inf))
    assert float(number(np.float64(value)).evalf(25)) == value
    assert number(value) == number(np.float64(value))
    if abs(value) != np.inf:
        assert number(sp.Float(value)) == number(value)


@given(st.floats(-1e100, 1e100), st.floats(-1e100, 1e100))
def test_arithmetic_of_floats_is_that_of_doubles(a, b):
    """Short fractions are exact; what is not one is computed as IEEE 754 says."""
    x, y = number(a), number(b)
    if x.is_Float and y.is_Float:
        assert float(x + y) == a + b
        assert float(x * y) == pytest.approx(a * b, rel=1e-15, abs=1e-300)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, sp.Rational(1, 2)),
        (3, 3),
        (True, 1),
        (np.bool_(False), 0),
        (np.int8(-3), -3),
        (-0.0, 0),
        (1e6, 10**6),
        (1j, sp.I),
        (np.complex64(1 + 2j), 1 + 2 * sp.I),
        (float("inf"), sp.oo),
        (float("-inf"), -sp.oo),
        (float("nan"), sp.nan),
        (sp.pi, sp.pi),
        (sp.Float(0.25), sp.Rational(1, 4)),
    ],
)
def test_numbers(value, expected):
    assert number(value) is sp.sympify(expected) or number(value) == expected


def test_floats_that_are_no_short_fraction_stay_floats():
    assert number(0.1).is_Float
    assert number(1 / 3).is_Float
    assert number(2.0**-20).is_Float
    assert number(sp.Float("0.1", 40)) == sp.Float("0.1", 40)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "bool"),
        (1, "int"),
        (1.0, "float"),
        (1j, "complex"),
        (np.float64(1), "float"),
        (sp.Integer(2), "int"),
        (sp.Float(2.0), "float"),
        (sp.Rational(1, 2), "float"),
        (sp.pi, "float"),
        (sp.I, "complex"),
        (n, "int"),
        (n / m, "float"),
        (sp.sqrt(n), "float"),
        (sp.oo, "float"),
        (np.int64(1), None),
        (np.float32(1), None),
        (sp.Symbol("a"), None),
        (vector("x", n), None),
        ("1", None),
        (None, None),
    ],
)
def test_kinds_of_literals(value, kind):
    assert scalar_kind(value) == kind


def test_plain_scalars():
    assert is_plain_scalar(sp.pi)
    assert is_plain_scalar(n + 1)
    assert not is_plain_scalar(sp.Symbol("a"))


def test_what_becomes_a_tensor():
    x = vector("x", n)
    assert as_tensor(x) is x
    for value, kind in [(2, "int"), (0.1, "float"), (True, "bool"), (n, "int"), (sp.pi, "float")]:
        node = as_tensor(value)
        assert isinstance(node, Einsum)
        assert (node.shape, node.dtype) == ((), kind)
    assert as_tensor(2, "float32").dtype == "float32"
    assert as_tensor(sp.Symbol("a")) is Scalar(sp.Symbol("a"))
    assert as_tensor(np.array(2.5)) is as_tensor(2.5)
    assert as_tensor(np.float32(2.5)).dtype == "float32"
    assert as_tensor([1.0, 2.0]) is Constant(np.array([1.0, 2.0]))
    assert as_tensor([[1, 2], [3, 4]]).shape == (2, 2)
    assert as_tensor(jnp.ones((2, 3))).shape == (2, 3)
    assert as_tensor(jnp.ones(3, jnp.bfloat16)).dtype == "bfloat16"
    assert as_tensor(range(3)) is as_tensor(np.arange(3))
    assert as_tensor([]).shape == (0,)
    assert evaluate(as_tensor(sp.Symbol("a") ** 2 + 1), {"a": 3.0}) == 10


@pytest.mark.parametrize(
    "value", ["x", b"x", None, object(), {}, np.array(["a"]), sp.Matrix([1, 2]), [vector("x", 3)],
              [["a"]], {1, 2}, lambda: 1, np.array([None]), sp.Tuple(1, 2)]
)  # fmt: skip
def test_what_becomes_none(value):
    with pytest.raises(DTypeError):
        as_tensor(value)


def test_replacements():
    x = vector("x", n, dtype="float32")
    assert accept(x, 2) is as_tensor(2, "float32") * np.ones((), np.float32) + x * 0
    assert accept(x, 0.5).dtype == "float32"
    assert accept(vector("i", n, dtype="int"), 0.5).dtype == "float"
    assert accept(x, vector("y", n)) is vector("y", n)
    with pytest.raises(ShapeError, match=r"shape \(m,\) for one of shape \(n,\)"):
        accept(x, vector("y", m))
