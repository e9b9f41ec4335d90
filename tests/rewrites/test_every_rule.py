"""Every rule of the catalogue, checked from its own statement.

Values are drawn in the domains that the kinds declare, at sizes that include 1 and, where an
empty axis has a meaning on both sides, 0; both sides are evaluated in float64.
"""

from typing import Any

import numpy as np
import pytest
import sympy as sp

from rewrites import presets
from symflow.core import Add, Tensor, Variable, dims, postorder
from symflow.core.add import split
from symflow.core.walk import transform
from symflow.rewriting.rule import Rule
from tests.oracle import evaluate
from tests.rewrites.sampling import arrays, variables

RULES = [rule for rule in presets.CATALOGUE.values() if isinstance(rule, Rule)]
SIZES = (
    {"n": 3, "m": 2, "k": 2, "p": 4},
    {"n": 1, "m": 3, "k": 1, "p": 1},
    {"n": 4, "m": 1, "k": 5, "p": 2},
)
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


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: f"n{sizes['n']}")
def test_sides_agree(rule: Rule, sizes: dict[str, int]) -> None:
    rng = np.random.default_rng(list(rule.name.encode()))
    symbols = exponents(rule)
    for trial in range(25):
        numbers = {s: EXPONENTS[trial % len(EXPONENTS)] for s in symbols}
        left, right = with_numbers(rule.left, numbers), with_numbers(rule.right, numbers)
        values = arrays(variables(left, right), rule.kinds, sizes, rng)
        with np.errstate(all="ignore"):
            a, b = (evaluate(side, values, sizes).astype(float) for side in (left, right))
        assert agree(rule, a, b), f"{rule.name}: {values}\n{a}\n{b}"


def plain(rule: Rule) -> dict[Variable, Tensor]:
    """Ordinary variables in place of the pattern's, batched where the pattern has rank 0."""
    replaced: dict[Variable, Tensor] = {}
    for variable in rule.kinds:
        shape = variable.shape or (sp.Symbol("b", integer=True, nonnegative=True), 3)
        replaced[variable] = Variable(
            "x_" + variable.name, shape, variable.dtype, variable.properties
        )
    return replaced


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_applies_to_its_own_left_side(rule: Rule) -> None:
    """Lifted to tensors (scalars) or as it stands (vectors, matrices), the rule fires and holds."""
    from symflow.rewriting.engine import normalise
    from symflow.rewriting.normal import Form

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
