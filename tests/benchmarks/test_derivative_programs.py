"""Hessians, Jacobians and their relatives: beside closed forms by hand and JAX as typed."""

import math
import statistics
import time

import jax
import numpy as np
import pytest

from tests.benchmarks.derivative_programs import PROGRAMS

ROUNDS, CHUNK = 15, 2e-3
_ratios: dict[str, list[float]] = {"by hand": [], "JAX": []}


def interleaved(functions, rounds=ROUNDS):
    """The median time of each function, in turns of some milliseconds, in seconds of CPU."""
    repeats = []
    for function in functions:
        jax.block_until_ready(function())
        start = time.perf_counter()
        jax.block_until_ready(function())
        repeats.append(max(1, math.ceil(CHUNK / max(time.perf_counter() - start, 1e-7))))
    samples = [[] for _ in functions]
    for turn in range(rounds):
        order = list(range(len(functions)))
        for k in order if turn % 2 else reversed(order):
            start = time.process_time()
            for _ in range(repeats[k]):
                result = functions[k]()
            jax.block_until_ready(result)
            samples[k].append((time.process_time() - start) / repeats[k])
    return [statistics.median(values) for values in samples]


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivative(benchmark, note, name):
    program = PROGRAMS[name]
    arrays = program.arrays()
    ours, typed, by_hand = program.lowered(), jax.jit(program.typed), jax.jit(program.by_hand)
    for mine, theirs, best in zip(
        *(jax.tree.leaves(f(**arrays)) for f in (ours, typed, by_hand)), strict=True
    ):
        scale = float(np.abs(np.asarray(theirs)).max())
        np.testing.assert_allclose(np.asarray(best) / scale, np.asarray(theirs) / scale, atol=1e-4)
        np.testing.assert_allclose(np.asarray(mine) / scale, np.asarray(theirs) / scale, atol=1e-4)
    calls = [lambda f=f: f(**arrays) for f in (ours, by_hand, typed)]
    found = benchmark.pedantic(interleaved, (calls,), rounds=1)
    mine, best, theirs = found
    _ratios["by hand"].append(mine / best)
    _ratios["JAX"].append(theirs / mine)
    benchmark.extra_info.update(by_hand=mine / best, jax=theirs / mine)
    note(
        f"{name}: symflow / by hand = {mine / best:.2f}, JAX / symflow = {theirs / mine:.1f} "
        f"({1e6 * mine:.0f} microseconds)"
    )
    if name == list(PROGRAMS)[-1]:
        means = {k: statistics.geometric_mean(v) for k, v in _ratios.items()}
        note(
            f"geometric mean of {len(_ratios['JAX'])}: symflow / by hand = "
            f"{means['by hand']:.2f}, JAX / symflow = {means['JAX']:.1f}"
        )
