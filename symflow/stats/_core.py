"""Statistics of a sample."""

from typing import Any

import sympy as sp

from symflow.core import Tensor
from symflow.core.dims import normalise_axes
from symflow.ops.arithmetic import convert, divide
from symflow.ops.reduction import std


def sem(
    a: Any,
    axis: int | None = 0,
    ddof: int = 1,
    nan_policy: str = "propagate",
    *,
    keepdims: bool = False,
) -> Tensor:
    """The standard error of the mean, ``std(a, axis, ddof=ddof) / sqrt(size)``.

    Args:
        a: a sample.
        axis: that of the sample; None for all.
        ddof: taken off the number of entries by which the sum of squares is divided.
        nan_policy: ``"propagate"``; to leave NaN out is not supported.
        keepdims: keep the reduced axes with size 1.

    Raises:
        ValueError: for another policy.
    """
    if nan_policy != "propagate":
        raise ValueError(f"nan_policy={nan_policy!r} is not supported: use 'propagate'")
    (node,) = convert((a,), "float")
    size = sp.Integer(1)
    for place in normalise_axes(axis, node.rank):
        size = size * node.shape[place]
    return divide(std(node, axis, ddof=ddof, keepdims=keepdims), sp.sqrt(size))
