"""Random graphs for notation: contractions of every kind among sums and functions."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

import symflow.numpy as snp
import symflow.special as special
from symflow import nn
from symflow.core import Tensor, contract, dims, tensor
from symflow.core.dims import Dim
from tests.oracle import measure

m, n, k = dims("m n k")
SIZES: tuple[dict[str, int], ...] = ({"m": 3, "n": 2, "k": 4}, {"m": 2, "n": 4, "k": 1})
_SHAPES: tuple[tuple[Dim, ...], ...] = (
    (), (n,), (m,), (k,), (n, n), (m, n), (n, m), (n, k), (m, k), (n, n, m), (1, n), (n, 1),
    (m, n, k),
)  # fmt: skip
_FUNCTIONS: tuple[Callable[[Tensor], Tensor], ...] = (
    snp.exp, snp.tanh, snp.sin, nn.sigmoid, nn.relu, snp.abs, lambda x: snp.sqrt(1 + x * x),
    lambda x: 1 / (2 + x * x), lambda x: x**2, lambda x: -x, lambda x: x / 3, lambda x: 1.5 * x,
    lambda x: (1 + x * x) ** -2, lambda x: snp.where(x > 0, x, 0), lambda x: snp.maximum(x, 1),
    lambda x: x * (x > 0), lambda x: snp.sum(x) * x, lambda x: x - snp.mean(x), lambda x: 1 - x,
    lambda x: x + n, lambda x: x / (n * m), lambda x: snp.sum(x > 0), special.gammaln,
    lambda x: x * (n - 1) / 2, lambda x: snp.sum(x, axis=0) if x.rank else x,
    lambda x: snp.max(x, axis=-1, keepdims=True) if x.rank else x,
    lambda x: snp.sum(x, axis=-1, keepdims=True) * x if x.rank else x,
    lambda x: nn.softmax(x, axis=0) if x.rank else x,
    lambda x: x.reshape(-1), lambda x: snp.kron(x, x) if x.rank <= 2 else x,
    lambda x: x.T, lambda x: snp.diag(x) if x.rank == 1 else x,
    lambda x: snp.concatenate([x, x * x]) if x.rank else x,
    lambda x: snp.stack([x, x * x], axis=-1) if x.rank <= 2 else x,
    lambda x: x[1:] if x.rank else x, lambda x: x[0] if x.rank else x,
    lambda x: x[..., ::-1] if x.rank else x, lambda x: snp.outer(x, x) if x.rank <= 1 else x,
    lambda x: snp.broadcast_to(x, (2, *x.shape)) if x.rank <= 2 else x,
    lambda x: snp.ones((3, *x.shape)) * x if x.rank <= 2 else x,
    lambda x: (x > 0) * (x < 1), lambda x: snp.exp(x > 0),
)  # fmt: skip


def leaf(rng: random.Random, number: int) -> Tensor:
    """A variable."""
    return tensor("ABCDEFGH"[number], *rng.choice(_SHAPES))


def network(rng: random.Random, pool: list[Tensor]) -> Tensor:
    """A random contraction, with repeated labels, broadcasts and unit axes."""
    by_size: dict[Any, list[int]] = {}
    sizes: dict[int, Dim] = {}

    def label(size: Dim) -> int:
        known = by_size.setdefault(size, [])
        if not known or rng.random() < 0.35:
            known.append(len(sizes))
            sizes[known[-1]] = size
        return rng.choice(known)

    floats = [node for node in pool if node.dtype == "float"]
    operands = [rng.choice(floats) for _ in range(rng.choice((1, 2, 2, 3, 3, 4, 5)))]
    subscripts = [tuple(label(size) for size in node.shape) for node in operands]
    labels = sorted({one for group in subscripts for one in group})
    output = [one for one in labels if rng.random() < 0.5][:4]
    if output and rng.random() < 0.2:
        output.append(rng.choice(output))
    if rng.random() < 0.15:
        output.append(label(rng.choice((n, m, 1))))
    rng.shuffle(output)
    coefficient = rng.choice(
        (sp.S.One, sp.S.One, sp.Integer(2), sp.Integer(-1), 1 / n, sp.Rational(-3, 2) * m)
    )
    return contract(coefficient, operands, subscripts, output, sizes, "float")


def total(rng: random.Random, pool: list[Tensor]) -> Tensor:
    """A sum of parts that broadcast."""
    first = rng.choice(pool)
    result = first
    for node in rng.sample(pool, min(len(pool), rng.choice((1, 2, 3)))):
        if not _fits(node, result):
            continue
        result = result + node if rng.random() < 0.5 else result - 2 * node
    return result


def _fits(a: Tensor, b: Tensor) -> bool:
    return all(p == q or 1 in (p, q) for p, q in zip(a.shape[::-1], b.shape[::-1], strict=False))


def _is_small(node: Tensor) -> bool:
    """At most a few thousand entries."""
    count = 1
    for size in node.shape:
        count *= measure(size, {"m": 4, "n": 4, "k": 4})
    return count <= 2000 and node.rank <= 6


def random_graph(seed: int) -> Tensor:
    """A graph of a few steps."""
    rng = random.Random(seed)
    pool = [leaf(rng, number) for number in range(rng.choice((2, 3, 4, 5)))]
    start = len(pool)
    for _ in range(rng.choice((1, 2, 3, 4, 6))):
        kind = rng.random()
        if kind < 0.5:
            node = network(rng, pool)
        elif kind < 0.7:
            node = total(rng, pool)
        else:
            node = rng.choice(_FUNCTIONS)(rng.choice(pool))
        if _is_small(node):
            pool.append(node)
    return pool[-1] if len(pool) > start else network(rng, pool[:1])


def arrays(node: Tensor, sizes: dict[str, int], seed: int) -> dict[str, Any]:
    """Values for the variables of a graph."""
    rng = np.random.default_rng(seed)
    found = {}
    for variable in sorted(node.free_symbols, key=str):
        if isinstance(variable, Tensor):
            shape = [measure(size, sizes) for size in variable.shape]
            found[variable.full_name] = rng.uniform(0.3, 1.7, size=shape) * rng.choice(
                (-1, 1), size=shape
            )
    return found
