"""Goals with rules of one's own, strict domains and budgets."""

from typing import Any

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from rewrites import presets
from symflow.api.goals import GOALS, Wish, strategy_for
from symflow.errors import BudgetWarning, RuleError
from symflow.rewriting.rule import Rule
from tests.oracle import evaluate
from tests.rewriting.formulas import random_formula, random_values

n = sf.dim("n")
x, y = sf.vector("x", n), sf.vector("y", n)
p = sf.vector("p", n, positive=True)
A = sf.matrix("A", n, n)
a, b = sf.scalar("a"), sf.scalar("b")
inv = snp.linalg.inv
ADDITION = sf.rule(
    snp.sin(a) * snp.cos(b) + snp.cos(a) * snp.sin(b), snp.sin(a + b), name="sine-of-sum"
)
SUM = snp.sin(x) * snp.cos(y) + snp.cos(x) * snp.sin(y)


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("rules", [ADDITION, [ADDITION], (ADDITION,)])
def test_own_rules_join_the_catalogue(goal: str, rules: Any) -> None:
    assert sf.simplify(SUM, goal, rules=rules) is sf.simplify(snp.sin(x + y), goal)
    d = sf.derivation(SUM, goal, rules=rules)
    assert "sine-of-sum" in {step.rule for step in d.steps}
    assert d.check()


def test_own_rules_come_first() -> None:
    away = sf.rule(snp.exp(a) * snp.exp(b), snp.exp(a + b), name="mine")
    d = sf.derivation(snp.exp(x) * snp.exp(y), rules=away)
    assert [step.rule for step in d.shown] == ["mine"]


def test_a_name_of_the_catalogue_is_refused() -> None:
    taken = sf.rule(snp.exp(a) * snp.exp(b), snp.exp(a + b), name="exp-sum")
    with pytest.raises(RuleError, match="the catalogue has a rule named 'exp-sum'"):
        sf.simplify(SUM, rules=taken)
    assert sf.rewrite(snp.exp(x) * snp.exp(y), taken) is sf.normalise(snp.exp(x + y))


@pytest.mark.parametrize("rules", ["sine-of-sum", 3, [None]])
def test_what_is_no_rule_is_refused(rules: Any) -> None:
    with pytest.raises(RuleError, match="rules are given as"):
        sf.simplify(x, rules=rules)


STRICT = [
    (x / x, x / x),
    (x**2 / x, x**2 / x),
    (1 / (1 / x), 1 / (1 / x)),
    (p / p, snp.ones(n)),
    (x / x**2, 1 / x),
    (x * x * y, x**2 * y),
    (inv(A) @ A @ x, inv(A) @ A @ x),
    (inv(inv(A)), inv(inv(A))),
    (snp.log(snp.exp(x)), x),
    (snp.sum(x * x) / snp.linalg.norm(x), snp.sum(x * x) / snp.linalg.norm(x)),
]


@pytest.mark.parametrize(("node", "expected"), STRICT)
@pytest.mark.parametrize("goal", ["readable", "normal", "stable"])
def test_strict_keeps_removable_singularities(node: Any, expected: Any, goal: str) -> None:
    kept = sf.simplify(node, goal, domain="strict")
    if goal != "normal":
        assert kept is sf.simplify(expected, goal, domain="strict")
    rng = np.random.default_rng(0)
    values = {x: np.array([0.0, 2.0, 0.0]), y: rng.normal(size=3), p: rng.uniform(1, 2, 3)}
    values[A] = np.eye(3)
    with np.errstate(all="ignore"):
        want, got = (evaluate(side, values, {"n": 3}) for side in (node, kept))
    assert np.array_equal(np.isfinite(want), np.isfinite(got))


def test_strict_and_natural_do_not_mix() -> None:
    node = y + x / x
    assert sf.simplify(node, "normal", domain="strict") is not sf.simplify(node, "normal")
    assert sf.simplify(node, "normal", domain="strict") is node
    assert sf.simplify(node) is sf.simplify(y + 1)


@pytest.mark.parametrize("seed", range(60))
def test_strict_gives_no_number_where_there_was_none(seed: int) -> None:
    node = random_formula(seed, steps=7)
    after = sf.simplify(node, domain="strict")
    sizes = {"n": 3, "m": 2}
    values = random_values(node, seed, sizes)
    with np.errstate(all="ignore"):
        try:
            want, got = (evaluate(side, values, sizes).astype(float) for side in (node, after))
        except np.linalg.LinAlgError:
            pytest.skip("a singular matrix")
    both = np.isfinite(want) & np.isfinite(got)
    assert np.allclose(want[both], got[both], rtol=1e-5, atol=1e-6)


def test_strict_rules_widen_nothing() -> None:
    for preset in (presets.READABLE, presets.STABLE, presets.RECOGNISE):
        rules = Wish(strict=True).rules(preset).rules
        assert all(r.grade != "widens" for r in rules if isinstance(r, Rule))
        assert Wish().rules(preset) is preset


def test_mistakes() -> None:
    with pytest.raises(ValueError, match="unknown domain 'loose'; known: natural, strict"):
        sf.simplify(x, domain="loose")
    with pytest.raises(ValueError, match="unknown goal 'nice'"):
        strategy_for("nice")
    with pytest.raises(ValueError, match="goal='cost' takes no rules"):
        sf.simplify(x, "cost", rules=ADDITION)


def test_a_goal_is_a_strategy() -> None:
    made = sf.strategies.sequence(sf.strategies.goal("readable"), ADDITION)
    assert sf.rewrite(snp.log(snp.exp(SUM)), made) is snp.sin(x + y)


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("budget", [sf.Budget(steps=2), sf.Budget(seconds=0)])
def test_a_budget_that_is_passed_is_told(goal: str, budget: sf.Budget) -> None:
    node = x
    for k in range(300):
        node = snp.log(snp.exp(node) * snp.exp(sf.vector(f"v{k}", n))) * 2
    if goal == "normal" and budget.steps == 2:
        pytest.skip("the normal form takes no rules")
    with pytest.warns(BudgetWarning):
        after = sf.simplify(node, goal, budget=budget)
    assert after.shape == (n,)
    d = sf.derivation(node, goal, budget=budget)
    assert not d.complete
    assert d.check()


def test_growing_rules_do_not_make_a_readable_result_longer() -> None:
    halved = sf.rule(snp.sin(a), 2 * snp.sin(a / 2) * snp.cos(a / 2), name="halved")
    with pytest.warns(BudgetWarning):
        assert sf.simplify(snp.sin(x), rules=halved, budget=sf.Budget(steps=20)) is snp.sin(x)
