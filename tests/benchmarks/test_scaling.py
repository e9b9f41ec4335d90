"""Nodes built, walked, differentiated and simplified per second, at a thousand to 100,000 nodes."""

import pytest

import symflow as sf
import symflow.numpy as snp
from tests.benchmarks.conftest import best_of

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


def walk(start):
    return start[1].walk()


def differentiate(start):
    return sf.grad(start[1], start[0], tidy=False)


def simplify(start):
    return sf.simplify(start[1])


ACTIONS = {"walk": walk, "differentiate": differentiate, "simplify": simplify}


def rounds(count):
    return 3 if count == 100_000 else 7


@pytest.mark.parametrize("count", SIZES)
def test_build(benchmark, count):
    benchmark.extra_info["nodes"] = count
    benchmark.pedantic(build, (count,), rounds=rounds(count))


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("action", ACTIONS)
def test_pass(benchmark, action, count):
    benchmark.extra_info["nodes"] = count
    benchmark.pedantic(ACTIONS[action], setup=lambda: ((build(count),), {}), rounds=rounds(count))


@pytest.mark.parametrize("action", ["build", *ACTIONS])
def test_cost_per_node_grows_little(benchmark, note, action):
    """How much a node costs at 100,000 nodes against 1,000."""
    costs = {}

    def compare():
        for count in (SIZES[0], SIZES[-1]):
            times = []
            for _ in range(rounds(count)):
                if action == "build":
                    times.append(best_of(lambda count=count: build(count), 1))
                else:
                    start = build(count)
                    times.append(best_of(lambda start=start: ACTIONS[action](start), 1))
            costs[count] = min(times) / count

    benchmark.pedantic(compare, rounds=1)
    ratio = costs[SIZES[-1]] / costs[SIZES[0]]
    benchmark.extra_info["ratio"] = ratio
    speeds = ", ".join(f"{1 / cost:,.0f} nodes/s at {count:,}" for count, cost in costs.items())
    note(f"{action}: cost per node at 100,000 / at 1,000 = {ratio:.2f} ({speeds})")
