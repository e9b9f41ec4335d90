"""What the formulas of the oracle share."""

from collections.abc import Callable, Mapping
from typing import Any

import ml_dtypes
import numpy as np
import sympy as sp

from symflow.core import Apply
from symflow.core.dims import Dim

Array = np.ndarray[Any, Any]
Sizes = dict[str, int]
Formula = Callable[[Apply, list[Array], Sizes], Any]

_DTYPES: dict[str, Any] = {
    "bool": np.bool_,
    "int": np.int64,
    "float": np.float64,
    "complex": np.complex128,
    "bfloat16": ml_dtypes.bfloat16,
}


def measure(size: Dim, sizes: Mapping[str, int]) -> int:
    """A dimension as a number."""
    if isinstance(size, int):
        return size
    value = size.subs({symbol: sizes[symbol.name] for symbol in size.free_symbols})
    assert value.is_Integer, f"{size} is {value}"
    return int(value)


def dtype_of(name: str) -> Any:
    """NumPy's type for a data type; the abstract ones are 64 bits wide."""
    return _DTYPES.get(name) or np.dtype(name)


def number(value: sp.Expr, sizes: Sizes) -> Any:
    """A coefficient as a number."""
    value = sp.sympify(value)
    value = value.subs({symbol: sizes[symbol.name] for symbol in value.free_symbols})
    if value.is_Integer:
        return int(value)
    if value is sp.nan:
        return float("nan")
    number = complex(value)
    return number if number.imag else number.real


def entries(function: Callable[..., Any]) -> Formula:
    """A function of all operands."""
    return lambda node, inputs, sizes: function(*inputs)


def over_axes(function: Callable[..., Any]) -> Formula:
    """A function of an operand and the axes of the first parameter."""
    return lambda node, inputs, sizes: function(inputs[0], node.params[0])


def output_of(function: Callable[..., Any]) -> Formula:
    """One of several results, chosen by the last parameter."""
    return lambda node, inputs, sizes: function(*inputs)[node.params[-1]]
