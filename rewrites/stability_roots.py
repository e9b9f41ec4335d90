"""Stability: differences of roots and powers, squares, hypotenuses.

Sources: N. Higham, Accuracy and Stability of Numerical Algorithms (2002), sections 1.7, 1.8, 27.8;
R. Hamming, Numerical Methods for Scientists and Engineers (1986), chapter 3; W. Kahan, Branch Cuts
for Complex Elementary Functions (1987).  Where both operands of a difference are sums, ``x - y``
on the right is formed without the terms that they share.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import sympy as sp

from rewrites.stability_conditions import apart, cancels, exact, unguarded
from rewrites.stability_exponentials import log_ratio
from symflow.core import Tensor, apply, scaled
from symflow.ops.arithmetic import POWER, absolute, power_node, sqrt
from symflow.ops.choice import logical_and, maximum, minimum, where
from symflow.ops.elementwise import cbrt, exp, exp2, expm1, hypot, log, log1p
from symflow.rewriting.kinds import Number, Positive, Real
from symflow.rewriting.rule import Rule, theory

_HALF = sp.Rational(1, 2)
_SMALL = sp.Rational(1, 10**30)  # squares neither overflow nor vanish from here to its inverse
_HIGHAM, _HAMMING = "Higham 1.7", "Hamming, chapter 3"


def raised(x: Any, y: Any) -> Tensor:
    """``x ** y`` with a tensor for exponent."""
    return apply(POWER, (x, y))


def _power_change(p: Tensor, q: Tensor, power: Callable[[Tensor], Tensor], t: Tensor) -> Tensor:
    """``p**c - q**c`` by ``t = c * log(p / q)``, where that is small."""
    near = absolute(t) < 1
    close: Tensor = power(q) * expm1(where(near, t, 0))
    return where(near, close, power(where(near, 1, p)) - power(where(near, 1, q)))


def _less_one(t: Tensor, power: Tensor) -> Tensor:
    """``exp(t) - 1`` for small ``t``, else the power less one."""
    return where(absolute(t) < 1, expm1(where(absolute(t) < 1, t, 0)), power - 1)


@theory("differences of roots and powers")
def differences_of_roots(x: Real, y: Real, p: Positive, q: Positive, c: Number) -> Iterator[Rule]:
    """Cancellation between roots; p and q are positive, c is a number."""
    yield Rule(
        "difference-of-roots", sqrt(p) - sqrt(q), (p - q) / (sqrt(p) + sqrt(q)), source=_HIGHAM
    )
    yield Rule(
        "difference-of-distinct-roots",
        sqrt(x) - sqrt(y),
        (x - y) / (sqrt(x) + sqrt(y)),
        where=[cancels(x, y), apart(x, y)],
        source=_HIGHAM,
    )
    both = sqrt(x) + sqrt(y)
    yield Rule(
        "difference-of-any-roots",  # the second branch where both vanish, and where one is NaN
        sqrt(x) - sqrt(y),
        where(both > 0, (x - y) / where(both > 0, both, 1), both),
        where=[cancels(x, y)],
        source=_HIGHAM,
    )
    yield Rule(
        "difference-of-reciprocal-roots",
        1 / sqrt(x) - 1 / sqrt(y),
        (y - x) / (sqrt(x) * sqrt(y) * (sqrt(x) + sqrt(y))),
        where=[cancels(x, y), apart(x, y)],
        source=_HAMMING,
    )
    yield Rule(
        "difference-of-cube-roots",
        cbrt(x) - cbrt(y),
        (x - y) / (cbrt(x) * cbrt(x) + cbrt(x) * cbrt(y) + cbrt(y) * cbrt(y)),
        where=[cancels(x, y), apart(x, y)],
        source=_HAMMING,
    )
    yield Rule(
        "difference-of-powers",
        power_node(p, c) - power_node(q, c),
        _power_change(p, q, lambda base: power_node(base, c), scaled(c, log_ratio(p, q))),
        where=[cancels(p, q), unguarded(p, q)],
        source=_HAMMING,
    )
    yield Rule(
        "difference-of-variable-powers",
        raised(p, x) - raised(q, x),
        _power_change(p, q, lambda base: raised(base, x), x * log_ratio(p, q)),
        where=[cancels(p, q), unguarded(p, q)],
        source=_HAMMING,
    )
    t = scaled(c, log(p))
    yield Rule(
        "power-less-one",
        power_node(p, c) - 1,
        _less_one(t, power_node(where(absolute(t) < 1, 2, p), c)),
        where=[unguarded(p)],
    )
    t = x * log(p)
    yield Rule(
        "variable-power-less-one",
        raised(p, x) - 1,
        _less_one(t, raised(where(absolute(t) < 1, 2, p), x)),
        where=[unguarded(p)],
    )
    yield Rule(
        "power-of-two-less-one",
        exp2(x) - 1,
        _less_one(sp.log(2) * x, exp2(where(absolute(sp.log(2) * x) < 1, 2, x))),
        where=[unguarded(x)],
    )


@theory("squares and hypotenuses")
def squares(x: Real, y: Real, z: Real) -> Iterator[Rule]:
    """Sums of squares under a root or a logarithm, which overflow or lie near 1."""
    yield Rule("hypotenuse", sqrt(x * x + y * y), hypot(x, y), source="Higham 27.8")
    yield Rule("hypotenuse-of-one", sqrt(1 + x * x), hypot(1, x), source="Higham 27.8")
    yield Rule(
        "reciprocal-hypotenuse",
        1 / sqrt(x * x + y * y),
        1 / hypot(x, y),
        source="Higham 27.8",
    )
    yield Rule("reciprocal-hypotenuse-of-one", 1 / sqrt(1 + x * x), 1 / hypot(1, x))
    yield Rule("diagonal", sqrt(x * x + y * y + z * z), hypot(hypot(x, y), z))
    longer, shorter = maximum(absolute(x), absolute(y)), minimum(absolute(x), absolute(y))
    square = x * x + y * y
    near = logical_and(absolute(square - 1) < _HALF, shorter < _HALF)
    mild = logical_and(square > _SMALL, square < 1 / _SMALL)
    yield Rule(
        "log-of-square-sum",
        log(x * x + y * y),
        where(
            near,
            log1p(where(near, (longer - 1) * (longer + 1) + shorter * shorter, 0)),
            where(mild, log(where(mild, square, 1)), 2 * log(where(near, 2, hypot(x, y)))),
        ),
        where=[exact(x, y)],
        source="Kahan 1987",
    )


@theory("powers of one plus a little")
def one_plus(x: Real, y: Real) -> Iterator[Rule]:
    """``1 + x`` rounds; a large power makes that visible."""
    near = absolute(x) < _HALF
    yield Rule(
        "power-of-one-plus",
        raised(1 + x, y),
        where(near, exp(y * log1p(where(near, x, 0))), raised(where(near, 1, 1 + x), y)),
        source="Goldberg 1991, compound interest",
    )


def _scalar_power(exponent: sp.Expr, base: Tensor) -> Tensor:
    return power_node(base, exponent)


def _raised_by(exponent: Tensor, base: Tensor) -> Tensor:
    return raised(base, exponent)


@theory("powers of one plus a little less one")
def one_plus_less_one(x: Real, y: Real, c: Number) -> Iterator[Rule]:
    """``(1 + x)**y - 1`` for small ``x``, whatever the sign of the base elsewhere."""
    small = where(absolute(x) < _HALF, log1p(where(absolute(x) < _HALF, x, 0)), _HALF)
    by_number: Callable[[Any], Tensor] = partial(_scalar_power, c)
    by_tensor: Callable[[Any], Tensor] = partial(_raised_by, y)
    for name, t, power in (
        ("power-of-one-plus-less-one", scaled(c, small), by_number),
        ("variable-power-of-one-plus-less-one", y * small, by_tensor),
    ):
        near = logical_and(absolute(x) < _HALF, absolute(t) < 1)
        yield Rule(
            name,
            power(1 + x) - 1,
            where(near, expm1(where(near, t, 0)), power(where(near, 2, 1 + x)) - 1),
            source="Goldberg 1991, compound interest",
        )
