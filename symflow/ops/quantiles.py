"""Medians, quantiles and percentiles, with NaN spread or left out."""

from collections.abc import Callable
from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.apply import apply
from symflow.core.dims import Dim, Shape, normalise_axes, product, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DomainError, DTypeError, RankError
from symflow.ops.arithmetic import (
    add,
    broadcast_to,
    cast,
    convert,
    divide,
    multiply,
    subtract,
)
from symflow.ops.choice import less_equal, logical_not, maximum, minimum, where
from symflow.ops.contraction import expand_dims, moveaxis
from symflow.ops.contraction import sum as total
from symflow.ops.elementwise import ceil, floor
from symflow.ops.finite import isnan
from symflow.ops.gathering import gather
from symflow.ops.records import no_out, promoted
from symflow.ops.reduction import any as some
from symflow.ops.reshaping import reshape
from symflow.ops.sorting import sort
from symflow.ops.taking import take_along_axis

_METHODS = ("linear", "lower", "higher", "nearest", "midpoint", "inverted_cdf")


def _quantile_shape(operands: Operands, params: Params) -> Shape:
    a, q = operands
    if q.rank > 1:
        raise RankError(f"quantiles are given by a number or a vector, not {show_shape(q.shape)}")
    return (*q.shape, *(size for k, size in enumerate(a.shape) if k not in params[1]))


def _median_shape(operands: Operands, params: Params) -> Shape:
    return tuple(size for k, size in enumerate(operands[0].shape) if k not in params[0])


def _one_axis(a: Tensor, axes: tuple[int, ...]) -> Tensor:
    """``a`` with some axes as one, the last."""
    kept = [k for k in range(a.rank) if k not in axes]
    last = moveaxis(a, axes, tuple(range(len(kept), a.rank)))
    if len(axes) == 1:
        return last
    return reshape(last, (*(a.shape[k] for k in kept), product(a.shape[k] for k in axes)))


def _quantile(a: Tensor, q: Tensor, method: str, axes: tuple[int, ...]) -> Tensor:
    """Between the entries at the places below and above ``q * (n - 1)``, NaN if one is."""
    rows = _one_axis(a, axes)
    spread = where(some(isnan(rows), -1, keepdims=True), sp.nan, rows)
    ordered, size = sort(spread), rows.shape[-1]

    def entry(place: Tensor) -> Tensor:
        position = maximum(minimum(cast(place, "int"), size - 1), 0)
        found = gather(ordered, [position], rows.rank - 1)
        return moveaxis(found, -1, 0) if q.shape else found

    wide = expand_dims(q, tuple(range(q.rank, q.rank + rows.rank - 1))) if rows.rank > 1 else q
    return _between(entry, q, wide, size, method)


def _nan_quantile(a: Tensor, q: Tensor, method: str, axes: tuple[int, ...]) -> Tensor:
    """The same among the entries that are numbers, which a sort puts first."""
    rows = _one_axis(a, axes)
    counts = cast(total(logical_not(isnan(rows)), -1), rows.dtype)
    wide = expand_dims(q, tuple(range(q.rank, q.rank + rows.rank - 1))) if rows.rank > 1 else q
    shape = (*q.shape, *rows.shape[:-1])
    ordered = broadcast_to(sort(rows), (*q.shape, *rows.shape))

    def entry(place: Tensor) -> Tensor:
        inside = maximum(minimum(place, subtract(counts, 1)), 0)
        position = expand_dims(cast(broadcast_to(inside, shape), "int"), -1)
        return reshape(take_along_axis(ordered, position, -1), shape)

    return _between(entry, wide, wide, counts, method)


def _between(
    entry: Callable[[Tensor], Tensor], q: Tensor, wide: Tensor, size: Dim | Tensor, method: str
) -> Tensor:
    """The entries around the place of a quantile, brought together by a method of NumPy's."""
    if method == "inverted_cdf":
        return entry(subtract(ceil(multiply(q, size)), 1))
    place = multiply(q, subtract(size, 1))
    if method == "lower":
        return entry(floor(place))
    if method == "higher":
        return entry(ceil(place))
    low, high = entry(floor(place)), entry(ceil(place))
    if method == "midpoint":
        return divide(add(low, high), 2)
    exact = multiply(wide, subtract(size, 1))
    share = subtract(exact, floor(exact))
    if method == "nearest":
        return where(less_equal(share, 0.5), low, high)
    return add(multiply(low, subtract(1, share)), multiply(high, share))


def _quantile_of(name: str, definition: Callable[..., Tensor]) -> Operation:
    return Operation(
        name=name,
        family="quantiles",
        arity=2,
        shape=_quantile_shape,
        dtype=promoted,
        parameters=("method", "axis"),
        defaults={"method": "linear"},
        definition=definition,
        batching="definition",
        facts=frozenset({"reduction"}),
        code={"jax": f"jnp.{name}({{0}}, {{1}}, axis={{axis}}, method={{method}})"},
    )


