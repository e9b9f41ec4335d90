"""Terms collected: which belong together, and that values stay."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import Tensor
from symflow.rewriting.collecting import collected
from symflow.rewriting.engine import normalise
from symflow.rewriting.normal import Form
from tests.oracle import evaluate

n, m = sf.dims("n m")
A, B, C = (sf.matrix(name, n, n) for name in "ABC")
x, y, z = (sf.vector(name, n) for name in "xyz")
X, M, N = sf.matrix("X", n, m), sf.matrix("M", m, n), sf.matrix("N", m, n)
s, t = sf.scalar("s"), sf.scalar("t")


def holding(*leaves: Tensor) -> Callable[[Tensor], bool]:
    return lambda node: any(leaf in set(node.walk()) for leaf in leaves)


TOGETHER: list[tuple[Tensor, Tensor, Tensor]] = [
    (A @ x + B @ x, x, (A + B) @ x),
    (A @ x + B @ x + y, x, (A + B) @ x + y),
    (s * x + 2 * x, x, (s + 2) * x),
    (y * x + z * x - x, x, (y + z - 1) * x),
    (A @ X + 2 * B @ X, X, (A + 2 * B) @ X),
    (X @ M + X @ N, X, X @ (M + N)),
    (x @ A @ x + x @ B @ x, x, x @ (A + B) @ x),
    (A.T @ x + B @ x, x, (A.T + B) @ x),
    (y * x**2 + z * x**2 + s * x + t * x, x, (y + z) * x**2 + (s + t) * x),
    (s * snp.exp(x) + y * snp.exp(x), snp.exp(x), (s + y) * snp.exp(x)),
    (snp.trace(A @ C) + snp.trace(B @ C), C, snp.trace((A + B) @ C)),
    (A @ C @ B + B @ C @ B, C, (A + B) @ C @ B),
]


@pytest.mark.parametrize(("node", "leaf", "expected"), TOGETHER)
def test_terms_that_belong_together(node: Tensor, leaf: Tensor, expected: Tensor) -> None:
    (node,) = normalise([node], Form(shared=True))
    after = collected(node, holding(leaf))
    assert after is not None
    assert sf.simplify(after - expected) is sf.simplify(snp.zeros(node.shape))
    assert len(after.operands) < len(node.operands) or after.operands != node.operands
    check(node, after)


APART: list[tuple[Tensor, Tensor]] = [
    (A @ x + x, x),
    (A @ x + x @ B, y),
    (A @ x + y * snp.sum(x), x),
    (A @ C + C @ A, C),
    (x + x**2, x),
    (A @ x, x),
]


@pytest.mark.parametrize(("node", "leaf"), APART)
def test_terms_that_do_not(node: Tensor, leaf: Tensor) -> None:
    (node,) = normalise([node], Form(shared=True))
    assert collected(node, holding(leaf)) is None


def check(before: Tensor, after: Tensor) -> None:
    """The same values at several sizes, none and one among them."""
    leaves: list[Any] = [A, B, C, x, y, z, X, M, N, s, t]
    for sizes in ({"n": 3, "m": 2}, {"n": 1, "m": 1}, {"n": 0, "m": 2}):
        rng = np.random.default_rng(0)
        shapes = [[sizes[str(size)] for size in leaf.shape] for leaf in leaves]
        values = {v: rng.normal(size=shape) for v, shape in zip(leaves, shapes, strict=True)}
        assert np.allclose(evaluate(before, values, sizes), evaluate(after, values, sizes))


@pytest.mark.parametrize("seed", range(60))
def test_random_sums_keep_their_values(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = [x, y, A @ x, B @ x, C @ y, A @ B @ x, s * x, t * x * y, x * (A @ y), y * (B @ x)]
    chosen = [vectors[k] for k in rng.integers(len(vectors), size=5)]
    numbers = rng.integers(-2, 4, size=5)
    total = sum((int(c) * v for c, v in zip(numbers, chosen, strict=True)), snp.zeros((n,)))
    for leaf in (x, y, A, s):
        after = collected(total, holding(leaf))
        check(total, total if after is None else after)
