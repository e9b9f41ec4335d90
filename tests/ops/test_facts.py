"""Facts hold: every fact inferred for a node of a random formula is checked against its values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symflow.numpy as snp
from symflow.core import Tensor, dims, matrix, vector
from symflow.ops.facts import facts, has
from symflow.rewriting.engine import normalise
from tests.oracle import evaluate_all
from tests.rewriting.formulas import random_formula, random_values

n, m = dims("n m")
Check = Callable[[Any], bool]


def _turned(a: Any) -> Any:
    return np.swapaxes(a, -1, -2)


def _eigenvalues(a: Any) -> Any:
    return np.linalg.eigvalsh((a + _turned(a)) / 2)


ENTRIES: dict[str, Check] = {
    "positive": lambda a: bool(np.all(a >= 0)),  # large negative exponents underflow to 0
    "nonnegative": lambda a: bool(np.all(a >= -1e-12)),
    "negative": lambda a: bool(np.all(a <= 0)),
    "nonpositive": lambda a: bool(np.all(a <= 1e-12)),
    "in_unit_interval": lambda a: bool(np.all((a >= -1e-12) & (a <= 1 + 1e-9))),
    "integer": lambda a: bool(np.allclose(a, np.round(a), rtol=1e-9)),
    "zero_one": lambda a: bool(np.all(np.isclose(a, 0) | np.isclose(a, 1))),
    "plus_minus_one": lambda a: bool(np.allclose(np.abs(a), 1)),
    "simplex": lambda a: bool(np.allclose(a.sum(-1), 1) and np.all(a >= -1e-12)),
    "one_hot": lambda a: bool(np.allclose(a.sum(-1), 1) and np.allclose(a, a * a)),
    "unit_norm": lambda a: bool(np.allclose(np.linalg.norm(a, axis=-1), 1)),
}
MATRICES: dict[str, Check] = {
    "symmetric": lambda a: bool(np.allclose(a, _turned(a), rtol=1e-6, atol=1e-8)),
    "antisymmetric": lambda a: bool(np.allclose(a, -_turned(a), rtol=1e-6, atol=1e-8)),
    "diagonal": lambda a: bool(np.allclose(a, a * np.eye(a.shape[-1]), atol=1e-9)),
    "lower_triangular": lambda a: bool(np.allclose(a, np.tril(a), atol=1e-9)),
    "upper_triangular": lambda a: bool(np.allclose(a, np.triu(a), atol=1e-9)),
    "orthogonal": lambda a: bool(np.allclose(_turned(a) @ a, np.eye(a.shape[-1]), atol=1e-6)),
    "positive_semidefinite": lambda a: bool(
        np.all(_eigenvalues(a) >= -1e-7 * (1 + np.abs(a).max(initial=0)))
    ),
    "positive_definite": lambda a: bool(
        np.all(_eigenvalues(a) >= -1e-7 * (1 + np.abs(a).max(initial=0)))
    ),
}


def check(node: Tensor, values: Any) -> None:
    """All facts of a node against its values, where these are numbers of moderate size."""
    array = np.asarray(values, dtype=float)
    if not np.all(np.isfinite(array)) or np.abs(array).max(initial=0) > 1e6:
        return
    for name in facts(node):
        test = ENTRIES.get(name) or MATRICES.get(name)
        if test is not None:
            assert test(array), f"{name} does not hold for {node}: {array}"


@pytest.mark.parametrize("seed", range(150))
def test_facts_hold_in_random_formulas(seed: int) -> None:
    formula = random_formula(seed, steps=7)
    formula = normalise([formula])[0] if seed % 2 else formula
    nodes = formula.walk()
    for number, sizes in enumerate(({"n": 3, "m": 2}, {"n": 1, "m": 1})):
        given = random_values(formula, seed + number, sizes)
        try:
            with np.errstate(all="ignore"):
                found = evaluate_all(nodes, given, sizes)
        except np.linalg.LinAlgError:
            continue
        for node, values in zip(nodes, found, strict=True):
            check(node, values)


A, B = matrix("A", n, n), matrix("B", n, n)
X = matrix("X", m, n)
S = matrix("S", n, n, positive_definite=True)
L = matrix("L", n, n, lower_triangular=True)
D = matrix("D", m, m, positive_semidefinite=True)
TALL = matrix("Q", 5, 3, full_rank=True)
BIG = matrix("W", 5, 5, positive_definite=True)
x, p = vector("x", n), vector("p", m, positive=True)

KNOWN: list[tuple[Tensor, str]] = [
    (X.T @ X, "positive_semidefinite"),
    (X.T @ D @ X, "positive_semidefinite"),
    ((A.T @ S) @ A, "positive_semidefinite"),  # with A.T @ S a node of its own
    (TALL.T @ TALL, "positive_definite"),
    (TALL.T @ BIG @ TALL, "positive_definite"),
    (X.T @ (p[:, None] * X), "positive_semidefinite"),
    (A @ A.T + S, "positive_definite"),
    (snp.linalg.inv(S), "positive_definite"),
    (snp.linalg.inv(X.T @ X), "positive_definite"),
    (A + A.T, "symmetric"),
    (A - A.T, "antisymmetric"),
    (snp.exp(S), "symmetric"),
    (L @ L, "lower_triangular"),
    (L.T, "upper_triangular"),
    (snp.linalg.inv(L), "lower_triangular"),
    (snp.diag(x), "diagonal"),
    (snp.outer(x, x), "positive_semidefinite"),
    (snp.sum(x * x), "nonnegative"),
    (1 - snp.exp(-snp.abs(x)) * 0, "positive"),
    (snp.exp(x) + 1, "positive"),
    (snp.mean(x * x), "nonnegative"),
    (snp.sqrt(x), "nonnegative"),
    (snp.linalg.det(S), "positive"),
    (snp.linalg.det(X.T @ X), "nonnegative"),
    (x > 0, "zero_one"),
]
UNKNOWN: list[tuple[Tensor, str]] = [
    (A @ B, "symmetric"),
    (A, "invertible"),
    (x, "nonnegative"),
    (x * x * x, "nonnegative"),
    (x * x, "positive"),
    (X.T @ X, "positive_definite"),
    (TALL @ TALL.T, "positive_definite"),
    (A.T @ S @ A, "positive_definite"),
    (S @ A, "symmetric"),
    (A - S, "positive_definite"),
    (L @ L.T, "lower_triangular"),
    (L @ A, "lower_triangular"),
    (snp.exp(L), "lower_triangular"),
    (1 - snp.exp(x), "positive"),
    (snp.diag(x), "positive_semidefinite"),
    (X.T @ (x[None, :] * X), "symmetric"),
]


@pytest.mark.parametrize(("node", "name"), KNOWN)
def test_known(node: Tensor, name: str) -> None:
    assert has(normalise([node])[0], name)


@pytest.mark.parametrize(("node", "name"), UNKNOWN)
def test_unknown_means_no(node: Tensor, name: str) -> None:
    assert not has(normalise([node])[0], name)


def test_deep_chains_need_no_recursion() -> None:
    node: Tensor = x
    for _ in range(20_000):
        node = snp.exp(node)
    assert has(node, "positive")
