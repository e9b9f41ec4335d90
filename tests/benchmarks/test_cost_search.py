"""The search by cost: time for one formula, for random ones, and for each node of a gradient."""

from typing import Any

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.api.cost import cheapest
from symflow.rewriting.saturation.cost import CostModel
from tests.rewriting.matrix_formulas import random_matrix_formula

n, k = sf.dims("n k")
SIZES = {"n": 1000, "k": 10}
_names = iter(range(1_000_000))


def formulas() -> dict[str, Any]:
    """New in every call: nodes keep what was derived of them."""
    tag = next(_names)
    A, B, C = (sf.matrix(f"{name}{tag}", n, n) for name in "ABC")
    U, V = (sf.matrix(f"{name}{tag}", n, k) for name in "UV")
    x, d = sf.vector(f"x{tag}", n), sf.vector(f"d{tag}", n, positive=True)
    inv, eye = snp.linalg.inv, snp.eye(n)
    small = snp.exp(A @ B + A @ C) @ inv(eye + U @ V.T) @ x
    return {
        "common factor": A @ B + A @ C,
        "woodbury": inv(eye + U @ V.T) @ x,
        "woodbury, diagonal": inv(snp.diag(d) + U @ U.T) @ x,
        "twenty operations": small + snp.tanh((A - B.T @ B) @ x) * snp.sum((U @ V.T) ** 2),
    }


@pytest.mark.parametrize("name", formulas())
def test_formulas(benchmark, note, name):
    def fresh() -> Any:
        formula = formulas()[name]
        sizes = SIZES if name != "common factor" else {"n": 1000}
        return (([formula], sizes), {})

    found = benchmark.pedantic(cheapest, setup=fresh, rounds=7)
    model = CostModel(SIZES)
    gain = model.seconds(found.roots) / model.seconds(found.results)
    benchmark.extra_info.update(gain=gain)
    note(f"{name}: {1000 * benchmark.stats.stats.min:.0f} ms, {gain:.3g} times less work")


def test_random_formulas(benchmark, note):
    def run() -> tuple[int, int]:
        won = incomplete = 0
        for seed in range(40):
            formula = random_matrix_formula(seed, steps=6)
            found = cheapest([formula])
            model = CostModel()
            won += model.seconds(found.results) < 0.95 * model.seconds([formula])
            incomplete += not found.complete
        return won, incomplete

    won, incomplete = benchmark.pedantic(run, rounds=1)
    note(f"40 random formulas: {won} became cheaper, {incomplete} searches passed a bound")


@pytest.mark.parametrize("layers", [4, 16, 64])
def test_gradients(benchmark, note, layers):
    def gradient() -> Any:
        tag = next(_names)
        h = sf.matrix(f"x{tag}", "b", "w")
        weights = [sf.matrix(f"W{tag}.{j}", "w", "w") for j in range(layers)]
        for weight in weights:
            h = snp.tanh(h @ weight)
        loss = snp.sum(h * h)
        return (([loss, *sf.grad(loss, weights)],), {})

    found = benchmark.pedantic(cheapest, setup=gradient, rounds=3)
    nodes = len({node for root in found.roots for node in root.walk()})
    each = 1e6 * benchmark.stats.stats.min / nodes
    benchmark.extra_info.update(nodes=nodes)
    note(f"gradient of {layers} layers: {nodes} nodes, {each:.0f} microseconds a node")
