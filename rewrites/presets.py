"""Which theories are used together, and in which order."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rewrites import elementwise, exponential, linalg, notation, reduction
from rewrites.algebra import algebra
from rewrites.axes import axes_laws
from rewrites.bands import bands_at
from rewrites.blocks import blocks
from rewrites.choices import choices_joined
from rewrites.comparisons import cases, comparisons, signs_copied
from rewrites.complex import HOLD, complex_numbers, moduli
from rewrites.computed import computed
from rewrites.constants import constants
from rewrites.convolutions import convolutions
from rewrites.diagonals import diagonals
from rewrites.display import display, display_sums
from rewrites.expansion import expansion
from rewrites.exponents import exponents
from rewrites.factors import factors
from rewrites.gathering import gathering, order
from rewrites.indicators import Limits, indicators_at
from rewrites.integers import bits, divisors, truth_values
from rewrites.inverse_pairs import complements, inverse_pairs, other_bases
from rewrites.inverses import inverse_functions
from rewrites.joining import joined_tensors
from rewrites.kernels import kernels
from rewrites.kronecker import kronecker
from rewrites.lines import lines, places_of_extremes
from rewrites.lookups import lookups_at
from rewrites.matrix_functions import exponential_derivatives, matrix_functions
from rewrites.multiples import multiples
from rewrites.positions import known_places
from rewrites.reshapes import reshapes
from rewrites.sides import increasing_sides, sides
from rewrites.small_matrices import small_matrices
from rewrites.special_values import (
    angles_doubled,
    other_logarithms,
    reductions_of_functions,
    special_values,
)
from rewrites.stability import DIFFERENCES, SPELLED, STABILITY, domains
from rewrites.structure import index_maps, slices_first
from symflow.rewriting.hints import size_hints
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
    bits,
    divisors,
    truth_values,
    comparisons,
    cases,
    signs_copied,
    sides,
    increasing_sides,
    special_values,
    angles_doubled,
    other_logarithms,
    reductions_of_functions,
    other_bases,
    inverse_pairs,
    complements,
    reduction.reduction,
    reduction.positive_products,
    notation.recognition,
    notation.trigonometry,
    notation.special_functions,
    exponents,
    kronecker,
    small_matrices,
    index_maps,
    known_places,
    lines,
    places_of_extremes,
    gathering,
    order,
    joined_tensors,
    reshapes,
    linalg.permutations,
    linalg.orthogonal,
    linalg.inverse,
    linalg.log_determinant,
    linalg.determinant,
    linalg.low_rank,
    linalg.factorisation,
    matrix_functions,
    exponential_derivatives,
    diagonals,
    factors,
    complex_numbers,
)


def _rules(name: str, *theories: Theory) -> RuleSet:
    return RuleSet(name, lambda: (rule for theory in theories for rule in theory), HOLD)


NORMALISE = _rules("normalise")
# before differentiating: named functions have the shorter derivatives
RECOGNISE = _rules(
    "recognise",
    exponential.exponential,
    notation.recognition,
    notation.special_functions,
    linalg.log_determinant,
    linalg.factorisation_undone,
    moduli,
)
READABLE = _rules("readable", *THEORIES, linalg.factorisation_undone)
DISPLAY = _rules("display", display, display_sums)
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


def _programs_at(sizes: Mapping[str, int], backend: str) -> tuple[Theory, ...]:
    hints = size_hints(sizes)
    if backend == "numpy":  # a call costs more, a product less
        labels, banded = indicators_at(hints, Limits(128, 512)), bands_at(hints, 512)
    else:
        labels, banded = indicators_at(hints), bands_at(hints)
    return (kernels, convolutions, lookups_at(hints), labels, banded, blocks)


PROGRAM_THEORIES = _programs_at({}, "jax")
PROGRAMS = _rules("programs", *PROGRAM_THEORIES)


def programs(sizes: Mapping[str, int], backend: str = "jax") -> RuleSet:
    """The rules of programs at sizes of dimensions, by name; others count as usual."""
    if not sizes and backend != "numpy":
        return PROGRAMS
    return _programs(frozenset(sizes.items()), backend)


@lru_cache(maxsize=64)
def _programs(sizes: frozenset[tuple[str, int]], backend: str) -> RuleSet:
    return _rules("programs", *_programs_at(dict(sizes), backend))


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
    display_sums,
    *SPELLED,
    *DIFFERENCES,
    *STABILITY,
    domains,
    inverse_functions,
    slices_first,
    *PROGRAM_THEORIES,
    moduli,
)
