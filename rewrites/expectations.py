"""Gaussian expectations: what a function of a normal variable is on average.

``z`` is normal with mean ``m`` and variance ``v``; ``Phi`` is the distribution function of the
standard normal, ``phi`` its density.  Polynomials go by L. Isserlis (1918), exponentials of
quadratics by completing the square; the engine, ``symflow/calculus/gaussian*.py``, does both.
Products with other normal variables follow from these laws by C. Stein's lemma,
``E[(x - E[x]) f(z)] = Cov(x, z) E[f'(z)]``, and ``E[f'(z)]`` is the derivative by ``m``.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import sympy as sp

from symflow.calculus.gaussian_laws import (
    GaussianLaws,
    MeanLaw,
    Opening,
    PairLaw,
    ProductLaw,
    SquareLaw,
)
from symflow.core.add import constant
from symflow.core.node import Tensor
from symflow.numpy import arctan2, cos, cosh, exp, heaviside, maximum, sin, sinh, sqrt
from symflow.ops.arithmetic import ABS, SIGN, cast
from symflow.ops.choice import (
    GREATER,
    GREATER_EQUAL,
    HEAVISIDE,
    LESS,
    LESS_EQUAL,
    MAXIMUM,
    MINIMUM,
    WHERE,
)
from symflow.ops.composite import RELU
from symflow.ops.elementwise import COS, COSH, ERF, ERFC, SIN, SINH
from symflow.ops.special import NDTR
from symflow.special import erf, erfc, ndtr, owens_t

_OWEN = "D. B. Owen, A table of normal integrals, Comm. Stat. B9 (1980)"
_CHO = "Y. Cho, L. Saul, Kernel methods for deep learning, 2009"
_WILLIAMS = "C. Williams, Computing with infinite networks, 1997"
_SHEPPARD = "W. F. Sheppard, 1899"
_MOMENTS = "characteristic function of the normal distribution"


def phi(x: Any) -> Any:
    """The density of the standard normal."""
    return exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)


def step(z: Tensor) -> Tensor:
    """1 where ``z > 0``, 0 where not; where ``z = 0`` has no weight."""
    return heaviside(z, constant(sp.S.Half, z.shape, z.dtype))


def angle(v: Any, w: Any, c: Any) -> Any:
    """The angle between two normal variables of mean 0, from variances and covariance."""
    return arctan2(sqrt(maximum(v * w - c**2, 0)), c)


def means() -> Iterator[MeanLaw]:
    """``E[f(z)]``."""
    yield MeanLaw(SIN, lambda m, v: exp(-v / 2) * sin(m), "exp(-v/2) sin(m)", _MOMENTS)
    yield MeanLaw(COS, lambda m, v: exp(-v / 2) * cos(m), "exp(-v/2) cos(m)", _MOMENTS)
    yield MeanLaw(SINH, lambda m, v: exp(v / 2) * sinh(m), "exp(v/2) sinh(m)", _MOMENTS)
    yield MeanLaw(COSH, lambda m, v: exp(v / 2) * cosh(m), "exp(v/2) cosh(m)", _MOMENTS)
    yield MeanLaw(HEAVISIDE, lambda m, v: ndtr(m / sqrt(v)), "Phi(m / sqrt(v))")
    yield MeanLaw(SIGN, lambda m, v: erf(m / sqrt(2 * v)), "erf(m / sqrt(2 v))")
    yield MeanLaw(
        RELU,
        lambda m, v: m * ndtr(m / sqrt(v)) + sqrt(v) * phi(m / sqrt(v)),
        "m Phi(m / sqrt(v)) + sqrt(v) phi(m / sqrt(v))",
    )
    yield MeanLaw(
        ABS,
        lambda m, v: m * erf(m / sqrt(2 * v)) + 2 * sqrt(v) * phi(m / sqrt(v)),
        "m erf(m / sqrt(2 v)) + 2 sqrt(v) phi(m / sqrt(v))",
    )
    yield MeanLaw(
        NDTR, lambda m, v: ndtr(m / sqrt(1 + v)), "Phi(m / sqrt(1 + v))", f"{_OWEN}, 10,010.8"
    )
    yield MeanLaw(ERF, lambda m, v: erf(m / sqrt(1 + 2 * v)), "erf(m / sqrt(1 + 2 v))", _OWEN)
    yield MeanLaw(ERFC, lambda m, v: erfc(m / sqrt(1 + 2 * v)), "erfc(m / sqrt(1 + 2 v))", _OWEN)


def squares() -> Iterator[SquareLaw]:
    """``E[f(z)^2]``."""
    yield SquareLaw(
        NDTR,
        lambda m, v: ndtr(m / sqrt(1 + v)) - 2 * owens_t(m / sqrt(1 + v), 1 / sqrt(1 + 2 * v)),
        "Phi(h) - 2 T(h, 1 / sqrt(1 + 2 v)), h = m / sqrt(1 + v)",
        f"{_OWEN}, 20,010.4",
    )
    yield SquareLaw(
        ERF,
        lambda m, v: 1 - 8 * owens_t(m / sqrt(v + sp.S.Half), 1 / sqrt(1 + 4 * v)),
        "1 - 8 T(m / sqrt(v + 1/2), 1 / sqrt(1 + 4 v))",
        f"{_OWEN}, 20,010.4, by erf(z) = 2 Phi(sqrt(2) z) - 1",
    )


def pairs() -> Iterator[PairLaw]:
    """``E[f(z) f(y)]`` for means 0, variances ``v`` and ``w``, covariance ``c``, angle ``t``."""
    yield PairLaw(
        HEAVISIDE,
        lambda v, w, c: sp.S.Half - angle(v, w, c) / (2 * sp.pi),
        "1/2 - t / (2 pi)",
        _SHEPPARD,
    )
    yield PairLaw(SIGN, lambda v, w, c: 1 - 2 * angle(v, w, c) / sp.pi, "1 - 2 t / pi", _SHEPPARD)
    yield PairLaw(
        RELU,
        lambda v, w, c: (
            (sqrt(maximum(v * w - c**2, 0)) + c * (sp.pi - angle(v, w, c))) / (2 * sp.pi)
        ),
        "sqrt(v w) (sin t + (pi - t) cos t) / (2 pi)",
        _CHO,
    )
    yield PairLaw(
        ABS,
        lambda v, w, c: (
            2 * (sqrt(maximum(v * w - c**2, 0)) + c * (sp.pi / 2 - angle(v, w, c))) / sp.pi
        ),
        "2 sqrt(v w) (sin t + (pi/2 - t) cos t) / pi",
    )
    yield PairLaw(
        NDTR,
        lambda v, w, c: sp.S.Half - angle(1 + v, 1 + w, c) / (2 * sp.pi),
        "1/2 - angle(1 + v, 1 + w, c) / (2 pi)",
        _WILLIAMS,
    )
    yield PairLaw(
        ERF,
        lambda v, w, c: 1 - 2 * angle(1 + 2 * v, 1 + 2 * w, 2 * c) / sp.pi,
        "1 - 2 angle(1 + 2 v, 1 + 2 w, 2 c) / pi",
        _WILLIAMS,
    )


def products() -> Iterator[ProductLaw]:
    """Products of trigonometric functions as sums."""
    yield ProductLaw((SIN, SIN), lambda a, b: (cos(a - b) - cos(a + b)) / 2, "sin a sin b")
    yield ProductLaw((COS, COS), lambda a, b: (cos(a - b) + cos(a + b)) / 2, "cos a cos b")
    yield ProductLaw((SIN, COS), lambda a, b: (sin(a - b) + sin(a + b)) / 2, "sin a cos b")
    yield ProductLaw((COS, SIN), lambda a, b: (sin(a + b) - sin(a - b)) / 2, "cos a sin b")


def openings() -> Iterator[Opening]:
    """Functions in terms of exponentials, of steps and of ``Phi``."""
    yield Opening(SINH, lambda z: (exp(z) - exp(-z)) / 2, "(exp(z) - exp(-z)) / 2")
    yield Opening(COSH, lambda z: (exp(z) + exp(-z)) / 2, "(exp(z) + exp(-z)) / 2")
    yield Opening(RELU, lambda z: z * step(z), "z step(z)")
    yield Opening(ABS, lambda z: 2 * z * step(z) - z, "2 z step(z) - z")
    yield Opening(SIGN, lambda z: 2 * step(z) - 1, "2 step(z) - 1")
    yield Opening(ERF, lambda z: 2 * ndtr(sp.sqrt(2) * z) - 1, "2 Phi(sqrt(2) z) - 1")
    yield Opening(ERFC, lambda z: 2 * ndtr(-sp.sqrt(2) * z), "2 Phi(-sqrt(2) z)")


def choices() -> Iterator[Opening]:
    """Choices by the sign of a difference."""
    yield Opening(MAXIMUM, lambda a, b: b + (a - b) * step(a - b), "b + (a - b) step(a - b)")
    yield Opening(MINIMUM, lambda a, b: a - (a - b) * step(a - b), "a - (a - b) step(a - b)")
    yield Opening(WHERE, lambda c, a, b: b + cast(c, a.dtype) * (a - b), "b + [c] (a - b)")
    yield Opening(GREATER, lambda a, b: step(a - b), "[a > b] = step(a - b)")
    yield Opening(GREATER_EQUAL, lambda a, b: step(a - b), "[a >= b] = step(a - b)")
    yield Opening(LESS, lambda a, b: step(b - a), "[a < b] = step(b - a)")
    yield Opening(LESS_EQUAL, lambda a, b: step(b - a), "[a <= b] = step(b - a)")


@cache
def gaussian() -> GaussianLaws:
    """All laws."""
    tables = (means(), squares(), pairs(), products(), openings(), choices())
    return GaussianLaws(law for table in tables for law in table)
