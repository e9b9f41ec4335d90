"""Joined tensors: slices of them, neighbours joined again, reductions part by part."""

from collections.abc import Sequence

import sympy as sp

from rewrites.constants import number_of
from symflow.core import Apply, Einsum, Tensor, add_terms, apply, constant, contract
from symflow.core.dims import Dim, is_one, same, simplify_dim
from symflow.ops.arithmetic import multiply
from symflow.ops.choice import LOGICAL_AND, LOGICAL_OR, MAXIMUM, MINIMUM
from symflow.ops.reduction import ALL, ANY, MAX, MIN, PROD
from symflow.ops.repeating import tile
from symflow.ops.structure import CONCATENATE, SLICE, Run, take_runs
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory, law

_MOST_PARTS = 8


def slice_of_joined(node: Apply) -> Tensor | None:
    """A slice of tensors joined along an axis joins slices of those that it meets."""
    (operand,), (runs,) = node.operands, node.params
    if not isinstance(operand, Apply) or operand.operation is not CONCATENATE:
        return None
    axis = operand.params[0]
    found = _within_one(operand, runs[axis]) or _across(operand, runs[axis])
    if found is None:
        return None
    parts = tuple(take_runs(part, (*runs[:axis], run, *runs[axis + 1 :])) for part, run in found)
    return apply(CONCATENATE, parts, operand.params)


def _within_one(joined: Apply, run: Run) -> list[tuple[Tensor, Run]] | None:
    axis = joined.params[0]
    start, size, step = run
    offset: Dim = 0
    for part in joined.operands:
        length = part.shape[axis]
        own = simplify_dim(sp.sympify(start) - offset)
        if _lies_within(own, size, step, length):
            return [(part, (own, size, step))]
        offset = simplify_dim(sp.sympify(offset) + length)
    return None


def _lies_within(start: Dim, size: Dim, step: int, length: Dim) -> bool:
    if start == 0 and step == 1 and same(size, length):
        return True
    if not all(isinstance(value, int) for value in (start, size, length)):
        return False
    positions = _positions((start, size, step))
    return len(positions) > 0 and min(positions) >= 0 and max(positions) < int(length)


def _positions(run: Run) -> range:
    start, size, step = (int(value) for value in run)
    return range(start, start + size * step, step)


def _across(joined: Apply, run: Run) -> list[tuple[Tensor, Run]] | None:
    """The parts that a run of whole numbers meets, each with its own run."""
    axis = joined.params[0]
    lengths = [part.shape[axis] for part in joined.operands]
    if not all(isinstance(value, int) for value in (*run, *lengths)) or run[1] == 0:
        return None
    if run[2] == 1 and run[0] == 0 and run[1] == sum(lengths):
        return None
    found: list[tuple[Tensor, Run]] = []
    ends = [sum(lengths[: k + 1]) for k in range(len(lengths))]
    for position in _positions(run):
        k = next(k for k, end in enumerate(ends) if position < end)
        part = joined.operands[k]
        if found and found[-1][0] is part and _continues(found[-1][1], position, ends, k):
            start, count, step = found[-1][1]
            found[-1] = (part, (start, count + 1, step))
        else:
            found.append((part, (position - ends[k] + lengths[k], 1, run[2])))
    return found


def _continues(run: Run, position: int, ends: Sequence[int], k: int) -> bool:
    start = position - (ends[k - 1] if k else 0)
    return bool(run[0] + run[1] * run[2] == start)


def joined_neighbours(node: Apply) -> Tensor | None:
    """Joined tensors joined again, neighbouring slices or equal numbers made one, none empty."""
    axis = node.params[0]
    given = [part for operand in node.operands for part in _opened(operand, axis)]
    given = [part for part in given if part.shape[axis] != 0] or given[:1]
    parts: list[Tensor] = []
    for operand in given:
        joined = _joined(parts[-1], operand, axis) if parts else None
        if joined is None:
            parts.append(operand)
        else:
            parts[-1] = joined
    if len(parts) == len(node.operands):
        return None
    return apply(CONCATENATE, tuple(parts), node.params)


def _opened(part: Tensor, axis: int) -> tuple[Tensor, ...]:
    nested = isinstance(part, Apply) and part.operation is CONCATENATE and part.params[0] == axis
    return part.operands if nested else (part,)


def _joined(first: Tensor, second: Tensor, axis: int) -> Tensor | None:
    if first.dtype != second.dtype:
        return None
    if number_of(first) is not None and number_of(first) == number_of(second):
        length = simplify_dim(sp.sympify(first.shape[axis]) + second.shape[axis])
        shape = (*first.shape[:axis], length, *first.shape[axis + 1 :])
        return constant(number_of(first), shape, first.dtype)
    repeated = _both_repeated(first, second, axis)
    if repeated is not None:
        return repeated
    if not (_is_slice(first) and _is_slice(second)):
        return None
    assert isinstance(first, Apply) and isinstance(second, Apply)  # noqa: PT018
    if first.operands != second.operands:
        return None
    a, b = first.params[0], second.params[0]
    if a[:axis] + a[axis + 1 :] != b[:axis] + b[axis + 1 :] or not (a[axis][2] == b[axis][2] == 1):
        return None
    if not same(simplify_dim(sp.sympify(a[axis][0]) + a[axis][1]), b[axis][0]):
        return None
    run = (a[axis][0], simplify_dim(sp.sympify(a[axis][1]) + b[axis][1]), 1)
    return take_runs(first.operands[0], (*a[:axis], run, *a[axis + 1 :]))


