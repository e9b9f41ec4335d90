"""Columns of terms: the entries that many terms take, as one array with the terms along axis 0."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import Constant, Tensor
from symflow.core.apply import apply
from symflow.core.dims import Dim
from symflow.core.einsum import contract
from symflow.lowering.packing_rows import Taken
from symflow.ops.gathering import gather
from symflow.ops.structure import CONCATENATE, take_runs

Spans = tuple[tuple[int, int], ...]


def column(taken: Sequence[Taken], what: Any, dtype: str) -> Tensor | None:
    """What terms take in one place, as an array; None where that cannot be written.

    Args:
        taken: for each term what it takes.
        what: for entries of an array its spans: the size and the step in every axis.
        dtype: of numbers.
    """
    first = taken[0]
    if first.source is not None:
        return _entries(first.source, np.array([each.place for each in taken]), what)
    if isinstance(first.place, Tensor):
        return _stacked([each.place for each in taken])
    numbers = np.array([float(each.place) for each in taken])
    return _constant(numbers, dtype)


def _constant(values: "np.ndarray[Any, Any]", dtype: str) -> Tensor:
    result: Tensor = Constant(values, dtype)
    return result


def _stacked(nodes: Sequence[Tensor]) -> Tensor:
    """Tensors of one shape along a new axis."""
    return apply(CONCATENATE, tuple(_with_first(node) for node in nodes), (0,))


def _with_first(node: Tensor) -> Tensor:
    labels = tuple(range(node.rank))
    sizes: dict[int, Dim] = {**dict(enumerate(node.shape)), node.rank: 1}
    return contract(sp.S.One, (node,), (labels,), (node.rank, *labels), sizes, node.dtype)


def _entries(source: Tensor, starts: "np.ndarray[Any, Any]", spans: Spans) -> Tensor | None:
    """The stretches of an array that begin at some places, one place a row."""
    axes = [axis for axis in range(len(spans)) if (starts[:, axis] != starts[0, axis]).any()]
    runs = [(int(start), *span) for start, span in zip(starts[0], spans, strict=True)]
    if len(axes) == 1 and spans[axes[0]][0] == 1:
        step = _step(starts[:, axes[0]])
        if step:
            return _run(source, runs, axes[0], len(starts), step)
    if axes != list(range(axes[0], axes[0] + len(axes))):
        return None
    if len(axes) > 1 and any(spans[axis][0] != 1 for axis in axes):
        return None
    return _looked_up(source, starts, runs, axes)


def _step(starts: "np.ndarray[Any, Any]") -> int:
    """The difference of neighbours, where it is one; else 0."""
    gaps = np.diff(starts)
    return int(gaps[0]) if len(gaps) and (gaps == gaps[0]).all() else 0


def _run(source: Tensor, runs: list[Any], axis: int, count: int, step: int) -> Tensor:
    wide = list(runs)
    wide[axis] = (runs[axis][0], count, step)
    return _turned(take_runs(source, tuple(wide)), axis, 1)


def _turned(x: Tensor, axis: int, narrow: int) -> Tensor:
    """An axis moved to the front, axes of size 1 in its place."""
    rank = x.rank
    inner = [*range(axis), *range(rank, rank + narrow), *range(axis + 1, rank)]
    sizes: dict[int, Dim] = dict(enumerate(x.shape))
    sizes.update(dict.fromkeys(range(rank, rank + narrow), 1))
    return contract(sp.S.One, (x,), (tuple(range(rank)),), (axis, *inner), sizes, x.dtype)


def _looked_up(
    source: Tensor, starts: "np.ndarray[Any, Any]", runs: list[Any], axes: list[int]
) -> Tensor:
    """Entries at any places, by a table of these."""
    rest = list(runs)
    for axis in axes:
        rest[axis] = (0, source.shape[axis], 1)
    x = take_runs(source, tuple(rest))
    first = axes[0]
    size, step = runs[first][1:]
    if len(axes) == 1 and size != 1:
        places = starts[:, [first]] + step * np.arange(size)
        found = gather(x, [Constant(places, "int")], first)
        labels = tuple(range(found.rank))
        output = (first, *(label for label in labels if label != first))
        sizes = dict(enumerate(found.shape))
        return contract(sp.S.One, (found,), (labels,), output, sizes, found.dtype)
    indices = [Constant(starts[:, axis], "int") for axis in axes]
    return _turned(gather(x, indices, first), first, len(axes))
