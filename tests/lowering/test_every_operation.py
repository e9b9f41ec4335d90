"""Every operation of the table has code for both backends, with the values of the oracle."""

import ast
from functools import cache

import numpy as np
import pytest
import sympy as sp

import symflow.nn as nn
import symflow.numpy as snp
from symflow.core import Apply, Variable, matrix, tensor, vector
from symflow.core.apply import apply
from symflow.lowering import Program, write
from symflow.ops import TABLE
from symflow.ops.closure import function
from symflow.ops.reshaping import fuse
from symflow.ops.scalarmap import elementwise
from symflow.ops.structure import place, take_runs
from tests.ops.samples import SIZES, samples
from tests.oracle import evaluate

BACKENDS = ("numpy", "jax")
x, y = matrix("x", "n", 4), matrix("y", "n", 4)
A = matrix("A", 3, 3)
P = matrix("P", 3, 3, positive_definite=True)
k = vector("k", "n", dtype="int")
b = vector("b", "n", dtype="bool")
rng = np.random.default_rng(1)
gram = rng.normal(size=(3, 3))
VALUES = {
    x: rng.uniform(0.1, 0.9, (3, 4)),
    y: rng.uniform(0.2, 0.8, (3, 4)),
    A: rng.normal(size=(3, 3)),
    P: gram @ gram.T + np.eye(3),
    k: np.array([0, 2, 5]),
    b: np.array([True, False, True]),
}
f = function([vector("u", "m")], [vector("u", "m") ** 2, snp.exp(vector("u", "m"))], name="f")

# operations that take more than float tensors of one shape
CASES = {
    "cast": [apply(TABLE["cast"], (x,), ("int",)), snp.asarray(b).astype("float")],
    "scalar_power": [x**p for p in (-1, -2, sp.Rational(1, 2), sp.Rational(-1, 2), 2.5, 11)],
    "floor_divide": [snp.floor_divide(x, 0.25), k // 2],
    "remainder": [x % 0.25, k % 3],
    "where": [snp.where(b[:, None], x, y), snp.where(x > y, 1.0, 0.0), snp.where(b, k, -1)],
    "logical_and": [snp.logical_and(b, k > 1)],
    "logical_or": [snp.logical_or(b, k > 1)],
    "equal": [snp.equal(x, x), snp.equal(k, 2)],
    "not_equal": [snp.not_equal(x, y), snp.not_equal(k, 2)],
    "fuse": [fuse(2, 3), snp.reshape(x, -1)],
    "slice": [x[1:, ::2], x[::-1, -1], take_runs(x, ((0, 2, 1), (3, 2, -2)))],
    "place": [place(x[:2], ((1, 2, 1), (6, 4, -2)), (4, 8)), snp.diag(k, -1)],
    "concatenate": [snp.concatenate([x, y[1:]]), snp.stack([x, 2 * y], axis=1)],
    "arange": [snp.arange(5), snp.arange(2, 9, 3)],
    "prod": [snp.prod(x, axis=0), snp.prod(k)],
    "max": [snp.max(x), snp.max(x, axis=1), snp.max(k)],
    "min": [snp.min(x), snp.min(x, axis=0)],
    "linalg.inv": [snp.linalg.inv(A)],
    "linalg.det": [snp.linalg.det(A)],
    "linalg.slogdet": list(snp.linalg.slogdet(A)),
    "linalg.solve": [apply(TABLE["linalg.solve"], (A, x.T[:3])), snp.linalg.solve(A, A[0])],
    "linalg.cholesky": [snp.linalg.cholesky(P)],
    "linalg.eigh": [snp.linalg.eigh(P)[0], snp.abs(snp.linalg.eigh(P)[1])],
    "linalg.qr": [snp.abs(part) for part in snp.linalg.qr(A)],
    "nn.softmax": [nn.softmax(x), nn.softmax(x, axis=(0, 1)), nn.softmax(900 * x, axis=0)],
    "nn.log_softmax": [nn.log_softmax(x, axis=0), nn.log_softmax(1000 * x)],
    "special.logsumexp": [nn.logsumexp(1000 * x, axis=1), nn.logsumexp(x)],
    "linalg.norm": [
        snp.linalg.norm(x),
        snp.linalg.norm(x, axis=0),
        apply(TABLE["linalg.norm"], (tensor("z", "n", 2, 2),), ((0, 1, 2),)),
    ],
    "special.polygamma": [apply(TABLE["special.polygamma"], (x,), (2,))],
    "map": [elementwise(sp.gamma, x), elementwise(sp.Ei, x)],
    "call": [*f(k), f(x[0])[1]],
}  # fmt: skip


FAMILIES = sorted({operation.family for operation in TABLE.values()})


@cache
def cases(name):
    """Nodes of an operation and the arrays of their leaves: the list above, or its samples."""
    if name in CASES:
        return CASES[name], {}
    ranked = sorted(samples(name), key=lambda s: sum(a.size for a in s.values.values()))
    nodes, values = [], {}
    for number, sample in enumerate((ranked[-1], ranked[len(ranked) // 2])):
        own = [
            Variable(f"{name.replace('.', '_')}_{number}_{k}", x.shape, x.dtype)
            for k, x in enumerate(sample.node.operands)
        ]
        nodes.append(sample.node.with_operands(tuple(own)).subs(SIZES))
        at = zip(own, sample.arrays(), strict=True)
        values |= {leaf.subs(SIZES): array for leaf, array in at}
    return nodes, values


def results_of(nodes, given, backend):
    values = VALUES | {tensor("z", "n", 2, 2): VALUES[x].reshape(3, 2, 2)} | given
    parts = {part for node in nodes for part in node.walk()}
    leaves = [leaf for leaf in values if leaf in parts]
    written = write(nodes, leaves, precision="float64", backend=backend)
    results = Program(written, many=True)(*(values[leaf] for leaf in leaves))
    return zip(results, (evaluate(node, values) for node in nodes), strict=True)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_by_numpy(name):
    nodes, values = cases(name)
    parts = {part.operation.name for n in nodes for part in n.walk() if isinstance(part, Apply)}
    assert name in parts
    for result, expected in results_of(nodes, values, "numpy"):
        assert result.dtype == expected.dtype
        np.testing.assert_allclose(result, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_by_jax(family):
    """A family in one program: compiling many small ones takes longer."""
    nodes, values = [], {}
    for name in sorted(name for name, record in TABLE.items() if record.family == family):
        nodes += cases(name)[0]
        values |= cases(name)[1]
    for node, (result, expected) in zip(nodes, results_of(nodes, values, "jax"), strict=True):
        label = str(getattr(node, "operation", "contraction"))
        assert np.asarray(result).dtype == expected.dtype, label
        np.testing.assert_allclose(result, expected, rtol=1e-10, atol=1e-12, err_msg=label)


def resolved(node, modules):
    """What a dotted name of the text stands for; None for names that are no modules."""
    if isinstance(node, ast.Name):
        return modules.get(node.id)
    value = resolved(node.value, modules) if isinstance(node, ast.Attribute) else None
    return None if value is None else getattr(value, node.attr)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_function_that_is_called_exists(name, backend):
    import jax
    import jax.scipy.linalg
    import scipy.linalg

    modules = {"jax": jax, "jnp": jax.numpy, "np": np, "scipy": scipy}
    for node in cases(name)[0]:
        tree = ast.parse(write([node], backend=backend).source)
        for part in ast.walk(tree):
            if isinstance(part, ast.Attribute):
                resolved(part, modules)  # raises where there is none
