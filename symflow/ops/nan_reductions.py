"""Reductions that leave out NaN."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant
from symflow.core.convert import as_tensor
from symflow.core.dims import normalise_axes
from symflow.core.node import Tensor
from symflow.ops import choice, reduction
from symflow.ops.arithmetic import absolute, cast, divide, power_node, square, subtract
from symflow.ops.choice import less_equal, logical_not
from symflow.ops.contraction import mean, sum
from symflow.ops.cumulative import numbers_or
from symflow.ops.finite import isnan
from symflow.ops.records import no_out


def nansum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Tensor:
    """The sum of the entries that are numbers (``numpy.nansum``); arguments as of ``sum``."""
    return sum(numbers_or(a, 0), axis, dtype, out, keepdims, initial, where)


def nanprod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Tensor:
    """The product of the entries that are numbers (``numpy.nanprod``); arguments as of ``prod``."""
    return reduction.prod(numbers_or(a, 1), axis, dtype, out, keepdims, initial, where)


def nanmax(
    a: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Tensor:
    """The largest entry that is a number, NaN where none is (``numpy.nanmax``).

    Arguments as of ``max``.
    """
    found = reduction.max(numbers_or(a, -sp.oo), axis, out, keepdims, initial, where)
    return _nan_of_none(found, a, axis, keepdims, initial)


def nanmin(
    a: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Tensor:
    """The smallest entry that is a number, NaN where none is (``numpy.nanmin``).

    Arguments as of ``min``.
    """
    found = reduction.min(numbers_or(a, sp.oo), axis, out, keepdims, initial, where)
    return _nan_of_none(found, a, axis, keepdims, initial)


def _nan_of_none(found: Tensor, a: Any, axis: Any, keepdims: bool, initial: Any) -> Tensor:
    node = as_tensor(a)
    if initial is not None or dtypes.kind(node.dtype) in ("bool", "int"):
        return found
    return choice.where(reduction.all(isnan(node), axis, keepdims=keepdims), sp.nan, found)


def nanmean(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    where: Any = None,
) -> Tensor:
    """The mean of the entries that are numbers (``numpy.nanmean``); arguments as of ``mean``."""
    no_out(out)
    node = as_tensor(a)
    if dtypes.kind(node.dtype) in ("bool", "int"):
        return mean(node, axis, dtype, out, keepdims, where=where)
    wanted = node.dtype if dtype is None else dtypes.canonical(dtype)
    axes = normalise_axes(axis, node.rank)
    count = sum(logical_not(isnan(node)), axes, wanted, keepdims=keepdims, where=where)
    if any(node.shape[k] == 0 for k in axes):
        return constant(sp.nan, count.shape, count.dtype)
    return divide(nansum(node, axes, wanted, keepdims=keepdims, where=where), count)


def nanvar(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: int = 0,
    keepdims: bool = False,
    where: Any = None,
    mean: Any = None,
) -> Tensor:
    """The variance of the entries that are numbers, NaN for too few (``numpy.nanvar``).

    Arguments as of ``var``.
    """
    no_out(out)
    node = reduction.inexact(a, dtype)
    axis = normalise_axes(axis, node.rank)
    centre = nanmean(node, axis, keepdims=True, where=where) if mean is None else mean
    missing = isnan(node)
    # NaN is taken out before the square, whose derivative would bring it back
    distance = choice.where(missing, 0, subtract(node, centre))
    if dtypes.kind(distance.dtype) == "complex":
        distance = absolute(distance)
    count = sum(logical_not(missing), axis, keepdims=keepdims, where=where)
    left = subtract(count, ddof)
    none = less_equal(left, 0)
    spread = sum(square(distance), axis, keepdims=keepdims, where=where)
    result = divide(choice.where(none, sp.nan, spread), choice.where(none, 1, left))
    return result if dtype is None else cast(result, dtypes.canonical(dtype))


def nanstd(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: int = 0,
    keepdims: bool = False,
    where: Any = None,
    mean: Any = None,
) -> Tensor:
    """The square root of :func:`nanvar` (``numpy.nanstd``)."""
    return power_node(nanvar(a, axis, dtype, out, ddof, keepdims, where, mean), sp.S.Half)
