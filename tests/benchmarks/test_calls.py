"""What a call of a program costs above a call of ``jax.jit`` of the same text, in microseconds."""

import os
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf

BATCH, BATCHES = 100, 2000


def least(calls, number):
    """The shortest time of one call each, of many short batches in turns."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(BATCHES // (5 + number)):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(BATCH):
                call()
            best[name] = min(best[name], (time.perf_counter() - start) / BATCH)
    return {name: 1e6 * value for name, value in best.items()}


def typed(function, names, values, *, by_name):
    """A call as people type it: ``f(a=a, b=b)`` or ``f(a, b)``."""
    given = [f"{name}={name}" if by_name else name for name in names]
    space = {"__f": function, **dict(zip(names, values, strict=True))}
    return eval(f"lambda: __f({', '.join(given)})", space)


@pytest.mark.parametrize("count", [1, 10, 100])
def test_calls(benchmark, note, count):
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    n = sf.dim("n")
    names = [f"v{k}" for k in range(count)]
    total = 2 * sum((sf.vector(name, n) for name in names[1:]), sf.vector(names[0], n))
    f = sf.lower(total, inputs=[sf.vector(name, n) for name in names])
    flat = jax.jit(f.function)
    calls = {}
    for kind, array in (("jax", jnp.ones(8)), ("numpy", np.ones(8, np.float32))):
        values = [array + k for k in range(count)]
        calls[f"flat, {kind}"] = typed(flat, names, values, by_name=False)
        calls[f"jit by name, {kind}"] = typed(flat, names, values, by_name=True)
        calls[f"by position, {kind}"] = typed(f, names, values, by_name=False)
        calls[f"by name, {kind}"] = typed(f, names, values, by_name=True)
        calls[f"f.call by name, {kind}"] = typed(f.call, names, values, by_name=True)
    np.testing.assert_allclose(calls["by name, jax"](), calls["flat, numpy"]())
    times = benchmark.pedantic(least, (calls, count), rounds=1)
    for kind in ("jax", "numpy"):
        flat_time = times[f"flat, {kind}"]
        more = ", ".join(
            f"{name.rpartition(',')[0]} {value - flat_time:+.2f}"
            for name, value in times.items()
            if name.endswith(kind) and not name.startswith("flat")
        )
        note(f"{count} inputs, {kind} arrays: flat jit {flat_time:.1f} microseconds; {more}")
