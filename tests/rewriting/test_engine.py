"""The engine: sweeps, bounds, steps; it ends, keeps sharing and is linear."""

import pytest

import symflow.numpy as snp
from symflow.core import Tensor, postorder, scalar, vector
from symflow.ops.elementwise import COS, SIN, cos, exp, log, sin
from symflow.rewriting.engine import EMPTY, Budget, normalise, rewrite
from symflow.rewriting.kinds import Real
from symflow.rewriting.rule import Procedure, Rule, theory
from symflow.rewriting.ruleset import RuleSet

x, y = vector("x", "n"), vector("y", "n")
s = scalar("s")


@theory("small")
def small(x: Real, y: Real):
    yield Rule("log-exp", log(exp(x)), x)
    yield Rule("exp-sum", exp(x) * exp(y), exp(x + y))


@theory("loop")
def loop(x: Real):
    yield Rule("to-cos", sin(x), cos(x))
    yield Rule("to-sin", cos(x), sin(x))


@theory("growth")
def growth(x: Real):
    yield Rule("grow", sin(x), sin(x + 1) * 2)


SMALL = RuleSet("small", small.rules)


def test_roots_are_rewritten_together() -> None:
    outcome = rewrite([log(exp(x)), log(exp(x)) + y], SMALL)
    assert outcome.results[0] is x
    assert outcome.results[1] is x + y
    assert [step.rule for step in outcome.steps] == ["log-exp"]


def test_steps_say_what_happened() -> None:
    outcome = rewrite([log(exp(x) * exp(y))], SMALL)
    assert [step.rule for step in outcome.steps] == ["exp-sum", "log-exp"]
    assert outcome.steps[0].before is exp(x) * exp(y)
    assert outcome.steps[0].after is exp(x + y)
    assert outcome.complete


def test_a_loop_is_left() -> None:
    outcome = rewrite([sin(x)], RuleSet("loop", loop.rules), budget=Budget(steps=100))
    assert outcome.results[0] in (sin(x), cos(x))


@pytest.mark.parametrize("budget", [Budget(steps=50), Budget(growth=0.1), Budget(seconds=0.05)])
def test_growth_is_bounded_and_said(budget: Budget) -> None:
    outcome = rewrite([sin(x)], RuleSet("growth", growth.rules), budget=budget)
    assert not outcome.complete


def test_a_rule_that_gives_back_its_node_is_no_step() -> None:
    same = Procedure("same", lambda node: node, ((SIN, None), (COS, None)))
    outcome = rewrite([sin(cos(x))], RuleSet("same", [same]))
    assert outcome.steps == []
    assert outcome.complete


def test_shared_parts_are_rewritten_once() -> None:
    shared = log(exp(x))
    outcome = rewrite([sin(shared) + cos(shared) * shared], SMALL)
    assert len(outcome.steps) == 1


def test_results_are_stable() -> None:
    (first,) = rewrite([log(exp(x) * exp(y)) * y], SMALL).results
    again = rewrite([first], SMALL)
    assert again.results[0] is first
    assert again.steps == []


def chain(length: int) -> Tensor:
    node: Tensor = s
    for k in range(length):
        node = sin(node) * exp(log(exp(node))) + k
    return node


def test_work_is_linear_in_nodes() -> None:
    """New nodes made by rewriting, a count in place of a time."""

    def steps(length: int) -> float:
        formula = chain(length)
        return len(rewrite([formula], SMALL).steps) / len(postorder([formula]))

    assert steps(6000) <= 2 * steps(300) + 1


def test_normal_form_alone_uses_no_rule() -> None:
    assert len(EMPTY) == 0
    assert normalise([log(exp(x))])[0] is log(exp(x))


def test_where_the_collector_was_off_it_stays_off() -> None:
    import gc

    gc.disable()
    try:
        normalise([snp.exp(x)])
        assert not gc.isenabled()
    finally:
        gc.enable()


def sum_of(terms: list[Tensor]) -> Tensor:
    total, *rest = terms
    for term in rest:
        total = total + term
    return total


def test_long_sums_written_term_after_term_are_taken_in_at_once() -> None:
    terms = [sin(scalar(f"x{k}")) * scalar(f"x{k + 1}") for k in range(100)]
    shared = total = sum_of(terms[:50])
    for term in terms[50:]:
        total = total + 2 * term
    outcome = rewrite([total, shared], EMPTY)
    whole, part = outcome.results
    assert len(whole.operands) == 51  # what two use stays one term
    assert len(part.operands) == 50
    changed = [before for stage in outcome.stages for _, before, _ in stage.changes]
    assert len(changed) <= 4
    (alone,) = normalise([total])
    assert len(alone.operands) == 100
    assert alone is normalise([sum_of(terms[:50]) + 2 * sum_of(terms[50:])])[0]
