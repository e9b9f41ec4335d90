"""Scalar graphs with gradients, written one operation after the other: build to the first call.

Work is counted in processor time, so that other load matters little.  JAX as typed takes minutes
for the larger graphs; it is timed on the smaller ones, CasADi (where it is installed) on all.
"""

import importlib
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp


def wide(functions, x, operations):
    """Rosenbrock's function, term by term: eight operations each."""
    total = 0
    for k in range(operations // 8):
        total = total + 100 * (x[k + 1] - x[k] ** 2) ** 2 + (1 - x[k]) ** 2
    return total


def chain(functions, x, operations):
    """A recurrence: three operations a step."""
    y = x[0]
    for _ in range(operations // 3):
        y = functions.sin(y) * x[1] + x[2]
    return y


def dag(functions, x, operations):
    """Operations on any of the last results; all of them bounded."""
    rng = np.random.default_rng(0)
    pool = [x[0], x[1], x[2]]
    for _ in range(operations // 4):
        first, second = (pool[k] for k in rng.integers(max(0, len(pool) - 50), len(pool), 2))
        if rng.integers(2):
            pool.append(functions.sin(first * second + first))
        else:
            pool.append(functions.tanh(first - second) * second)
    return sum(pool[-20:-1], pool[-1])


CASES = {"wide": wide, "chain": chain, "dag": dag}
SIZES = (1000, 10_000)


def length(name, operations):
    return operations // 8 + 1 if name == "wide" else 3


def ours(name, operations, values, backend):
    x = sf.vector("x", length(name, operations))
    entries = [x[k] for k in range(len(values))]
    f = CASES[name](snp, entries, operations)
    program = sf.lower(f, sf.grad(f, x), backend=backend, precision="float64")
    return [np.asarray(result) for result in program(x=values)]


def by_jax(name, operations, values):
    def f(x):
        return CASES[name](jnp, [x[k] for k in range(len(values))], operations)

    with jax.enable_x64():
        results = jax.jit(jax.value_and_grad(f))(jnp.asarray(values, jnp.float64))
        return [np.asarray(result) for result in results]


def by_casadi(casadi, name, operations, values):
    x = casadi.SX.sym("x", len(values))
    f = CASES[name](casadi, [x[k] for k in range(len(values))], operations)
    program = casadi.Function("program", [x], [f, casadi.gradient(f, x)])
    value, gradient = program(values)
    return [np.asarray(value).ravel()[0], np.asarray(gradient).ravel()]


def installed(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def spent(action):
    start = time.process_time()
    return action(), time.process_time() - start


@pytest.mark.parametrize("operations", SIZES)
@pytest.mark.parametrize("name", CASES)
def test_scalar_graphs(benchmark, note, name, operations):
    values = np.random.default_rng(1).uniform(0.2, 0.9, length(name, operations))
    for backend in ("numpy", "jax"):
        ours("wide", 400, np.full(51, 0.5), backend)  # rules and catalogue loaded
    times = {}
    expected, times["symflow, numpy"] = benchmark.pedantic(
        lambda: spent(lambda: ours(name, operations, values, "numpy")), rounds=1
    )
    others = {}
    if name == "wide" or operations == SIZES[0]:
        others["symflow, jax"] = lambda: ours(name, operations, values, "jax")
    if operations == SIZES[0]:
        others["JAX as typed"] = lambda: by_jax(name, operations, values)
    casadi = installed("casadi")
    if casadi is not None:
        others["CasADi"] = lambda: by_casadi(casadi, name, operations, values)
    for whose, action in others.items():
        results, times[whose] = spent(action)
        for mine, theirs in zip(expected, results, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-9)
    benchmark.extra_info.update(times)
    told = ", ".join(f"{whose} {taken:.2f} s" for whose, taken in times.items())
    note(f"{name} of {operations} operations, build to first call: {told}")
