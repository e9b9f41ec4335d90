"""Ratios of times taken in the same run, shown below the table; no time is asserted."""

import time
from collections.abc import Callable
from typing import Any

import pytest

_LINES: list[str] = []


@pytest.fixture
def note() -> Callable[[str], None]:
    """Add a line to the summary of the run."""
    return _LINES.append


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show the collected ratios."""
    if _LINES:
        terminalreporter.section("ratios in this run")
        for line in _LINES:
            terminalreporter.write_line(line)


def best_of(action: Callable[[], Any], rounds: int) -> float:
    """The shortest of several times, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)
