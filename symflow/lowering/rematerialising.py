"""Values computed again instead of kept, where a budget of memory asks for it.

What is computed before the moment of largest memory and used after it is kept, unless it can be
computed again: the values before that moment are cut into segments, and only what later segments
use stays; the rest is computed again when first used after it (T. Chen et al., "Training deep
nets with sublinear memory cost", 2016). With ``n`` segments of equal size about ``1/n`` of them is
held beside what is kept. Another choice keeps matrix products and computes the rest again, which
costs next to nothing. The cheapest choice within the budget is taken.

In the program a value that is computed again starts from ``anew(value, after)``: XLA would
otherwise find that both are equal and keep the first one. (``optimization_barrier`` would say so
more plainly, but XLA drops it on CPUs, where ``jax.checkpoint`` therefore saves nothing.)
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from symflow.core.dims import Dim
from symflow.errors import BudgetError, LoweringError
from symflow.lowering.liveness import Lives, is_light, is_view, lives, size_of
from symflow.lowering.values import Value
from symflow.notation.tree import Call

_SEGMENTS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)


@dataclass(frozen=True)
class Choice:
    """One way to keep and to compute again.

    Attributes:
        name: in words.
        peak: bytes in use at most, an estimate from above.
        again: how many values are computed twice.
        work: operations more, as a share of all.
    """

    name: str
    peak: float
    again: int
    work: float


@dataclass(frozen=True)
class Trade:
    """What was chosen, and from what.

    Attributes:
        chosen: the choice taken.
        choices: all that were looked at, the first keeps everything.
        budget: bytes.
    """

    chosen: Choice
    choices: tuple[Choice, ...]
    budget: float


def within(
    outputs: Sequence[Value], hints: Callable[[Dim], float], given: float, budget: float
) -> tuple[list[Value], Trade]:
    """Results whose computation stays within a budget of memory, as far as is estimated.

    Args:
        outputs: the results.
        hints: sizes of dimensions.
        given: bytes of the inputs.
        budget: bytes.

    Raises:
        BudgetError: where no choice stays within it.
    """
    start = lives(outputs, hints, given)
    plain = Choice("keep all values", start.peak, 0, 0.0)
    choices, made = [plain], {plain: list(outputs)}
    if start.peak > budget:
        for name, kept in _kept(start):
            changed = _Again(start, kept, hints).outputs(outputs)
            after = lives(changed, hints, given)
            count = len(after.order) - len(start.order)
            choice = Choice(name, after.peak, count, _work(after, hints) / _work(start, hints) - 1)
            choices.append(choice)
            made[choice] = changed
    fitting = [choice for choice in choices if choice.peak <= budget]
    if not fitting:
        least = min(choices, key=lambda choice: choice.peak)
        raise BudgetError(
            f"memory: {shown(budget)} cannot be met: the inputs and results take "
            f"{shown(start.held)}, and the least found is {shown(least.peak)} ({least.name}; "
            f"{shown(plain.peak)} where all values are kept)"
        )
    chosen = min(fitting, key=lambda choice: (choice.work, choice.peak))
    return made[chosen], Trade(chosen, tuple(choices), budget)


def bytes_of(budget: Any) -> float:
    """A budget of memory as a number of bytes.

    Args:
        budget: a number of bytes, or a text as ``"2GB"``, ``"512 MB"``, ``"1.5GiB"``.

    Raises:
        LoweringError: for anything else.

    >>> bytes_of("2GB"), bytes_of("1.5 KiB"), bytes_of(100)
    (2000000000.0, 1536.0, 100.0)
    """
    if isinstance(budget, str):
        found = re.fullmatch(r"\s*([\d.]+)\s*([kKMGT]?)(i?)B\s*", budget)
        if found is not None and found[1].count(".") < 2 and found[1] != ".":
            power = "KMGT".find(found[2].upper()) + 1 if found[2] else 0
            return float(found[1]) * (1024.0 if found[3] else 1000.0) ** power
    elif isinstance(budget, (int, float)) and not isinstance(budget, bool) and budget > 0:
        return float(budget)
    raise LoweringError(f"memory is a number of bytes or a text as '2GB', got {budget!r}")


def shown(size: float) -> str:
    """A number of bytes for people.

    >>> shown(512), shown(2e9), shown(3.2e6)
    ('512 B', '2 GB', '3.2 MB')
    """
    units = ["B", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        del units[0]
    return f"{size:.3g} {units[0]}"


# ---------------------------------------------------------------------------- what is kept


def _kept(start: Lives) -> list[tuple[str, set[Value]]]:
    """What to keep across the turn, by name of the choice."""
    turn = start.turn
    crossing = [
        value
        for place, value in enumerate(start.order[: turn + 1])
        if start.last[place] > turn and start.sizes[place] > 0
    ]
    if not crossing:
        return []
    found = [("keep matrix products", {value for value in crossing if not is_light(value)})]
    for number in _SEGMENTS:
        if number <= len(crossing):
            kept = _borders(start, turn, number)
            found.append((f"keep the borders of {number} segments", kept))
    return found


def _borders(start: Lives, turn: int, number: int) -> set[Value]:
    """The values that leave their segment, of segments that hold about as much each."""
    place = {value: k for k, value in enumerate(start.order)}
    total = sum(start.sizes[: turn + 1]) or 1.0
    segment, level = [], 0.0
    for size in start.sizes[: turn + 1]:
        segment.append(min(int(number * level / total), number - 1))
        level += size
    kept: set[Value] = set()
    for user in start.order[: turn + 1]:
        for arg in user.args:
            if segment[place[arg]] < segment[place[user]]:
                kept.add(arg)
    return kept


class _Again:
    """A program in which some values are computed again after a turn."""

    def __init__(self, start: Lives, kept: set[Value], hints: Callable[[Dim], float]) -> None:
        self._sizes = {value: size_of(value, hints) for value in start.order}
        self._turn = start.turn
        self._order = start.order
        self._place = {value: k for k, value in enumerate(start.order)}
        self._kept = kept
        self._made: list[Value] = []
        self._new: dict[Value, Value] = {}  # each value as it is first computed
        self._again: dict[Value, Value] = {}  # and as it is computed again

    def outputs(self, outputs: Sequence[Value]) -> list[Value]:
        """The results of the changed program."""
        for place, value in enumerate(self._order):
            if place <= self._turn:
                self._new[value] = self._copy(value, [self._new[arg] for arg in value.args])
            else:
                late = self._latest()
                self._recompute(value.args, late)
                args = [self._after(arg) for arg in value.args]
                self._new[value] = self._copy(value, args)
        return [self._new[value] for value in outputs]

    def _latest(self) -> Value:
        """The last array that was computed."""
        return next(v for v in reversed(self._made) if v.dtype != "tuple" and v.args)

    def _stays(self, value: Value) -> bool:
        return not value.args or self._place[value] > self._turn or value in self._kept

    def _after(self, value: Value) -> Value:
        """A value as it is used after the turn."""
        return self._new[value] if self._stays(value) else self._again[value]

    def _recompute(self, wanted: Sequence[Value], late: Value) -> None:
        """Compute again what is not there, operands first."""
        missing: set[Value] = set()
        stack = list(wanted)
        while stack:
            value = stack.pop()
            if not self._stays(value) and value not in self._again and value not in missing:
                missing.add(value)
                stack.extend(value.args)
        for value in sorted(missing, key=self._place.__getitem__):
            args = [self._after(arg) for arg in value.args]
            again = any(not self._stays(arg) for arg in value.args)
            if not again and not is_view(value):
                least = min(range(len(args)), key=lambda k: self._sizes[value.args[k]])
                args[least] = self._anew(args[least], late)
            self._again[value] = self._copy(value, args)

    def _anew(self, value: Value, late: Value) -> Value:
        return self._add(Value(0, (value, late), _anew, value.tree, value.shape, value.dtype))

    def _copy(self, value: Value, args: Sequence[Value]) -> Value:
        return self._add(Value(0, tuple(args), value.build, value.tree, value.shape, value.dtype))

    def _add(self, value: Value) -> Value:
        value.number = len(self._made)
        self._made.append(value)
        return value


def _anew(value: object, after: object) -> Call:
    return Call("anew", (value, after))  # type: ignore[arg-type]


def _work(found: Lives, hints: Callable[[Dim], float]) -> float:
    """About the operations of a program."""
    total = 1.0
    for value in found.order:
        if value.args and not is_view(value):
            total += _operations(value, hints)
    return total


def _operations(value: Value, hints: Callable[[Dim], float]) -> float:
    entries = [_entries(arg, hints) for arg in value.args]
    made = _entries(value, hints)
    if is_light(value):
        return max(made, *entries)
    if len(entries) == 2:  # a product: with m*k, k*n and m*n entries it takes 2*m*k*n operations
        stack = 1.0
        for size in value.shape[: max(value.rank - 2, 0)]:
            stack *= hints(size)
        return 2 * float((made * entries[0] * entries[1] / max(stack, 1.0)) ** 0.5)
    return max(made, *entries) * max((hints(size) for size in value.shape), default=1.0)


def _entries(value: Value, hints: Callable[[Dim], float]) -> float:
    total = 1.0
    for size in value.shape:
        total *= hints(size)
    return total
