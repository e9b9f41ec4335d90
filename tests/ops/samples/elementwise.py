"""Samples of functions entry by entry."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp

from symflow.core import Operation
from tests.ops.samples.spec import (
    SHAPES,
    Case,
    Spec,
    Specs,
    above_one,
    anything,
    bools,
    given,
    inside,
    n,
    positive,
    several,
    whole,
)


def _powers(operation: Operation) -> Iterator[Case]:
    for exponent in (-1, -2, sp.Rational(1, 2), sp.Rational(-3, 2), 11, sp.Float(0.3), n):
        yield ((3, n),), (sp.sympify(exponent),)
    for shape in SHAPES:
        yield (shape,), (sp.S.NegativeOne,)


def _casts(operation: Operation) -> Iterator[Case]:
    for shape in SHAPES:
        yield (shape,), ("int",)
        yield (shape,), ("float64",)


def _bessel(x: Any) -> Any:
    import scipy.special

    return jnp.asarray(scipy.special.jv(1, np.asarray(x)))


def _bessel_function() -> sp.Lambda:
    x = sp.Symbol("x0", real=True)
    return sp.Lambda((x,), sp.besselj(1, x))


SPECS: Specs = {
    **several(
        "log log1p log2 log10 special.digamma special.gammaln power special.xlogy special.xlog1py",
        draw=positive,
    ),
    **several("arcsin arccos arctanh", draw=inside),
    **several("equal not_equal sign floor ceil heaviside", draw=whole),
    **several("greater greater_equal less less_equal", draw=whole),
    **several("logical_and logical_or logical_not", draw=bools, dtype="bool"),
    "arccosh": Spec(draw=above_one),
    "where": Spec(draw=(bools, anything), dtype=("bool", "float")),
    "cast": Spec(_casts, params=("int",), jax=lambda x, dtype: x.astype(dtype)),
    "special.polygamma": Spec(
        draw=positive, params=(2,), jax=lambda x, order: jax.scipy.special.polygamma(order, x)
    ),
    "scalar_power": Spec(
        cases=_powers,
        draw=positive,
        jax=lambda x, exponent: x**exponent,
    ),
    "map": Spec(
        given(*(((shape,), (_bessel_function(),)) for shape in SHAPES)),
        jax=lambda x, function: _bessel(x),
    ),
}
