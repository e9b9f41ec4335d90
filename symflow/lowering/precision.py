"""Concrete data types: what the abstract ``float``, ``int`` and ``complex`` become."""

from collections.abc import Mapping

from symflow.core import dtypes
from symflow.errors import LoweringError

_TYPES: Mapping[str, tuple[str, str, str]] = {
    "float64": ("float64", "int64", "complex128"),
    "float32": ("float32", "int32", "complex64"),
    "bfloat16": ("bfloat16", "int32", "complex64"),
    "float16": ("float16", "int32", "complex64"),
    "mixed": ("float32", "int32", "complex64"),
    "mixed_float16": ("float32", "int32", "complex64"),
}
PRECISIONS = tuple(_TYPES)
# what the factors of products are rounded to; all else, and the sums of products, is float32
FACTORS: Mapping[str, str] = {"mixed": "bfloat16", "mixed_float16": "float16"}
_MATMUL: Mapping[str, str] = {
    "default": "default",
    "high": "high",
    "highest": "highest",
    "bfloat16": "bfloat16",
    "bf16": "bfloat16",
    "tensorfloat32": "tensorfloat32",
    "tf32": "tensorfloat32",
    "float32": "float32",
}
WIDE = frozenset({"float64", "int64", "complex128"})
HALF = frozenset({"bfloat16", "float16"})


def checked_precision(precision: str, backend: str) -> str:
    """The precision, once it is known and the backend has it.

    Raises:
        LoweringError: naming the precisions that there are.
    """
    if precision not in _TYPES:
        raise LoweringError(f"unknown precision {precision!r}; known: {', '.join(PRECISIONS)}")
    if backend == "numpy" and precision == "bfloat16":
        raise LoweringError("NumPy has no bfloat16: use precision='float32', or backend='jax'")
    if backend == "numpy" and precision in FACTORS:
        raise LoweringError("NumPy has no mixed precision: use precision='float32'")
    return precision


def checked_matmul(matmul: str | None, backend: str) -> str | None:
    """JAX's name for the precision of matrix products on an accelerator.

    Raises:
        LoweringError: for an unknown one, naming those there are, and for NumPy, which has none.
    """
    if matmul is None:
        return None
    if matmul not in _MATMUL:
        raise LoweringError(f"unknown matmul {matmul!r}; known: {', '.join(_MATMUL)}")
    if backend == "numpy":
        raise LoweringError("NumPy has one precision of products: leave matmul out")
    return _MATMUL[matmul]


def concrete(dtype: str, precision: str) -> str:
    """A data type at a precision.

    >>> concrete("float", "bfloat16"), concrete("int", "float64"), concrete("int32", "float64")
    ('bfloat16', 'int64', 'int32')
    """
    floating, integer, complex_ = _TYPES[precision]
    return {"float": floating, "int": integer, "complex": complex_}.get(dtype, dtype)


def accepts(dtype: str, given: str) -> bool:
    """Whether an array of one type may be given for a variable of another (cast upwards only)."""
    kinds = ("bool", "int", "float", "complex")
    return kinds.index(dtypes.kind(given)) <= kinds.index(dtypes.kind(dtype))
