"""Comparisons, logic and choices between entries."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.apply import apply
from symflow.core.convert import as_tensor
from symflow.core.dims import broadcast
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DTypeError
from symflow.ops.arithmetic import broadcast_to, cast, convert, elementwise
from symflow.ops.records import ELEMENTWISE, binary, boolean, no_out, same_as_first, unary

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


def logical_and(x: Any, y: Any) -> Tensor:
    """Whether both are true (non-zero)."""
    return _logical(LOGICAL_AND, x, y)


def logical_or(x: Any, y: Any) -> Tensor:
    """Whether either is true (non-zero)."""
    return _logical(LOGICAL_OR, x, y)


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


def heaviside(x: Any, middle: Any) -> Tensor:
    """0 for negative ``x``, 1 for positive, ``middle`` at zero."""
    return elementwise(HEAVISIDE, x, middle)


def where(condition: Any, x: Any, y: Any) -> Tensor:
    """Entries of ``x`` where the condition holds, else of ``y``.

    Raises:
        DTypeError: for a Python bool, which ``==`` on tensors gives: use ``snp.equal``.
    """
    if isinstance(condition, bool):
        raise DTypeError(
            "where needs a condition tensor, got a Python bool; "
            "== and != compare structure: use snp.equal or snp.not_equal"
        )
    test = truth(condition)
    a, b = convert((x, y))
    shape = broadcast(test.shape, a.shape, b.shape)
    return apply(WHERE, tuple(broadcast_to(node, shape) for node in (test, a, b)))


def clip(arr: Any, min: Any = None, max: Any = None, out: None = None) -> Tensor:
    """``arr`` limited from below and above (``numpy.clip``)."""
    no_out(out)
    result = as_tensor(arr)
    if min is not None:
        result = maximum(result, min)
    return result if max is None else minimum(result, max)


def mask(condition: Tensor, dtype: str = "float") -> Tensor:
    """A condition as ones and zeros."""
    return cast(condition, dtypes.at_least_float(dtype))
