"""NumPy's meaning: Python's operators, and integers that stay small."""

import operator
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symflow.errors import BudgetError
from symflow.language.operators import UNARY, NumPy, binary_operators, equality

SIGNS = binary_operators()


def meaning(functions=None, signs=SIGNS):
    return NumPy((functions or {}).get, signs)


@pytest.mark.parametrize("sign", sorted(set(SIGNS) - {"@"}))
def test_binary_signs_are_pythons(sign):
    expected = eval(f"7 {sign} 2")
    assert meaning().binary(sign, 7, 2) == expected


@pytest.mark.parametrize("sign", sorted(UNARY))
def test_unary_signs_are_pythons(sign):
    assert meaning().unary(sign, 7) == eval(f"{sign}7")


def test_equality_is_the_function_where_there_is_one():
    functions = {"equal": operator.is_, "not_equal": operator.is_not}
    assert equality("==", functions.get) is operator.is_
    assert equality("!=", functions.get) is operator.is_not
    assert equality("<", functions.get) is None
    assert meaning(functions).binary("==", 1.0, 1) is False


@pytest.mark.parametrize(
    ("sign", "left", "right"),
    [
        ("**", 9, 10**9),
        ("**", 10, 1_400),
        ("*", 2**3_000, 2**3_000),
        ("**", -3, 5_000),
        ("**", Fraction(1, 3), 10**9),
        ("**", sp.Integer(9), sp.Integer(10) ** 9),
        ("**", sp.Rational(1, 3), -(10**9)),
        ("*", sp.Integer(2) ** 3_000, 2**3_000),
    ],
)
def test_exact_numbers_are_bounded(sign, left, right):
    with pytest.raises(BudgetError, match="4096 bits"):
        meaning().binary(sign, left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [(9.0, 3), (2, -3), (np.arange(3), 2), (2, 0), (1, 10**9), (sp.Symbol("n"), 10**9)],
)
def test_other_powers_are_pythons(left, right):
    assert np.all(meaning().binary("**", left, right) == left**right)


def test_the_quotient_of_whole_numbers_is_the_callers():
    exact = meaning(signs=binary_operators(Fraction))
    assert exact.binary("/", 1, 3) == Fraction(1, 3)
    assert isinstance(exact.binary("/", 1.0, 3), float)
    with pytest.raises(ZeroDivisionError):
        exact.binary("/", 1, 0)
