"""Facts about choices by position: ``where(rows >= columns, x, 0)`` is lower triangular."""

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor
from symflow.core.add import split
from symflow.ops.choice import GREATER, GREATER_EQUAL, LESS, LESS_EQUAL, WHERE
from symflow.ops.creation import IOTA
from symflow.ops.known import known

# for `i + a OP j + b`: the sign of `i - j`, and how much stricter than `>=` the comparison is
_READINGS = {GREATER_EQUAL: (1, 0), GREATER: (1, 1), LESS_EQUAL: (-1, 0), LESS: (-1, 1)}
_TRIANGULAR = ("lower_triangular", "upper_triangular", "diagonal")


def of_choice(node: Apply) -> set[str]:
    """Triangular where a mask or both branches make it so."""
    condition, chosen, other = node.operands
    if node.rank < 2:
        return set()
    found = {name for name in _TRIANGULAR if _has(chosen, name) and _has(other, name)}
    bound = least_difference(condition)
    if bound is None:
        return found
    sign, least = bound  # the condition is sign * (i - j) >= least
    if _is_zero(other):
        found |= _side(sign, least)
    if _is_zero(chosen):
        found |= _side(-sign, 1 - least)
    return found


def kept_triangle(node: Tensor) -> Tensor | None:
    """The matrix of which a choice by position keeps one triangle, the diagonal included."""
    if not isinstance(node, Apply) or node.operation is not WHERE or node.rank < 2:
        return None
    condition, chosen, other = node.operands
    bound = least_difference(condition)
    if bound is None:
        return None
    _, least = bound
    if _is_zero(other) and least == 0:
        return chosen
    return other if _is_zero(chosen) and least == 1 else None


def of_mask(condition: Tensor) -> set[str]:
    """Triangular where a comparison of positions holds on one side of the diagonal only."""
    bound = least_difference(condition) if condition.rank >= 2 else None
    return set() if bound is None else _side(*bound)


def _side(sign: int, least: sp.Expr) -> set[str]:
    """What is zero unless ``sign * (i - j) >= least``."""
    if not least.is_nonnegative:
        return set()
    return {"lower_triangular" if sign > 0 else "upper_triangular"}


def _has(node: Tensor, name: str) -> bool:
    return _is_zero(node) or name in known(node)


def _is_zero(node: Tensor) -> bool:
    return isinstance(node, Einsum) and node.coefficient == 0


def least_difference(condition: Tensor) -> tuple[int, sp.Expr] | None:
    """A comparison of row and column numbers as a bound on their difference."""
    if not isinstance(condition, Apply) or condition.operation not in _READINGS:
        return None
    first, second = (_position(operand) for operand in condition.operands)
    if first is None or second is None:
        return None
    sign, strict = _READINGS[condition.operation]
    rows, columns = condition.rank - 2, condition.rank - 1
    least = sign * (second[1] - first[1]) + strict
    if (first[0], second[0]) == (rows, columns):
        return sign, least
    return (-sign, least) if (first[0], second[0]) == (columns, rows) else None


def _position(node: Tensor) -> tuple[int, sp.Expr] | None:
    """The axis that a node counts along by ones, and from which number."""
    axes: set[int] = set()
    slope = offset = sp.S.Zero
    for coefficient, term in _terms(node):
        number, core = split(term)
        axis, inner = _viewed(core)
        line = _line(inner)
        if axis is None or line is None:
            return None
        if line[0] != 0:
            axes.add(axis)
        slope += coefficient * number * line[0]
        offset += coefficient * number * line[1]
    return (axes.pop(), offset) if len(axes) == 1 and slope == 1 else None


def _terms(node: Tensor) -> list[tuple[sp.Expr, Tensor]]:
    number, core = split(node)
    return [(number * c, t) for c, t in core.terms] if isinstance(core, Add) else [(number, core)]


def _viewed(node: Tensor) -> tuple[int | None, Tensor]:
    """A vector repeated along other axes: its axis and the vector; numbers have any axis."""
    if not isinstance(node, Einsum):
        return (0 if node.rank == 1 else None), node
    if not node.operands:
        return 0, node
    (labels,) = node.subscripts if len(node.operands) == 1 else ((),)
    if node.coefficient != 1 or len(labels) != 1 or node.output.count(labels[0]) != 1:
        return None, node
    return node.output.index(labels[0]), node.operands[0]


def _line(node: Tensor) -> tuple[sp.Expr, sp.Expr] | None:
    """``a * arange(n) + b`` as ``a`` and ``b``."""
    slope = offset = sp.S.Zero
    for coefficient, term in _terms(node):
        if isinstance(term, Apply) and term.operation is IOTA:
            slope += coefficient
        elif isinstance(term, Einsum) and not term.operands:
            offset += coefficient * term.coefficient
        else:
            return None
    return slope, offset
