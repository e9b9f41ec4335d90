"""Whether two nodes are equal, seen from their normal forms.

Only what differs matters: parts that both nodes have in common are replaced by variables that
know the same facts, so that comparing costs as much as the step is wide, however deep the graph.
"""

from symflow.core import Tensor, Variable, postorder, transform
from symflow.core.properties import NAMES
from symflow.ops import facts
from symflow.rewriting.engine import normalise
from symflow.rewriting.normal import Form

_DEPTH = 4
_MOST_COMPARED = 400
_SCOPE = "part"


def same_form(before: Tensor, after: Tensor) -> bool:
    """Whether two nodes have one normal form; False where that is not known.

    >>> from symflow.core import matrix, vector
    >>> A, x, y = matrix("A", "m", "n"), vector("x", "n"), vector("y", "n")
    >>> same_form(A @ (2 * x) + A @ y, A @ y + 2 * (A @ x)), same_form(A @ x, A @ y)
    (True, False)
    """
    pair = localised(before, after)
    if len(postorder(pair)) > _MOST_COMPARED:
        return False
    form = Form(shared=True)
    first, second = (normalise([node], form)[0] for node in pair)
    return first is second


def localised(before: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
    """Two nodes with variables in place of the parts that they share below the surface."""
    common = (_near(before) & _near(after)) - {before, after}
    met = [n for n in postorder([before, after], stop=common.__contains__) if n in common]
    parts = {node: _stand_in(node, k) for k, node in enumerate(sorted(met, key=_digest))}
    first, second = transform([before, after], _unchanged, dict(parts))
    return first, second


def _near(root: Tensor) -> set[Tensor]:
    """The nodes that are no leaves within a few levels below a node."""
    found: set[Tensor] = set()
    level = [root]
    for _ in range(_DEPTH):
        level = [operand for node in level for operand in node.operands if operand not in found]
        found.update(node for node in level if node.operands)
    return found


def _stand_in(node: Tensor, number: int) -> Variable:
    known = frozenset(facts.facts(node)) & frozenset(NAMES)
    result: Variable = Variable(f"t{number}", node.shape, node.dtype, known, _SCOPE)
    return result


def _digest(node: Tensor) -> int:
    return node.digest


def _unchanged(node: Tensor) -> Tensor | None:
    return None
