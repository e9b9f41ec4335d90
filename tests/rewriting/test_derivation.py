"""Derivations: replayed, read as text and as LaTeX, expanded to whole forms."""

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.errors import SymflowError
from symflow.rewriting.derivation import Derivation, Step

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
