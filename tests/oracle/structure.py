"""Index maps, shapes and creation."""

from typing import Any

import numpy as np

from symflow.core import Apply
from tests.oracle.formula import Array, Formula, Sizes, measure


def _fuse(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
    shape = [measure(size, sizes) for size in node.params]
    total = int(np.prod(shape))
    return np.eye(total, dtype=bool).reshape([total, *shape])


def _positions(runs: Any, sizes: Sizes) -> Any:
    lines = []
    for start, size, step in runs:
        first = measure(start, sizes)
        lines.append([first + k * step for k in range(measure(size, sizes))])
    return np.ix_(*(np.array(line, dtype=int) for line in lines))


def _slice(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
    return inputs[0][_positions(node.params[0], sizes)] if inputs[0].ndim else inputs[0]


def _place(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
    runs, shape = node.params
    result = np.zeros([measure(size, sizes) for size in shape], inputs[0].dtype)
    result[_positions(runs, sizes)] = inputs[0]
    return result


FORMULAS: dict[str, Formula] = {
    "fuse": _fuse,
    "slice": _slice,
    "place": _place,
    "concatenate": lambda node, inputs, sizes: np.concatenate(inputs, axis=node.params[0]),
    "roll": lambda node, inputs, sizes: np.roll(
        inputs[0], measure(node.params[0], sizes), node.params[1]
    ),
    "arange": lambda node, inputs, sizes: np.arange(measure(node.params[0], sizes)),
}
