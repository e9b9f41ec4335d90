"""Where formulas are undefined: on isolated points, or on whole regions.

What is undefined on a region (``log(y)`` for negative ``y``) stays so under any rewriting; a
singularity that can be removed (``x / x`` at 0) may go.
"""

from symflow.core import Apply, Operation, Tensor
from symflow.core.walk import postorder
from symflow.ops import facts
from symflow.ops.arithmetic import POWER, SCALAR_POWER
from symflow.ops.closure import CALL
from symflow.ops.elementwise import (
    ARCCOS,
    ARCCOSH,
    ARCSIN,
    ARCTANH,
    LOG,
    LOG1P,
    LOG2,
    LOG10,
    XLOG1PY,
    XLOGY,
)
from symflow.ops.linalg import CHOLESKY
from symflow.ops.scalarmap import MAP

_CACHE = "undefined on a region"
# the fact that makes an operation defined for its last operand; None where no fact does
_ASKED: dict[Operation, str | None] = {
    LOG: "nonnegative",
    LOG2: "nonnegative",
    LOG10: "nonnegative",
    LOG1P: "nonnegative",
    XLOGY: "nonnegative",
    XLOG1PY: "nonnegative",
    ARCSIN: "in_unit_interval",
    ARCCOS: "in_unit_interval",
    ARCTANH: "in_unit_interval",
    ARCCOSH: None,
    CHOLESKY: "positive_definite",
    MAP: None,
    CALL: None,
}


def has_undefined_region(node: Tensor) -> bool:
    """Whether a node may be NaN on more than isolated values of its variables.

    >>> from symflow.core import vector
    >>> from symflow.ops.elementwise import exp, log
    >>> y = vector("y", "n")
    >>> has_undefined_region(log(y)), has_undefined_region(log(exp(y))), has_undefined_region(1 / y)
    (True, False, False)
    """
    for part in postorder([node], stop=_is_known):
        if not _is_known(part):
            if part.cache is None:
                part.cache = {}
            below = any(operand.cache[_CACHE] for operand in part.operands if operand.cache)
            part.cache[_CACHE] = below or _is_partial(part)
    assert node.cache is not None
    return bool(node.cache[_CACHE])


def _is_known(node: Tensor) -> bool:
    return node.cache is not None and _CACHE in node.cache


def _is_partial(node: Tensor) -> bool:
    """Whether an operation has a region outside its domain that its operands may reach."""
    if not isinstance(node, Apply):
        return False
    if node.operation is SCALAR_POWER:
        return not node.params[0].is_integer and not facts.has(node.operands[0], "nonnegative")
    if node.operation is POWER:
        return not facts.has(node.operands[0], "nonnegative")
    if node.operation not in _ASKED:
        return False
    asked = _ASKED[node.operation]
    return asked is None or not facts.has(node.operands[-1], asked)
