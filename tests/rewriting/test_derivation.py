"""Derivations: replayed, read as text and as LaTeX, expanded to whole forms."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.errors import SymflowError
from symflow.rewriting.derivation import Derivation, Passage, Step
from symflow.rewriting.places import at, path_to
from tests.oracle import evaluate
from tests.random_programs import random_program, symflow_space
from tests.rewriting.formulas import random_formula, random_values

x, y = sf.vector("x", "n"), sf.vector("y", "n")


def test_the_last_form_is_the_result() -> None:
    d = sf.derivation(snp.log(snp.exp(x)) + snp.exp(y) / snp.sum(snp.exp(y)))
    forms = list(d.forms())
    assert forms[0] == ("start", d.start)
    assert forms[-1][1] is d.result
    assert [name for name, _ in forms[1:]] == [step.rule for step in d.steps]


def test_steps_are_replayed() -> None:
    d = sf.derivation(snp.log(snp.exp(x) * snp.exp(y)))
    assert d.check()


def test_a_false_step_is_found() -> None:
    d = sf.derivation(snp.log(snp.exp(x)))
    false = Derivation(d.start, y, (Step("log-exp", d.start, y),), replay=d.replay)
    with pytest.raises(SymflowError, match="step 1 does not hold"):
        false.check()


def test_an_unknown_rule_does_not_hold() -> None:
    d = sf.derivation(snp.log(snp.exp(x)))
    false = Derivation(d.start, y, (Step("magic", d.start, y),), replay=d.replay)
    with pytest.raises(SymflowError, match="magic"):
        false.check()


def test_without_rules_nothing_can_be_replayed() -> None:
    with pytest.raises(SymflowError, match="without its rules"):
        Derivation(x, x).check()
    with pytest.raises(SymflowError, match="independent"):
        Derivation(x, x).verify()


def test_text_names_rules_and_sources() -> None:
    A, B = sf.matrix("A", "n", "n"), sf.matrix("B", "n", "n")
    text = str(sf.derivation(snp.linalg.det(A @ B)))
    assert "det-of-product" in text
    assert "Cookbook" in text
    assert text.splitlines()[0].startswith("start")
    assert text.splitlines()[-1].startswith("result")


def test_latex_is_aligned() -> None:
    text = sf.derivation(snp.log(snp.exp(x))).latex()
    assert text.startswith(r"\begin{aligned}")
    assert r"\text{(log-exp)}" in text


GOALS = ["readable", "stable", "recognise", "normal"]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("goal", GOALS)
def test_no_step_is_missing(seed: int, goal: str) -> None:
    """From the input to the result on random graphs; every step where it says."""
    program = random_program(seed, steps=6)
    leaves = [sf.tensor(f"v{k}", *shape) for k, shape in enumerate(program.shapes)]
    start = program.run(symflow_space(), leaves)
    d = sf.derivation(start, goal)
    assert d.check()
    forms = [form for _, form in d.forms()]
    assert forms[0] is start
    assert forms[-1] is d.result
    assert d.result is sf.simplify(start, goal)
    for number, step in enumerate(d.steps):
        place = at(forms[number], step.place)
        if forms[number] is not forms[number + 1] and path_to(forms[number], step.before):
            assert place is step.before


@pytest.mark.parametrize("seed", range(12))
def test_whole_forms_have_one_value(seed: int) -> None:
    start = random_formula(seed, steps=8)
    sizes = {"n": 3, "m": 2}
    values = random_values(start, seed, sizes)
    try:
        with np.errstate(all="ignore"):
            forms = [evaluate(form, values, sizes) for _, form in sf.derivation(start).forms()]
    except np.linalg.LinAlgError:
        pytest.skip("a singular matrix")
    defined = np.isfinite(forms[0].astype(float))
    for value in forms:
        assert np.allclose(value[defined], forms[0][defined], rtol=1e-6, atol=1e-7)


def test_a_missing_step_is_found() -> None:
    d = sf.derivation(snp.log(snp.exp(x)) + snp.sin(snp.log(snp.exp(y))))
    assert len(d.steps) >= 2
    short = Derivation(d.start, d.result, d.steps[:-1], replay=d.replay)
    with pytest.raises(SymflowError, match=r"not to the result .*: a step is missing"):
        short.check()
    other = Derivation(y, d.result, d.steps, replay=d.replay)
    with pytest.raises(SymflowError, match="a step is missing"):
        other.check()


def test_passages_that_do_not_meet_are_found() -> None:
    d = sf.derivation(snp.log(snp.exp(x)) + y)
    assert d.stages
    lost = Passage(y, d.result, 0, lambda count: d.result)
    with pytest.raises(SymflowError, match="do not lead to the form"):
        Derivation(d.start, d.result, d.steps, replay=d.replay, stages=(*d.stages, lost)).check()


def test_a_step_knows_its_place_and_what_its_variables_are() -> None:
    A, B = sf.matrix("A", "n", "n"), sf.matrix("B", "n", "n")
    d = sf.derivation(snp.sin(snp.linalg.det(A @ B)))
    (step,) = [step for step in d.steps if step.rule == "det-of-product"]
    assert step.place == (0,)
    assert step.before is snp.linalg.det(A @ B)
    assert step.binding["A"] is A
    assert step.binding["B"] is B
    assert step.binding["n"] == sf.dim("n")
    assert step.source == "Cookbook 20"
    power = sf.derivation(snp.exp(x) ** sf.dim("k"))
    assert {step.binding.get("c") for step in power.steps} & {sf.dim("k"), None}


def test_passes_have_no_binding() -> None:
    A, B = sf.matrix("A", "n", "n"), sf.matrix("B", "n", "n")
    d = sf.derivation(A @ x + B @ x)
    assert [step.rule for step in d.shown] == ["factor"]
    assert d.shown[0].binding == {}
    assert Step("any", x, y).place == ()


def test_steps_that_read_alike_are_not_shown() -> None:
    A = sf.matrix("A", "n", "n")
    d = sf.derivation(A @ (A @ x) + snp.log(snp.exp(x)))
    assert len(d.shown) < len(d.steps)
    assert all(left != right for left, right in (step.equation() for step in d.shown))
    assert str(d).count("\n") == len(d.shown) + 1
    assert d.latex().count("&&") == len(d.shown) + 2


def test_forms_are_numbered_from_the_start() -> None:
    d = sf.derivation(snp.log(snp.exp(x)))
    assert d.form(0) is d.start
    assert d.form(len(d.steps)) is d.result
    for wrong in (-1, len(d.steps) + 1):
        with pytest.raises(IndexError, match="there is no form"):
            d.form(wrong)


def test_steps_may_be_mapped_for_reading() -> None:
    step = Step("log-exp", snp.log(snp.exp(x)), x).mapped(lambda node: node.xreplace({x: y}))
    assert (step.before, step.after) == (snp.log(snp.exp(y)), y)


def test_long_derivations_stay_linear() -> None:
    """Steps and passages are counted, not the forms between them."""
    counts = []
    for depth in (100, 200, 400):
        node = x
        for k in range(depth):
            node = snp.log(snp.exp(snp.sin(node))) + sf.vector(f"v{k}", "n")
        d = sf.derivation(node)
        assert d.check()
        counts.append((len(d.steps), len(d.stages or ())))
        assert len(d.steps) >= depth
    assert counts[2][0] <= 4.2 * counts[0][0]
    assert counts[2][1] == counts[0][1]
