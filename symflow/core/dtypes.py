"""Data types: names, kinds and JAX's promotion.

``float``, ``int`` and ``complex`` are abstract: they take the precision at which a program is
lowered.  Promotion follows JAX's lattice (https://docs.jax.dev, "Type promotion semantics"):
kinds are ordered bool < int < float < complex, and an abstract or wider type absorbs a narrower
one of its kind.
"""

from functools import lru_cache
from typing import Any

from symflow.errors import DTypeError

_KINDS = ("bool", "int", "float", "complex")
_TABLE: dict[str, tuple[str, int]] = {
    "bool": ("bool", 1),
    "int": ("int", 0),
    "int32": ("int", 32),
    "int64": ("int", 64),
    "float": ("float", 0),
    "bfloat16": ("float", 15),
    "float16": ("float", 16),
    "float32": ("float", 32),
    "float64": ("float", 64),
    "complex": ("complex", 0),
    "complex64": ("complex", 64),
    "complex128": ("complex", 128),
}
NAMES = tuple(_TABLE)
_WIDER = {("complex64", "float64"): "complex128", ("complex64", "float"): "complex"}
_ABSTRACT = {"float64": "float", "int64": "int", "complex128": "complex"}
_SMALL = {"int8": "int32", "int16": "int32", "uint8": "int32", "uint16": "int32", "uint32": "int64"}
_FLOATS = {"int32": "float32", "int64": "float64"}


def canonical(dtype: object) -> str:
    """The name of a data type given as a name, a Python type, a NumPy or a JAX type.

    >>> canonical(bool), canonical("float32")
    ('bool', 'float32')

    Raises:
        DTypeError: for a type that symflow does not know.
    """
    if isinstance(dtype, str) and dtype in _TABLE:
        return str(dtype)
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None)
    if not isinstance(name, str):
        name = str(dtype)
    name = {"bool_": "bool", "_ScalarMeta": "", "float_": "float"}.get(name, name)
    if name in _TABLE:
        return name
    if name in _SMALL:
        return _SMALL[name]
    raise DTypeError(f"unknown dtype {dtype!r}; known: {', '.join(NAMES)}")


def of_array(dtype: Any) -> str:
    """The type of a NumPy array: 64-bit ones, NumPy's default, take the program's precision."""
    return _ABSTRACT.get(dtype.name) or canonical(dtype)


def kind(dtype: str) -> str:
    """``"bool"``, ``"int"``, ``"float"`` or ``"complex"``."""
    return _TABLE[dtype][0]


@lru_cache(maxsize=1024)
def promote(*dtypes: str) -> str:
    """The common type of operands, as JAX promotes them.

    >>> promote("int", "float"), promote("bfloat16", "float16"), promote("bool", "int32")
    ('float', 'float32', 'int32')
    """
    result = dtypes[0]
    for other in dtypes[1:]:
        result = _promote_pair(result, other)
    return result


def _promote_pair(a: str, b: str) -> str:
    if a == b:
        return a
    (kind_a, bits_a), (kind_b, bits_b) = _TABLE[a], _TABLE[b]
    rank_a, rank_b = _KINDS.index(kind_a), _KINDS.index(kind_b)
    if rank_a != rank_b:
        wide, narrow = (a, b) if rank_a > rank_b else (b, a)
        return _WIDER.get((wide, narrow), wide)
    if 0 in (bits_a, bits_b):
        return a if bits_a == 0 else b
    if {a, b} == {"bfloat16", "float16"}:
        return "float32"
    return a if bits_a > bits_b else b


def with_python_scalar(dtype: str, scalar_kind: str) -> str:
    """The type of a tensor combined with a weakly typed literal of a kind.

    >>> with_python_scalar("int32", "float"), with_python_scalar("float32", "int")
    ('float', 'float32')
    """
    if _KINDS.index(scalar_kind) <= _KINDS.index(kind(dtype)):
        return dtype
    if scalar_kind == "complex" and dtype in ("float64", "float32", "float16", "bfloat16"):
        return "complex128" if dtype == "float64" else "complex64"
    return scalar_kind


def at_least_float(dtype: str) -> str:
    """The type of ``exp(x)`` and its like: integers become floats of their width, bools ``float``.

    >>> at_least_float("int"), at_least_float("int32"), at_least_float("complex64")
    ('float', 'float32', 'complex64')
    """
    return dtype if kind(dtype) in ("float", "complex") else _FLOATS.get(dtype, "float")


def at_least_int(dtype: str) -> str:
    """The type of ``x ** 2`` and ``x // 2``: bools become ``int``."""
    return "int" if dtype == "bool" else dtype


def count_type(dtype: str) -> str:
    """The type of sums and products: bools and small integers become ``int``, as in JAX."""
    return "int" if dtype in ("bool", "int32") else dtype


def real_part(dtype: str) -> str:
    """The type of ``abs(x)`` for complex ``x``; others stay."""
    return {"complex": "float", "complex64": "float32", "complex128": "float64"}.get(dtype, dtype)
