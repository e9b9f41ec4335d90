"""Comparisons, logic and choices between entries."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.apply import apply
from symflow.core.convert import as_tensor
from symflow.core.dims import broadcast
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DTypeError, ShapeError
from symflow.ops.arithmetic import broadcast_to, cast, convert, elementwise
from symflow.ops.records import ELEMENTWISE, binary, boolean, same_as_first, unary

_FAMILY = "choice"


def _comparison(name: str, sign: str, latex: str, sympy: Any, *facts: str) -> Operation:
    return binary(
        name,
        _FAMILY,
        *facts,
        dtype=boolean,
        piecewise_constant=True,
        latex="{0} " + latex + " {1}",
        sympy=sympy,
        code={"text": "{0} " + sign + " {1}"},
    )


GREATER = _comparison("greater", ">", ">", sp.Gt)
GREATER_EQUAL = _comparison("greater_equal", ">=", r"\ge", sp.Ge)
LESS = _comparison("less", "<", "<", sp.Lt)
LESS_EQUAL = _comparison("less_equal", "<=", r"\le", sp.Le)
EQUAL = _comparison("equal", "==", "=", sp.Eq, "commutative")
NOT_EQUAL = _comparison("not_equal", "!=", r"\ne", sp.Ne, "commutative")
LOGICAL_AND = binary(
    "logical_and",
    _FAMILY,
    "commutative",
    "idempotent",
    dtype=boolean,
    piecewise_constant=True,
    latex=r"{0} \land {1}",
    inputs="bool",
    sympy=sp.And,
)
LOGICAL_OR = binary(
    "logical_or",
    _FAMILY,
    "commutative",
    "idempotent",
    dtype=boolean,
    piecewise_constant=True,
    latex=r"{0} \lor {1}",
    inputs="bool",
    sympy=sp.Or,
)
LOGICAL_XOR = binary(
    "logical_xor",
    _FAMILY,
    "commutative",
    dtype=boolean,
    piecewise_constant=True,
    latex=r"{0} \oplus {1}",
    inputs="bool",
    sympy=sp.Xor,
)
LOGICAL_NOT = unary(
    "logical_not",
    _FAMILY,
    "involution",
    dtype=boolean,
    piecewise_constant=True,
    latex=r"\lnot {0}",
    inputs="bool",
    sympy=sp.Not,
)
MAXIMUM = binary(
    "maximum", _FAMILY, "commutative", "idempotent", "increasing", latex=r"\max", sympy=sp.Max
)
MINIMUM = binary(
    "minimum", _FAMILY, "commutative", "idempotent", "increasing", latex=r"\min", sympy=sp.Min
)
FMAX = binary("fmax", _FAMILY, "idempotent", "increasing", sympy=sp.Max)
FMIN = binary("fmin", _FAMILY, "idempotent", "increasing", sympy=sp.Min)
HEAVISIDE = binary(
    "heaviside",
    _FAMILY,
    piecewise_constant=True,
    inputs="float",
    latex=r"\operatorname{step}",
    sympy=sp.Heaviside,
)


def _where_dtype(operands: Operands, params: Params) -> str:
    return str(operands[1].dtype)


def _where_normal(operands: Operands, params: Params) -> Tensor | None:
    condition, x, y = operands
    if condition.dtype != "bool":
        raise DTypeError(f"where takes a bool condition, got {condition.dtype}: compare, x > 0")
    return x if x is y else None


WHERE = Operation(
    name="where",
    family=_FAMILY,
    arity=3,
    shape=same_as_first,
    dtype=_where_dtype,
    facts=ELEMENTWISE,
    normal=_where_normal,
    latex=r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}",
    sympy=lambda c, x, y: sp.Piecewise((x, c), (y, True)),
)


def greater(x: Any, y: Any) -> Tensor:
    """``x > y``, entry by entry."""
    return elementwise(GREATER, x, y)


def greater_equal(x: Any, y: Any) -> Tensor:
    """``x >= y``, entry by entry."""
    return elementwise(GREATER_EQUAL, x, y)


def less(x: Any, y: Any) -> Tensor:
    """``x < y``, entry by entry."""
    return elementwise(LESS, x, y)


def less_equal(x: Any, y: Any) -> Tensor:
    """``x <= y``, entry by entry."""
    return elementwise(LESS_EQUAL, x, y)


def equal(x: Any, y: Any) -> Tensor:
    """``x == y``, entry by entry (``==`` itself compares structure)."""
    return elementwise(EQUAL, x, y)


def not_equal(x: Any, y: Any) -> Tensor:
    """``x != y``, entry by entry (``!=`` itself compares structure)."""
    return elementwise(NOT_EQUAL, x, y)


def truth(x: Any) -> Tensor:
    """``x`` as bools: whether entries differ from zero."""
    node = as_tensor(x)
    return node if node.dtype == "bool" else not_equal(node, 0)


def condition(where: Any) -> Tensor:
    """What ``where=`` of a reduction means: bools, of tensors or of Python.

    Raises:
        DTypeError: for numbers.
    """
    node = as_tensor(where)
    if node.dtype != "bool":
        raise DTypeError(f"where= takes bools, got {node.dtype}: compare, x > 0")
    return node


def logical_and(x: Any, y: Any) -> Tensor:
    """Whether both are true (non-zero)."""
    return _logical(LOGICAL_AND, x, y)


def logical_or(x: Any, y: Any) -> Tensor:
    """Whether either is true (non-zero)."""
    return _logical(LOGICAL_OR, x, y)


def logical_xor(x: Any, y: Any) -> Tensor:
    """Whether one is true (non-zero), but not both."""
    return _logical(LOGICAL_XOR, x, y)


def logical_not(x: Any) -> Tensor:
    """Whether ``x`` is false (zero)."""
    return _logical(LOGICAL_NOT, x)


def _logical(operation: Operation, *values: Any) -> Tensor:
    nodes = [truth(value) for value in values]
    shape = broadcast(*(node.shape for node in nodes))
    return apply(operation, tuple(broadcast_to(node, shape) for node in nodes))


def maximum(x: Any, y: Any) -> Tensor:
    """The larger entry of two; NaN where either is."""
    return elementwise(MAXIMUM, x, y)


def minimum(x: Any, y: Any) -> Tensor:
    """The smaller entry of two; NaN where either is."""
    return elementwise(MINIMUM, x, y)


def fmax(x1: Any, x2: Any) -> Tensor:
    """The larger entry of two, where one is NaN the other (``numpy.fmax``)."""
    return elementwise(FMAX, x1, x2)


def fmin(x1: Any, x2: Any) -> Tensor:
    """The smaller entry of two, where one is NaN the other (``numpy.fmin``)."""
    return elementwise(FMIN, x1, x2)


def heaviside(x: Any, middle: Any) -> Tensor:
    """0 for negative ``x``, 1 for positive, ``middle`` at zero."""
    return elementwise(HEAVISIDE, x, middle)


def where(
    condition: Any, x: Any = None, y: Any = None, *, size: Any = None, fill_value: Any = None
) -> Tensor:
    """Entries of ``x`` where the condition holds, else of ``y``.

    Args:
        condition: a tensor; numbers count as whether they differ from zero.
        x: what to take where it holds.
        y: what to take elsewhere.
        size: belongs to the form with one argument, which is refused.
        fill_value: likewise.

    Raises:
        DTypeError: for a Python bool, which ``==`` on tensors gives: use ``snp.equal``.
        ShapeError: for the condition alone, whose positions are as many as the data have.
    """
    if x is None or y is None or size is not None or fill_value is not None:
        raise ShapeError(
            "where takes a condition and two tensors to choose between; the number of positions "
            "where a condition holds depends on data and is no size"
        )
    if isinstance(condition, bool):
        raise DTypeError(
            "where needs a condition tensor, got a Python bool; "
            "== and != compare structure: use snp.equal or snp.not_equal"
        )
    test = truth(condition)
    a, b = convert((x, y))
    shape = broadcast(test.shape, a.shape, b.shape)
    return apply(WHERE, tuple(broadcast_to(node, shape) for node in (test, a, b)))


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Tensor:
    """Entries of the choice whose condition is the first to hold (``numpy.select``).

    Args:
        condlist: conditions.
        choicelist: as many tensors to choose from.
        default: what to take where none holds.

    Raises:
        ShapeError: when there are no conditions, or not as many as choices.
    """
    conditions, choices = list(condlist), list(choicelist)
    if not conditions or len(conditions) != len(choices):
        raise ShapeError(
            f"select takes as many conditions as choices, at least one; "
            f"got {len(conditions)} and {len(choices)}"
        )
    result, *values = convert((default, *choices))
    for condition, value in zip(reversed(conditions), reversed(values), strict=True):
        result = where(condition, value, result)
    return result


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Tensor:
    """A function by cases (``numpy.piecewise``): the last condition that holds decides.

    Args:
        x: where to take the functions.
        condlist: conditions of the shape of ``x``; one tensor stands for a list of it.
        funclist: for each condition a function of tensors, or a number or tensor; one more for
            where none holds (else 0).
        args: further arguments of the functions.
        kw: keyword arguments of the functions.

    Raises:
        ShapeError: when there are neither as many pieces as conditions nor one more.
    """
    node = as_tensor(x)
    conditions = list(condlist) if isinstance(condlist, (list, tuple)) else [condlist]
    pieces = list(funclist)
    if len(pieces) == len(conditions):
        pieces.append(0)
    elif len(pieces) != len(conditions) + 1:
        raise ShapeError(
            f"piecewise takes {len(conditions)} or {len(conditions) + 1} pieces for "
            f"{len(conditions)} conditions, got {len(pieces)}"
        )
    values = [piece(node, *args, **kw) if callable(piece) else piece for piece in pieces]
    *several, result = (cast(as_tensor(value), node.dtype) for value in values)
    for condition, value in zip(conditions, several, strict=True):
        result = where(condition, value, result)
    return broadcast_to(result, node.shape)


def clip(arr: Any, min: Any = None, max: Any = None) -> Tensor:
    """``arr`` limited from below and above (``numpy.clip``).

    Raises:
        DTypeError: for complex numbers, which have no order.
    """
    for value in (arr, min, max):
        if value is not None and dtypes.kind(as_tensor(value).dtype) == "complex":
            raise DTypeError("clip takes real numbers: complex ones have no order")
    result = as_tensor(arr)
    if min is not None:
        result = maximum(result, min)
    return result if max is None else minimum(result, max)


def mask(condition: Tensor, dtype: str = "float") -> Tensor:
    """A condition as ones and zeros."""
    return cast(condition, dtypes.at_least_float(dtype))
