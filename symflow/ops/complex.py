"""Complex numbers: conjugates, real and imaginary parts.

All three are linear over the real numbers.  A cotangent ``g`` of a complex ``z`` pairs with it as
``Re(sum(g * dz))``, without conjugation, as in JAX: the gradient of a real ``f`` is
``df/dx - i df/dy`` at ``z = x + i y``.
"""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant, scaled
from symflow.core.apply import Apply, apply
from symflow.core.convert import as_tensor
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.core.variable import Constant
from symflow.ops.records import promoted, unary

# Elementwise operations of the table that JAX and NumPy both define for complex numbers.
TAKE_COMPLEX = frozenset(
    {
        *("abs", "sign", "power", "scalar_power", "cast", "conj", "real", "imag", "where", "map"),
        *("exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "sinc"),
        *("arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"),
        *("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"),
        *("logical_and", "logical_or", "logical_not", "logical_xor", "isnan", "isinf"),
        *("isfinite", "isclose"),
    }
)


def is_complex(x: Tensor) -> bool:
    """Whether a tensor has a complex data type."""
    return dtypes.kind(x.dtype) == "complex"


def _inside(x: Tensor, operation: Operation) -> Tensor | None:
    """The operand of a node of an operation."""
    found = isinstance(x, Apply) and x.operation is operation
    return x.operands[0] if found else None


def _of_real(x: Tensor) -> Tensor | None:
    """What is not complex under a conversion to complex numbers."""
    found = isinstance(x, Apply) and x.operation.name == "cast" and not is_complex(x.operands[0])
    return x.operands[0] if found else None


def _of_number(x: Tensor, part: Any, dtype: str) -> Tensor | None:
    """A part of a literal or an array of numbers."""
    if isinstance(x, Einsum) and not x.operands:
        sizes = dict(enumerate(x.sizes))
        return contract(part(x.coefficient), (), (), x.output, sizes, dtype)
    return None


def _array(values: Any, dtype: str) -> Tensor:
    made: Tensor = Constant(values, dtype)
    return made


def _conj_normal(operands: Operands, params: Params) -> Tensor | None:
    x: Tensor = operands[0]
    if not is_complex(x) or _of_real(x) is not None:
        return x
    if isinstance(x, Constant):
        return _array(x.array.conj(), x.dtype)
    inner = _inside(x, CONJ)
    return _of_number(x, sp.conjugate, x.dtype) if inner is None else inner


CONJ = unary(
    "conj",
    "complex",
    "involution",
    dtype=promoted,
    normal=_conj_normal,
    latex=r"\overline{{ {0} }}",
    sympy=sp.conjugate,
    flops=0,
)


def _part_dtype(operands: Operands, params: Params) -> str:
    return dtypes.real_part(operands[0].dtype)


def _real_normal(operands: Operands, params: Params) -> Tensor | None:
    x: Tensor = operands[0]
    if not is_complex(x):
        return x
    source = _of_real(x)
    if source is not None:
        return _as_real(source, dtypes.real_part(x.dtype))
    if isinstance(x, Constant):
        return _array(x.array.real, dtypes.real_part(x.dtype))
    inner = _inside(x, CONJ)
    if inner is not None:
        return apply(REAL, (inner,))
    return _of_number(x, sp.re, dtypes.real_part(x.dtype))


def _as_real(x: Tensor, dtype: str) -> Tensor | None:
    return x if x.dtype == dtype else None


REAL = unary(
    "real",
    "complex",
    dtype=_part_dtype,
    normal=_real_normal,
    latex=r"\operatorname{Re}",
    sympy=sp.re,
    flops=0,
)


def _imag_normal(operands: Operands, params: Params) -> Tensor | None:
    x: Tensor = operands[0]
    dtype = dtypes.real_part(x.dtype)
    if not is_complex(x) or _of_real(x) is not None:
        return constant(sp.S.Zero, x.shape, dtype)
    if isinstance(x, Constant):
        return _array(x.array.imag, dtype)
    inner = _inside(x, CONJ)
    if inner is not None:
        return scaled(sp.S.NegativeOne, apply(IMAG, (inner,)))
    return _of_number(x, sp.im, dtype)


IMAG = unary(
    "imag",
    "complex",
    dtype=_part_dtype,
    normal=_imag_normal,
    latex=r"\operatorname{Im}",
    sympy=sp.im,
    flops=0,
)


def conj(x: Any, /) -> Tensor:
    """The complex conjugate, entry by entry; real tensors stay as they are.

    >>> from symflow.core import vector
    >>> z = vector("z", "n", dtype="complex")
    >>> conj(conj(z)) is z
    True
    """
    return apply(CONJ, (as_tensor(x),))


def real(val: Any, /) -> Tensor:
    """The real part, entry by entry."""
    return apply(REAL, (as_tensor(val),))


def imag(val: Any, /) -> Tensor:
    """The imaginary part, entry by entry; zeros for real tensors."""
    return apply(IMAG, (as_tensor(val),))
