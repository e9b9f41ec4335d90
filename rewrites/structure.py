"""Index maps: slices of broadcasts, of joined and of placed tensors; slices taken first."""

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply, constant
from symflow.core.dims import Dim, same, simplify_dim
from symflow.core.fusion import is_fuse
from symflow.ops.structure import CONCATENATE, PLACE, SLICE, Run, take_runs
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory, law

Runs = tuple[Run, ...]


def _is_whole(run: Run, size: Dim) -> bool:
    return run[2] == 1 and run[0] == 0 and same(run[1], size)


def _cut_axes(node: Apply) -> list[int]:
    """The axes along which a slice takes less than everything."""
    (operand,), (runs,) = node.operands, node.params
    pairs = enumerate(zip(runs, operand.shape, strict=True))
    return [axis for axis, (run, size) in pairs if not _is_whole(run, size)]


def slice_of_view(node: Apply) -> Tensor | None:
    """A slice of a broadcast or a transpose is a broadcast or a transpose of a slice."""
    (operand,) = node.operands
    if not isinstance(operand, Einsum):
        return None
    if len(operand.operands) > 1 or operand.summed:
        cut = frozenset(_cut_axes(node))
        if not cut <= network.broadcast_axes(operand):
            return None
    return _sliced_product(node, operand)


def slice_of_product(node: Apply) -> Tensor | None:
    """A slice of a product: the factors are sliced first, ``(A @ B)[0] = A[0] @ B``."""
    (operand,) = node.operands
    return _sliced_product(node, operand) if isinstance(operand, Einsum) else None


def _sliced_product(node: Apply, operand: Einsum) -> Tensor | None:
    runs: Runs = node.params[0]
    chosen: dict[int, Run] = {}
    for axis in _cut_axes(node):
        label = operand.output[axis]
        if operand.output.count(label) > 1:
            return None
        chosen[label] = runs[axis]
    parts: list[network.Item] = []
    for part, labels in network.items(operand):
        if chosen.keys().isdisjoint(labels):
            parts.append((part, labels))
            continue
        if is_fuse(part):
            return None
        inner = tuple(
            chosen.get(label, (0, size, 1)) for label, size in zip(labels, part.shape, strict=True)
        )
        parts.append((take_runs(part, inner), labels))
    sizes = {label: run[1] for label, run in chosen.items()}
    return network.rebuilt(operand, parts, more=sizes)


def slice_of_elementwise(node: Apply) -> Tensor | None:
    """A slice of an elementwise function: the operands are sliced first."""
    (operand,), (runs,) = node.operands, node.params
    if isinstance(operand, Add):
        terms = [(c, take_runs(term, runs)) for c, term in operand.terms]
        return add_terms(terms, node.shape, node.dtype)
    if isinstance(operand, Apply) and operand.operation.elementwise:
        inner = tuple(take_runs(x, runs) for x in operand.operands)
        return apply(operand.operation, inner, operand.params)
    return None


def slice_of_placed(node: Apply) -> Tensor | None:
    """What was placed into zeros, taken out again from the same positions."""
    (operand,), (runs,) = node.operands, node.params
    if not isinstance(operand, Apply) or operand.operation is not PLACE:
        return None
    if operand.params[0] == runs:
        return operand.operands[0]
    if any(_are_apart(a, b) for a, b in zip(runs, operand.params[0], strict=True)):
        return constant(sp.S.Zero, node.shape, node.dtype)
    return None


def _are_apart(a: Run, b: Run) -> bool:
    """Whether two runs of whole numbers have no position in common."""
    if not all(isinstance(value, int) for value in (*a, *b)):
        return False
    return set(_positions(a)).isdisjoint(_positions(b))


def _positions(run: Run) -> range:
    start, size, step = (int(value) for value in run)
    return range(start, start + size * step, step)


