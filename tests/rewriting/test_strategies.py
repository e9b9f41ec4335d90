"""Strategies: parts put together, budgets kept, values kept."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from rewrites import presets
from symflow.core import Tensor, postorder
from symflow.errors import BudgetError, RuleError
from symflow.ops.elementwise import cos, exp, log, sin
from symflow.rewriting import strategies as st
from symflow.rewriting.engine import Budget
from symflow.rewriting.kinds import Real
from symflow.rewriting.rule import Rule, theory
from symflow.rewriting.ruleset import RuleSet
from tests.oracle import evaluate
from tests.rewriting.formulas import random_formula, random_values

x, y = sf.vector("x", "n"), sf.vector("y", "n")


@theory("laws")
def laws(a: Real, b: Real):
    """One law each way, one that never ends."""
    yield Rule("log-exp", log(exp(a)), a)
    yield Rule("turn", sin(a), cos(a))
    yield Rule("grow", snp.tanh(a), snp.tanh(a + 1))


LOG_EXP, TURN, GROW = laws.rules


def result(strategy: object, node: Tensor, budget: Budget | None = None) -> Tensor:
    return st.strategy_of(strategy)([node], budget).results[0]


def test_rules_are_used_until_none_applies() -> None:
    node = log(exp(log(exp(sin(x)))))
    assert result(LOG_EXP, node) is sin(x)
    assert result([LOG_EXP, TURN], node) is cos(x)
    assert result(RuleSet("one", [LOG_EXP]), node) is sin(x)


def test_one_after_the_other() -> None:
    node = log(exp(sin(x)))
    assert result(st.sequence(TURN, LOG_EXP), node) is cos(x)
    assert result(st.sequence(), node) is node


def test_one_pass_leaves_what_it_put_in() -> None:
    assert result(st.once(GROW), snp.tanh(x)) is snp.tanh(x + 1)
    assert result(st.once(GROW, TURN), snp.tanh(sin(x))) is snp.tanh(cos(x) + 1)
    twice = st.sequence(st.once(GROW), st.once(GROW))
    assert result(twice, snp.tanh(x)) is snp.tanh((x + 1) + 1)


def test_again_until_nothing_changes() -> None:
    assert result(st.repeat(st.once(LOG_EXP)), log(exp(log(exp(x))))) is x
    done = st.repeat(st.once(GROW), times=3)([snp.tanh(x)])
    assert done.results == [snp.tanh((x + 2) + 1)]  # each pass starts from normal form
    assert not done.complete
    with pytest.raises(RuleError, match="once or more"):
        st.repeat(LOG_EXP, times=0)


def test_the_first_that_changes_something() -> None:
    first = st.choice(LOG_EXP, TURN)
    assert result(first, sin(x)) is cos(x)
    assert result(first, log(exp(sin(x)))) is sin(x)
    assert result(first, x) is x


def test_the_shortest() -> None:
    node = sin(x) * log(exp(x))
    assert result(st.shortest(GROW, LOG_EXP, TURN), node) is result(LOG_EXP, node)
    grown = st.shortest(st.once(GROW))
    assert result(grown, snp.tanh(x)) is snp.tanh(x)


def test_strategies_say_how_they_were_made() -> None:
    made = st.sequence(st.repeat(laws), st.choice(LOG_EXP, [TURN, GROW]), st.once(TURN))
    assert repr(made) == "sequence(repeat(laws), choice(log-exp, [turn, grow]), once(turn))"


@pytest.mark.parametrize("wrong", ["log-exp", 3, None, [LOG_EXP, "turn"], sin])
def test_what_is_no_strategy_is_refused(wrong: object) -> None:
    with pytest.raises(RuleError, match="rules are given as"):
        st.strategy_of(wrong)


def test_rules_are_listed_once() -> None:
    assert st.laws_of([LOG_EXP, laws, [TURN]]) == (LOG_EXP, TURN, GROW)

    @theory("others")
    def others(a: Real):
        yield Rule("turn", cos(a), sin(a))

    with pytest.raises(RuleError, match=r"two rules are named 'turn': .* and cos"):
        st.strategy_of([laws, others])


def test_several_graphs_stay_together() -> None:
    done = st.strategy_of(LOG_EXP)([log(exp(x)), exp(log(exp(x)))])
    assert done.results == [x, exp(x)]


BOUNDS = [Budget(steps=5), Budget(growth=-1.0), Budget(seconds=0.0), Budget(sweeps=1)]


@pytest.mark.parametrize("budget", BOUNDS)
@pytest.mark.parametrize(
    "strategy",
    [
        st.strategy_of(GROW),
        st.sequence(GROW, LOG_EXP),
        st.repeat(st.once(GROW)),
        st.choice(GROW, LOG_EXP),
    ],
    ids=repr,
)
def test_a_bound_that_is_passed_is_told(strategy: st.Strategy, budget: Budget) -> None:
    node = snp.tanh(x)
    for k in range(300):
        node = sin(node) + sf.vector(f"v{k}", "n")
    done = strategy([node], budget)
    assert not done.complete
    assert done.results[0].shape == node.shape


@pytest.mark.parametrize("wrong", [3, "fast", Budget(steps="many"), Budget(seconds=None)])
def test_what_is_no_budget_is_refused(wrong: object) -> None:
    with pytest.raises(BudgetError, match="budget"):
        st.strategy_of(LOG_EXP)([x], wrong)


def test_steps_are_counted_over_all_parts() -> None:
    parts = [st.once(GROW)] * 10
    done = st.sequence(*parts)([snp.tanh(x)], Budget(steps=4))
    assert not done.complete
    assert len(done.steps) <= 5


def test_stages_lead_from_start_to_result() -> None:
    made = st.sequence(st.once(TURN), LOG_EXP, st.factor)
    start = log(exp(sin(x))) + x * y + x * sin(y)
    done = made([start])
    current = [start]
    for stage in done.stages:
        assert stage.start == current
        assert stage.settled().reached() == stage.result
        current = stage.result
    assert current == done.results


SIZES = {"n": 3, "m": 2}
MADE = st.sequence(
    st.repeat(st.once(presets.THEORIES[0])), st.shortest(list(presets.THEORIES[5])), st.factor
)


@pytest.mark.parametrize("seed", range(40))
def test_values_are_kept(seed: int) -> None:
    node = random_formula(seed, steps=7)
    (after,) = MADE([node]).results
    values = random_values(node, seed, SIZES)
    with np.errstate(all="ignore"):
        try:
            a, b = (evaluate(side, values, SIZES).astype(float) for side in (node, after))
        except np.linalg.LinAlgError:
            pytest.skip("a singular matrix")
        both = np.isfinite(a) & np.isfinite(b)
        assert np.all(np.abs(a - b)[both] <= 1e-6 * (1 + np.abs(a) + np.abs(b))[both])
        assert not np.any(np.isfinite(a) & np.isnan(b))


def test_deep_graphs_need_no_recursion() -> None:
    node = x
    for _ in range(5000):
        node = sin(node)
    assert len(postorder([result(st.once(TURN), node)])) == 5001
