"""Display: the last touch, forms that are shorter to read and not simpler to compute with."""

from collections.abc import Iterator

from symflow.ops.composite import sigmoid
from symflow.ops.linalg import inv
from symflow.rewriting.conditions import not_negated
from symflow.rewriting.kinds import Real, Square, n
from symflow.rewriting.rule import Rule, theory


@theory("display")
def display(x: Real, A: Square[n], B: Square[n]) -> Iterator[Rule]:
    """Applied once everything else is done."""
    yield Rule(
        "sigmoid-pair",
        sigmoid(x) * sigmoid(-x),
        sigmoid(x) * (1 - sigmoid(x)),
        where=[not_negated(x)],
    )
    yield Rule("inverses-joined", inv(B) @ inv(A), inv(A @ B))
