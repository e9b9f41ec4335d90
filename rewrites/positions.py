"""Positions that are known: rows of them are slices, pairs of rows are diagonals.

What is read at known positions from what was written at known positions needs no writing.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import sympy as sp

from symflow.core import Add, Apply, Constant, Einsum, Tensor, apply, constant
from symflow.core.add import split
from symflow.core.dims import Dim, same
from symflow.ops import facts
from symflow.ops.creation import IOTA
from symflow.ops.gathering import GATHER, SCATTER, gather
from symflow.ops.structure import CONCATENATE, PLACE, SLICE, Run, concatenate, place, take_runs
from symflow.ops.updates import SCATTER_SET, SLICE_SET
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory, law

_MOST_PARTS = 8


# ------------------------------------------------------------------------------------- rows


def row(index: Tensor, size: Dim) -> Run | None:
    """The run of positions that an index is, all known to lie within an axis of a size."""
    if isinstance(index, Constant):
        found = known_positions(index, size)
        return None if found is None else _even(found)
    start, step, count = _affine(index)
    if count is None or step not in (1, -1, *range(2, 9)):
        return None
    if start == 0 and step == 1 and same(count, size):
        return (0, count, 1)
    run = (start, count, step)
    return run if _within(run, size) else None


def _affine(index: Tensor) -> tuple[int, int, Dim | None]:
    """Start, step and count of ``start + step * arange(count)``; no count for other indices."""
    start = 0
    if isinstance(index, Add) and len(index.operands) == 2:
        (a, first), (b, second) = index.terms
        if _number(first) is None:
            a, first, b, second = b, second, a, first
        number = _number(first)
        if number is None or not (a * number).is_Integer:
            return 0, 0, None
        start, number, core = int(a * number), *split(second)
        number = number * b
    else:
        number, core = split(index)
    if not isinstance(core, Apply) or core.operation is not IOTA or not number.is_Integer:
        return 0, 0, None
    return start, int(number), core.params[0]


def _number(node: Tensor) -> sp.Expr | None:
    if isinstance(node, Einsum) and not node.operands:
        return node.coefficient if len(set(node.output)) == len(node.output) else None
    return None


def _within(run: Run, size: Dim) -> bool:
    start, count, step = run
    if not isinstance(start, int) or start < 0:
        return False
    if not isinstance(count, int) or not isinstance(size, int):
        return step == 1 and same(sp.sympify(start) + count, size)
    return count > 0 and 0 <= start + (count - 1) * step < size and start < size


def known_positions(index: Tensor, size: Dim) -> list[int] | None:
    """The positions that a constant vector tells, counted from the start."""
    if not isinstance(index, Constant) or index.rank != 1 or not isinstance(size, int):
        return None
    return [int(k) + size if k < 0 else int(k) for k in index.array]


def _even(found: Sequence[int]) -> Run | None:
    if not found:
        return None
    steps = {b - a for a, b in pairwise(found)} or {1}
    return (found[0], len(found), steps.pop()) if len(steps) == 1 and 0 not in steps else None


def _whole(shape: Sequence[Dim]) -> list[Run]:
    return [(0, size, 1) for size in shape]


def positions_in_a_row(node: Apply) -> Tensor | None:
    """``x[arange(n) + 1] = x[1:n + 1]``, ``x[[0, 1, 2]] = x[:3]``; so where something is added."""
    first = 1 if node.operation is not SCATTER_SET else 2
    indices, start = node.operands[first:], node.params[0]
    shape = node.shape if node.operation is not GATHER else node.operands[0].shape
    rows = [row(index, shape[start + k]) for k, index in enumerate(indices)]
    if any(run is None for run in rows):
        return None
    runs = _whole(shape)
    runs[start : start + len(rows)] = [run for run in rows if run is not None]
    if len(rows) == 2:
        return _along_diagonal(node, tuple(runs), start)
    return _in_runs(node, tuple(runs)) if len(rows) == 1 else None


def _in_runs(node: Apply, runs: tuple[Run, ...]) -> Tensor:
    if node.operation is GATHER:
        return take_runs(node.operands[0], runs)
    if node.operation is SCATTER:
        return place(node.operands[0], runs, node.shape)
    return apply(SLICE_SET, node.operands[:2], (runs,))


def _along_diagonal(node: Apply, runs: tuple[Run, ...], start: int) -> Tensor | None:
    """``x[arange(n), arange(n) + 1]`` is a diagonal, and what is added there stands on one."""
    if node.operation is SCATTER_SET:
        return None
    labels = tuple(range(node.operands[0].rank + (node.operation is SCATTER)))
    twice = (*labels[: start + 1], start, *labels[start + 2 :])
    once = tuple(dict.fromkeys(twice))
    if node.operation is GATHER:
        cut = take_runs(node.operands[0], runs)
        return network.view(cut, twice, once, dict(zip(twice, cut.shape, strict=True)))
    values = node.operands[0]
    sizes = dict(zip(once, values.shape, strict=True))
    return place(network.view(values, once, twice, sizes), runs, node.shape)


# -------------------------------------------------------------------------------- diagonals


def diagonal_of_written(node: Einsum) -> Tensor | None:
    """``diagonal(A.at[arange(n), arange(n)].set(v)) = v``; written beside, it is that of ``A``."""
    parts = network.items(node)
    for place_, (operand, labels) in enumerate(parts):
        if not isinstance(operand, Apply) or operand.operation is not SCATTER_SET:
            continue
        (start,), indices = operand.params, operand.operands[2:]
        if len(indices) != 2 or labels[start] != labels[start + 1]:
            continue
        rows = [row(index, operand.shape[start + k]) for k, index in enumerate(indices)]
        fresh = _on_diagonal(operand, labels, start, rows)
        if fresh is not None:
            return network.rebuilt(node, [*parts[:place_], fresh, *parts[place_ + 1 :]])
    return None


def _on_diagonal(
    written: Apply, labels: tuple[int, ...], start: int, rows: list[Run | None]
) -> network.Item | None:
    first, second = rows
    if first is None or second is None or first[2] != second[2]:
        return None
    if first[0] != second[0]:
        return written.operands[0], labels
    whole = all(_all(run, written.shape[start + k]) for k, run in enumerate((first, second)))
    return (written.operands[1], (*labels[:start], *labels[start + 1 :])) if whole else None


def _all(run: Run, size: Dim) -> bool:
    return run[0] == 0 and run[2] == 1 and same(run[1], size)


def off_the_diagonal(node: Einsum) -> Tensor | None:
    """``diagonal(D[1:, :-1]) = 0`` for diagonal ``D``, and so where it is placed in zeros."""
    for operand, labels in network.items(node):
        if not isinstance(operand, Apply) or operand.operation not in (SLICE, PLACE):
            continue
        if operand.rank < 2 or labels[-1] != labels[-2]:
            continue
        rows, columns = operand.params[0][-2:]
        apart = rows[2] == columns[2] == 1 and (sp.sympify(rows[0]) - columns[0]).is_nonzero
        if apart and facts.has(operand.operands[0], "diagonal"):
            return constant(sp.S.Zero, node.shape, node.dtype)
    return None


# ------------------------------------------------------------------- read where was written


def _read(node: Apply, axis: int) -> tuple[list[int], list[Run]] | None:
    """The known positions that are read along an axis, and the runs along the others."""
    indices, shape = node.operands[1:], node.operands[0].shape
    if node.operation is SLICE:
        runs = list(node.params[0])
        start, count, step = runs[axis]
        if not isinstance(start, int) or not isinstance(count, int):
            return None
        runs[axis] = (0, shape[axis], 1)
        return list(range(start, start + count * step, step)), runs
    if len(indices) != 1 or node.params[0] != axis:
        return None
    found = known_positions(indices[0], shape[axis])
    return None if found is None else (found, _whole(shape))


def _looked_up(x: Tensor, found: Sequence[int], runs: Sequence[Run], axis: int) -> Tensor:
    """Known positions along an axis, runs along the others."""
    cut = [run if k != axis else (0, x.shape[axis], 1) for k, run in enumerate(runs)]
    even = _even(found)
    if even is not None:
        return take_runs(x, (*cut[:axis], even, *cut[axis + 1 :]))
    return gather(take_runs(x, tuple(cut)), [Constant(np.array(found, dtype=np.int64))], axis)


def known_read_of_written(node: Apply) -> Tensor | None:
    """``x.at[[4, 0]].set(v)[[0, 4]] = v[[1, 0]]``, ``x.at[[4, 0]].set(v)[[1]] = x[[1]]``."""
    written = node.operands[0]
    if not isinstance(written, Apply) or written.operation is not SCATTER_SET:
        return None
    (x, values, *indices), (axis,) = written.operands, written.params
    at = known_positions(indices[0], x.shape[axis]) if len(indices) == 1 else None
    read = _read(node, axis)
    if at is None or read is None or len(set(at)) < len(at):
        return None
    found, runs = read
    if set(found).isdisjoint(at):
        return apply(node.operation, (x, *node.operands[1:]), node.params)
    if not set(found) <= set(at):
        return None
    return _looked_up(values, [at.index(k) for k in found], runs, axis)


def known_read_of_lookup(node: Apply) -> Tensor | None:
    """``x[[5, 3, 1]][[2, 0]] = x[[1, 5]]``, and so for a slice of what was looked up."""
    inner = node.operands[0]
    if not isinstance(inner, Apply) or inner.operation is not GATHER or len(inner.operands) > 2:
        return None
    (axis,) = inner.params
    at = known_positions(inner.operands[1], inner.operands[0].shape[axis])
    read = _read(node, axis)
    if at is None or read is None:
        return None
    found, runs = read
    if node.operation is SLICE and found == list(range(len(at))):
        return None
    return _looked_up(inner.operands[0], [at[k] for k in found], runs, axis)


def known_read_of_joined(node: Apply) -> Tensor | None:
    """``stack([x, y, z])[[2, 0]] = stack([z, x])``."""
    joined, *indices = node.operands
    if not isinstance(joined, Apply) or joined.operation is not CONCATENATE or len(indices) > 1:
        return None
    (axis,) = joined.params
    found = known_positions(indices[0], joined.shape[axis]) if node.params[0] == axis else None
    if not found or len(found) > _MOST_PARTS:
        return None
    runs = _whole(joined.shape)
    cuts = [take_runs(joined, (*runs[:axis], (k, 1, 1), *runs[axis + 1 :])) for k in found]
    return concatenate(cuts, axis)


known_places = Theory(
    "known places",
    __doc__ or "",
    (
        law("positions-in-a-row", positions_in_a_row, GATHER, SCATTER, SCATTER_SET),
        law("known-read-of-written", known_read_of_written, GATHER, SLICE),
        law("known-read-of-lookup", known_read_of_lookup, GATHER, SLICE),
        law("known-read-of-joined", known_read_of_joined, GATHER),
        Procedure(
            "diagonal-of-written",
            diagonal_of_written,
            ((Einsum, SCATTER_SET),),
            law="diagonal(A.at[arange(n), arange(n)].set(v)) = v",
        ),
        Procedure(
            "off-the-diagonal",
            off_the_diagonal,
            ((Einsum, SLICE), (Einsum, PLACE)),
            law="diagonal(D[1:, :-1]) = 0 for diagonal D",
        ),
    ),
)
