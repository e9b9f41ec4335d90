"""Random values: in their domain always, at its edges now and then."""

import numpy as np
import pytest

from symflow.core import Variable, dims
from symflow.core.properties import NAMES, closure
from symflow.core.samples import holds
from symflow.rewriting.sampling import concrete, draw, drawn

RNG = np.random.default_rng(0)
SHAPES = dict.fromkeys(NAMES, (3,)) | {
    name: (3, 3)
    for name in NAMES
    if name not in ("one_hot", "simplex", "unit_norm", "positive", "nonnegative", "nonzero")
}
SHAPES |= {"major_symmetric": (2, 3, 2, 3)}


@pytest.mark.parametrize("name", NAMES)
def test_values_have_their_properties(name: str) -> None:
    for _ in range(30):
        values = draw([name], SHAPES[name], RNG, "float")
        assert values.shape == SHAPES[name]
        assert all(holds(values, implied) for implied in closure(frozenset([name])))


@pytest.mark.parametrize(
    ("name", "edge"),
    [("nonnegative", 0.0), ("in_unit_interval", 1.0), ("in_unit_interval", 0.0), ("simplex", 1.0)],
)
def test_edges_are_met(name: str, edge: float) -> None:
    assert any((draw([name], (4,), RNG, "float") == edge).any() for _ in range(60))


def test_singular_matrices_are_met_where_they_may_be() -> None:
    plain = [np.linalg.det(draw([], (3, 3), RNG, "float")) for _ in range(60)]
    assert 0.0 in plain
    assert all(np.linalg.det(draw(["invertible"], (3, 3), RNG, "float")) for _ in range(60))


def test_orthonormal_columns_need_no_square() -> None:
    values = draw(["orthogonal"], (4, 2), RNG, "float")
    assert np.allclose(values.T @ values, np.eye(2))


def test_truth_values_and_empty_arrays() -> None:
    assert draw([], (5,), RNG, "bool").dtype == bool
    assert draw(["positive"], (0, 2), RNG, "float").shape == (0, 2)


def test_several_variables_at_given_sizes() -> None:
    n, m = dims("n m")
    x, A = Variable("x", (n,)), Variable("A", (m, 2 * n))
    values = drawn([x, A], {"n": 2, "m": 3}, RNG)
    assert (values[x].shape, values[A].shape) == ((2,), (3, 4))
    assert concrete((m, 2 * n, 5), {"n": 2, "m": 3}) == (3, 4, 5)
