"""Display: the last touch, forms that are shorter to read and not simpler to compute with."""

from collections.abc import Iterator

from symflow.core import Tensor
from symflow.core.add import split
from symflow.ops.composite import sigmoid
from symflow.ops.linalg import inv
from symflow.rewriting.building import Binding
from symflow.rewriting.kinds import Real, Square, n
from symflow.rewriting.rule import Condition, Rule, theory


def _not_negated(x: Tensor) -> Condition:
    """Whether what a variable stands for has no minus sign in front."""

    def holds(binding: Binding) -> bool:
        return not split(binding[x])[0].could_extract_minus_sign()

    return holds


@theory("display")
def display(x: Real, A: Square[n], B: Square[n]) -> Iterator[Rule]:
    """Applied once everything else is done."""
    yield Rule(
        "sigmoid-pair",
        sigmoid(x) * sigmoid(-x),
        sigmoid(x) * (1 - sigmoid(x)),
        where=[_not_negated(x)],
    )
    yield Rule("inverses-joined", inv(B) @ inv(A), inv(A @ B))
