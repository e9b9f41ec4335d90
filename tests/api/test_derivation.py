"""``sf.derive``: derivatives with their steps."""

import itertools
from dataclasses import replace

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.api.derivation import Pairing
from tests.random_programs import random_program, symflow_space

X, w, y = sf.matrix("X", "n", "d"), sf.vector("w", "d"), sf.vector("y", "n")
LOSS = snp.sum((X @ w - y) ** 2) / sf.dim("n")


def test_a_derivation_replays_and_verifies() -> None:
    derivation = sf.derive(snp.sum(snp.log(snp.exp(X @ w) + 1) * y), w)
    assert {"d-softplus", "d-product"} <= {step.rule for step in derivation.steps}
    assert derivation.check()
    assert derivation.verify().ok
    assert r"\begin{aligned}" in derivation.latex()
    second = sf.derive(LOSS, w, order=2)
    assert second.result is sf.hessian(LOSS, w)
    with pytest.raises(sf.DomainError, match="order"):
        sf.derive(LOSS, w, order=0)


def test_a_wrong_step_does_not_replay() -> None:
    derivation = sf.derive(snp.sum(snp.sin(w)), w)
    step = derivation.steps[0]
    wrong = type(derivation)(
        derivation.start,
        derivation.result,
        (type(step)(step.rule, step.before, step.after * 2),),
        replay=derivation.replay,
    )
    with pytest.raises(sf.SymflowError, match="step 1 does not hold"):
        wrong.check()


def test_pairings_read_as_pairings() -> None:
    f = snp.sum(y * snp.sin(snp.exp(X @ w)))
    derivation = sf.derive(f, w)
    pairings = [step for step in derivation.steps if isinstance(step, Pairing)]
    assert [step.rule for step in pairings] == ["d-product", "d-sin", "d-exp", "d-product"]
    assert pairings[0].equation()[0] == f"<1, d({f})>"
    assert pairings[1].equation() == (
        "<y, d(sin(exp(X @ w)))>",
        "<y * cos(exp(X @ w)), d(exp(X @ w))>",
    )
    assert pairings[-1].equation()[1].endswith(", dw>")
    assert "<y, d(sin(exp(X @ w)))>  =  <y" in str(derivation)
    assert r"\left\langle y, \mathrm{d}\left(\sin" in derivation.latex()
    assert derivation.check()


def test_the_cotangent_of_one_pairing_starts_the_next() -> None:
    derivation = sf.derive(snp.sum(snp.sin(snp.exp(snp.tanh(w)))), w)
    pulls = [step.pull for step in derivation.steps if isinstance(step, Pairing)]
    for first, second in itertools.pairwise(pulls):
        assert first is not None
        assert second is not None
        ((operand, share),) = first.parts
        assert operand is second.node
        assert share is second.cotangent


def test_several_operands_make_several_pairings() -> None:
    derivation = sf.derive(snp.sum(snp.sin(w) * snp.cos(w)), w)
    (both,) = [step for step in derivation.steps if step.rule == "d-product"]
    left, right = both.equation()
    assert left.startswith("<1, d(")
    assert right.count(">") == 2
    assert " + " in right


@pytest.mark.parametrize("order", [1, 2, 3])
def test_no_step_is_missing_at_any_order(order: int) -> None:
    derivation = sf.derive(snp.sum(snp.log(1 + snp.exp(X @ w)) * y), w, order=order)
    assert derivation.check()
    assert derivation.form(0) is derivation.start
    assert derivation.form(len(derivation.steps)) is derivation.result
    assert derivation.verify().ok


@pytest.mark.parametrize("seed", range(25))
def test_derivatives_of_random_graphs_replay(seed: int) -> None:
    program = random_program(seed, steps=5)
    leaves = [sf.tensor(f"v{k}", *shape) for k, shape in enumerate(program.shapes)]
    f = snp.sum(program.run(symflow_space(), leaves))
    try:
        derivation = sf.derive(f, leaves[0])
    except sf.DifferentialError:
        pytest.skip("no differential")
    assert derivation.result is sf.grad(f, leaves[0])
    assert derivation.check()


def test_a_wrong_pairing_does_not_replay() -> None:
    derivation = sf.derive(snp.sum(snp.sin(w)), w)
    steps = [
        replace(step, after=2 * step.after) if isinstance(step, Pairing) else step
        for step in derivation.steps
    ]
    wrong = replace(derivation, steps=tuple(steps))
    with pytest.raises(sf.SymflowError, match="does not hold"):
        wrong.check()


def test_a_wrong_result_is_found_by_the_sweep() -> None:
    derivation = sf.derive(snp.sum(snp.sin(w)), w)
    wrong = replace(derivation, result=2 * derivation.result)
    with pytest.raises(sf.SymflowError, match="a step is missing"):
        wrong.check()


def test_the_derivative_that_pairings_lead_to_is_swept_again() -> None:
    derivation = sf.derive(snp.sum(snp.sin(snp.exp(w))), w)
    assert derivation.stages
    stages = [
        replace(passage, result=2 * passage.result) if passage.result.shape else passage
        for passage in derivation.stages
    ]
    with pytest.raises(sf.SymflowError, match="do not lead to the form"):
        replace(derivation, stages=tuple(stages)).check()


def test_pairings_may_be_mapped_for_reading() -> None:
    derivation = sf.derive(snp.sum(snp.sin(snp.exp(w))), w)
    (step,) = [s for s in derivation.steps if s.rule == "d-sin"]
    v = sf.vector("v", "d")
    mapped = step.mapped(lambda node: node.xreplace({snp.exp(w): v}))
    assert mapped.equation() == ("<ones((d,)), d(sin(v))>", "<cos(v), dv>")
