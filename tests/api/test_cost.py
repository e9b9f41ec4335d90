"""``goal="cost"``: cheaper programs at the sizes given, the same values, no loss of accuracy."""

from functools import partialmethod
from typing import Any

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import Tensor
from symflow.errors import BudgetWarning, ShapeError
from symflow.rewriting.saturation.cost import CostModel
from symflow.rewriting.saturation.saturate import Bounds
from tests.oracle import evaluate, evaluate_all
from tests.rewrites.accuracy import Problem, losses, problems, samples
from tests.rewriting.formulas import random_values

n, m, k = sf.dims("n m k")
A, B, C = (sf.matrix(name, n, n) for name in "ABC")
S, T = (sf.matrix(name, n, n, positive_definite=True) for name in "ST")
P = sf.matrix("P", k, k, positive_definite=True)
U, V = sf.matrix("U", n, k), sf.matrix("V", n, k)
W = sf.matrix("W", k, m)
x, y, b = (sf.vector(name, n) for name in "xyb")
d = sf.vector("d", n, positive=True)
v = sf.vector("v", n * n)
inv, det, slogdet = snp.linalg.inv, snp.linalg.det, snp.linalg.slogdet
eye = snp.eye(n)
TALL, WIDE = {"n": 1000, "k": 10}, {"n": 10, "k": 1000}

# formula, what it becomes when n is large and k small
WINS: dict[str, tuple[Tensor, Tensor]] = {
    "common factor": (A @ B + A @ C, A @ (B + C)),
    "common factor on the right": (B @ A - C @ A, (B - C) @ A),
    "common factor of products": (x @ A @ B + y @ A @ B, (x + y) @ A @ B),
    "order of a product": (A @ B @ x, A @ (B @ x)),
    "attention": ((U @ V.T) @ U, U @ (V.T @ U)),
    "multiplied out": ((A - B.T @ B) @ x, A @ x - B.T @ (B @ x)),
    "reflection": ((eye - 2 * snp.outer(x, x)) @ A, A - 2 * snp.outer(x, x @ A)),
    "norm of low rank": (snp.sum((U @ V.T) ** 2), snp.sum((U.T @ U) * (V.T @ V))),
    "woodbury": (
        inv(eye + U @ V.T) @ b,
        b - U @ (inv(snp.eye(k) + V.T @ U) @ (V.T @ b)),
    ),
    "woodbury with a number": (
        inv(eye + U @ U.T / n) @ b,
        b - U @ (inv(snp.eye(k) + U.T @ U / n) @ (U.T @ b)) / n,
    ),
    "rank one": (
        inv(eye + snp.outer(x, x)) @ b,
        b - x * (x @ b) / (1 + x @ x),
    ),
    "push through": (inv(eye + U @ V.T) @ U, U @ inv(snp.eye(k) + V.T @ U)),
    "determinant": (det(eye + U @ V.T), det(snp.eye(k) + V.T @ U)),
    "log determinant": (
        slogdet(snp.diag(d) + U @ U.T)[1],
        snp.sum(snp.log(d)) + slogdet(snp.eye(k) + (U.T / d) @ U)[1],
    ),
    "log determinant of a product": (slogdet(A @ B)[1], slogdet(A)[1] + slogdet(B)[1]),
    "log determinant of kron": (
        slogdet(snp.kron(A, B))[1],
        n * slogdet(A)[1] + n * slogdet(B)[1],
    ),
    "three inverses": (inv(inv(S) + inv(T)), T @ inv(S + T) @ S),
    "slice": ((A @ B)[0], A[0] @ B),
    "diagonal": (A @ snp.diag(d) @ A.T @ x, A @ (d * (A.T @ x))),
}  # fmt: skip


def cost(formula: Tensor, sizes: dict[str, int]) -> float:
    return CostModel(sizes).seconds([formula])


def given(formula: Tensor, sizes: dict[str, int]) -> dict[str, int]:
    names = {s.name for node in formula.walk() for size in node.shape for s in _symbols(size)}
    return {name: size for name, size in sizes.items() if name in names}


def _symbols(size: Any) -> Any:
    return () if isinstance(size, int) else size.free_symbols


@pytest.mark.parametrize("name", WINS)
def test_wins(name: str) -> None:
    formula, expected = WINS[name]
    sizes = given(formula, TALL)
    found = sf.simplify(formula, goal="cost", sizes=sizes)
    wanted = sf.simplify(expected, goal="normal")
    assert cost(found, sizes) <= cost(wanted, sizes) * (1 + 1e-9) < cost(formula, sizes)


