"""Functions of numbers: values that are exact."""

import sympy as sp

from symflow.core import Apply, Einsum, Tensor, constant
from symflow.ops.table import TABLE
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
    value = node.operation.sympy(*arguments)
    if value in (sp.true, sp.false):
        return constant(sp.Integer(value is sp.true), node.shape, node.dtype)
    return constant(value, node.shape, node.dtype) if value.is_Rational else None


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
    ),
)
