"""Samples of reductions and of functions along axes."""

from collections.abc import Iterator
from typing import Any

import jax.numpy as jnp
import numpy as np

from symflow.core import Operation
from tests.ops.samples.spec import (
    Case,
    Spec,
    Specs,
    anything,
    bools,
    d,
    given,
    n,
    several,
    unit,
    whole,
)

_ALONG = ((0,), (1,), (3,), (n,), (n, d), (2, 3), (2, 1, 3), (3, 0))


def _one_axis(operation: Operation) -> Iterator[Case]:
    for shape in _ALONG:
        for axis, size in enumerate(shape):
            if size != 0 or operation.family == "cumulative":
                yield (shape,), ((axis,),)


def _with_zeros(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Numbers of both signs, zeros among them."""
    values = anything(rng, shape)
    return np.where(rng.uniform(size=shape) < 0.25, 0.0, values)


def _of_one(function: Any) -> Any:
    return lambda x, axis: function(x, axis=axis[0])


def _quantiles(operation: Operation) -> Iterator[Case]:
    for method in ("linear", "lower", "higher", "nearest", "midpoint", "inverted_cdf"):
        yield ((5,), ()), (method, (0,))
    yield ((n, 4), (2,)), ("linear", (1,))
    yield ((2, 1, n), (3,)), ("midpoint", (0, 2))


def _medians(operation: Operation) -> Iterator[Case]:
    for shape, axes in (((5,), (0,)), ((1,), (0,)), ((n, 4), (1,)), ((2, 1, n), (0, 2))):
        yield (shape,), (axes,)


def _distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Numbers no two of which are equal."""
    return rng.permutation(np.arange(float(np.prod(shape, dtype=int)))).reshape(shape) * 0.75


def _polygons(operation: Operation) -> Iterator[Case]:
    yield ((6,), (4,), (4,)), (None, None)
    yield ((n, d), (n,), (n,)), ("extrapolate", None)
    yield ((), (2,), (2,)), (None, "extrapolate")


def _knots(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Abscissas in order."""
    return np.cumsum(rng.uniform(0.5, 1.0, size=shape)) - 1.0


SPECS: Specs = {
    **several("quantile nanquantile", cases=_quantiles, draw=(_distinct, unit)),
    **several("median nanmedian", cases=_medians, draw=_distinct),
    "interp": Spec(_polygons, draw=(anything, _knots, anything)),
    "cumsum": Spec(_one_axis, jax=_of_one(jnp.cumsum)),
    "cumprod": Spec(_one_axis, draw=_with_zeros, jax=_of_one(jnp.cumprod)),
    "argmax": Spec(_one_axis, draw=whole, jax=_of_one(jnp.argmax)),
    "argmin": Spec(_one_axis, draw=whole, jax=_of_one(jnp.argmin)),
    "convolve": Spec(
        given(
            (((3,), (2,)), ("full",)),
            (((1,), (4,)), ("full",)),
            (((n + 2,), (n,)), ("full",)),
            (((4,), (2,)), ("valid",)),
            (((n + 1,), (n,)), ("valid",)),
        ),
        jax=jnp.convolve,
    ),
    **several("all any", draw=bools, dtype="bool"),
    "linalg.norm": Spec(jax=lambda x, axis: jnp.sqrt(jnp.sum(x * x, axis=axis))),
}
