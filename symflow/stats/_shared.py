"""What the distributions share."""

from collections.abc import Callable
from typing import Any

from symflow.core import Tensor, dtypes
from symflow.errors import DTypeError
from symflow.ops.arithmetic import convert, divide, subtract
from symflow.ops.choice import equal, greater, greater_equal, less, less_equal, logical_and, where


def floats(*values: Any) -> list[Tensor]:
    """Tensors of one data type, at least float.

    Raises:
        DTypeError: for complex numbers.
    """
    nodes = convert(values, "float")
    if any(dtypes.kind(node.dtype) == "complex" for node in nodes):
        raise DTypeError("distributions are those of real numbers, got complex ones")
    return nodes


def scaled(x: Any, loc: Any, scale: Any) -> Tensor:
    """``(x - loc) / scale``."""
    a, b, c = floats(x, loc, scale)
    return divide(subtract(a, b), c)


def above(x: Tensor, least: float) -> Tensor:
    """``x``, but no less than a number; the derivative is 0 there, as in JAX."""
    return where(less_equal(x, least), least, x)


def between(x: Tensor) -> Tensor:
    """``x``, but between 0 and 1; the derivative is 0 at both, as in JAX."""
    return where(less_equal(x, 0), 0, where(greater_equal(x, 1), 1, x))


def proper(x: Tensor) -> Tensor:
    """Whether entries are numbers."""
    return equal(x, x)


def chance(q: Tensor, quantile: Callable[[Tensor], Tensor], *, ends: bool = True) -> Tensor:
    """A function of chances: NaN outside 0 to 1, and at both ends unless they belong to it."""
    low, high = (greater_equal, less_equal) if ends else (greater, less)
    inside = logical_and(low(q, 0), high(q, 1))
    return where(inside, quantile(where(inside, q, 0.5)), float("nan"))
