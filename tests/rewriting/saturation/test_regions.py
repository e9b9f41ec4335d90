"""The search as a whole: values kept, costs never raised, regions, bounds, linear growth."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from rewrites import presets
from rewrites.search import search as laws
from symflow.api.cost import cheapest, told
from symflow.api.simplify import replays
from symflow.core import Tensor, Variable, matrix, postorder, vector
from symflow.rewriting.ruleset import RuleSet
from symflow.rewriting.saturation.cost import CostModel
from symflow.rewriting.saturation.regions import search
from symflow.rewriting.saturation.saturate import Bounds, Laws
from tests.oracle import evaluate
from tests.random_programs import random_program, symflow_space
from tests.rewriting.formulas import random_formula, random_values
from tests.rewriting.matrix_formulas import random_matrix_formula
from tests.rewriting.test_soundness import check, conditioned

A, B, C = (matrix(name, "n", "n") for name in "ABC")
U = matrix("U", "n", "k")
x, b = vector("x", "n"), vector("b", "n")
LAWS = Laws(presets.NORMALISE, RuleSet("search", laws))


def chain(length: int) -> Tensor:
    """A recurrent chain whose every step has a common factor."""
    h: Tensor = C
    for _ in range(length):
        h = snp.tanh(A @ h + B @ h + b)
    return snp.sum(h)


def known_sizes(formula: Tensor, sizes: dict[str, int]) -> dict[str, int]:
    symbols = {s.name for node in formula.walk() for d in node.shape for s in _symbols(d)}
    return {name: size for name, size in sizes.items() if name in symbols}


def _symbols(size: object) -> set:
    return getattr(size, "free_symbols", set())


@pytest.mark.parametrize("sizes", [{"n": 1000, "k": 10}, {"n": 30, "k": 200}])
@pytest.mark.parametrize("seed", range(30))
def test_linear_algebra_at_random(seed: int, sizes: dict[str, int]) -> None:
    formula = random_matrix_formula(seed, steps=6)
    sizes = known_sizes(formula, sizes)
    found = cheapest([formula], sizes)
    model = CostModel(sizes)
    assert model.seconds(found.results) <= model.seconds([formula])
    assert told(found, replays).check()
    for small in ({"n": 5, "k": 2}, {"n": 2, "k": 4}):
        values = random_values(formula, seed, small)
        with np.errstate(all="ignore"):
            try:
                steady = conditioned(formula, values, small)
            except np.linalg.LinAlgError:
                continue
            before = evaluate(formula, values, small)
            after = evaluate(found.results[0], values, small)
        close = np.abs(after - before) <= 1e-7 * (1 + np.max(np.abs(before), initial=0.0))
        assert np.all(close | ~steady | ~np.isfinite(before))


@pytest.mark.parametrize("seed", range(40))
def test_formulas_at_random(seed: int) -> None:
    formula = random_formula(seed, steps=7)
    found = cheapest([formula])
    assert CostModel().seconds(found.results) <= CostModel().seconds([formula])
    check(formula, found.results[0], seed)
    assert told(found, replays).check()


@pytest.mark.parametrize("seed", range(40))
def test_programs_at_random(seed: int) -> None:
    program = random_program(seed, steps=8)
    inputs = [sf.tensor(f"x{j}", *shape) for j, shape in enumerate(program.shapes)]
    formula = program.run(symflow_space(), inputs)
    found = cheapest([formula])
    assert CostModel().seconds(found.results) <= CostModel().seconds([formula])
    assert told(found, replays).check()
    rng = np.random.default_rng(seed)
    values = {v: rng.normal(size=s) for v, s in zip(inputs, program.shapes, strict=True)}
    with np.errstate(all="ignore"):
        before, after = evaluate(formula, values), evaluate(found.results[0], values)
    if np.all(np.isfinite(before)):
        np.testing.assert_allclose(after, before, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("region", [1, 3, 10, 100])
def test_regions_give_one_program(region: int) -> None:
    formula = chain(12)
    model = CostModel({"n": 100})
    found = search([formula], LAWS, model, Bounds(region=region))
    assert found.complete
    assert model.seconds(found.results) <= model.seconds([formula])
    if region >= 10:
        assert model.seconds(found.results) < 0.8 * model.seconds([formula])
    assert not [v for v in postorder(found.results) if isinstance(v, Variable) and v.scope]
    values = random_values(formula, 0, {"n": 3})
    np.testing.assert_allclose(evaluate(found.results[0], values), evaluate(formula, values))
    derivation = told(found, replays)
    assert derivation.check()
    assert derivation.result is found.results[0]


def test_facts_are_known_across_regions() -> None:
    """The sum of squares below the cut is positive, so the root of its square is itself."""
    total = snp.sum(x * x) + 1
    formula = snp.abs(total) * snp.abs(x)
    reducing = Laws(presets.READABLE, RuleSet("search", laws))
    found = search([formula], reducing, CostModel(), Bounds(region=2))
    assert found.results[0] is snp.abs(x) * total


def test_time_that_is_up_leaves_the_rest_as_it_is() -> None:
    formula = chain(10)
    found = search([formula], LAWS, CostModel(), Bounds(region=3, seconds=0.0))
    assert not found.complete
    assert CostModel().seconds(found.results) <= CostModel().seconds([formula])
    values = random_values(formula, 0, {"n": 3})
    np.testing.assert_allclose(evaluate(found.results[0], values), evaluate(formula, values))


def test_work_grows_with_the_graph_not_faster() -> None:
    counts = []
    for length in (50, 200):
        found = search([chain(length)], LAWS, CostModel({"n": 100}), Bounds(region=50))
        counts.append(sum(region.found.graph.size for region in found.regions))
    assert counts[1] <= 4.5 * counts[0]


def test_several_roots_share() -> None:
    product = A @ U
    roots = [product @ U.T @ x, snp.sum(snp.exp(product))]
    found = search(roots, LAWS, CostModel({"n": 500, "k": 400}))
    model = CostModel({"n": 500, "k": 400})
    assert model.seconds(found.results) <= model.seconds(roots)
    assert len(found.results) == 2
