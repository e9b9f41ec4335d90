"""Slices, placements, concatenations and ranges."""

from collections.abc import Sequence
from typing import Any

import sympy as sp

from symflow.core import Apply
from symflow.core.dims import Dim, Shape, is_one, same, simplify_dim
from symflow.lowering.forms import Form, arranged, plain, thin, unscaled, whole
from symflow.lowering.operations import Lowerer, laid
from symflow.lowering.scalars import integer
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Attribute, Call, Index, Method, Name, Slice, Tree
from symflow.notation.tree import Sequence as TupleTree

Run = tuple[Dim, Dim, int]
_WHOLE = Slice()


def taken(plan: Lowerer, node: Apply) -> Form:
    """Runs of positions out of every axis; broadcast axes only change their size."""
    builder = plan.builder
    form = unscaled(builder, plain(builder, plan.form(node.operands[0])))
    runs: tuple[Run, ...] = node.params[0]
    assert form.value is not None
    held_runs = [None if slot is None else runs[slot] for slot in form.held]
    forward = [run if run is None else _forward(run) for run in held_runs]
    value = _indexed(
        builder,
        form.value,
        [
            _WHOLE if run is None else index_key(builder, run, size)
            for run, size in zip(forward, form.value.shape, strict=True)
        ],
        [1 if run is None else run[1] for run in forward],
    )
    slots = [
        slot
        for slot, run in zip(form.held, forward, strict=True)
        if run is None or not is_one(run[1])
    ]
    backward = [
        run is not None and run[2] < 0 for run in held_runs if run is None or not is_one(run[1])
    ]
    return thin(_flipped(builder, value, backward), slots, node.shape)


def _indexed(builder: Builder, value: Value, keys: Sequence[Tree], sizes: Sequence[Dim]) -> Value:
    """``value[keys]``, axes that are indexed by one position left out."""
    given = list(keys)
    shape = tuple(size for size, key in zip(sizes, keys, strict=True) if isinstance(key, Slice))
    while given and given[-1] is _WHOLE:
        given.pop()
    if not given:
        return value
    written = tuple(given)
    return builder.make(lambda x: Index(x, written), (value,), shape, value.dtype)


def _forward(run: Run) -> Run:
    """A run backwards as the run forwards through the same positions."""
    start, count, step = run
    if step > 0:
        return run
    if isinstance(count, int) and count == 0:
        return 0, 0, 1
    return simplify_dim(start + (sp.sympify(count) - 1) * step), count, -step


def _flipped(builder: Builder, value: Value, backward: Sequence[bool]) -> Value:
    """The value with the order along some axes reversed."""
    if not any(backward):
        return value
    reverse = Slice(None, None, integer(-1))
    keys = [reverse if flip else _WHOLE for flip in backward]
    return _indexed(builder, value, keys, value.shape)


def index_key(builder: Builder, run: Run, size: Dim) -> Tree:
    """A forward run of positions of an axis: an integer for one position, else a slice."""
    start, count, step = run
    if is_one(count):
        return _position(builder, start, size)
    if step == 1 and _is_zero(start) and same(count, size):
        return _WHOLE
    stop = simplify_dim(sp.sympify(start) + sp.sympify(count) * step)
    first = None if _is_zero(start) else _position(builder, start, size)
    every = simplify_dim(sp.ceiling((sp.sympify(size) - start) / step))
    last = None if same(count, every) else _position(builder, stop, size)
    return Slice(first, last, None if step == 1 else integer(step))


def _is_zero(size: Dim) -> bool:
    return isinstance(size, int) and size == 0


def _position(builder: Builder, place: Dim, size: Dim) -> Tree:
    """A position, counted from the end where that needs no size."""
    behind = simplify_dim(sp.sympify(place) - size)
    if not isinstance(place, int) and isinstance(behind, int) and behind < 0:
        return integer(behind)
    return builder.scalars.size(place)


