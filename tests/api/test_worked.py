"""The steps of a worked derivative: what they hold."""

import symflow as sf
import symflow.numpy as snp
from symflow.api.worked import Solution, Worked, paired, wish_of

A, x = sf.matrix("A", "n", "n"), sf.vector("x", "n")


def steps(f, variable, **options):
    return Solution(f, variable, sf.jacobian(f, variable), **options).steps()


def test_phases_follow_each_other():
    phases = [step.phase for step in steps(snp.sum(snp.sin(A @ x)), x)]
    order = ["function", "let", "differential", "pairing", "result"]
    assert phases == sorted(phases, key=order.index)
    assert set(phases) == set(order)


def test_names_stand_for_what_they_are():
    found = steps(snp.sum(snp.sin(A @ x)), x)
    names = {str(name): node for step in found for name, node in step.where.items()}
    assert names["z"] is A @ x


def test_the_function_of_a_higher_order_has_another_name():
    assert str(steps(snp.sum(x), x)[0].before) == "f"
    assert str(steps(x * x, x, order=2)[0].before) == "g"


def test_two_ways_to_the_variable_are_added():
    found = steps(snp.sum(snp.sin(x)) * snp.sum(snp.cos(x)), x)
    (pairing,) = [step for step in found if step.rule == "transpose"]
    assert "sum(cos(x)) * cos(x) - sum(sin(x)) * sin(x)" in str(pairing)


def test_only_worked_steps_are_in_names():
    derivation = sf.derive(snp.log(snp.exp(x)) @ x, x)
    kinds = {isinstance(step, Worked) for step in derivation.steps}
    assert kinds == {True, False}


def test_pairings_and_wishes():
    assert paired(x, x) is x @ x
    assert paired(A, x) is A @ x
    assert wish_of(A @ x)[0] == "z"
