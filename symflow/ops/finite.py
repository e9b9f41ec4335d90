"""NaN and the infinities, and equality up to rounding."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant
from symflow.core.apply import apply
from symflow.core.convert import as_tensor, number, scalar_kind
from symflow.core.dims import Shape, broadcast, is_one, same_shape, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DTypeError, ShapeError
from symflow.ops.arithmetic import (
    absolute,
    add,
    convert,
    elementwise,
    multiply,
    subtract,
)
from symflow.ops.choice import equal, less_equal, logical_and, logical_or
from symflow.ops.records import ELEMENTWISE, binary, boolean, no_out, promoted, same_as_first, unary
from symflow.ops.reduction import all as every

_FAMILY = "finite"


def _test(name: str, of_integers: int) -> Operation:
    def normal(operands: Operands, params: Params) -> Tensor | None:
        x = operands[0]
        if dtypes.kind(x.dtype) in ("float", "complex"):
            return None
        return constant(sp.Integer(of_integers), x.shape, "bool")

    return unary(
        name,
        _FAMILY,
        dtype=boolean,
        piecewise_constant=True,
        normal=normal,
        latex=rf"\operatorname{{{name}}}",
    )


ISNAN = _test("isnan", 0)
ISINF = _test("isinf", 0)
ISFINITE = _test("isfinite", 1)
ISPOSINF = _test("isposinf", 0)
ISNEGINF = _test("isneginf", 0)


def _whole(operands: Operands, params: Params) -> Tensor | None:
    x: Tensor = operands[0]
    return None if dtypes.kind(x.dtype) == "float" else x


NAN_TO_NUM = Operation(
    name="nan_to_num",
    family=_FAMILY,
    arity=1,
    shape=same_as_first,
    dtype=promoted,
    parameters=("nan", "posinf", "neginf"),
    defaults={"nan": 0, "posinf": None, "neginf": None},
    facts=ELEMENTWISE,
    normal=_whole,
    code={
        "jax": "jnp.nan_to_num({0}, nan={nan}, posinf={posinf}, neginf={neginf})",
        "numpy": "np.nan_to_num({0}, nan={nan}, posinf={posinf}, neginf={neginf})",
    },
)


ISCLOSE = binary(
    "isclose",
    _FAMILY,
    dtype=boolean,
    inputs="float",
    parameters=("rtol", "atol", "equal_nan"),
    defaults={"rtol": number(1e-5), "atol": number(1e-8), "equal_nan": False},
    piecewise_constant=True,
    latex=r"{0} \approx {1}",
)


def isnan(x: Any) -> Tensor:
    """Whether entries are no numbers (``numpy.isnan``)."""
    return elementwise(ISNAN, x)


def isinf(x: Any) -> Tensor:
    """Whether entries are infinite (``numpy.isinf``)."""
    return elementwise(ISINF, x)


def isfinite(x: Any) -> Tensor:
    """Whether entries are neither infinite nor NaN (``numpy.isfinite``)."""
    return elementwise(ISFINITE, x)


def isposinf(x: Any, out: None = None) -> Tensor:
    """Whether entries are plus infinity (``numpy.isposinf``)."""
    return _signed(ISPOSINF, x, out)


def isneginf(x: Any, out: None = None) -> Tensor:
    """Whether entries are minus infinity (``numpy.isneginf``)."""
    return _signed(ISNEGINF, x, out)


def _signed(operation: Operation, x: Any, out: None) -> Tensor:
    no_out(out)
    node = as_tensor(x)
    if dtypes.kind(node.dtype) == "complex":
        raise DTypeError(f"{operation.name} takes real numbers: complex infinities have no sign")
    return elementwise(operation, node)


def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Tensor:
    """``x`` with numbers in place of NaN and the infinities (``numpy.nan_to_num``).

    Args:
        x: a tensor of real numbers; integers stay as they are.
        copy: without meaning here: every result is a new tensor.
        nan: the number for NaN.
        posinf: the number for plus infinity; None for the largest of the type.
        neginf: the number for minus infinity; None for the least of the type.

    Raises:
        DTypeError: for complex tensors, and for replacements that are no plain numbers.
    """
    node = as_tensor(x)
    if dtypes.kind(node.dtype) == "complex":
        raise DTypeError("nan_to_num takes real numbers: treat real and imaginary part apart")
    return apply(NAN_TO_NUM, (node,), (_plain(nan), _plain(posinf), _plain(neginf)))


def _plain(value: Any) -> int | sp.Expr | None:
    if value is None:
        return None
    if scalar_kind(value) not in ("bool", "int", "float"):
        raise DTypeError(f"nan_to_num puts in plain numbers, got {value!r:.60}: use snp.where")
    exact = number(value)
    return int(exact) if exact.is_Integer else exact


def isclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether ``|a - b| <= atol + rtol * |b|``, entry by entry (``numpy.isclose``).

    Args:
        a: a tensor.
        b: another, with which it broadcasts.
        rtol: the tolerance in units of ``|b|``.
        atol: the tolerance near zero.
        equal_nan: whether NaN is close to NaN.
    """
    if all(scalar_kind(value) in ("int", "float") for value in (rtol, atol)):
        params = (_plain(rtol), _plain(atol), bool(equal_nan))
        return elementwise(ISCLOSE, a, b, params=params)
    x, y = convert((a, b), "float")
    bound = add(multiply(rtol, absolute(y)), atol)
    near = logical_and(isfinite(y), less_equal(absolute(subtract(x, y)), bound))
    close = logical_or(equal(x, y), near)
    return logical_or(close, logical_and(isnan(x), isnan(y))) if equal_nan else close


def allclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether all entries are close, as :func:`isclose` has it (``numpy.allclose``)."""
    return every(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Tensor:
    """Whether two tensors have one shape and equal entries (``numpy.array_equal``).

    Raises:
        ShapeError: when it is not decided whether symbolic sizes are equal.
    """
    x, y = as_tensor(a1), as_tensor(a2)
    if not _fit(x.shape, y.shape, ones=False):
        return constant(sp.S.Zero, (), "bool")
    hits = equal(x, y)
    return every(logical_or(hits, logical_and(isnan(x), isnan(y))) if equal_nan else hits)


def array_equiv(a1: Any, a2: Any) -> Tensor:
    """Whether two tensors have equal entries after broadcasting (``numpy.array_equiv``).

    Raises:
        ShapeError: when it is not decided whether symbolic sizes broadcast.
    """
    x, y = as_tensor(a1), as_tensor(a2)
    count = min(x.rank, y.rank)
    if count and not _fit(x.shape[-count:], y.shape[-count:], ones=True):
        return constant(sp.S.Zero, (), "bool")
    return every(equal(x, y))


def _fit(left: Shape, right: Shape, *, ones: bool) -> bool:
    """Whether two shapes agree; sizes of 1 go with all others where they may be repeated."""
    if len(left) != len(right):
        return False
    for a, b in zip(left, right, strict=True):
        if same_shape((a,), (b,)) or (ones and (is_one(a) or is_one(b))):
            continue
        if not (sp.sympify(a) - sp.sympify(b)).is_nonzero:
            raise ShapeError(
                f"whether shapes {show_shape(left)} and {show_shape(right)} are equal is not "
                f"decided: declare {a} and {b} as one dimension, or give them numbers"
            )
        return False
    broadcast(left, right)
    return True
