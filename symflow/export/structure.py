"""The graph itself as JSON: nodes in a flat table, operands before their users."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from symflow.core import Add, Apply, Constant, Einsum, Scalar, Tensor, Variable
from symflow.core.dims import Shape
from symflow.core.function import Function
from symflow.core.walk import postorder
from symflow.ops.closure import called_functions

_VERSION = 1


def to_json(expressions: Tensor | Sequence[Tensor]) -> str:
    """The structure of an expression (or several) as JSON.

    ``nodes`` is a table in which operands are numbers of earlier rows; ``roots`` are the rows of
    the expressions.  Sizes and coefficients are numbers, or text for expressions of dimensions.
    Closed functions stand in ``functions``, with tables of their own; a call holds the number of
    its function.

    >>> from symflow.core import vector
    >>> import symflow.ops
    >>> x = vector("x", "n")
    >>> print(to_json(x @ x))
    {"symflow": 1, "roots": [1], "nodes": [{"kind": "variable", "shape": ["n"], "dtype": "float",
    "name": "x"}, {"kind": "einsum", "shape": [], "dtype": "float", "operands": [0, 0],
    "coefficient": 1, "subscripts": [[0], [0]], "output": [], "sizes": ["n"]}]}
    """
    roots = [expressions] if isinstance(expressions, Tensor) else list(expressions)
    functions = {closure: place for place, closure in enumerate(called_functions(roots))}
    places, table = _table(roots, functions)
    whole: dict[str, Any] = {"symflow": _VERSION, "roots": [places[root] for root in roots]}
    if functions:
        whole["functions"] = [_function(closure, functions) for closure in functions]
    return json.dumps(whole | {"nodes": table})


def _table(
    roots: Sequence[Tensor], functions: Mapping[Function, int]
) -> tuple[dict[Tensor, int], list[dict[str, Any]]]:
    order = postorder(roots)
    places = {node: place for place, node in enumerate(order)}
    return places, [_row(node, places, functions) for node in order]


def _function(closure: Function, functions: Mapping[Function, int]) -> dict[str, Any]:
    """A function with a table of its own; it calls functions before it alone."""
    places, table = _table([*closure.inputs, *closure.outputs], functions)
    return {
        "name": closure.name,
        "inputs": [places[x] for x in closure.inputs],
        "outputs": [places[y] for y in closure.outputs],
        "nodes": table,
    }


def _row(
    node: Tensor, places: dict[Tensor, int], functions: Mapping[Function, int]
) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": "", "shape": _sizes(node.shape), "dtype": node.dtype}
    if node.operands:
        row["operands"] = [places[operand] for operand in node.operands]
    if isinstance(node, Variable):
        row |= {"kind": "variable", "name": node.full_name}
        if node.properties:
            row["properties"] = sorted(node.properties)
    elif isinstance(node, Scalar):
        row |= {"kind": "scalar", "name": node.symbol.name}
    elif isinstance(node, Constant):
        row |= {"kind": "constant", "values": _numbers(node.array.tolist())}
    elif isinstance(node, Einsum):
        row |= {
            "kind": "einsum",
            "coefficient": _scalar(node.coefficient),
            "subscripts": [list(labels) for labels in node.subscripts],
            "output": list(node.output),
            "sizes": _sizes(node.sizes),
        }
    elif isinstance(node, Add):
        row |= {"kind": "add", "coefficients": [_scalar(c) for c in node.coefficients]}
    elif isinstance(node, Apply):
        row |= {"kind": "apply", "operation": node.operation.name}
        if node.params:
            named = zip(node.operation.parameters, node.params, strict=False)
            row["params"] = {
                name: functions[value] if isinstance(value, Function) else _parameter(value)
                for name, value in named
            }
    return row


def _sizes(shape: Shape) -> list[Any]:
    return [size if isinstance(size, int) else str(size) for size in shape]


def _scalar(value: sp.Expr) -> Any:
    if value.is_Integer:
        return int(value)
    return float(value) if value.is_Float else str(value)


def _parameter(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_parameter(item) for item in value]
    if isinstance(value, sp.Expr):
        return _scalar(value)
    return value if isinstance(value, (bool, int, float, str)) or value is None else str(value)


def _numbers(value: Any) -> Any:
    """Nested lists with what JSON has no number for as text."""
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if isinstance(value, complex) or (isinstance(value, float) and value - value != 0):
        return str(value)
    return value
