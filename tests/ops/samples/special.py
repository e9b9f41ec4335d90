"""Samples of special functions: few shapes, entries where JAX is accurate."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from symflow.core import Operation
from tests.ops.samples.spec import (
    Case,
    Draw,
    Spec,
    Specs,
    above_one,
    anything,
    d,
    inside,
    n,
    positive,
    unit,
)

_SHAPES = ((0,), (3,), (n, d))


def _few(operation: Operation) -> Iterator[Case]:
    return (((shape,) * (operation.arity or 1), ()) for shape in _SHAPES)


def _outputs(operation: Operation) -> Iterator[Case]:
    return (((shape,), (output,)) for shape in _SHAPES for output in (0, 1))


def _orders(operation: Operation) -> Iterator[Case]:
    return (((shape,), (order,)) for shape in _SHAPES for order in (1, 3))


def _rows(operation: Operation) -> Iterator[Case]:
    return (((shape,), (3, 50, row)) for shape in _SHAPES for row in (0, 2))


def _between(low: float, high: float) -> Draw:
    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
        return rng.uniform(low, high, size=shape)

    return draw


def _spec(*draw: Draw, **options: Any) -> Spec:
    return Spec(**{"cases": _few, "draw": draw or anything, **options})


def _fresnel(x: Any, output: int) -> Any:
    return jax.scipy.special.fresnel(x)[output]


def _sici(x: Any, output: int) -> Any:
    return jax.scipy.special.sici(x)[output]


def _dilogarithm(x: Any) -> Any:
    """The series at 1 (DLMF 25.12.1): JAX's own derivative is NaN."""
    powers = jnp.arange(1, 60, dtype=x.dtype)
    return jnp.sum((1 - x[..., None]) ** powers / powers**2, axis=-1)


def _gauss(a: Any, b: Any, c: Any, x: Any) -> Any:
    """The series at 0 (DLMF 15.2.1), which compiles ten times faster than JAX's own."""
    k = jnp.arange(80)
    a, b, c = (value[..., None] + k for value in (a, b, c))
    return 1 + jnp.sum(jnp.cumprod(a * b / c * x[..., None] / (k + 1), axis=-1), axis=-1)


def _bessel(x: Any, v: int, n_iter: int, output: int) -> Any:
    return jax.scipy.special.bessel_jn(x, v=v, n_iter=n_iter)[output]


_ORDINARY = """
    erfinv:inside ndtr:anything log_ndtr:anything ndtri:unit logit:unit entr:positive
    gamma:positive gammasgn:anything beta:positive betaln:positive poch:positive
    expi:positive i0:anything i1:anything i0e:anything i1e:anything
    dawsn:anything owens_t:anything rel_entr:positive kl_div:positive
"""
_DRAWS = {"inside": inside, "anything": anything, "unit": unit, "positive": positive}

SPECS: Specs = {
    **{
        f"special.{name}": _spec(_DRAWS[draw])
        for name, draw in (word.split(":") for word in _ORDINARY.split())
    },
    "special.exp1": _spec(positive, order=1),
    "special.boxcox": _spec(positive, inside),
    "special.boxcox1p": _spec(positive, inside),
    "special.gammainc": _spec(positive, fixed=(0,)),
    "special.gammaincc": _spec(positive, fixed=(0,)),
    "special.betainc": _spec(positive, positive, unit, fixed=(0, 1)),
    "special.zeta": _spec(above_one, positive, fixed=(0,)),
    "special.spence": _spec(_between(1.1, 1.45), jax=_dilogarithm),
    "special.hyp1f1": _spec(positive, positive, anything, fixed=(0, 1)),
    "special.hyp2f1": _spec(
        positive, positive, positive, _between(-0.6, 0.6), order=1, fixed=(0, 1, 2), jax=_gauss
    ),
    "special.fresnel": _spec(inside, cases=_outputs, params=(0,), jax=_fresnel),
    "special.sici": _spec(positive, cases=_outputs, params=(1,), jax=_sici),
    "special.expn": _spec(
        positive,
        cases=_orders,
        params=(2,),
        order=1,
        jax=lambda x, order: jax.scipy.special.expn(order, x),
    ),
    "special.bessel_jn": _spec(positive, cases=_rows, params=(3, 50, 2), jax=_bessel),
}
