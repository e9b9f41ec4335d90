"""Functions that stand in a graph spelled out: triangles, indicators, variances.

``tril(X)`` is a choice between ``X`` and 0 in the graph, ``one_hot(k, 5)`` a comparison of labels
with 0, 1, 2, ...; on paper they have names.  A name is written only where calling the function of
that name gives the very node.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, contract
from symflow.core.dims import Dim, same
from symflow.core.einsum import is_zero
from symflow.notation.tree import Binary, Call, Index, Number, Sequence, Text, Tree, Unary, call
from symflow.ops.arithmetic import CAST
from symflow.ops.choice import EQUAL, GREATER_EQUAL, WHERE
from symflow.ops.creation import IOTA, one_hot, tri, tril, triu


class Operands(Protocol):
    """What a name asks for."""

    def strict(self, node: Tensor) -> Tree:
        """An operand's tree of exactly its shape."""

    def size(self, size: Dim) -> Tree:
        """A dimension."""


def spelled(node: Tensor, trees: Operands) -> Tree | None:
    """The call of the function that a node is the result of; None for any other node."""
    if not isinstance(node, Apply):
        return None
    if node.operation is WHERE:
        return _triangle(node, trees)
    if node.operation is CAST:
        return _ones_below(node, trees) or _indicator(node, trees)
    return None


def is_spelled(node: Tensor) -> bool:
    """Whether a conversion of truth values has a name."""
    if not isinstance(node, Apply) or node.operation is not CAST:
        return False
    return _below(node.operands[0]) is not None or next(_labels(node), None) is not None


# ---------------------------------------------------------------------------- triangles


def _triangle(node: Apply, trees: Operands) -> Tree | None:
    """``tril(X)`` and ``triu(X, 1)``."""
    condition, first, second = node.operands
    diagonal = _below(condition)
    if diagonal is None:
        return None
    if is_zero_tensor(second) and tril(first, diagonal) is node:
        return call("tril", trees.strict(first), *_offset(diagonal))
    if is_zero_tensor(first) and triu(second, diagonal + 1) is node:
        return call("triu", trees.strict(second), *_offset(diagonal + 1))
    return None


def _ones_below(node: Apply, trees: Operands) -> Tree | None:
    """``tri(n, k=-1)``."""
    diagonal = _below(node.operands[0])
    if diagonal is None or node.rank != 2:
        return None
    rows, columns = node.shape
    if tri(rows, columns, diagonal, node.dtype) is not node:
        return None
    keywords: dict[str, Tree] = dict(zip(("k",), _offset(diagonal), strict=False))
    keywords |= {} if node.dtype == "float" else {"dtype": Text(node.dtype)}
    sizes = (rows,) if same(rows, columns) else (rows, columns)
    return call("tri", *(trees.size(size) for size in sizes), **keywords)


def _offset(diagonal: int) -> tuple[Tree, ...]:
    if diagonal == 0:
        return ()
    number = Number(str(abs(diagonal)))
    return (Unary("-", number) if diagonal < 0 else number,)


def _below(condition: Tensor) -> int | None:
    """The diagonal at and below which a condition may hold; whoever asks checks it."""
    while isinstance(condition, Einsum) and len(condition.operands) == 1:
        (condition,) = condition.operands
    if not isinstance(condition, Apply) or condition.operation is not GREATER_EQUAL:
        return None
    lines, columns = condition.operands
    return _shift(lines) if _is_count(columns) else None


def _shift(lines: Tensor) -> int | None:
    """``k`` of ``arange(n)[:, None] + k``."""
    factor = sp.S.One
    while isinstance(lines, Einsum) and len(lines.operands) == 1:
        factor *= lines.coefficient
        (lines,) = lines.operands
    if not isinstance(lines, Add):
        return 0 if _is_count(lines) else None
    if len(lines.operands) != 2:
        return None
    for (_, count), (sign, number) in (lines.terms, lines.terms[::-1]):
        if _is_count(count) and isinstance(number, Einsum) and not number.operands:
            shift = factor * sign * number.coefficient
            return int(shift) if shift.is_Integer else None
    return None


