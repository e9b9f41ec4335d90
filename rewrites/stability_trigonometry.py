"""Stability: differences of trigonometric and hyperbolic functions, inverses near an end.

Sources: NIST Handbook of Mathematical Functions (DLMF) 4.21, 4.24, 4.35, 4.38; R. Hamming,
Numerical Methods for Scientists and Engineers (1986), chapter 3; W. Kahan, Branch Cuts for Complex
Elementary Functions (1987).
"""

from collections.abc import Iterator

from rewrites.stability_conditions import cancels, either, exact
from symflow.ops.arithmetic import sqrt
from symflow.ops.choice import maximum, minimum, where
from symflow.ops.composite import sigmoid
from symflow.ops.elementwise import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cos,
    cosh,
    log,
    sin,
    sinh,
    tan,
    tanh,
)
from symflow.rewriting.kinds import Real
from symflow.rewriting.rule import Rule, theory


@theory("differences of trigonometric functions")
def differences_of_angles(x: Real, y: Real) -> Iterator[Rule]:
    """``f(x) - f(y)`` where ``x - y`` is simpler than ``x`` and ``y``."""
    known = [cancels(x, y)]
    half, middle = (x - y) / 2, (x + y) / 2
    yield Rule(
        "difference-of-sines",
        sin(x) - sin(y),
        2 * cos(middle) * sin(half),
        known,
        "DLMF 4.21.7",
    )
    yield Rule(
        "difference-of-cosines",
        cos(x) - cos(y),
        -2 * sin(middle) * sin(half),
        known,
        "DLMF 4.21.9",
    )
    yield Rule(
        "difference-of-tangents",
        tan(x) - tan(y),
        sin(x - y) / (cos(x) * cos(y)),
        known,
        "DLMF 4.21.10",
    )
    yield Rule(
        "difference-of-arctangents",
        arctan(x) - arctan(y),
        arctan2(x - y, 1 + x * y),
        [either(cancels(x, y), exact(x, y))],
        "DLMF 4.24.15",
    )
    yield Rule(
        "difference-of-hyperbolic-sines",
        sinh(x) - sinh(y),
        2 * cosh(middle) * sinh(half),
        known,
        "DLMF 4.35.10",
    )
    yield Rule(
        "difference-of-hyperbolic-cosines",
        cosh(x) - cosh(y),
        2 * sinh(middle) * sinh(half),
        known,
        "DLMF 4.35.12",
    )


@theory("trigonometric cancellation")
def cancellation_of_angles(x: Real) -> Iterator[Rule]:
    """Functions less their value at the end of the domain."""
    yield Rule("one-plus-cosine", 1 + cos(x), 2 * (cos(x / 2) * cos(x / 2)), source="DLMF 4.21.28")
    square, sine = cos(x) * cos(x), sin(x)
    yield Rule(
        "one-minus-sine",
        1 - sin(x),
        where(sine > 0, square / (1 + maximum(sine, 0)), 1 - minimum(sine, 1)),
        source="DLMF 4.21.12",
    )
    yield Rule(
        "one-plus-sine",
        1 + sin(x),
        where(sine < 0, square / (1 - minimum(sine, 0)), 1 + maximum(sine, -1)),
        source="DLMF 4.21.12",
    )
    yield Rule("one-minus-cosine", 1 - cos(x), 2 * (sin(x / 2) * sin(x / 2)), source="DLMF 4.21.29")
    yield Rule("cosh-less-one", cosh(x) - 1, 2 * (sinh(x / 2) * sinh(x / 2)), source="DLMF 4.35.26")
    yield Rule(
        "tangent-less-sine",
        tan(x) - sin(x),
        2 * tan(x) * (sin(x / 2) * sin(x / 2)),
        source="DLMF 4.21.29",
    )
    yield Rule("one-minus-tanh", 1 - tanh(x), 2 * sigmoid(-2 * x))
    yield Rule("one-plus-tanh", 1 + tanh(x), 2 * sigmoid(2 * x))
    yield Rule("arccosh-near-one", arccosh(1 + x), 2 * arcsinh(sqrt(x / 2)), source="Kahan 1987")
    yield Rule("arccos-near-one", arccos(1 - x), 2 * arcsin(sqrt(x / 2)), source="Kahan 1987")
    yield Rule("arctanh-near-one", arctanh(1 - x), (log(2 - x) - log(x)) / 2, source="DLMF 4.37.24")


@theory("inverse hyperbolic functions")
def inverse_hyperbolic(x: Real) -> Iterator[Rule]:
    """Inverse hyperbolic functions spelled out by logarithms (DLMF 4.37)."""
    yield Rule("arcsinh", log(x + sqrt(1 + x * x)), arcsinh(x), source="DLMF 4.37.16")
    yield Rule("arcsinh-negative", log(sqrt(1 + x * x) - x), -arcsinh(x), source="DLMF 4.37.16")
    yield Rule("arccosh", log(x + sqrt(x * x - 1)), arccosh(x), source="DLMF 4.37.19")
    yield Rule(
        "arccosh-of-product", log(x + sqrt(x - 1) * sqrt(x + 1)), arccosh(x), source="DLMF 4.37.19"
    )
    yield Rule("arctanh", log((1 + x) / (1 - x)), 2 * arctanh(x), source="DLMF 4.37.24")
    yield Rule("arctanh-by-logs", log(1 + x) - log(1 - x), 2 * arctanh(x), source="DLMF 4.37.24")
