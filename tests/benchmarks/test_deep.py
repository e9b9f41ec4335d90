"""Deep models with their gradients: symflow, rolled into loops, against JAX as it is typed.

Work is counted in processor time, so that other load matters little; every ratio is of one run.
"""

import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf
from tests.benchmarks.conftest import best_of
from tests.benchmarks.models import EPSILON, batched, dense, transformer

SIZES = {"b": 8, "n": 64, "d": 64, "t": 64, "h": 4, "e": 16, "f": 256}
_tags = iter(range(1_000_000))


def _normed(y, gain):
    centred = y - jnp.mean(y, -1, keepdims=True)
    return centred / jnp.sqrt(jnp.mean(centred**2, -1, keepdims=True) + EPSILON) * gain


def jax_transformer(x, parameters):
    y = x
    for k in range(0, len(parameters), 8):
        Q, K, V, out, up, down, first, second = parameters[k : k + 8]
        z = _normed(y, first)
        q, key, value = (jnp.einsum("td,dhe->hte", z, W) for W in (Q, K, V))
        weights = jax.nn.softmax(jnp.einsum("hte,hse->hts", q, key), -1)
        y = y + jnp.einsum("hts,hse,hed->td", weights, value, out)
        y = y + jax.nn.relu(_normed(y, second) @ up) @ down
    return jnp.mean(y**2)


def jax_batched(x, parameters):
    y = x
    for k in range(0, len(parameters), 12):
        Q, K, V, out, up, down, gain, shift, gain2, shift2, last, inner = parameters[k : k + 12]
        z = _normed(y, gain) + shift
        q, key, value = (jnp.einsum("btd,dhe->bhte", z, W) for W in (Q, K, V))
        weights = jax.nn.softmax(jnp.einsum("bhte,bhse->bhts", q, key), -1)
        y = y + jnp.einsum("bhts,bhse,hed->btd", weights, value, out)
        y = y + jax.nn.gelu((_normed(y, gain2) + shift2) @ up + inner) @ down + last
    return jnp.mean(y**2)


def jax_dense(x, parameters):
    h = x
    for k in range(0, len(parameters), 2):
        h = jnp.tanh(h @ parameters[k] + parameters[k + 1])
    return jnp.mean((h - x) ** 2)


CASES = {
    "transformer of 24 blocks": (transformer, 24, jax_transformer),
    "transformer of 24 blocks over a batch": (batched, 24, jax_batched),
    "dense network of 128 layers": (dense, 128, jax_dense),
}


def spent(action):
    """What an action gives, and its processor time in seconds."""
    start = time.process_time()
    result = action()
    return result, time.process_time() - start


def ours(model, depth, roll):
    """Build, differentiate and write; gives the program and the names of the parameters."""
    f, parameters = model(depth, f"_{next(_tags)}")
    program = sf.lower(f, *sf.grad(f, parameters, tidy=False), sizes=SIZES, roll=roll)
    return program, [variable.full_name for variable in parameters]


@pytest.mark.parametrize(
    ("case", "roll"),
    [*((case, "auto") for case in CASES), ("dense network of 128 layers", "calls")],
)
def test_deep(benchmark, note, case, roll):
    model, depth, typed = CASES[case]
    ours(model, 4, roll)  # rules and catalogue loaded
    (program, names), written = spent(lambda: ours(model, depth, roll))
    rng = np.random.default_rng(0)
    args = {
        variable.full_name: jnp.asarray(
            0.1 * rng.normal(size=[SIZES[size.name] for size in variable.shape]), jnp.float32
        )
        for variable in program.inputs
    }
    by_hand = jax.jit(jax.value_and_grad(typed, 1))
    parameters = [args[name] for name in names]
    (x,) = (value for name, value in args.items() if name not in set(names))
    results, first = spent(lambda: jax.block_until_ready(program(**args)))
    traced, tracing = spent(lambda: by_hand.trace(x, parameters))
    _, compiling = spent(lambda: traced.lower().compile())
    value, gradients = by_hand(x, parameters)
    for mine, theirs in zip(results, [value, *gradients], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-3, atol=2e-5)

    def compare():
        times = {"symflow": [], "JAX": []}
        for _ in range(5):
            times["symflow"].append(best_of(lambda: jax.block_until_ready(program(**args)), 2))
            times["JAX"].append(best_of(lambda: jax.block_until_ready(by_hand(x, parameters)), 2))
        return {name: min(taken) for name, taken in times.items()}

    steps = benchmark.pedantic(compare, rounds=1)
    ratio = (written + first) / (tracing + compiling)
    benchmark.extra_info.update(
        written=written, first=first, jax_trace=tracing, jax_compile=compiling, ratio=ratio, **steps
    )
    note(
        f"{case}, roll={roll!r}: build to program {written:.2f} s (JAX's trace {tracing:.2f}), "
        f"first call {first:.2f} s (JAX's compilation {compiling:.2f}), all over JAX {ratio:.2f}; "
        f"step over JAX {steps['symflow'] / steps['JAX']:.2f}"
    )
