"""The verbs that rewrite: ``simplify``, ``rewrite`` and ``derivation``."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rewrites import presets
from symflow.api.cost import Sizes, cheapest, told
from symflow.api.evaluation import agree
from symflow.api.goals import DOMAINS, Wish, strategy_for
from symflow.core import Tensor, attach
from symflow.core.convert import as_tensor
from symflow.errors import BudgetWarning
from symflow.rewriting import normal, refold
from symflow.rewriting.derivation import Derivation, Step, derived
from symflow.rewriting.engine import Budget, Rewriting
from symflow.rewriting.equality import same_form
from symflow.rewriting.rule import Rule
from symflow.rewriting.strategies import laws_of, strategy_of

# steps of these names are no rules
COLLECT = "collect"
_PASSES = frozenset({normal.NAME, refold.NAME, COLLECT})


def simplify(
    x: Any,
    goal: str = "readable",
    sizes: Sizes | None = None,
    *,
    rules: Any = (),
    domain: str = "natural",
    budget: Budget | None = None,
) -> Any:
    """An equal expression in simpler form.

    Args:
        x: an expression, or a tuple or list of them, which are then simplified together.
        goal: ``"readable"`` for the shortest formula; ``"stable"`` for one that neither overflows
            nor cancels; ``"normal"`` for the normal form alone; ``"recognise"`` to name the
            functions that are spelled out; ``"cost"`` for the program that costs least, of all
            that a search finds, never more than ``x`` itself.
        sizes: for ``"cost"`` the sizes of dimensions, by name or symbol; others are taken to be
            256 or 64, by their names.
        rules: a rule or theory of your own, or a list of them, used before the catalogue.
        domain: ``"natural"`` lets removable singularities go (``x / x`` is 1), ``"strict"``
            keeps them (those that expressions lose while they are built, as in ``1/x - 1/x``,
            excepted).
        budget: bounds of steps, nodes and seconds; past one of them the result is the best so
            far, and a :class:`symflow.errors.BudgetWarning` says so.

    Raises:
        ValueError: for an unknown goal or domain; for sizes with another goal than ``"cost"``,
            and for rules, a domain or a budget with that goal.
        ShapeError: for a size that is no whole number, or of no dimension of ``x``.
        RuleError: for rules that are none, or that share their names with the catalogue's.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> x = sf.vector("x", "n")
    >>> sf.simplify(snp.exp(x) / snp.sum(snp.exp(x))) == sf.nn.softmax(x)
    True
    >>> sf.simplify(x / x), sf.simplify(x / x, domain="strict")
    (ones((n,)), x / x)
    >>> A, U = sf.matrix("A", "n", "n"), sf.matrix("U", "n", "k")
    >>> sf.simplify((A - U @ U.T) @ x, goal="cost", sizes={"n": 10_000, "k": 10})
    A @ x - U @ (U.T @ x)
    """
    wanted = _Wanted(goal, sizes, rules, domain, budget)
    return _results(x, lambda roots: _rewritten(roots, wanted))


def rewrite(x: Any, strategy: Any, *, budget: Budget | None = None) -> Any:
    """An equal expression, by a strategy of your own.

    Args:
        x: an expression, or a tuple or list of them, which are then rewritten together.
        strategy: a strategy (see :mod:`symflow.strategies`), a theory, a rule, or a list of
            rules; rules are used until none applies.
        budget: as for :func:`simplify`.

    Raises:
        RuleError: for what is no strategy.

    >>> import symflow as sf, symflow.numpy as snp
    >>> x, y = sf.scalar("x"), sf.scalar("y")
    >>> addition = sf.rule(snp.exp(x) * snp.exp(y), snp.exp(x + y), name="addition")
    >>> v, w = sf.vector("v", "n"), sf.vector("w", "n")
    >>> sf.rewrite(snp.exp(v) @ snp.exp(w), addition)
    sum(exp(v + w))
    """
    chosen = strategy_of(strategy)
    return _results(x, lambda roots: chosen(roots, budget))


def derivation(
    x: Any,
    goal: str = "readable",
    sizes: Sizes | None = None,
    *,
    strategy: Any = None,
    rules: Any = (),
    domain: str = "natural",
    budget: Budget | None = None,
) -> Derivation:
    """How :func:`simplify`, or :func:`rewrite` by a strategy, gets to its result, step by step.

    Arguments and errors as for those two.

    Returns:
        A derivation: ``.result``; ``.steps``, each with its rule, place, before, after and
        binding; ``.latex()``; ``.check()``, which replays every step and the way of the whole
        form from start to result; ``.complete``, False where a budget was passed.

    >>> import symflow as sf, symflow.numpy as snp
    >>> x, y = sf.vector("x", "n"), sf.vector("y", "n")
    >>> d = sf.derivation(snp.sin(snp.exp(x) * snp.exp(y)))
    >>> step = d.steps[0]
    >>> step.rule, step.place, step.before, step.after
    ('exp-sum', (0,), exp(x) * exp(y), exp(x + y))
    >>> sorted(step.binding.items()), d.check()
    ([('x', x), ('y', y)], True)
    """
    start = as_tensor(x)
    if strategy is not None:
        done = strategy_of(strategy)([start], budget)
    elif goal == "cost":
        _Wanted(goal, sizes, rules, domain, budget).check()
        return told(cheapest([start], sizes), replays)
    else:
        done = _rewritten([start], _Wanted(goal, sizes, rules, domain, budget))
    return derived(
        start, done.results[0], done.stages, same_form, complete=done.complete, replay=replays
    )


def replays(step: Step) -> bool:
    """Whether a step holds: its rule gives it; for a pass, the two sides are equal.

    Equal sides have one normal form, or the same values on random data.
    """
    if step.rule in _PASSES and step.law is None:
        return same_form(step.before, step.after) or agree(step.before, step.after)
    rule = step.law or presets.CATALOGUE.get(step.rule)
    if isinstance(rule, Rule):
        return any(after is step.after for after in rule.every(step.before))
    return rule is not None and rule.apply(step.before) is step.after


@dataclass(frozen=True)
class _Wanted:
    goal: str
    sizes: Sizes | None
    rules: Any
    domain: str
    budget: Budget | None

    def check(self) -> None:
        """Refuse what does not go together."""
        if self.domain not in DOMAINS:
            raise ValueError(f"unknown domain {self.domain!r}; known: {', '.join(DOMAINS)}")
        if self.goal != "cost" and self.sizes is not None:
            raise ValueError(f"sizes matter for goal='cost' alone, not for goal={self.goal!r}")
        own = bool(self.rules) or self.domain != DOMAINS[0] or self.budget is not None
        if self.goal == "cost" and own:
            raise ValueError("goal='cost' takes no rules, domain or budget: its search is bounded")


def _rewritten(roots: Sequence[Tensor], wanted: _Wanted) -> Rewriting:
    wanted.check()
    if wanted.goal == "cost":
        found = cheapest(roots, wanted.sizes)
        return Rewriting(found.results, complete=found.complete)
    wish = Wish(laws_of(wanted.rules), wanted.domain == "strict")
    return strategy_for(wanted.goal, wish)(roots, wanted.budget)


def _results(x: Any, run: Any) -> Any:
    """What a run makes of one expression or of several; a word where it was cut short."""
    several = isinstance(x, (tuple, list))
    items = getattr(x, "leaves", x)  # of blocks, which know how they stand
    done = run([as_tensor(item) for item in items] if several else [as_tensor(x)])
    if not done.complete:
        warnings.warn(
            "a bound on steps, nodes or seconds was passed: the result is the best so far",
            BudgetWarning,
            stacklevel=3,
        )
    rebuilt = getattr(x, "with_leaves", type(x))
    return rebuilt(done.results) if several else done.results[0]


def _method(
    self: Tensor, goal: str = "readable", sizes: Sizes | None = None, **options: Any
) -> Any:
    """``x.simplify()``; SymPy's options (``ratio``, ``measure`` ...) have no use here."""
    own = {name: options[name] for name in ("rules", "domain", "budget") if name in options}
    return simplify(self, goal, sizes, **own)


attach({"simplify": _method, "_eval_simplify": _method})
