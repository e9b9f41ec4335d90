"""Random formulas made of the pieces that rules look for, on variables with random properties."""

from typing import Any

import numpy as np

import symflow.nn as nn
import symflow.numpy as snp
import symflow.special as special
from symflow.core import Tensor, Variable, dims
from symflow.rewriting.sampling import drawn

N, M = dims("n m")
SHAPES = ((), (N,), (N,), (M,), (M, N), (M, N), (N, N), (N, N))
ENTRY_PROPERTIES = (
    None, None, None, None, "positive", "nonnegative", "plus_minus_one", "zero_one",
    "in_unit_interval", "integer",
)  # fmt: skip
MATRIX_PROPERTIES = (
    None, None, "symmetric", "positive_definite", "orthogonal", "diagonal", "lower_triangular",
    "antisymmetric", "upper_triangular", "invertible",
)  # fmt: skip
VECTOR_PROPERTIES = ("simplex", "one_hot", "unit_norm")

UNARY = (
    snp.exp, snp.log, snp.abs, snp.sign, snp.sqrt, snp.square, snp.sin, snp.cos, snp.sinh,
    snp.cosh, snp.tanh, snp.log1p, snp.expm1, nn.sigmoid, nn.softplus, nn.relu, special.erf,
    snp.negative, snp.reciprocal, lambda x: 1 + x, lambda x: 1 - x, lambda x: x - 1,
    lambda x: 2 * x, lambda x: x**3, lambda x: x**-2, lambda x: 1 / (1 + snp.exp(-x)),
    lambda x: snp.where(x > 0, x, -x), lambda x: snp.where(x > 0, x, 0), lambda x: x / 2,
    lambda x: snp.clip(x, -1, 1), lambda x: snp.exp(x) - 1, lambda x: (x > 0) * x,
    lambda x: snp.sqrt(x * x), lambda x: x / x, lambda x: snp.log(snp.exp(x)),
    lambda x: snp.sqrt(x) * snp.sqrt(x), lambda x: snp.exp(x) / (1 + snp.exp(x)),
)  # fmt: skip
BINARY = (
    snp.add, snp.add, snp.subtract, snp.subtract, snp.multiply, snp.multiply, snp.divide,
    snp.maximum, snp.minimum, lambda x, y: snp.exp(x) * snp.exp(y), lambda x, y: x * y - y * x,
    lambda x, y: snp.where(x > y, x, y), lambda x, y: (x + y) * (x - y),
)  # fmt: skip
AXIS = (
    snp.sum, snp.mean, snp.max, snp.prod, special.logsumexp, nn.softmax, nn.log_softmax,
    lambda x, axis: snp.linalg.norm(x, axis=axis),
    lambda x, axis: x - snp.mean(x, axis=axis, keepdims=True),
    lambda x, axis: snp.exp(x) / snp.sum(snp.exp(x), axis=axis, keepdims=True),
    lambda x, axis: snp.log(snp.sum(snp.exp(x), axis=axis)),
    lambda x, axis: snp.sqrt(snp.sum(x * x, axis=axis)),
)  # fmt: skip
SQUARE = (
    snp.linalg.inv, snp.linalg.inv, snp.linalg.det, lambda x: snp.linalg.slogdet(x)[1], snp.trace,
    lambda x: x.T, lambda x: x + x.T, lambda x: x @ x, lambda x: snp.linalg.inv(x) @ x, snp.diag,
    lambda x: x @ x.T, lambda x: snp.log(snp.linalg.det(x @ x.T)), lambda x: 2 * x,
    lambda x: snp.linalg.inv(3 * x), lambda x: snp.linalg.cholesky(x @ x.T + snp.eye(N)),
)  # fmt: skip


def random_formula(seed: int, steps: int = 6) -> Tensor:
    """A formula of a few steps."""
    rng = np.random.default_rng(seed)
    values: list[Tensor] = [_leaf(rng, k) for k in range(4)]
    for _ in range(steps):
        made = _step(rng, values)
        if made is not None:
            values.append(made)
    return values[-1]


def _leaf(rng: Any, number: int) -> Variable:
    shape = SHAPES[rng.integers(len(SHAPES))]
    names: list[str | None] = list(ENTRY_PROPERTIES)
    if len(shape) == 2 and shape[0] == shape[1]:
        names += list(MATRIX_PROPERTIES) * 2
    if shape:
        names += list(VECTOR_PROPERTIES)
    name = names[rng.integers(len(names))]
    return Variable(f"x{number}", shape, "float", frozenset([name] if name else []))


def _step(rng: Any, values: list[Tensor]) -> Tensor | None:
    x = values[rng.integers(len(values))] if rng.random() < 0.4 else values[-1]
    kind = rng.random()
    if kind < 0.35:
        return UNARY[rng.integers(len(UNARY))](x)
    if kind < 0.6:
        return _binary(rng, x, values[rng.integers(len(values))])
    if kind < 0.8 and x.rank == 2 and x.shape[0] == x.shape[1]:
        return SQUARE[rng.integers(len(SQUARE))](x)
    if x.rank:
        return AXIS[rng.integers(len(AXIS))](x, axis=int(rng.integers(x.rank)))
    return None


def _binary(rng: Any, x: Tensor, y: Tensor) -> Tensor | None:
    if x.rank and y.rank and rng.random() < 0.5:
        inner = -2 if y.rank > 1 else -1
        if x.shape[-1] == y.shape[inner]:
            return x @ y
        if x.rank > 1 and x.shape[-2] == y.shape[inner]:
            return x.T @ y
    fits = all(a == b for a, b in zip(x.shape[::-1], y.shape[::-1], strict=False))
    return BINARY[rng.integers(len(BINARY))](x, y) if fits else None


def random_values(formula: Tensor, seed: int, sizes: dict[str, int]) -> dict[Variable, Any]:
    """Arrays with the declared properties."""
    rng = np.random.default_rng(seed)
    leaves = sorted(
        (v for v in formula.walk() if isinstance(v, Variable)), key=lambda v: v.full_name
    )
    return drawn(leaves, sizes, rng)
