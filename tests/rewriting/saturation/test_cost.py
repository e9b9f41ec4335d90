"""The cost model: counted by hand at given sizes; sharing, fusion, solving, merged axes."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import Tensor
from symflow.rewriting.engine import normalise
from symflow.rewriting.saturation.cost import Cost, CostModel, Machine
from tests.random_programs import random_program, symflow_space

n, m, k = sf.dims("n m k")
A, B = sf.matrix("A", n, n), sf.matrix("B", n, n)
X, Y = sf.matrix("X", n, m), sf.matrix("Y", m, k)
S = sf.matrix("S", n, n, positive_definite=True)
L = sf.matrix("L", n, n, lower_triangular=True)
D = sf.matrix("D", n, n, diagonal=True)
x, y = sf.vector("x", n), sf.vector("y", n)
inv, slogdet = snp.linalg.inv, snp.linalg.slogdet
N, M, K = 100.0, 20.0, 5.0
MODEL = CostModel({"n": 100, "m": 20, "k": 5})


def cost(*formulas: Tensor) -> Cost:
    return MODEL.cost(normalise(list(formulas)))


@pytest.mark.parametrize(
    ("formula", "flops", "kernels"),
    [
        (X @ Y, 2 * N * M * K, 1),
        (X.T, 0, 0),
        (-X, 0, 0),
        (x[:, None] * snp.ones((1, m)), 0, 0),
        (snp.eye(n), 0, 0),
        (A @ B @ x, 4 * N * N, 2),
        (snp.trace(A @ B), 2 * N * N, 1),
        (snp.outer(x, y), N * N, 1),
        (snp.diag(x) @ A, N * N, 1),
        (D @ A, N * N, 1),
        (snp.sum(A), N * N, 1),
        (A + B, N * N, 1),
        (A + 2 * B, 2 * N * N, 1),
        (inv(A), 2 * N**3, 1),
        (inv(A) @ x, N**3 * 2 / 3 + 2 * N * N, 2),
        (inv(S) @ x, N**3 / 3 + 2 * N * N, 2),
        (inv(L) @ x, N * N, 1),
        (inv(D) @ x, N, 1),
        (inv(A) @ X, N**3 * 2 / 3 + 2 * N * N * M, 2),
        (slogdet(S)[1], N**3 / 3, 1),
        (slogdet(A)[1], N**3 * 2 / 3, 1),
        (snp.kron(A, B) @ sf.vector("v", n * n), 4 * N**3, 2),
    ],
)
def test_operations_and_kernels(formula: Tensor, flops: float, kernels: int) -> None:
    got = cost(formula)
    assert got.flops == pytest.approx(flops, rel=1e-9)
    assert got.kernels == kernels


def test_shared_parts_count_once() -> None:
    once = cost(A @ B)
    assert cost(A @ B, snp.exp(A @ B)).flops == pytest.approx(once.flops + 8 * N * N)
    assert cost(A @ x, x @ A @ x).flops == pytest.approx(2 * N * N + 2 * N)


def test_one_factorisation_serves_all() -> None:
    both = cost(inv(S) @ x, inv(S) @ y, slogdet(S)[1])
    assert both.flops == pytest.approx(N**3 / 3 + 4 * N * N)


def test_an_inverse_that_something_else_needs_is_computed() -> None:
    assert cost(inv(A) + B).flops == pytest.approx(2 * N**3 + N * N)
    assert cost(snp.exp(inv(A)).T).flops == pytest.approx(2 * N**3 + 8 * N * N)
    assert cost(inv(A).T).flops == pytest.approx(2 * N**3)


def test_entrywise_work_with_one_user_moves_nothing() -> None:
    apart = MODEL.cost([snp.exp(A)]).traffic
    fused = MODEL.cost([snp.sin(snp.exp(A) + B)])
    assert apart == 2 * N * N * 4
    assert fused.traffic == 3 * N * N * 4
    assert fused.kernels == 1
    shared = snp.exp(A)
    assert MODEL.cost([shared, snp.sin(shared)]).kernels == 2
    assert MODEL.cost([snp.exp(A) @ B]).kernels == 2


def test_a_reduction_reads_what_it_sums_without_storing_it() -> None:
    assert cost(snp.sum(A * B)).traffic == (2 * N * N + 1) * 4


def test_the_machine_decides_what_is_slow() -> None:
    product, entrywise = normalise([A @ B, A + B])
    slow = CostModel({"n": 100}, Machine(flops=1e6, bandwidth=1e20, launch=0.0))
    assert slow.seconds([product]) == pytest.approx(2.0)
    starting = CostModel({"n": 100}, Machine(flops=1e20, bandwidth=1e20, launch=1.0))
    assert starting.seconds([product, entrywise]) == pytest.approx(2.0)


def test_sizes_without_a_value_have_usual_ones() -> None:
    assert CostModel().cost([X @ Y]).flops == 2 * 256 * 64 * 64
    assert CostModel({"k": 0}).seconds([X @ Y]) > 0


def _batched(number: int) -> Tensor:
    program = random_program(number, steps=7, sizes=(2, 3, 5))
    inputs = [sf.tensor(f"x{j}", *shape) for j, shape in enumerate(program.shapes)]
    result: Tensor = program.run(symflow_space(), inputs)
    return result


@pytest.mark.parametrize("number", range(40))
def test_every_graph_has_a_cost_and_parts_cost_no_more(number: int) -> None:
    whole = _batched(number)
    total = CostModel().seconds([whole])
    assert np.isfinite(total)
    assert total >= 0
    assert CostModel().seconds([whole, whole]) == total
    together = CostModel().seconds([whole, *whole.operands])
    assert together >= total * (1 - 1e-12)
