"""Samples have the properties that are declared."""

import numpy as np
import pytest

from symflow.core import Scalar, matrix, scalar, tensor, vector
from symflow.core.properties import NAMES, closure
from symflow.core.samples import holds, sample
from symflow.errors import DomainError

rng = np.random.default_rng(0)
RANKS = {"major_symmetric": 4, "fully_symmetric": 3}


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("name", NAMES)
def test_every_property_is_honoured(name, size):
    rank = RANKS.get(name, 2)
    if (name, size) in {("one_hot", 0), ("simplex", 0), ("unit_norm", 0)}:
        rank = 1
    variable = tensor("A", *["n"] * rank, **{name: True})
    values = sample(variable, {"n": size}, rng)
    assert values.shape == (size,) * rank
    assert values.dtype == np.float64
    assert all(holds(values, implied) for implied in closure(frozenset({name})))


@pytest.mark.parametrize(
    "names",
    [
        ("positive_definite", "toeplitz"),
        ("positive_definite", "positive"),
        ("positive_definite", "tridiagonal"),
        ("positive_definite", "diagonal"),
        ("symmetric", "circulant"),
        ("symmetric", "nonnegative"),
        ("lower_triangular", "invertible"),
        ("upper_triangular", "positive_determinant"),
        ("orthogonal", "symmetric"),
        ("orthogonal", "positive_determinant"),
        ("orthogonal", "diagonal"),
        ("permutation", "positive_determinant"),
        ("symmetric", "invertible", "integer"),
    ],
)
def test_properties_together(names):
    variable = tensor("A", 4, 4, **dict.fromkeys(names, True))
    values = sample(variable, {}, rng)
    assert all(holds(values, name) for name in names)


def test_stacks_rectangles_and_vectors():
    stack = sample(tensor("A", 2, 3, 3, positive_definite=True), {}, rng)
    assert stack.shape == (2, 3, 3)
    assert holds(stack, "positive_definite")
    assert holds(sample(tensor("Q", 5, 2, orthogonal=True), {}, rng), "orthogonal")
    assert holds(sample(tensor("Q", 2, 5, orthogonal=True), {}, rng), "orthogonal")
    order = sample(vector("p", 6, dtype="int", permutation=True), {}, rng)
    assert order.dtype == np.int64
    assert sorted(order) == list(range(6))


def test_types_and_symbols():
    import sympy as sp

    assert sample(matrix("M", "n", 2, dtype="bool"), {"n": 3}, rng).dtype == np.bool_
    assert sample(scalar("k", dtype="int32", positive=True), {}, rng) >= 1
    assert sample(vector("z", 2, dtype="complex"), {}, rng).imag.any()
    assert sample(Scalar(sp.Symbol("a", positive=True)), {}, rng) > 0


def test_the_impossible_is_refused():
    odd = tensor("A", 3, 3, antisymmetric=True, invertible=True)
    with pytest.raises(DomainError, match="A that is antisymmetric, invertible"):
        sample(odd, {}, rng)


def test_checks_can_fail():
    wrong = np.array([[1.0, 2.0], [3.5, -4.0]])
    holding = {name for name in NAMES if name not in RANKS and holds(wrong, name)}
    assert holding == {"invertible", "full_rank", "nonzero", "tridiagonal"}
