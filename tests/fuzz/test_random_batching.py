"""Random graphs for many examples: ``sf.vmap`` against the examples one by one, in float64."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symflow as sf
from tests.oracle import evaluate
from tests.random_programs import Program, random_program, symflow_space

seeds = st.integers(0, 2**32 - 1)


def _examples(rng: Any, program: Program, axes: list[int | None], count: int) -> list[list[Any]]:
    """The inputs of each example; those without an axis are the same for all."""
    same = [rng.normal(size=shape) for shape in program.shapes]
    return [
        [
            one if axis is None else rng.normal(size=one.shape)
            for one, axis in zip(same, axes, strict=True)
        ]
        for _ in range(count)
    ]


def check(number: int) -> None:
    """Values and Jacobians of a program, for examples along random axes of its inputs."""
    rng = np.random.default_rng(number)
    program, count = random_program(number), int(rng.integers(1, 4))
    axes = [
        None if k and rng.random() < 0.4 else int(rng.integers(0, len(shape) + 1))
        for k, shape in enumerate(program.shapes)
    ]
    examples = _examples(rng, program, axes, count)
    arrays = [
        examples[0][k] if axis is None else np.stack([one[k] for one in examples], axis)
        for k, axis in enumerate(axes)
    ]
    space = symflow_space()

    def derived(*inputs: Any) -> Any:
        value = program.run(space, inputs)
        return value, sf.jacobian(value, inputs[0], tidy=False)

    many = [sf.tensor(f"x{k}", *array.shape) for k, array in enumerate(arrays)]
    out = int(rng.integers(-1, 1))
    results = sf.vmap(derived, tuple(axes), out)(*many)
    variables = [sf.tensor(f"x{k}", *shape) for k, shape in enumerate(program.shapes)]
    one = derived(*variables)
    for result, single in zip(results, one, strict=True):
        got = evaluate(result, dict(zip(many, arrays, strict=True)))
        wanted = _each(single, variables, examples, out)
        moved = [[array * (1 + 1e-13) for array in inputs] for inputs in examples]
        with np.errstate(all="ignore"):
            noise = np.abs(_each(single, variables, moved, out) - wanted)  # what rounding may do
            assert got.shape == wanted.shape
            bound = (
                1e-9
                + 1e-8 * np.abs(wanted)
                + 1e4 * np.max(noise, initial=0, where=np.isfinite(noise))
            )
            near = (np.abs(got - wanted) <= bound) | ~np.isfinite(noise)
        assert np.all(near), f"seed {number}, axes {axes}\n{program}"


def _each(single: Any, variables: list[Any], examples: list[list[Any]], axis: int) -> Any:
    """The values of a graph for one example after the other."""
    values = [evaluate(single, dict(zip(variables, one, strict=True))) for one in examples]
    return np.stack(values, axis)


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_a_hundred_random_graphs(number: int) -> None:
    check(number)


@pytest.mark.fuzz
@settings(max_examples=5000, deadline=None)
@given(seeds)
def test_thousands_of_random_graphs(number: int) -> None:
    check(number)
