"""Two factors of a contraction as one operation of NumPy: ``a @ b``, ``a * b``, ``einsum`` ...

A factor is a value with a label for each axis.  Labels that both hold and that are not kept are
summed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from symflow.core import dtypes
from symflow.core.dims import Dim, is_one
from symflow.lowering.forms import Slot, arranged, broadcast_shape, dropped, transposed
from symflow.lowering.triangular import triangular_product
from symflow.lowering.values import Builder, Value, axis_tree
from symflow.notation.tree import Binary, Call, Name, Text, Tree

_LETTERS = "ijklmnopqrstuvwxyzabcdefghABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """A factor of a contraction.

    Attributes:
        value: its entries.
        labels: the label of each axis; None for an axis of size 1 to drop.
        divisor: whether the contraction divides by it.
    """

    value: Value
    labels: tuple[Slot, ...]
    divisor: bool = False

    @property
    def kept(self) -> tuple[int, ...]:
        """The labels of its axes, without those to drop."""
        return tuple(label for label in self.labels if label is not None)


def tidy(builder: Builder, factor: Factor) -> Factor:
    """The factor without axes to drop."""
    if None not in factor.labels:
        return factor
    value = dropped(builder, factor.value, factor.labels)
    return replace(factor, value=value, labels=factor.kept)


def inverted(builder: Builder, factor: Factor) -> Factor:
    """A divisor as the factor that it stands for."""
    if not factor.divisor:
        return factor
    one = builder.literal(sp.S.One, factor.value.dtype)
    value = builder.make(
        lambda x: Binary("/", one, x), (factor.value,), factor.value.shape, factor.value.dtype
    )
    return Factor(value, factor.labels)


def summed(builder: Builder, factor: Factor, keep: Collection[int]) -> Factor:
    """The factor with its repeated labels made one and all labels but those to keep summed."""
    labels = factor.kept
    if len(set(labels)) == len(labels) and all(label in keep for label in labels):
        return factor
    factor = tidy(builder, inverted(builder, factor))
    while len(set(factor.labels)) < len(factor.labels):
        factor = _diagonal(builder, factor, keep)
    axes = [k for k, label in enumerate(factor.labels) if label not in keep]
    if not axes:
        return factor
    rest = tuple(label for label in factor.labels if label in keep)
    return Factor(reduced(builder, "sum", factor.value, axes), rest)


def reduced(builder: Builder, name: str, value: Value, axes: Sequence[int]) -> Value:
    """A reduction over some axes, in the value's own data type; those of size 1 are left out."""
    held = [None if k in axes and is_one(size) else k for k, size in enumerate(value.shape)]
    if None in held:
        value = dropped(builder, value, held)
        left = [axis for axis in held if axis is not None]
        axes = [left.index(axis) for axis in axes if axis in left]
        if not axes:
            return value
    shape = tuple(size for k, size in enumerate(value.shape) if k not in axes)
    keywords: dict[str, Tree] = {}
    if shape:
        keywords["axis"] = axis_tree(axes)
    if name in ("sum", "prod") and dtypes.kind(value.dtype) == "int":
        keywords["dtype"] = builder.dtype_tree(value.dtype)
    return builder.call(name, (value,), shape, value.dtype, **keywords)


def _diagonal(builder: Builder, factor: Factor, keep: Collection[int]) -> Factor:
    labels = list(factor.labels)
    label = next(label for label in labels if labels.count(label) > 1)
    first = labels.index(label)
    second = labels.index(label, first + 1)
    rest = [k for k in range(len(labels)) if k not in (first, second)]
    shape = tuple(factor.value.shape[k] for k in rest)
    keywords: dict[str, Tree] = {}
    if (first, second) != (0, 1):
        keywords = {"axis1": axis_tree([first]), "axis2": axis_tree([second])}
    names = tuple(labels[k] for k in rest)
    if label not in keep and labels.count(label) == 2:
        if dtypes.kind(factor.value.dtype) == "int":
            keywords["dtype"] = builder.dtype_tree(factor.value.dtype)
        value = builder.call("trace", (factor.value,), shape, factor.value.dtype, **keywords)
        return Factor(value, names)
    shape = (*shape, factor.value.shape[first])
    value = builder.call("diagonal", (factor.value,), shape, factor.value.dtype, **keywords)
    return Factor(value, (*names, label))


