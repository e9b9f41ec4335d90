"""One pass: each node once, within a budget."""

import symflow as sf
from symflow.ops.elementwise import cos, exp, log, sin
from symflow.rewriting.engine import Budget
from symflow.rewriting.kinds import Real
from symflow.rewriting.onepass import one_pass, passed
from symflow.rewriting.rule import Rule, theory
from symflow.rewriting.ruleset import RuleSet

x = sf.vector("x", "n")


@theory("turns")
def turns(a: Real):
    yield Rule("sine", sin(a), cos(a))
    yield Rule("cosine", cos(a), sin(a))
    yield Rule("lone", exp(a), log(a), lone=True)


RULES = RuleSet("turns", turns)


def test_rules_that_undo_each_other_end() -> None:
    done = one_pass([sin(cos(x))], RULES, Budget())
    assert done.results == [cos(sin(x))]
    assert [step.rule for step in done.steps] == ["cosine", "sine"]
    assert done.complete


def test_steps_are_bounded() -> None:
    done = one_pass([sin(sin(sin(x)))], RULES, Budget(steps=2))
    assert not done.complete
    assert done.results == [sin(cos(cos(x)))]


def test_what_several_nodes_use_is_left_to_rules_that_mind() -> None:
    shared = sin(x)
    done = one_pass([exp(shared) + log(shared)], RULES, Budget())
    assert done.results == [exp(cos(x)) + log(cos(x))]
    assert one_pass([exp(x)], RULES, Budget()).results == [log(x)]


def test_a_change_may_be_a_function() -> None:
    done = passed([sin(x)], lambda node, uses: ("turn", node, cos(x)), Budget())
    assert done.results == [cos(x)]
    assert done.stages[0].reached() == [cos(x)]