def _median_of(name: str, definition: Callable[..., Tensor]) -> Operation:
    return Operation(
        name=name,
        family="quantiles",
        arity=1,
        shape=_median_shape,
        dtype=promoted,
        parameters=("axis",),
        definition=lambda a, axes: definition(a, convert((0.5, a))[0], "midpoint", axes),
        batching="definition",
        facts=frozenset({"reduction"}),
        code={"jax": f"jnp.{name}({{0}})"},
        latex=rf"\operatorname{{{name}}}",
    )


QUANTILE = _quantile_of("quantile", _quantile)
NANQUANTILE = _quantile_of("nanquantile", _nan_quantile)
MEDIAN = _median_of("median", _quantile)
NANMEDIAN = _median_of("nanmedian", _nan_quantile)


def _real(a: Any, *more: Any) -> list[Tensor]:
    nodes = convert((a, *more), "float")
    if dtypes.kind(nodes[0].dtype) == "complex":
        raise DTypeError("quantiles take real numbers: complex ones have no order")
    return nodes


def _median(operation: Operation, a: Any, axis: Any, out: None, keepdims: bool) -> Tensor:
    no_out(out)
    (node,) = _real(a)
    axes = _axes(axis, node)
    result = apply(operation, (node,), (axes,)) if axes else node
    return expand_dims(result, axes) if keepdims and axes else result


def _axes(axis: Any, x: Tensor) -> tuple[int, ...]:
    axes = normalise_axes(axis, x.rank)
    for k in axes:
        if x.shape[k] == 0:
            raise DomainError(f"no entries along axis {k} of {show_shape(x.shape)}: no quantile")
    return axes


def median(
    a: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Tensor:
    """The entry in the middle, or the mean of the two there (``numpy.median``).

    Args:
        a: a tensor of real numbers; where one is NaN, so is the median.
        axis: None for all axes, or one, or several.
        out: not supported.
        overwrite_input: without meaning here.
        keepdims: keep the axes with size 1.

    Raises:
        DomainError: of no entries.

    >>> from symflow.core import matrix
    >>> median(matrix("A", "m", "n"), axis=0)
    median(A, axis=0)
    """
    return _median(MEDIAN, a, axis, out, keepdims)


def nanmedian(
    a: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Tensor:
    """The median of the entries that are numbers; see :func:`median`."""
    return _median(NANMEDIAN, a, axis, out, keepdims)


def quantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: None = None,
) -> Tensor:
    """Quantiles, from 0 for the smallest to 1 for the largest entry (``numpy.quantile``).

    Args:
        a: a tensor of real numbers; where one is NaN, so is the quantile.
        q: which quantile; of a vector, all of them, along the first axis of the result.
        axis: None for all axes, or one, or several.
        out: not supported.
        overwrite_input: without meaning here.
        method: between two entries ``"linear"``, ``"lower"``, ``"higher"``, ``"nearest"`` or
            ``"midpoint"``; or ``"inverted_cdf"``.
        keepdims: keep the axes with size 1.
        weights: not supported.

    Raises:
        RankError: for ``q`` of rank 2 or more.
        DomainError: for another method, for weights, and of no entries.
    """
    return _quantiles(QUANTILE, a, q, axis, out, method, keepdims, weights)


def nanquantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: None = None,
) -> Tensor:
    """Quantiles of the entries that are numbers; see :func:`quantile`."""
    return _quantiles(NANQUANTILE, a, q, axis, out, method, keepdims, weights)


def percentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: None = None,
) -> Tensor:
    """Quantiles in percent (``numpy.percentile``); see :func:`quantile`."""
    share = divide(convert((q,), "float")[0], 100)
    return _quantiles(QUANTILE, a, share, axis, out, method, keepdims, weights)


def nanpercentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: None = None,
) -> Tensor:
    """Quantiles, in percent, of the entries that are numbers; see :func:`quantile`."""
    share = divide(convert((q,), "float")[0], 100)
    return _quantiles(NANQUANTILE, a, share, axis, out, method, keepdims, weights)


def _quantiles(
    operation: Operation,
    a: Any,
    q: Any,
    axis: Any,
    out: None,
    method: str,
    keepdims: bool,
    weights: None,
) -> Tensor:
    no_out(out)
    if weights is not None:
        raise DomainError(f"{operation.name} takes no weights: repeat the entries instead")
    if method not in _METHODS:
        raise DomainError(f"the method is one of {', '.join(_METHODS)}, got {method!r}")
    (node,) = _real(a)
    (share,) = _real(q)
    share = cast(share, node.dtype)  # the type of the result is that of the entries
    axes = _axes(axis, node)
    if not axes:
        return broadcast_to(node, (*share.shape, *node.shape))
    result = apply(operation, (node, share), (method, axes))
    return expand_dims(result, tuple(k + share.rank for k in axes)) if keepdims else result
