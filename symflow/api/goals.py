"""What ``simplify`` can be asked for: each goal a strategy made of the catalogue's theories."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rewrites import presets
from symflow.core import Add, Einsum, Tensor, postorder
from symflow.core.walk import larger_than
from symflow.errors import RuleError
from symflow.notation.cost import operator_count
from symflow.notation.formula import Formula
from symflow.rewriting.engine import Budget, Rewriting, rewrite
from symflow.rewriting.normal import Form
from symflow.rewriting.refold import refold_all
from symflow.rewriting.rule import Procedure, Rule
from symflow.rewriting.ruleset import RuleSet
from symflow.rewriting.strategies import Meter, Strategy, joined

# expansion is tried on formulas, not on networks
_LARGEST_FORMULA = 80
_NEAR = 2  # operators; so far may an estimate be off
_EXPANSION = Budget(steps=400, growth=6.0, seconds=2.0)
DOMAINS = ("natural", "strict")


@dataclass(frozen=True)
class Wish:
    """How a goal is to be reached.

    Attributes:
        laws: rules beyond the catalogue, tried before it.
        strict: whether removable singularities must stay.
    """

    laws: tuple[Rule | Procedure, ...] = ()
    strict: bool = False

    @property
    def form(self) -> Form:
        """The normal form."""
        return Form(strict=self.strict)

    def rules(self, preset: RuleSet, *, own: bool = True) -> RuleSet:
        """A preset with the laws, without what the domain forbids."""
        laws = self.laws if own else ()
        return _adapted(preset, laws, self.strict) if laws or self.strict else preset


@lru_cache(maxsize=128)
def _adapted(  # a set of its own: what is stuck under one form is not under another
    preset: RuleSet,
    laws: tuple[Rule | Procedure, ...],
    strict: bool,  # noqa: FBT001  (keys of the cache)
) -> RuleSet:
    taken = {law.name for law in laws}
    twice = [law.name for law in preset.rules if law.name in taken]
    if twice:
        raise RuleError(f"the catalogue has a rule named {twice[0]!r}: give yours another name")
    rules = [*laws, *preset.rules]
    if strict:
        rules = [rule for rule in rules if getattr(rule, "grade", "exact") != "widens"]
    return RuleSet(preset.name, rules)


def strategy_for(name: str, wish: Wish | None = None) -> Strategy:
    """The strategy of a goal.

    Raises:
        ValueError: for an unknown goal.
    """
    if name not in GOALS:
        raise ValueError(f"unknown goal {name!r}; known: {', '.join(GOALS)}, cost")
    run, chosen = GOALS[name], wish or Wish()
    return Strategy(name, lambda roots, meter: run(roots, meter, chosen))


def _readable(roots: Sequence[Tensor], meter: Meter, wish: Wish) -> Rewriting:
    """The catalogue, and multiplying out where that is shorter; then sums factored again."""
    plain = _shown(meter.run(roots, wish.rules(presets.READABLE), wish.form), meter, wish)
    if not meter.complete:
        return plain if _length(plain.results) < _length(roots) else Rewriting(list(roots))
    if larger_than(plain.results, _LARGEST_FORMULA):
        return plain
    if not any(isinstance(node, Add) for node in postorder(plain.results)):
        return plain
    left = meter.left()
    budget = replace(
        _EXPANSION,
        steps=min(_EXPANSION.steps, left.steps),
        seconds=min(_EXPANSION.seconds, left.seconds),
    )
    form = Form(shared=True, strict=wish.strict)
    opened = rewrite(roots, wish.rules(presets.EXPANDED), form=form, budget=budget)
    if not opened.complete:
        return plain
    opened = _shown(opened, meter, wish)
    return opened if _is_shorter(opened.results, plain.results) else plain


def _is_shorter(these: Sequence[Tensor], those: Sequence[Tensor]) -> bool:
    """Whether formulas are shorter than others; near a tie by what is written."""
    saved = _length(those) - _length(these)
    if abs(saved) > _NEAR or all(a is b for a, b in zip(these, those, strict=True)):
        return saved > 0
    return operator_count(Formula(these).trees) < operator_count(Formula(those).trees)


def _shown(done: Rewriting, meter: Meter, wish: Wish) -> Rewriting:
    """The last touch: forms shorter to read, sums factored."""
    both, rules = done, wish.rules(presets.DISPLAY, own=False)
    if rules.concerns(done.walk.order):
        both = joined(done, meter.run(done.results, rules, wish.form))
    stages = list(both.stages)
    return replace(both, results=refold_all(both.results, stages, both.walk), stages=stages)


def _stable(roots: Sequence[Tensor], meter: Meter, wish: Wish) -> Rewriting:
    """Named functions and differences as they are written, then what overflows in their parts."""
    done = Rewriting(list(roots))
    for preset in (presets.SPELLED_OUT, presets.CANCELLING, presets.STABLE):
        done = joined(done, meter.run(done.results, wish.rules(preset), wish.form))
    return done


def _reduced(preset: RuleSet) -> "Goal":
    def run(roots: Sequence[Tensor], meter: Meter, wish: Wish) -> Rewriting:
        return meter.run(roots, wish.rules(preset), wish.form)

    return run


def _length(roots: Sequence[Tensor]) -> int:
    """About the number of operators of the printed formulas."""
    total = 0
    for node in postorder(roots):
        if isinstance(node, Einsum):
            total += max(len(node.operands) - 1, 0) + (node.coefficient != 1)
            total += len(node.operands) == 1 and node.output != node.subscripts[0]
        elif isinstance(node, Add):
            total += len(node.operands) - 1 + sum(c not in (1, -1) for c in node.coefficients)
        else:
            total += bool(node.operands)
    return total


Goal = Callable[[Sequence[Tensor], Meter, Wish], Rewriting]
GOALS: dict[str, Goal] = {
    "readable": _readable,
    "stable": _stable,
    "recognise": _reduced(presets.RECOGNISE),
    "normal": _reduced(presets.NORMALISE),
}
