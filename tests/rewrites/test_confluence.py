"""The directed rules end, and reach one form whatever their order."""

import random

import pytest

from rewrites import presets
from symflow.rewriting.engine import Budget, rewrite
from symflow.rewriting.rule import Rule
from symflow.rewriting.ruleset import RuleSet
from tests.rewriting.formulas import random_formula

SEEDS = range(120)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rules", [presets.READABLE, presets.STABLE, presets.RECOGNISE])
def test_every_set_ends(rules: RuleSet, seed: int) -> None:
    formula = random_formula(seed, steps=9)
    outcome = rewrite([formula], rules, budget=Budget(steps=300, growth=30.0, seconds=20.0))
    assert outcome.complete
    again = rewrite(outcome.results, rules)
    assert again.results[0] is outcome.results[0]


def shuffled(rules: RuleSet, seed: int) -> RuleSet:
    order = list(rules.rules)
    random.Random(seed).shuffle(order)
    return RuleSet(f"shuffled {seed}", order)


ORDERS = [shuffled(presets.READABLE, seed) for seed in range(3)]


@pytest.mark.parametrize("seed", SEEDS)
def test_shuffled_orders_reach_one_form(seed: int) -> None:
    formula = random_formula(seed, steps=8)
    (first,) = rewrite([formula], presets.READABLE).results
    assert all(rewrite([formula], order).results[0] is first for order in ORDERS)


def test_names_are_unique_and_kebab_case() -> None:
    for name in presets.CATALOGUE:
        assert name == name.lower().replace(" ", "-").replace("_", "-")


def test_procedures_are_the_smaller_part() -> None:
    rules = list(presets.CATALOGUE.values())
    procedures = [rule for rule in rules if not isinstance(rule, Rule)]
    assert len(procedures) < 0.2 * len(rules)
    assert all(procedure.law for procedure in procedures)


def test_theories_are_documented() -> None:
    assert all(theory.doc for theory in presets.THEORIES)
