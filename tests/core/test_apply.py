"""Operations applied: identity, parameters, normalisation, and the records behind them."""

import pickle

import pytest
import sympy as sp

import symflow.numpy as snp
from symflow.core import Apply, Operation, apply, dims, matrix, vector
from symflow.core.dims import Shape
from symflow.errors import ShapeError
from symflow.ops.arithmetic import CAST, SCALAR_POWER
from symflow.ops.reduction import MAX
from symflow.ops.structure import PLACE, SLICE, take_runs

n, m = dims("n m")
x, A = vector("x", n), matrix("A", n, m)


def first_shape(operands, params) -> Shape:
    return operands[0].shape


def record(name, **options) -> Operation:
    settings = {"shape": first_shape, "dtype": lambda operands, params: "float", "arity": 1}
    return Operation(name=name, family="nowhere", **(settings | options))


def test_parameters_tell_nodes_apart():
    op = record("op", parameters=("value",))
    values = [1, True, 1.0, "1", (1,), None, sp.S.One, n, (True,), ((1, 2),), sp.Float(1.0)]
    nodes = [apply(op, (x,), (value,)) for value in values]
    assert len(set(nodes)) == len(values)
    assert len({node.digest for node in nodes}) >= len(values) - 1  # 1.0 of Python and of SymPy
    for node, value in zip(nodes, values, strict=True):
        assert node.parameter("value") is node.params[0]
        assert apply(op, (x,), (value,)) is node
    with pytest.raises(ValueError, match="not in tuple"):
        nodes[0].parameter("other")


def test_args_and_func():
    for node in (
        snp.max(A, 1),
        snp.sum(snp.exp(A)),
        x[::-1],
        snp.exp(x).astype("float32"),
        x**n,
        snp.linalg.slogdet(A @ A.T).sign,
        snp.diag(x, 2),
        snp.linalg.norm(A),
        snp.arange(n),
    ):
        assert node.func(*node.args) is node
        assert all(isinstance(argument, sp.Basic) for argument in node.args)
    assert isinstance(snp.max(A, 1), Apply)
    assert snp.max(A, 1).args[: len(snp.max(A, 1).operands)] == (A,)


def test_sizes_in_parameters_are_replaced():
    node = take_runs(A, ((1, n - 1, 1), (0, m, 1)))
    assert node.operation is SLICE
    assert set(node.scalars()) == {n - 1, m}
    fixed = node.subs({n: 4, m: 2})
    assert fixed.params == (((1, 3, 1), (0, 2, 1)),)
    assert type(fixed.params[0][0][1]) is int
    assert (x**n).subs(n, 2) is vector("x", 2) ** 2
    assert apply(SCALAR_POWER, (x,), (sp.Integer(11),)).params == (11,)


def test_negative_sizes_are_refused():
    op = record("op", shape=lambda operands, params: (params[0],), parameters=("size",))
    with pytest.raises(ShapeError, match=r"op of \(n,\) would have the negative size in \(-2,\)"):
        apply(op, (x,), (-2,))
    with pytest.raises(ShapeError, match="out of range"):
        apply(PLACE, (vector("y", 2),), (((3, 2, 1),), (4,)))


def test_a_record_may_normalise():
    assert apply(CAST, (x,), ("float",)) is x
    assert apply(MAX, (A,), ((),)) is A
    calls = []
    op = record("op", normal=lambda operands, params: calls.append(1))
    assert apply(op, (x,)) is apply(op, (x,))
    assert len(calls) == 2


def test_commutative_operands_are_sorted():
    y = vector("y", n)
    op = record("op", arity=2, facts=frozenset({"commutative"}))
    assert apply(op, (x, y)) is apply(op, (y, x))
    other = record("op", arity=2)
    assert apply(other, (x, y)) is not apply(other, (y, x))


def test_records():
    op = record("special.curious", facts=frozenset({"elementwise"}))
    assert op.short_name == "curious"
    assert op.elementwise
    assert not record("plain").elementwise
    assert repr(op) == "<operation special.curious>"
    assert op != record("special.curious", facts=frozenset({"elementwise"}))
    assert op.__reduce__() == "CURIOUS"
    assert op.__module__ == "symflow.ops.nowhere"
    with pytest.raises(AttributeError):
        op.name = "other"
    with pytest.raises((pickle.PicklingError, AttributeError, ImportError)):
        pickle.dumps(op)