def _is_count(node: Tensor) -> bool:
    """Whether a tensor is 0, 1, 2, ... along one of its axes."""
    while isinstance(node, Einsum) and len(node.operands) == 1:
        (node,) = node.operands
    return isinstance(node, Apply) and node.operation is IOTA


def is_zero_tensor(node: Tensor) -> bool:
    """Whether every entry of a node is the number 0."""
    return isinstance(node, Einsum) and not node.operands and is_zero(node.coefficient)


# --------------------------------------------------------------------------- indicators


def _indicator(node: Apply, trees: Operands) -> Tree | None:
    """``nn.one_hot(k, 5)``."""
    for labels, axis in _labels(node):
        keywords: dict[str, Tree] = {}
        if axis != node.rank - 1:
            keywords["axis"] = Number(str(axis))
        if node.dtype != "float":
            keywords["dtype"] = Text(node.dtype)
        return call("nn.one_hot", trees.strict(labels), trees.size(node.shape[axis]), **keywords)
    return None


def _labels(node: Apply) -> Iterator[tuple[Tensor, int]]:
    """The labels that a node is an indicator of, with the axis of the classes."""
    (equality,) = node.operands
    if not isinstance(equality, Apply) or equality.operation is not EQUAL:
        return
    for wide, numbers in (equality.operands, equality.operands[::-1]):
        if not _is_count(numbers) or _is_count(wide):
            continue
        for axis in range(node.rank - 1, -1, -1):
            labels = _without_axis(wide, axis)
            size = node.shape[axis]
            if labels is not None and one_hot(labels, size, dtype=node.dtype, axis=axis) is node:
                yield labels, axis


def _without_axis(node: Tensor, axis: int) -> Tensor | None:
    """A tensor without an axis along which it is the same."""
    if not isinstance(node, Einsum):
        return None
    output = (*node.output[:axis], *node.output[axis + 1 :])
    if node.output[axis] in {*output, *(label for own in node.subscripts for label in own)}:
        return None
    sizes = dict(enumerate(node.sizes))
    return contract(node.coefficient, node.operands, node.subscripts, output, sizes, node.dtype)


# ---------------------------------------------------------------------------- variances


def variance(mean: Call) -> Call | None:
    """``var(x)`` for the formula ``mean((x - mean(x)) ** 2)``."""
    square = mean.arguments[0]
    if not isinstance(square, Binary) or square.operator != "**":
        return None
    residual, power = square.left, square.right
    if not isinstance(power, Number) or power.text != "2" or not isinstance(residual, Binary):
        return None
    if residual.operator != "-":
        return None
    for x, centre in ((residual.left, residual.right), (residual.right, residual.left)):
        if _is_mean_of(centre, x, dict(mean.keywords)):
            return Call("var", (x,), mean.keywords)
    return None


def deviation(square: Tree) -> Tree | None:
    """``std(x)`` for the formula ``var(x)``, also with axes inserted."""
    if isinstance(square, Index):
        inner = deviation(square.value)
        return None if inner is None else Index(inner, square.keys)
    if not isinstance(square, Call) or square.function != "var":
        return None
    return Call("std", square.arguments, square.keywords)


def _is_mean_of(centre: Tree, x: Tree, keywords: dict[str, Any]) -> bool:
    """Whether a tree is the mean of another along the same axes, in a shape that fits."""
    if not isinstance(centre, Call) or centre.function != "mean" or centre.arguments != (x,):
        return False
    own = dict(centre.keywords)
    axis, kept = own.get("axis"), own.get("keepdims")
    if axis != keywords.get("axis") or isinstance(axis, Sequence):
        return False
    return axis is None or axis == Number("0") or kept is not None
