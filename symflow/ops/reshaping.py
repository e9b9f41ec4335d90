"""Reshape as the splitting and merging of axes with their factors known.

``fuse(a, b, ...)`` is the constant 0/1 tensor of shape ``(a*b*..., a, b, ...)`` that is 1 where
the first index is the row-major number of the others.  Merging axes is a contraction with it,
splitting one is the transposed contraction; so reshapes compose, cancel, and pass through
products by the rules of contractions alone (:mod:`symflow.core.fusion`).
"""

from typing import Any

import sympy as sp

from symflow.core.add import constant
from symflow.core.apply import apply
from symflow.core.convert import as_tensor
from symflow.core.dims import Dim, Shape, as_dim, is_one, product, same, show_shape, simplify_dim
from symflow.core.einsum import contract
from symflow.core.fusion import is_fuse as is_fuse
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import ShapeError


def _fuse_shape(operands: Operands, params: Params) -> Shape:
    return (product(params), *params)


FUSE = Operation(
    name="fuse",
    family="reshaping",
    arity=0,
    shape=_fuse_shape,
    dtype=lambda operands, params: "bool",  # it takes the type of what it is contracted with
    facts=frozenset({"fuse"}),
    piecewise_constant=True,
    code={"text": "eye({0}).reshape({1})"},
    flops=0,
)


def fuse(*sizes: Dim) -> Tensor:
    """The 0/1 tensor that numbers the entries of axes of these sizes in row-major order."""
    return apply(FUSE, (), tuple(sizes))


def reshape(a: Any, shape: Any, order: str = "C") -> Tensor:
    """``a`` with the same entries in another shape (``numpy.reshape``).

    Args:
        a: a tensor.
        shape: the new size or sizes, one of which may be -1.
        order: ``"C"``, the last axis runs fastest, or ``"F"``, the first one does.

    Raises:
        ShapeError: when the numbers of entries differ.

    >>> from symflow.core import matrix
    >>> reshape(matrix("A", "n", 6), (2, -1)).shape
    (2, 3*n)
    """
    x = as_tensor(a)
    target = _completed(x, tuple(shape) if isinstance(shape, (tuple, list, sp.Tuple)) else (shape,))
    if not same(product(x.shape), product(target)):
        raise ShapeError(
            f"cannot reshape {show_shape(x.shape)} ({product(x.shape)} entries) "
            f"to {show_shape(target)} ({product(target)} entries)"
        )
    if order not in ("C", "F"):
        raise ShapeError(f"the order of a reshape is 'C' or 'F', got {order!r}")
    if product(target) == 0:
        return constant(sp.S.Zero, target, x.dtype)
    if order == "F":
        return _reversed(_regrouped(_reversed(x), target[::-1]))
    return _regrouped(x, target)


def _reversed(x: Tensor) -> Tensor:
    """``x`` with its axes in reverse order."""
    labels = tuple(range(x.rank))
    return contract(sp.S.One, (x,), (labels,), labels[::-1], dict(enumerate(x.shape)), x.dtype)


def _completed(x: Tensor, shape: tuple[Any, ...]) -> Shape:
    """The shape with -1 worked out."""
    unknown = [k for k, size in enumerate(shape) if isinstance(size, int) and size == -1]
    if len(unknown) > 1:
        raise ShapeError(f"at most one size may be -1, got {shape}")
    if not unknown:
        return tuple(as_dim(size) for size in shape)
    rest = product(as_dim(size) for k, size in enumerate(shape) if k != unknown[0])
    total = product(x.shape)
    if rest == 0:
        raise ShapeError(f"cannot work out -1 in {shape}: the other sizes have product 0")
    ratio = sp.cancel(sp.sympify(total) / rest)
    if (ratio.is_Rational and not ratio.is_Integer) or sp.denom(ratio) != 1:
        raise ShapeError(f"cannot reshape {show_shape(x.shape)} to {shape}: {total} / {rest}")
    filled = simplify_dim(ratio)
    return tuple(filled if k == unknown[0] else as_dim(s) for k, s in enumerate(shape))


def _groups(old: Shape, new: Shape) -> list[tuple[list[Dim], list[Dim]]]:
    """The least runs of axes on both sides that hold equally many entries."""
    groups: list[tuple[list[Dim], list[Dim]]] = []
    i = j = 0
    while i < len(old) or j < len(new):
        left, right = [], []
        if i < len(old):
            left.append(old[i])
            i += 1
        if j < len(new):
            right.append(new[j])
            j += 1
        while not same(product(left), product(right)):
            if j < len(new) and (i >= len(old) or _right_is_behind(left, right)):
                right.append(new[j])
                j += 1
            elif i < len(old):
                left.append(old[i])
                i += 1
            else:
                break
        groups.append((left, right))
    return groups


def _right_is_behind(left: list[Dim], right: list[Dim]) -> bool:
    """Whether the right run should take the next axis: it divides the left one."""
    ratio = (
        sp.cancel(sp.sympify(product(left)) / product(right)) if product(right) != 0 else sp.S.One
    )
    if ratio.is_Rational:
        return bool(ratio > 1)
    return bool(sp.denom(ratio) == 1)


def _regrouped(x: Tensor, target: Shape) -> Tensor:
    old = tuple(size for size in x.shape if not is_one(size))
    new = tuple(size for size in target if not is_one(size))
    sizes: dict[int, Dim] = {}

    def fresh(size: Dim) -> int:
        sizes[len(sizes)] = size
        return len(sizes) - 1

    operands, subscripts = [x], []
    wide_old: list[int] = []
    wide_new: list[int] = []
    for left, right in _groups(old, new):
        if len(left) == len(right) == 1:
            label = fresh(left[0])
            wide_old.append(label)
            wide_new.append(label)
            continue
        whole = fresh(product(left))
        for run, labels in ((left, wide_old), (right, wide_new)):
            if len(run) == 1:
                labels.append(whole)
                continue
            parts = [fresh(size) for size in run]
            labels.extend(parts)
            operands.append(fuse(*run))
            subscripts.append((whole, *parts))
    take_old, take_new = iter(wide_old), iter(wide_new)
    first = tuple(fresh(1) if is_one(size) else next(take_old) for size in x.shape)
    output = tuple(fresh(1) if is_one(size) else next(take_new) for size in target)
    return contract(sp.S.One, operands, [first, *subscripts], output, sizes, x.dtype)


def ravel(a: Any, order: str = "C") -> Tensor:
    """``a`` as a vector, the last axis running fastest (``order="F"``: the first)."""
    return reshape(a, -1, order=order)
