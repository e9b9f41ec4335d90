"""Random graphs: values against NumPy, first and second derivatives against JAX, in float64."""

from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symflow as sf
from tests.oracle import evaluate
from tests.random_programs import Program, jax_space, random_program, symflow_space

TOLERANCE = 1e-9
BATCH = 10
seeds = st.lists(st.integers(0, 2**32 - 1), min_size=BATCH, max_size=BATCH, unique=True)


def _inputs(program: Program, seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in program.shapes]


def _references(programs: list[Program], inputs: list[list[Any]]) -> list[Any]:
    """Values, Jacobians and second derivatives of several programs, compiled together."""
    space = jax_space()

    def everything(given: list[list[Any]]) -> list[Any]:
        found = []
        for program, values in zip(programs, given, strict=True):

            def f(x: Any, p: Program = program, rest: Any = values) -> Any:
                return p.run(space, [x, *rest[1:]])

            first = jax.jacobian(f)
            found.append((f(values[0]), first(values[0]), jax.jacobian(first)(values[0])))
        return found

    with jax.enable_x64(True):
        return jax.device_get(jax.jit(everything)(inputs))


def _close(got: Any, want: Any) -> bool:
    want = np.asarray(want)
    if got.shape != want.shape:
        return False
    scale = 1 + np.max(np.abs(want), initial=0.0)
    return bool(np.max(np.abs(got - want), initial=0.0) <= TOLERANCE * scale)


def check(numbers: list[int]) -> None:
    """Compare a batch of programs with JAX: plain, simplified and differentiated."""
    programs = [random_program(number) for number in numbers]
    inputs = [_inputs(p, n) for p, n in zip(programs, numbers, strict=True)]
    references = _references(programs, inputs)
    for number, program, values, wanted in zip(numbers, programs, inputs, references, strict=True):
        value, first, second = wanted
        if not np.all(np.isfinite(np.asarray(second))):
            continue
        variables = [sf.tensor(f"x{k}", *shape) for k, shape in enumerate(program.shapes)]
        given = dict(zip(variables, values, strict=True))
        f = program.run(symflow_space(), variables)
        jacobian = sf.jacobian(f, variables[0])
        named = {
            "value": (f, value),
            "simplified": (sf.simplify(f), value),
            "jacobian": (jacobian, first),
            "second derivative": (sf.jacobian(jacobian, variables[0]), second),
        }
        for what, (expression, want) in named.items():
            got = evaluate(expression, given)
            assert _close(got, want), f"seed {number}: {what}\n{program}"


@settings(max_examples=6, deadline=None)
@given(seeds)
def test_sixty_random_graphs(numbers: list[int]) -> None:
    check(numbers)


@pytest.mark.fuzz
@settings(max_examples=250, deadline=None)
@given(seeds)
def test_thousands_of_random_graphs(numbers: list[int]) -> None:
    check(numbers)
