"""Which theories are used together, and in which order."""

from rewrites import elementwise, exponential, linalg, notation, reduction
from rewrites.computed import computed
from symflow.rewriting.ruleset import RuleSet

RECOGNISE = RuleSet(
    "recognise",
    [*exponential.exponential, *notation.recognition, *notation.error_function],
)
READABLE = RuleSet(
    "readable",
    [
        *computed,
        *exponential.exponential,
        *elementwise.absolute_value,
        *elementwise.extremes,
        *elementwise.choice,
        *elementwise.logic,
        *elementwise.powers,
        *elementwise.rounding,
        *reduction.reduction,
        *reduction.positive_products,
        *notation.recognition,
        *notation.trigonometry,
        *notation.error_function,
        *linalg.orthogonal,
        *linalg.inverse,
        *linalg.determinant,
        *linalg.low_rank,
        *linalg.factorisation,
    ],
)

GOALS: dict[str, tuple[RuleSet, ...]] = {
    "recognise": (RECOGNISE,),
    "readable": (READABLE,),
    "stable": (READABLE,),
}
CATALOGUE = {
    rule.name: rule for phases in GOALS.values() for rules in phases for rule in rules.rules
}