def combined(
    builder: Builder, x: Factor, y: Factor, keep: Collection[int], want: Sequence[int]
) -> Factor:
    """The product of two factors, the labels that are not kept summed.

    Args:
        builder: makes the values.
        x: a factor all of whose labels are kept or held by ``y``.
        y: likewise.
        keep: labels that are not summed.
        want: the order of labels that the result should have, where it costs nothing.
    """
    key, names = _signature(x, y, keep)
    known = builder.products.get(key)
    if known is None:
        made = _combined(builder, x, y, keep, want)
        labels = tuple(None if label is None else names[label] for label in made.labels)
        builder.products[key] = (made.value, labels, made.divisor)
        return made
    value, numbers, divisor = known
    back = {number: label for label, number in names.items()}
    return Factor(value, tuple(None if k is None else back[k] for k in numbers), divisor)


def _signature(x: Factor, y: Factor, keep: Collection[int]) -> tuple[object, dict[int, int]]:
    """What two products share that differ in the names and the order of labels alone."""
    x, y = sorted((x, y), key=lambda f: (f.value.number, f.divisor))
    names: dict[int, int] = {}
    for label in (*x.kept, *y.kept):
        names.setdefault(label, len(names))
    words = (tuple(names.get(s, -1) for s in f.labels) for f in (x, y))  # type: ignore[arg-type]
    kept = frozenset(number for label, number in names.items() if label in keep)
    return (x.value, y.value, x.divisor, y.divisor, *words, kept), names


def _combined(
    builder: Builder, x: Factor, y: Factor, keep: Collection[int], want: Sequence[int]
) -> Factor:
    inner = [label for label in x.kept if label in y.kept and label not in keep]
    if not inner:
        return _product(builder, x, y, want)
    if set(x.kept) == set(y.kept):
        return _summed_product(builder, x, y, inner, want)
    x, y = tidy(builder, inverted(builder, x)), tidy(builder, inverted(builder, y))
    result = _matrix_product(builder, x, y, keep, inner, want)
    if result is None and builder.backend == "jax" and _weighs_across(x, y, keep):
        large, small = (x, y) if len(x.labels) > len(y.labels) else (y, x)
        result = _summed_product(builder, large, small, inner, want)
    return _einsum(builder, x, y, keep, want) if result is None else result


def _weighs_across(x: Factor, y: Factor, keep: Collection[int]) -> bool:
    """Whether one factor weighs entries of the other, whose stack is not along its first axes.

    As a product of matrices that would move the larger one in memory; multiplied and summed it is
    read once, and not even made where XLA computes it on the way.
    """
    large, small = (x, y) if len(x.labels) > len(y.labels) else (y, x)
    stack = {label for label in small.kept if label in keep}
    if not stack or not set(small.kept) < set(large.kept):
        return False
    return set(large.kept[: len(stack)]) != stack


def _product(builder: Builder, x: Factor, y: Factor, want: Sequence[int]) -> Factor:
    """The product entry by entry, with broadcasting; a quotient where one is a divisor."""
    order = _merged(x, y, want)
    if x.divisor and not y.divisor:
        x, y = y, x
    if not (x.divisor or y.divisor) and _is_outer(x, y, order):
        shape = (x.value.shape[0], y.value.shape[0])
        return Factor(builder.call("outer", (x.value, y.value), shape, x.value.dtype), order)
    operator = "/" if y.divisor and not x.divisor else "*"
    left = arranged(builder, x.value, x.labels, order)
    right = arranged(builder, y.value, y.labels, order)
    if operator == "*" and _comes_first(right, left):
        left, right = right, left
    value = builder.make(
        lambda a, b: Binary(operator, a, b),
        (left, right),
        broadcast_shape(left.shape, right.shape),
        left.dtype,
    )
    labels: tuple[Slot, ...] = (*(None,) * (value.rank - len(order)), *order)
    return Factor(value, labels, divisor=x.divisor and y.divisor)


