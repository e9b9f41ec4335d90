"""Random calls checked in batches: every mismatch as a line that repeats it."""

import re
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from symflow.core import Tensor
from tests.fuzz import limits, worlds
from tests.fuzz.calls import Call, draw_call
from tests.fuzz.worlds import Outcome
from tests.oracle import dtype_of

TOLERANCE, NARROW = 1e-9, 1e-3  # with 64 bits; where JAX computes with 32
# Positions outside of an axis, singular matrices, negative powers of integers.
_ONLY_VALUES_SHOW = (
    r"IndexError.*out of bounds|LinAlgError|negative integer powers|Quantiles must be"
)
TOGETHER = 25  # calls compiled as one program
KINDS = ("same", "both refuse", "limitation", "wider")


@dataclass
class Report:
    """How calls went: counts by kind, and the mismatches."""

    counts: Counter[str]
    mismatches: list[str]


def check_calls(numbers: range) -> Report:
    """Run the calls of these numbers in both worlds."""
    report = Report(Counter(), [])
    accepted: list[tuple[Call, Outcome]] = []
    for number in numbers:
        call = draw_call(number)
        mine, theirs = worlds.ours(call), worlds.jax_shapes(call)
        verdict = _verdict(call, mine, theirs)
        if verdict:
            _note(report, call, verdict)
        else:
            accepted.append((call, mine))
        if len(accepted) == TOGETHER:
            _check_values(report, accepted)
            accepted = []
    _check_values(report, accepted)
    jax.clear_caches()
    return report


def _note(report: Report, call: Call, verdict: str) -> None:
    if verdict in KINDS:
        report.counts[verdict] += 1
    else:
        report.counts["mismatch"] += 1
        report.mismatches.append(f"call {call.number}: {call}\n    {verdict}")


def _verdict(call: Call, mine: Outcome, theirs: Outcome) -> str:
    """What is known before values are; empty where both give a result of the same kind."""
    if mine.error is not None and not isinstance(mine.error, worlds.REFUSALS):
        return f"crashed with {_told(mine)}"
    if theirs.refused:
        return "both refuse" if mine.refused else _wider(call, mine, theirs)
    if mine.refused:
        return "limitation" if _is_limit(limits.REFUSED, call, mine) else f"refused: {_told(mine)}"
    if _is_otherwise(call):
        return "limitation"
    return _described(call, mine, theirs)


def _is_limit(table: list[limits.Limit], call: Call, outcome: Outcome) -> bool:
    """Whether a refusal is in a table."""
    told = _told(outcome)
    return any(
        re.search(limit.functions, call.entry.path) and re.search(limit.says, told, re.DOTALL)
        for limit in table
    )


def _told(outcome: Outcome) -> str:
    return f"{type(outcome.error).__name__}: {str(outcome.error)[:300]}"


def _described(call: Call, mine: Outcome, theirs: Outcome) -> str:
    """Differences of shapes and types."""
    if len(mine.leaves) != len(theirs.leaves):
        return f"{len(mine.leaves)} results, {len(theirs.leaves)} wanted"
    for got, wanted in zip(mine.leaves, theirs.leaves, strict=True):
        if not isinstance(got, Tensor) or not hasattr(wanted, "dtype"):
            continue
        if tuple(got.shape) != tuple(wanted.shape):
            return f"shape {got.shape}, {wanted.shape} wanted"
        if dtype_of(got.dtype) != wanted.dtype and not _is_known_type(call, got, wanted):
            return f"type {got.dtype}, {wanted.dtype} wanted"
    return ""


def _is_known_type(call: Call, got: Tensor, wanted: Any) -> bool:
    """Whether truth values explain a type, which JAX makes ``float32`` even with 64 bits."""
    if call.entry.path in limits.TYPES:
        return True
    widths = {"float": "float32", "complex": "complex64", "int": "int32"}
    return widths.get(got.dtype) == str(wanted.dtype) and "bool" in _types(call)


def _types(call: Call) -> set[str]:
    """The types of the arguments."""
    found: set[str] = set()
    stack = [*call.args, *call.kwargs.values()]
    while stack:
        item = stack.pop()
        if isinstance(item, (list, tuple)):
            stack.extend(item)
        elif hasattr(item, "array"):
            stack.append(np.asarray(item.array))
        elif isinstance(item, np.ndarray):
            found.add(item.dtype.name)
        else:
            found.add(type(item).__name__)
    return found


