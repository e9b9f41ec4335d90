"""Rules: what the constructor refuses, how they print, what procedures may return."""

import pytest

import symflow.export  # noqa: F401  (gives expressions their printed form)
import symflow.numpy as snp
from symflow.core import Tensor, scalar, vector
from symflow.errors import RuleError
from symflow.ops.creation import ones, zeros
from symflow.ops.elementwise import exp, log
from symflow.rewriting.conditions import total
from symflow.rewriting.kinds import Boolean, Matrix, Positive, Real, Square, Vector, m, n
from symflow.rewriting.rule import Procedure, Rule, theory

x, y = scalar("x"), scalar("y")


def one(left: Tensor, right: Tensor, **options: object) -> Rule:
    @theory("one")
    def only(x: Real, y: Real, p: Positive):
        yield Rule("only", left(x, y, p), right(x, y, p), **options)

    return only.rules[0]


def test_equal_sides_are_refused() -> None:
    with pytest.raises(ValueError, match="both sides"):
        Rule("same", exp(x), exp(x))


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="shapes"):
        Rule("shapes", snp.sum(vector("v", 3)), vector("v", 3))


def test_variables_of_the_right_side_must_stand_on_the_left() -> None:
    with pytest.raises(ValueError, match="variables of its own: y"):
        one(lambda x, y, p: exp(x), lambda x, y, p: exp(y))


def test_unknown_grades_are_refused() -> None:
    with pytest.raises(ValueError, match="grade"):
        Rule("grade", exp(log(x)), x, grade="perhaps")


def test_parameters_of_a_theory_need_kinds() -> None:
    with pytest.raises(RuleError, match="needs a kind"):

        @theory("bad")
        def bad(x):
            yield Rule("r", exp(log(x)), x)


def test_two_rules_of_one_name_are_refused() -> None:
    from symflow.rewriting.ruleset import RuleSet

    rule = one(lambda x, y, p: log(exp(x)), lambda x, y, p: x)
    with pytest.raises(ValueError, match="only"):
        RuleSet("twice", [rule, rule])


def test_what_a_pattern_cannot_hold_is_refused_on_use() -> None:
    v = vector("v", "n")
    rule = Rule("slice", exp(v[1:]), exp(v)[1:])
    with pytest.raises(ValueError, match="pattern cannot hold"):
        _ = rule.anchors


def test_rules_read_as_mathematics() -> None:
    rule = one(lambda x, y, p: log(exp(x)), lambda x, y, p: x)
    assert " = " in str(rule)


def test_rules_tell_what_they_ask_of_their_variables() -> None:
    rule = one(lambda x, y, p: exp(log(p)) * x, lambda x, y, p: p * x)
    assert repr(rule) == "<rule only: exp(log(p)) * x = p * x for p positive>"
    assert (
        repr(one(lambda x, y, p: log(exp(x)), lambda x, y, p: x)) == "<rule only: log(exp(x)) = x>"
    )


def test_a_condition_guards() -> None:
    @theory("guarded")
    def guarded(x: Real):
        yield Rule("nothing", snp.minimum(snp.abs(x), 0), zeros(()), where=[total(x)])

    rule = guarded.rules[0]
    v = vector("v", "n")
    assert rule.apply(snp.minimum(snp.abs(v), 0)) is not None
    assert rule.apply(snp.minimum(snp.abs(snp.sqrt(v)), 0)) is None


def test_a_literal_takes_the_type_of_what_it_replaces() -> None:
    @theory("typed")
    def typed(x: Real):
        yield Rule("one", snp.exp(x) * snp.exp(-x), ones(()))

    v = vector("v", "n", dtype="float32")
    after = typed.rules[0].apply(snp.exp(v) * snp.exp(-v))
    assert after is not None
    assert after.dtype == "float32"


def test_a_procedure_keeps_the_type() -> None:
    v = vector("v", "n", dtype="float32")
    rule = Procedure("zero", lambda node: snp.zeros(node.shape), ((None, None),))
    assert rule.apply(exp(v)).dtype == "float32"


def test_kinds_name_their_sizes() -> None:
    assert str(Matrix[m, n]) == "Matrix[m, n]"
    assert Square[n].dims == ("n", "n")
    assert str(Vector[n]) == "Vector[n]"
    assert Boolean.dtype == "bool"
