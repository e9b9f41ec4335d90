"""Merged axes: reshapes and Kronecker products cancel inside contractions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symflow.numpy as snp
from symflow.core import Tensor, contract, dims, matrix, tensor, vector
from symflow.core.fusion import is_fuse
from symflow.ops.reshaping import fuse
from tests.oracle import evaluate

n, m, k, p = dims("n m k p")


def fuses(node):
    """How many fuse constants a graph holds."""
    return sum(1 for part in node.walk() for operand in part.operands if is_fuse(operand))


@pytest.mark.parametrize("sizes", [(n, m), (2, 3), (n, 3), (n, m, k)])
def test_reshape_and_back(sizes):
    x = tensor("x", *sizes)
    assert x.reshape(-1).reshape(sizes) is x
    assert fuses(x.reshape(-1)) == 1
    if len(sizes) == 3:
        assert x.reshape(sizes[0], -1).reshape(sizes) is x
        assert x.reshape(-1, sizes[2]).reshape(-1) is not x


def test_sums_pass_through():
    A = matrix("A", n, m)
    assert snp.sum(A.reshape(-1)) is snp.sum(A)
    assert merged(snp.sum(snp.ravel(A) * snp.ravel(A))) is snp.sum(A * A)
    assert snp.einsum("kij->", fuse(n, m)) is snp.einsum("k->", snp.ones(n * m, dtype="bool"))
    B = matrix("B", n, m)
    assert merged(snp.ravel(A) @ snp.ravel(B)) is snp.sum(A * B)
    assert snp.ones((n, m)).reshape(-1) is snp.ones(n * m)


def merged(node: Tensor) -> Tensor:
    """Nested contractions as one, as the normalising pass does it."""
    operands, subscripts, sizes = [], [], dict(enumerate(node.sizes))
    for operand, labels in zip(node.operands, node.subscripts, strict=True):
        if not hasattr(operand, "subscripts"):
            operands.append(operand)
            subscripts.append(labels)
            continue
        names = dict(zip(operand.output, labels, strict=True))
        for label, size in enumerate(operand.sizes):
            names.setdefault(label, len(sizes))
            sizes[names[label]] = size
        operands += operand.operands
        subscripts += [tuple(names[i] for i in inside) for inside in operand.subscripts]
    return contract(node.coefficient, operands, subscripts, node.output, sizes)


@pytest.mark.parametrize("sizes", [(n, m, k, p, n, m), (2, 3, 2, 2, 4, 3), (2, n, 3, 3, n, 2)])
def test_mixed_products(sizes):
    """``kron(A, B) @ kron(C, D) == kron(A @ C, B @ D)``."""
    a, b, c, d, e, f = sizes
    A, B = matrix("A", a, c), matrix("B", b, d)
    C, D = matrix("C", c, e), matrix("D", d, f)
    left = merged(snp.kron(A, B) @ snp.kron(C, D))
    right = merged(snp.kron(A @ C, B @ D))
    assert left is right
    assert fuses(left) == 2


def test_traces_and_transposes_of_kronecker_products():
    A, B = matrix("A", n, n), matrix("B", m, m)
    assert snp.trace(snp.kron(A, B)) is snp.trace(A) * snp.trace(B)
    assert snp.kron(A, B).T is snp.kron(A.T, B.T)
    assert snp.sum(snp.kron(A, B)) is snp.sum(A) * snp.sum(B)
    assert snp.kron(snp.eye(n), snp.eye(m)) is snp.eye(n * m)
    assert snp.kron(snp.ones(n), snp.ones(m)) is snp.ones(n * m)
    assert snp.kron(A, snp.ones((1, 1))) is A


def test_values_of_vectorised_products():
    """``vec(A X B) == kron(A, B.T) vec(X)`` with rows running fastest (row-major)."""
    A, X, B = matrix("A", 2, 3), matrix("X", 3, 4), matrix("B", 4, 2)
    rng = np.random.default_rng(0)
    values = {v: rng.normal(size=v.shape) for v in (A, X, B)}
    left = snp.ravel(snp.einsum("ij,jk,kl->il", A, X, B))
    right = snp.kron(A, B.T) @ snp.ravel(X)
    np.testing.assert_allclose(evaluate(left, values), evaluate(right, values))
    assert merged(merged(right)) is merged(left)


@settings(max_examples=150)
@given(data=st.data())
def test_any_regrouping_keeps_entries(data):
    """Chains of reshapes and transposes, as NumPy does them, with few constants left."""
    symbolic = data.draw(st.booleans())
    factors = data.draw(st.lists(st.sampled_from([2, 3, 5]), min_size=1, max_size=4))
    shape = tuple(factors)
    x = tensor("x", *(dims(f"n{s}")[0] if symbolic else s for s in shape))
    array = np.arange(float(np.prod(shape))).reshape(shape)
    node, value = x, array
    for _ in range(data.draw(st.integers(1, 4))):
        if data.draw(st.booleans()):
            order = data.draw(st.permutations(range(value.ndim)))
            node, value = snp.transpose(node, order), value.transpose(order)
        else:
            cuts = data.draw(st.lists(st.booleans(), min_size=value.ndim, max_size=value.ndim))
            groups = grouped(list(range(value.ndim)), cuts)
            target = [int(np.prod([value.shape[i] for i in g])) for g in groups]
            names = [product_of(node.shape[i] for i in g) for g in groups]
            node, value = node.reshape(names), value.reshape(target)
    sizes = {f"n{s}": s for s in (2, 3, 5)}
    np.testing.assert_array_equal(evaluate(node, {x: array}, sizes), value)


def grouped(axes, cuts):
    """Neighbouring axes in groups."""
    groups = [[axes[0]]] if axes else []
    for axis, cut in zip(axes[1:], cuts[1:], strict=False):
        if cut:
            groups.append([axis])
        else:
            groups[-1].append(axis)
    return groups


def product_of(sizes):
    result = 1
    for size in sizes:
        result = result * size
    return result


def test_fuses_that_stay():
    F, v = fuse(n, m), vector("v", n * m)
    assert fuses(snp.einsum("kij,k->ij", F, v)) == 1
    assert fuses(snp.einsum("kij,k->i", F, v)) == 1
    assert fuses(snp.einsum("kij->kj", F)) == 1
    other = fuse(m, n)
    assert fuses(snp.einsum("kij,kab->ijab", F, other)) == 2


SPECS = [
    *("kij,kij->", "kij,kij->k", "kij,kab->ijab", "kij,kib->jb", "kij,lij->kl", "kij,kij->ij"),
    *("kij,lij->", "kij,kab->", "kij,lab->kl", "kij->i", "kij->k", "kij->ij", "kij,laj->kl"),
    *("kij,kij,kij->k", "kij,kab,lab->ijl"),
]
SQUARE_SPECS = ["kij,kji->k", "kii->k", "kij,kii->j", "kii,kij->ij", "kij,lji->kl", "kii,lii->"]


@pytest.mark.parametrize("spec", SPECS + SQUARE_SPECS)
@pytest.mark.parametrize("sizes", [(2, 2), (2, 3), (1, 2), (3, 1), (0, 2)])
def test_contractions_of_fuses_have_the_values_of_numpy(spec, sizes):
    F = fuse(*sizes if spec in SPECS else (2, 2))
    array = evaluate(F).astype(int)
    count = spec.count(",") + 1
    expected = np.einsum(spec, *[array] * count)
    np.testing.assert_array_equal(evaluate(snp.einsum(spec, *[F.astype("int")] * count)), expected)
    np.testing.assert_array_equal(evaluate(snp.einsum(spec, *[F] * count)), expected != 0)
