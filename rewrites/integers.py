"""Whole numbers by their data type: bits, remainders, comparisons; exclusive choices."""

from collections.abc import Iterator

from symflow.ops.arithmetic import absolute, remainder
from symflow.ops.bitwise import (
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    gcd,
    lcm,
    left_shift,
    right_shift,
)
from symflow.ops.choice import logical_and, logical_not, logical_or, logical_xor, not_equal, where
from symflow.ops.creation import full, ones, zeros
from symflow.rewriting.kinds import Bits, Boolean
from symflow.rewriting.rule import Rule, theory


@theory("bits")
def bits(i: Bits, j: Bits) -> Iterator[Rule]:
    """Integers bit by bit; all bits of -1 are set (Warren, "Hacker's Delight", chapter 2)."""
    none, every = zeros((), "int"), full((), -1, "int")
    yield Rule("bits-and-same", bitwise_and(i, i), i)
    yield Rule("bits-and-none", bitwise_and(i, none), none)
    yield Rule("bits-and-every", bitwise_and(i, every), i)
    yield Rule("bits-and-opposite", bitwise_and(i, bitwise_not(i)), none)
    yield Rule("bits-and-absorbs", bitwise_and(i, bitwise_or(i, j)), i)
    yield Rule("bits-or-same", bitwise_or(i, i), i)
    yield Rule("bits-or-none", bitwise_or(i, none), i)
    yield Rule("bits-or-every", bitwise_or(i, every), every)
    yield Rule("bits-or-opposite", bitwise_or(i, bitwise_not(i)), every)
    yield Rule("bits-or-absorbs", bitwise_or(i, bitwise_and(i, j)), i)
    yield Rule("bits-xor-same", bitwise_xor(i, i), none)
    yield Rule("bits-xor-none", bitwise_xor(i, none), i)
    yield Rule("bits-xor-every", bitwise_xor(i, every), bitwise_not(i))
    yield Rule("bits-xor-twice", bitwise_xor(bitwise_xor(i, j), j), i)
    yield Rule("bits-not-not", bitwise_not(bitwise_not(i)), i)
    yield Rule("bits-left-by-none", left_shift(i, none), i)
    yield Rule("bits-right-by-none", right_shift(i, none), i)
    yield Rule("bits-right-of-none", right_shift(none, i), none)


@theory("divisors")
def divisors(i: Bits, j: Bits) -> Iterator[Rule]:
    """Remainders and divisors; comparisons of whole numbers, which are never NaN."""
    one = ones((), "int")
    yield Rule("remainder-by-one", remainder(i, one), zeros((), "int"))
    yield Rule("remainder-repeated", remainder(remainder(i, j), j), remainder(i, j))
    yield Rule("divisor-of-itself", gcd(i, i), absolute(i))
    yield Rule("divisor-of-one", gcd(i, one), one)
    yield Rule("multiple-of-itself", lcm(i, i), absolute(i))
    yield Rule("multiple-of-one", lcm(i, one), absolute(i))
    yield Rule("divisor-of-zero", gcd(i, zeros((), "int")), absolute(i))
    yield Rule("whole-not-less", logical_not(i < j), i >= j)
    yield Rule("whole-not-at-most", logical_not(i <= j), i > j)
    yield Rule("less-or-more", logical_or(i < j, j < i), not_equal(i, j))


@theory("truth values")
def truth_values(a: Boolean, b: Boolean) -> Iterator[Rule]:
    """Exclusive or; negations inside; choices that are conditions."""
    true, false = ones((), "bool"), zeros((), "bool")
    yield Rule("xor-same", logical_xor(a, a), false)
    yield Rule("xor-false", logical_xor(a, false), a)
    yield Rule("xor-true", logical_xor(a, true), logical_not(a))
    yield Rule("xor-opposite", logical_xor(a, logical_not(a)), true)
    yield Rule("xor-twice", logical_xor(logical_xor(a, b), b), a)
    yield Rule("xor-of-negations", logical_xor(logical_not(a), logical_not(b)), logical_xor(a, b))
    yield Rule("and-of-negations", logical_and(logical_not(a), logical_not(b)), ~(a | b))
    yield Rule("or-of-negations", logical_or(logical_not(a), logical_not(b)), ~(a & b))
    yield Rule("and-with-negated", logical_and(a, logical_or(logical_not(a), b)), a & b)
    yield Rule("or-with-negated", logical_or(a, logical_and(logical_not(a), b)), a | b)
    yield Rule("where-falsehood", where(a, false, true), logical_not(a))
    yield Rule("where-true-or", where(a, true, b), a | b)
    yield Rule("where-and-false", where(a, b, false), a & b)
