"""Samples of rounding, bits, NaN and the infinities."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp

from symflow.core import Operation
from tests.ops.samples.spec import (
    FEW,
    Case,
    Spec,
    Specs,
    anything,
    bools,
    counts,
    integers,
    several,
    whole,
)


def _few(operation: Operation) -> Iterator[Case]:
    return (((shape,) * (operation.arity or 2), ()) for shape in FEW)


def _parts(operation: Operation) -> Iterator[Case]:
    return (((shape,), (output,)) for shape in FEW for output in (0, 1))


def _decimals(operation: Operation) -> Iterator[Case]:
    return (((shape,), (decimals,)) for shape in FEW for decimals in (0, 1, -1))


def _replacements(operation: Operation) -> Iterator[Case]:
    for shape in FEW:
        yield (shape,), (0, None, None)
        yield (shape,), (2, sp.Rational(5, 2), -7)


def extended(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Numbers, NaN and the infinities."""
    return rng.choice([0.5, -2.0, 3.0, np.nan, np.inf, -np.inf], size=shape)


def numbers_and_nan(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Numbers and NaN."""
    return rng.choice([0.5, -2.0, 3.0, np.nan], size=shape)


def with_zeros(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Numbers of both signs, zero among them."""
    return rng.choice([0.0, 0.5, -2.0, 1.25], size=shape)


def _after(x: Any, y: Any) -> Any:
    """JAX differentiates the next number as little as the last digit of any other result."""
    still = jax.lax.stop_gradient
    return x + (jnp.nextafter(still(x), still(y)) - still(x))


def _tolerances(operation: Operation) -> Iterator[Case]:
    for shape in FEW:
        yield (shape, shape), (sp.Rational(1, 8), 0, False)
        yield (shape, shape), (0, sp.Rational(1, 2), True)


SPECS: Specs = {
    "isclose": Spec(_tolerances, draw=extended, params=(0, sp.Rational(1, 2), False)),
    **several("trunc signbit spacing copysign fmod logaddexp2", cases=_few),
    **several("isnan isinf isfinite isposinf isneginf", cases=_few, draw=extended),
    **several("logical_xor", cases=_few, draw=bools, dtype="bool"),
    **several(
        "bitwise_and bitwise_or bitwise_xor bitwise_not", cases=_few, draw=integers, dtype="int"
    ),
    **several("gcd lcm", cases=_few, draw=integers, dtype="int"),
    **several("left_shift right_shift", cases=_few, draw=(integers, counts), dtype="int"),
    **several("fmax fmin", cases=_few, draw=whole),
    "bitwise_count": Spec(
        _few, integers, "int", jax=lambda x: jnp.bitwise_count(x).astype("int32")
    ),
    "nextafter": Spec(_few, jax=_after),
    "sinc": Spec(_few, draw=with_zeros),
    "ldexp": Spec(_few, draw=(anything, integers), dtype=("float", "int")),
    "frexp": Spec(_parts, params=(0,), jax=lambda x, output: jnp.frexp(x)[output]),
    "round": Spec(_decimals, draw=lambda rng, shape: 20 * anything(rng, shape), params=(1,)),
    "nan_to_num": Spec(_replacements, draw=numbers_and_nan, params=(0, None, None)),
}
