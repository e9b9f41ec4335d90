"""NumPy's meaning: Python's operators, and integers that stay small."""

import operator

import numpy as np
import pytest

from symflow.errors import BudgetError
from symflow.language.operators import BINARY, UNARY, NumPy, equality


def nothing(name):
    return None


@pytest.mark.parametrize("sign", sorted(set(BINARY) - {"@"}))
def test_binary_signs_are_pythons(sign):
    expected = eval(f"7 {sign} 2")
    assert NumPy(nothing).binary(sign, 7, 2) == expected


@pytest.mark.parametrize("sign", sorted(UNARY))
def test_unary_signs_are_pythons(sign):
    assert NumPy(nothing).unary(sign, 7) == eval(f"{sign}7")


def test_equality_is_the_function_where_there_is_one():
    functions = {"equal": operator.is_, "not_equal": operator.is_not}
    assert equality("==", functions.get) is operator.is_
    assert equality("!=", functions.get) is operator.is_not
    assert equality("<", functions.get) is None
    assert NumPy(functions.get).binary("==", 1.0, 1) is False


@pytest.mark.parametrize(
    ("sign", "left", "right"),
    [("**", 9, 10**9), ("**", 10, 1_400), ("*", 2**3_000, 2**3_000), ("**", -3, 5_000)],
)
def test_integers_of_literals_are_bounded(sign, left, right):
    with pytest.raises(BudgetError, match="4096 bits"):
        NumPy(nothing).binary(sign, left, right)


@pytest.mark.parametrize(("left", "right"), [(9.0, 3), (2, -3), (np.arange(3), 2), (2, 0)])
def test_other_powers_are_pythons(left, right):
    assert np.all(NumPy(nothing).binary("**", left, right) == left**right)