def slice_of_joined(node: Apply) -> Tensor | None:
    """A slice that lies within one of several tensors joined along an axis."""
    (operand,), (runs,) = node.operands, node.params
    if not isinstance(operand, Apply) or operand.operation is not CONCATENATE:
        return None
    axis = operand.params[0]
    start, size, step = runs[axis]
    offset: Dim = 0
    for part in operand.operands:
        length = part.shape[axis]
        own = simplify_dim(sp.sympify(start) - offset)
        if _lies_within(own, size, step, length):
            inner = (*runs[:axis], (own, size, step), *runs[axis + 1 :])
            return take_runs(part, inner)
        offset = simplify_dim(sp.sympify(offset) + length)
    return None


def _lies_within(start: Dim, size: Dim, step: int, length: Dim) -> bool:
    if start == 0 and step == 1 and same(size, length):
        return True
    if not all(isinstance(value, int) for value in (start, size, length)):
        return False
    positions = _positions((start, size, step))
    return len(positions) > 0 and min(positions) >= 0 and max(positions) < int(length)


def joined_slices(node: Apply) -> Tensor | None:
    """Neighbouring slices of one tensor, joined again."""
    axis = node.params[0]
    parts: list[Tensor] = []
    for operand in node.operands:
        joined = _joined(parts[-1], operand, axis) if parts else None
        if joined is None:
            parts.append(operand)
        else:
            parts[-1] = joined
    if len(parts) == len(node.operands):
        return None
    return apply(CONCATENATE, tuple(parts), node.params)


def _joined(first: Tensor, second: Tensor, axis: int) -> Tensor | None:
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


def _is_slice(node: Tensor) -> bool:
    return isinstance(node, Apply) and node.operation is SLICE


def product_with_placed(node: Einsum) -> Tensor | None:
    """A sum over an axis into which something is placed needs those positions alone."""
    shown = set(node.output)
    parts = network.items(node)
    for place, (operand, labels) in enumerate(parts):
        if not isinstance(operand, Apply) or operand.operation is not PLACE:
            continue
        runs, shape = operand.params
        axes = [
            axis
            for axis, label in enumerate(labels)
            if not _is_whole(runs[axis], shape[axis]) and label not in shown
        ]
        if axes and all(labels.count(labels[axis]) == 1 for axis in axes):
            return _without_place(node, parts, place, axes)
    return None


def _without_place(
    node: Einsum, parts: list[network.Item], place: int, axes: list[int]
) -> Tensor | None:
    operand, labels = parts[place]
    assert isinstance(operand, Apply)
    (inner,), (runs, shape) = operand.operands, operand.params
    chosen = {labels[axis]: runs[axis] for axis in axes}
    left = tuple(
        (0, inner.shape[axis], 1) if axis in axes else run for axis, run in enumerate(runs)
    )
    sizes = tuple(inner.shape[axis] if axis in axes else size for axis, size in enumerate(shape))
    fresh: list[network.Item] = []
    for k, (part, own) in enumerate(parts):
        if k == place:
            fresh.append((apply(PLACE, (inner,), (left, sizes)), own))
        elif chosen.keys().isdisjoint(own):
            fresh.append((part, own))
        elif is_fuse(part):
            return None
        else:
            cut = tuple(
                chosen.get(label, (0, size, 1)) for label, size in zip(own, part.shape, strict=True)
            )
            fresh.append((take_runs(part, cut), own))
    more = {label: run[1] for label, run in chosen.items()}
    return network.rebuilt(node, fresh, more=more)


index_maps = Theory(
    "index maps",
    __doc__ or "",
    (
        law("slice-of-placed", slice_of_placed, SLICE),
        law("slice-of-joined", slice_of_joined, SLICE),
        law("slice-of-view", slice_of_view, SLICE),
        law("joined-slices", joined_slices, CONCATENATE),
        Procedure(
            "product-with-placed",
            product_with_placed,
            ((Einsum, PLACE),),
            law="sum(place(x) * y) = sum(x * y[...])",
        ),
    ),
)
slices_first = Theory(
    "slices first",
    "What is cut away need not be computed.",
    (
        law("slice-of-elementwise", slice_of_elementwise, SLICE, lone=True),
        law("slice-of-product", slice_of_product, SLICE, lone=True),
    ),
)
