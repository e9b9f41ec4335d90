"""Anything a user may put where a tensor stands, as a tensor."""

from typing import Any

import numpy as np
import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant
from symflow.core.dims import is_dim_expression, same_shape, show_shape
from symflow.core.node import Tensor
from symflow.core.variable import Constant, Scalar
from symflow.errors import DTypeError, ShapeError

_LONGEST_RATIONAL = 1 << 20


def number(value: Any) -> sp.Expr:
    """A Python or NumPy number exactly: floats that are short fractions become rationals.

    Other floats keep the 53 bits of a double, in which SymPy then computes as IEEE 754 does.

    >>> number(0.5), number(3), float(number(0.1)) == 0.1
    (1/2, 3, True)

    Raises:
        DTypeError: for text, which is never read as a number, and what is no number.
    """
    if isinstance(value, sp.Expr):
        return number(float(value)) if value.is_Float and value._prec == 53 else value  # noqa: SLF001
    if isinstance(value, (bool, np.bool_)):
        return sp.Integer(int(value))
    if isinstance(value, (int, np.integer)):
        return sp.Integer(int(value))
    if isinstance(value, (complex, np.complexfloating)):
        return number(value.real) + sp.I * number(value.imag)
    if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
        raise DTypeError(f"a number was expected, got {value!r:.60}")
    real = float(value)
    if real != real:
        return sp.nan
    if real in (float("inf"), float("-inf")):
        return sp.oo if real > 0 else -sp.oo
    numerator, denominator = real.as_integer_ratio()
    if denominator <= 1024 and abs(numerator) <= _LONGEST_RATIONAL:
        return sp.Rational(numerator, denominator)
    return sp.Float(real)


def scalar_kind(value: Any) -> str | None:
    """The kind of a weakly typed literal (Python number or plain SymPy number), else None."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    if isinstance(value, complex):
        return "complex"
    if isinstance(value, sp.Expr) and not isinstance(value, Tensor) and is_plain_scalar(value):
        if value.is_integer and not value.is_Float:
            return "int"
        return "float" if value.is_extended_real is not False else "complex"
    return None


def is_plain_scalar(value: sp.Expr) -> bool:
    """Whether a SymPy expression is a number or an expression of dimensions."""
    return value.is_number or (is_dim_expression(value) and not value.has(sp.Indexed))


def as_tensor(value: Any, dtype: str | None = None) -> Tensor:
    """A tensor from a tensor, a number, an array, a (nested) list, or a SymPy scalar.

    Args:
        value: what to convert.
        dtype: type of a literal; by default its own kind (``"int"``, ``"float"`` ...).

    Raises:
        DTypeError: for text, objects, and what is not a number.
    """
    if isinstance(value, Tensor):
        return value
    kind = scalar_kind(value)
    if kind is not None:
        return constant(number(value), (), dtype or kind)
    if isinstance(value, sp.Symbol):
        return Scalar(value)  # type: ignore[no-any-return]
    if isinstance(value, sp.Basic):
        return Tensor.from_sympy(value)
    if isinstance(value, (str, bytes)) or value is None:
        raise DTypeError(f"{value!r} is no tensor; a formula in text is read by sf.parse")
    return _from_array(value, dtype)


def _from_array(value: Any, dtype: str | None) -> Tensor:
    if isinstance(value, (list, tuple)) and any(
        isinstance(item, (sp.Basic, list, tuple)) for item in value
    ):
        return _stacked(value, dtype)
    array = np.asarray(value)
    if array.dtype == object or array.dtype.kind not in "biufc":
        bfloat = str(array.dtype) == "bfloat16"
        if not bfloat:
            raise DTypeError(f"{type(value).__name__} {value!r:.60} is no array of numbers")
    if array.ndim == 0:
        return constant(number(array.item()), (), dtype or dtypes.of_array(array.dtype))
    return Constant(array, dtype)  # type: ignore[no-any-return]


def _stacked(value: Any, dtype: str | None) -> Tensor:
    array = np.array(
        [np.asarray(item) if not isinstance(item, sp.Basic) else None for item in value],
        dtype=object,
    )
    if any(item is None for item in array.ravel()):
        raise DTypeError("a list that holds symbolic tensors is stacked by snp.stack(...)")
    return Constant(np.asarray(value), dtype)  # type: ignore[no-any-return]


def accept(self: Tensor, value: Any) -> Tensor:
    """``value`` as a replacement of ``self``: a tensor of the same shape, or a number.

    Raises:
        ShapeError: when the shapes differ.
    """
    kind = scalar_kind(value)
    if kind is not None:
        dtype = dtypes.with_python_scalar(self.dtype, kind)
        return constant(number(value), self.shape, dtype)
    result = as_tensor(value)
    if not same_shape(result.shape, self.shape):
        raise ShapeError(
            f"cannot substitute a tensor of shape {show_shape(result.shape)} "
            f"for one of shape {show_shape(self.shape)}"
        )
    return result
