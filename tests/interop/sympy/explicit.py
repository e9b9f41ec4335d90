"""SymPy's expressions evaluated by SymPy itself, with explicit matrices of exact numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.special import OneMatrix
from sympy.tensor.array.expressions.array_expressions import (
    ArrayAdd,
    ArrayElement,
    ArraySymbol,
    _CodegenArrayAbstract,
)

from symflow.interop.sympy.survey import Survey, parts_of

Array = np.ndarray[Any, Any]
Values = Mapping[str, Any]


def sized(expr: Any, sizes: Mapping[str, int]) -> Any:
    """The expression with its sizes as numbers."""
    symbols = set(Survey(expr, {}).sizes)
    symbols |= {s for s in parts_of([expr]) if _is_named(s) and s.is_nonnegative and s.is_integer}
    return expr.xreplace({s: sp.Integer(sizes[s.name]) for s in symbols if s.name in sizes})


def draw(expr: Any, seed: int = 0) -> dict[str, Array]:
    """Quarters for the symbols of an expression with numbers as sizes; square ones well away
    from singular, scalars positive."""
    generator = np.random.default_rng(seed)
    values: dict[str, Array] = {}
    for part in sorted(parts_of([expr]), key=sp.default_sort_key):
        if isinstance(part, (sp.MatrixSymbol, ArraySymbol)):
            shape = tuple(int(size) for size in part.shape)
            value = generator.integers(1, 8, shape) / 4
            if len(shape) == 2 and shape[0] == shape[1] > 1:
                value = value + 2 * shape[0] * np.eye(shape[0])
            values[str(part.name)] = value
        elif _is_named(part) and part.name not in values:
            whole = 2 if part.is_integer else generator.integers(2, 8) / 4
            values[part.name] = np.asarray(whole)
    return values


def explicit(expr: Any, values: Values) -> Array:
    """The value of an expression with numbers as sizes.

    SymPy fails here or there with matrices written out from the start, here or there with symbols
    that are written out at the end: whatever works is taken.
    """
    if isinstance(expr, ArrayAdd):  # SymPy does not add arrays to matrices
        return np.asarray(sum(explicit(term, values) for term in expr.args))
    try:
        return _numbers(_with_scalars(_written_out(_with_matrices(expr, values)), values))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return _numbers(_with_scalars(_with_entries(_written_out(expr), values), values))


def _with_matrices(expr: Any, values: Values) -> Any:
    replaced = {}
    for part in parts_of([expr]):
        if isinstance(part, sp.MatrixSymbol) and str(part.name) in values:
            rows = np.reshape(values[str(part.name)], part.shape)
            replaced[part] = sp.ImmutableDenseMatrix(*rows.shape, _exact(rows))
        elif isinstance(part, ArraySymbol):
            cube = values[str(part.name)]
            replaced[part] = sp.ImmutableDenseNDimArray(_exact(cube), cube.shape)
        elif isinstance(part, (OneMatrix, sp.Identity, sp.ZeroMatrix)):
            replaced[part] = part.as_explicit().as_immutable()
    return expr.xreplace(replaced)


def _with_entries(expr: Any, values: Values) -> Any:
    def number(part: Any) -> Any:
        name, shape = str(part.args[0].name), part.args[0].shape
        place = tuple(map(int, part.indices))
        return _exact(np.reshape(values[name], shape)[place])[0]

    whole = expr if not isinstance(expr, (sp.MatrixBase, sp.NDimArray)) else expr.as_immutable()
    entries = {
        part: number(part)
        for part in parts_of([whole])
        if isinstance(part, (MatrixElement, ArrayElement))
    }
    return whole.xreplace(entries)


def _with_scalars(expr: Any, values: Values) -> Any:
    whole = expr.as_immutable() if isinstance(expr, (sp.MatrixBase, sp.NDimArray)) else expr
    scalars = {
        part: _exact(np.asarray(values[part.name]))[0]
        for part in parts_of([whole])
        if _is_named(part) and part.name in values
    }
    return whole.xreplace(scalars)


def _is_named(part: Any) -> bool:
    return isinstance(part, sp.Symbol) and not isinstance(part, sp.Dummy)


def _exact(values: Array) -> list[Any]:
    return [sp.Rational(str(float(value))) for value in np.ravel(values)]


def _written_out(expr: Any) -> Any:
    if isinstance(expr, (sp.MatrixBase, sp.NDimArray)):
        return expr
    done = expr if isinstance(expr, _CodegenArrayAbstract) else expr.doit()
    if isinstance(done, (sp.MatrixBase, sp.NDimArray)) or not hasattr(done, "as_explicit"):
        return done
    return done.as_explicit()


def _numbers(expr: Any) -> Array:
    if isinstance(expr, (sp.MatrixBase, sp.NDimArray)):
        entries = sp.flatten(expr.tolist()) if expr.shape else [expr[()]]
        flat = [complex(sp.N(entry.doit())) for entry in entries]
        array = np.array(flat).reshape(tuple(map(int, expr.shape)))
    else:
        array = np.asarray(complex(sp.N(sp.sympify(expr).doit())))
    return array.real if np.all(array.imag == 0) else array
