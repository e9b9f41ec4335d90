"""The equations of the directed sets cannot be applied for ever."""

from collections.abc import Iterator

import pytest

import symflow.numpy as snp
from rewrites import presets
from symflow.core import vector
from symflow.ops.elementwise import cos, sin
from symflow.rewriting.engine import Budget, rewrite
from symflow.rewriting.kinds import Real
from symflow.rewriting.rule import Rule, theory
from symflow.rewriting.ruleset import RuleSet
from tests.rewrites.termination import duplicates, weights

# these lead to smaller matrices: their conditions say so
BY_SIZE = {"push-through", "sylvester", "sylvester-log"}
# takes away an inverse beside a determinant, of which there are finitely many
BY_HAND = {"determinant-lemma"}
SHORTER = [rule for theory_ in presets.THEORIES for rule in theory_ if isinstance(rule, Rule)]
SETS = {
    "readable": presets.READABLE.rules,
    "recognise": presets.RECOGNISE.rules,
    "display": presets.DISPLAY.rules,
    "shorter": SHORTER,
}


@pytest.mark.parametrize("name", SETS)
def test_every_rule_makes_formulas_lighter(name: str) -> None:
    rules = [rule for rule in SETS[name] if isinstance(rule, Rule)]
    proved = [rule for rule in rules if rule.name not in BY_SIZE | BY_HAND]
    assert not [rule.name for rule in proved if duplicates(rule)]
    assert weights(proved)[1] == []


def test_exceptions_have_conditions_on_sizes() -> None:
    for name in BY_SIZE:
        (condition,) = presets.CATALOGUE[name].where
        assert condition.__qualname__.startswith("smaller.")


@theory("loop")
def loop(x: Real) -> Iterator[Rule]:
    """Two rules that undo each other."""
    yield Rule("there", sin(x) * cos(x), sin(2 * x) / 2)
    yield Rule("and-back", sin(2 * x), 2 * (sin(x) * cos(x)))


def test_a_planted_loop_has_no_weights() -> None:
    assert weights(loop.rules)[1]
    assert weights([*SHORTER, *loop.rules])[1]


def test_a_planted_growth_is_seen() -> None:
    (x,) = {v for v in loop.rules[0].left.walk() if not v.operands}
    assert duplicates(Rule("growth", sin(x), sin(x) * cos(x) / cos(x)))


def test_a_planted_loop_is_stopped() -> None:
    x = vector("x", 3)
    rules = RuleSet("loop", loop.rules)
    outcome = rewrite([snp.sin(x) * snp.cos(x)], rules, budget=Budget(steps=200))
    assert len(outcome.steps) <= 201
    assert outcome.results[0].shape == (3,)
