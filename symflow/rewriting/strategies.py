"""Strategies: what is done to an expression, put together from rules.

A strategy takes graphs and what is left of a budget, and gives graphs, the passes that led to
them, and whether it came to its end.  After the strategy languages of E. Visser et al. ("Building
program optimizers with rewriting strategies", 1998).
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from symflow.core import Tensor
from symflow.errors import BudgetError, RuleError
from symflow.rewriting.engine import EMPTY, Budget, Rewriting, Walk, rewrite
from symflow.rewriting.normal import DEFAULT, Form
from symflow.rewriting.onepass import one_pass
from symflow.rewriting.refold import length, refold_all
from symflow.rewriting.rule import Procedure, Rule, Theory
from symflow.rewriting.ruleset import RuleSet

_MOST_REPEATS = 100


class Meter:
    """What is left of a budget that several runs share.

    Attributes:
        complete: False once a bound was passed.
        walk: the walk over the graphs as they are now.
    """

    def __init__(self, budget: Budget, roots: Sequence[Tensor]) -> None:
        _check_budget(budget)
        self.budget = budget
        self.steps = budget.steps
        self.deadline = time.perf_counter() + budget.seconds
        self.walk = Walk(roots)
        self.most_nodes = 1000 + budget.growth * len(self.walk.order)
        self.complete = True

    def left(self) -> Budget:
        """The bounds of the next run."""
        seconds = max(self.deadline - time.perf_counter(), 0.0)
        return replace(self.budget, steps=max(self.steps, 0), seconds=seconds)

    def spend(self, done: Rewriting) -> Rewriting:
        """Count a run; past a bound nothing more is done."""
        self.steps -= len(done.steps)
        spent = self.steps < 0 or time.perf_counter() > self.deadline
        self.walk = done.walk
        grown = bool(done.steps) and len(self.walk.order) > self.most_nodes
        if not done.complete or spent or grown:
            self.complete = False
        return done

    def run(self, roots: Sequence[Tensor], rules: RuleSet, form: Form = DEFAULT) -> Rewriting:
        """Graphs reduced by rules and normal form, within what is left."""
        return self.spend(rewrite(roots, rules, form=form, budget=self.left(), walk=self.walk))


def _check_budget(budget: Any) -> None:
    """Refuse what is no budget.

    Raises:
        BudgetError: naming it.
    """
    if not isinstance(budget, Budget):
        raise BudgetError(f"a budget is sf.Budget(steps=..., seconds=...), got {budget!r}")
    for name, value in vars(budget).items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise BudgetError(f"{name}= of a budget is a number, got {value!r}")


Run = Callable[[list[Tensor], Meter], Rewriting]


@dataclass(frozen=True)
class Strategy:
    """Something to be done to expressions.

    Attributes:
        name: how it was put together.
        run: does it.
    """

    name: str
    run: Run

    def __call__(self, roots: Sequence[Tensor], budget: Budget | None = None) -> Rewriting:
        """The graphs after the strategy, or the best so far within a budget.

        Raises:
            BudgetError: for what is no budget.
        """
        meter = Meter(Budget() if budget is None else budget, roots)
        done = self.run(list(roots), meter)
        return replace(done, complete=done.complete and meter.complete)

    def __repr__(self) -> str:
        return self.name


def strategy_of(value: Any) -> Strategy:
    """A strategy from one, from a rule, a theory, a set of rules or a list of them.

    Raises:
        RuleError: for anything else.
    """
    if isinstance(value, Strategy):
        return value
    if isinstance(value, RuleSet):
        return exhaust(value)
    laws = laws_of(value)
    return Strategy(_titles(value), exhaust(_ruleset(laws)).run)


def laws_of(value: Any) -> tuple[Rule | Procedure, ...]:
    """The rules of a rule, a theory or a list of them, in order, each once.

    Raises:
        RuleError: for anything else, and for two rules of one name.
    """
    laws = tuple(dict.fromkeys(_listed(value)))
    seen: dict[str, Rule | Procedure] = {}
    for law in laws:
        if law.name in seen:
            raise RuleError(f"two rules are named {law.name!r}: {seen[law.name]} and {law}")
        seen[law.name] = law
    return laws


def _listed(value: Any) -> tuple[Rule | Procedure, ...]:
    if isinstance(value, (Rule, Procedure)):
        return (value,)
    if isinstance(value, Theory):
        return value.rules
    if isinstance(value, (list, tuple)):
        return tuple(law for item in value for law in _listed(item))
    hint = "; a name is none: pass the rule itself" if isinstance(value, str) else ""
    raise RuleError(
        f"rules are given as sf.rule(...), @sf.theory(...) or a list of them, got {value!r}{hint}"
    )


@lru_cache(maxsize=256)
def _ruleset(laws: tuple[Rule | Procedure, ...]) -> RuleSet:
    return RuleSet("rules", laws)


def _titles(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_titles, value)) + "]"
    return str(value.name)


def exhaust(rules: RuleSet, form: Form = DEFAULT) -> Strategy:
    """Normal form and rules until neither applies."""
    return Strategy(rules.name, lambda roots, meter: meter.run(roots, rules, form))


normal_form = Strategy("normalise", exhaust(EMPTY).run)


def sequence(*parts: Any) -> Strategy:
    """One after the other.

    Args:
        parts: strategies, theories, rules, or lists of rules.
    """
    several = [strategy_of(part) for part in parts]

    def run(roots: list[Tensor], meter: Meter) -> Rewriting:
        done = Rewriting(roots)
        for part in several:
            if not meter.complete:
                break
            done = joined(done, part.run(done.results, meter))
        return done

    return Strategy(_called("sequence", several), run)


def repeat(part: Any, times: int = _MOST_REPEATS) -> Strategy:
    """Again and again, until nothing changes.

    Args:
        part: a strategy, theory, rule, or list of rules.
        times: how often at most; past it the result counts as the best so far.

    Raises:
        RuleError: for less than one time.
    """
    if times < 1:
        raise RuleError(f"a strategy is repeated once or more often, not {times} times")
    inner = strategy_of(part)

    def run(roots: list[Tensor], meter: Meter) -> Rewriting:
        done = Rewriting(roots)
        for _ in range(times):
            before = done.results
            done = joined(done, inner.run(before, meter))
            if not meter.complete or _same(before, done.results):
                return done
        meter.complete = False
        return done

    return Strategy(_called("repeat", [inner]), run)


def once(*laws: Any) -> Strategy:
    """One pass over the normal form: every node is rewritten by one rule, or by none."""
    rules = _ruleset(laws_of(laws))

    def run(roots: list[Tensor], meter: Meter) -> Rewriting:
        normal = meter.run(roots, EMPTY)
        if not meter.complete:
            return normal
        return joined(normal, meter.spend(one_pass(normal.results, rules, meter.left())))

    return Strategy(f"once({', '.join(map(_titles, laws))})", run)


def choice(*parts: Any) -> Strategy:
    """The first that changes something."""
    several = [strategy_of(part) for part in parts]

    def run(roots: list[Tensor], meter: Meter) -> Rewriting:
        for part in several:
            done = part.run(roots, meter)
            if not _same(roots, done.results) or not meter.complete:
                return done
        return Rewriting(roots)

    return Strategy(_called("choice", several), run)


def shortest(*parts: Any) -> Strategy:
    """All of them tried apart; the shortest formula is kept, which may be the one at the start."""
    several = [strategy_of(part) for part in parts]

    def run(roots: list[Tensor], meter: Meter) -> Rewriting:
        best = Rewriting(roots)
        for part in several:
            if not meter.complete:
                break
            done = part.run(roots, meter)
            if length(done.results) < length(best.results):
                best = done
        return best

    return Strategy(_called("shortest", several), run)


def _factored(roots: list[Tensor], meter: Meter) -> Rewriting:
    done = meter.run(roots, EMPTY)
    if not meter.complete:
        return done
    stages = list(done.stages)
    results = refold_all(done.results, stages)
    return Rewriting(results, done.steps, complete=done.complete, stages=stages)


factor = Strategy("factor", _factored)


def joined(first: Rewriting, second: Rewriting) -> Rewriting:
    """What came of two runs, one after the other."""
    return Rewriting(
        second.results,
        [*first.steps, *second.steps],
        complete=first.complete and second.complete,
        stages=[*first.stages, *second.stages],
    )


def _same(before: Iterable[Tensor], after: Iterable[Tensor]) -> bool:
    return all(a is b for a, b in zip(before, after, strict=True))


def _called(name: str, parts: Iterable[Strategy]) -> str:
    return f"{name}({', '.join(part.name for part in parts)})"
