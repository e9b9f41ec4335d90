"""How a node of the graph is held in a program: a value, seen through axes, times a number.

Transposes, broadcasts, diagonal matrices and coefficients stay views of a value until an
operation needs the entries laid out, so that a broadcast that is reduced again is never made.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from symflow.core.dims import Dim, Shape, is_one
from symflow.lowering.scalars import integer
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Attribute, Binary, Call, Index, Name, Slice, Tree
from symflow.notation.tree import Sequence as TupleTree

Slot = int | None
_WHOLE = Slice()
_NEW = Name("None")


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """``node[i...] = coefficient * value[i at the held slots]``, zero off the diagonals.

    Attributes:
        value: the array; None where every entry is the coefficient.
        held: for each axis of the value the slot that it runs over; None for an axis of size 1
            that the node does not have.
        output: for each axis of the node its slot; a slot that stands twice is a diagonal, one
            that the value does not hold a broadcast.
        shape: the sizes of the node.
        dtype: the concrete data type.
        coefficient: a number or an expression of dimensions.
    """

    value: Value | None
    held: tuple[Slot, ...]
    output: tuple[int, ...]
    shape: Shape
    dtype: str
    coefficient: sp.Expr = sp.S.One

    @property
    def sizes(self) -> dict[int, Dim]:
        """The size of each slot."""
        return dict(zip(self.output, self.shape, strict=True))

    @property
    def is_literal(self) -> bool:
        """Whether all entries are the coefficient."""
        return self.value is None and not self.has_diagonal

    @property
    def has_diagonal(self) -> bool:
        """Whether the node is zero off some diagonal."""
        return len(set(self.output)) < len(self.output)


def whole(value: Value) -> Form:
    """The form of a node that is exactly a value."""
    slots = tuple(range(value.rank))
    return Form(value, slots, slots, value.shape, value.dtype)


def thin(value: Value, held: Sequence[Slot], shape: Shape) -> Form:
    """A node without diagonals of which the value holds some axes (by number)."""
    return Form(value, tuple(held), tuple(range(len(shape))), shape, value.dtype)


def plain(builder: Builder, form: Form) -> Form:
    """The same node without diagonal and with axes numbered in order; the coefficient stays."""
    slots = tuple(range(len(form.output)))
    if form.output == slots:
        return form
    if form.has_diagonal:
        return _expanded(builder, form)
    names = {slot: axis for axis, slot in enumerate(form.output)}
    held = tuple(None if slot is None else names[slot] for slot in form.held)
    return Form(form.value, held, slots, form.shape, form.dtype, form.coefficient)


def unscaled(builder: Builder, form: Form) -> Form:
    """The same node with its coefficient multiplied into the value."""
    if form.coefficient == 1 and form.value is not None:
        return form
    if form.value is None:
        value = builder.full(form.coefficient, (), form.dtype)
    else:
        value = builder.scaled(form.value, form.coefficient)
    return Form(value, form.held, form.output, form.shape, form.dtype)


def arranged(builder: Builder, value: Value, held: Sequence[Slot], order: Sequence[Slot]) -> Value:
    """The value with its axes in the order of the slots, so that NumPy broadcasts it to them.

    Slots that the value does not hold become axes of size 1; leading ones are left out.
    """
    target = [slot if slot is not None and slot in held else None for slot in order]
    have = list(held)
    if len(have) <= len(target) and (not have or target[-len(have) :] == have):
        return value
    first = next((k for k, slot in enumerate(target) if slot is not None), len(target))
    return _moved(builder, value, have, target[first:])


def _moved(builder: Builder, value: Value, have: list[Slot], target: Sequence[Slot]) -> Value:
    """The value with exactly the axes of ``target``: a slot, or None for a new axis of size 1."""
    order = [slot for slot in target if slot is not None]
    kept = [slot for slot in have if slot is not None]
    if kept != order:
        if len(kept) < len(have):
            value = dropped(builder, value, have)
        value = transposed(builder, value, [kept.index(slot) for slot in order])
        have = list(order)
    if list(target) == have:
        return value
    keys: list[Tree] = []
    shape: list[Dim] = []
    axes = iter(enumerate(have))
    for slot in target:
        if slot is None:
            keys.append(_NEW)
            shape.append(1)
            continue
        for axis, present in axes:
            keys.append(integer(0) if present is None else _WHOLE)
            if present is not None:
                shape.append(value.shape[axis])
                break
    keys.extend(integer(0) for _ in axes)
    return _indexed(builder, value, keys, tuple(shape))


def _indexed(builder: Builder, value: Value, keys: list[Tree], shape: Shape) -> Value:
    while keys and keys[-1] is _WHOLE:
        keys.pop()
    if not keys:
        return value
    taken = tuple(keys)
    return builder.make(lambda x: Index(x, taken), (value,), shape, value.dtype)


def dropped(builder: Builder, value: Value, held: Sequence[Slot]) -> Value:
    """The value without its axes of size 1 that are no slot."""
    keys: list[Tree] = [integer(0) if slot is None else _WHOLE for slot in held]
    kept = zip(value.shape, held, strict=True)
    return _indexed(builder, value, keys, tuple(size for size, slot in kept if slot is not None))


def transposed(builder: Builder, value: Value, order: Sequence[int]) -> Value:
    """The value with its axes in another order."""
    axes = tuple(order)
    if axes == tuple(range(value.rank)) or (axes == (1, 0) and value in builder.symmetric):
        return value
    shape = tuple(value.shape[axis] for axis in axes)
    if axes == tuple(reversed(range(value.rank))):
        return builder.make(lambda x: Attribute(x, "T"), (value,), shape, value.dtype)
    swapped = (*range(value.rank - 2), value.rank - 1, value.rank - 2)
    if axes == swapped:
        return builder.make(lambda x: Attribute(x, "mT"), (value,), shape, value.dtype)
    places = TupleTree(tuple(integer(axis) for axis in axes))
    name = f"{builder.xp}.transpose"
    return builder.make(lambda x: Call(name, (x, places)), (value,), shape, value.dtype)


def dense(builder: Builder, form: Form, spread: Sequence[int] | None = None) -> Value:
    """The entries of a node, laid out.

    Args:
        builder: makes the values.
        form: the node.
        spread: axes that must have their full size; others may be left at size 1 (default: all).
    """
    if form.is_literal:
        return _spread(builder, form, spread)
    form = unscaled(builder, plain(builder, form))
    assert form.value is not None
    value = _moved_exactly(builder, form)
    wanted = range(len(form.shape)) if spread is None else spread
    shape = tuple(
        size if axis in wanted else value.shape[axis] for axis, size in enumerate(form.shape)
    )
    if value.shape == shape:
        return value
    sizes = builder.shape_tree(shape)
    name = f"{builder.xp}.broadcast_to"
    return builder.make(lambda x: Call(name, (x, sizes)), (value,), shape, form.dtype)


def _spread(builder: Builder, form: Form, spread: Sequence[int] | None) -> Value:
    wanted = range(len(form.shape)) if spread is None else spread
    shape = tuple(size if axis in wanted else 1 for axis, size in enumerate(form.shape))
    return builder.full(form.coefficient, shape, form.dtype)


def _moved_exactly(builder: Builder, form: Form) -> Value:
    """The value with one axis for each of the node, of size 1 where it is broadcast."""
    assert form.value is not None
    target: list[Slot] = [slot if slot in form.held else None for slot in form.output]
    if target == list(form.held):
        return form.value
    return _moved(builder, form.value, list(form.held), target)


def _expanded(builder: Builder, form: Form) -> Form:
    """A node with diagonals as one without: identity matrices, ``diag``, or a choice by them."""
    axes_of: dict[int, list[int]] = {}
    for axis, slot in enumerate(form.output):
        axes_of.setdefault(slot, []).append(axis)
    pairs = [(axes[0], other) for axes in axes_of.values() for other in axes[1:]]
    held = tuple(None if slot is None else axes_of[slot][0] for slot in form.held)
    shape = form.shape
    if form.value is None:
        value, places = _identities(builder, pairs, shape, form.dtype)
    elif len(shape) == 2 and form.value.rank == 1 and held == (0,):
        value = builder.call("diag", (form.value,), shape, form.dtype)
        places = [0, 1]
    else:
        value, places = _chosen(builder, form.value, held, pairs, shape)
    slots = tuple(range(len(shape)))
    return Form(value, tuple(places), slots, shape, form.dtype, form.coefficient)


def _identities(
    builder: Builder, pairs: list[tuple[int, int]], shape: Shape, dtype: str
) -> tuple[Value, list[int]]:
    """The product of identity matrices over pairs of axes, and the axes it holds."""
    places = sorted({axis for pair in pairs for axis in pair})
    total: Value | None = None
    for pair in pairs:
        one = arranged(builder, _eye(builder, shape[pair[0]], dtype), pair, places)
        total = one if total is None else multiplied(builder, total, one)
    assert total is not None
    return total, places


def _eye(builder: Builder, size: Dim, dtype: str) -> Value:
    rows, kind = builder.scalars.size(size), builder.dtype_tree(dtype)
    name = f"{builder.xp}.eye"
    return builder.make(lambda: Call(name, (rows,), (("dtype", kind),)), (), (size, size), dtype)


def _chosen(
    builder: Builder,
    value: Value,
    held: tuple[Slot, ...],
    pairs: list[tuple[int, int]],
    shape: Shape,
) -> tuple[Value, list[int]]:
    """The value on the diagonals, zero elsewhere (a product with 0 would keep infinities)."""
    mask, ties = _identities(builder, pairs, shape, "bool")
    places = sorted({*ties, *(slot for slot in held if slot is not None)})
    mask = arranged(builder, mask, ties, places)
    laid = arranged(builder, value, held, places)
    zero = builder.literal(sp.S.Zero, value.dtype)
    name = f"{builder.xp}.where"
    result = builder.make(
        lambda m, x: Call(name, (m, x, zero)),
        (mask, laid),
        tuple(shape[axis] for axis in places),
        value.dtype,
    )
    return result, places


def multiplied(builder: Builder, x: Value, y: Value) -> Value:
    """``x * y`` of arrays that broadcast."""
    shape = broadcast_shape(x.shape, y.shape)
    return builder.make(lambda a, b: Binary("*", a, b), (x, y), shape, x.dtype)


def broadcast_shape(*shapes: Shape) -> Shape:
    """The shape that arrays of these shapes broadcast to; they are known to fit."""
    rank = max(map(len, shapes))
    result: list[Dim] = [1] * rank
    for shape in shapes:
        for axis, size in enumerate(shape, rank - len(shape)):
            if not is_one(size):
                result[axis] = size
    return tuple(result)
