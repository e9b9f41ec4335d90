"""Constant tensors: ones, zeros, identities, ranges."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant
from symflow.core.apply import apply
from symflow.core.convert import as_tensor, number, scalar_kind
from symflow.core.dims import Dim, Shape, as_dim, as_shape, normalise_axis, same, show_shape
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DTypeError, RankError
from symflow.ops.arithmetic import add, astype, broadcast_to, cast, multiply
from symflow.ops.choice import equal, greater_equal, where
from symflow.ops.reshaping import reshape
from symflow.ops.structure import place, stack


def _iota_shape(operands: Operands, params: Params) -> Shape:
    return (params[0],)


IOTA = Operation(
    name="arange",
    family="creation",
    arity=0,
    shape=_iota_shape,
    dtype=lambda operands, params: "int",
    parameters=("size",),
    facts=frozenset({"nonnegative", "integer"}),
    piecewise_constant=True,
    code={"text": "arange({size})"},
    latex=r"(0, \ldots, {0} - 1)",
    flops=0,
)
ARANGE = IOTA  # under this name pickle finds it


def iota(size: Dim) -> Tensor:
    """The integers 0, 1, ..., size - 1."""
    return apply(IOTA, (), (size,))


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Tensor:
    """Evenly spaced numbers (``numpy.arange``); sizes may be dimensions."""
    if dtype is not None and dtypes.canonical(dtype) == "bool":
        raise DTypeError("arange counts in numbers, not in bools")
    start, stop = (as_dim(value) if isinstance(value, str) else value for value in (start, stop))
    first, last = (0, start) if stop is None else (start, stop)
    stride = 1 if step is None else step
    count = sp.ceiling((number(last) - number(first)) / number(stride))
    size = 0 if count.is_negative else as_dim(int(count) if count.is_Integer else count)
    kinds = {scalar_kind(value) for value in (first, last, stride)}
    result = iota(size)
    if "float" in kinds:
        result = cast(result, "float")
    result = add(multiply(result, stride), first)
    return result if dtype is None else astype(result, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """A tensor of a shape with one value everywhere; the value may be a tensor to broadcast."""
    sizes = as_shape(shape)
    kind = scalar_kind(fill_value)
    if kind is None:
        result = broadcast_to(as_tensor(fill_value), sizes)
        return result if dtype is None else astype(result, dtype)
    name = kind if dtype is None else dtypes.canonical(dtype)
    return constant(_fitting(number(fill_value), dtypes.kind(name)), sizes, name)


def _fitting(value: sp.Expr, kind: str) -> sp.Expr:
    """A number as NumPy stores it in an array of integers or bools."""
    if kind == "bool":
        return sp.Integer(value != 0)
    return sp.Integer(int(value)) if kind == "int" and value.is_number else value


def ones(shape: Any, dtype: Any = "float") -> Tensor:
    """A tensor of ones."""
    return constant(sp.S.One, as_shape(shape), dtypes.canonical(dtype or "float"))


def zeros(shape: Any, dtype: Any = "float") -> Tensor:
    """A tensor of zeros."""
    return constant(sp.S.Zero, as_shape(shape), dtypes.canonical(dtype or "float"))


def empty(shape: Any, dtype: Any = "float") -> Tensor:
    """A tensor whose entries do not matter: zeros, as in JAX."""
    return zeros(shape, dtype)


def empty_like(prototype: Any, dtype: Any = None, shape: Any = None) -> Tensor:
    """A tensor like ``prototype`` whose entries do not matter: zeros, as in JAX."""
    return full_like(prototype, 0, dtype, shape)


def full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Tensor:
    """A tensor like ``a`` in shape and type, with one value everywhere."""
    node = as_tensor(a)
    return full(node.shape if shape is None else shape, fill_value, dtype or node.dtype)


def ones_like(a: Any, dtype: Any = None, shape: Any = None) -> Tensor:
    """Ones in the shape and type of ``a``."""
    return full_like(a, 1, dtype, shape)


def zeros_like(a: Any, dtype: Any = None, shape: Any = None) -> Tensor:
    """Zeros in the shape and type of ``a``."""
    return full_like(a, 0, dtype, shape)


def eye(N: Any, M: Any = None, k: int = 0, dtype: Any = "float") -> Tensor:
    """A matrix with ones on diagonal ``k`` (``numpy.eye``)."""
    rows = as_dim(N)
    columns = rows if M is None else as_dim(M)
    name = dtypes.canonical(dtype or "float")
    if k == 0 and same(rows, columns):
        return contract(sp.S.One, (), (), (0, 0), {0: rows}, name)
    if isinstance(rows, int) and isinstance(columns, int):
        low, right = max(0, -k), max(0, k)
        length = max(0, min(rows - low, columns - right))
        square = contract(sp.S.One, (), (), (0, 0), {0: length}, name)
        return place(square, ((low, length, 1), (right, length, 1)), (rows, columns))
    lines = add(broadcast_to(as_column(iota(rows)), (rows, columns)), k)
    return cast(equal(lines, broadcast_to(iota(columns), (rows, columns))), name)


def as_column(x: Tensor) -> Tensor:
    """A vector as a matrix of one column."""
    size = x.shape[0]
    return contract(sp.S.One, (x,), ((0,),), (0, 1), {0: size, 1: 1}, x.dtype)


def identity(n: Any, dtype: Any = "float") -> Tensor:
    """The identity matrix."""
    return eye(n, dtype=dtype)


def one_hot(x: Any, num_classes: Any, *, dtype: Any = "float", axis: int = -1) -> Tensor:
    """Rows of the identity chosen by integers (``jax.nn.one_hot``).

    An integer outside 0 to ``num_classes - 1`` gives a row of zeros.
    """
    labels = as_tensor(x)
    if labels.dtype == "bool":
        raise DTypeError("one_hot takes numbers, got bools: cast them first")
    classes = as_dim(num_classes)
    rank = labels.rank + 1
    position = normalise_axis(axis, rank)
    shape = (*labels.shape[:position], classes, *labels.shape[position:])
    names = [k for k in range(rank) if k != position]
    sizes: dict[int, Dim] = dict(enumerate(shape))
    wide = contract(sp.S.One, (labels,), (tuple(names),), range(rank), sizes, labels.dtype)
    numbers = contract(sp.S.One, (iota(classes),), ((position,),), range(rank), sizes, "int")
    return cast(equal(wide, numbers), dtypes.canonical(dtype or "float"))


def tri(N: Any, M: Any = None, k: int = 0, dtype: Any = "float") -> Tensor:
    """A matrix with ones at and below diagonal ``k`` (``numpy.tri``)."""
    rows = as_dim(N)
    shape = (rows, rows if M is None else as_dim(M))
    return cast(_below(shape, k), dtypes.canonical(dtype or "float"))


def _below(shape: Shape, k: int) -> Tensor:
    """Where in a matrix the entries at and below diagonal ``k`` are."""
    lines = as_column(add(iota(shape[0]), int(k)))
    return greater_equal(broadcast_to(lines, shape), broadcast_to(iota(shape[1]), shape))


def tril(m: Any, k: int = 0) -> Tensor:
    """``m`` with zeros above diagonal ``k`` of its last two axes (``numpy.tril``)."""
    node = _matrices(m, "tril")
    return where(_below(node.shape[-2:], k), node, 0)


def triu(m: Any, k: int = 0) -> Tensor:
    """``m`` with zeros below diagonal ``k`` of its last two axes (``numpy.triu``)."""
    node = _matrices(m, "triu")
    return where(_below(node.shape[-2:], int(k) - 1), 0, node)


def _matrices(m: Any, name: str) -> Tensor:
    node = as_tensor(m)
    if node.rank < 2:
        raise RankError(f"{name} takes matrices, got shape {show_shape(node.shape)}")
    return node


def array(
    object: Any, dtype: Any = None, copy: bool = True, order: str | None = "K", ndmin: int = 0
) -> Tensor:
    """A tensor from numbers, arrays, tensors, or (nested) lists of them (``numpy.array``).

    Args:
        object: what to convert.
        dtype: of the result.
        copy: no difference: nodes are immutable.
        order: no difference: no memory order exists.
        ndmin: the least rank; axes of size 1 are put in front.

    >>> from symflow.core import scalar
    >>> array([[scalar("a"), 1], [0, scalar("b")]]).shape
    (2, 2)
    """
    node = _joined(object)
    if node.rank < ndmin:
        node = reshape(node, (1,) * (ndmin - node.rank) + node.shape)
    return node if dtype is None else astype(node, dtype)


def asarray(
    a: Any, dtype: Any = None, order: str | None = None, *, copy: bool | None = None
) -> Tensor:
    """A tensor from anything that :func:`array` takes (``numpy.asarray``)."""
    return array(a, dtype)


def _joined(value: Any) -> Tensor:
    """Lists are stacked, unless they hold plain numbers alone."""
    if isinstance(value, (list, tuple)) and not _is_plain(value):
        return stack([_joined(item) for item in value])
    return as_tensor(value)


def _is_plain(value: list[Any] | tuple[Any, ...]) -> bool:
    return not any(
        isinstance(item, sp.Basic) or (isinstance(item, (list, tuple)) and not _is_plain(item))
        for item in value
    )
