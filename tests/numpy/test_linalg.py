"""Functions of ``numpy.linalg`` on stacks, empty matrices and complex numbers."""

import numpy as np
import pytest

import symflow.numpy as snp
from symflow.core import dims, matrix, tensor
from symflow.errors import ShapeError
from tests.numpy.against import agree

rng = np.random.default_rng(3)
stack = rng.normal(size=(2, 3, 3))
hermitian = stack @ np.swapaxes(stack, -1, -2) + 1j * (stack - np.swapaxes(stack, -1, -2))


@pytest.mark.parametrize("name", ["inv", "det", "pinv", "svdvals", "cond"])
def test_of_stacks(name):
    agree(lambda s, a: getattr(s.linalg, name)(a), stack)
    agree(lambda s, a: getattr(s.linalg, name)(a), stack[:1, :2, :2])


@pytest.mark.parametrize("name", ["inv", "det", "eigvalsh", "pinv", "svdvals", "norm"])
def test_of_complex_matrices(name):
    agree(lambda s, a: getattr(s.linalg, name)(a), hermitian[0] + 5 * np.eye(3))


@pytest.mark.parametrize("axis", [0, 1, 2, (0, 1), (2, 0), (-1, -2)])
@pytest.mark.parametrize("order", [None, 1, -1, 2, np.inf, -np.inf])
def test_norms_over_axes(axis, order):
    agree(lambda s, a: s.linalg.norm(a, order, axis), stack)
    agree(lambda s, a: s.linalg.norm(a, order, axis, keepdims=True), stack[:, :2])


def test_products_of_several_matrices():
    a, b, c = rng.normal(size=(2, 5)), rng.normal(size=(5, 1)), rng.normal(size=(1, 4))
    agree(lambda s, *xs: s.linalg.multi_dot(list(xs)), a, b, c)
    agree(lambda s, *xs: s.linalg.multi_dot(list(xs)), a[0], b, c[0])
    agree(lambda s, x, y: s.linalg.cross(x, y), stack[0], stack[1])
    agree(lambda s, x, y: s.linalg.vecdot(x, y), stack[0] + 1j, stack[1])


def test_tensor_equations():
    a = rng.normal(size=(2, 3, 6)) + np.eye(6).reshape(2, 3, 6)
    agree(lambda s, x: s.linalg.tensorinv(x, ind=2), a)
    agree(lambda s, x, y: s.linalg.tensorsolve(x, y), a, rng.normal(size=(2, 3)))


def test_sizes_are_checked():
    n, m = dims("n m")
    with pytest.raises(ShapeError, match="n and m"):
        snp.linalg.inv(matrix("A", n, m))
    with pytest.raises(ShapeError):
        snp.linalg.tensorsolve(tensor("A", 2, 3, 5), matrix("b", 2, 3))
