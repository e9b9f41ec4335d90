"""Saturation: what rules find is found, bounds hold, terms that cost far more are left out."""

import time

import pytest

import symflow.numpy as snp
from rewrites import presets
from rewrites.search import search as laws
from symflow.core import Tensor, matrix, vector
from symflow.rewriting.choices import Choices
from symflow.rewriting.ruleset import RuleSet
from symflow.rewriting.saturation.cost import CostModel
from symflow.rewriting.saturation.saturate import Bounds, Laws, Saturation

A, B, C = (matrix(name, "n", "n") for name in "ABC")
U = matrix("U", "n", "k")
x = vector("x", "n")
LAWS = Laws(presets.NORMALISE, RuleSet("search", laws))
MODEL = CostModel({"n": 1000, "k": 10})


def saturated(formula: Tensor, bounds: Bounds | None = None) -> Saturation:
    found = Saturation(LAWS, MODEL, bounds or Bounds(), time.perf_counter() + 60)
    found.run([formula])
    return found


def test_equal_forms_are_in_one_class() -> None:
    found = saturated(A @ B + A @ C)
    assert found.complete
    assert found.graph.equal(A @ B + A @ C, A @ (B + C))
    assert found.best(A @ B + A @ C)[0] is A @ (B + C)


def test_what_a_class_gains_is_seen_by_its_users() -> None:
    formula = snp.exp(snp.tanh(A @ B + A @ C) @ x)
    found = saturated(formula)
    assert found.best(formula)[0] is snp.exp(snp.tanh(A @ (B + C)) @ x)


@pytest.mark.parametrize(
    "bounds", [Bounds(tries=1), Bounds(terms=12), Bounds(together=1), Bounds(seconds=0)]
)
def test_bounds_are_kept_and_told(bounds: Bounds) -> None:
    formula = ((A - U @ U.T) @ (B - U @ U.T) @ (C - U @ U.T)) @ x
    found = Saturation(LAWS, MODEL, bounds, time.perf_counter() + 60 * bounds.seconds)
    found.run([formula])
    assert not found.complete
    assert MODEL.seconds([found.best(formula)[0]]) <= MODEL.seconds([formula])


def test_a_rule_that_always_finds_more_comes_to_an_end() -> None:
    def larger(node: Tensor) -> list[Tensor]:
        return [snp.log(snp.exp(node)), snp.sin(snp.arcsin(node))]

    endless = Choices("endless", larger, ((snp.exp(x).operation, None),))
    rules = Laws(presets.NORMALISE, RuleSet("endless", [endless]))
    found = Saturation(rules, MODEL, Bounds(tries=20), time.perf_counter() + 60)
    found.run([snp.exp(x)])
    assert found.graph.size < 400


def test_terms_that_cost_far_more_are_left_out() -> None:
    small = snp.linalg.inv(snp.eye(U.shape[1]) + U.T @ U)
    large = snp.linalg.inv(snp.eye(U.shape[0]) + U @ U.T)
    found = saturated(small)
    assert large not in found.graph
    assert small in saturated(large).graph or len(saturated(large).best(large)) > 1
