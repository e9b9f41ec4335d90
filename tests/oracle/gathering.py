"""Entries at integer positions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from symflow.core import Apply
from tests.oracle.formula import Array, Formula, Sizes, measure


def _key(start: int, indices: list[Array]) -> tuple[Any, ...]:
    return (*[slice(None)] * start, *indices)


def _scatter(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
    values, *indices = inputs
    start, wanted = node.params
    stop = start + indices[0].ndim
    shape = (*values.shape[:start], *(measure(n, sizes) for n in wanted), *values.shape[stop:])
    result = np.zeros(shape, values.dtype)
    np.add.at(result, _key(start, indices), values)
    return result


def _slice_set(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
    x, values = inputs
    if not x.ndim:
        return values
    lines = []
    for start, size, step in node.params[0]:
        first = measure(start, sizes)
        lines.append(np.array([first + k * step for k in range(measure(size, sizes))], dtype=int))
    result = x.copy()
    result[np.ix_(*lines)] = values
    return result


def _updated(change: Callable[[Array, Any, Array], None]) -> Formula:
    def formula(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
        x, values, *indices = inputs
        result = x.copy()
        change(result, _key(node.params[0], indices), values)
        return result

    return formula


def _set(result: Array, key: Any, values: Array) -> None:
    result[key] = values


FORMULAS: dict[str, Formula] = {
    "gather": lambda node, inputs, sizes: inputs[0][_key(node.params[0], inputs[1:])],
    "scatter": _scatter,
    "slice_set": _slice_set,
    "scatter_set": _updated(_set),
    "scatter_mul": _updated(np.multiply.at),
    "scatter_min": _updated(np.minimum.at),
    "scatter_max": _updated(np.maximum.at),
    "sort": lambda node, inputs, sizes: np.sort(inputs[0], axis=node.params[0][0]),
    "argsort": lambda node, inputs, sizes: np.argsort(
        inputs[0], axis=node.params[0][0], kind="stable"
    ),
    "searchsorted": lambda node, inputs, sizes: np.searchsorted(*inputs, side=node.params[0]),
}
