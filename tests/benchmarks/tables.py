"""Tables of ratios, taken in one run: ``python -m tests.benchmarks.tables``.

Each program of :mod:`tests.benchmarks.programs` is timed against hand-written JAX and against JAX
as people type it, in turns, and the medians are divided.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from tests.benchmarks.programs import CPU, SMALL, Case, cases


@dataclass(frozen=True)
class Row:
    """What was measured of a program: seconds, ratios, operations and bytes.

    Attributes:
        group: the table.
        name: what is computed.
        seconds: a call takes.
        by_hand: that time over the time of hand-written JAX.
        typed: the time of JAX as typed over the program's; None where nobody types it otherwise.
        flops: operations of the program, by the model.
        bytes: that it moves, likewise.
        memory: the program's temporaries over those of hand-written JAX; None where both have none.
        error: the largest relative difference from hand-written JAX.
    """

    group: str
    name: str
    seconds: float
    by_hand: float
    typed: float | None
    flops: float
    bytes: float
    memory: float | None
    error: float


def measured(case: Case, seconds: float) -> Row:
    """Time a program and its rivals in turns."""
    names = [leaf.name for leaf in case.program.inputs]
    given = [case.values[name] for name in names]
    rivals: dict[str, Callable[..., Any]] = {
        "program": case.program.call,
        "by hand": _flat(case.by_hand, names),
    }
    if case.typed is not None:
        rivals["typed"] = _flat(case.typed, names)
    results = {name: jax.block_until_ready(call(*given)) for name, call in rivals.items()}
    error = _difference(results["program"], results["by hand"])
    if not error <= case.tolerance:
        raise AssertionError(f"{case.name}: differs by {error:.1e} from hand-written JAX")
    times = _in_turns({name: (call, given) for name, call in rivals.items()}, seconds)
    shapes = {name: np.shape(value) for name, value in zip(names, given, strict=True)}
    report = case.program.report(**shapes)
    return Row(
        case.group,
        case.name,
        times["program"],
        times["program"] / times["by hand"],
        times["typed"] / times["program"] if case.typed is not None else None,
        report.flops,
        report.bytes,
        _memory(case, rivals["by hand"], shapes, given),
        error,
    )


def _flat(function: Callable[..., Any], names: list[str]) -> Any:
    return jax.jit(lambda *values: function(**dict(zip(names, values, strict=True))))


def _difference(results: Any, wanted: Any) -> float:
    worst = 0.0
    pairs = zip(jax.tree.leaves(results), jax.tree.leaves(wanted), strict=True)
    for result, want in pairs:
        first, second = np.asarray(result, np.float64), np.asarray(want, np.float64)
        scale = np.max(np.abs(second)) + 1e-30
        worst = max(worst, float(np.max(np.abs(first - second)) / scale))
    return worst


def _in_turns(calls: dict[str, tuple[Callable[..., Any], Any]], seconds: float) -> dict[str, float]:
    """Median times of calls in turns, so that all meet the same load of the machine."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    count = {name: _repeats(*call) for name, call in calls.items()}
    names = list(calls)
    end = time.perf_counter() + seconds
    while len(times["program"]) < 5 or time.perf_counter() < end:
        names.reverse()
        for name in names:
            call, given = calls[name]
            jax.block_until_ready(call(*given))  # the rival before has filled the caches
            start = time.perf_counter()
            for _ in range(count[name]):
                result = call(*given)
            jax.block_until_ready(result)
            times[name].append((time.perf_counter() - start) / count[name])
        if time.perf_counter() > end + 4 * seconds:
            break  # a rival that takes very long
    return {name: statistics.median(taken) for name, taken in times.items()}


def _repeats(call: Callable[..., Any], given: Any) -> int:
    """How many calls take about two milliseconds."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        jax.block_until_ready(call(*given))
        best = min(best, time.perf_counter() - start)
    return max(1, min(200, int(2e-3 / best)))


def _memory(case: Case, by_hand: Any, shapes: Any, given: Any) -> float | None:
    ours = case.program.compile(**shapes).memory
    told = by_hand.lower(*given).compile().memory_analysis()
    if ours is None or told is None or not told.temp_size_in_bytes:
        return None
    return float(ours.temporaries / told.temp_size_in_bytes)


def run(makers: Iterable[Callable[[], Case]], seconds: float, until: float) -> list[Row]:
    """Measure programs, as many as there is time for."""
    rows = []
    for make in makers:
        if time.perf_counter() > until:
            break
        rows.append(measured(make(), seconds))
        print(line(rows[-1]), flush=True)
    return rows


def line(row: Row) -> str:
    """A row as a line of a table in Markdown."""
    typed = "" if row.typed is None else f"{row.typed:.3g}"
    memory = "" if row.memory is None else f"{row.memory:.2f}"
    return f"| {row.name} | {1e3 * row.seconds:.3g} | {row.by_hand:.2f} | {typed} | {memory} |"


def head(group: str) -> str:
    """The first lines of a table."""
    titles = "| program | ms | / by hand | typed / | memory / by hand |"
    return f"{group}\n\n{titles}\n|---|---|---|---|---|"


def grouped(rows: list[Row]) -> str:
    """All tables, each with its geometric means."""
    parts = []
    for group in dict.fromkeys(row.group for row in rows):
        own = [row for row in rows if row.group == group]
        typed = [row.typed for row in own if row.typed is not None]
        mean = statistics.geometric_mean([row.by_hand for row in own])
        means = f"| geometric mean | | {mean:.2f} | "
        means += f"{statistics.geometric_mean(typed):.3g} | |" if typed else "| |"
        parts.append("\n".join([head(group), *map(line, own), means]))
    return "\n\n".join(parts)


def write(rows: list[Row], path: Path, **more: Any) -> None:
    """The rows as JSON."""
    path.write_text(json.dumps({**more, "rows": [asdict(row) for row in rows]}, indent=1) + "\n")


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="sizes that show that all of it runs")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    options = parser.parse_args(arguments)
    sizes, seconds = (SMALL, 0.01) if options.small else (CPU, 2.0)
    rows = run(cases(sizes), seconds, time.perf_counter() + 600)
    print("\n" + grouped(rows))
    if options.json is not None:
        write(rows, options.json)


if __name__ == "__main__":
    main()
