"""Laws that only a search tries: every reading keeps the value; what would cancel is left alone."""

from typing import Any

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from rewrites import presets
from rewrites.search import search
from symflow.core import Tensor
from symflow.core.add import split
from symflow.rewriting.choices import Choices, backwards, every
from symflow.rewriting.rule import Rule
from symflow.rewriting.ruleset import RuleSet
from tests.oracle import evaluate
from tests.rewrites.test_every_rule import SIZES, compare
from tests.rewriting.formulas import random_values
from tests.rewriting.matrix_formulas import random_matrix_formula

LAWS = RuleSet("search", search)
RULES = [rule for rule in search if isinstance(rule, Rule)]
n, k = sf.dims("n k")
A, B, C = (sf.matrix(name, n, n) for name in "ABC")
S = sf.matrix("S", n, n, positive_definite=True)
P = sf.matrix("P", k, k, positive_definite=True)
U, V = sf.matrix("U", n, k), sf.matrix("V", n, k)
X, Y = sf.matrix("X", n, k, nonnegative=True), sf.matrix("Y", n, k, nonnegative=True)
x, y, z = (sf.vector(name, n) for name in "xyz")
d = sf.vector("d", n, positive=True)
s = sf.scalar("s")
T3 = sf.tensor("T3", n, n, n)
inv = snp.linalg.inv
eye = snp.eye(n)


def named(name: str) -> Any:
    rule = LAWS.named(name)
    assert rule is not None
    return rule


# a law, a node, how many readings it has
READINGS: list[tuple[str, Tensor, int]] = [
    ("factor-cut-out", A @ B + A @ C, 1),
    ("factor-cut-out", A @ B + C @ B, 1),
    ("factor-cut-out", A @ B - 2 * A @ C + x[:, None] * y[None, :], 1),
    ("factor-cut-out", x * y + x * z, 1),
    ("factor-cut-out", s * A + s * B, 1),
    ("factor-cut-out", snp.trace(A @ B) + snp.trace(A @ C), 1),
    ("factor-cut-out", x @ A @ y + x @ B @ z, 1),
    ("factor-cut-out", snp.einsum("ijk,k->ij", T3, x) + snp.einsum("ijk,k->ij", T3, y), 1),
    ("factor-cut-out", A @ B + B @ A, 0),
    ("factor-cut-out", A @ B + A.T @ C, 0),
    ("factor-cut-out", snp.einsum("ij,kl->ijkl", U, V) + snp.einsum("ij,kl->ijkl", U, X), 1),
    ("multiplied-out", (A - B.T @ B) @ x, 1),
    ("multiplied-out", (eye - U @ V.T) @ A @ (eye - V @ U.T), 2),
    ("multiplied-out", (X + Y).T @ (X + Y), 2),
    ("multiplied-out", (A + B) @ x, 0),
    ("multiplied-out", (U @ V.T + x[:, None] * y[None, :]) @ z, 1),
    ("multiplied-out", (A + B + U @ V.T) @ x, 1),
    ("multiplied-out", (eye + A + A @ A) @ x, 1),
    ("multiplied-out", (eye - snp.ones((n, n)) / n) @ U, 1),
    ("norm-of-product", snp.linalg.norm(U @ V.T), 1),
    ("norm-of-product", snp.linalg.norm(A), 0),
]


@pytest.mark.parametrize(("name", "node", "count"), READINGS)
def test_readings_have_the_value(name: str, node: Tensor, count: int) -> None:
    normal = sf.simplify(node, goal="normal")
    node = split(normal)[1] if name == "factor-cut-out" else normal
    found = list(every(named(name), node))
    assert len(found) == count
    for sizes in ({"n": 4, "k": 2}, {"n": 2, "k": 3}, {"n": 1, "k": 1}, {"n": 3, "k": 0}):
        values = random_values(node, 7, sizes)
        before = evaluate(node, values, sizes)
        for after in found:
            assert after.dtype == node.dtype
            np.testing.assert_allclose(evaluate(after, values, sizes), before, rtol=1e-8, atol=1e-9)


# sums that lose digits when they are multiplied out
CANCEL = [
    (x - y) @ A,
    snp.sum((x - y) * (x - y)),
    (A - B) @ (A - B),
    (U - snp.mean(U, axis=0)).T @ (V - snp.mean(V, axis=0)),
    (U - V @ P).T @ (V - U @ P),
    (eye - A @ B) @ (eye - A @ B) @ C,
]  # fmt: skip


@pytest.mark.parametrize("node", CANCEL)
def test_what_would_cancel_is_not_multiplied_out(node: Tensor) -> None:
    assert not list(every(named("multiplied-out"), sf.simplify(node, goal="normal")))


@pytest.mark.parametrize("seed", range(60))
def test_every_law_keeps_the_value(seed: int) -> None:
    formula = random_matrix_formula(seed, steps=5)
    sizes = {"n": 4, "k": 2}
    values = random_values(formula, seed, sizes)
    for node in formula.walk():
        for rule in LAWS.candidates(node):
            for after in every(rule, node):
                with np.errstate(all="ignore"):
                    before, got = (evaluate(side, values, sizes) for side in (node, after))
                scale = 1 + np.max(np.abs(before), initial=0.0)
                if np.isfinite(scale) and scale < 1e6:
                    assert np.max(np.abs(got - before), initial=0.0) <= 1e-6 * scale, rule.name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: f"n{sizes['n']}")
def test_sides_agree(rule: Rule, sizes: dict[str, int]) -> None:
    compare(rule, sizes)


def test_a_rule_read_backwards_needs_what_makes_it_exact() -> None:
    widening = Rule("gone", inv(A) @ A, eye, grade="widens")
    with pytest.raises(ValueError, match="rule gone widens the domain: it has one direction"):
        backwards(widening)


def test_a_rule_whose_right_side_says_less_has_one_direction() -> None:
    with pytest.raises(ValueError, match="the right side has variables of its own: s"):
        backwards(presets.CATALOGUE["simplex-sum"])


def test_backwards_turns_the_equation_round() -> None:
    turned = named("woodbury-backwards")
    rule = presets.CATALOGUE["woodbury"]
    assert (str(turned.left), str(turned.right)) == (str(rule.right), str(rule.left))
    assert {v.name for v, kind in turned.kinds.items() if kind.properties} == {"A", "C"}


def test_products_that_others_use_are_opened() -> None:
    node = snp.sum((U @ V.T) ** 2)
    found = list(every(named("opened-product"), node))
    assert [len(opened.operands) for opened in found] == [3, 3, 4]
    values = random_values(node, 1, {"n": 3, "k": 2})
    for opened in found:
        np.testing.assert_allclose(evaluate(opened, values), evaluate(node, values))


def test_choices_give_the_first_of_all() -> None:
    rule = named("multiplied-out")
    assert isinstance(rule, Choices)
    node = (eye - U @ V.T) @ A @ (eye - V @ U.T)
    assert rule.apply(node) is next(iter(rule.every(node)))
    assert rule.apply(A @ B) is None
