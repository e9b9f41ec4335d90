"""Comparisons that say the same, choices between equals, whole parts of numbers of known sign."""

from collections.abc import Iterator

from symflow.ops.arithmetic import absolute, remainder
from symflow.ops.choice import (
    equal,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    not_equal,
    where,
)
from symflow.ops.creation import ones, zeros
from symflow.ops.elementwise import floor
from symflow.ops.floating import copysign, fmod, ldexp, signbit, trunc
from symflow.rewriting.conditions import total
from symflow.rewriting.kinds import Bits, Boolean, NonNegative, Positive, Real
from symflow.rewriting.rule import Rule, theory


@theory("comparisons")
def comparisons(x: Real, y: Real) -> Iterator[Rule]:
    """Two comparisons that are one; NaN compares with nothing."""
    false, true = zeros((), "bool"), ones((), "bool")
    yield Rule("less-and-more", logical_and(x < y, y < x), false)
    yield Rule("less-and-equal", logical_and(x < y, equal(x, y)), false)
    yield Rule("less-or-equal", logical_or(x < y, equal(x, y)), x <= y)
    yield Rule("at-most-either-way", logical_and(x <= y, y <= x), equal(x, y))
    yield Rule("at-most-and-unequal", logical_and(x <= y, not_equal(x, y)), x < y)
    yield Rule("at-most-and-less", logical_and(x <= y, x < y), x < y)
    yield Rule("at-most-or-less", logical_or(x <= y, x < y), x <= y)
    yield Rule("equal-and-unequal", logical_and(equal(x, y), not_equal(x, y)), false)
    yield Rule("equal-or-unequal", logical_or(equal(x, y), not_equal(x, y)), true)
    yield Rule("above-maximum", x > maximum(x, y), false)
    yield Rule("below-minimum", x < minimum(x, y), false)
    yield Rule("at-most-maximum", x <= maximum(x, y), true, where=[total(x), total(y)])
    yield Rule("at-least-minimum", x >= minimum(x, y), true, where=[total(x), total(y)])
    yield Rule("where-equal", where(equal(x, y), x, y), y)
    yield Rule("where-unequal", where(not_equal(x, y), x, y), x)


@theory("cases")
def cases(a: Boolean, b: Boolean) -> Iterator[Rule]:
    """Both cases of a condition."""
    yield Rule("or-of-cases", (a & b) | (a & logical_not(b)), a)
    yield Rule("and-of-cases", (a | b) & (a | logical_not(b)), a)


@theory("signs copied")
def signs_copied(x: Real, y: Real, p: Positive, q: NonNegative, i: Bits) -> Iterator[Rule]:
    """Signs and whole parts; p is positive, q is not negative."""
    yield Rule("size-of-copied", absolute(copysign(x, y)), absolute(x))
    yield Rule("copied-to-size", copysign(absolute(x), y), copysign(x, y))
    yield Rule("signbit-of-positive", signbit(p), zeros((), "bool"))
    yield Rule("trunc-of-nonnegative", trunc(q), floor(q))
    yield Rule("fmod-of-nonnegative", fmod(q, p), remainder(q, p))
    yield Rule("shifted-by-none", ldexp(x, zeros((), "int")), x)
    yield Rule("remainder-of-remainder", remainder(remainder(x, p), p), remainder(x, p))
    yield Rule("fmod-of-fmod", fmod(fmod(x, p), p), fmod(x, p))