def placed(plan: Lowerer, node: Apply) -> Form:
    """Zeros with a tensor at runs of positions."""
    builder = plan.builder
    runs, shape = node.params
    form = plan.form(node.operands[0])
    needed = [
        axis
        for axis, (run, size) in enumerate(zip(runs, shape, strict=True))
        if not (run[2] == 1 and _is_zero(run[0]) and same(run[1], size))
    ]
    value, held = laid(builder, form, needed)
    order = [axis for axis in range(len(shape)) if axis in held]
    value = arranged(builder, value, held, order)
    sizes = tuple(shape[axis] for axis in order)
    value = _flipped(builder, value, [runs[axis][2] < 0 for axis in order])
    value = _in_zeros(builder, value, [_forward(runs[axis]) for axis in order], sizes)
    return thin(value, order, node.shape)


def _in_zeros(builder: Builder, value: Value, runs: Sequence[Run], shape: Shape) -> Value:
    if all(run[2] == 1 for run in runs):
        return _padded(builder, value, runs, shape)
    keys = tuple(_slice_key(builder, run, size) for run, size in zip(runs, shape, strict=True))
    zeros = builder.full(sp.S.Zero, shape, value.dtype)
    if builder.backend == "jax":
        return builder.make(
            lambda z, x: Method(Index(Attribute(z, "at"), keys), "set", (x,)),
            (zeros, value),
            shape,
            value.dtype,
        )
    index = Index(Name("np.s_"), keys)
    return builder.make(
        lambda z, x: Call("placed", (z, index, x)), (zeros, value), shape, value.dtype
    )


def slice_keys(
    builder: Builder, runs: Sequence[Run], shape: Shape, value: Value
) -> tuple[tuple[Tree, ...], Value]:
    """Slices that keep every axis, and a value in the order of their positions."""
    value = _flipped(builder, value, [run[2] < 0 for run in runs])
    forward = [_forward(run) for run in runs]
    keys = [_slice_key(builder, run, size) for run, size in zip(forward, shape, strict=True)]
    return tuple(keys), value


def _slice_key(builder: Builder, run: Run, size: Dim) -> Tree:
    """The index of a run that keeps its axis even where it has one position."""
    start, count, _ = run
    if is_one(count):
        stop = simplify_dim(sp.sympify(start) + 1)
        return Slice(builder.scalars.size(start), builder.scalars.size(stop))
    return index_key(builder, run, size)


def _padded(builder: Builder, value: Value, runs: Sequence[Run], shape: Shape) -> Value:
    pairs = []
    for (start, count, _), size in zip(runs, shape, strict=True):
        behind = simplify_dim(sp.sympify(size) - start - count)
        pairs.append(TupleTree((builder.scalars.size(start), builder.scalars.size(behind))))
    widths = TupleTree(tuple(pairs)) if len(pairs) > 1 else pairs[0]
    name = f"{builder.xp}.pad"
    return builder.make(lambda x: Call(name, (x, widths)), (value,), shape, value.dtype)


def joined(plan: Lowerer, node: Apply) -> Form:
    """Tensors one after the other along an axis; of size 1 each, they are stacked."""
    builder, dtype = plan.builder, plan.dtype(node)
    (axis,) = node.params
    forms = [plain(builder, plan.form(operand)) for operand in node.operands]
    rest = {slot for form in forms for slot in form.held if slot is not None and slot != axis}
    singles = all(is_one(form.shape[axis]) and axis not in form.held for form in forms)
    order = sorted(rest) if singles else sorted({*rest, axis})
    parts = []
    for form in forms:
        value, held = laid(builder, form, order)
        parts.append(builder.cast(arranged(builder, value, held, order), dtype))
    slots = sorted({*rest, axis})
    place = slots.index(axis)
    shape = tuple(node.shape[slot] for slot in slots)
    name = f"{builder.xp}.{'stack' if singles else 'concatenate'}"
    keywords: tuple[tuple[str, Any], ...] = (("axis", integer(place)),) if place else ()

    def write(*trees: Tree) -> Tree:
        return Call(name, (TupleTree(trees, "["),), keywords)

    return thin(builder.make(write, parts, shape, dtype), slots, node.shape)


def arange(plan: Lowerer, node: Apply) -> Form:
    """The integers from 0."""
    builder, dtype = plan.builder, plan.dtype(node)
    size, kind = builder.scalars.size(node.params[0]), builder.dtype_tree(dtype)
    name = f"{builder.xp}.arange"
    return whole(
        builder.make(lambda: Call(name, (size,), (("dtype", kind),)), (), node.shape, dtype)
    )