def _comes_first(x: Value, y: Value) -> bool:
    """Whether ``x * y`` reads better than ``y * x``: scalars first, then in order of making."""
    return (x.rank > 0, x.number) < (y.rank > 0, y.number)


def _is_outer(x: Factor, y: Factor, order: Sequence[int]) -> bool:
    return len(order) == 2 and (x.labels, y.labels) == ((order[0],), (order[1],))


def _merged(x: Factor, y: Factor, want: Sequence[int]) -> tuple[int, ...]:
    """An order of all labels of two factors: the wanted one, or that of the larger factor."""
    have = {*x.kept, *y.kept}
    if have <= set(want):
        return tuple(label for label in want if label in have)
    large, small = sorted((x, y), key=lambda f: (-len(f.kept), f.value.number))
    return (*large.kept, *(label for label in small.kept if label not in large.kept))


def _summed_product(
    builder: Builder, x: Factor, y: Factor, inner: list[int], want: Sequence[int]
) -> Factor:
    """``sum(x * y, axis)`` of two factors with the same labels."""
    if len(x.labels) == len(y.labels) == 1 and not (x.divisor or y.divisor):
        first, second = (x, y) if x.value.number <= y.value.number else (y, x)
        value = builder.make(
            lambda a, b: Binary("@", a, b), (first.value, second.value), (), x.value.dtype
        )
        return Factor(value, ())
    product = _product(builder, x, y, want)
    return summed(builder, product, [label for label in x.kept if label not in inner])


def _matrix_product(
    builder: Builder,
    x: Factor,
    y: Factor,
    keep: Collection[int],
    inner: list[int],
    want: Sequence[int],
) -> Factor | None:
    """``x @ y`` of vectors, matrices and stacks of them, transposed as needed."""
    batch = [label for label in x.kept if label in y.kept and label in keep]
    if len(inner) != 1:
        return None
    if batch:
        return _stacked_product(builder, x, y, batch, inner[0], want)
    if len(x.labels) > 2 or len(y.labels) > 2:
        return _broadcast_product(builder, x, y, inner[0])
    outer = [_free(x, inner[0]), _free(y, inner[0])]
    swap = _transposes(x, y, inner[0], want) > _transposes(y, x, inner[0], want)
    if swap:
        x, y, outer = y, x, outer[::-1]
    left = _oriented(builder, x, inner[0], last=True)
    right = _oriented(builder, y, inner[0], last=False)
    labels = tuple(label for label in outer if label is not None)
    sizes = _sizes(x, y)
    value = triangular_product(builder, left, right) if len(labels) == 2 else None
    value = value or builder.make(
        lambda a, b: Binary("@", a, b),
        (left, right),
        tuple(sizes[label] for label in labels),
        x.value.dtype,
    )
    if (
        x.value is y.value
        and len(labels) == 2
        and x.labels.index(inner[0]) == y.labels.index(inner[0])
    ):
        builder.symmetric.add(value)
    return Factor(value, labels)


def _broadcast_product(builder: Builder, x: Factor, y: Factor, inner: int) -> Factor | None:
    """``x @ y`` where one is a matrix or vector and the other a stack of matrices."""
    large, small = (x, y) if len(x.labels) > len(y.labels) else (y, x)
    if len(small.labels) > 2:
        return None
    sizes = _sizes(x, y)
    free = [label for label in small.kept if label != inner]
    if large.labels[-1] == inner:
        left, right = large.value, _oriented(builder, small, inner, last=False)
        labels = (*large.labels[:-1], *free)
    elif large.labels[-2] == inner and free:
        left, right = _oriented(builder, small, inner, last=True), large.value
        labels = (*large.labels[:-2], *free, large.labels[-1])
    else:
        return None
    shape = tuple(sizes[label] for label in labels)
    value = builder.make(lambda a, b: Binary("@", a, b), (left, right), shape, x.value.dtype)
    return Factor(value, labels)


def _free(factor: Factor, inner: int) -> int | None:
    return next((label for label in factor.kept if label != inner), None)


