"""Random calls of every public function: JAX's result in float64, or JAX's kind of refusal.

A call has a number; `python -m tests.fuzz.checking 4711 4712` repeats that of number 4711, and
other numbers are other calls. `tests/fuzz/limits.py` lists where the two may differ, and why.
"""

import numpy as np
import pytest

from tests.fuzz import worlds
from tests.fuzz.calls import ENTRIES, draw_call
from tests.fuzz.checking import check_calls

CALLS, SLICE = 20_000, 500


def check(numbers: range) -> None:
    report = check_calls(numbers)
    assert sum(report.counts.values()) == len(numbers)
    assert not report.mismatches, "\n".join(report.mismatches)


def test_a_slice_of_the_vocabulary() -> None:
    check(range(0, 4000, 40))


@pytest.mark.fuzz
@pytest.mark.parametrize("start", range(0, CALLS, SLICE))
def test_thousands_of_calls(start: int) -> None:
    check(range(start, start + SLICE))


def test_calls_are_repeated_by_their_number() -> None:
    assert str(draw_call(11)) == str(draw_call(11))
    assert str(draw_call(11)) != str(draw_call(11 + len(ENTRIES)))


def test_differences_are_seen() -> None:
    one = np.ones((2, 2))
    assert not worlds.difference([one, np.nan], [one, np.nan], 1e-9)
    assert worlds.difference([one], [one + 1e-7], 1e-9)
    assert worlds.difference([one], [one[0]], 1e-9)
    assert worlds.difference([one], [one, one], 1e-9)
    assert worlds.difference([one * np.nan], [one], 1e-9)
    assert worlds.difference([-one], [one], 1e-9)
    assert not worlds.difference([-one], [one], 1e-9, up_to_sign=True)
