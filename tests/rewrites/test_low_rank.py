"""Low-rank changes of matrices and of stacks: every reading keeps the value, and costs less."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from rewrites.low_rank import halves, low_rank_updates
from symflow.core import Apply, Einsum, Tensor
from symflow.rewriting.choices import every
from symflow.rewriting.ruleset import RuleSet
from tests.oracle import evaluate
from tests.rewriting.formulas import random_values

b, n, k = sf.dims("b n k")
A, B = sf.matrix("A", n, n), sf.matrix("B", n, n)
S = sf.matrix("S", n, n, positive_definite=True)
P = sf.matrix("P", k, k, positive_definite=True)
U, V = sf.matrix("U", n, k), sf.matrix("V", n, k)
x, y = sf.vector("x", n), sf.vector("y", n)
d = sf.vector("d", n, positive=True)
U3, V3 = sf.tensor("U3", (b, n, k)), sf.tensor("V3", (b, n, k))
x2, y2 = sf.matrix("x2", b, n), sf.matrix("y2", b, n)
d2 = sf.matrix("d2", b, n, positive=True)
c = sf.vector("c", b)
inv, det, slogdet, solve = (getattr(snp.linalg, f) for f in ("inv", "det", "slogdet", "solve"))
eye = snp.eye(n)
LAWS = RuleSet("updates", low_rank_updates)
INVERSE, DETERMINANT = "inverse-of-update", "determinant-of-update"


def turned(stack: Tensor) -> Tensor:
    return snp.swapaxes(stack, -1, -2)


# a law, a node, how many readings it has
READINGS: list[tuple[str, Tensor, int]] = [
    (INVERSE, inv(eye + U @ V.T), 1),
    (INVERSE, inv(2 * eye - U @ V.T / 3), 1),
    (INVERSE, inv(S + U @ P @ U.T), 2),
    (INVERSE, inv(snp.diag(d) + snp.outer(x, y)), 1),
    (INVERSE, inv(S + U @ U.T + snp.outer(x, x)), 2),
    (INVERSE, inv(A + U @ U.T), 0),
    (INVERSE, inv(eye + A @ B), 0),
    (DETERMINANT, det(eye + U @ V.T), 1),
    (DETERMINANT, det(snp.diag(d) + snp.outer(x, y)), 1),
    (DETERMINANT, slogdet(S + U @ U.T)[1], 1),
    (DETERMINANT, slogdet(eye + snp.outer(x, y))[0], 1),
    (DETERMINANT, slogdet(eye + snp.outer(x, y))[1], 1),
    (DETERMINANT, det(A + snp.outer(x, y)), 0),
]

STACKS: list[tuple[str, Tensor, int]] = [
    (INVERSE, inv(eye + U3 @ turned(V3)), 1),
    (INVERSE, inv(S - 2 * U3 @ turned(V3)), 1),
    (INVERSE, inv(d2[:, :, None] * eye + U3 @ turned(U3)), 1),
    (INVERSE, inv(eye + U3 @ V.T), 1),
    (INVERSE, inv(eye + U @ turned(V3)), 1),
    (INVERSE, inv(snp.exp(c)[:, None, None] * S + U @ V.T), 1),
    (INVERSE, inv(eye + U3 @ P @ turned(U3)), 2),
    (INVERSE, inv(eye + c[:, None, None] * (U @ V.T)), 1),
    (INVERSE, inv(eye + x2[:, :, None] * y2[:, None, :]), 1),
    (INVERSE, inv(eye + x2[:, :, None] * y), 1),
    (INVERSE, inv(U3 @ turned(V3)), 0),
    (INVERSE, inv(eye + snp.einsum("bik,bjk->bij", U3, V3)), 1),
    (DETERMINANT, det(eye + U3 @ turned(V3)), 1),
    (DETERMINANT, det(eye + x2[:, :, None] * y2[:, None, :]), 1),
    (DETERMINANT, slogdet(S + U3 @ turned(U3))[1], 1),
    (DETERMINANT, slogdet(eye + x2[:, :, None] * y2[:, None, :])[0], 1),
    (DETERMINANT, slogdet(eye + x2[:, :, None] * y2[:, None, :])[1], 1),
]

SIZES = (
    {"b": 3, "n": 4, "k": 2},
    {"b": 1, "n": 2, "k": 3},
    {"b": 2, "n": 1, "k": 1},
    {"b": 2, "n": 3, "k": 0},
    {"b": 0, "n": 3, "k": 2},
)


@pytest.mark.parametrize(("name", "node", "count"), READINGS + STACKS)
def test_readings_have_the_value(name: str, node: Tensor, count: int) -> None:
    normal = sf.simplify(node, goal="normal")
    law = LAWS.named(name)
    assert law is not None
    parts = [part for part in normal.walk() if law in LAWS.candidates(part)]
    readings = [(part, after) for part in parts for after in every(law, part)]
    assert len(readings) == count
    for sizes in SIZES:
        values = random_values(normal, 7, sizes)
        for part, after in readings:
            before = evaluate(part, values, sizes)
            assert (after.shape, after.dtype) == (part.shape, part.dtype)
            got = evaluate(after, values, sizes)
            np.testing.assert_allclose(got, before, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("large", [solve(eye + U3 @ turned(U3), x2[:, :, None]), STACKS[0][1]])
def test_stacks_are_solved_by_the_small_matrices(large: Tensor) -> None:
    cheap = sf.simplify(large, goal="cost", sizes={"b": 8, "n": 1000, "k": 5})
    for node in cheap.walk():
        if isinstance(node, Apply) and node.operation.name in ("inv", "solve"):
            assert node.operands[0].shape[-2:] == (k, k)
    sizes = {"b": 2, "n": 6, "k": 2}
    values = random_values(large, 3, sizes)
    np.testing.assert_allclose(evaluate(cheap, values, sizes), evaluate(large, values, sizes))


def test_a_product_is_cut_where_it_is_narrow() -> None:
    product = sf.simplify(U @ P @ V.T, goal="normal")
    assert isinstance(product, Einsum)
    cuts = [(left.shape, right.shape, by) for left, right, by in halves(product)]
    assert cuts == [((n, k), (k, n), False)] * 2
    wide = A @ B
    assert isinstance(wide, Einsum)
    assert not list(halves(wide))
