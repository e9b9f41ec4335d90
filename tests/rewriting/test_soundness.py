"""Rewriting keeps the value: random formulas before and after, in float64."""

import numpy as np
import pytest

from symflow.api.simplify import derivation, simplify
from symflow.core import Tensor
from tests.oracle import evaluate
from tests.rewriting.formulas import random_formula, random_values

# An axis of size 1 makes differences vanish exactly, and then rounding decides: see the rules' own
# test for sizes 1 and 0.
SIZES = ({"n": 3, "m": 2}, {"n": 2, "m": 4})


def conditioned(formula: Tensor, values: dict, sizes: dict[str, int]) -> np.ndarray:
    """Where small changes of the inputs change the value little: elsewhere rounding decides."""
    rng = np.random.default_rng(0)
    base = evaluate(formula, values, sizes)
    steady = np.isfinite(base)
    for _ in range(3):
        moved = {
            v: a * (1 + 1e-10 * rng.normal(size=np.shape(a))) if a.dtype == float else a
            for v, a in values.items()
        }
        other = evaluate(formula, moved, sizes)
        steady &= np.abs(base - other) <= 1e-6 * (1 + np.abs(base))
    return steady


def check(formula: Tensor, after: Tensor, seed: int) -> None:
    assert after.shape == formula.shape
    assert after.dtype == formula.dtype
    for number, sizes in enumerate(SIZES):
        values = random_values(formula, seed + number, sizes)
        with np.errstate(all="ignore"):
            try:
                steady = conditioned(formula, values, sizes)
            except np.linalg.LinAlgError:
                continue
            a, b = evaluate(formula, values, sizes), evaluate(after, values, sizes)
            a, b = a.astype(float), b.astype(float)
            both = steady & np.isfinite(b)
            close = np.abs(a - b) <= 1e-5 * (1 + np.abs(a) + np.abs(b))
        lost = steady & np.isnan(b)
        assert np.all(close[both] & ~lost[both]), f"{values}\n{a}\n{b}"
        assert not np.any(lost), f"{values}\n{a}\n{b}"


@pytest.mark.parametrize("seed", range(150))
@pytest.mark.parametrize("goal", ["readable", "stable", "recognise"])
def test_value_is_kept(seed: int, goal: str) -> None:
    formula = random_formula(seed)
    check(formula, simplify(formula, goal), seed)


@pytest.mark.parametrize("seed", range(60))
def test_steps_replay(seed: int) -> None:
    result = derivation(random_formula(seed, steps=8))
    assert result.complete
    assert result.check()
