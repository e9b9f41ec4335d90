"""Stability: exponentials that overflow, logarithms of numbers near 1, differences of both.

Sources: P. Blanchard, D. Higham, N. Higham, "Accurately computing the log-sum-exp and softmax
functions" (2021); R. Hamming, Numerical Methods for Scientists and Engineers (1986), chapter 3; M.
Maechler, "Accurately computing log(1 - exp(-|a|))" (2012); D. Goldberg, "What every computer
scientist should know about floating-point arithmetic" (1991).

Each choice computes both branches on operands that stay in their domain, so that derivatives are
finite as well; the operands are held back only beyond the point where the branches meet, so that
they are right there too.
"""

from collections.abc import Iterator

import sympy as sp

from rewrites.stability_conditions import cancels, either, exact, unguarded
from symflow.core import Tensor
from symflow.ops.arithmetic import absolute
from symflow.ops.choice import maximum, minimum, where
from symflow.ops.composite import sigmoid
from symflow.ops.elementwise import (
    cosh,
    exp,
    expm1,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    sinh,
    tanh,
    xlog1py,
    xlogy,
)
from symflow.rewriting.kinds import Positive, Real
from symflow.rewriting.rule import Rule, theory

_HALF = sp.Rational(1, 2)
_BLANCHARD = "Blanchard, Higham, Higham 2021"
_LOG_HALF = -sp.Rational(177, 256)  # about -log(2)


def _log_complement(x: Tensor) -> Tensor:
    """``log(1 - exp(x))``: the second branch is the accurate one far from zero."""
    near = log(-expm1(maximum(x, -1)))
    return where(x > _LOG_HALF, near, log1p(-exp(minimum(x, -_HALF))))


def log_ratio(x: Tensor, y: Tensor) -> Tensor:
    """``log(x) - log(y)``, by the relative difference where that is small."""
    near = absolute(x - y) < y / 2
    change = where(near, (x - y) / where(near, y, 1), 0)
    return where(near, log1p(change), log(where(near, 1, x)) - log(where(near, 1, y)))


@theory("logarithms of differences")
def logs_of_differences(x: Real, y: Real) -> Iterator[Rule]:
    """Sums and differences of exponentials, whose larger part is taken out."""
    yield Rule("sigmoid-of-difference", exp(x) / (exp(x) + exp(y)), sigmoid(x - y))
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
        source="Hamming, chapter 3",
    )
    yield Rule("log-of-neighbours", log(1 + p) - log(p), log1p(1 / p), source="Hamming, chapter 3")
    yield Rule(
        "multiples-of-neighbours",
        x * log(1 + p) - x * log(p),
        x * log1p(1 / p),
        source="Hamming, chapter 3",
    )
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
    yield Rule(
        "log-of-sum-of-exps",
        log(exp(x) + exp(y)),
        logaddexp(x, y),
        source=_BLANCHARD,
    )
    yield Rule(
        "log-of-exp-plus",
        log(exp(x) + p),
        logaddexp(x, log(p)),
        source=_BLANCHARD,
    )
    yield Rule(
        "log-of-complement-of-exp",
        log(-expm1(x)),
        _log_complement(x),
        where=[unguarded(x)],
        source="Maechler 2012",
    )
    yield Rule(
        "log1p-of-minus-exp",
        log1p(-exp(x)),
        _log_complement(x),
        where=[unguarded(x)],
        source="Maechler 2012",
    )
    yield Rule(
        "log-of-exp-less-one",
        log(expm1(x)),
        where(x > 1, x + log1p(-exp(-maximum(x, _HALF))), log(expm1(minimum(x, 2)))),
        where=[unguarded(x)],
        source="Maechler 2012",
    )
    yield Rule(
        "log-of-multiples-of-exps",
        log(p * exp(x) + q * exp(y)),
        logaddexp(x + log(p), y + log(q)),
        source=_BLANCHARD,
    )
    yield Rule("log1p", log(1 + x), log1p(x), source="Goldberg 1991")
    yield Rule("log1p-in-base-2", log2(1 + x), log1p(x) / sp.log(2), source="Goldberg 1991")
    yield Rule("log1p-in-base-10", log10(1 + x), log1p(x) / sp.log(10), source="Goldberg 1991")
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
        where(x > 1, x + log1p(-exp(-2 * maximum(x, _HALF))) - log(2), log(sinh(minimum(x, 2)))),
        where=[unguarded(x)],
    )
    far = -2 * maximum(x, _HALF / 2)
    yield Rule(
        "log-tanh",
        log(tanh(x)),
        where(x > _HALF, log1p(-exp(far)) - log1p(exp(far)), log(tanh(minimum(x, 1)))),
        where=[unguarded(x)],
    )
    yield Rule("log1p-of-neighbours", log1p(p) - log(p), log1p(1 / p), source="Hamming, chapter 3")
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
