"""NumPy's functions that take, choose and count entries by integer tensors."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import dtypes
from symflow.core.convert import as_tensor
from symflow.core.dims import Dim, Shape, as_dim, broadcast, is_one, normalise_axis, show_shape
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.errors import DomainError, DTypeError, ShapeError
from symflow.ops.arithmetic import (
    add,
    broadcast_to,
    cast,
    convert,
    floor_divide,
    multiply,
    remainder,
)
from symflow.ops.choice import clip, equal, logical_not
from symflow.ops.creation import iota, ones, zeros
from symflow.ops.gathering import gather, scatter
from symflow.ops.indexing import getitem, selection
from symflow.ops.records import no_out
from symflow.ops.reduction import any as any_of
from symflow.ops.repeating import resize
from symflow.ops.reshaping import ravel, reshape
from symflow.ops.structure import stack


def _wrapped(index: Tensor, size: Dim, mode: str | None) -> Tensor:
    if mode == "wrap":
        return remainder(index, size)
    if mode == "clip":
        return clip(index, 0, sp.sympify(size) - 1)
    if mode in (None, "fill", "raise", "promise_in_bounds"):
        return index
    raise TypeError(f"mode {mode!r} is not known: 'fill', 'wrap', 'clip'")


def _integers(value: Any) -> Tensor:
    node = as_tensor(value)
    if dtypes.kind(node.dtype) != "int":
        raise DTypeError(f"positions are integers, got a tensor of dtype {node.dtype}")
    return node


def take(
    a: Any, indices: Any, axis: int | None = None, out: None = None, mode: str | None = None,
    unique_indices: bool = False, indices_are_sorted: bool = False, fill_value: Any = None,
) -> Tensor:  # fmt: skip
    """The entries along an axis at positions (``jax.numpy.take``).

    The result has the shape of ``a`` with the axis replaced by the axes of ``indices``;
    ``axis=None`` takes from all entries as one vector.  Positions outside of the axis are wrapped
    (``mode="wrap"``), clipped (``"clip"``) or up to the backend.

    Raises:
        ShapeError: for positions on an axis without entries.

    >>> from symflow.core import matrix, tensor
    >>> take(matrix("A", "n", 3), tensor("i", 5, dtype="int"), axis=0).shape
    (5, 3)
    """
    no_out(out)
    if fill_value is not None:
        raise DomainError("take of positions outside of the axis (fill_value) is not supported")
    node = as_tensor(a)
    place = 0 if axis is None else normalise_axis(axis, node.rank)
    node = ravel(node) if axis is None else node
    index = _integers(indices)
    if node.shape[place] == 0 and all(size != 0 for size in index.shape):
        raise ShapeError(f"take: axis {place} of shape {show_shape(node.shape)} has no entries")
    index = _wrapped(index, node.shape[place], mode)
    return getitem(node, (*[slice(None)] * place, index))


def _along(arr: Tensor, indices: Any, axis: int) -> list[Tensor]:
    """A position for every axis: given along one, counted along the others."""
    index = _integers(indices)
    if index.rank != arr.rank:
        raise ShapeError(
            f"positions of shape {show_shape(index.shape)} along an axis of a tensor of shape "
            f"{show_shape(arr.shape)}: the ranks must agree"
        )
    rest = [tuple(1 if k == axis else size for k, size in enumerate(x.shape)) for x in (arr, index)]
    wide = list(broadcast(*rest))
    wide[axis] = index.shape[axis]
    shape = tuple(wide)
    return [
        broadcast_to(index, shape) if k == axis else _counted(k, shape, arr.shape[k])
        for k in range(arr.rank)
    ]


def _counted(axis: int, shape: Shape, size: Dim) -> Tensor:
    """The number of the entry along an axis; 0 where there is but one to take."""
    if is_one(size):
        return zeros(shape, "int")
    line = iota(shape[axis])
    return contract(sp.S.One, (line,), ((axis,),), range(len(shape)), dict(enumerate(shape)), "int")


def take_along_axis(
    arr: Any, indices: Any, axis: int | None = -1, mode: Any = None, fill_value: Any = None,
    *, wrap_negative_indices: bool | None = None,
) -> Tensor:  # fmt: skip
    """Entries at positions along an axis, one line at a time (``jax.numpy.take_along_axis``).

    Raises:
        ShapeError: unless both have one rank and their other axes broadcast.

    >>> from symflow.core import matrix, tensor
    >>> take_along_axis(matrix("A", "n", 3), tensor("i", "n", 1, dtype="int"), axis=1).shape
    (n, 1)
    """
    if fill_value is not None:
        raise DomainError("take_along_axis outside of the axis (fill_value) is not supported")
    node = as_tensor(arr)
    if axis is None:
        return take_along_axis(ravel(node), indices, 0, mode)
    place = normalise_axis(axis, node.rank)
    index = _wrapped(_integers(indices), node.shape[place], mode)
    return gather(node, _along(node, index, place))


def put_along_axis(
    arr: Any, indices: Any, values: Any, axis: int | None, inplace: bool = True,
    *, mode: str | None = None,
) -> Tensor:  # fmt: skip
    """``arr`` with values at positions along an axis; ``inplace=False`` is required, as in JAX."""
    _not_in_place(inplace, "put_along_axis")
    node = as_tensor(arr)
    if axis is None:
        flat = put_along_axis(ravel(node), indices, values, 0, inplace=False, mode=mode)
        return reshape(flat, node.shape)
    place = normalise_axis(axis, node.rank)
    index = _wrapped(_integers(indices), node.shape[place], mode)
    return _written(node, tuple(_along(node, index, place)), values)


def put(
    a: Any, ind: Any, v: Any, mode: str | None = None, *, inplace: bool = True
) -> Tensor:  # fmt: skip
    """``a`` with values at positions of its entries as one vector; needs ``inplace=False``."""
    _not_in_place(inplace, "put")
    node = as_tensor(a)
    flat = ravel(node)
    index = ravel(_wrapped(_integers(ind), flat.shape[0], mode))
    given = ravel(as_tensor(v))
    if 0 in (flat.shape[0], index.shape[0], given.shape[0]):
        return node
    if given.shape[0] != 1:
        given = resize(given, index.shape)
    return reshape(_written(flat, (index,), given), node.shape)


def _not_in_place(inplace: bool, name: str) -> None:
    if inplace:
        raise DomainError(f"{name} cannot change a tensor in place: pass inplace=False")


def _written(x: Tensor, index: tuple[Tensor, ...], values: Any) -> Tensor:
    entries = selection(x.shape, index)
    (given,) = convert([values])
    given = given if given.dtype == x.dtype else cast(given, x.dtype)
    return entries.write(x, broadcast_to(given, entries.result))


def choose(a: Any, choices: Any, out: None = None, mode: str = "raise") -> Tensor:
    """For each entry of ``a`` the entry of the choice with that number (``numpy.choose``)."""
    no_out(out)
    given = list(choices)
    if not given:
        raise ShapeError("choose takes at least one choice")
    if mode not in ("raise", "wrap", "clip"):
        raise DomainError(f"choose: mode is 'raise', 'wrap' or 'clip', got {mode!r}")
    nodes = [_integers(a), *convert(given)]
    shape = broadcast(*(node.shape for node in nodes))
    index, *wide = [broadcast_to(node, shape) for node in nodes]
    table = stack(wide)
    counted = [_counted(k, index.shape, size) for k, size in enumerate(index.shape)]
    return gather(table, [_wrapped(index, len(given), mode), *counted])


def compress(
    condition: Any, a: Any, axis: int | None = None, *, size: Any = None, fill_value: Any = 0,
    out: None = None,
) -> Tensor:  # fmt: skip
    """The entries along an axis where a known condition holds (``numpy.compress``).

    Raises:
        DomainError: for a symbolic condition: the shape of the result would depend on its values.
    """
    no_out(out)
    positions = _known_positions(condition, "compress")
    if size is not None:
        raise DomainError("compress to a given size is not supported")
    return take(a, positions, axis=axis)


def extract(condition: Any, arr: Any, *, size: Any = None, fill_value: Any = 0) -> Tensor:
    """The entries where a known condition holds, as a vector (``numpy.extract``)."""
    return compress(np.ravel(_known(condition, "extract")), ravel(as_tensor(arr)), size=size)


def _known(condition: Any, name: str) -> Any:
    if isinstance(condition, sp.Basic):
        raise DomainError(
            f"{name} takes an array of known values as condition: else the shape of the result "
            "would depend on values; use snp.where"
        )
    return np.asarray(condition)


def _known_positions(condition: Any, name: str) -> Any:
    known = _known(condition, name)
    if known.ndim != 1:
        raise ShapeError(f"{name} takes a vector as condition, got shape {known.shape}")
    return np.nonzero(known)[0].astype(int)


def bincount(
    x: Any,
    weights: Any = None,
    minlength: int = 0,
    *,
    length: Any = None,
    out_sharding: None = None,
) -> Tensor:
    """How often each number occurs, or the sum of its weights (``jax.numpy.bincount``).

    Raises:
        DomainError: without ``length``, as the shape would depend on values.
    """
    if length is None:
        raise DomainError("bincount needs length=, or the shape would depend on values")
    index = _integers(x)
    if index.rank != 1:
        raise ShapeError(f"bincount takes a vector, got shape {show_shape(index.shape)}")
    each = ones(index.shape, "int") if weights is None else as_tensor(weights)
    return scatter(broadcast_to(each, index.shape), [index], (as_dim(length),))


def isin(
    element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False,
    *, method: str = "auto",
) -> Tensor:  # fmt: skip
    """Whether each entry is among the test elements (``numpy.isin``)."""
    if method not in ("auto", "compare_all", "binary_search", "sort"):
        raise DomainError(f"isin: there is no method {method!r}")
    x, tests = convert([element, test_elements])
    flat = ravel(tests)
    column = reshape(x, (*x.shape, 1))
    found = any_of(equal(column, flat), axis=-1)
    return logical_not(found) if invert else found


def ravel_multi_index(
    multi_index: Sequence[Any], dims: Sequence[Any], mode: str = "raise", order: str = "C",
    *, dtype: Any = None,
) -> Tensor:  # fmt: skip
    """Positions in several axes as positions in one vector (``numpy.ravel_multi_index``)."""
    if len(multi_index) != len(dims):
        raise ShapeError(f"{len(multi_index)} positions for {len(dims)} axes")
    pairs = [
        (_wrapped(_integers(index), as_dim(size), None if mode == "raise" else mode), size)
        for index, size in zip(multi_index, dims, strict=True)
    ]
    result = as_tensor(0)
    for index, size in pairs if order == "C" else reversed(pairs):
        result = add(multiply(result, size), index)
    if dtype is None:
        return result
    if dtypes.kind(dtypes.canonical(dtype)) != "int":
        raise DTypeError(f"positions are integers, not {dtype}")
    return cast(result, dtypes.canonical(dtype))


def unravel_index(indices: Any, shape: Any) -> tuple[Tensor, ...]:
    """Positions in a vector as positions in the axes of a shape (``numpy.unravel_index``)."""
    index = _integers(indices)
    sizes = [as_dim(size) for size in (shape if isinstance(shape, (tuple, list)) else (shape,))]
    found: list[Tensor] = []
    for size in reversed(sizes):
        found.append(remainder(index, size))
        index = floor_divide(index, size)
    return tuple(reversed(found))
