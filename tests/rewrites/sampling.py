"""Random values for pattern variables, drawn in the domains that their kinds declare."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from symflow.core import Tensor, Variable, postorder
from symflow.core.dims import Shape
from symflow.rewriting.kinds import Kind
from tests.oracle import measure

Array = np.ndarray[Any, Any]


def draw(kind_properties: tuple[str, ...], shape: tuple[int, ...], rng: Any, dtype: str) -> Array:
    """Values of a shape with the properties of a kind."""
    if dtype == "bool":
        return rng.random(shape) < 0.5
    if dtype == "int":
        return rng.integers(-6, 7, shape)
    wanted = set(kind_properties)
    x = rng.normal(size=shape) * rng.choice([0.3, 1.0, 3.0])
    for name, make in _ENTRIES.items():
        if name in wanted:
            x = make(rng, shape)
    if len(shape) >= 2 and shape[-1] == shape[-2]:
        for name, shape_up in _MATRICES.items():
            if name in wanted:
                x = shape_up(rng, shape)
        if not wanted:
            x = x + 0.5 * np.eye(shape[-1])
    elif len(shape) >= 2 and "orthogonal" in wanted and shape[-2] > shape[-1]:
        x = np.linalg.qr(x)[0]
    return x


def _one_hot(rng: Any, shape: tuple[int, ...]) -> Array:
    return np.eye(shape[-1])[rng.integers(0, shape[-1], size=shape[:-1])]


def _simplex(rng: Any, shape: tuple[int, ...]) -> Array:
    x = rng.uniform(0.0, 1.0, size=shape)
    return x / x.sum(-1, keepdims=True)


def _unit(rng: Any, shape: tuple[int, ...]) -> Array:
    x = rng.normal(size=shape)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


_ENTRIES: Mapping[str, Any] = {
    "nonzero": lambda rng, s: rng.uniform(0.3, 2, s) * rng.choice([-1.0, 1.0], s),
    "nonnegative": lambda rng, s: rng.uniform(0, 3, s) * (rng.random(s) < 0.8),
    "positive": lambda rng, s: rng.uniform(0.1, 3, s),
    "in_unit_interval": lambda rng, s: rng.choice([0.0, 1.0, *rng.random(3)], s),
    "integer": lambda rng, s: rng.integers(-5, 6, s).astype(float),
    "zero_one": lambda rng, s: rng.choice([0.0, 1.0], s),
    "plus_minus_one": lambda rng, s: rng.choice([-1.0, 1.0], s),
    "simplex": _simplex,
    "one_hot": _one_hot,
    "unit_norm": _unit,
}


def _definite(rng: Any, shape: tuple[int, ...]) -> Array:
    x = rng.normal(size=shape)
    return x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1])


def _invertible(rng: Any, shape: tuple[int, ...]) -> Array:
    x = rng.normal(size=shape)
    sizes = np.linalg.svd(x, compute_uv=False)
    return x + np.eye(shape[-1]) if sizes.size and sizes.min() < 0.2 else x


def _positive_determinant(rng: Any, shape: tuple[int, ...]) -> Array:
    x = _invertible(rng, shape)
    if shape[-1]:
        x[..., 0, :] *= np.where(np.linalg.det(x) < 0, -1.0, 1.0)[..., None]
    return x


_MATRICES: Mapping[str, Any] = {
    "symmetric": lambda rng, s: (lambda x: x + np.swapaxes(x, -1, -2))(rng.normal(size=s)),
    "antisymmetric": lambda rng, s: (lambda x: x - np.swapaxes(x, -1, -2))(rng.normal(size=s)),
    "diagonal": lambda rng, s: rng.normal(size=s) * np.eye(s[-1]),
    "lower_triangular": lambda rng, s: np.tril(rng.normal(size=s)) + 2 * np.eye(s[-1]),
    "upper_triangular": lambda rng, s: np.triu(rng.normal(size=s)) + 2 * np.eye(s[-1]),
    "invertible": _invertible,
    "positive_determinant": _positive_determinant,
    "positive_semidefinite": _definite,
    "positive_definite": _definite,
    "orthogonal": lambda rng, s: np.linalg.qr(rng.normal(size=s))[0],
    "permutation": lambda rng, s: np.eye(s[-1])[rng.permutation(s[-1])],
}


def variables(*nodes: Tensor) -> list[Variable]:
    """The variables of some graphs, by name."""
    found = {v for v in postorder(nodes) if isinstance(v, Variable)}
    return sorted(found, key=lambda v: v.full_name)


def arrays(
    wanted: list[Variable],
    kinds: Mapping[Variable, Kind],
    sizes: Mapping[str, int],
    rng: Any,
    *,
    edges: bool = False,
) -> dict[Variable, Array]:
    """Values for pattern variables at given sizes, some of them at the edge of their domains."""
    found = {v: draw(tuple(v.properties), concrete(v.shape, sizes), rng, v.dtype) for v in wanted}
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


def concrete(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """A shape as integers."""
    return tuple(measure(size, sizes) for size in shape)
