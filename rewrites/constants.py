"""Functions of numbers: values that are exact."""

import sympy as sp

from symflow.core import Apply, Einsum, Tensor, constant
from symflow.ops.arithmetic import SCALAR_POWER
from symflow.ops.table import TABLE
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory


def number_of(node: Tensor) -> sp.Expr | None:
    """The number that all entries of a constant are; None for any other node."""
    if isinstance(node, Einsum) and not node.operands:
        return node.coefficient if len(set(node.output)) == len(node.output) else None
    return None


def value_at_numbers(node: Apply) -> Tensor | None:
    """``exp(0) = 1``, ``2 < 3``: a function of numbers where its value is rational or a truth."""
    arguments = []
    for operand in node.operands:
        number = number_of(operand)
        if number is None or not (number.is_Rational or (number.free_symbols and _is_size(number))):
            return None
        arguments.append(sp.true if number == 1 and operand.dtype == "bool" else number)
        if operand.dtype == "bool" and number == 0:
            arguments[-1] = sp.false
    try:
        value = node.operation.sympy(*arguments)
    except ZeroDivisionError:  # a remainder of nothing is left to the machine
        return None
    if value in (sp.true, sp.false):
        return constant(sp.Integer(value is sp.true), node.shape, node.dtype)
    return constant(value, node.shape, node.dtype) if value.is_Rational else None


def function_of_identity(node: Apply) -> Tensor | None:
    """``sqrt(4 * eye(n)) = 2 * eye(n)``: entrywise functions that are 0 at 0."""
    (operand,) = node.operands
    if not isinstance(operand, Einsum) or operand.operands or number_of(operand) is not None:
        return None
    function = node.operation.sympy
    if node.operation is SCALAR_POWER:
        (exponent,) = node.params
        if not exponent.is_positive:
            return None
        at_zero, value = sp.S.Zero, operand.coefficient**exponent
    else:
        at_zero, value = function(sp.S.Zero), function(operand.coefficient)
    if at_zero != 0 or not value.is_Rational or node.dtype == "bool":
        return None
    return network.literal(value, operand.output, operand.sizes, node.dtype)


def _is_size(number: sp.Expr) -> bool:
    return all(symbol.is_integer for symbol in number.free_symbols)


_ELEMENTWISE = tuple(
    operation
    for operation in TABLE.values()
    if operation.elementwise and operation.sympy is not None and not operation.parameters
)

constants = Theory(
    "values at numbers",
    __doc__ or "",
    (
        Procedure(
            "value-at-numbers",
            value_at_numbers,
            tuple((operation, Einsum) for operation in _ELEMENTWISE),
            law="exp(0) = 1; (2 < 3) = true",
        ),
        Procedure(
            "function-of-identity",
            function_of_identity,
            tuple((op, Einsum) for op in (*_ELEMENTWISE, SCALAR_POWER) if op.arity == 1),
            law="sqrt(4 * eye(n)) = 2 * eye(n)",
        ),
    ),
)
