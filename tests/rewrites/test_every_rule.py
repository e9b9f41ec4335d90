"""Every rule of the catalogue, checked from its own statement.

Values are drawn in the domains that the kinds declare, at sizes that include 1 and, where an
empty axis has a meaning on both sides, 0; both sides are evaluated in float64.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symflow.numpy as snp
from rewrites import presets
from symflow.core import Add, Apply, Tensor, Variable, apply, contract, dims, postorder
from symflow.core.add import add_terms, split
from symflow.core.walk import transform
from symflow.ops.arithmetic import absolute, sign, sqrt
from symflow.ops.choice import maximum, where
from symflow.ops.composite import softmax
from symflow.ops.creation import ones
from symflow.ops.elementwise import exp, log
from symflow.ops.linalg import det, inv, slogdet
from symflow.rewriting.engine import normalise, rewrite
from symflow.rewriting.kinds import NonNegative, Positive, Real, Square, Symmetric, Vector, n
from symflow.rewriting.normal import Form
from symflow.rewriting.rule import Rule, theory
from symflow.rewriting.ruleset import RuleSet
from tests.oracle import evaluate
from tests.rewrites.sampling import arrays, variables

RULES = [rule for rule in presets.CATALOGUE.values() if isinstance(rule, Rule)]
SIZES = (
    {"n": 3, "m": 2, "k": 2, "p": 4},
    {"n": 1, "m": 3, "k": 1, "p": 1},
    {"n": 4, "m": 1, "k": 5, "p": 6},
    {"n": 0, "m": 1, "k": 0, "p": 1},
)
_NEVER_EMPTY = frozenset({"simplex", "one_hot", "unit_norm"})
EXPONENTS = (*map(sp.Integer, (2, 3, -1, -2)), sp.Rational(1, 2), sp.Rational(-1, 2))


def exponents(rule: Rule) -> list[sp.Symbol]:
    found: set[sp.Symbol] = set()
    for node in postorder([rule.left]):
        for value in node.scalars():
            found |= {s for s in value.free_symbols if not s.is_integer}
    return sorted(found, key=str)


def with_numbers(node: Tensor, values: dict[sp.Symbol, Any]) -> Tensor:
    if not values:
        return node
    return transform([node], lambda n: n.with_scalars(lambda s: s.xreplace(values)))[0]


def agree(rule: Rule, left: Any, right: Any) -> bool:
    """Equal wherever the left side is defined; the right undefined where the left is."""
    with np.errstate(all="ignore"):
        both = np.isfinite(left) & np.isfinite(right)
        scale = 1 + np.abs(left) + np.abs(right)
        close = np.where(both, np.abs(left - right) <= 1e-8 * scale, True)
    if not np.all(close):
        return False
    lost = np.isfinite(left) & ~np.isfinite(right)
    gained = np.isnan(left) & np.isfinite(right)
    return (rule.grade == "narrows" or not np.any(lost)) and (
        rule.grade == "widens" or not np.any(gained)
    )


# a distribution has at least one outcome; over none, a sum of probabilities is 0, as is any sum
_OF_SOMETHING = {"softmax-sum", "sum-over-itself"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: f"n{sizes['n']}")
def test_sides_agree(rule: Rule, sizes: dict[str, int]) -> None:
    if rule.name in _OF_SOMETHING and not sizes["n"]:
        pytest.skip("speaks of at least one entry")
    compare(rule, sizes)


class Instance:
    """The statement of a rule as a match of itself, for its conditions."""

    def __init__(self, sizes: dict[str, int], numbers: dict[sp.Symbol, Any]) -> None:
        self.sizes = sizes
        self.numbers = numbers

    def __getitem__(self, variable: Tensor) -> Tensor:
        return variable

    def size(self, name: sp.Symbol) -> Any:
        return self.numbers.get(name, self.sizes.get(name.name))


def instances(rule: Rule, sizes: dict[str, int]) -> Iterator[dict[sp.Symbol, Any]]:
    """Numbers for the parameters of a rule that its conditions allow."""
    symbols = exponents(rule)
    for choice in product(EXPONENTS, repeat=len(symbols)):
        numbers = dict(zip(symbols, choice, strict=True))
        statement: Any = Instance(sizes, numbers)
        if all(condition(statement) for condition in rule.where):
            yield numbers


def compare(rule: Rule, sizes: dict[str, int]) -> None:
    """Both sides of a rule on random values, in its domain and at its edges."""
    kinds = [rule.kinds[v] for v in variables(rule.left)]
    if not sizes["n"] and any(_NEVER_EMPTY.intersection(kind.properties) for kind in kinds):
        pytest.skip("no such vector is empty")
    rng = np.random.default_rng(list(rule.name.encode()))
    allowed = list(instances(rule, sizes)) or list(instances(rule, {**sizes, "n": 9, "k": 2}))
    assert allowed, f"{rule.name}: its conditions are never met"
    compared = 0
    for trial in range(30):
        numbers = allowed[trial % len(allowed)]
        left, right = with_numbers(rule.left, numbers), with_numbers(rule.right, numbers)
        values = arrays(variables(left, right), sizes, rng, edges=trial % 3 == 1)
        if rule.where and trial % 3 == 1 and _coincide(values):
            continue  # conditions may keep variables apart
        a, b = values_of(left, values, sizes), values_of(right, values, sizes)
        if a is None and not sizes["n"]:
            pytest.skip("an empty axis has no meaning on the left")
        compared += a is not None
        if a is None:  # a singular matrix: undefined, and undefined it must stay
            assert b is None or rule.grade == "widens" or not np.all(np.isfinite(b)), rule.name
            continue
        if b is None:
            b = np.full_like(a, np.nan)
        assert agree(rule, a, b), f"{rule.name}: {values}\n{a}\n{b}"
    assert compared


def _coincide(values: dict[Variable, Any]) -> bool:
    """Whether two numbers are the same."""
    numbers = [float(x) for x in values.values() if not x.shape]
    return len(set(numbers)) < len(numbers)


def values_of(side: Tensor, values: dict[Variable, Any], sizes: dict[str, int]) -> Any:
    """The value of a side; None where NumPy has none."""
    try:
        with np.errstate(all="ignore"):
            return evaluate(side, values, sizes).astype(float)
    except (np.linalg.LinAlgError, ValueError):
        return None


@theory("planted")
def planted(
    x: Real, y: Real, p: Positive, q: NonNegative, A: Square[n], B: Square[n], v: Vector[n],
    S: Symmetric[n],
):  # fmt: skip
    yield Rule("sign", exp(x) * exp(y), exp(x - y))
    yield Rule("widened", log(x * y), log(x) + log(y))
    yield Rule("root", sqrt(x * x), x)
    yield Rule("undefined", sqrt(x) * sqrt(x), x)
    yield Rule("order", inv(A @ B), inv(A) @ inv(B))
    yield Rule("transposed", A @ B, (A @ B).T)
    yield Rule("additive", det(A + B), det(A) + det(B))
    yield Rule("mean", snp.sum(v), snp.sum(v) / v.shape[0])
    yield Rule("choice", where(x > 0, x, y), maximum(x, y))
    yield Rule("definite", log(det(S)), slogdet(S)[1])
    yield Rule("edge", abs(sign(q)), ones(()))
    yield Rule("narrowed", 2 * x, 2 * exp(log(x)))
    yield Rule("at-zero", sign(q), sign(q) * sign(q) + 1 - sign(q))
    yield Rule("only-at-edge", where(x > 0, x, -x) / absolute(x), ones(()))
    yield Rule("empty", snp.prod(v) * 0 + snp.sum(v), snp.sum(v) + snp.prod(v) - snp.prod(v) ** 2)
    yield Rule("off-by-one", snp.sum(softmax(v)), snp.full((), v.shape[0], "float"))


@pytest.mark.parametrize("rule", planted.rules, ids=lambda rule: rule.name)
def test_planted_wrong_rules_are_caught(rule: Rule) -> None:
    with pytest.raises(AssertionError, match=rule.name):
        compare_at_all_sizes(rule)


def compare_at_all_sizes(rule: Rule) -> None:
    for sizes in SIZES:
        compare(rule, sizes)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_applies_to_its_own_left_side(rule: Rule) -> None:
    """In normal form, with numbers for its parameters, the left side meets its own rule."""
    numbers = {s: sp.Rational(-3, 2) for s in exponents(rule)}
    if rule.where:  # conditions may compare sizes
        numbers |= dict(zip(dims("n k"), map(sp.Integer, (5, 2)), strict=True))
    (left,) = normalise([with_numbers(rule.left, numbers)], Form(shared=True))
    core = split(left)[1]
    left = core if isinstance(core, Add) else left
    after = rule.apply(left)
    assert after is not None, f"{rule.name} does not fire on {left}"
    assert after.dtype == left.dtype
    assert after.shape == left.shape
    rng = np.random.default_rng(list(rule.name.encode()))
    for _ in range(10):
        values = arrays(variables(left, after), SIZES[0], rng)
        with np.errstate(all="ignore"):
            a, b = (evaluate(side, values, SIZES[0]).astype(float) for side in (left, after))
        assert agree(rule, a, b), f"{rule.name}: {values}\n{a}\n{b}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_holds_on_tensors(rule: Rule) -> None:
    """Numbers replaced by matrices: broadcasting, literals and types come out right."""
    numbers = {s: sp.Rational(-3, 2) for s in exponents(rule)}
    lifted = {v: lift(v) for v in rule.kinds if not v.shape}
    if not lifted or any(v.shape for v in variables(rule.left)):
        pytest.skip("speaks of axes")
    (left,) = normalise(
        [lifted_formula(with_numbers(rule.left, numbers), lifted)], Form(shared=True)
    )
    core = split(left)[1]
    left = core if isinstance(core, Add) else left
    after = rule.apply(left)
    if after is None:
        pytest.skip("needs its condition")
    rng = np.random.default_rng(list(rule.name.encode()))
    for _ in range(10):
        values = arrays(variables(left, after), SIZES[0], rng)
        with np.errstate(all="ignore"):
            a, b = (evaluate(side, values, SIZES[0]).astype(float) for side in (left, after))
        assert agree(rule, a, b), f"{rule.name}: {values}\n{a}\n{b}"


def lift(variable: Variable) -> Variable:
    return Variable(variable.name, (2, 3), variable.dtype, variable.properties)


def lifted_formula(node: Tensor, lifted: dict[Variable, Variable]) -> Tensor:
    """A formula of numbers applied to matrices, entry by entry."""
    done: dict[Tensor, Tensor] = dict(lifted)
    for part in postorder([node]):
        if part in done:
            continue
        operands = [done[o] for o in part.operands]
        if isinstance(part, Apply):
            done[part] = apply(part.operation, tuple(operands), part.params)
        elif isinstance(part, Add):
            terms = zip(part.coefficients, operands, strict=True)
            done[part] = add_terms(terms, (2, 3), part.dtype)
        else:
            labels = [(0, 1)] * len(operands)
            done[part] = contract(
                part.coefficient, operands, labels, (0, 1), {0: 2, 1: 3}, part.dtype
            )
    return done[node]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_says_what_the_normal_form_does_not(rule: Rule) -> None:
    numbers = {s: sp.Rational(-3, 2) for s in exponents(rule)}
    sides = [with_numbers(side, numbers) for side in (rule.left, rule.right)]
    left, right = normalise(sides, Form(shared=True))
    assert left is not right


# along other axes than the last, where nothing else knows the sum
_WIDER_THAN_STATED = {"softmax-sum"}


@pytest.mark.parametrize("rules", [presets.READABLE, presets.DISPLAY], ids=lambda r: r.name)
def test_no_rule_follows_from_the_others(rules: RuleSet) -> None:
    """What the other rules of a set make of both sides of a rule differs."""
    twins = []
    for rule in rules.rules:
        if not isinstance(rule, Rule) or rule.name in _WIDER_THAN_STATED:
            continue
        rest = RuleSet("rest", [other for other in rules.rules if other is not rule])
        if all(
            len({rewrite([side], rest).results[0] for side in sides}) == 1 for sides in stated(rule)
        ):
            twins.append(rule.name)
    assert not twins


def stated(rule: Rule) -> list[list[Tensor]]:
    """Both sides of a rule, for some of the numbers that it may have."""
    given = list(instances(rule, SIZES[0])) or [{}]
    return [[with_numbers(side, numbers) for side in (rule.left, rule.right)] for numbers in given]
