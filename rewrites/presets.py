"""Which theories are used together, and in which order."""

from collections.abc import Mapping
from typing import Any

from rewrites import elementwise, exponential, linalg, notation, reduction
from rewrites.algebra import algebra
from rewrites.axes import axes_laws
from rewrites.choices import choices_joined
from rewrites.complex import HOLD, complex_numbers, moduli
from rewrites.computed import computed
from rewrites.constants import constants
from rewrites.convolutions import convolutions
from rewrites.display import display
from rewrites.expansion import expansion
from rewrites.exponents import exponents
from rewrites.factors import factors
from rewrites.gathering import gathering, order
from rewrites.inverses import inverse_functions
from rewrites.joining import joined_tensors
from rewrites.kernels import kernels
from rewrites.kronecker import kronecker
from rewrites.multiples import multiples
from rewrites.reshapes import reshapes
from rewrites.small_matrices import small_matrices
from rewrites.stability import DIFFERENCES, SPELLED, STABILITY, domains
from rewrites.structure import index_maps, slices_first
from symflow.rewriting.rule import Procedure, Rule, Theory
from symflow.rewriting.ruleset import RuleSet

THEORIES: tuple[Theory, ...] = (
    multiples,
    axes_laws,
    constants,
    computed,
    algebra,
    exponential.exponential,
    elementwise.absolute_value,
    elementwise.extremes,
    elementwise.choice,
    elementwise.logic,
    elementwise.bounds,
    choices_joined,
    elementwise.powers,
    elementwise.rounding,
    reduction.reduction,
    reduction.positive_products,
    notation.recognition,
    notation.trigonometry,
    notation.special_functions,
    exponents,
    kronecker,
    small_matrices,
    index_maps,
    gathering,
    order,
    joined_tensors,
    reshapes,
    linalg.permutations,
    linalg.orthogonal,
    linalg.inverse,
    linalg.determinant,
    linalg.low_rank,
    linalg.factorisation,
    factors,
    complex_numbers,
)


def _rules(name: str, *theories: Theory) -> RuleSet:
    return RuleSet(name, lambda: (rule for theory in theories for rule in theory), HOLD)


NORMALISE = _rules("normalise")
# before differentiating: named functions have the shorter derivatives
RECOGNISE = _rules(
    "recognise", exponential.exponential, notation.recognition, notation.special_functions, moduli
)
READABLE = _rules("readable", *THEORIES, linalg.factorisation_undone)
DISPLAY = _rules("display", display)
EXPANDED = _rules("expanded", expansion, *THEORIES, linalg.factorisation_undone)
NAMED = (
    exponential.exponential,
    notation.recognition,
    notation.trigonometry,
    notation.special_functions,
)
# for the stable form, one set after the other: each has to see what the next one changes
SPELLED_OUT = _rules("spelled out", *NAMED, *SPELLED, domains, inverse_functions)
CANCELLING = _rules("cancelling", *NAMED, *DIFFERENCES)
STABLE = _rules("stable", *THEORIES, *STABILITY, inverse_functions, slices_first)
PROGRAMS = _rules("programs", kernels, convolutions)

CATALOGUE: Mapping[str, Rule | Procedure]  # by name; made when it is first asked for


def __getattr__(name: str) -> Any:
    if name != "CATALOGUE":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    sets = (READABLE, RECOGNISE, DISPLAY, EXPANDED, SPELLED_OUT, CANCELLING, STABLE, PROGRAMS)
    found = globals()[name] = {rule.name: rule for rules in sets for rule in rules.rules}
    return found


EVERY_THEORY: tuple[Theory, ...] = (
    *THEORIES,
    linalg.factorisation_undone,
    expansion,
    display,
    *SPELLED,
    *DIFFERENCES,
    *STABILITY,
    domains,
    inverse_functions,
    slices_first,
    kernels,
    convolutions,
    moduli,
)
