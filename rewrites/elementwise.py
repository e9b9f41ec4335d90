"""Elementwise functions: absolute value, sign, extremes, choices, comparisons, powers."""

from collections.abc import Iterator

from symflow.core import apply, scaled
from symflow.ops.arithmetic import POWER, absolute, floor_divide, power_node, sign
from symflow.ops.choice import (
    equal,
    heaviside,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    not_equal,
    where,
)
from symflow.ops.composite import relu, sigmoid
from symflow.ops.creation import ones, zeros
from symflow.ops.elementwise import ceil, exp, floor, log
from symflow.rewriting.conditions import total
from symflow.rewriting.kinds import (
    Boolean,
    Integer,
    NonNegative,
    NonZero,
    Number,
    PlusMinusOne,
    Positive,
    Real,
    UnitInterval,
)
from symflow.rewriting.rule import Rule, theory


@theory("absolute value")
def absolute_value(
    x: Real, y: Real, p: Positive, q: NonNegative, s: PlusMinusOne
) -> Iterator[Rule]:
    """Absolute value and sign; p is positive, q is not negative, s is -1 or 1."""
    yield Rule("abs-of-nonnegative", absolute(q), q)
    yield Rule("abs-product", absolute(x) * absolute(y), absolute(x * y))
    yield Rule("abs-quotient", absolute(x) / absolute(y), absolute(x / y))
    yield Rule("abs-of-sign", absolute(s), ones(()))
    yield Rule("sign-of-positive", sign(p), ones(()))
    yield Rule("sign-of-sign", sign(sign(x)), sign(x))
    yield Rule("sign-of-plus-minus-one", sign(s), s)
    yield Rule("sign-times-abs", sign(x) * absolute(x), x)
    yield Rule("sign-times-itself", x * sign(x), absolute(x))
    yield Rule("choice-of-sign-times-itself", x * where(x >= 0, 1, -1), absolute(x))
    yield Rule("choice-of-sign-times-abs", absolute(x) * where(x >= 0, 1, -1), x)
    yield Rule("value-over-abs", x / absolute(x), sign(x), grade="widens")
    yield Rule("abs-over-value", absolute(x) / x, sign(x), grade="widens")


@theory("extremes")
def extremes(
    x: Real, y: Real, z: Real, p: Positive, q: NonNegative, u: UnitInterval
) -> Iterator[Rule]:
    """Maximum, minimum and the positive part."""
    yield Rule("max-of-same", maximum(x, x), x)
    yield Rule("min-of-same", minimum(x, x), x)
    yield Rule("max-of-min", maximum(x, minimum(x, y)), x, where=[total(y)])
    yield Rule("min-of-max", minimum(x, maximum(x, y)), x, where=[total(y)])
    yield Rule("max-repeated", maximum(x, maximum(x, y)), maximum(x, y))
    yield Rule("min-repeated", minimum(x, minimum(x, y)), minimum(x, y))
    yield Rule("max-of-opposites", maximum(x, -x), absolute(x))
    yield Rule("min-of-opposites", minimum(x, -x), -absolute(x))
    yield Rule("max-plus-min", maximum(x, y) + minimum(x, y), x + y)
    yield Rule("max-of-nonnegative", maximum(q, 0), q)
    yield Rule("min-of-nonnegative", minimum(q, 0), zeros(()), where=[total(q)])
    yield Rule("max-of-unit", maximum(u, 1), ones(()), where=[total(u)])
    yield Rule("min-of-unit", minimum(u, 1), u)
    yield Rule("relu-of-nonnegative", relu(q), q)
    yield Rule("relu-of-nonpositive", relu(-q), zeros(()), where=[total(q)])
    yield Rule("step-times-itself", x * heaviside(x, 0.5), maximum(x, 0))
    yield Rule("step-times-positive-part", maximum(x, 0) * heaviside(x, 0.5), maximum(x, 0))
    yield Rule("positive-part-difference", maximum(x, 0) - maximum(-x, 0), x)
    yield Rule("positive-part-product", maximum(x, 0) * maximum(-x, 0), zeros(()), where=[total(x)])
    yield Rule("positive-part-sum", maximum(x, 0) + maximum(-x, 0), absolute(x))
    yield Rule("relu-times-opposite", relu(x) * relu(-x), zeros(()), where=[total(x)])
    yield Rule(
        "step-times-opposite-part",
        maximum(-x, 0) * heaviside(x, 0.5),
        zeros(()),
        where=[total(x)],
    )
    yield Rule("step-of-positive", heaviside(p, 0.5), ones(()), where=[total(p)])
    yield Rule(
        "steps-of-opposites",
        heaviside(x, 0.5) + heaviside(-x, 0.5),
        ones(()),
        where=[total(x)],
    )
    yield Rule("step-of-positive-multiple", heaviside(p * x, 0.5), heaviside(x, 0.5))
    yield Rule(
        "step-past-upper-bound",
        heaviside(y - x, 0.5) * heaviside(minimum(x, y) - z, 0.5),
        heaviside(y - x, 0.5) * heaviside(x - z, 0.5),
    )
    yield Rule(
        "step-past-lower-bound",
        heaviside(x - y, 0.5) * heaviside(z - maximum(x, y), 0.5),
        heaviside(x - y, 0.5) * heaviside(z - x, 0.5),
    )
    yield Rule("relu-difference", relu(x) - relu(-x), x)
    yield Rule("relu-sum", relu(x) + relu(-x), absolute(x))


