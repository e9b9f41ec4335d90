"""Random values in the declared domains of variables, and at the edges of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from symflow.core import Variable
from symflow.core.dims import Shape
from symflow.core.properties import closure
from symflow.core.samples import holds, sample

Array = np.ndarray[Any, Any]
Generator = np.random.Generator
_SCALES = (0.3, 1.0, 3.0)


def draw(properties: Iterable[str], shape: tuple[int, ...], rng: Generator, dtype: str) -> Array:
    """Values of a shape with some properties; at the edge of what they allow now and then.

    >>> rng = np.random.default_rng(0)
    >>> bool((draw(["nonnegative"], (50,), rng, "float") >= 0).all())
    True
    """
    leaf = Variable("x", shape, dtype, frozenset(properties), "sample")
    values = sample(leaf, {}, rng)
    if values.dtype.kind != "f" or not values.size:
        return values
    declared = closure(leaf.properties)
    for change in (_scaled, _EDGES[rng.integers(len(_EDGES))]):
        tempted = change(values, rng)
        if all(holds(tempted, name) for name in declared):
            values = tempted
    return values


def drawn(
    variables: Iterable[Variable], sizes: Mapping[str, int], rng: Generator
) -> dict[Variable, Array]:
    """Values for several variables at given sizes."""
    return {v: draw(v.properties, concrete(v.shape, sizes), rng, v.dtype) for v in variables}


def concrete(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """A shape as integers."""
    return tuple(
        size
        if isinstance(size, int)
        else int(size.subs({symbol: sizes[symbol.name] for symbol in size.free_symbols}))
        for size in shape
    )


def _scaled(values: Array, rng: Generator) -> Array:
    return np.asarray(values * rng.choice(_SCALES))


def _entries(*choices: float) -> Callable[[Array, Generator], Array]:
    """Some of the entries replaced by special ones, the same in several variables."""

    def change(values: Array, rng: Generator) -> Array:
        return np.where(rng.random(values.shape) < 0.4, rng.choice(choices, values.shape), values)

    return change


def _blank_row(values: Array, rng: Generator) -> Array:
    """A row and a column of zeros: a singular matrix, exactly."""
    changed = values.copy()
    if values.ndim >= 2 and values.shape[-1] == values.shape[-2]:
        place = rng.integers(values.shape[-1])
        changed[..., place, :] = 0.0
        changed[..., :, place] = 0.0
    return changed


def _corner(values: Array, rng: Generator) -> Array:
    """Rows with one entry of 1."""
    if not values.ndim:
        return values
    chosen = rng.integers(values.shape[-1], size=values.shape[:-1])
    return np.asarray(np.arange(values.shape[-1]) == chosen[..., None], dtype=float)


def _unchanged(values: Array, rng: Generator) -> Array:
    return values


_EDGES = (
    *(_unchanged, _unchanged),
    *(_entries(0.0, 1.0, -1.0), _entries(0.0, 1.0), _entries(1e-3, 1.0, 30.0)),
    _entries(-30.0, 1.0, 30.0),
    *(_blank_row, _corner),
)

__all__ = ["concrete", "draw", "drawn"]
