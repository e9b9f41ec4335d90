"""``sf.derive``: derivatives with their steps."""

import pytest

import symflow as sf
import symflow.numpy as snp

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