def _transposes(x: Factor, y: Factor, inner: int, want: Sequence[int]) -> tuple[int, int]:
    """How many transposes ``x @ y`` needs, and whether the order of making is kept.

    ``x @ A`` with a vector comes before ``A.T @ x``, which XLA computes in plain loops on a CPU.
    """
    count = (len(x.labels) == 2 and x.labels[0] == inner) + (
        len(y.labels) == 2 and y.labels[1] == inner
    )
    left, right = _free(x, inner), _free(y, inner)
    if left in want and right in want and want.index(left) > want.index(right):
        count += 1
    return count, int(x.value.number > y.value.number)


def _oriented(builder: Builder, factor: Factor, inner: int, *, last: bool) -> Value:
    """A vector, or a matrix with the summed label where ``@`` sums it."""
    if len(factor.labels) == 2 and (factor.labels[1] == inner) != last:
        value = transposed(builder, factor.value, (1, 0))
        if factor.value in builder.triangles:
            builder.triangles[value] = not builder.triangles[factor.value]
        return value
    return factor.value


def _stacked_product(
    builder: Builder, x: Factor, y: Factor, batch: list[int], inner: int, want: Sequence[int]
) -> Factor | None:
    """``x @ y`` of stacks of matrices whose leading axes agree, where no axis has to move."""
    count = len(batch)
    stacks = x.labels[:count] == tuple(batch) == y.labels[:count]
    if not stacks or len(x.labels) != count + 2 or len(y.labels) != count + 2:
        return None
    costs = [_stack_transposes(a, b, inner, want) for a, b in ((x, y), (y, x))]
    left, right = (x, y) if costs[0] <= costs[1] else (y, x)
    first = _stack_oriented(builder, left, inner, last=True)
    second = _stack_oriented(builder, right, inner, last=False)
    labels = (*batch, first.labels[-2], second.labels[-1])
    sizes = _sizes(x, y)
    value = builder.make(
        lambda a, b: Binary("@", a, b),
        (first.value, second.value),
        tuple(sizes[label] for label in labels),
        x.value.dtype,
    )
    return Factor(value, labels)


def _stack_transposes(x: Factor, y: Factor, inner: int, want: Sequence[int]) -> tuple[int, int]:
    moved = (x.labels[-2] == inner) + (y.labels[-1] == inner)
    left, right = (next(k for k in f.labels[-2:] if k != inner) for f in (x, y))
    if left in want and right in want and want.index(left) > want.index(right):
        moved += 1
    return moved, int(x.value.number > y.value.number)


def _stack_oriented(builder: Builder, factor: Factor, inner: int, *, last: bool) -> Factor:
    """A stack of matrices with the summed label where ``@`` sums it."""
    if (factor.labels[-1] == inner) == last:
        return factor
    order = [*range(len(factor.labels) - 2), len(factor.labels) - 1, len(factor.labels) - 2]
    labels = tuple(factor.labels[k] for k in order)
    return Factor(transposed(builder, factor.value, order), labels)


def _sizes(*factors: Factor) -> dict[Slot, Dim]:
    return {
        label: size
        for factor in factors
        for label, size in zip(factor.labels, factor.value.shape, strict=True)
    }


def _einsum(
    builder: Builder, x: Factor, y: Factor, keep: Collection[int], want: Sequence[int]
) -> Factor:
    """The general case, by ``einsum``."""
    if y.value.number < x.value.number:
        x, y = y, x
    order = tuple(label for label in _merged(x, y, want) if label in keep)
    letters: dict[Slot, str] = {}
    for label in (*x.labels, *y.labels):
        letters.setdefault(label, _LETTERS[len(letters)])
    words = ["".join(letters[label] for label in group) for group in (x.labels, y.labels, order)]
    text = Text(f"{words[0]},{words[1]}->{words[2]}")
    sizes = _sizes(x, y)
    name = f"{builder.xp}.einsum"
    # NumPy's own loops are slow: with this it uses its matrix product where there is one
    keywords = (("optimize", Name("True")),) if builder.backend == "numpy" else ()
    value = builder.make(
        lambda a, b: Call(name, (text, a, b), keywords),
        (x.value, y.value),
        tuple(sizes[label] for label in order),
        x.value.dtype,
    )
    return Factor(value, order)
