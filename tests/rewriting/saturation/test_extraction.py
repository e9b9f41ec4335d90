"""Extraction: the best program as a whole, where the best of each class is not."""

import time

import pytest

import symflow.numpy as snp
from rewrites import presets
from rewrites.search import search as laws
from symflow.core import Tensor, matrix, postorder, vector
from symflow.rewriting.ruleset import RuleSet
from symflow.rewriting.saturation.cost import CostModel
from symflow.rewriting.saturation.extraction import Extraction
from symflow.rewriting.saturation.saturate import Bounds, Laws, Saturation
from tests.rewriting.matrix_formulas import random_matrix_formula

A, B, C = (matrix(name, "n", "n") for name in "ABC")
x = vector("x", "n")
LAWS = Laws(presets.NORMALISE, RuleSet("search", laws))
MODEL = CostModel({"n": 500, "k": 8})


def best(roots: list[Tensor], candidates: int = 400) -> tuple[list[Tensor], Extraction]:
    found = Saturation(LAWS, MODEL, Bounds(), time.perf_counter() + 60)
    found.run(roots)
    extraction = Extraction(found, candidates)
    return extraction.best(roots), extraction


def test_a_product_that_is_there_anyway_is_not_computed_otherwise() -> None:
    """Alone, ``A @ B + A @ C`` is best factored; beside both products it is their sum."""
    alone, _ = best([A @ B + A @ C])
    assert alone == [A @ (B + C)]
    both, _ = best([A @ B + A @ C, snp.exp(A @ B), snp.exp(A @ C)])
    assert both == [A @ B + A @ C, snp.exp(A @ B), snp.exp(A @ C)]


def test_what_several_programs_share_is_chosen_together() -> None:
    roots = [snp.tanh(A @ B + A @ C), snp.exp(A @ B + A @ C)]
    found, _ = best(roots)
    products = [node for node in postorder(found) if node is A @ (B + C)]
    assert len(products) == 1
    assert MODEL.seconds(found) < 0.6 * MODEL.seconds(roots)


def test_several_classes_change_together_where_only_that_pays() -> None:
    """One ``A + B`` costs more than it saves to one product, and less than to four."""
    vectors = [vector(f"x{j}", "n") for j in range(4)]
    one, _ = best([A @ vectors[0] + B @ vectors[0]])
    assert one == [A @ vectors[0] + B @ vectors[0]]
    several, _ = best([A @ v + B @ v for v in vectors])
    assert several == [(A + B) @ v for v in vectors]


def test_along_a_chain_too() -> None:
    formula: Tensor = x
    wanted: Tensor = x
    for _ in range(5):
        formula = snp.tanh(A @ formula + B @ formula)
        wanted = snp.tanh((A + B) @ wanted)
    found, _ = best([formula])
    assert found == [wanted]


@pytest.mark.parametrize("seed", range(25))
def test_never_more_than_the_input_or_the_best_of_each(seed: int) -> None:
    roots = [random_matrix_formula(seed, 5), random_matrix_formula(seed + 100, 5)]
    found, extraction = best(roots)
    assert MODEL.seconds(found) <= MODEL.seconds(roots)
    each = [extraction.best([root])[0] for root in roots]
    assert MODEL.seconds(found) <= MODEL.seconds(each) * (1 + 1e-9)


def test_candidates_are_bounded() -> None:
    roots = [snp.exp(A @ B + A @ C) @ x, snp.tanh(B @ A + C @ A) @ x]
    found, extraction = best(roots, candidates=1)
    assert not extraction.complete
    assert MODEL.seconds(found) <= MODEL.seconds(roots)
