"""Which theories are used together, and in which order."""

from rewrites import elementwise, exponential, linalg, notation, reduction
from rewrites.axes import axes_laws
from rewrites.computed import computed
from rewrites.display import display
from rewrites.expansion import expansion
from rewrites.kronecker import kronecker
from rewrites.multiples import multiples
from rewrites.stability import DIFFERENCES, SPELLED, STABILITY
from rewrites.structure import index_maps, slices_first
from symflow.rewriting.rule import Theory
from symflow.rewriting.ruleset import RuleSet

THEORIES: tuple[Theory, ...] = (
    multiples,
    axes_laws,
    computed,
    exponential.exponential,
    elementwise.absolute_value,
    elementwise.extremes,
    elementwise.choice,
    elementwise.logic,
    elementwise.powers,
    elementwise.rounding,
    reduction.reduction,
    reduction.positive_products,
    notation.recognition,
    notation.trigonometry,
    notation.special_functions,
    kronecker,
    index_maps,
    linalg.orthogonal,
    linalg.inverse,
    linalg.determinant,
    linalg.low_rank,
    linalg.factorisation,
)


def _rules(name: str, *theories: Theory) -> RuleSet:
    return RuleSet(name, [rule for theory in theories for rule in theory])


NORMALISE = _rules("normalise")
# before differentiating: named functions have the shorter derivatives
RECOGNISE = _rules(
    "recognise", exponential.exponential, notation.recognition, notation.special_functions
)
READABLE = _rules("readable", *THEORIES)
DISPLAY = _rules("display", display)
EXPANDED = _rules("expanded", expansion, *THEORIES)
NAMED = (
    exponential.exponential,
    notation.recognition,
    notation.trigonometry,
    notation.special_functions,
)
# for the stable form, one set after the other: each has to see what the next one changes
SPELLED_OUT = _rules("spelled out", *NAMED, *SPELLED)
CANCELLING = _rules("cancelling", *NAMED, *DIFFERENCES)
STABLE = _rules("stable", *THEORIES, *STABILITY, slices_first)

CATALOGUE = {
    rule.name: rule
    for rules in (READABLE, DISPLAY, EXPANDED, SPELLED_OUT, CANCELLING, STABLE)
    for rule in rules.rules
}
