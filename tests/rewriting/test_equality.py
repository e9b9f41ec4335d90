"""Equality of nodes by their normal forms."""

import symflow.numpy as snp
from symflow.core import matrix, postorder, vector
from symflow.ops.elementwise import exp, sin
from symflow.rewriting.equality import localised, same_form

A, B = matrix("A", "n", "n"), matrix("B", "n", "n")
x, y = vector("x", "n"), vector("y", "n")


def test_products_and_sums_in_any_order() -> None:
    assert same_form((A @ B) @ x, A @ (B @ x))
    assert same_form(exp(x) + (exp(y) - exp(x)), exp(y))
    assert not same_form(A @ B @ x, B @ A @ x)
    assert not same_form(exp(x), exp(y))


def test_facts_of_common_parts_are_kept() -> None:
    deep = exp(sin(x))
    assert same_form(y * snp.sqrt(deep) ** 2, y * deep)
    assert not same_form(y * snp.sqrt(sin(x)) ** 2, y * sin(x))


def test_common_parts_are_variables() -> None:
    node = x
    for _ in range(2000):
        node = sin(node)
    first, second = localised(node * y, y * exp(node))
    assert len(postorder([first, second])) < 10
    assert same_form(2 * node * y, node * y + y * node)
