"""Index maps, reshapes, choices and numbers: rewritten random graphs keep their values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symflow.linalg  # noqa: F401
import symflow.nn as nn
import symflow.numpy as snp
from rewrites import presets
from symflow.core import Tensor, Variable
from symflow.rewriting.engine import rewrite
from tests.oracle import evaluate

SHAPES = ((), (1,), (4,), (6,), (2, 3), (3, 2), (3, 3), (1, 4), (2, 1, 3))
Step = Callable[[Any, list[Tensor]], Tensor | None]


def _one(rng: Any, values: list[Tensor]) -> Tensor:
    found = [v for v in values if v.dtype != "bool"]
    return found[rng.integers(len(found))]


def _slice(rng: Any, values: list[Tensor]) -> Tensor | None:
    x = values[rng.integers(len(values))]
    if not x.shape:
        return None
    index: list[Any] = []
    for size in x.shape:
        kind = rng.integers(5)
        if kind == 0 and size:
            index.append(int(rng.integers(size)))
        elif kind == 1:
            index.append(slice(None, None, -1))
        elif kind == 2:
            index.append(slice(int(rng.integers(0, size + 1)), None, int(rng.integers(1, 3))))
        else:
            index.append(slice(None))
    return x[tuple(index)]


def _joined(rng: Any, values: list[Tensor]) -> Tensor | None:
    x = _one(rng, values)
    like = [v for v in values if v.shape == x.shape and v.dtype == x.dtype]
    parts = [like[rng.integers(len(like))] for _ in range(rng.integers(1, 4))]
    if not x.shape or rng.integers(2):
        return snp.stack(parts, axis=int(rng.integers(len(x.shape) + 1)))
    return snp.concatenate(parts, axis=int(rng.integers(len(x.shape))))


def _reshaped(rng: Any, values: list[Tensor]) -> Tensor | None:
    x = _one(rng, values)
    count = int(np.prod(x.shape, dtype=int))
    shapes = [(-1,), (1, -1), (-1, 1)]
    shapes += [(k, -1) for k in (2, 3) if count and count % k == 0]
    return snp.reshape(x, shapes[rng.integers(len(shapes))]) if count else None


def _moved(rng: Any, values: list[Tensor]) -> Tensor:
    x = _one(rng, values)
    return snp.transpose(x, tuple(int(k) for k in rng.permutation(len(x.shape))))


UNARY = (
    snp.exp, snp.tanh, snp.abs, nn.sigmoid, nn.relu, snp.negative, lambda x: 2 * x + 1,
    lambda x: x * x, lambda x: snp.where(x > 0, x, 0), lambda x: snp.maximum(x, 1),
    lambda x: snp.exp(0 * x), lambda x: snp.arctan(x) + 0 * x, lambda x: x / snp.abs(x),
)  # fmt: skip
BINARY = (
    snp.add, snp.subtract, snp.multiply, snp.maximum, snp.minimum, snp.greater, snp.less_equal,
    snp.divide,
)  # fmt: skip
REDUCED = (snp.sum, snp.max, snp.min, snp.prod, snp.mean, nn.softmax, nn.logsumexp)


def _unary(rng: Any, values: list[Tensor]) -> Tensor:
    return UNARY[rng.integers(len(UNARY))](_one(rng, values))


def _binary(rng: Any, values: list[Tensor]) -> Tensor | None:
    x = _one(rng, values)
    like = [v for v in values if v.shape == x.shape and v.dtype != "bool"]
    return BINARY[rng.integers(len(BINARY))](x, like[rng.integers(len(like))])


def _chosen(rng: Any, values: list[Tensor]) -> Tensor | None:
    conditions = [v for v in values if v.dtype == "bool"]
    if not conditions:
        return None
    c = conditions[rng.integers(len(conditions))]
    like = [v for v in values if v.shape == c.shape and v.dtype != "bool"]
    if not like:
        return None
    x, y, z, w = (like[k] for k in rng.integers(len(like), size=4))
    one, other = snp.where(c, x, y), snp.where(c, z, w)
    return (one + other, one * other, snp.maximum(one, other), one)[rng.integers(4)]


def _reduced(rng: Any, values: list[Tensor]) -> Tensor | None:
    x = _one(rng, values)
    if not x.shape or 0 in x.shape:
        return None
    axes: Any = int(rng.integers(len(x.shape))) if rng.integers(2) else None
    return REDUCED[rng.integers(len(REDUCED))](x, axis=axes)


def _repeated(rng: Any, values: list[Tensor]) -> Tensor:
    x = _one(rng, values)
    return snp.broadcast_to(x, (int(rng.integers(1, 3)), *x.shape))


STEPS: tuple[Step, ...] = (
    _slice, _slice, _joined, _joined, _reshaped, _reshaped, _moved, _unary, _unary, _binary,
    _binary, _binary, _chosen, _reduced, _reduced, _repeated,
)  # fmt: skip


def random_graph(seed: int, steps: int) -> Tensor:
    rng = np.random.default_rng(seed)
    values: list[Tensor] = []
    for k in range(4):
        shape = SHAPES[rng.integers(len(SHAPES))]
        values.append(Variable(f"x{k}", shape, "float", frozenset()))
    for _ in range(steps):
        made = STEPS[rng.integers(len(STEPS))](rng, values)
        if made is not None and len(made.shape) < 5:
            values.append(made)
    return values[-1]


@pytest.mark.parametrize("seed", range(300))
def test_values_are_kept(seed: int) -> None:
    graph = random_graph(seed, 9)
    rng = np.random.default_rng(seed)
    values = {v: rng.normal(size=v.shape) for v in graph.walk() if isinstance(v, Variable)}
    with np.errstate(all="ignore"):
        before = evaluate(graph, values)
        for rules in (presets.READABLE, presets.STABLE):
            (after,) = rewrite([graph], rules).results
            assert after.shape == graph.shape
            assert after.dtype == graph.dtype
            result = evaluate(after, values)
            finite = np.isfinite(before)
            assert np.allclose(result[finite], before[finite], rtol=1e-7, atol=1e-9)


def test_reshapes_that_cancel_keep_the_type() -> None:
    x = Variable("x", (6,), "float", frozenset())
    y = snp.reshape(x, (2, 3))
    (one,) = rewrite([y / y], presets.READABLE).results
    assert one.dtype == "float"
