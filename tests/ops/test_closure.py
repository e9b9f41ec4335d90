"""Calls of closed functions: shapes, values, derivatives."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import Apply
from symflow.ops.closure import CALL, function
from tests.oracle import evaluate

x, A = sf.vector("x", "n"), sf.matrix("A", "m", "n")
layer = function([A, x], snp.tanh(A @ x), name="layer")


@pytest.mark.parametrize(("rows", "columns"), [(3, 2), (1, 1), (0, 4)])
def test_a_call_has_the_value_of_its_body(rows: int, columns: int) -> None:
    B, y = sf.matrix("B", rows, columns), sf.vector("y", columns)
    called = layer(B, y)
    assert isinstance(called, Apply)
    assert called.operation is CALL
    assert called.shape == (rows,)
    rng = np.random.default_rng(0)
    given = {B: rng.normal(size=(rows, columns)), y: rng.normal(size=columns)}
    np.testing.assert_allclose(evaluate(called, given), np.tanh(given[B] @ given[y]))


def test_calls_nest_and_differentiate_through_their_bodies() -> None:
    B, y = sf.matrix("B", 3, 3), sf.vector("y", 3)
    deep = layer(B, layer(B, y))
    plain = snp.tanh(B @ snp.tanh(B @ y))
    rng = np.random.default_rng(1)
    given = {B: rng.normal(size=(3, 3)), y: rng.normal(size=3)}
    for variable in (B, y):
        got = evaluate(sf.jacobian(deep, variable), given)
        wanted = evaluate(sf.jacobian(plain, variable), given)
        np.testing.assert_allclose(got, wanted, rtol=1e-12)


def test_several_outputs_come_as_a_tuple() -> None:
    both = function([x], [x + 1, snp.sum(x)], name="both")
    first, second = both(sf.vector("z", 5))
    assert (first.shape, second.shape) == ((5,), ())


def test_wrong_shapes_are_refused_at_the_call() -> None:
    with pytest.raises(sf.ShapeError, match="layer: argument x"):
        layer(sf.matrix("B", 3, 2), sf.vector("y", 3))
