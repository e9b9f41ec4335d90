"""Sums, products, quotients and powers, with NumPy's broadcasting and JAX's promotion."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import dtypes
from symflow.core.add import add_terms, constant, scaled
from symflow.core.apply import apply
from symflow.core.convert import as_tensor, number, scalar_kind
from symflow.core.dims import Dim, Shape, as_shape, broadcast, is_one, same_shape, show_shape
from symflow.core.einsum import Einsum, contract, is_zero
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.core.variable import Constant
from symflow.errors import DomainError, DTypeError, ShapeError
from symflow.ops.complex import TAKE_COMPLEX, is_complex, real
from symflow.ops.records import ELEMENTWISE, binary, same_as_first, unary

_MOST_REPEATS = 8
_LARGEST_POWER = 64  # a number to a higher power is left to the program


def _cast_dtype(operands: Operands, params: Params) -> str:
    return str(params[0])


def _cast_normal(operands: Operands, params: Params) -> Tensor | None:
    (x,), (dtype,) = operands, params
    if x.dtype == dtype:
        return x  # type: ignore[no-any-return]
    wide = dtypes.kind(dtype) in ("float", "complex")
    if isinstance(x, Einsum) and not x.operands:
        real = x.coefficient.is_extended_real or dtypes.kind(dtype) == "complex"
        whole = x.coefficient.is_Integer and dtypes.kind(dtype) == "int"
        if (wide and real) or whole:
            return contract(x.coefficient, (), (), x.output, dict(enumerate(x.sizes)), dtype)
    if isinstance(x, Constant) and wide and dtypes.kind(x.dtype) in ("bool", "int"):
        values: Tensor = Constant(x.array.astype(np.float64), dtype)
        return values
    return None


CAST = Operation(
    name="cast",
    family="arithmetic",
    arity=1,
    shape=same_as_first,
    dtype=_cast_dtype,
    parameters=("dtype",),
    facts=ELEMENTWISE | {"monotone"},
    normal=_cast_normal,
    code={"jax": "{0}.astype({dtype})", "numpy": "{0}.astype({dtype})"},
    latex="{0}",
    flops=0,
)


def _power_normal(operands: Operands, params: Params) -> Tensor | None:
    (x,), (exponent,) = operands, params
    if isinstance(exponent, int):
        return power_node(x, sp.Integer(exponent))
    if not exponent.is_number:
        return None
    if exponent == 0:
        return constant(sp.S.One, x.shape, x.dtype)
    if exponent == 1:
        return x  # type: ignore[no-any-return]
    if exponent.is_Integer and 1 < exponent <= _MOST_REPEATS:
        return product_of([x] * int(exponent))
    return _constant_power(x, exponent)


def _constant_power(x: Tensor, exponent: sp.Expr) -> Tensor | None:
    """``(c * ones)**p`` and ``(c * y)**k`` with the number taken out where that is exact."""
    if not isinstance(x, Einsum):
        return None
    c = x.coefficient
    if is_zero(c):
        return _power_of_zero(x, exponent)
    if c.is_number and exponent.is_Rational and abs(exponent.p) > _LARGEST_POWER:
        return None
    if not x.operands and len(set(x.output)) == len(x.output):
        positive = c.is_positive or (c.is_nonnegative and bool(c.free_symbols))
        if positive or (exponent.is_Integer and c.is_number):
            return constant(c**exponent, x.shape, x.dtype)
        return None
    if c is not sp.S.One and c.is_Rational and exponent.is_Integer:
        return scaled(c**exponent, power_node(x.with_coefficient(sp.S.One), exponent))
    return None


def _power_of_zero(x: Einsum, exponent: sp.Expr) -> Tensor | None:
    """As floating point has it: ``0**2 = 0`` and ``0**-2`` is infinite, where there are entries."""
    if exponent.is_positive or 0 in x.shape:
        return x
    if exponent.is_negative and dtypes.kind(x.dtype) == "float":
        return constant(sp.oo, x.shape, x.dtype)
    return None


def _power_scalar_dtype(operands: Operands, params: Params) -> str:
    exponent = params[0]
    own: str = operands[0].dtype
    return own if exponent.is_integer and exponent.is_nonnegative else dtypes.at_least_float(own)


SCALAR_POWER = Operation(
    name="scalar_power",
    family="arithmetic",
    arity=1,
    shape=same_as_first,
    dtype=_power_scalar_dtype,
    parameters=("exponent",),
    facts=ELEMENTWISE,
    normal=_power_normal,
    latex="{0}^{{{exponent}}}",
    flops=4,
)
POWER = binary(
    "power", "arithmetic", inputs="int", latex="{0}^{{{1}}}", flops=10, sympy=lambda x, y: x**y
)
FLOOR_DIVIDE = binary(
    "floor_divide",
    "arithmetic",
    piecewise_constant=True,
    inputs="int",
    latex=r"\left\lfloor {0} / {1} \right\rfloor",
    sympy=lambda x, y: sp.floor(x / y),
)
REMAINDER = binary("remainder", "arithmetic", inputs="int", latex=r"{0} \bmod {1}", sympy=sp.Mod)
ABS = unary(
    "abs",
    "arithmetic",
    "even",
    "nonnegative",
    "idempotent",
    dtype=lambda operands, params: dtypes.real_part(operands[0].dtype),
    latex=r"\left|{0}\right|",
    sympy=sp.Abs,
)
SIGN = unary(
    "sign",
    "arithmetic",
    "odd",
    "monotone",
    "idempotent",
    dtype=lambda operands, params: operands[0].dtype,
    piecewise_constant=True,
    latex=r"\operatorname{sign}",
    sympy=sp.sign,
)


_LEAST = {"int": dtypes.at_least_int, "float": dtypes.at_least_float}


def convert(values: Sequence[Any], inputs: str = "same") -> list[Tensor]:
    """Tensors from arguments, promoted as JAX does; literals take the type they meet.

    Args:
        values: tensors, numbers, arrays, SymPy scalars.
        inputs: ``"any"`` leaves types alone, ``"same"`` promotes them together, ``"int"`` and
            ``"float"`` at least to that kind.
    """
    if not values:
        raise TypeError("at least one tensor or number is needed")
    if _fit_already(values, inputs):
        return list(values)
    kinds = [None if isinstance(v, Tensor) else scalar_kind(v) for v in values]
    nodes = [as_tensor(v) if kind is None else None for v, kind in zip(values, kinds, strict=True)]
    firm = [node.dtype for node in nodes if node is not None]
    weak = [kind for kind in kinds if kind is not None]
    dtype = dtypes.promote(*firm) if firm else dtypes.promote(*weak)
    for literal in weak:
        dtype = dtypes.with_python_scalar(dtype, literal)
    if inputs in _LEAST:
        dtype = _LEAST[inputs](dtype)
    result: list[Tensor] = []
    for value, node, kind in zip(values, nodes, kinds, strict=True):
        if node is None:
            wanted = (kind or dtype) if inputs == "any" and not firm else dtype
            result.append(constant(number(value), (), wanted))
        else:
            result.append(node if inputs == "any" else cast(node, dtype))
    return result


def _fit_already(values: Sequence[Any], inputs: str) -> bool:
    """Whether all values are tensors of the one type that is wanted: the usual case."""
    first = values[0]
    if not isinstance(first, Tensor):
        return False
    dtype = first.dtype
    if inputs in _LEAST and _LEAST[inputs](dtype) != dtype:
        return False
    return all(isinstance(value, Tensor) and value.dtype == dtype for value in values[1:])


def cast(x: Tensor, dtype: str) -> Tensor:
    """``x`` as another data type; of complex numbers that become real ones, the real part."""
    if x.dtype == dtype:
        return x
    if is_complex(x) and dtypes.kind(dtype) in ("int", "float"):
        return cast(real(x), dtype)
    return apply(CAST, (x,), (dtype,))


def astype(x: Any, dtype: object) -> Tensor:
    """``x`` as another data type (``numpy.astype``).

    >>> from symflow.core import vector
    >>> astype(vector("x", "n"), "int32").dtype
    'int32'
    """
    return cast(as_tensor(x), dtypes.canonical(dtype))


def broadcast_to(array: Any, shape: Any) -> Tensor:
    """``array`` repeated along new and size-1 axes (``numpy.broadcast_to``).

    Raises:
        ShapeError: when the shapes do not fit, naming the axis.
    """
    node = as_tensor(array)
    if node.shape == shape:
        return node
    target = as_shape(shape)
    if not same_shape(broadcast(node.shape, target), target):
        raise ShapeError(
            f"cannot broadcast shape {show_shape(node.shape)} to {show_shape(target)}: "
            f"the result would have shape {show_shape(broadcast(node.shape, target))}"
        )
    sizes: dict[int, Dim] = dict(enumerate(target))
    labels = _aligned(node, target, sizes)
    return contract(sp.S.One, (node,), (labels,), tuple(range(len(target))), sizes, node.dtype)


def _aligned(x: Tensor, shape: Shape, sizes: dict[int, Dim]) -> tuple[int, ...]:
    """Labels of the axes of ``x`` against those of a broadcast shape (labels 0 to rank - 1)."""
    offset = len(shape) - len(x.shape)
    labels = []
    for axis, size in enumerate(x.shape):
        if is_one(size) and not is_one(shape[offset + axis]):
            sizes[len(sizes)] = 1
            labels.append(len(sizes) - 1)
        else:
            labels.append(offset + axis)
    return tuple(labels)


def elementwise(operation: Operation, *values: Any, params: tuple[Any, ...] = ()) -> Tensor:
    """An elementwise operation with its operands promoted and broadcast."""
    nodes = convert(values, operation.inputs)
    if operation.name not in TAKE_COMPLEX and any(map(is_complex, nodes)):
        raise DTypeError(
            f"{operation.name} is not defined for complex numbers: take abs, real or imag first"
        )
    shape = broadcast(*(node.shape for node in nodes))
    return apply(operation, tuple(broadcast_to(node, shape) for node in nodes), params)


def add(*values: Any) -> Tensor:
    """The sum of tensors (``numpy.add`` for any number of them); of bools, whether one is true."""
    nodes = convert(values)
    if nodes[0].dtype == "bool":
        return cast(add(*(cast(node, "int") for node in nodes)), "bool")
    shape = broadcast(*(node.shape for node in nodes))
    return add_terms(
        [(sp.S.One, broadcast_to(node, shape)) for node in nodes], shape, nodes[0].dtype
    )


def subtract(x: Any, y: Any) -> Tensor:
    """``x - y``.

    Raises:
        DTypeError: for two bools, as in NumPy.
    """
    a, b = convert((x, y))
    _no_bool(a, "-")
    shape = broadcast(a.shape, b.shape)
    terms = [(sp.S.One, broadcast_to(a, shape)), (sp.S.NegativeOne, broadcast_to(b, shape))]
    return add_terms(terms, shape, a.dtype)


def _no_bool(x: Tensor, what: str) -> None:
    if x.dtype == "bool":
        raise DTypeError(f"{what} takes no bools: use ~x for 'not', or x.astype(int) to count")


def negative(x: Any) -> Tensor:
    """``-x``.

    Raises:
        DTypeError: for bools, as in NumPy.
    """
    node = as_tensor(x)
    _no_bool(node, "-")
    return scaled(sp.S.NegativeOne, node)


def positive(x: Any) -> Tensor:
    """``+x``."""
    return as_tensor(x)


def multiply(*values: Any) -> Tensor:
    """The elementwise product of tensors (``numpy.multiply`` for any number of them)."""
    return product_of(convert(values))


def product_of(nodes: Sequence[Tensor]) -> Tensor:
    """The elementwise product of tensors of one data type."""
    shape = broadcast(*(node.shape for node in nodes))
    sizes: dict[int, Dim] = dict(enumerate(shape))
    labels = [_aligned(node, shape, sizes) for node in nodes]
    return contract(sp.S.One, nodes, labels, tuple(range(len(shape))), sizes, nodes[0].dtype)


def divide(x: Any, y: Any) -> Tensor:
    """``x / y``."""
    a, b = convert((x, y), "float")
    if _is_zero(a) and _is_zero(b):
        return constant(sp.nan, broadcast(a.shape, b.shape), a.dtype)
    return multiply(a, reciprocal(b))


def _is_zero(x: Tensor) -> bool:
    return isinstance(x, Einsum) and is_zero(x.coefficient)


def reciprocal(x: Any) -> Tensor:
    """``1 / x``."""
    return power_node(convert((x,), "float")[0], sp.S.NegativeOne)


def power_node(x: Tensor, exponent: sp.Expr) -> Tensor:
    """``x`` to a power that is a number or an expression of dimensions."""
    return apply(SCALAR_POWER, (x,), (exponent,))


def power(x: Any, y: Any) -> Tensor:
    """``x ** y`` (``numpy.power``).

    Raises:
        DomainError: for a negative integer power of integers, as in NumPy.
    """
    base, exponent = convert((x, y), "int")
    value = _as_number(exponent)
    if value is None:
        return elementwise(POWER, base, exponent)
    if dtypes.kind(base.dtype) == "int" and not value.is_nonnegative:
        raise DomainError(
            f"integers have no power {value} among the integers: write x ** {value}.0, "
            "or cast x to float first"
        )
    return power_node(base, value)


def _as_number(y: Tensor) -> sp.Expr | None:
    """The value of a real literal or an expression of dimensions."""
    if isinstance(y, Einsum) and not y.operands and not y.shape and y.coefficient.is_real:
        return y.coefficient
    return None


def square(x: Any) -> Tensor:
    """``x * x``."""
    return product_of(convert((x,), "int") * 2)


def sqrt(x: Any) -> Any:
    """The square root; of a plain SymPy scalar or dimension, the SymPy expression."""
    if isinstance(x, sp.Expr) and not isinstance(x, Tensor) and scalar_kind(x) is not None:
        return sp.sqrt(x)
    return power_node(convert((x,), "float")[0], sp.S.Half)


def floor_divide(x: Any, y: Any) -> Tensor:
    """``x // y``."""
    return elementwise(FLOOR_DIVIDE, x, y)


def remainder(x: Any, y: Any) -> Tensor:
    """``x % y``, with the sign of ``y``."""
    return elementwise(REMAINDER, x, y)


def divmod(x1: Any, x2: Any) -> tuple[Tensor, Tensor]:
    """``x1 // x2`` and ``x1 % x2`` (``numpy.divmod``)."""
    return floor_divide(x1, x2), remainder(x1, x2)


def absolute(x: Any) -> Tensor:
    """``|x|``."""
    return elementwise(ABS, x)


def sign(x: Any) -> Tensor:
    """-1, 0 or 1 by the sign of ``x``.

    Raises:
        DTypeError: for bools, as in NumPy.
    """
    node = as_tensor(x)
    _no_bool(node, "sign")
    return elementwise(SIGN, node)
