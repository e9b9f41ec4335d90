"""Like terms of long sums: packed programs give what the terms give, one by one."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import postorder
from symflow.lowering.packing import FEWEST, packed
from tests.oracle import evaluate

COUNT = 40
x = sf.vector("x", COUNT + 1)
P = sf.matrix("P", COUNT, 3)
X = sf.matrix("X", 7, 6)
y = sf.vector("y", COUNT)
s = sf.vector("s", "m")[0]
singles = [sf.vector(f"a{k}", 2)[0] for k in range(3)]
scalars = [sf.tensor(f"b{k}") for k in range(2 * COUNT)]
rng = np.random.default_rng(5)
numbers = rng.normal(size=COUNT).tolist()
links = rng.integers(0, COUNT, size=(COUNT, 2)).tolist()
pairs = [(i, j) for i in range(7) for j in range(6)]


def total(terms):
    terms = list(terms)
    return sum(terms[1:], terms[0])


def one_by_one(k):
    return 100 * (x[k + 1] - x[k] ** 2) ** 2 + (1 - x[k]) ** 2


SUMS = {
    "Rosenbrock": total(one_by_one(k) for k in range(COUNT)),
    "signs and orders": total(snp.sin(x[k + 1] - x[k]) for k in range(COUNT)),
    "products of neighbours": total(x[k] * x[k + 1] * snp.exp(x[k]) for k in range(COUNT)),
    "numbers": total((y[k] - numbers[k]) ** 2 for k in range(COUNT)),
    "factors": total(numbers[k] * snp.exp(y[k]) for k in range(COUNT)),
    "whole factors": total(k * snp.tanh(y[k] * k) for k in range(1, COUNT)),
    "both directions": total(y[k] * y[COUNT - 1 - k] ** 3 for k in range(COUNT)) * 2,
    "links": total(snp.sum((P[i] - P[j]) ** 2) for i, j in links),
    "lengths": total(snp.sqrt(1 + (P[i] - P[j]) @ (P[i] - P[j])) for i, j in links),
    "matrix entries": total(snp.cos(X[i, j]) * X[j, i - 1] for i, j in pairs),
    "a column of entries": total(snp.exp(P[k, 1]) * y[k] for k in range(COUNT)),
    "windows": total(snp.tanh(snp.sum(x[k : k + 2] ** 2)) for k in range(COUNT)),
    "variables of their own": total(
        snp.sin(scalars[2 * k]) * scalars[2 * k + 1] for k in range(COUNT)
    ),
    "a shared part": total(snp.exp(-y[k] / snp.sum(y * y)) * singles[1] for k in range(COUNT)),
    "several families": total([*(y[k] ** 2 for k in range(COUNT)), s, *map(snp.exp, singles)]),
    "a difference": total(y[k] - x[k] * 3 for k in range(COUNT)),
    "vectors": snp.sum(snp.sin(total(P[k] * y[k] for k in range(COUNT)))),
    "sums of sums": total(
        snp.exp(total(X[i % 7, j] * X[i % 7, j - 1] for j in range(6)) / (i + 1))
        for i in range(COUNT)
    ),
    "a sum used twice": snp.exp(total(y[k] * x[k] for k in range(COUNT)) / 50)
    * total(y[k] * x[k] for k in range(COUNT)),
}
NOT_PACKED = {
    "few": total(y[k] ** 2 for k in range(FEWEST - 1)),
    "different": total(snp.sin(y[0]) ** (k + 2) for k in range(30)),
}


def drawn(nodes, seed=3):
    """Values of all variables."""
    chance = np.random.default_rng(seed)
    found = {}
    for node in postorder(nodes):
        if isinstance(node, sf.core.Variable):
            shape = tuple(size if isinstance(size, int) else 4 for size in node.shape)
            found[node.full_name] = chance.uniform(0.3, 1.2, shape)
    return found


def length(node):
    return len(postorder([node]))


@pytest.mark.parametrize("name", SUMS)
def test_packed(name):
    f = SUMS[name]
    (found,) = packed([f])
    assert length(found) < 0.9 * length(f)
    values = drawn([f])
    variables = {node: values[node.full_name] for node in postorder([f]) if is_variable(node)}
    sizes = {sf.dim("m"): 4}
    expected = evaluate(f, {**variables, **sizes})
    np.testing.assert_allclose(evaluate(found, {**variables, **sizes}), expected, rtol=1e-12)


def is_variable(node):
    return isinstance(node, sf.core.Variable)


@pytest.mark.parametrize("name", NOT_PACKED)
def test_left_alone(name):
    assert packed([NOT_PACKED[name]])[0] is NOT_PACKED[name]


def test_variables_of_their_own_stay_apart():
    assert (
        packed([SUMS["variables of their own"]], stacks=False)[0] is SUMS["variables of their own"]
    )


def test_gradient_is_an_array_expression():
    f = SUMS["Rosenbrock"]
    found = sf.grad(f, x)
    assert length(found) < 40
    values = drawn([f])["x"]
    r = values[1:] - values[:-1] ** 2
    expected = np.zeros(COUNT + 1)
    expected[1:] += 200 * r
    expected[:-1] += -400 * values[:-1] * r - 2 * (1 - values[:-1])
    np.testing.assert_allclose(evaluate(found, {x: values}), expected, rtol=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("name", ["Rosenbrock", "links", "variables of their own"])
def test_programs(name, backend):
    f = SUMS[name]
    program = sf.lower(f, backend=backend, precision="float64")
    values = drawn([f])
    np.testing.assert_allclose(program(**values), evaluate(f, values), rtol=1e-12)
    assert len(program.source.splitlines()) < 30 or len(program.inputs) > COUNT
