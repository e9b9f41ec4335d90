"""Nodes built, walked, differentiated and simplified per second, at a thousand to 100,000 nodes."""

import pytest

import symflow as sf
import symflow.numpy as snp

SIZES = (1_000, 10_000, 100_000)
_names = iter(range(1_000_000))


def build(count):
    """A recurrent chain of about ``count`` nodes, new in every call: nothing is interned yet."""
    tag = next(_names)
    x, A, b = sf.vector(f"x{tag}", "n"), sf.matrix(f"A{tag}", "n", "n"), sf.vector(f"b{tag}", "n")
    h = x
    for _ in range(count // 3):
        h = snp.tanh(A @ h + b)
    return x, snp.sum(h)


def differentiate(x, f):
    return sf.grad(f, x, tidy=False)


def simplify(x, f):
    return sf.simplify(f)


ACTIONS = {"differentiate": differentiate, "simplify": simplify}
# How often each size is timed: the largest takes most of a minute.
ROUNDS = {1_000: 7, 10_000: 3, 100_000: 1}
_costs: dict[tuple[str, int], float] = {}


def record(benchmark, note, action, count):
    """Keep the cost of a node; with the last size, compare it with the first."""
    cost = benchmark.stats.stats.min / count
    _costs[action, count] = cost
    benchmark.extra_info.update(nodes=count, nodes_per_second=1 / cost)
    first = _costs.get((action, SIZES[0]))
    if count == SIZES[-1] and first is not None:
        benchmark.extra_info["cost_per_node_ratio"] = cost / first
        speeds = ", ".join(
            f"{1 / _costs[action, size]:,.0f} at {size:,}"
            for size in SIZES
            if (action, size) in _costs
        )
        note(f"{action}: a node costs {cost / first:.2f} times as much; nodes/s: {speeds}")


@pytest.mark.parametrize("count", SIZES)
def test_build(benchmark, note, count):
    benchmark.pedantic(build, (count,), rounds=ROUNDS[count])
    record(benchmark, note, "build", count)


@pytest.mark.parametrize("count", SIZES)
def test_walk(benchmark, note, count):
    _, f = build(count)
    benchmark.pedantic(f.walk, rounds=7)
    record(benchmark, note, "walk", count)


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("action", ACTIONS)
def test_pass(benchmark, note, action, count):
    # a new graph every time: nodes keep what was derived of them
    benchmark.pedantic(ACTIONS[action], setup=lambda: (build(count), {}), rounds=ROUNDS[count])
    record(benchmark, note, action, count)