@theory("choice")
def choice(c: Boolean, d: Boolean, x: Real, y: Real, z: Real) -> Iterator[Rule]:
    """Choices between entries."""
    yield Rule("where-true", where(ones((), "bool"), x, y), x)
    yield Rule("where-false", where(zeros((), "bool"), x, y), y)
    yield Rule("where-not", where(logical_not(c), x, y), where(c, y, x))
    yield Rule("where-same-first", where(c, where(c, x, y), z), where(c, x, z))
    yield Rule("where-same-second", where(c, x, where(c, y, z)), where(c, x, z))
    yield Rule("where-larger", where(x > y, x, y), maximum(x, y), where=[total(x)])
    yield Rule("where-smaller", where(x < y, x, y), minimum(x, y), where=[total(x)])
    yield Rule("where-not-smaller", where(x >= y, x, y), maximum(x, y), where=[total(x)])
    yield Rule("where-not-larger", where(x <= y, x, y), minimum(x, y), where=[total(x)])
    yield Rule("where-absolute", where(x > 0, x, -x), absolute(x))
    yield Rule("where-absolute-weak", where(x >= 0, x, -x), absolute(x))
    yield Rule("where-absolute-negative", where(x < 0, -x, x), absolute(x))


@theory("logic")
def logic(a: Boolean, b: Boolean, x: Real, y: Real) -> Iterator[Rule]:
    """Truth values."""
    yield Rule("and-same", logical_and(a, a), a)
    yield Rule("or-same", logical_or(a, a), a)
    yield Rule("and-not", logical_and(a, logical_not(a)), zeros((), "bool"))
    yield Rule("or-not", logical_or(a, logical_not(a)), ones((), "bool"))
    yield Rule("and-true", logical_and(a, ones((), "bool")), a)
    yield Rule("and-false", logical_and(a, zeros((), "bool")), zeros((), "bool"))
    yield Rule("or-true", logical_or(a, ones((), "bool")), ones((), "bool"))
    yield Rule("or-false", logical_or(a, zeros((), "bool")), a)
    yield Rule("not-not", logical_not(logical_not(a)), a)
    yield Rule("and-absorbs", logical_and(a, logical_or(a, b)), a)
    yield Rule("or-absorbs", logical_or(a, logical_and(a, b)), a)
    yield Rule("less-than-itself", x < x, zeros((), "bool"))
    yield Rule("at-most-itself", x <= x, ones((), "bool"), where=[total(x)])
    yield Rule("equal-to-itself", equal(x, x), ones((), "bool"), where=[total(x)])
    yield Rule("unequal-to-itself", not_equal(x, x), zeros((), "bool"), where=[total(x)])
    yield Rule("not-equal", logical_not(equal(x, y)), not_equal(x, y))
    yield Rule("not-not-equal", logical_not(not_equal(x, y)), equal(x, y))


@theory("bounds")
def bounds(p: Positive, q: NonNegative, z: NonZero, u: UnitInterval) -> Iterator[Rule]:
    """Comparisons that are decided by what is known: p > 0, q >= 0, z is not 0, 0 <= u <= 1."""
    true, false = ones((), "bool"), zeros((), "bool")
    yield Rule("nonnegative-below-zero", q < 0, false)
    yield Rule("nonnegative-at-least-zero", q >= 0, true, where=[total(q)])
    yield Rule("positive-at-most-zero", p <= 0, false)
    yield Rule("positive-above-zero", p > 0, true, where=[total(p)])
    yield Rule("nonzero-is-zero", equal(z, 0), false)
    yield Rule("nonzero-is-not-zero", not_equal(z, 0), true)
    yield Rule("unit-above-one", u > 1, false)
    yield Rule("unit-at-most-one", u <= 1, true, where=[total(u)])


@theory("powers")
def powers(x: Real, y: Real, p: Positive, s: PlusMinusOne, c: Number) -> Iterator[Rule]:
    """Powers with exponents that are tensors; p is positive, c is a number."""
    yield Rule("one-to-a-power", apply(POWER, (ones(()), x)), ones(()))
    yield Rule("exp-to-a-power", apply(POWER, (exp(x), y)), exp(x * y))
    yield Rule(
        "power-to-a-number", power_node(apply(POWER, (p, x)), c), apply(POWER, (p, scaled(c, x)))
    )
    yield Rule("power-times-base", apply(POWER, (p, x)) * p, apply(POWER, (p, 1 + x)))
    yield Rule(
        "power-product", apply(POWER, (p, x)) * apply(POWER, (p, y)), apply(POWER, (p, x + y))
    )
    yield Rule("power-of-power", apply(POWER, (apply(POWER, (p, x)), y)), apply(POWER, (p, x * y)))
    yield Rule("log-of-power", log(apply(POWER, (p, x))), x * log(p))
    yield Rule("sigmoid-pair-of-sign", sigmoid(s * x) * sigmoid(-(s * x)), sigmoid(x) * sigmoid(-x))


@theory("rounding")
def rounding(i: Integer) -> Iterator[Rule]:
    """Rounding; i is a whole number."""
    yield Rule("floor-of-integer", floor(i), i)
    yield Rule("ceil-of-integer", ceil(i), i)
    yield Rule("whole-divided-by-one", floor_divide(i, 1), i)
