"""The estimates that guide factoring: operators as written, work by size."""

import pytest

import symflow.numpy as snp
from symflow.core import dims, tensor
from symflow.rewriting.network import items
from symflow.rewriting.refold import length
from symflow.rewriting.refold_cost import bits, effort, is_symmetric, operators, transposes

m, n = dims("m n")
A, B, X = tensor("A", n, n), tensor("B", n, n), tensor("X", m, n)
S = tensor("S", n, n, symmetric=True)
x, y, z = tensor("x", n), tensor("y", m), tensor("z", n)

WRITTEN = {
    "A @ x": (A @ x, 1),
    "X.T @ y": (X.T @ y, 2),
    "S @ A": (S.T @ A, 1),
    "X.T @ (X @ x - y)": (X.T @ (X @ x - y), 4),
    "2 * X.T @ (X @ x - y)": (2 * X.T @ (X @ x - y), 5),
    "(A + A.T) @ x": ((A + A.T) @ x, 3),
    "A @ B @ x": (A @ (B @ x), 2),
    "x ** 3": (x**3, 1),
    "x / sum(z)": (x / snp.sum(z), 2),
    "sqrt(x)": (snp.sqrt(x), 1),
    "1 - x": (1 - x, 1),
    "2 * x + 3": (2 * x + 3, 2),
    "trace(A @ B)": (snp.trace(A @ B), 2),
    "diag(x)": (snp.diag(x), 1),
    "eye(n)": (snp.eye(n), 0),
    "x[:, None] * z": (snp.outer(x, z), 1),
    "sum(x)": (snp.sum(x), 1),
    "sum(A, axis=0) * x": (snp.sum(A, axis=0) * x, 2),
    "swapped axes": (snp.transpose(tensor("T", n, n, n), (2, 0, 1)), 1),
    "the transpose of a product": ((B.T @ A.T).T @ A.T, 3),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_operators_as_a_reader_counts_them(text):
    node, count = WRITTEN[text]
    assert length([node]) == count


def test_equal_parts_count_once():
    t = snp.tanh(A @ x)
    assert length([t * t + t]) == length([t]) + 2
    assert length([A @ x, snp.exp(A @ x)]) == 2


def test_what_is_there_anyway_costs_nothing():
    residual = X @ x + y
    total, products = operators([X.T @ residual], {residual})
    assert total == 2
    assert len(products) == 1


def work(node):
    return effort(items(node), node.output, dict(enumerate(node.sizes)))


def test_effort_is_the_largest_step_of_a_good_order():
    size = bits(n)
    vector, matrix = (A @ B) @ x, A @ B @ A
    assert len(items(vector)) == 2  # nested as written
    flat = snp.einsum("ij,jk,k->i", A, B, x)
    assert work(flat) == 2 * size
    assert work(snp.einsum("ij,jk,kl->il", A, B, A)) == 3 * size
    assert work(matrix) == 3 * size
    assert work(snp.outer(x, z)) == 2 * size


def test_effort_knows_small_sizes():
    P = tensor("P", n, 2)
    assert work(P @ P.T) == 2 * bits(n) + 1


def test_symmetric_matrices_need_no_transpose():
    assert is_symmetric(S)
    assert not is_symmetric(A)
    assert not is_symmetric(x)
    assert transposes([(S, (1, 0)), (x, (1,))], (0,)) == 0
    assert transposes([(A, (1, 0)), (x, (1,))], (0,)) == 1
    assert transposes([(A, (1, 0)), (B, (2, 1))], (0, 2)) == 1
