"""Random formulas of linear algebra in which sizes decide what is cheap."""

from typing import Any

import numpy as np

import symflow.numpy as snp
from symflow.core import Tensor, Variable, dims
from symflow.core.dims import same_shape

N, K = dims("n k")
inv, det, slogdet = snp.linalg.inv, snp.linalg.det, snp.linalg.slogdet


def _leaves() -> list[Tensor]:
    shapes: list[tuple[str, Any, tuple[str, ...]]] = [
        ("A", (N, N), ()),
        ("B", (N, N), ()),
        ("S", (N, N), ("positive_definite",)),
        ("D", (N, N), ("diagonal",)),
        ("Q", (N, N), ("orthogonal",)),
        ("U", (N, K), ()),
        ("V", (N, K), ()),
        ("C", (K, K), ()),
        ("P", (K, K), ("positive_definite",)),
        ("x", (N,), ()),
        ("y", (N,), ()),
        ("d", (N,), ("positive",)),
        ("z", (K,), ()),
    ]
    return [Variable(name, shape, "float", frozenset(facts)) for name, shape, facts in shapes]


def random_matrix_formula(seed: int, steps: int = 6) -> Tensor:
    """A formula of a few steps that holds inverses, updates, products, sums and functions."""
    rng = np.random.default_rng(seed)
    values = _leaves()
    for _ in range(steps):
        values.append(_step(rng, values))
    return values[-1]


def _step(rng: Any, values: list[Tensor]) -> Tensor:
    for _ in range(200):
        x = _drawn(rng, values)
        y = _drawn(rng, values)
        made = _paired(rng, x, y) if rng.random() < 0.6 else _alone(rng, x)
        if made is not None and made.rank <= 2:
            return made
    raise AssertionError("no step fits")


def _drawn(rng: Any, values: list[Tensor]) -> Tensor:
    recent = len(values) > 13 and rng.random() < 0.6
    return values[int(rng.integers(13, len(values)))] if recent else values[int(rng.integers(13))]


def _paired(rng: Any, x: Tensor, y: Tensor) -> Tensor | None:
    options = []
    if same_shape(x.shape, y.shape):
        options += [x + y, x - 2 * y, x * y, x - y]
    if x.rank and y.rank and x.shape[-1] == y.shape[-2 if y.rank > 1 else -1]:
        options += [x @ y] * 3
    if x.rank == y.rank == 1:
        options += [snp.outer(x, y)]
    if x.rank == y.rank == 2 and x.shape[0] == y.shape[0]:
        options += [x.T @ y]
    if x.rank == 2 and x.shape == y.shape:
        options += [x @ y.T, snp.eye(x.shape[0]) + x @ x.T / 4, snp.eye(x.shape[0]) - x @ y.T]
    if not options:
        return None
    return options[int(rng.integers(len(options)))]


def _alone(rng: Any, x: Tensor) -> Tensor | None:
    options = [snp.tanh(x), snp.sum(x), 2 * x]
    if x.rank == 2:
        ridge = snp.eye(x.shape[0]) + x @ x.T
        options += [x.T, x[0], ridge, inv(ridge), inv(ridge), slogdet(ridge)[1], inv(ridge) @ x]
        if x.shape[0] == x.shape[1]:
            options += [snp.trace(x), snp.diagonal(x), x @ x, inv(snp.tanh(x) / 4 + _two(x))]
    if x.rank == 1:
        options += [snp.diag(x), inv(_two(x) + snp.outer(x, x)), snp.sum(x * x)]
    return options[int(rng.integers(len(options)))]


def _two(x: Tensor) -> Tensor:
    return 2 * snp.eye(x.shape[0])
