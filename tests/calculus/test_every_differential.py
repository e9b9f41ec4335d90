"""Derivatives of every operation against JAX's automatic differentiation in float64."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow.linalg
import symflow.nn
import symflow.numpy as snp
import symflow.special
from rewrites.differentials import standard
from symflow.calculus import gradients, jacobians, pullback, pushforward
from symflow.core import Variable, matrix, scalar, tensor, vector
from symflow.core.apply import Apply
from symflow.core.operation import Operation
from symflow.core.walk import postorder
from symflow.errors import DifferentialError, DTypeError, RankError, ShapeError
from symflow.ops.records import unary
from symflow.ops.table import TABLE
from tests.oracle import evaluate
from tests.tracing import computed

Case = tuple[str, Callable[..., Any], Callable[..., Any], tuple[tuple[int, ...], ...]]

NUMPY = symflow.numpy
jss, jsl = jax.scipy.special, jax.scipy.linalg


def _both(write: Callable[[Any, Any, Any], Callable[..., Any]]) -> tuple[Any, Any]:
    """A formula written once, for symflow and for JAX."""
    ours = write(snp, symflow.nn, symflow.special)
    theirs = write(jnp, jax.nn, jax.scipy.special)
    return ours, theirs


# Formulas and views; operations by themselves are the law of test_every_sample.
FORMULAS: dict[str, tuple[Callable[[Any, Any, Any], Callable[..., Any]], tuple[Any, ...]]] = {
    "power": (lambda m, nn, sp: lambda x, y: x**y, ((2, 3), (3,))),
    "cube": (lambda m, nn, sp: lambda x: x**3 + x**-2 + x**1.5, ((2, 3),)),
    "remainder": (lambda m, nn, sp: lambda x, y: (3 * x) % y, ((4,), (4,))),
    "where": (lambda m, nn, sp: lambda x, y: m.where(x > y, x * y, y), ((2, 3), (3,))),
    "clip": (lambda m, nn, sp: lambda x: m.clip(x, 0.5, 0.7), ((5,),)),
    "matmul": (lambda m, nn, sp: lambda x, y: x @ y, ((2, 3), (3, 4))),
    "batched": (lambda m, nn, sp: lambda x, y: x @ y, ((2, 2, 3), (1, 3, 2))),
    "quadratic": (lambda m, nn, sp: lambda x, y: y @ x @ y, ((3, 3), (3,))),
    "einsum": (lambda m, nn, sp: lambda x, y: m.einsum("iij,jk->ki", x, y), ((2, 2, 3), (3, 2))),
    "kron": (lambda m, nn, sp: lambda x, y: m.kron(x, y), ((2, 3), (3, 2))),
    "diag": (lambda m, nn, sp: lambda x: m.diag(x, 1) + m.diag(x, -1), ((3,),)),
    "diagonal": (lambda m, nn, sp: lambda x: m.diagonal(x, 1), ((3, 4),)),
    "trace": (lambda m, nn, sp: lambda x: m.trace(x @ x), ((3, 3),)),
    "outer": (lambda m, nn, sp: lambda x, y: m.outer(x, y), ((2,), (3,))),
    "reshape": (lambda m, nn, sp: lambda x: m.reshape(x * x, (3, -1)), ((2, 3, 2),)),
    "slices": (lambda m, nn, sp: lambda x: x[1:, ::-1] * x[0, 1], ((3, 4),)),
    "stack": (lambda m, nn, sp: lambda x, y: m.stack([x, x * y], 1), ((3,), (3,))),
    "concatenate": (
        lambda m, nn, sp: lambda x, y: m.concatenate([x * x, y], 0), ((1, 3), (2, 3))
    ),
    "mean": (lambda m, nn, sp: lambda x: m.mean(x * x, 0), ((3, 2),)),
    "prod-all": (lambda m, nn, sp: lambda x: m.prod(x), ((2, 2),)),
    "norm-1": (lambda m, nn, sp: lambda x: m.linalg.norm(x, 1), ((2, 3),)),
    "norm-3": (lambda m, nn, sp: lambda x: m.linalg.norm(x, 3), ((3,),)),
}  # fmt: skip


def _cases() -> list[Any]:
    return [pytest.param(write, shapes, id=name) for name, (write, shapes) in FORMULAS.items()]


def _values(shapes: tuple[tuple[int, ...], ...], seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.uniform(0.2, 0.9, shape) for shape in shapes]


@lru_cache(maxsize=1)
def _references() -> dict[str, Any]:
    """What JAX says of all cases."""

    def everything() -> dict[str, Any]:
        found = {}
        for case in _cases():
            write, shapes = case.values
            theirs, values = _both(write)[1], _values(shapes, 1)
            places = tuple(range(len(shapes)))
            first = jax.jacobian(theirs, places)
            second = jax.jacobian(first, places)
            found[case.id] = theirs(*values), first(*values), second(*values)
        return found

    return computed(everything)


@pytest.mark.parametrize("case", [pytest.param(c, id=c.id) for c in _cases()])
def test_derivatives_are_those_of_jax(case: Any) -> None:
    write, shapes = case.values
    value, expected, second = _references()[case.id]
    variables = [tensor(f"x{k}", *shape) for k, shape in enumerate(shapes)]
    values, moves = _values(shapes, 1), _values(shapes, 3)
    given = dict(zip(variables, values, strict=True))
    f = _both(write)[0](*variables)
    np.testing.assert_allclose(evaluate(f, given), value, rtol=1e-10, atol=1e-12)
    for i, jacobian in enumerate(jacobians(f, variables, standard())):
        assert jacobian.shape == tuple(value.shape) + shapes[i]
        np.testing.assert_allclose(evaluate(jacobian, given), expected[i], rtol=1e-8, atol=1e-9)
        direction = tensor("v", *shapes[i])
        pushed = pushforward(f, variables[i], direction, standard())
        wanted = np.tensordot(expected[i], moves[i], axes=len(shapes[i]))
        got = evaluate(pushed, given | {direction: moves[i]})
        np.testing.assert_allclose(got, wanted, rtol=1e-8, atol=1e-9)
        for j, hessian in enumerate(jacobians(jacobian, variables, standard())):
            found = evaluate(hessian, given)
            np.testing.assert_allclose(found, second[i][j], rtol=1e-7, atol=1e-7)


def test_every_operation_has_a_differential_or_is_piecewise_constant() -> None:
    calculus = standard()
    unknown = [name for name, record in TABLE.items() if not calculus.knows(record)]
    assert unknown == []


def test_an_unknown_operation_raises_and_is_never_zero() -> None:
    strange = unary("strange", "elementwise")
    x = vector("x", "n")
    f = snp.sum(Apply(strange, (x,)))
    with pytest.raises(DifferentialError, match="strange"):
        gradients(f, [x], standard())


def test_conventions_at_kinks_are_those_of_jax() -> None:
    x = vector("x", 3)
    at = {x: np.array([-1.0, 0.0, 2.0])}
    for ours, theirs in [
        (symflow.nn.relu(x), jax.nn.relu),
        (snp.abs(x), jnp.abs),
        (snp.maximum(x, 0), lambda v: jnp.maximum(v, 0)),
        (snp.minimum(0, x), lambda v: jnp.minimum(0, v)),
    ]:
        (gradient,) = gradients(snp.sum(ours), [x], standard())
        with jax.enable_x64(True):
            expected = jax.grad(lambda v, f=theirs: f(v).sum())(at[x])
        np.testing.assert_array_equal(evaluate(gradient, at), expected)


def test_product_has_the_right_gradient_at_zeros() -> None:
    x = vector("x", 4)
    at = np.array([2.0, 0.0, 3.0, 0.0])
    for value in (at, at + np.array([0, 0, 0, 1.0])):
        (gradient,) = gradients(snp.prod(x), [x], standard())
        with jax.enable_x64(True):
            expected = jax.grad(jnp.prod)(value)
        np.testing.assert_allclose(evaluate(gradient, {x: value}), expected)


def test_jacobian_of_symbolic_shape_and_sizes_zero_and_one() -> None:
    X, w = matrix("X", "m", "n"), vector("w", "n")
    f = snp.tanh(X @ w)
    (jacobian,) = jacobians(f, [w], standard())
    for m, n in [(0, 2), (1, 1), (3, 2), (2, 0)]:
        rng = np.random.default_rng(m)
        a, b = rng.normal(size=(m, n)), rng.normal(size=n)
        with jax.enable_x64(True):
            expected = jax.jacobian(lambda v, a=a: jnp.tanh(a @ v))(b)
        np.testing.assert_allclose(evaluate(jacobian, {X: a, w: b}), expected, atol=1e-12)


def test_gradient_of_a_deep_chain_needs_no_recursion() -> None:
    x = scalar("x")
    y: Any = x
    for _ in range(20_000):
        y = snp.sin(y) + x
    (gradient,) = gradients(y, [x], standard())
    assert len(postorder([gradient])) < 200_000


def test_misuse_is_refused_with_the_reason() -> None:
    x = vector("x", "n")
    with pytest.raises(RankError, match=r"takes a scalar.*\(n,\).*jacobian"):
        gradients(x * 2, [x], standard())
    with pytest.raises(DTypeError, match="int"):
        gradients(snp.sum(x), [tensor("k", "n", dtype="int")], standard())
    with pytest.raises(DTypeError, match="bool"):
        jacobians(x > 0, [x], standard())
    with pytest.raises(TypeError, match="variable"):
        gradients(snp.sum(x * 2), [x * 2], standard())
    with pytest.raises(ShapeError, match="cotangent"):
        pullback(x * 2, x, scalar("u"), standard())
    with pytest.raises(ShapeError, match="direction"):
        pushforward(x * 2, x, scalar("v"), standard())


def test_an_absent_variable_has_derivative_zero_of_the_right_shape() -> None:
    x, y = vector("x", "n"), matrix("Y", 2, 3)
    (jacobian,) = jacobians(x * 2, [y], standard())
    assert jacobian.shape == (*x.shape, 2, 3)
    assert not evaluate(jacobian, {}, {"n": 2}).any()


def test_records_are_of_known_kinds() -> None:
    assert all(isinstance(record, Operation) for record in TABLE.values())
    assert isinstance(Variable("x"), Variable)
