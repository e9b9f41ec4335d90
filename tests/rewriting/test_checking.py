"""The checker of rules: what it finds, what it must not take for a fault."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from rewrites import presets
from symflow.api.evaluation import prepared, rough
from symflow.core import Tensor
from symflow.errors import RuleError
from symflow.ops.composite import norm
from symflow.ops.creation import ones
from symflow.ops.elementwise import cosh, erf, erfc, exp, log, log1p, sinh
from symflow.ops.linalg import inv
from symflow.rewriting import checking
from symflow.rewriting.checking import Check, checked, close, fault_of
from symflow.rewriting.kinds import (
    NonNegative,
    Number,
    Orthonormal,
    Positive,
    Real,
    Simplex,
    Square,
    Vector,
    m,
    n,
)
from symflow.rewriting.rule import Rule, theory
from tests.oracle import evaluate

CATALOGUE = [rule for rule in presets.CATALOGUE.values() if isinstance(rule, Rule)]
N = sf.dim("n")


def by_oracle(node: Tensor) -> checking.Evaluation:
    """Values by the textbook formulas of the tests."""

    def values(given: Mapping[Any, Any], sizes: Mapping[str, int]) -> Any:
        try:
            with np.errstate(all="ignore"):
                return evaluate(node, given, sizes)
        except (np.linalg.LinAlgError, ValueError, ZeroDivisionError, TypeError):
            return None

    return values


@pytest.mark.parametrize("part", range(4))
def test_the_catalogue_passes_with_the_oracle(part: int) -> None:
    """The checker of users' rules, and an evaluation that shares no code with theirs."""
    for rule in CATALOGUE[part::4]:
        assert checked(rule, by_oracle, rough, trials=12) is rule


@theory("wrong")
def wrong(
    x: Real, p: Positive, q: NonNegative, A: Square[n], B: Square[n], v: Vector[n], c: Number
):
    yield Rule("sign", exp(x) * exp(p), exp(x - p))
    yield Rule("far-away", snp.maximum(x, -20), x)
    yield Rule("edge", snp.abs(snp.sign(q)), ones(()))
    yield Rule("order", inv(A @ B), inv(A) @ inv(B), grade="widens")
    yield Rule("size", snp.sum(v), snp.sum(v) / N)
    yield Rule("size-one", snp.sum(v * v), snp.sum(v) * snp.sum(v))
    yield Rule("singular", inv(A) @ A, snp.eye(N))
    yield Rule("narrowed", 2 * x, 2 * exp(log(x)))
    yield Rule("widened", exp(log(x)), x)
    yield Rule("power", p**c, p ** (c + 1))
    yield Rule("constant", snp.sin(x) + 1, snp.sin(x) + 1 + snp.full((), 1e-6))


@pytest.mark.parametrize("rule", wrong.rules, ids=lambda rule: rule.name)
def test_wrong_rules_are_refused_with_their_counterexample(rule: Rule) -> None:
    with pytest.raises(RuleError, match=f"rule {rule.name} is wrong") as caught:
        checked(rule, prepared, rough)
    found = caught.value.counterexample
    assert isinstance(found, checking.Counterexample)
    assert found.fault in str(caught.value)
    for name in found.values:
        assert f"{name} = " in str(caught.value)
    values = {v: found.values[v.name] for v in checking.variables_of(rule.left, rule.right)}
    numbers = {s: found.values[s.name] for s in checking.numbers_of(rule.left)}
    for side, shown in ((rule.left, found.left), (rule.right, found.right)):
        again = by_oracle(checking.with_numbers(side, numbers))(values, found.sizes)
        assert (again is None) == (shown is None)
        if again is not None:
            assert np.allclose(again, shown, equal_nan=True)


@theory("right")
def right(x: Real, p: Positive, s: Simplex[n], v: Vector[n], A: Square[n], Q: Orthonormal[m, n]):
    yield Rule("cancels", cosh(x) * cosh(x) - sinh(x) * sinh(x), ones(()))
    yield Rule("tail", log1p(-snp.tanh(x)), log(1 - snp.tanh(x)))
    yield Rule("erfc", log1p(-erf(5 * x)), log(erfc(5 * x)))
    yield Rule("never-empty", snp.sum(s), ones(()))
    yield Rule("empty", snp.mean(v + 1), snp.mean(v) + 1)
    yield Rule("singular", inv(A) @ A, snp.eye(N), grade="widens")
    yield Rule("logarithm", log(x * p), log(x) + log(p))
    yield Rule("removable", x / x, ones(()), grade="widens")
    yield Rule("columns", norm(Q @ v), norm(v), where=[lambda b: b.size(sf.dim("m")) >= b.size(N)])


@pytest.mark.parametrize("rule", right.rules, ids=lambda rule: rule.name)
def test_rounding_is_no_fault(rule: Rule) -> None:
    assert checked(rule, prepared, rough) is rule


def test_a_rule_without_instances_is_refused() -> None:
    @theory("none")
    def none(x: Real):
        yield Rule("never", snp.sin(x) * 1, snp.cos(x), where=[lambda binding: False])

    with pytest.raises(RuleError, match="no values were found"):
        checked(none.rules[0], prepared, rough)


def test_what_cannot_be_evaluated_cannot_be_checked() -> None:
    @theory("none")
    def none(x: Real):
        yield Rule("any", snp.sin(x), snp.cos(x))

    def refuse(node: Tensor) -> checking.Evaluation:
        raise sf.LoweringError("no program for this")

    with pytest.raises(RuleError, match="cannot be checked: no program"):
        checked(none.rules[0], refuse)


def is_one(binding: Any) -> bool:
    return bool(binding.size(N) == 1)


def test_conditions_choose_the_instances() -> None:
    @theory("sized")
    def sized(v: Vector[n]):
        yield Rule("one", snp.sum(v) * snp.sum(v), snp.sum(v * v), where=[is_one])

    assert checked(sized.rules[0], prepared, rough)
    check = Check(sized.rules[0], prepared)
    assert check.trial(0) is None
    assert check.compared == 0  # the first trial has another size
    assert check.trial(1) is None
    assert check.compared == 1


nan, inf = np.nan, np.inf


@pytest.mark.parametrize(
    ("left", "right", "grade", "fault"),
    [
        ([1.0, nan], [1.0, nan], "exact", None),
        ([1.0, 2.0], [1.0, 2.1], "exact", checking.DIFFER),
        ([1.0, 2.0], [1.0, 2.1], "widens", checking.DIFFER),
        ([1.0, 2.0], [1.0, nan], "exact", checking.NARROWS),
        ([1.0, 2.0], [1.0, nan], "narrows", None),
        ([1.0, nan], [1.0, 2.0], "exact", checking.WIDENS),
        ([1.0, nan], [1.0, 2.0], "widens", None),
        ([1.0, inf], [1.0, 2.0], "exact", None),
        ([1.0], None, "exact", checking.NARROWS),
        ([nan], None, "exact", None),
        (None, [1.0], "exact", checking.WIDENS),
        (None, [inf], "exact", None),
        (None, None, "exact", None),
        ([True], [False], "exact", checking.DIFFER),
    ],
)
def test_verdicts(left: Any, right: Any, grade: str, fault: str | None) -> None:
    a, b = (None if side is None else np.array(side) for side in (left, right))
    assert fault_of(a, b, grade) == fault


def test_shapes_must_agree() -> None:
    assert not close(np.zeros(2), np.zeros(3))
