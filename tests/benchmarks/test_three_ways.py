"""Derivatives and gradients as programs: beside closed forms by hand and JAX as typed."""

import statistics

import jax
import numpy as np
import pytest

from tests.benchmarks import derivative_programs, gradient_programs
from tests.benchmarks.three_ways import interleaved

TABLES = {"derivatives": derivative_programs.PROGRAMS, "gradients": gradient_programs.PROGRAMS}
_ratios: dict[str, list[tuple[float, float]]] = {table: [] for table in TABLES}


def summary(table):
    by_hand, typed = zip(*_ratios[table], strict=True)
    return (
        f"geometric mean of {len(typed)} {table}: "
        f"symflow / by hand = {statistics.geometric_mean(by_hand):.2f}, "
        f"JAX / symflow = {statistics.geometric_mean(typed):.1f}"
    )


@pytest.mark.parametrize(
    ("table", "name"), [(table, name) for table, programs in TABLES.items() for name in programs]
)
def test_program(benchmark, note, table, name):
    program = TABLES[table][name]
    arrays = program.arrays()
    ours, typed, by_hand = program.lowered(), jax.jit(program.typed), jax.jit(program.by_hand)
    results = [jax.tree.leaves(f(**arrays)) for f in (ours, typed, by_hand)]
    for mine, theirs, best in zip(*results, strict=True):
        scale = float(np.abs(np.asarray(theirs)).max())
        for found in (mine, best):
            np.testing.assert_allclose(
                np.asarray(found) / scale, np.asarray(theirs) / scale, atol=3e-3
            )
    calls = [lambda f=f: f(**arrays) for f in (ours, by_hand, typed)]
    mine, best, theirs = benchmark.pedantic(interleaved, (calls,), rounds=1)
    _ratios[table].append((mine / best, theirs / mine))
    benchmark.extra_info.update(by_hand=mine / best, jax=theirs / mine)
    note(
        f"{name}: symflow / by hand = {mine / best:.2f}, JAX / symflow = {theirs / mine:.1f} "
        f"({1e6 * mine:.0f} microseconds)"
    )
    if name == list(TABLES[table])[-1]:
        note(summary(table))
