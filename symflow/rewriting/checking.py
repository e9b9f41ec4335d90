"""Checking a rule from its own statement: both sides on random values.

Sound as Herbie defines it (Panchekha et al., "Automatically improving accuracy for floating
point expressions", 2015): the sides are equal wherever both are defined, and the right side is
defined wherever the left one is.  Where a rule removes or brings a singularity, its grade has to
say so.  How a graph is evaluated is the caller's to give; a second, rougher evaluation tells what
is a fault of the rule from what is a fault of rounding.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import Tensor, Variable, postorder, transform
from symflow.core.dims import is_dim_expression
from symflow.core.properties import closure
from symflow.errors import RuleError, SymflowError
from symflow.rewriting.building import Binding
from symflow.rewriting.rule import Rule, bare
from symflow.rewriting.sampling import drawn
from symflow.rewriting.state import State

Array = np.ndarray[Any, Any]
Evaluation = Callable[[Mapping[Any, Any], Mapping[str, int]], Array | None]
Prepare = Callable[[Tensor], Evaluation]
Numbers = Mapping[sp.Symbol, sp.Expr]

TOLERANCE = 1e-8
ROUGHLY = 1e-3
TRIALS = 60
_MODERATE = 10.0  # beyond it a side may have overflowed, which is no singularity
_ROUNDING = 1e-13  # of a sum, relative to the largest number met
_HUGE = 1e12  # what a nearly singular matrix gives
_NEVER_EMPTY = frozenset({"simplex", "one_hot", "unit_norm"})
# the sizes of a trial, cut to as many as there are names, and what later ones are drawn from
_SIZES = ((3, 2, 4, 5), (1, 1, 1, 1), (2, 2, 2, 2), (1, 3, 0, 2), (0, 2, 1, 3), (4, 1, 5, 1))
_ANY_SIZE = (0, 1, 2, 3, 4)
_EXPONENTS = (*map(sp.Integer, (2, 3, -1, -2)), sp.Rational(1, 2), sp.Rational(-1, 2))

DIFFER = "the two sides differ"
NARROWS = "the right side is undefined where the left side is not, and the grade is not 'narrows'"
WIDENS = "the right side is defined where the left side is not, and the grade is not 'widens'"


@dataclass(frozen=True)
class Counterexample:
    """Values at which a rule does not hold.

    Attributes:
        rule: the rule.
        fault: what is wrong there.
        values: arrays and numbers by name.
        sizes: of its dimensions, by name.
        left: the values of the left side; None where it has none.
        right: the values of the right side, likewise.
    """

    rule: Rule
    fault: str
    values: Mapping[str, Any]
    sizes: Mapping[str, int]
    left: Array | None = field(compare=False)
    right: Array | None = field(compare=False)

    def __str__(self) -> str:
        left, right = map(bare, (self.rule.left, self.rule.right))
        given = [(name, str(size)) for name, size in self.sizes.items()]
        given += [(name, _shown(value)) for name, value in self.values.items()]
        rows = [*given, (str(left), _shown(self.left)), (str(right), _shown(self.right))]
        return "\n".join(f"  {_indented(f'{name} = {text}')}" for name, text in rows)


def _shown(values: Any) -> str:
    if values is None:
        return "undefined"
    return np.array2string(values, precision=6) if isinstance(values, np.ndarray) else str(values)


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def checked(
    rule: Rule, prepare: Prepare, rough: Prepare | None = None, *, trials: int = TRIALS
) -> Rule:
    """The rule, once both sides were compared on random values.

    Args:
        rule: any rule.
        prepare: makes of a graph the function that computes its values.
        rough: the same in a lower precision: what is not seen there, too, is rounding.
        trials: how many sets of values are tried.

    Raises:
        RuleError: for a wrong rule, with the counterexample; for one that no values were found
            for.
    """
    found = Check(rule, prepare, rough)
    for trial in range(trials):
        wrong = found.trial(trial)
        if wrong is not None:
            message = f"rule {rule.name} is wrong: {rule}\n{wrong.fault}, at\n{wrong}"
            raise RuleError(message, wrong)
    if not found.compared:
        raise RuleError(
            f"rule {rule.name} cannot be checked: no values were found at which its conditions "
            f"hold and its left side {bare(rule.left)} is defined; "
            "state conditions as kinds where a kind says them"
        )
    return rule


class Check:
    """The trials of one rule.

    Attributes:
        compared: how many trials compared something.
    """

    def __init__(self, rule: Rule, prepare: Prepare, rough: Prepare | None = None) -> None:
        self.rule = rule
        self.compared = 0
        self.variables = variables_of(rule.left, rule.right)
        self.numbers = numbers_of(rule.left)
        self.names = _size_names(rule.left, rule.right)
        self.seed = list(rule.name.encode())
        self._ways: tuple[Prepare, Prepare | None] = (prepare, rough)
        self._sides: dict[Any, tuple[Evaluation, Evaluation]] = {}

    def trial(self, number: int) -> Counterexample | None:
        """Both sides on one set of values; what is wrong, if anything is."""
        rng = np.random.default_rng([number, *self.seed])
        sizes = dict(zip(self.names, self._measures(number, rng), strict=True))
        first = number % len(_EXPONENTS)
        chosen = [first, *rng.integers(len(_EXPONENTS), size=len(self.numbers))]
        numbers = {symbol: _EXPONENTS[k] for symbol, k in zip(self.numbers, chosen, strict=False)}
        if not self._admitted(sizes, numbers):
            return None
        values = drawn(self.variables, sizes, rng)
        left, right = self._values(0, numbers, values, sizes)
        if 0 in sizes.values() and (left is None or right is None):
            return None  # NumPy has no maximum of nothing; others have
        self.compared += left is not None and bool(np.isfinite(left).any())
        fault = fault_of(left, right, self.rule.grade)
        if fault is None or not self._is_firm(fault, numbers, values, sizes, (left, right)):
            return None
        named = {v.name: values[v] for v in self.variables}
        named |= {symbol.name: value for symbol, value in numbers.items()}
        return Counterexample(self.rule, fault, named, sizes, left, right)

    def _is_firm(
        self,
        fault: str,
        numbers: Numbers,
        values: Mapping[Variable, Array],
        sizes: Mapping[str, int],
        sides: tuple[Array | None, Array | None],
    ) -> bool:
        """Whether a fault is one of the rule, and not of rounding or overflow."""
        largest = self._largest(numbers, values, sizes)
        if fault == DIFFER:
            if not _exceeds(*sides, largest * _ROUNDING):
                return False
        elif largest > _HUGE or any(_peak(v) > _MODERATE for v in values.values()):
            return False
        if self._ways[1] is None:
            return True
        again = self._values(1, numbers, values, sizes)
        return all(_is_steady(a, b) for a, b in zip(sides, again, strict=True))

    def _largest(
        self, numbers: Numbers, values: Mapping[Variable, Array], sizes: Mapping[str, int]
    ) -> float:
        """The largest number met on the way to both sides."""
        sides = [with_numbers(side, numbers) for side in (self.rule.left, self.rule.right)]
        found = [self._ways[0](part)(values, sizes) for part in postorder(sides)]
        return max((_peak(part) for part in found if part is not None), default=0.0)

    def _measures(self, number: int, rng: np.random.Generator) -> Iterator[int]:
        fixed = _SIZES[number] if number < len(_SIZES) else ()
        for place in range(len(self.names)):
            yield fixed[place] if place < len(fixed) else int(rng.choice(_ANY_SIZE))

    def _admitted(self, sizes: Mapping[str, int], numbers: Numbers) -> bool:
        """Whether the conditions hold, and no vector is empty that cannot be."""
        binding = Binding(State({}, {}), {})
        known = {sp.Symbol(k, integer=True, nonnegative=True): v for k, v in sizes.items()}
        binding.dims.update(known)
        binding.dims.update(numbers)
        for variable in self.variables:
            shape = tuple(known.get(size, size) for size in variable.shape)
            if shape and shape[-1] == 0 and _NEVER_EMPTY & closure(variable.properties):
                return False
            binding.nodes[variable] = variable.retyped(shape=shape)
            binding.batch[variable] = ()
            binding.groups[variable] = tuple((axis,) for axis in range(len(shape)))
        return all(condition(binding) for condition in self.rule.where)

    def _values(
        self,
        way: int,
        numbers: Numbers,
        values: Mapping[Variable, Array],
        sizes: Mapping[str, int],
    ) -> tuple[Array | None, Array | None]:
        key = (way, *numbers.items())
        if key not in self._sides:
            self._sides[key] = self._prepared(way, numbers)
        left, right = self._sides[key]
        return left(values, sizes), right(values, sizes)

    def _prepared(self, way: int, numbers: Numbers) -> tuple[Evaluation, Evaluation]:
        prepare = self._ways[way]
        assert prepare is not None
        sides = (with_numbers(side, numbers) for side in (self.rule.left, self.rule.right))
        try:
            left, right = map(prepare, sides)
        except SymflowError as error:
            raise RuleError(f"rule {self.rule.name} cannot be checked: {error}") from error
        return left, right


def _peak(values: Array) -> float:
    """The largest finite size of an entry."""
    sizes = np.abs(values + 0.0)
    return float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))


def _exceeds(left: Array | None, right: Array | None, rounding: float) -> bool:
    """Whether two sides differ by more than rounding explains."""
    if left is None or right is None or left.shape != right.shape:
        return True
    with np.errstate(all="ignore"):
        return _peak((left + 0.0) - right) > rounding


def _is_steady(values: Array | None, rough: Array | None) -> bool:
    """Whether a lower precision gives about the same."""
    if values is None or rough is None:
        return values is rough
    return bool(np.all(np.isfinite(values) == np.isfinite(rough))) and close(values, rough, ROUGHLY)


def fault_of(left: Array | None, right: Array | None, grade: str) -> str | None:
    """What is wrong with two sides of a rule; None where nothing is.

    A side that is None has no value at all.  An overflow counts neither as defined nor as
    undefined.
    """
    if left is None:
        gained = right is not None and right.size > 0 and bool(np.isfinite(right).all())
        return WIDENS if gained and grade != "widens" else None
    if right is None:
        lost = bool(np.isfinite(left).any())
        return NARROWS if lost and grade != "narrows" else None
    if not close(left, right):
        return DIFFER
    defined, other = np.isfinite(left), np.isfinite(right)
    if grade != "narrows" and np.any(defined & ~other):
        return NARROWS
    if grade != "widens" and np.any(np.isnan(left) & other):
        return WIDENS
    return None


def close(left: Array, right: Array, tolerance: float = TOLERANCE) -> bool:
    """Whether two arrays have one shape, and one value wherever both are finite."""
    if left.shape != right.shape:
        return False
    left, right = left + 0.0, right + 0.0
    with np.errstate(all="ignore"):
        both = np.isfinite(left) & np.isfinite(right)
        scale = 1 + np.abs(left) + np.abs(right)
        return bool(np.all(~both | (np.abs(left - right) <= tolerance * scale)))


def variables_of(*nodes: Tensor) -> list[Variable]:
    """The variables of some graphs, by name."""
    found = {v for v in postorder(nodes) if isinstance(v, Variable)}
    return sorted(found, key=lambda v: v.full_name)


def numbers_of(node: Tensor) -> list[sp.Symbol]:
    """The parameters of a rule that stand for numbers: exponents."""
    found: set[sp.Symbol] = set()
    for part in postorder([node]):
        for value in part.scalars():
            found |= {symbol for symbol in value.free_symbols if not symbol.is_integer}
    return sorted(found, key=str)


def with_numbers(node: Tensor, numbers: Numbers) -> Tensor:
    """A side of a rule with numbers for its parameters."""
    if not numbers:
        return node
    return transform([node], lambda part: part.with_scalars(lambda s: s.xreplace(numbers)))[0]


def _size_names(*sides: Tensor) -> Sequence[str]:
    found: set[str] = set()
    for part in postorder(sides):
        for value in part.scalars():
            found |= {s.name for s in value.free_symbols if is_dim_expression(s)}
    return sorted(found)
