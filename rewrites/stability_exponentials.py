"""Stability: exponentials that overflow, logarithms of numbers near 1, differences of both.

Sources: N. Higham, Accuracy and Stability of Numerical Algorithms (2002), chapter 1; M. Maechler,
"Accurately computing log(1 - exp(-|a|))" (2012); D. Goldberg, "What every computer scientist should
know about floating-point arithmetic" (1991).  Each choice computes both branches on operands that
stay in their domain, so that derivatives are finite as well.
"""

from collections.abc import Iterator

import sympy as sp

from rewrites.stability_conditions import cancels, either, exact, unguarded
from symflow.core import Tensor
from symflow.ops.arithmetic import absolute
from symflow.ops.choice import maximum, minimum, where
from symflow.ops.elementwise import (
    cosh,
    exp,
    expm1,
    log,
    log1p,
    logaddexp,
    sinh,
    xlog1py,
    xlogy,
)
from symflow.rewriting.kinds import Positive, Real
from symflow.rewriting.rule import Rule, theory

_LOG_HALF = -sp.Rational(177, 256)  # about -log(2)


def log_ratio(x: Tensor, y: Tensor) -> Tensor:
    """``log(x) - log(y)``, by the relative difference where that is small."""
    near = absolute(x - y) < y / 2
    change = where(near, (x - y) / where(near, y, 1), 0)
    return where(near, log1p(change), log(where(near, 1, x)) - log(where(near, 1, y)))


@theory("logarithms of differences")
def logs_of_differences(x: Real, y: Real) -> Iterator[Rule]:
    """Differences under a logarithm, whose larger part is taken out."""
    yield Rule(
        "log-of-difference-of-exps",
        log(exp(x) - exp(y)),
        x + log(-expm1(y - x)),
        source="Maechler 2012",
    )


@theory("differences of exponentials and logarithms")
def differences_of_logs(x: Real, y: Real, z: Real, p: Positive) -> Iterator[Rule]:
    """Exponentials and logarithms of nearly equal numbers; p is positive."""
    yield Rule(
        "difference-of-exps",
        exp(x) - exp(y),
        where(x > y, -exp(x) * expm1(minimum(y - x, 1)), exp(y) * expm1(minimum(x - y, 1))),
        where=[either(cancels(x, y), exact(x, y))],
    )
    gap = x * (y - z)
    yield Rule(
        "difference-of-exps-of-multiples",
        exp(x * y) - exp(x * z),
        where(gap > 0, -exp(x * y) * expm1(minimum(-gap, 1)), exp(x * z) * expm1(minimum(gap, 1))),
        where=[either(cancels(y, z), exact(y, z))],
    )
    yield Rule(
        "entropy-difference",
        (1 + p) * log(1 + p) - p * log(p),
        log1p(p) + p * log1p(1 / p),
        source="Hamming 3.8",
    )
    yield Rule("log-of-neighbours", log(1 + p) - log(p), log1p(1 / p), source="Hamming 3.4")
    yield Rule(
        "difference-of-logs",
        log(x) - log(y),
        log_ratio(x, y),
        where=[cancels(x, y)],
        source="Goldberg 1991",
    )
    near = absolute(x - y) < absolute(y) / 2
    change = where(near, (x - y) / where(near, y, 1), 0)
    yield Rule(
        "log-of-quotient",
        log(x / y),
        where(near, log1p(change), log(where(near, 1, x / y))),
        where=[cancels(x, y)],
        source="Goldberg 1991",
    )


@theory("exponentials and logarithms")
def exponentials(x: Real, y: Real, p: Positive, q: Positive) -> Iterator[Rule]:
    """Cancellation and overflow avoided; p and q are positive."""
    yield Rule("log-of-sum-of-exps", log(exp(x) + exp(y)), logaddexp(x, y), source="Higham 1.14")
    yield Rule("log-of-exp-plus", log(exp(x) + p), logaddexp(x, log(p)), source="Higham 1.14")
    yield Rule(
        "log-of-complement-of-exp",  # the second branch is the accurate one far from zero
        log(-expm1(x)),
        where(x > _LOG_HALF, log(-expm1(maximum(x, -1))), log1p(-exp(x))),
        where=[unguarded(x)],
        source="Maechler 2012",
    )
    yield Rule(
        "log-of-exp-less-one",
        log(expm1(x)),
        where(x > 1, x + log1p(-exp(-maximum(x, 1))), log(expm1(minimum(x, 1)))),
        where=[unguarded(x)],
        source="Maechler 2012",
    )
    yield Rule("log1p", log(1 + x), log1p(x), source="Goldberg 1991")
    yield Rule("expm1", exp(x) - 1, expm1(x))
    yield Rule("exp-over-expm1", exp(x) / expm1(x), -1 / expm1(-x))
    small = minimum(maximum(x, -1), 1)
    yield Rule(
        "log-cosh",
        log(cosh(x)),
        where(
            absolute(x) < 1,
            log1p(sinh(small) * sinh(small)) / 2,
            absolute(x) + log1p(exp(-2 * absolute(x))) - log(2),
        ),
    )
    yield Rule(
        "log-sinh",
        log(sinh(x)),
        where(x > 1, x + log1p(-exp(-2 * maximum(x, 1))) - log(2), log(sinh(minimum(x, 1)))),
        where=[unguarded(x)],
    )
    yield Rule("log1p-of-neighbours", log1p(p) - log(p), log1p(1 / p), source="Hamming 3.4")
    yield Rule(
        "difference-of-log1ps",
        log1p(p) - log1p(q),
        where(
            absolute(p - q) < (1 + q) / 2,
            log1p(where(absolute(p - q) < (1 + q) / 2, (p - q) / (1 + q), 0)),
            log1p(where(absolute(p - q) < (1 + q) / 2, 1, p)) - log1p(q),
        ),
        where=[cancels(p, q), unguarded(p)],
        source="Goldberg 1991",
    )
    yield Rule("x-log-x", x * log(x), xlogy(x, x), grade="widens")
    yield Rule("one-plus-x-log", (1 + x) * log1p(x), xlog1py(1 + x, x), grade="widens")
    yield Rule("one-minus-x-log", (1 - x) * log1p(-x), xlog1py(1 - x, -x), grade="widens")
