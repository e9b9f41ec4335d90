"""``expand``, ``factor``, ``collect``, ``normalise`` and ``rewrite``: forms, values, budgets."""

from typing import Any

import numpy as np
import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from symflow.errors import BudgetWarning, DomainError, DTypeError, RuleError
from tests.oracle import evaluate
from tests.random_programs import random_program, symflow_space

n, m = sf.dims("n m")
x, y, z = (sf.vector(name, n) for name in "xyz")
A, B, C = (sf.matrix(name, n, n) for name in "ABC")
s = sf.scalar("s")

EXPANDED = [
    ((x + y) * (x - y), x**2 - y**2),
    ((x + y) ** 3, x**3 + 3 * x**2 * y + 3 * x * y**2 + y**3),
    ((A + B) @ (x + y), A @ x + A @ y + B @ x + B @ y),
    (snp.sum((x + y) ** 2), x @ x + 2 * x @ y + y @ y),
    (snp.exp((x + y) * z), snp.exp(x * z + y * z)),
    (snp.trace((A + B) @ C), snp.trace(A @ C) + snp.trace(B @ C)),
    ((1 + s) ** 12 - sum(sp.binomial(12, k) * s**k for k in range(13)), 0 * s),
    (x, x),
]


@pytest.mark.parametrize(("node", "expected"), EXPANDED)
def test_expand(node: Any, expected: Any) -> None:
    assert sf.expand(node) is sf.expand(expected)
    assert sf.derivation(node, strategy=sf.strategies.expand).check()


def test_expand_multiplies_long_sums_and_shared_ones() -> None:
    several = [sf.scalar(f"a{k}") for k in range(45)]
    total = sum(several[1:], several[0])
    assert len(sf.expand(total * (x + y)).operands) == 90
    shared = x + y
    assert sf.expand(shared * z + shared * x) is sf.expand(x * z + y * z + x * x + x * y)


FACTORED = [
    (A @ x + B @ x, (A + B) @ x),
    (A @ x + A @ y, A @ (x + y)),
    (x * y + x * z, x * (y + z)),
    (s * x + s * y, s * (x + y)),
]


@pytest.mark.parametrize(("node", "expected"), FACTORED)
def test_factor(node: Any, expected: Any) -> None:
    assert sf.factor(node) is expected
    assert sf.derivation(node, strategy=sf.strategies.factor).check()


COLLECTED = [
    (A @ (x + y) + B @ x, x, (A + B) @ x + A @ y),
    (s * (x + 1) + y * x, x, (s + y) * x + s),
    ((x + s) ** 2, x, x**2 + 2 * s * x + s**2),
    ((A + B) @ (x + y), x, (A + B) @ x + (A + B) @ y),
    (y * snp.exp(x) + z * snp.exp(x), snp.exp(x), (y + z) * snp.exp(x)),
    (snp.sin(y * x + z * x), x, snp.sin((y + z) * x)),
    (A @ x + B @ x, z, A @ x + B @ x),
]


@pytest.mark.parametrize(("node", "leaf", "expected"), COLLECTED)
def test_collect(node: Any, leaf: Any, expected: Any) -> None:
    after = sf.collect(node, leaf)
    assert sf.expand(after) is sf.expand(node)
    assert after is sf.collect(expected, leaf)
    assert str(after).count(str(leaf)) == str(expected).count(str(leaf))
    assert sf.derivation(node, strategy=sf.strategies.collect(leaf)).check()


def test_collect_by_a_sympy_symbol() -> None:
    t = sp.Symbol("t", real=True)
    assert len(sf.collect(snp.sin(x) * t + y * t, t).operands) == 2


def test_normalise() -> None:
    assert sf.normalise(x + (y - x)) is y
    assert sf.normalise((A @ B) @ x) is sf.normalise(A @ (B @ x))


def test_several_at_once() -> None:
    assert sf.expand([(x + y) * z, x]) == [sf.expand((x + y) * z), x]
    assert isinstance(sf.factor((x, y)), tuple)


def test_what_a_user_may_type_by_mistake() -> None:
    with pytest.raises(DomainError, match="terms are collected by a variable, got 3"):
        sf.collect(x * y, 3)
    with pytest.raises(DTypeError):
        sf.collect(x * y, "x")
    with pytest.raises(DTypeError):
        sf.expand("x * y")
    for wrong in ("expand", None, 3, [sf.strategies.expand]):
        with pytest.raises(RuleError, match="rules are given as"):
            sf.rewrite(x, wrong)


@pytest.mark.parametrize("budget", [sf.Budget(steps=3), sf.Budget(seconds=0), sf.Budget(growth=-1)])
def test_a_budget_that_is_passed_is_told(budget: Any) -> None:
    node = x
    for k in range(12):
        node = (node + sf.vector(f"a{k}", n)) * (node - sf.vector(f"b{k}", n))
    with pytest.warns(BudgetWarning, match="best so far"):
        after = sf.expand(node, budget=budget)
    assert after.shape == node.shape
    assert not sf.derivation(node, strategy=sf.strategies.expand, budget=budget).complete
    assert sf.derivation(node, strategy=sf.strategies.expand, budget=budget).check()


VERBS = {
    "expand": sf.expand,
    "factor": sf.factor,
    "normalise": sf.normalise,
    "both": lambda node: sf.factor(sf.expand(node)),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("seed", range(30))
def test_values_of_random_graphs_are_kept(verb: str, seed: int) -> None:
    program = random_program(seed, steps=5)
    leaves = [sf.tensor(f"v{k}", *shape) for k, shape in enumerate(program.shapes)]
    node = program.run(symflow_space(), leaves)
    after = VERBS[verb](node)
    rng = np.random.default_rng(seed)
    values = {leaf: rng.normal(size=leaf.shape) for leaf in leaves}
    with np.errstate(all="ignore"):
        want, got = evaluate(node, values), evaluate(after, values)
    defined = np.isfinite(want)
    assert np.allclose(got[defined], want[defined], rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("seed", range(20))
def test_collecting_keeps_the_values_of_random_graphs(seed: int) -> None:
    program = random_program(seed + 500, steps=5)
    leaves = [sf.tensor(f"v{k}", *shape) for k, shape in enumerate(program.shapes)]
    node = program.run(symflow_space(), leaves)
    rng = np.random.default_rng(seed)
    values = {leaf: rng.normal(size=leaf.shape) for leaf in leaves}
    for leaf in leaves:
        after = sf.collect(node, leaf)
        with np.errstate(all="ignore"):
            want, got = evaluate(node, values), evaluate(after, values)
        defined = np.isfinite(want)
        assert np.allclose(got[defined], want[defined], rtol=1e-7, atol=1e-8)
