"""Reductions that are not sums: products and extremes over axes, and the variance."""

from collections.abc import Callable
from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant
from symflow.core.apply import apply
from symflow.core.convert import as_tensor
from symflow.core.dims import Shape, normalise_axes
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DomainError, DTypeError, ShapeError
from symflow.ops import choice
from symflow.ops.arithmetic import (
    absolute,
    astype,
    broadcast_to,
    cast,
    convert,
    multiply,
    power_node,
    square,
    subtract,
)
from symflow.ops.contraction import expand_dims, shared, sum, with_initial
from symflow.ops.contraction import mean as average
from symflow.ops.records import boolean, no_out, promoted


def _reduced_shape(operands: Operands, params: Params) -> Shape:
    axes = params[0]
    return tuple(size for k, size in enumerate(operands[0].shape) if k not in axes)


def _nothing_to_reduce(operands: Operands, params: Params) -> Any:
    return operands[0] if not params[0] else None


def _reduction(
    name: str, latex: str, *facts: str, dtype: Any = promoted, **options: Any
) -> Operation:
    return Operation(
        name=name,
        family="reduction",
        arity=1,
        shape=_reduced_shape,
        dtype=dtype,
        parameters=("axis",),
        facts=frozenset({"reduction", *facts}),
        normal=_nothing_to_reduce,
        latex=latex,
        **options,
    )


PROD = _reduction("prod", r"\prod")
MAX = _reduction("max", r"\max")
MIN = _reduction("min", r"\min")
ALL = _reduction("all", r"\forall", dtype=boolean, piecewise_constant=True)
ANY = _reduction("any", r"\exists", dtype=boolean, piecewise_constant=True)


def reduce(operation: Operation, x: Tensor, axis: Any, keepdims: bool) -> Tensor:
    """A reduction over all or some axes."""
    axes = normalise_axes(axis, x.rank)
    result = apply(operation, (x,), (axes,))
    return expand_dims(result, axes) if keepdims and axes else result


def prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
    promote_integers: bool = True,
) -> Tensor:
    """The product over all or some axes (``numpy.prod``).

    Args:
        a: what to multiply.
        axis: None for all axes, or one, or several.
        dtype: the type in which to multiply.
        out: not supported.
        keepdims: keep the reduced axes with size 1.
        initial: a factor of the result.
        where: a condition; entries where it does not hold are left out.
        promote_integers: multiply small integers as ``int``.
    """
    no_out(out)
    node = as_tensor(a)
    own = dtypes.count_type if promote_integers else dtypes.at_least_int
    node = cast(node, own(node.dtype) if dtype is None else dtypes.canonical(dtype))
    if where is not None:
        node = choice.where(choice.condition(where), node, 1)
    result = reduce(PROD, node, axis, keepdims)
    return result if initial is None else with_initial(multiply, result, initial)


def max(
    a: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Tensor:
    """The largest entry over all or some axes (``numpy.max``).

    Args:
        a: a tensor of numbers.
        axis: None for all axes, or one, or several.
        out: not supported.
        keepdims: keep the reduced axes with size 1.
        initial: the least value of the result; needed where nothing may be left to reduce.
        where: a condition; entries where it does not hold are left out. Needs ``initial``.

    Raises:
        ShapeError: over an axis of size 0, or with ``where``, without ``initial``.
    """
    return _extreme(MAX, choice.maximum, a, axis, out, keepdims, initial, where)


def min(
    a: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Tensor:
    """The smallest entry over all or some axes (``numpy.min``); arguments as of :func:`max`."""
    return _extreme(MIN, choice.minimum, a, axis, out, keepdims, initial, where)


def _extreme(
    operation: Operation,
    pairwise: Callable[[Any, Any], Tensor],
    a: Any,
    axis: Any,
    out: None,
    keepdims: bool,
    initial: Any,
    where: Any,
) -> Tensor:
    no_out(out)
    node = as_tensor(a)
    axes = normalise_axes(axis, node.rank)
    empty = [k for k in axes if node.shape[k] == 0]
    if initial is None:
        if where is not None:
            raise ShapeError(f"{operation.name} with where= needs initial=, the value of nothing")
        if empty:
            raise ShapeError(f"{operation.name} over axis {empty[0]} of size 0 has no value")
        return reduce(operation, node, axes, keepdims)
    first = astype(initial, node.dtype)
    if where is not None:
        node = choice.where(choice.condition(where), node, first)
    if empty:
        return broadcast_to(first, _kept_shape(node.shape, axes, keepdims))
    return pairwise(reduce(operation, node, axes, keepdims), first)


def _kept_shape(shape: Shape, axes: tuple[int, ...], keepdims: bool) -> Shape:
    if keepdims:
        return tuple(1 if k in axes else size for k, size in enumerate(shape))
    return tuple(size for k, size in enumerate(shape) if k not in axes)


def all(
    a: Any, axis: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None
) -> Tensor:
    """Whether all entries over the axes are true (``numpy.all``)."""
    no_out(out)
    node = choice.truth(a)
    node = (
        node
        if where is None
        else choice.where(choice.condition(where), node, constant(sp.S.One, (), "bool"))
    )
    return reduce(ALL, node, axis, keepdims)


def any(
    a: Any, axis: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None
) -> Tensor:
    """Whether some entry over the axes is true (``numpy.any``)."""
    no_out(out)
    node = choice.truth(a)
    node = (
        node
        if where is None
        else choice.where(choice.condition(where), node, constant(sp.S.Zero, (), "bool"))
    )
    return reduce(ANY, node, axis, keepdims)


def inexact(a: Any, dtype: Any) -> Tensor:
    """``a`` in the type in which a variance is computed.

    Raises:
        DTypeError: for a type of integers or bools.
    """
    if dtype is None:
        return convert((a,), "float")[0]
    wanted = dtypes.canonical(dtype)
    if dtypes.kind(wanted) in ("bool", "int"):
        raise DTypeError(f"a variance is computed in floats, not in {wanted}")
    return astype(a, wanted)


def var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = None,
    mean: Any = None,
    correction: float | None = None,
) -> Tensor:
    """The mean of the squared distances from the mean (``numpy.var``).

    Args:
        a: a tensor of numbers.
        axis: None for all axes, or one, or several.
        dtype: the type in which to compute.
        out: not supported.
        ddof: taken off the count by which is divided; where nothing is left, the result is NaN.
        keepdims: keep the reduced axes with size 1.
        where: a condition; entries where it does not hold are left out.
        mean: the mean, where it is known.
        correction: another name of ``ddof``.

    Raises:
        DomainError: for both ``ddof`` and ``correction``.
    """
    no_out(out)
    if correction is not None and ddof != 0:
        raise DomainError("ddof and correction are two names of one number: give one of them")
    node = inexact(a, dtype)
    axes = normalise_axes(axis, node.rank)
    centre = average(node, axes, keepdims=True, where=where) if mean is None else mean
    distance = subtract(node, centre)
    if dtypes.kind(distance.dtype) == "complex":
        distance = absolute(distance)
    total = sum(square(distance), axes, keepdims=keepdims, where=where)
    result = shared(total, node, axes, where, ddof if correction is None else correction)
    return result if dtype is None else cast(result, dtypes.canonical(dtype))


def std(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = None,
    mean: Any = None,
    correction: float | None = None,
) -> Tensor:
    """The square root of :func:`var` (``numpy.std``)."""
    variance = var(
        a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction
    )
    return power_node(variance, sp.S.Half)
