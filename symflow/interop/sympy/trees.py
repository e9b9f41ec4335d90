"""The notation of a contraction, ``X.T @ (w * y)``, as an expression of SymPy.

What an author would write is found by :mod:`symflow.notation`; here its few signs (products,
transposes, sums, diagonals, Kronecker products, new axes) are given SymPy's names.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import sympy as sp

from symflow.core.dims import same
from symflow.interop.sympy import terms
from symflow.interop.sympy.terms import Term, UnsayableError
from symflow.notation.tree import (
    Attribute,
    Binary,
    Call,
    Group,
    Index,
    Method,
    Name,
    Number,
    Scaled,
    Slice,
    Text,
    Tree,
    Unary,
)
from symflow.notation.tree import (
    Sequence as Items,
)
from symflow.notation.walks import parts_first

_MATRIX = 2
_LITERALS: Mapping[str, Any] = {"None": None, "True": True}
_OPERATORS: Mapping[str, Callable[[Term, Term], Term]] = {
    "*": terms.multiply,
    "@": terms.matmul,
    "+": lambda a, b: terms.added([a, b]),
    "-": lambda a, b: terms.added([a, terms.scaled(-1, b)]),
    "/": lambda a, b: terms.multiply(a, terms.power(b, -1)),
    "**": lambda a, b: terms.power(a, b.said),
}


def written(tree: Tree, names: Mapping[str, Term]) -> Term:
    """The value of a tree.

    Args:
        tree: the notation of a contraction.
        names: what its names stand for.

    Raises:
        UnsayableError: where SymPy has no counterpart.
    """
    values: dict[int, Any] = {}
    for part in parts_first([tree]):
        operands = [values[child.digest] for child in part.children]
        values[part.digest] = _value(part, operands, names)
    result: Term = values[tree.digest]
    return result


def _value(part: Tree, operands: list[Any], names: Mapping[str, Term]) -> Any:
    if isinstance(part, Name):
        return names[part.text] if part.text in names else _LITERALS[part.text]
    for kind, build in _KINDS.items():
        if isinstance(part, kind):
            return build(part, operands)
    raise UnsayableError(f"{part!r} in the notation of a contraction")


def _number(part: Number, operands: list[Any]) -> Term:
    return terms.scalar(
        sp.sympify(complex(part.text)) if "j" in part.text else sp.Rational(part.text)
    )


def _operated(part: Binary, operands: list[Any]) -> Term:
    operator = _OPERATORS.get(part.operator)
    if operator is None:
        raise UnsayableError(f"{part.operator} in the notation of a contraction")
    return operator(*operands)


def _attribute(part: Attribute, operands: list[Any]) -> Term:
    if part.name != "T":
        raise UnsayableError(f".{part.name} in the notation of a contraction")
    return terms.transposed(operands[0])


def _size(value: Any) -> Any:
    return value.said if isinstance(value, Term) else sp.sympify(value)


def _indexed(part: Index, operands: list[Any]) -> Term:
    """New axes, and axes of size 1 dropped."""
    value, *keys = operands
    shape: list[Any] = []
    axis = 0
    for key, tree in zip(keys, part.keys, strict=True):
        if key is None:
            shape.append(sp.S.One)
            continue
        if isinstance(tree, Slice):
            if tree.children:
                raise UnsayableError("a slice in the notation of a contraction")
            shape.append(value.shape[axis])
        elif not same(value.shape[axis], 1):
            raise UnsayableError("an entry in the notation of a contraction")
        axis += 1
    return terms.reshaped(value, (*shape, *value.shape[axis:]))


def _method(part: Method, operands: list[Any]) -> Term:
    value, *arguments = operands
    if part.name == "astype":
        result: Term = value
        return result
    if part.name == "reshape":
        shape = [_size(argument) for argument in arguments]
        entries = sp.Mul(*value.shape)
        known = sp.Mul(*(size for size in shape if size != -1))
        whole = tuple(sp.simplify(entries / known) if size == -1 else size for size in shape)
        return terms.reshaped(value, whole)
    raise UnsayableError(f"the method {part.name}")


def _called(part: Call, operands: list[Any]) -> Term:
    made = _CALLS.get(part.function)
    if made is None:
        raise UnsayableError(f"the function {part.function} of a contraction")
    count = len(part.arguments)
    keywords = {
        name: value
        for (name, _), value in zip(part.keywords, operands[count:], strict=True)
        if name != "dtype"
    }
    return made(*operands[:count], **keywords)


def _axes(axis: Any, rank: int) -> list[int]:
    if axis is None:
        return list(range(rank))
    several = (axis,) if isinstance(axis, Term) else axis
    return [int(one.said) % rank for one in several]


def _sum(value: Term, axis: Any = None, *, keepdims: bool = False) -> Term:
    return terms.total(value, _axes(axis, value.rank), keepdims=keepdims)


def _mean(value: Term, axis: Any = None, *, keepdims: bool = False) -> Term:
    count = sp.Mul(*(value.shape[k] for k in _axes(axis, value.rank)))
    return terms.scaled(1 / count, _sum(value, axis, keepdims=keepdims))


def _trace(value: Term) -> Term:
    if value.rank != _MATRIX:
        raise UnsayableError("the trace of an array")
    return terms.scalar(sp.Trace(value.matrix))


def _diag(value: Term) -> Term:
    if value.rank == 1:
        return Term((value.shape[0], value.shape[0]), sp.DiagMatrix(value.matrix))
    if value.rank == _MATRIX:
        return Term(value.shape[:1], sp.DiagonalOf(value.matrix))
    raise UnsayableError("the diagonal of an array")


def _outer(left: Term, right: Term) -> Term:
    if left.rank != 1 or right.rank != 1:
        raise UnsayableError("an outer product of matrices")
    return Term(
        (*left.shape, *right.shape), terms.product(left.matrix, terms.flipped(right.matrix))
    )


def _kron(left: Term, right: Term) -> Term:
    if left.rank != right.rank or left.rank not in (1, _MATRIX):
        raise UnsayableError("a Kronecker product of arrays")
    shape = tuple(sp.expand(p * q) for p, q in zip(left.shape, right.shape, strict=True))
    return Term(shape, sp.KroneckerProduct(left.matrix, right.matrix))


def _eye(size: Any) -> Term:
    number = _size(size)
    return Term((number, number), sp.Identity(number))


def _sizes(shape: Any) -> tuple[Any, ...]:
    several = (shape,) if isinstance(shape, Term) else shape
    return tuple(_size(size) for size in several)


_CALLS: Mapping[str, Callable[..., Term]] = {
    "sum": _sum,
    "mean": _mean,
    "trace": _trace,
    "diag": _diag,
    "outer": _outer,
    "kron": _kron,
    "eye": _eye,
    "ones": lambda shape: terms.filled(_sizes(shape), 1),
    "zeros": lambda shape: terms.filled(_sizes(shape), 0),
    "full": lambda shape, value: terms.filled(_sizes(shape), value.said),
    "broadcast_to": lambda value, shape: terms.broadcast(value, _sizes(shape)),
    "multiply": lambda *values: reduce(terms.multiply, values),
}

_KINDS: Mapping[type, Callable[[Any, list[Any]], Any]] = {
    Number: _number,
    Text: lambda part, operands: part.value,
    Items: lambda part, operands: tuple(operands),
    Slice: lambda part, operands: part,
    Group: lambda part, operands: operands[0],
    Unary: lambda part, operands: terms.scaled(sp.S.NegativeOne, operands[0]),
    Scaled: lambda part, operands: terms.multiply(*operands),
    Binary: _operated,
    Attribute: _attribute,
    Index: _indexed,
    Method: _method,
    Call: _called,
}
