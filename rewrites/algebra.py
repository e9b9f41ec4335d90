"""Algebra beyond the normal form, which collects terms and adds up exponents."""

from collections.abc import Iterator

from symflow.rewriting.kinds import Real
from symflow.rewriting.rule import Rule, theory


@theory("algebra")
def algebra(x: Real, y: Real, z: Real) -> Iterator[Rule]:
    """Divisions that cancel only once they are multiplied out."""
    yield Rule("division-distributed", x * (y / x + z), y + x * z, grade="widens")