@pytest.mark.parametrize("sizes", [TALL, WIDE], ids=["tall", "wide"])
@pytest.mark.parametrize("name", WINS)
def test_the_value_stays_and_never_costs_more(name: str, sizes: dict[str, int]) -> None:
    formula, _ = WINS[name]
    sizes = given(formula, sizes)
    found = sf.simplify(formula, goal="cost", sizes=sizes)
    assert cost(found, sizes) <= cost(formula, sizes)
    for small in ({"n": 4, "k": 2}, {"n": 2, "k": 5}, {"n": 1, "k": 1}, {"n": 3, "k": 0}):
        values = random_values(formula, 0, small)
        before, after = evaluate(formula, values, small), evaluate(found, values, small)
        np.testing.assert_allclose(after, before, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("sizes", [TALL, WIDE], ids=["tall", "wide"])
@pytest.mark.parametrize("name", WINS)
def test_derivations_check(name: str, sizes: dict[str, int]) -> None:
    formula, _ = WINS[name]
    sizes = given(formula, sizes)
    derivation = sf.derivation(formula, goal="cost", sizes=sizes)
    assert derivation.result is sf.simplify(formula, goal="cost", sizes=sizes)
    assert derivation.complete
    assert derivation.check()


@pytest.mark.parametrize(
    "formula",
    [
        inv(eye + U @ V.T) @ b,
        inv(snp.diag(d) + U @ U.T) @ b,
        inv(eye + U @ V.T) @ U,
        det(eye + U @ V.T),
        U.T @ inv(eye + U @ P @ U.T) @ U,
    ],
)
def test_woodbury_is_not_used_where_the_small_matrix_is_the_larger_one(formula: Tensor) -> None:
    assert sf.simplify(formula, goal="cost", sizes=WIDE) is sf.simplify(formula, goal="normal")


def test_woodbury_is_undone_where_that_is_cheaper() -> None:
    small = inv(inv(P) + U.T @ inv(S) @ U)
    spelled = inv(S) @ b - inv(S) @ (U @ (small @ (U.T @ (inv(S) @ b))))
    sizes = {"n": 30, "k": 3000}
    found = sf.simplify(inv(S) - inv(S) @ U @ small @ U.T @ inv(S), goal="cost", sizes=sizes)
    assert cost(found, sizes) < cost(spelled, sizes)


def test_what_is_shared_is_counted_once() -> None:
    product = A @ B
    sizes = {"n": 1000}
    both = (snp.sum(product**2), product @ x)
    found = sf.simplify(both, goal="cost", sizes=sizes)
    model = CostModel(sizes)
    assert model.seconds(found) <= model.seconds(both)
    alone = sf.simplify(product @ x, goal="cost", sizes=sizes)
    assert model.seconds([alone]) < 0.1 * model.seconds([product])
    values = random_values(both[0] + snp.sum(both[1]), 1, {"n": 3})
    for before, after in zip(
        evaluate_all(list(both), values), evaluate_all(list(found), values), strict=True
    ):
        np.testing.assert_allclose(after, before, rtol=1e-9)


def test_a_solve_serves_the_quadratic_form_and_the_determinant() -> None:
    r = x - y
    density = r @ inv(S) @ r / 2 + slogdet(S)[1] / 2
    cubes = CostModel({"n": 1000}).cost([sf.simplify(density, goal="cost")]).flops / 1000**3
    assert cubes == pytest.approx(1 / 3, rel=0.05)


# ----------------------------------------------------------------------------- accuracy

STAY = [
    snp.log1p(x),
    snp.expm1(x),
    sf.special.logsumexp(A, axis=1),
    sf.nn.softmax(A, axis=1),
    sf.nn.log_softmax(x),
    sf.nn.softplus(x),
    snp.exp(x + y),
    snp.log(d) + snp.log(snp.exp(b)),
    (A - B) @ x,
    snp.sum((x[:, None] - y[None, :]) ** 2),
    (A - snp.mean(A, axis=0)).T @ (A - snp.mean(A, axis=0)),
    (A - snp.mean(A, axis=0)).T @ (B - snp.mean(B, axis=0)),
    snp.mean((x - snp.mean(x)) ** 2),
    inv(A + U @ V.T) @ b,
    inv(A) @ b,
]


def error(formula: Tensor, values: dict[Any, Any], sizes: dict[str, int], truth: Any) -> float:
    """The error in float32, relative to the largest entry."""
    single = {key: np.asarray(value, np.float32) for key, value in values.items()}
    program = sf.lower(formula, precision="float32", backend="numpy", optimise=False)
    arrays = {str(i): single[key] for i in program.inputs for key in single if str(key) == str(i)}
    extra = {str(i): sizes[str(i)] for i in program.inputs if str(i) in sizes}
    got = np.asarray(program(**arrays, **extra), float)
    return float(np.max(np.abs(got - truth)) / np.max(np.abs(truth)))


@pytest.mark.parametrize("formula", STAY)
def test_what_is_accurate_stays_so(formula: Tensor) -> None:
    """Large offsets make differences cancel: whoever multiplies out loses every digit."""
    found = sf.simplify(formula, goal="cost", sizes=given(formula, TALL))
    sizes = {"n": 6, "k": 2}
    values = random_values(formula, 3, sizes)
    for key in values:
        if key.name in "ABxy":
            values[key] = values[key] + 1000.0 * (key.rank == 2 or key.name == "x")
    values = {key: np.float32(value).astype(float) for key, value in values.items()}
    truth = evaluate(formula, values, sizes)
    if not np.all(np.isfinite(truth)):
        pytest.skip("the formula overflows here")
    before = error(formula, values, sizes, truth)
    after = error(found, values, sizes, truth)
    assert after <= 4 * before + 1e-6


@pytest.mark.parametrize("name", WINS)
def test_wins_are_no_less_accurate(name: str) -> None:
    formula, _ = WINS[name]
    found = sf.simplify(formula, goal="cost", sizes=given(formula, TALL))
    gains = []
    for seed in range(30):
        sizes = {"n": 8, "k": 2}
        values = random_values(formula, seed, sizes)
        values = {key: np.float32(value).astype(float) for key, value in values.items()}
        truth = evaluate(formula, values, sizes)
        if not np.all(np.isfinite(truth)):
            continue  # a singular matrix has no error to compare
        before, after = (error(each, values, sizes, truth) for each in (formula, found))
        gains.append((after + 1e-8) / (before + 1e-8))
    assert np.exp(np.mean(np.log(gains))) <= 3


@pytest.mark.parametrize("problem", problems(), ids=lambda problem: problem.name)
def test_formulas_that_lose_digits_lose_no_more(problem: Problem) -> None:
    """As written and in stable form, against mpmath: two more bits are rounding.

    In normal form, since the order of terms decides what is left of a sum that cancels.
    """
    written = problem.expression()
    for form in (written, sf.simplify(written, goal="stable")):
        start = sf.simplify(form, goal="normal")
        found = sf.simplify(start, goal="cost")
        if found is not start:
            points = samples(problem, "float64", np.random.default_rng(0))[:4]
            before, after = losses([start, found], written, problem.tensors(), points)
            assert after.most <= before.most + 2
            assert after.mean <= before.mean + 2


# ----------------------------------------------------------------------------- asking


def test_sizes_by_symbol_and_by_name() -> None:
    formula = inv(eye + U @ V.T) @ b
    by_name = sf.simplify(formula, goal="cost", sizes=TALL)
    assert sf.simplify(formula, goal="cost", sizes={n: 1000, k: 10}) is by_name
    assert formula.simplify(goal="cost", sizes=TALL) is by_name
    assert sf.simplify(sf.scalar("s") / n, goal="cost", sizes={"n": 3}).shape == ()


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"q": 3}, "no dimension 'q'; the expression has n"),
        ({"n": -1}, "'n' must be a whole number from 0 on, got -1"),
        ({"n": 2.5}, "'n' must be a whole number from 0 on, got 2.5"),
        ({"n": True}, "'n' must be a whole number"),
    ],
)
def test_sizes_that_make_no_sense(sizes: dict[str, Any], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        sf.simplify(A @ x, goal="cost", sizes=sizes)


def test_a_search_that_is_cut_short_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bounds, "__init__", partialmethod(Bounds.__init__, tries=1))
    formula = ((eye - U @ V.T) @ (eye - V @ U.T)) @ x
    with pytest.warns(BudgetWarning, match="the best so far"):
        found = sf.simplify(formula, goal="cost", sizes=TALL)
    assert cost(found, TALL) <= cost(formula, TALL)
    assert not sf.derivation(formula, goal="cost", sizes=TALL).complete


def test_sizes_belong_to_costs() -> None:
    with pytest.raises(ValueError, match="sizes matter for goal='cost' alone"):
        sf.simplify(A @ x, sizes={"n": 3})


def test_several_expressions_and_numbers() -> None:
    assert isinstance(sf.simplify([A @ x, x], goal="cost"), list)
    assert sf.simplify(2, goal="cost").shape == ()
    assert sf.simplify(x, goal="cost") is x