def _both_repeated(first: Tensor, second: Tensor, axis: int) -> Tensor | None:
    """One tensor repeated along an axis, joined with itself repeated there."""
    own, other = _once(first, axis), _once(second, axis)
    if own is None or own is not other:
        return None
    length = simplify_dim(sp.sympify(first.shape[axis]) + second.shape[axis])
    shape = (*first.shape[:axis], length, *first.shape[axis + 1 :])
    return network.with_axes(own, frozenset([axis]), shape)


def _once(part: Tensor, axis: int) -> Tensor | None:
    """A tensor that repeats itself along an axis, without it."""
    if not isinstance(part, Einsum) or axis not in network.broadcast_axes(part):
        return None
    output = (*part.output[:axis], *part.output[axis + 1 :])
    gone = part.output[axis]
    sizes = {label: size for label, size in enumerate(part.sizes) if label != gone}
    return contract(part.coefficient, part.operands, part.subscripts, output, sizes, part.dtype)


def _is_slice(node: Tensor) -> bool:
    return isinstance(node, Apply) and node.operation is SLICE


def repeated_parts(node: Apply) -> Tensor | None:
    """``stack([x, x, x])`` is ``x`` repeated, and ``concatenate([x, x, x]) = tile(x, 3)``."""
    axis = node.params[0]
    first = node.operands[0]
    if len(node.operands) < 2 or any(part is not first for part in node.operands):
        return None
    if not is_one(first.shape[axis]):
        counts = [1] * node.rank
        counts[axis] = len(node.operands)
        return tile(first, counts)
    labels = tuple(range(node.rank))
    inner = network.view(
        first, labels, [k for k in labels if k != axis], dict(enumerate(first.shape))
    )
    return network.with_axes(inner, frozenset([axis]), node.shape)


def _folded(node: Apply, parts: list[Tensor]) -> Tensor:
    if node.operation is PROD:
        return multiply(*parts)
    result = parts[0]
    for part in parts[1:]:
        result = apply(_PAIRWISE[node.operation], (result, part))
    return result


_PAIRWISE = {MAX: MAXIMUM, MIN: MINIMUM, ANY: LOGICAL_OR, ALL: LOGICAL_AND}


def reduction_of_joined(node: Apply) -> Tensor | None:
    """``max(concatenate([x, y])) = maximum(max(x), max(y))``, and its like."""
    (operand,), (axes,) = node.operands, node.params
    if not isinstance(operand, Apply) or operand.operation is not CONCATENATE:
        return None
    if operand.params[0] not in axes or len(operand.operands) > _MOST_PARTS:
        return None
    if not all(_has_entries(part) for part in operand.operands):
        return None
    parts = [apply(node.operation, (part,), node.params) for part in operand.operands]
    return _folded(node, parts)


def _has_entries(part: Tensor) -> bool:
    return all(isinstance(size, int) and size > 0 for size in part.shape)


def sum_of_joined(node: Einsum) -> Tensor | None:
    """``sum(concatenate([x, y])) = sum(x) + sum(y)``."""
    lone = network.lone_labels(node)
    if not lone:
        return None
    parts = network.items(node)
    for place, (operand, labels) in enumerate(parts):
        if not isinstance(operand, Apply) or operand.operation is not CONCATENATE:
            continue
        label = labels[operand.params[0]]
        if label not in lone or len(operand.operands) > _MOST_PARTS:
            continue
        terms = []
        for part in operand.operands:
            fresh = [*parts[:place], (part, labels), *parts[place + 1 :]]
            size = {label: part.shape[operand.params[0]]}
            terms.append((sp.S.One, network.rebuilt(node, fresh, more=size)))
        return add_terms(terms, node.shape, node.dtype)
    return None


joined_tensors = Theory(
    "joined tensors",
    __doc__ or "",
    (
        law("slice-of-joined", slice_of_joined, SLICE),
        law("joined-neighbours", joined_neighbours, CONCATENATE),
        law("repeated-parts", repeated_parts, CONCATENATE),
        law("reduction-of-joined", reduction_of_joined, MAX, MIN, PROD, ANY, ALL),
        Procedure(
            "sum-of-joined",
            sum_of_joined,
            ((Einsum, CONCATENATE),),
            law="sum(concatenate([x, y])) = sum(x) + sum(y)",
        ),
    ),
)
