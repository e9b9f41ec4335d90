"""The oracle of the tests: a graph evaluated by NumPy, one formula an operation, no optimisation.

One module a family holds the formulas. It shares no code with the lowering: contractions are
summed as written, operations are their textbook formulas, and everything runs in 64 bits.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import Add, Apply, Constant, Einsum, Scalar, Tensor, Variable
from tests.oracle.formula import Array, Formula, Sizes, dtype_of, measure, number


def _formulas() -> dict[str, Formula]:
    found: dict[str, Formula] = {"call": lambda node, inputs, sizes: _called(*node.params, inputs)}
    for module in iter_modules(__path__):
        if module.name != "formula":
            formulas = import_module(f"{__name__}.{module.name}").FORMULAS
            assert not found.keys() & formulas.keys()
            found |= formulas
    return found


def evaluate(
    node: Tensor, values: Mapping[Any, Any] | None = None, sizes: Mapping[Any, int] | None = None
) -> Array:
    """The value of a graph.

    Args:
        node: the expression.
        values: an array for each variable and scalar symbol, by node, symbol or (full) name.
        sizes: sizes by name or symbol, where no array shows them.
    """
    return evaluate_all([node], values, sizes)[0]


def evaluate_all(
    nodes: list[Tensor],
    values: Mapping[Any, Any] | None = None,
    sizes: Mapping[Any, int] | None = None,
) -> list[Array]:
    """The values of several graphs, shared parts computed once."""
    order = _order(nodes)
    given = dict(values or {})
    known: Sizes = {str(name): int(size) for name, size in (sizes or {}).items()}
    for leaf in order:
        if isinstance(leaf, Variable):
            for size, actual in zip(leaf.shape, np.shape(_lookup(leaf, given)), strict=True):
                if isinstance(size, sp.Symbol):
                    assert known.setdefault(size.name, actual) == actual, (
                        f"{leaf.full_name}: {size}"
                    )
    done: dict[int, Array] = {}
    for current in order:
        result = np.asarray(_value(current, [done[id(o)] for o in current.operands], given, known))
        expected = tuple(measure(size, known) for size in current.shape)
        assert result.shape == expected, f"{result.shape}, {expected} expected"
        done[id(current)] = result.astype(dtype_of(current.dtype))
    return [done[id(node)] for node in nodes]


def _order(roots: list[Tensor]) -> list[Tensor]:
    """Operands before their users, without recursion."""
    seen: set[int] = set()
    order: list[Tensor] = []
    stack = [(root, False) for root in roots]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((operand, False) for operand in node.operands)
    return order


def _lookup(leaf: Tensor, given: Mapping[Any, Any]) -> Array:
    keys: list[Any] = [leaf]
    if isinstance(leaf, Variable):
        keys += [leaf.full_name, leaf.name]
    elif isinstance(leaf, Scalar):
        keys += [leaf.symbol, leaf.symbol.name]
    for key in keys:
        if key in given:
            return np.asarray(given[key])
    raise KeyError(f"no value for {keys[-1]}")


def _value(node: Tensor, inputs: list[Array], given: Mapping[Any, Any], sizes: Sizes) -> Any:
    if isinstance(node, (Variable, Scalar)):
        return _lookup(node, given)
    if isinstance(node, Constant):
        return node.array
    if isinstance(node, Einsum):
        return _einsum(node, inputs, sizes)
    if isinstance(node, Add):
        total = 0
        for coefficient, value in zip(node.coefficients, inputs, strict=True):
            total = total + number(coefficient, sizes) * value
        return total
    assert isinstance(node, Apply)
    with np.errstate(all="ignore"):
        return _FORMULAS[node.operation.name](node, inputs, sizes)


def _einsum(node: Einsum, inputs: list[Array], sizes: Sizes) -> Array:
    dtype = dtype_of(node.dtype)
    held = {label for labels in node.subscripts for label in labels}
    arguments: list[Any] = [np.ones((), dtype), []]
    for value, labels in zip(inputs, node.subscripts, strict=True):
        arguments += [value.astype(dtype), list(labels)]
    for label, size in enumerate(node.sizes):
        if label not in held:
            arguments += [np.ones(measure(size, sizes), dtype), [label]]
    shown = list(dict.fromkeys(node.output))
    compact = np.einsum(*arguments, shown, optimize=False)
    with np.errstate(all="ignore"):
        compact = np.asarray(number(node.coefficient, sizes) * compact)
    if len(shown) == len(node.output):
        return compact
    result = np.zeros([measure(node.sizes[label], sizes) for label in node.output], compact.dtype)
    places = dict(zip(shown, np.indices(compact.shape), strict=True))
    result[tuple(places[label] for label in node.output)] = compact
    return result


def _called(closure: Any, output: int, inputs: list[Array]) -> Array:
    return evaluate(closure.outputs[output], dict(zip(closure.inputs, inputs, strict=True)))


_FORMULAS = _formulas()
OPERATIONS = frozenset(_FORMULAS)

__all__ = ["OPERATIONS", "dtype_of", "evaluate", "evaluate_all", "measure"]
