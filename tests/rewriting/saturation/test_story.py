"""Stories: steps in the direction of their rules or against it, whole forms that lead on."""

import symflow.numpy as snp
from rewrites import presets
from symflow.core import Tensor, vector
from symflow.rewriting.engine import rewrite
from symflow.rewriting.saturation.egraph import EGraph
from symflow.rewriting.saturation.proof import Congruence
from symflow.rewriting.saturation.saturate import Reduced, Used
from symflow.rewriting.saturation.story import BACKWARDS, Leg, story, turned

x, y = vector("x", "n"), vector("y", "n")
LOG_EXP = presets.CATALOGUE["log-exp"]
EXP_SUM = presets.CATALOGUE["exp-sum"]


def told(legs: list[Leg]) -> list[tuple[str, Tensor, Tensor, str]]:
    return [(leg.step.rule, leg.step.before, leg.step.after, leg.step.note) for leg in legs]


def test_a_rule_forwards_and_backwards() -> None:
    graph = EGraph()
    long = snp.log(snp.exp(x))
    graph.unite(long, x, Used(LOG_EXP))
    assert told(story(graph, long, x)) == [("log-exp", long, x, "")]
    (leg,) = story(graph, x, long)
    assert told([leg]) == [("log-exp", x, long, BACKWARDS)]
    assert leg.form is long
    forward = turned(leg.step)
    assert (forward.before, forward.after, forward.note) == (long, x, "")
    assert forward.law.apply(forward.before) is forward.after


def test_inside_other_terms_the_whole_form_changes_place_by_place() -> None:
    graph = EGraph()
    long = snp.log(snp.exp(x))
    start, end = snp.sin(long) - snp.cos(long), snp.sin(x) - snp.cos(x)
    graph.add(start)
    graph.add(end)
    graph.unite(long, x, Used(LOG_EXP))
    legs = story(graph, start, end)
    assert [leg.step.before for leg in legs] == [long, long]
    middle = {snp.sin(x) - snp.cos(long), snp.sin(long) - snp.cos(x)}
    assert legs[0].form in middle
    assert legs[1].form is end
    back = story(graph, end, start)
    assert [leg.step.note for leg in back] == [BACKWARDS, BACKWARDS]
    assert back[-1].form is start


def test_a_reduction_is_told_step_by_step() -> None:
    graph = EGraph()
    start = snp.sin(snp.exp(snp.log(snp.exp(x))) * snp.exp(y))
    done = rewrite([start], presets.READABLE)
    (end,) = done.results
    graph.unite(start, end, Reduced(done))
    legs = story(graph, start, end)
    assert [leg.step.rule for leg in legs] == [step.rule for step in done.steps]
    assert legs[-1].form is end
    back = story(graph, end, start)
    assert [leg.step.rule for leg in back] == [leg.step.rule for leg in reversed(legs)]
    assert all(leg.step.note == BACKWARDS for leg in back)
    assert back[-1].form is start
    assert [leg.form for leg in back[:-1]] == [leg.form for leg in reversed(legs[:-1])]


def test_detours_are_left_out() -> None:
    graph = EGraph()
    long = snp.log(snp.exp(x))
    longer = snp.log(snp.exp(long))
    graph.unite(long, x, Used(LOG_EXP))
    graph.unite(longer, long, Used(LOG_EXP))
    assert told(story(graph, longer, x))[-1][2] is x
    assert story(graph, x, x) == []


def test_what_was_put_together_by_hand_is_told_by_its_operands() -> None:
    graph = EGraph()
    long = snp.log(snp.exp(x))
    start, end = snp.exp(long) * snp.exp(y), snp.exp(x) * snp.exp(y)
    graph.add(start)
    graph.unite(long, x, Used(LOG_EXP))
    operands = tuple(snp.exp(x) if part is snp.exp(long) else part for part in start.operands)
    graph.unite(start, end, Congruence(start, operands))
    graph.unite(end, snp.exp(x + y), Used(EXP_SUM))
    legs = story(graph, start, snp.exp(x + y))
    assert [leg.step.rule for leg in legs] == ["log-exp", "exp-sum"]
    assert [leg.form for leg in legs] == [end, snp.exp(x + y)]
