"""What the laws need to know of an operation: operands to try, and JAX's function for it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import Operation, dims
from symflow.core.dims import Shape

n, d, b = dims("n d b")
SIZES = {n: 3, d: 2, b: 2}

Draw = Callable[[np.random.Generator, tuple[int, ...]], Any]
Case = tuple[tuple[Shape, ...], tuple[Any, ...]]  # shapes of the operands, static parameters
Cases = Callable[[Operation], Iterator[Case]]

# Ranks 0 to 4; sizes 0, 1 and more; integer and symbolic.
SHAPES: tuple[Shape, ...] = (
    (), (0,), (1,), (3,), (n,), (1, 3), (n, d), (2, 1), (0, 3), (n, 1, 2), (2, 1, 3, 1),
    (1, n, d, 2),
)  # fmt: skip
FEW: tuple[Shape, ...] = ((), (0,), (3,), (n, d), (2, 1, 3))
SQUARES: tuple[Shape, ...] = ((0, 0), (1, 1), (3, 3), (n, n), (2, 3, 3), (b, 1, n, n))


# ------------------------------------------------------------------ entries in the domain


def anything(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Both signs."""
    return rng.normal(size=shape) * 2


def positive(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Between 0.1 and 3."""
    return rng.uniform(0.1, 3, size=shape)


def above_one(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Between 1.1 and 4."""
    return 1 + positive(rng, shape)


def inside(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Between -1 and 1."""
    return rng.uniform(-0.95, 0.95, size=shape)


def unit(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Between 0 and 1."""
    return rng.uniform(0.05, 0.95, size=shape)


def whole(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Whole numbers, which tie."""
    return rng.integers(-3, 4, size=shape).astype(float)


def integers(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Integers of both signs."""
    return rng.integers(-3, 4, size=shape)


def counts(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Integers from 1 to 4."""
    return rng.integers(1, 5, size=shape)


def bools(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Truth values."""
    return rng.integers(0, 2, size=shape).astype(bool)


def complexes(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Complex numbers of modulus about one."""
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def definite(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Symmetric positive definite matrices over the last two axes."""
    root = rng.normal(size=shape)
    return root @ np.swapaxes(root, -1, -2) + np.eye(shape[-1])


# ------------------------------------------------------------------------------ the record


@dataclass(frozen=True)
class Spec:
    """How to sample one operation.

    Attributes:
        cases: shapes of operands and static parameters; left out for what the kind of the record
            tells (elementwise, over axes, square matrices).
        draw: entries of the operands; the last entry of a tuple serves all further operands.
        dtype: data types of the operands, likewise.
        jax: called with arrays, and with the static parameters by name (dimensions as numbers);
            left out where JAX has a function of the operation's name.
        params: static parameters of an elementwise operation.
        order: of the derivatives that are compared with JAX's.
        fixed: places of operands by which there is no derivative: it is refused.
    """

    cases: Cases | None = None
    draw: Draw | tuple[Draw, ...] = anything
    dtype: str | tuple[str, ...] = "float"
    jax: Callable[..., Any] | None = None
    params: tuple[Any, ...] = ()
    order: int = 2
    fixed: tuple[int, ...] = ()


Specs = dict[str, Spec]


def of(values: Any, place: int) -> Any:
    """The value for an operand."""
    return values[min(place, len(values) - 1)] if isinstance(values, tuple) else values


def numbers(shape: Shape) -> tuple[int, ...]:
    """A shape with the sizes that the samples use."""
    return tuple(resolved(sp.sympify(size)) for size in shape)


def resolved(value: Any) -> Any:
    """A static parameter with the sizes that the samples use."""
    if isinstance(value, tuple):
        return tuple(map(resolved, value))
    if not isinstance(value, sp.Expr):
        return value
    exact = value.subs(SIZES)
    if exact.is_Integer:
        return int(exact)
    return float(exact) if exact.is_number else exact


def several(names: str, **options: Any) -> Specs:
    """One spec for several operations."""
    return dict.fromkeys(names.split(), Spec(**options))


def given(*cases: Case) -> Cases:
    """The same cases for whatever operation."""
    return lambda operation: iter(cases)


def merged(*tables: Mapping[str, Spec]) -> Specs:
    """Tables as one; no operation in two of them."""
    result: Specs = {}
    for table in tables:
        assert not result.keys() & table.keys()
        result |= table
    return result
