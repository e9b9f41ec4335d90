"""Which theories are used together, and in which order."""

from rewrites import exponential, linalg, notation
from symflow.rewriting.ruleset import RuleSet

RECOGNISE = RuleSet("recognise", [*notation.recognition])
READABLE = RuleSet(
    "readable",
    [
        *exponential.exponential,
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
    "recognise": (RECOGNISE,), "readable": (READABLE,), "stable": (READABLE,)}
CATALOGUE = {rule.name: rule for phases in GOALS.values() for rules in phases for rule in rules.rules}
