"""Rounding, signs and exponents: what a floating point number is made of, entry by entry."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.apply import apply
from symflow.core.convert import as_tensor
from symflow.core.dims import broadcast
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DomainError, DTypeError
from symflow.ops.arithmetic import broadcast_to, cast, convert, elementwise, subtract
from symflow.ops.records import (
    ELEMENTWISE,
    binary,
    boolean,
    float_result,
    no_out,
    promoted,
    same_as_first,
    unary,
)

_FAMILY = "floating"


def _is_whole(x: Tensor) -> bool:
    return dtypes.kind(x.dtype) in ("bool", "int")


def _whole(operands: Operands, params: Params) -> Tensor | None:
    """Integers and bools are their own whole part."""
    x: Tensor = operands[0]
    return x if _is_whole(x) else None


ROUND = Operation(
    name="round",
    family=_FAMILY,
    arity=1,
    shape=same_as_first,
    dtype=promoted,
    parameters=("decimals",),
    defaults={"decimals": 0},
    facts=ELEMENTWISE | {"odd", "increasing"},
    normal=_whole,
    piecewise_constant=True,
)
TRUNC = unary(
    "trunc",
    _FAMILY,
    "odd",
    "increasing",
    dtype=promoted,
    normal=_whole,
    piecewise_constant=True,
    sympy=lambda x: sp.sign(x) * sp.floor(sp.Abs(x)),
)
SIGNBIT = unary("signbit", _FAMILY, dtype=boolean, piecewise_constant=True)
SPACING = unary("spacing", _FAMILY, "odd", piecewise_constant=True)
COPYSIGN = binary("copysign", _FAMILY, inputs="float")
NEXTAFTER = binary("nextafter", _FAMILY, inputs="float")
FMOD = binary(
    "fmod",
    _FAMILY,
    inputs="int",
    sympy=lambda x, y: x - y * sp.sign(x / y) * sp.floor(sp.Abs(x / y)),
)


def _scaled_dtype(operands: Operands, params: Params) -> str:
    x, exponent = operands
    if dtypes.kind(exponent.dtype) not in ("bool", "int"):
        raise DTypeError(f"ldexp takes an integer exponent, got {exponent.dtype}: write x * 2**y")
    return dtypes.at_least_float(x.dtype)


LDEXP = Operation(
    name="ldexp",
    family=_FAMILY,
    arity=2,
    shape=same_as_first,
    dtype=_scaled_dtype,
    facts=ELEMENTWISE,
    latex=r"{0} \cdot 2^{{ {1} }}",
    flops=2,
)


def _parts_dtype(operands: Operands, params: Params) -> str:
    return "int32" if params[0] else float_result(operands, params)


FREXP = Operation(
    name="frexp",
    family=_FAMILY,
    arity=1,
    shape=same_as_first,
    dtype=_parts_dtype,
    parameters=("output",),
    facts=ELEMENTWISE,
    outputs=("mantissa", "exponent"),
    inputs="float",
    code={"jax": "jnp.frexp({0})[{output}]", "numpy": "np.frexp({0})[{output}]"},
)


def _real(name: str, *values: Tensor) -> None:
    for value in values:
        if dtypes.kind(value.dtype) == "complex":
            raise DTypeError(f"{name} takes real numbers, got {value.dtype}")


def _entrywise(operation: Operation, *values: Any, params: tuple[Any, ...] = ()) -> Tensor:
    """An operation on real numbers, with broadcasting."""
    nodes = convert(values, operation.inputs)
    _real(operation.name, *nodes)
    return elementwise(operation, *nodes, params=params)


def round(a: Any, decimals: int = 0, out: None = None) -> Tensor:
    """``a`` to so many decimals, halves to the even neighbour (``numpy.round``).

    Args:
        a: a tensor of real numbers; integers stay as they are.
        decimals: digits after the point; negative ones (of floats) count before it.
        out: not supported.

    Raises:
        DTypeError: for bools and complex numbers.
        DomainError: for integers to a negative number of decimals, as in JAX.

    >>> from symflow.core import vector
    >>> round(vector("x", "n"), 2)
    round(x, decimals=2)
    """
    no_out(out)
    node = as_tensor(a)
    if node.dtype == "bool":
        raise DTypeError("round takes no bools: cast them first, x.astype(int)")
    _real("round", node)
    if dtypes.kind(node.dtype) == "int" and decimals < 0:
        raise DomainError(
            f"integers cannot be rounded to {decimals} decimals: cast x to float first"
        )
    return apply(ROUND, (node,), (int(decimals),))


def rint(x: Any) -> Tensor:
    """The nearest whole number, as a float; halves go to the even neighbour (``numpy.rint``)."""
    node = as_tensor(x)
    if dtypes.kind(node.dtype) in ("bool", "int"):
        return cast(node, "float")  # of the default precision, as in JAX
    return round(node)


def trunc(x: Any) -> Tensor:
    """The whole part, towards zero (``numpy.trunc``)."""
    return _entrywise(TRUNC, x)


def signbit(x: Any) -> Tensor:
    """Whether the sign is a minus, that of ``-0.0`` included (``numpy.signbit``)."""
    return _entrywise(SIGNBIT, x)


def spacing(x: Any) -> Tensor:
    """The distance to the next floating point number away from zero (``numpy.spacing``)."""
    return _entrywise(SPACING, x)


def copysign(x1: Any, x2: Any) -> Tensor:
    """``|x1|`` with the sign of ``x2`` (``numpy.copysign``)."""
    return _entrywise(COPYSIGN, x1, x2)


def nextafter(x: Any, y: Any) -> Tensor:
    """The floating point number after ``x`` towards ``y``; its derivative is that of ``x``."""
    return _entrywise(NEXTAFTER, x, y)


def fmod(x1: Any, x2: Any) -> Tensor:
    """The remainder of ``x1 / x2`` with the sign of ``x1`` (``numpy.fmod``)."""
    return _entrywise(FMOD, x1, x2)


def ldexp(x1: Any, x2: Any) -> Tensor:
    """``x1 * 2**x2`` for integers ``x2``, without overflow of the power (``numpy.ldexp``).

    Raises:
        DTypeError: for an exponent that is no integer, and for complex numbers.
    """
    (x,), exponent = convert((x1,), "float"), as_tensor(x2)
    _real("ldexp", x)
    shape = broadcast(x.shape, exponent.shape)
    return apply(LDEXP, (broadcast_to(x, shape), broadcast_to(exponent, shape)))


def frexp(x: Any) -> tuple[Tensor, Tensor]:
    """Mantissa, from 0.5 to 1, and exponent of two: ``x = mantissa * 2**exponent``."""
    (node,) = convert((x,), "float")
    _real("frexp", node)
    return apply(FREXP, (node,), (0,)), apply(FREXP, (node,), (1,))


def modf(x: Any, out: None = None) -> tuple[Tensor, Tensor]:
    """The part after the point and the whole part, both with the sign of ``x`` (``numpy.modf``)."""
    no_out(out)
    (node,) = convert((x,), "float")
    _real("modf", node)
    whole = trunc(node)
    return subtract(node, whole), whole
