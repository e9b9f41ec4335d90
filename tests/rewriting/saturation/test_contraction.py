"""The kernels of one contraction: order, sharing, solving, merged axes, powers, diagonals."""

import symflow as sf
import symflow.numpy as snp
from symflow.core import Einsum, Tensor
from symflow.rewriting.engine import normalise
from symflow.rewriting.hints import size_hints
from symflow.rewriting.saturation.contraction import Contraction

n, k = sf.dims("n k")
A, B = sf.matrix("A", n, n), sf.matrix("B", n, n)
D = sf.matrix("D", n, n, diagonal=True)
U = sf.matrix("U", n, k)
x = sf.vector("x", n)
inv = snp.linalg.inv
HINTS = size_hints({"n": 100, "k": 5})


def kernels(formula: Tensor) -> Contraction:
    (node,) = normalise([formula])
    assert isinstance(node, Einsum)
    return Contraction(node, HINTS)


def flops(formula: Tensor) -> list[float]:
    return [kernel.flops for kernel in kernels(formula).kernels]


def test_the_thin_end_comes_first() -> None:
    assert flops(A @ B @ x) == [20_000.0, 20_000.0]
    assert flops(U @ U.T @ x) == [1_000.0, 1_000.0]


def test_equal_pairs_have_one_key_whatever_stands_beside_them() -> None:
    alone = {kernel.key for kernel in kernels(A @ x).kernels}
    beside = {kernel.key for kernel in kernels(B @ A @ x).kernels}
    assert alone < beside
    turned = {kernel.key for kernel in kernels(x @ A.T).kernels}
    assert turned == alone
    assert {kernel.key for kernel in kernels(x @ A).kernels} != alone


def test_an_inverse_is_solved_with_where_one_axis_meets() -> None:
    assert kernels(inv(A) @ x).explicit == []
    assert kernels(inv(A) @ B).explicit == []
    assert kernels(snp.trace(inv(A))).explicit == [inv(A)]
    assert kernels(inv(A) * B).explicit == [inv(A)]
    assert kernels(inv(A).T).explicit == [inv(A)]
    wide = sf.matrix("W", n, 2000)
    assert kernels(inv(A) @ wide).explicit == [inv(A)]


def test_views_and_literals_start_nothing() -> None:
    for formula in (A.T, -A, snp.eye(n), snp.ones((n, k)), snp.diag(x), x[:, None] * snp.ones(k)):
        assert flops(formula) == []


def test_a_number_is_one_multiplication_of_the_smallest() -> None:
    assert flops(2 * A) == [10_000.0]
    assert flops(2 * U @ U.T) == [100_000.0 + 500.0]


def test_powers_diagonals_and_merged_axes() -> None:
    assert flops(x * x * x) == [200.0]
    assert flops(D @ A) == [10_000.0]
    assert flops(D @ x) == [100.0]
    assert flops(snp.kron(A, B) @ sf.vector("v", n * n)) == [2e6, 2e6]
    assert flops(snp.sum(A, axis=0)) == [10_000.0]
