"""Data types as values: names that can be called, and questions about them."""

from typing import Any

import ml_dtypes
import numpy as np

from symflow.core import dtypes
from symflow.core.convert import scalar_kind
from symflow.core.node import Tensor
from symflow.errors import DTypeError
from symflow.ops.arithmetic import astype


class TypeName(str):
    """The name of a data type; called, it converts: ``snp.float32(x)``.

    >>> int32 = TypeName("int32")
    >>> int32 == "int32", int32(2.5).dtype
    (True, 'int32')
    """

    __slots__ = ()

    def __call__(self, x: Any) -> Tensor:
        """``x`` as this type."""
        return astype(x, self)


_PARENTS: dict[str, tuple[type, ...]] = {
    "bool": (np.generic, np.bool_),
    "int": (np.generic, np.number, np.integer, np.signedinteger),
    "float": (np.generic, np.number, np.inexact, np.floating),
    "complex": (np.generic, np.number, np.inexact, np.complexfloating),
}
_KINDS = {
    "bool": {"bool"},
    "signed integer": {"int"},
    "unsigned integer": set(),
    "integral": {"int"},
    "real floating": {"float"},
    "complex floating": {"complex"},
    "numeric": {"int", "float", "complex"},
}
_ABSTRACT = frozenset({"float", "int", "complex"})


def _named(value: Any) -> str:
    """The name of a type, or the type of a tensor or an array."""
    if isinstance(value, Tensor):
        return value.dtype
    if hasattr(value, "dtype") and not isinstance(value, type):
        return dtypes.of_array(value.dtype)
    return dtypes.canonical(value)


def result_type(*args: Any) -> str:
    """The type to which tensors, types and Python numbers promote together (as in JAX).

    >>> from symflow.core import vector
    >>> result_type(vector("x", 3, dtype="int32"), 1.5, "float32")
    'float32'
    """
    if not args:
        raise TypeError("result_type needs at least one argument")
    literals = [scalar_kind(value) for value in args]
    pairs = list(zip(args, literals, strict=True))
    firm = [_named(value) for value, literal in pairs if literal is None]
    weak = [literal for literal in literals if literal is not None]
    result = dtypes.promote(*firm) if firm else dtypes.promote(*weak)
    for literal in weak:
        result = dtypes.with_python_scalar(result, literal)
    return result


def promote_types(a: Any, b: Any) -> str:
    """The common type of two types."""
    return dtypes.promote(_named(a), _named(b))


def _concrete(dtype: str, bits: int) -> str:
    width = 2 * bits if dtype == "complex" else bits
    return f"{dtype}{width}" if dtype in _ABSTRACT else dtype


def _numpy(name: str) -> Any:
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    """Whether a type may be cast to another (``numpy.can_cast``).

    Raises:
        DTypeError: when it depends on the precision that ``"float"`` and its like take later.
    """
    source, target = _named(from_), _named(to)
    answers = {
        np.can_cast(_numpy(_concrete(source, bits)), _numpy(_concrete(target, bits)), casting)
        for bits in (32, 64)
    }
    if len(answers) > 1:
        raise DTypeError(
            f"whether {source} casts to {target} depends on the precision of the program; "
            "name types with their number of bits"
        )
    return bool(answers.pop())


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a type is of a kind (``"real floating"``, ``"numeric"`` ...), or one of several."""
    name = _named(dtype)
    several = kind if isinstance(kind, tuple) else (kind,)
    for one in several:
        if isinstance(one, str) and one in _KINDS:
            if dtypes.kind(name) in _KINDS[one]:
                return True
        elif _named(one) == name:
            return True
    return False


def issubdtype(arg1: Any, arg2: Any) -> bool:
    """Whether a type belongs to a type or to a class of NumPy's (``snp.floating`` ...)."""
    if arg2 in _classes():
        if arg1 in _classes():
            return bool(np.issubdtype(arg1, arg2))
        return arg2 in _PARENTS[dtypes.kind(_named(arg1))]
    return arg1 not in _classes() and _named(arg1) == _named(arg2)


def _classes() -> tuple[type, ...]:
    return tuple({one for line in _PARENTS.values() for one in line if one is not np.bool_})


def finfo(dtype: Any) -> Any:
    """The limits of a floating type (``numpy.finfo``).

    Raises:
        DTypeError: for ``"float"``, whose precision the program decides, and for other kinds.
    """
    name = _named(dtype)
    if name in _ABSTRACT or dtypes.kind(name) not in ("float", "complex"):
        raise DTypeError(f"finfo takes a float type of known precision (float32 ...), got {name}")
    return ml_dtypes.finfo(_numpy(name))  # type: ignore[no-untyped-call]


def iinfo(int_type: Any) -> Any:
    """The limits of an integer type (``numpy.iinfo``).

    Raises:
        DTypeError: for ``"int"``, whose precision the program decides, and for other kinds.
    """
    name = _named(int_type)
    if name in _ABSTRACT or dtypes.kind(name) != "int":
        raise DTypeError(f"iinfo takes int32 or int64, got {name}")
    return ml_dtypes.iinfo(_numpy(name))  # type: ignore[no-untyped-call]


def iscomplexobj(x: Any) -> bool:
    """Whether the type of a tensor, an array or a number is complex."""
    return dtypes.kind(scalar_kind(x) or _named(x)) == "complex"


def isrealobj(x: Any) -> bool:
    """Whether the type of a tensor, an array or a number is not complex."""
    return not iscomplexobj(x)


def isscalar(element: Any) -> bool:
    """Whether something is a number or a tensor of rank 0."""
    if isinstance(element, Tensor):
        return not element.shape
    if isinstance(element, np.ndarray):
        return element.ndim == 0
    return bool(np.isscalar(element)) or scalar_kind(element) is not None