def _wider(call: Call, mine: Outcome, theirs: Outcome) -> str:
    """A result where JAX refuses: with values at hand JAX or else NumPy must give the same."""
    told = ""
    for world in (worlds.jax_eagerly, worlds.numpys):
        reference = world(call)
        if not reference.refused:
            told = _values_differ(call, mine, reference.leaves)
            if not told:
                return "wider"
    if _is_limit(limits.WIDER, call, theirs):
        return "wider"
    return f"no refusal{': ' if told else ''}{told}, JAX gives {_told(theirs)}"


def _check_values(report: Report, accepted: list[tuple[Call, Outcome]]) -> None:
    if not accepted:
        return
    found = worlds.jax_values([call for call, _ in accepted])
    for (call, mine), values in zip(accepted, found, strict=True):
        if isinstance(values, Exception):
            verdict = _wider(call, mine, Outcome(error=values))
        else:
            verdict = _values_differ(call, mine, values)
        if "wanted" in verdict:  # compiled programs divide by 0 and add in other ways
            eager = worlds.jax_eagerly(call)
            verdict = verdict if eager.refused else _values_differ(call, mine, eager.leaves)
        if verdict and re.search(limits.AS_NUMPY, call.entry.path):
            numpys = worlds.numpys(call)
            if not numpys.refused and not _values_differ(call, mine, numpys.leaves):
                verdict = "limitation"
        _note(report, call, verdict or "same")


def _values_differ(call: Call, mine: Outcome, wanted: list[Any]) -> str:
    """Differences of values: by the oracle, now and then of a program and of symbolic sizes."""
    told = _differ(call, mine, "values", wanted)
    if told and not worlds.is_finite(mine):  # the oracle reshapes by sums, which spread NaN
        return _differ(call, mine, "program", wanted)
    if told or call.number % 3 == 0:
        return told
    if call.number % 3 == 1:
        return _differ(call, mine, "program", wanted)
    symbolic = worlds.ours(call, symbolic=True)
    if isinstance(symbolic.error, worlds.REFUSALS):
        return ""
    if symbolic.error is not None:
        return f"symbolic sizes: crashed with {_told(symbolic)}"
    return _differ(call, symbolic, "symbolic sizes", wanted)


def _differ(call: Call, outcome: Outcome, what: str, wanted: list[Any]) -> str:
    try:
        values = worlds.evaluated(outcome, program=what == "program")
    except Exception as error:  # noqa: BLE001
        if re.search(_ONLY_VALUES_SHOW, f"{type(error).__name__}: {error}"):
            return ""
        if what == "symbolic sizes" and any(s in call.entry.path for s in limits.SLICING):
            return ""
        return f"{what}: evaluation fails with {type(error).__name__}: {str(error)[:200]}"
    if len(wanted) != len(values):
        pairs = zip(values, outcome.leaves, strict=True)
        values = [value for value, leaf in pairs if isinstance(leaf, Tensor)]
    if any(
        re.search(functions, call.entry.path)
        and all(np.asarray(value).dtype.kind in "ib" for value in values)
        for functions, _ in limits.UNDETERMINED
    ):
        return ""
    loose = "float32" in _types(call) or "bool" in _types(call)
    tolerance = NARROW if loose else TOLERANCE
    tolerance = next((t for f, t, _ in limits.LOOSER if re.search(f, call.entry.path)), tolerance)
    signs = call.entry.path.rpartition(".")[2] in limits.UP_TO_SIGN
    poles = bool(re.search(limits.POLES, call.entry.path))
    told = worlds.difference(values, wanted, tolerance, up_to_sign=signs, poles=poles)
    if what == "symbolic sizes" and any(s in call.entry.path for s in limits.SLICING):
        return ""
    return told and f"{what}: {told}"


def _is_otherwise(call: Call) -> bool:
    """Whether the result is another one on purpose."""
    args = [arg.array if hasattr(arg, "array") else arg for arg in call.args]
    return any(
        re.search(f, call.entry.path) and test(args, call.kwargs) for f, test, _ in limits.OTHERWISE
    )


if __name__ == "__main__":
    first, last = (int(text) for text in sys.argv[1:3])
    for start in range(first, last, 500):
        result = check_calls(range(start, min(start + 500, last)))
        print(start, dict(result.counts), flush=True)
        for line in result.mismatches:
            print(line, flush=True)
