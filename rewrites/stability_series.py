"""Stability: functions less the first terms of their Taylor series, by the terms that are left.

Near zero the remainder is computed from its own series (NIST Handbook of Mathematical Functions,
DLMF 4.2, 4.6, 4.19, 4.33), elsewhere as it is written.  The series hold 53 bits up to their radius.
"""

from collections.abc import Callable, Iterator, Sequence

import sympy as sp

from rewrites.stability_conditions import unguarded
from symflow.core import Tensor
from symflow.ops.arithmetic import absolute
from symflow.ops.choice import where
from symflow.ops.elementwise import expm1, log, log1p, sin, sinh, tan, tanh
from symflow.rewriting.kinds import Real
from symflow.rewriting.rule import Rule, theory

_HALF = sp.Rational(1, 2)


def _horner(x: Tensor, coefficients: Sequence[sp.Expr]) -> Tensor:
    """``c0 + c1 * x + c2 * x**2 ...``."""
    result: Tensor = 0 * x + coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        result = coefficient + x * result
    return result


def _near_zero(
    x: Tensor, radius: sp.Expr, series: Callable[[Tensor], Tensor], direct: Callable[..., Tensor]
) -> Tensor:
    """A series within a radius, the formula as it is written outside."""
    near = absolute(x) < radius
    return where(near, series(where(near, x, 0)), direct(where(near, radius, x)))


def _exp_series(x: Tensor) -> Tensor:
    return x * x * _horner(x, [1 / sp.factorial(k) for k in range(2, 17)])


def _log_series(x: Tensor) -> Tensor:
    """``log(1 + x) = 2 artanh(r)`` with ``r = x / (2 + x)`` (DLMF 4.6.4)."""
    ratio = x / (2 + x)
    square = ratio * ratio
    terms = _horner(square, [sp.Rational(2, 2 * k + 3) for k in range(17)])
    return ratio * (square * terms - x)


def _sine_series(sign: int) -> Callable[[Tensor], Tensor]:
    coefficients = [sp.Integer(sign) ** (k + 1) / sp.factorial(2 * k + 3) for k in range(9)]
    return lambda x: x * x * x * _horner(x * x, coefficients)


def _tangent_term(n: int) -> sp.Expr:
    """The coefficient of ``x**(2 n - 1)`` in ``tan(x)`` (DLMF 4.19.3)."""
    power = sp.Integer(4) ** n
    return sp.Abs(sp.bernoulli(2 * n)) * power * (power - 1) / sp.factorial(2 * n)


def _tangent_series(sign: int) -> Callable[[Tensor], Tensor]:
    terms = [sp.Float(_tangent_term(n) * sp.Integer(sign) ** (n + 1), 20) for n in range(2, 19)]
    return lambda x: x * x * x * _horner(x * x, terms)


def _cotangent_series(x: Tensor) -> Tensor:
    """``1 / x - cot(x)`` (DLMF 4.19.6)."""
    terms = [
        sp.Float(sp.Abs(sp.bernoulli(2 * n)) * sp.Integer(4) ** n / sp.factorial(2 * n), 20)
        for n in range(1, 14)
    ]
    return x * _horner(x * x, terms)


@theory("remainders of the logarithm at 1")
def remainders_at_one(x: Real) -> Iterator[Rule]:
    """``log(x)`` less its tangent at 1; ``x - 1`` is exact near 1."""
    near = absolute(x - 1) < _HALF
    far = where(near, 2, x)
    yield Rule(
        "log-remainder-at-one",
        log(x) - x + 1,
        where(near, _log_series(where(near, x - 1, 0)), log(far) - far + 1),
        where=[unguarded(x)],
    )


@theory("remainders of series")
def remainders(x: Real) -> Iterator[Rule]:
    """Functions less the first terms of their series."""
    for name, left, radius, series, direct in (
        ("exp-remainder", expm1(x) - x, _HALF, _exp_series, lambda z: expm1(z) - z),
        ("log-remainder", log1p(x) - x, _HALF, _log_series, lambda z: log1p(z) - z),
        ("sine-remainder", sin(x) - x, sp.S.One, _sine_series(-1), lambda z: sin(z) - z),
        ("sinh-remainder", sinh(x) - x, sp.S.One, _sine_series(1), lambda z: sinh(z) - z),
        ("tangent-remainder", tan(x) - x, _HALF, _tangent_series(1), lambda z: tan(z) - z),
        ("tanh-remainder", tanh(x) - x, _HALF, _tangent_series(-1), lambda z: tanh(z) - z),
        (
            "cotangent-remainder",
            1 / x - 1 / tan(x),
            _HALF,
            _cotangent_series,
            lambda z: 1 / z - 1 / tan(z),
        ),
    ):
        yield Rule(
            name,
            left,
            _near_zero(x, radius, series, direct),
            where=[unguarded(x)],
            grade="widens" if name.startswith("cot") else "exact",
        )
