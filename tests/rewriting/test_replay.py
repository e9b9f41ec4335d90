"""Passes replayed: whole forms from local changes, and what a pass did not tell."""

import pytest

import symflow.numpy as snp
from rewrites import presets
from symflow.core import matrix, vector
from symflow.ops.elementwise import cos, exp, log, sin
from symflow.rewriting.engine import Budget, rewrite
from symflow.rewriting.equality import same_form
from symflow.rewriting.normal import Form
from symflow.rewriting.refold import refold_all
from symflow.rewriting.replay import DIRECT, EXHAUSTIVE, UNSEEN, UPWARD, Stage, compared, replayed
from tests.rewriting.formulas import random_formula

x, y, z = vector("x", "n"), vector("y", "n"), vector("z", "n")


def test_what_is_put_in_is_reduced_or_not() -> None:
    changes = {x: sin(y), y: z}
    start = [exp(x)]
    assert replayed(start, changes, EXHAUSTIVE)[0] == [exp(sin(z))]
    assert replayed(start, changes, UPWARD)[0] == [exp(sin(y))]
    assert replayed(start, changes, DIRECT)[0] == [exp(sin(y))]


def test_operands_first_or_as_they_stand() -> None:
    changes = {x: y, sin(x): cos(x), sin(y): cos(y)}
    assert replayed([exp(sin(x))], changes, UPWARD)[0] == [exp(cos(y))]
    assert replayed([exp(sin(x))], changes, DIRECT)[0] == [exp(cos(x))]


def test_a_change_that_comes_back_ends() -> None:
    assert replayed([sin(x)], {x: cos(x)}, EXHAUSTIVE)[0] == [sin(cos(x))]


def test_changes_that_the_result_does_not_need_are_left_out() -> None:
    stage = Stage([sin(x)], [sin(y)], [("a", x, y), ("b", z, x)], UPWARD)
    assert [change[0] for change in stage.settled().changes] == ["a"]


def test_changes_that_do_not_lead_to_the_result_become_one() -> None:
    stage = Stage([sin(x)], [cos(x)], [("a", x, y)], UPWARD, "lost")
    assert stage.settled().changes == [("lost", sin(x), cos(x))]
    assert stage.settled().reached() == [cos(x)]


def test_the_engine_is_replayed_exactly() -> None:
    passes = 0
    for seed in range(60):
        start = random_formula(seed, steps=9)
        budget = Budget(steps=400, growth=6.0)
        for rules, form in ((presets.STABLE, Form()), (presets.EXPANDED, Form(shared=True))):
            for stage in rewrite([start], rules, form=form, budget=budget).stages:
                assert stage.reached() == stage.result
                assert stage.reached(0) == stage.start
                passes += 1
    assert passes > 40


def test_factoring_is_replayed_exactly() -> None:
    found = 0
    for seed in range(60):
        (start,) = rewrite([random_formula(seed, steps=9)], presets.EXPANDED).results
        stages: list[Stage] = []
        results = refold_all([start], stages)
        for stage in stages:
            settled = stage.settled(same_form)
            assert settled.reached() == stage.result
            found += len(settled.changes)
        assert stages[-1].result == results
    assert found


def test_a_pass_seen_from_outside() -> None:
    A, B = matrix("A", "n", "n"), matrix("B", "n", "n")
    old, new = (A @ B) @ x, A @ (B @ x)
    before, after = exp(old) * log(z), exp(new) * log(z)
    stage = compared("factor", [before], [after], same_form)
    assert [(a, b) for _, a, b in stage.changes] == [(old, new)]
    assert Stage([before], [after], mode=UNSEEN, name="factor").settled(same_form).changes


def test_unequal_parts_of_equal_wholes_are_no_changes() -> None:
    before, after = snp.abs(sin(x - y)), snp.abs(sin(y - x))
    stage = compared("turn", [before], [after], same_form)
    assert stage.changes == [("turn", before, after)]
    assert compared("turn", [before], [after], None).changes == [("turn", before, after)]


@pytest.mark.parametrize("mode", [EXHAUSTIVE, UPWARD, DIRECT])
def test_deep_graphs_need_no_recursion(mode: str) -> None:
    node, other = x, y
    for _ in range(20_000):
        node, other = sin(node), sin(other)
    assert replayed([node], {x: y}, mode)[0] == [other]
