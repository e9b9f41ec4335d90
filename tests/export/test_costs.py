"""Costs of operations, against counts by hand."""

import pytest
import sympy as sp

import symflow.nn as nn
import symflow.numpy as snp
from symflow.core import dims, matrix, vector
from symflow.export.costs import flops, parts_of

n, d, h = dims("n d h")
A, B = matrix("A", n, d), matrix("B", d, h)
S = matrix("S", n, n)
x, y = vector("x", n), vector("y", n)


def measure(size):
    return size if isinstance(size, int) else float(sp.sympify(size).subs({n: 50, d: 7, h: 11}))


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (A @ B, 2 * n * d * h),
        (x * y, n),
        (x @ y, 2 * n),
        (3 * x, n),
        (-x, 0),
        (A.T, 0),
        (snp.broadcast_to(x, (d, n)), 0),
        (A.reshape(n * d), 0),
        (snp.sum(A), n * d),
        (snp.mean(x), n + 1),
        (snp.outer(x, y), n**2),
        (snp.trace(S), n),
        (snp.sum(A @ B), n * d + d * h + 2 * d),
        (snp.diag(x), 0),
        (snp.eye(n), 0),
        (x + y, n),
        (x + 2 * y, 2 * n),
        (snp.exp(A), 8 * n * d),
        (snp.max(A, axis=0), n * d),
        (nn.softmax(A), 12 * n * d),
        (snp.linalg.det(S), sp.Rational(2, 3) * n**3),
        (snp.kron(A, B), n * d * d * h),
        (A, 0),
    ],
)
def test_flops(node, expected):
    assert sp.expand(flops(node, measure) - expected) == 0


def test_numbers_are_python_integers():
    node = matrix("M", 3, 4) @ vector("v", 4)
    assert flops(node, measure) == 24
    assert type(flops(node, measure)) is int


@pytest.mark.parametrize("size", [0, 1, 5])
def test_any_size(size):
    node = matrix("M", size, 3) @ matrix("N", 3, size)
    assert flops(node, measure) == (2 * size * size * 3 if size != 1 else 6)


def test_several_operands_are_paired_from_the_cheapest():
    # (A B) x costs more than A (B x): 2ndh + 2nh against 2dh + 2nd
    v = vector("v", h)
    node = snp.einsum("ij,jk,k->i", A, B, v)
    assert sp.expand(flops(node, measure) - (2 * d * h + 2 * n * d)) == 0


def test_many_operands_take_linear_time():
    node = snp.multiply(*(vector(f"v{k}", n) for k in range(300)))
    assert flops(node, measure) == 299 * n


def test_a_reshape_has_one_operand():
    assert parts_of(A.reshape(n * d)) == (A,)


def test_factors_come_in_reading_order():
    assert parts_of(A @ B) == (A, B)
    assert parts_of(B.T @ A.T) == (B, A)
