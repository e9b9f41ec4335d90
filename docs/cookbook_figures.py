"""How far a derived identity is from JAX and from the book: the figures of the cookbook's page."""

from typing import Any

import jax
import numpy as np

import symflow as sf
from symflow.core import as_tensor
from symflow.core.samples import sample

SIZES = {"n": 3, "m": 4}
AGREES = "< 1e-9"


def bucket(error: float) -> str:
    """A relative error as the power of ten that it stays under, never finer than 1e-9."""
    for power in (9, 6, 3):
        if error < 10.0**-power:
            return f"< 1e-{power}"
    return f"**{error:.0e}**"


def against_jax(identity: Any, result: Any) -> str:
    """How far a result is from JAX's automatic differentiation."""
    if identity.structured:
        check = sf.verify(identity.function, result, identity.variable, structured=True)
        return bucket(check.error)
    leaves, values = _data(identity, result)
    return bucket(_error(_values(result, leaves, values), _reference(identity, leaves, values)))


def against_book(identity: Any, result: Any) -> str:
    """How far a result is from the book's right side."""
    if identity.book is None:
        return ""
    leaves, values = _data(identity, result)
    got, want = (_values(node, leaves, values) for node in (result, identity.book))
    return bucket(_error(got, want))


def _data(identity: Any, result: Any) -> tuple[list[Any], list[Any]]:
    parts = [identity.function, result, identity.variable, identity.direction, identity.book]
    leaves = _leaves([part for part in parts if part is not None])
    rng = np.random.default_rng(7)
    return leaves, [_drawn(leaf, rng) for leaf in leaves]


def _leaves(nodes: list[Any]) -> list[Any]:
    found = set().union(*(node.free_symbols for node in nodes))
    return sorted(found, key=lambda leaf: (leaf.name, str(leaf)))


def _drawn(leaf: Any, rng: np.random.Generator) -> Any:
    if leaf.name in SIZES:
        return SIZES[leaf.name]
    return np.asarray(sample(as_tensor(leaf), SIZES, rng), dtype=_dtype(leaf))


def _dtype(leaf: Any) -> type:
    return complex if getattr(leaf, "dtype", "float") == "complex" else float


def _values(node: Any, leaves: list[Any], values: list[Any]) -> Any:
    program = sf.lower(node, inputs=leaves, precision="float64", backend="numpy", optimise=False)
    return np.asarray(program(*values))


def _reference(identity: Any, leaves: list[Any], values: list[Any]) -> Any:
    """The derivative by JAX, of the function as it is written."""
    program = sf.lower(identity.function, inputs=leaves, precision="float64", optimise=False)
    variable = getattr(identity.variable, "symbol", identity.variable)
    place = leaves.index(variable)

    def function(value: Any) -> Any:
        return program(*values[:place], value, *values[place + 1 :])

    with jax.enable_x64(True), jax.disable_jit():  # noqa: FBT003  (JAX's signature)
        if identity.direction is not None:
            along = values[leaves.index(identity.direction)]
            return np.asarray(jax.jvp(function, (values[place],), (along,))[1])
        derivative = jax.jacrev(function)
        for _ in range(identity.order - 1):
            derivative = jax.jacfwd(derivative)
        found = np.asarray(derivative(values[place]))
    return found if identity.times is None else found @ values[place].T


def _error(got: Any, want: Any) -> float:
    scale = max(float(np.max(np.abs(want), initial=0.0)), 1.0)
    return float(np.max(np.abs(got - want), initial=0.0)) / scale
