"""Repeated parts of products as nodes of their own."""

import sympy as sp

import symflow.numpy as snp
from symflow.core import contract, dims, postorder, tensor
from symflow.rewriting.engine import normalise
from symflow.rewriting.refold import refold, refold_all
from symflow.rewriting.refold_pairs import repeated_parts, saving

m, n = dims("m n")
A, B, G, X = tensor("A", n, n), tensor("B", n, n), tensor("G", n, n), tensor("X", m, n)
S = tensor("S", n, n, symmetric=True)
u, w, x = tensor("u", n), tensor("w", n), tensor("x", n)


def normal(node):
    return normalise([node])[0]


def test_repeated_product_is_one_node():
    (node,) = refold(normal(snp.sum((X @ w) ** 4))).operands[:1]
    assert node is X @ w


def test_power_of_a_matrix_by_squaring():
    square = A @ A
    assert refold(normal(snp.trace(A @ A @ A @ A @ A @ A @ A @ A))) is snp.trace(
        (square @ square) @ (square @ square)
    )


def test_products_shared_by_several_outputs():
    first, second = refold_all([normal(tensor("C", m, m) @ X @ G @ A), normal(B @ G.T @ X.T)])
    assert X @ G in set(postorder([first])) & set(postorder([second]))


def test_sharing_forms_no_dearer_product():
    first, second = normal(A @ B @ x), normal(A @ B @ u)
    assert refold_all([first, second]) == [first, second]


def test_pairs_of_symmetric_matrices_are_found_from_both_sides():
    first, second = refold_all([normal(A @ S @ B), normal(G @ S @ A.T)])
    assert set(first.operands) & set(second.operands)


def test_elementwise_powers_stay_powers():
    assert refold(x**4) is x**4
    assert saving([x**4]) == 0


def test_scaled_rows_are_no_repeated_part():
    first, second = normal(X.T @ ((X @ w) * tensor("y", m))), normal((X.T * tensor("y", m)) @ X)
    for node in refold_all([first, second]):
        assert all(operand.rank < 2 or operand is X for operand in node.operands)


def test_unit_vectors_where_the_norm_is_there():
    norm = snp.linalg.norm(x)
    alone = normal(snp.outer(x, x) / norm**2)
    assert refold(alone) is alone
    both = refold_all([alone, normal(A @ x / norm)])
    assert normal(both[0]).operands == (normal(x / norm),) * 2


def test_parts_of_another_type_are_not_formed():
    i, j = tensor("i", n, n, dtype="int"), tensor("j", n, n, dtype="int")
    terms = [
        contract(sp.S.One, (i, j, M), ((0, 1), (1, 2), (2, 3)), (0, 3), dict.fromkeys(range(4), n))
        for M in (A, B)
    ]
    assert repeated_parts(terms) == {}


def test_saving_counts_what_is_computed_once():
    assert saving([A @ B, G]) == 0 if hasattr(G, "subscripts") else True
    triple = [snp.einsum("ij,jk,kl->il", A, B, M) for M in (A, B, G)]
    assert saving(triple) == 2
    assert saving(triple[:1]) == 0
    forms = repeated_parts(triple)
    assert all(A @ B in form.operands for form in forms.values())


def test_shared_parts_are_found_below_other_operations():
    root = refold(normal(snp.exp(A @ B @ G) + snp.sin(A @ B @ G.T)))
    assert A @ B in postorder([root])
