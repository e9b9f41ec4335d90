"""The node: what every tensor knows, and what it is not."""

import operator

import numpy as np
import pytest
import sympy as sp

import symflow.numpy as snp
from symflow.core import Tensor, attach, dims, matrix, rank_name, scalar, tensor, vector

n, m = dims("n m")
x, A, s = vector("x", n), matrix("A", n, m), scalar("s")
NODES = [x, A, s, x + 1, A.T, snp.exp(x), snp.eye(n), snp.ones(3), snp.array([1, 2]), x @ A]


def test_shape_rank_and_size():
    T = tensor("T", 2, n, n + 1)
    assert (T.shape, T.rank, T.ndim, T.dtype) == ((2, n, n + 1), 3, 3, "float")
    assert T.size == sp.expand(2 * n * (n + 1))
    assert s.size == 1
    assert len(matrix("B", 4, n)) == 4


@pytest.mark.parametrize(
    ("rank", "name"),
    [(0, "scalar"), (1, "vector"), (2, "matrix"), (3, "cube"), (4, "rank-4 tensor")],
)
def test_rank_names(rank, name):
    assert rank_name(tensor("T", *[2] * rank)) == name
    assert rank_name(np.zeros([2] * rank)) == name


def test_the_type_of_all_is_no_constructor():
    with pytest.raises(TypeError, match=r"a variable is sf.tensor\(name, \*sizes\)"):
        Tensor("T", 2, 3)


@pytest.mark.parametrize("node", NODES, ids=str)
def test_equality_is_identity(node):
    assert operator.eq(node, node) is True
    assert operator.ne(node, node) is False
    assert node in {node}
    for other in (1, "x", None, sp.Symbol("x"), np.ones(3), n, *NODES):
        if other is not node:
            assert (node == other) is False
            assert (node != other) is True


@pytest.mark.parametrize("node", NODES, ids=str)
def test_a_node_is_a_sympy_expression_that_is_no_number(node):
    assert isinstance(node, sp.Expr)
    assert sp.sympify(node) is node
    assert node.is_commutative is False
    for kind in ("number", "Atom", "Add", "Mul", "Symbol", "Number"):
        assert not getattr(node, f"is_{kind}")
    for fact in (
        "real",
        "positive",
        "negative",
        "zero",
        "integer",
        "finite",
        "complex",
        "infinite",
    ):
        assert getattr(node, f"is_{fact}") is None


def test_a_node_holds_no_numbers():
    for use in (bool, float, int, complex, np.asarray, list, len):
        with pytest.raises(TypeError):
            use(x)
    with pytest.raises(TypeError, match=r"no truth value.*snp\.equal.*snp\.where"):
        bool(x > 0)
    with pytest.raises(TypeError, match="lower it first"):
        np.array([x, x])


def test_nodes_cannot_be_given_attributes():
    for node in NODES:
        with pytest.raises(AttributeError):
            node.colour = 1


@pytest.mark.parametrize("node", NODES, ids=str)
def test_rebuilding_from_the_same_parts(node):
    assert node.func(*node.args) is node
    assert node.rebuilt(node.operands, None) is node
    assert node.rebuilt(node.operands, lambda scalar: scalar) is node
    assert node.with_scalars(lambda scalar: scalar) is node
    if node.operands:
        assert node.with_operands(node.operands) is node
    else:
        assert all(not isinstance(a, Tensor) for a in node.args)


def test_leaves_have_no_operands_to_change():
    with pytest.raises(TypeError, match="Variable has no operands"):
        x.with_operands((x,))
    with pytest.raises(TypeError, match="use x"):
        len(x)


def test_methods_come_from_higher_floors():
    attach({"a_method_of_tests": lambda self: self.rank})
    try:
        assert A.a_method_of_tests() == 2
    finally:
        del Tensor.a_method_of_tests
