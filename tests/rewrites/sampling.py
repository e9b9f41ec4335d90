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
    flip = np.linalg.det(x) < 0
    x[..., 0, :] *= np.where(flip, -1.0, 1.0)[..., None] if shape[-1] else 1.0
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
    wanted: list[Variable], kinds: Mapping[Variable, Kind], sizes: Mapping[str, int], rng: Any
) -> dict[Variable, Array]:
    """Values for pattern variables at given sizes."""
    return {v: draw(tuple(v.properties), concrete(v.shape, sizes), rng, v.dtype) for v in wanted}


def concrete(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """A shape as integers."""
    return tuple(measure(size, sizes) for size in shape)
