"""A program three ways: as typed for symflow, as typed for JAX, and as an expert writes it."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import symflow as sf

DEFINITE, LABELS = ("S", "P"), ("labels",)  # M is a mask, Y has rows with a single 1
ROUNDS, CHUNK = 15, 2e-3
Arrays = dict[str, Any]


class Program(NamedTuple):
    """The shapes of its variables, the three ways to write it, and sizes to run it at."""

    shapes: dict[str, str]
    ours: Callable[..., Any]
    typed: Callable[..., Any]
    by_hand: Callable[..., Any]
    sizes: dict[str, int]

    def arrays(self, scale: float = 1.0) -> Arrays:
        """Values of the variables, of which some names have a meaning."""
        rng = np.random.default_rng(0)
        sizes = {name: max(2, int(size * scale)) for name, size in self.sizes.items()}
        return {name: _draw(rng, name, shape, sizes) for name, shape in self.shapes.items()}

    def lowered(self) -> Any:
        """symflow's program of the formula, over symbolic sizes."""
        variables = {name: _variable(name, shape) for name, shape in self.shapes.items()}
        found = self.ours(**variables)
        outputs = found if isinstance(found, tuple) else (found,)
        return sf.lower(*outputs, inputs=list(variables.values()))


def _variable(name: str, shape: str) -> Any:
    if name in LABELS:
        return sf.tensor(name, *shape, dtype="int", nonnegative=True)
    return sf.tensor(name, *shape, **({"positive_definite": True} if name in DEFINITE else {}))


def _draw(rng: Any, name: str, shape: str, sizes: dict[str, int]) -> Any:
    wanted = [sizes[letter] for letter in shape]
    if name in LABELS:
        return jnp.asarray(rng.integers(0, sizes["k"], wanted))
    values = rng.normal(size=wanted)
    if name in DEFINITE:
        values = values @ values.T / len(values) + np.eye(len(values))
    if name == "M":
        values = (values > 0) * 1.0
    if name == "Y":
        values = np.eye(values.shape[1])[values.argmax(axis=1)]
    return jnp.asarray(values, jnp.float32)


def interleaved(functions: Sequence[Callable[[], Any]], rounds: int = ROUNDS) -> list[float]:
    """The median time of each function, in turns of some milliseconds, in seconds of CPU."""
    repeats = []
    for function in functions:
        jax.block_until_ready(function())
        start = time.perf_counter()
        jax.block_until_ready(function())
        repeats.append(max(1, math.ceil(CHUNK / max(time.perf_counter() - start, 1e-7))))
    samples: list[list[float]] = [[] for _ in functions]
    for turn in range(rounds):
        order = list(range(len(functions)))
        for k in order if turn % 2 else reversed(order):
            start = time.process_time()
            for _ in range(repeats[k]):
                result = functions[k]()
            jax.block_until_ready(result)
            samples[k].append((time.process_time() - start) / repeats[k])
    return [statistics.median(values) for values in samples]
