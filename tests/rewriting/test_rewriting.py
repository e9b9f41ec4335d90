"""The engine as one machine: normal form, rules in networks, bounds, steps and their refusal."""

from typing import Any

import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from symflow.core import Add, Apply, Einsum, postorder
from symflow.ops.elementwise import exp, log
from symflow.ops.linalg import INV
from symflow.rewriting.derivation import Derivation, Step
from symflow.rewriting.engine import Budget, normalise, rewrite
from symflow.rewriting.kinds import Positive, Real
from symflow.rewriting.rule import Rule, theory
from symflow.rewriting.ruleset import RuleSet

n = sf.dim("n")
A, B = sf.matrix("A", n, n), sf.matrix("B", n, n)
S = sf.matrix("S", n, n, symmetric=True)
x, y, z = sf.vector("x", n), sf.vector("y", n), sf.vector("z", n)


def normal(node: Any) -> Any:
    return normalise([node])[0]


def holds_inverse(node: Any) -> bool:
    return any(isinstance(p, Apply) and p.operation is INV for p in postorder([node]))


def test_products_and_sums_are_flat_in_normal_form() -> None:
    assert normal((A @ B) @ A) is normal(A @ (B @ A))
    assert normal((x + y) + z) is normal(x + (y + z))
    assert isinstance(normal(x + (y + z)), Add)
    assert len(normal(x + (y + z)).operands) == 3


def test_what_is_used_twice_stays_shared() -> None:
    shared = A @ B
    both = normal(snp.sin(shared @ A) + snp.cos(shared @ B) * shared)
    assert any(node is normal(shared) for node in postorder([both]))


def test_powers_of_one_base_add_up_where_the_domain_allows() -> None:
    assert normal(x / x) is snp.ones(n)
    assert normal(x**2 / x) is x
    assert normal(snp.sqrt(x) * snp.sqrt(x)) is not x
    p = sf.vector("p", n, positive=True)
    assert normal(snp.sqrt(p) * snp.sqrt(p)) is p


def test_transposes_of_a_symmetric_matrix_are_one() -> None:
    assert normal(S.T @ x) is normal(S @ x)
    assert normal(S + S.T) is normal(2 * S)
    assert normal(A.T @ x) is not normal(A @ x)


def test_a_rule_about_a_product_fires_inside_any_longer_one() -> None:
    for formula, wanted in [
        (B @ snp.linalg.inv(A) @ A @ x, B @ x),
        (A.T @ snp.linalg.inv(A.T), snp.eye(n)),
        (snp.trace(B @ A @ snp.linalg.inv(A)), snp.trace(B)),
        (x @ snp.linalg.inv(A) @ A @ y, x @ y),
    ]:
        assert sf.simplify(formula) is normal(wanted), str(formula)
    stack = sf.tensor("T", "b", n, n)
    assert sf.simplify(snp.linalg.inv(stack) @ stack @ x).shape == (sf.dim("b"), n)
    assert not holds_inverse(sf.simplify(snp.linalg.inv(stack) @ stack @ x))


def test_a_gram_matrix_nobody_wrote_as_one_operand_cancels() -> None:
    X = sf.matrix("X", "m", n)
    formula = snp.linalg.inv(X.T @ X) @ (X.T @ (X @ x))
    assert sf.simplify(formula) is x


def test_unknown_means_no() -> None:
    assert sf.simplify(log(x / y)) is normal(log(x / y))
    assert holds_inverse(sf.simplify(snp.linalg.inv(A) @ B))


def test_rules_refuse_what_is_no_equation() -> None:
    a, b = sf.tensor("a", scope="?"), sf.tensor("b", scope="?")
    with pytest.raises(ValueError, match="both sides"):
        Rule("same", a + b, b + a)
    with pytest.raises(ValueError, match="variables of its own: b"):
        Rule("unbound", exp(a), b)
    with pytest.raises(ValueError, match="shapes"):
        Rule("shapes", x @ y, x)
    with pytest.raises(ValueError, match="grade"):
        Rule("grade", exp(a), a, grade="perhaps")
    with pytest.raises(ValueError, match="two rules"):
        RuleSet("twice", [Rule("one", exp(a), a), Rule("one", log(a), a)])


@theory("laws")
def laws(a: Real, p: Positive, q: Positive) -> Any:
    """Two laws of the logarithm."""
    yield Rule("log-exp", log(exp(a)), a)
    yield Rule("log-product", log(p * q), log(p) + log(q))


def test_a_theory_rewrites_and_its_steps_are_recorded() -> None:
    p, q = sf.vector("p", n, positive=True), sf.vector("q", n, positive=True)
    done = rewrite([log(p * q) + log(exp(x))], RuleSet("laws", laws))
    assert done.complete
    assert {step.rule for step in done.steps} == {"log-exp", "log-product"}
    assert done.results[0] is normal(log(p) + log(q) + x)
    assert rewrite([log(x * y)], RuleSet("laws", laws)).steps == []


def test_a_bound_that_is_passed_gives_the_best_so_far_and_says_so() -> None:
    @theory("growing")
    def growing(a: Real) -> Any:
        """A law that never ends."""
        yield Rule("grow", snp.sin(a), snp.sin(a + 1))

    done = rewrite([snp.sin(x)], RuleSet("growing", growing), budget=Budget(steps=20))
    assert not done.complete
    assert len(done.steps) <= 21
    assert done.results[0].shape == x.shape


def test_deep_graphs_need_no_recursion() -> None:
    node: Any = x
    for _ in range(3000):
        node = snp.tanh(node) * 2 + x
    assert sf.simplify(node, goal="normal").shape == (n,)


def test_a_derivation_shows_whole_forms_on_demand() -> None:
    start = log(exp(x)) + y
    step = Step("log-exp", log(exp(x)), x, "DLMF 4.2")
    derivation = Derivation(start, x + y, (step,))
    assert [rule for rule, _ in derivation.forms()] == ["start", "log-exp"]
    assert list(derivation.forms())[-1][1] is x + y
    assert "log-exp" in str(derivation)
    assert "DLMF 4.2" in str(derivation)
    with pytest.raises(sf.SymflowError, match="without its rules"):
        derivation.check()
    with pytest.raises(sf.SymflowError, match="no independent"):
        derivation.verify()


def test_the_order_of_writing_leaves_no_trace() -> None:
    first = sf.simplify(snp.sum((A @ x - y) ** 2) + x @ y)
    second = sf.simplify(y @ x + snp.sum((A @ x - y) ** 2))
    assert first is second
    assert isinstance(sp.sympify(1), sp.Integer)
    assert isinstance(normal(A @ B), Einsum)
