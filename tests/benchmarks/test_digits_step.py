"""A step of training the digits network, against the same model written by hand in JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from symflow.frontend import digits
from tests.benchmarks.conftest import best_of

STEPS = 20


@jax.jit
def by_hand(X, Y, *state):
    """Loss, new parameters and new velocities, as a user of JAX writes them."""
    half = len(state) // 2
    parameters, velocities = state[:half], state[half:]

    def loss_of(parameters):
        W1, b1, W2, b2 = parameters
        logits = jax.nn.relu(X @ W1 + b1) @ W2 + b2
        return -jnp.mean(jnp.sum(Y * jax.nn.log_softmax(logits), axis=1))

    loss, gradients = jax.value_and_grad(loss_of)(parameters)
    faster = [
        digits.MOMENTUM * v - digits.RATE * g for v, g in zip(velocities, gradients, strict=True)
    ]
    moved = [p + v for p, v in zip(parameters, faster, strict=True)]
    return loss, *moved, *faster


@pytest.fixture(scope="module")
def batch():
    data = digits.load(digits.find())
    X, Y = data.train_images[: digits.BATCH], data.train_labels[: digits.BATCH]
    return [jnp.asarray(value) for value in (X, Y, *digits.initial())]


def advance(step, batch):
    X, Y, *state = batch
    for _ in range(STEPS):
        _, *state = step(X, Y, *state)
    jax.block_until_ready(state)
    return state


@pytest.fixture(scope="module")
def steps():
    return {"symflow": digits.training_step(digits.network()), "by hand": by_hand}


@pytest.mark.parametrize("name", ["symflow", "by hand"])
def test_step(benchmark, steps, batch, name):
    benchmark.extra_info["steps"] = STEPS
    benchmark.pedantic(advance, (steps[name], batch), rounds=20, warmup_rounds=3)


def test_both_compute_the_same(benchmark, note, steps, batch):
    results = {name: advance(step, batch) for name, step in steps.items()}
    for ours, theirs in zip(results["symflow"], results["by hand"], strict=True):
        np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=2e-3, atol=2e-4)
    times = {}

    def compare():
        # in turns, so that both meet the same load of the machine
        for _ in range(30):
            for name, step in steps.items():
                taken = best_of(lambda step=step: advance(step, batch), 1)
                times[name] = min(times.get(name, taken), taken)

    benchmark.pedantic(compare, rounds=1)
    ratio = times["symflow"] / times["by hand"]
    benchmark.extra_info["ratio"] = ratio
    each = {name: 1e6 * value / STEPS for name, value in times.items()}
    note(
        f"digits training step, symflow / JAX by hand = {ratio:.2f} "
        f"({each['symflow']:.0f} and {each['by hand']:.0f} microseconds)"
    )
