"""Values for the variables of rules: the package's samples, moved to the edges of their domains."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from symflow.core import Tensor, Variable, postorder
from symflow.core.samples import sample

Array = np.ndarray[Any, Any]


def variables(*nodes: Tensor) -> list[Variable]:
    """The variables of some graphs, by name."""
    found = {v for v in postorder(nodes) if isinstance(v, Variable)}
    return sorted(found, key=lambda v: v.full_name)


def arrays(
    wanted: Iterable[Variable], sizes: Mapping[str, int], rng: Any, *, edges: bool = False
) -> dict[Variable, Array]:
    """Values for variables at given sizes, some of them at the edge of their domains."""
    found = {v: sample(v, sizes, rng) for v in wanted}
    return {v: at_edges(v, x, rng) for v, x in found.items()} if edges else found


# where a kind allows it: zeros of both signs, ones, and numbers far from both
_EDGES: Mapping[str, tuple[float, ...]] = {
    "positive": (1e-9, 1.0, 5.0),
    "nonnegative": (0.0, 1e-9, 1.0, 5.0),
    "nonzero": (-1.0, 1e-9, 1.0, -5.0),
    "in_unit_interval": (0.0, 1e-9, 1.0),
}


def at_edges(variable: Variable, values: Array, rng: Any) -> Array:
    """The values with some entries moved to the edge of the domain."""
    if variable.dtype == "bool":
        return values
    if values.ndim > 1:
        return _singular(variable, values, rng)
    given = set(variable.properties)
    chosen: tuple[float, ...] = (0.0, -0.0, 1.0, -1.0, 5.0, -5.0)
    for name, edge in _EDGES.items():
        if name in given:
            chosen = edge
            break
    else:
        if given - {"integer"}:
            return values
    moved = rng.random(values.shape) < 0.5
    return np.where(moved, rng.choice(chosen, values.shape), values)


def _singular(variable: Variable, values: Array, rng: Any) -> Array:
    """A matrix of a kind that may be singular with a row and a column of zeros."""
    kept = {"symmetric", "diagonal", "lower_triangular", "upper_triangular"}
    if not set(variable.properties) <= kept or 0 in values.shape:
        return values
    if values.shape[-1] != values.shape[-2]:
        return values
    place = rng.integers(values.shape[-1])
    values = values.copy()
    values[..., place, :] = 0.0
    values[..., :, place] = 0.0
    return values
