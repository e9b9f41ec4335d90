"""The differential of a mapped SymPy function: SymPy takes its partial derivatives.

Calls of closed functions need no line here: what has a definition and no differential of its own
is differentiated through the definition.
"""

from collections.abc import Iterator
from typing import Any

import sympy as sp

from symflow.calculus.differential import Differential
from symflow.core.node import Tensor
from symflow.errors import DifferentialError
from symflow.ops.arithmetic import add, multiply
from symflow.ops.scalarmap import MAP, translate


def mapped() -> Iterator[Differential]:
    """A map of a SymPy function: SymPy takes the partial derivatives."""
    yield Differential(MAP, _map, "d(f(x, y)) = f_x(x, y) * dx + f_y(x, y) * dy")


def _map(node: Tensor, *arguments: Any, function: sp.Lambda) -> Tensor:
    count = len(function.variables)
    operands, tangents = arguments[:count], arguments[count:]
    names = dict(zip(function.variables, operands, strict=True))
    terms = []
    for symbol, tangent in zip(function.variables, tangents, strict=True):
        slope = sp.diff(function.expr, symbol)
        if slope.has(sp.Derivative, sp.Subs):
            raise DifferentialError(f"SymPy knows no derivative of {function.expr} by {symbol}")
        terms.append(multiply(translate(slope, names, operands[0]), tangent))
    return add(*terms)
