"""Sums of exponentials with conditions and weights, as ``jax.nn`` and ``jax.scipy.special``."""

from typing import Any

from symflow.core import dtypes
from symflow.core.dims import normalise_axes
from symflow.core.node import Tensor
from symflow.ops import composite, reduction
from symflow.ops.arithmetic import (
    absolute,
    add,
    broadcast_to,
    cast,
    convert,
    multiply,
    sign,
    subtract,
)
from symflow.ops.choice import condition as chosen
from symflow.ops.choice import equal, less
from symflow.ops.choice import where as choose
from symflow.ops.contraction import squeeze
from symflow.ops.contraction import sum as total
from symflow.ops.elementwise import exp, log

_NEVER = float("-inf")


def softmax(x: Any, axis: Any = -1, where: Any = None) -> Tensor:
    """``exp(x)`` scaled to sum 1 along an axis (``jax.nn.softmax``).

    Entries where the condition ``where`` does not hold are 0 and do not count.
    """
    if where is None:
        return composite.softmax(x, axis)
    return choose(chosen(where), composite.softmax(_kept(x, where), axis), 0)


def log_softmax(x: Any, axis: Any = -1, where: Any = None) -> Tensor:
    """The logarithm of :func:`softmax`: minus infinity where the condition does not hold."""
    if where is None:
        return composite.log_softmax(x, axis)
    return choose(chosen(where), composite.log_softmax(_kept(x, where), axis), _NEVER)


def _kept(x: Any, condition: Any) -> Tensor:
    return choose(chosen(condition), x, _NEVER)


def logsumexp(
    a: Any,
    axis: Any = None,
    b: Any = None,
    keepdims: bool = False,
    return_sign: bool = False,
    where: Any = None,
) -> Any:
    """``log(sum(b * exp(a)))`` over axes, computed without overflow.

    Args:
        a: the exponents.
        axis: None for all axes, or one, or several.
        b: weights of any sign; a negative sum gives NaN.
        keepdims: keep the reduced axes with size 1.
        return_sign: give the logarithm of the absolute value of the sum, and its sign.
        where: a condition; entries where it does not hold are left out.

    >>> from symflow.core import vector
    >>> import symflow.export
    >>> logsumexp(vector("a", "n"))
    special.logsumexp(a)
    """
    node = a if where is None else _kept(a, where)
    if b is None and not return_sign:
        return composite.logsumexp(node, axis, keepdims=keepdims)
    value, sum_sign = _signed(node, axis, 1.0 if b is None else b, keepdims=keepdims)
    if return_sign:
        return value, sum_sign
    return choose(less(sum_sign, 0), float("nan"), value)


def _signed(a: Any, axis: Any, b: Any, *, keepdims: bool) -> tuple[Tensor, Tensor]:
    """The logarithm of the absolute value of a weighted sum, and the sign of the sum.

    Exponentials are taken relative to the largest exponent that has a weight.
    """
    node, weights = convert((a, b), "float")
    node = choose(equal(weights, 0), _NEVER, node)
    axes = normalise_axes(axis, node.rank)
    largest = reduction.max(node, axes, keepdims=True, initial=_NEVER)
    largest = choose(less(absolute(largest), float("inf")), largest, 0)
    found = total(multiply(weights, exp(subtract(node, largest))), axes, keepdims=True)
    value, sum_sign = add(log(absolute(found)), largest), sign(found)
    if keepdims:
        return value, sum_sign
    return squeeze(value, axes), squeeze(sum_sign, axes)


def logmeanexp(x: Any, axis: Any = None, where: Any = None, keepdims: bool = False) -> Tensor:
    """``log(mean(exp(x)))`` over axes, computed without overflow."""
    (node,) = convert((x,), "float")
    result = logsumexp(node, axis, keepdims=keepdims, where=where)
    counted = True if where is None else chosen(where)
    ones = cast(broadcast_to(counted, node.shape), dtypes.real_part(node.dtype))
    count = total(ones, normalise_axes(axis, node.rank), keepdims=keepdims)
    return subtract(result, log(count))
