"""Conditions of rules beyond the kinds of their variables; unknown means no."""

from collections.abc import Callable

import sympy as sp

from symflow.core import Add, Apply, Constant, Einsum, Operation, Scalar, Tensor, Variable
from symflow.core.add import split
from symflow.core.dims import Dim
from symflow.core.walk import postorder
from symflow.ops import (
    arithmetic,
    choice,
    composite,
    creation,
    elementwise,
    facts,
    linalg,
    reduction,
    reshaping,
    structure,
)
from symflow.rewriting.building import Binding
from symflow.rewriting.domains import has_undefined_region

Condition = Callable[[Binding], bool]
_CACHE = "total"

# operations that are defined for all real operands
_TOTAL: frozenset[Operation] = frozenset(
    {
        *(elementwise.EXP, elementwise.EXP2, elementwise.EXPM1, elementwise.SIN),
        *(elementwise.COS, elementwise.ARCTAN, elementwise.SINH, elementwise.COSH),
        *(elementwise.TANH, elementwise.ARCSINH, elementwise.FLOOR, elementwise.CEIL),
        *(elementwise.ERF, elementwise.ERFC, elementwise.ARCTAN2),
        *(arithmetic.ABS, arithmetic.SIGN, arithmetic.CAST),
        *(choice.GREATER, choice.GREATER_EQUAL, choice.LESS, choice.LESS_EQUAL),
        *(choice.EQUAL, choice.NOT_EQUAL, choice.LOGICAL_AND, choice.LOGICAL_OR),
        *(choice.LOGICAL_NOT, choice.MAXIMUM, choice.MINIMUM, choice.WHERE, choice.HEAVISIDE),
        *(composite.SIGMOID, composite.SOFTPLUS, composite.RELU, composite.SOFTMAX),
        *(composite.LOG_SOFTMAX, composite.LOGSUMEXP, composite.NORM),
        *(reduction.PROD, reduction.MAX, reduction.MIN, reduction.ALL, reduction.ANY),
        *(structure.SLICE, structure.PLACE, structure.CONCATENATE, reshaping.FUSE),
        *(creation.IOTA, linalg.DET),
    }
)


def total(x: Tensor) -> Condition:
    """What ``x`` stands for is defined for all values of its variables: it is never NaN."""

    def holds(binding: Binding) -> bool:
        return is_total(binding[x])

    return holds


def not_negated(x: Tensor) -> Condition:
    """What ``x`` stands for has no minus sign in front."""

    def holds(binding: Binding) -> bool:
        return not split(binding[x])[0].could_extract_minus_sign()

    return holds


def regular(x: Tensor) -> Condition:
    """What ``x`` stands for is undefined on isolated values of its variables at most."""

    def holds(binding: Binding) -> bool:
        return not has_undefined_region(binding[x])

    return holds


def not_headed(x: Tensor, operation: Operation) -> Condition:
    """What ``x`` stands for is no result of this operation."""

    def holds(binding: Binding) -> bool:
        node = binding[x]
        return not (isinstance(node, Apply) and node.operation is operation)

    return holds


def negative(c: sp.Symbol) -> Condition:
    """A number of the pattern is negative."""

    def holds(binding: Binding) -> bool:
        return bool(sp.sympify(binding.size(c)).is_negative)

    return holds


def fractional(c: sp.Symbol) -> Condition:
    """A number of the pattern is a number, and known not to be whole."""

    def holds(binding: Binding) -> bool:
        value = sp.sympify(binding.size(c))
        return bool(value.is_Rational and not value.is_Integer) or value.is_integer is False

    return holds


def smaller(a: sp.Symbol, b: sp.Symbol) -> Condition:
    """One size is known to be smaller than another."""

    def holds(binding: Binding) -> bool:
        return _less(binding.size(a), binding.size(b))

    return holds


def fits(a: sp.Symbol, b: sp.Symbol) -> Condition:
    """One size is not known to be larger than another: so many vectors can be independent."""

    def holds(binding: Binding) -> bool:
        return not _less(binding.size(b), binding.size(a))

    return holds


def _less(a: Dim, b: Dim) -> bool:
    return isinstance(a, int) and isinstance(b, int) and a < b


def is_total(node: Tensor) -> bool:
    """Whether a node is defined for all real values of its variables."""
    for part in postorder([node], stop=_is_known):
        if not _is_known(part):
            if part.cache is None:
                part.cache = {}
            part.cache[_CACHE] = _inferred(part)
    assert node.cache is not None
    return bool(node.cache[_CACHE])


def _is_known(node: Tensor) -> bool:
    return node.cache is not None and _CACHE in node.cache


def _inferred(node: Tensor) -> bool:
    if not all(operand.cache is not None and operand.cache[_CACHE] for operand in node.operands):
        return False
    if isinstance(node, (Variable, Scalar, Add)):
        return True
    if isinstance(node, Einsum):
        return node.coefficient is not sp.nan and node.coefficient.is_finite is not False
    if isinstance(node, Constant):
        return not bool((node.array != node.array).any())
    if isinstance(node, Apply):
        return node.operation in _TOTAL or _defined(node)
    return False


def _defined(node: Apply) -> bool:
    """Whether a partial operation meets only operands of its domain."""
    if node.operation in (elementwise.LOG, elementwise.LOG1P, elementwise.LOG2, elementwise.LOG10):
        return facts.has(node.operands[0], "nonnegative")
    if node.operation is arithmetic.SCALAR_POWER:
        (base,), (exponent,) = node.operands, node.params
        if exponent.is_integer:
            return bool(exponent.is_nonnegative) or facts.has(base, "nonzero")
        return facts.has(base, "positive" if exponent.is_negative else "nonnegative")
    return False
