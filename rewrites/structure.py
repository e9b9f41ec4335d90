"""Index maps: slices of broadcasts and of placed tensors; slices taken first."""

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply, constant
from symflow.core.dims import Dim, same
from symflow.core.fusion import is_fuse
from symflow.ops.composite import LOG_SOFTMAX, LOGSUMEXP, NORM, SOFTMAX
from symflow.ops.creation import IOTA
from symflow.ops.reduction import ALL, ANY, MAX, MIN, PROD
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


def transpose_of_broadcasts(node: Einsum) -> Tensor | None:
    """``(x[:, None] + y).T = x + y[:, None]``: a sum of repeated vectors is turned term by term."""
    order = network.permutation(node)
    (operand,) = node.operands if order is not None else (node,)
    if order is None or not isinstance(operand, Add):
        return None
    if any(len(network.broadcast_axes(term)) < term.rank - 1 for term in operand.operands):
        return None
    terms = [(node.coefficient * c, network.transposed(x, order)) for c, x in operand.terms]
    return add_terms(terms, node.shape, node.dtype)


def slice_of_product(node: Apply) -> Tensor | None:
    """A slice of a product: the factors are sliced first, ``(A @ B)[0] = A[0] @ B``."""
    (operand,) = node.operands
    return _sliced_product(node, operand) if isinstance(operand, Einsum) else None


def _sliced_product(node: Apply, operand: Einsum) -> Tensor | None:
    runs: Runs = node.params[0]
    chosen: dict[int, Run] = {}
    for axis in _cut_axes(node):
        label = operand.output[axis]
        beside = [k for k, other in enumerate(operand.output) if other == label and k != axis]
        if any(_are_apart(runs[axis], runs[k]) for k in beside):  # off the diagonal
            return constant(sp.S.Zero, node.shape, node.dtype)
        if any(runs[k] != runs[axis] for k in beside):
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


def slice_along_other_axes(node: Apply) -> Tensor | None:
    """A slice across functions along other axes, and across joined tensors, is taken first."""
    (operand,) = node.operands
    if not isinstance(operand, Apply) or operand.operation not in (*_ALONG, *_OVER, CONCATENATE):
        return None
    axes = (operand.params[0],) if operand.operation is CONCATENATE else operand.params[0]
    runs: list[Run] = list(node.params[0])
    if operand.operation in _OVER:
        for axis in axes:
            runs.insert(axis, (0, operand.operands[0].shape[axis], 1))
    elif not set(axes).isdisjoint(_cut_axes(node)):
        return None
    if operand.operation is not CONCATENATE:
        return apply(operand.operation, (take_runs(operand.operands[0], tuple(runs)),), (axes,))
    (axis,) = axes
    whole = [(0, part.shape[axis], 1) for part in operand.operands]
    parts = (
        take_runs(part, (*runs[:axis], run, *runs[axis + 1 :]))
        for part, run in zip(operand.operands, whole, strict=True)
    )
    return apply(CONCATENATE, tuple(parts), operand.params)


_ALONG = (SOFTMAX, LOG_SOFTMAX)
_OVER = (MAX, MIN, PROD, ANY, ALL, NORM, LOGSUMEXP)


def slice_of_count(node: Apply) -> Tensor | None:
    """``arange(n)[k] = k`` and ``arange(n)[a:b] = a + arange(b - a)``."""
    (operand,), (((start, size, step),)) = node.operands, node.params[0]
    if not isinstance(operand, Apply) or operand.operation is not IOTA:
        return None
    first = constant(sp.sympify(start), node.shape, node.dtype)
    if size == 1:
        return first
    count = apply(IOTA, (), (size,))
    terms = [(sp.Integer(step), count), (sp.S.One, first)]
    return add_terms(terms, node.shape, node.dtype) if count.dtype == node.dtype else None


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


def product_with_cut_identity(node: Einsum) -> Tensor | None:
    """``A @ eye(n)[:, a:b] = A[:, a:b]``: a sum against a slice of an identity is a slice."""
    uses = network.label_uses(node)
    parts = network.items(node)
    for place, (operand, labels) in enumerate(parts):
        if not _is_cut_identity(operand):
            continue
        assert isinstance(operand, Apply)
        runs: Runs = operand.params[0]
        for whole, cut in ((0, 1), (1, 0)):
            label = labels[whole]
            other = [k for k, item in enumerate(parts) if k != place and label in item[1]]
            lone = uses[label] == 2 and label not in node.output and len(other) == 1
            size = operand.operands[0].shape[whole]
            if lone and _is_whole(runs[whole], size) and not is_fuse(parts[other[0]][0]):
                return _selected(node, parts, (place, other[0]), (label, labels[cut], runs[cut]))
    return None


def _is_cut_identity(node: Tensor) -> bool:
    if not isinstance(node, Apply) or node.operation is not SLICE or node.rank != 2:
        return False
    (inner,) = node.operands
    return isinstance(inner, Einsum) and not inner.operands and inner.output == (0, 0)


def _selected(
    node: Einsum, parts: list[network.Item], places: tuple[int, int], taken: tuple[int, int, Run]
) -> Tensor:
    """The product without the slice of an identity, what it selects from sliced instead."""
    at, other = places
    label, cut, run = taken
    operand, labels = parts[other]
    identity = parts[at][0].operands[0]
    assert isinstance(identity, Einsum)
    runs = tuple(
        run if t == label else (0, size, 1) for t, size in zip(labels, operand.shape, strict=True)
    )
    fresh = [item for k, item in enumerate(parts) if k not in places]
    fresh.append((take_runs(operand, runs), tuple(cut if t == label else t for t in labels)))
    return network.rebuilt(node, fresh, node.coefficient * identity.coefficient, gone=[label])


index_maps = Theory(
    "index maps",
    __doc__ or "",
    (
        law("slice-of-placed", slice_of_placed, SLICE),
        law("slice-of-view", slice_of_view, SLICE),
        Procedure(
            "transpose-of-broadcasts",
            transpose_of_broadcasts,
            ((Einsum, Add),),
            law="(x[:, None] + y).T = x + y[:, None]",
        ),
        Procedure(
            "slice-of-count",
            slice_of_count,
            ((SLICE, IOTA),),
            law="arange(n)[k] = k, arange(n)[a:b] = a + arange(b - a)",
        ),
        Procedure(
            "product-with-cut-identity",
            product_with_cut_identity,
            ((Einsum, SLICE),),
            law="A @ eye(n)[:, a:b] = A[:, a:b]",
        ),
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
        law("slice-along-other-axes", slice_along_other_axes, SLICE, lone=True),
    ),
)
