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


def test_derivatives_are_those_of_what_it_computes() -> None:
    B, y = sf.matrix("B", 3, 3), sf.vector("y", 3)
    given = {B: np.random.default_rng(2).normal(size=(3, 3)), y: np.array([0.3, -0.2, 0.5])}
    called, plain = snp.sum(layer(B, y) ** 2), snp.sum(snp.tanh(B @ y) ** 2)
    for variable in (B, y):
        got = evaluate(sf.hessian(called, variable), given)
        wanted = evaluate(sf.hessian(plain, variable), given)
        np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-13)
        assert sf.hessian(called, variable) is sf.hessian(plain, variable)
    derivation = sf.derive(called, y)
    assert derivation.verify().ok
    assert derivation.check()


def test_many_examples_are_one_call() -> None:
    B, Y = sf.matrix("B", 4, 3), sf.matrix("Y", "k", 3)
    many = sf.vmap(lambda y: layer(B, y))(Y)
    assert str(many) == "layer_batch(B, Y)"
    assert sf.inline(many) is snp.tanh(Y @ B.T)
    assert many.params[0] is sf.vmap(lambda y: layer(B, y))(sf.matrix("Z", 7, 3)).params[0]
    both = function([A, x], [snp.sum(A), A @ x], name="both")
    total, products = sf.vmap(lambda y: both(B, y))(Y)
    assert total is snp.broadcast_to(snp.sum(B), ("k",))
    assert sf.inline(products) is Y @ B.T


def test_the_batch_has_a_size_of_its_own() -> None:
    batch = sf.dim("batch")
    z = sf.vector("z", batch)
    total = function([z], snp.sum(z) / batch, name="average")
    many = sf.vmap(total)(sf.matrix("Z", batch, 3))
    assert sf.inline(many) is snp.mean(sf.matrix("Z", batch, 3), axis=1)


def test_calls_unfold_all_or_some() -> None:
    B, y = sf.matrix("B", 3, 3), sf.vector("y", 3)
    twice = function([A, x], A.T @ layer(A, x), name="twice")
    deep = twice(B, layer(B, y))
    assert sf.inline(deep) is B.T @ snp.tanh(B @ snp.tanh(B @ y))
    assert sf.inline(deep, twice) is B.T @ layer(B, layer(B, y))
    assert str(sf.inline(deep, layer)) == "twice(B, tanh(B @ y))"
    assert sf.inline(sf.inline(deep, layer)) is sf.inline(deep)
    assert sf.inline([deep, y])[1] is y


def test_functions_that_call_functions_unfold_at_any_depth() -> None:
    last = function([x], snp.sin(x), name="f0")
    plain = snp.sin(x)
    for number in range(1, 300):
        last = function([x], snp.sin(last(x)), name=f"f{number}")
        plain = snp.sin(plain)
    assert sf.inline(last(x)) is plain


def test_arguments_have_the_types_of_the_inputs() -> None:
    u = sf.vector("u", 3, dtype="int")
    double = function([x], 2 * x, name="double")
    assert double(u).dtype == "float"
    assert double.inline(u).dtype == "float"
    scale = function([sf.scalar("s", dtype="float32")], 2 * sf.scalar("s", dtype="float32"))
    assert scale(1.5).dtype == "float32"
    with pytest.raises(sf.DTypeError, match="argument x has dtype complex, expected float"):
        double(sf.vector("u", 3, dtype="complex"))


def test_formulas_call_it_and_print_it() -> None:
    B, y = sf.matrix("B", 3, 3), sf.vector("y", 3)
    both = function([x], [x + 1, snp.sum(x)], name="both")
    expression = layer(B, y) * both(y)[1]
    for names in ({"B": B, "y": y, "layer": layer, "both": both}, [B, y, layer, both]):
        assert sf.parse(str(expression), names) is expression
    assert str(layer(B, y)) == "layer(B, y)"
    assert sf.latex(layer(B, y)) == r"\operatorname{layer}\left(B, y\right)"
    assert str(sf.inline(layer(B, y))) == "tanh(B @ y)"
    assert repr(layer) == "layer(A, x)"
