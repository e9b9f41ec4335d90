"""Kernels: what factorising takes by what is known of a matrix, and what views show."""

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import Tensor
from symflow.rewriting.saturation.kernel import Kernel, cholesky_kernel, factorisation, shown

n = sf.dim("n")
A = sf.matrix("A", n, n)


@pytest.mark.parametrize(
    ("fact", "before", "each"),
    [
        (None, 2 / 3 * 10**3, 20.0),
        ("positive_definite", 10**3 / 3, 20.0),
        ("lower_triangular", None, 10.0),
        ("upper_triangular", None, 10.0),
        ("diagonal", None, 1.0),
    ],
)
def test_factorisation_by_facts(fact: str | None, before: float | None, each: float) -> None:
    matrix: Tensor = sf.tensor("M", n, n, **({} if fact is None else {fact: True}))
    kernel, unknown = factorisation(matrix, 10.0)
    assert (None if kernel is None else kernel.flops) == (
        None if before is None else pytest.approx(before)
    )
    assert unknown == each


def test_one_matrix_has_one_factor() -> None:
    S, T = (sf.matrix(name, n, n, positive_definite=True) for name in "ST")
    kernel, _ = factorisation(S, 10.0)
    other, _ = factorisation(T, 10.0)
    assert kernel is not None
    assert other is not None
    assert kernel.key == cholesky_kernel(S, 10.0).key != other.key
    assert cholesky_kernel(S, 10.0, stack=3.0).flops == 3 * kernel.flops


def test_views_show_what_they_are_of() -> None:
    assert shown(A.T) is A
    assert shown(-A) is A
    assert shown(snp.diagonal(A)) is A
    assert shown(2 * A) is not A
    assert shown(snp.sum(A, axis=0)) is not A
    assert shown(A @ A.T).operands == (A, A)


def test_more_work_is_another_kernel() -> None:
    kernel = Kernel(7, 10.0, ((A, 4.0),), 4.0)
    more = kernel.with_more(5.0)
    assert more.flops == 15.0
    assert more.key != kernel.key
    assert (more.reads, more.written) == (kernel.reads, kernel.written)
