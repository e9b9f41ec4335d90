"""Which differences are written the other way round.

The graph keeps ``a - b`` and ``b - a`` as one node with a sign outside.  On paper the sign goes
into the difference that is mostly used with a minus; where the sign does not matter, the term of
the highest degree comes first: ``norm(X @ w - y)``.
"""

from collections import Counter
from collections.abc import Callable, Container, Sequence

from sympy.printing.latex import greek_letters_set

from symflow.core import Add, Apply, Tensor, Variable
from symflow.notation.calls import is_sign_blind
from symflow.notation.network import Network, opens_as_network
from symflow.notation.numbers import is_negative
from symflow.notation.sums import degree


def turned_sums(
    order: Sequence[Tensor], opened: Container[Tensor], network: Callable[[Tensor], Network]
) -> set[Tensor]:
    """The sums, with terms of both signs, that are to be written as minus their negative.

    Args:
        order: the nodes, operands before their users.
        opened: contractions that are written as a part of their user.
        network: the flat network of a contraction.
    """
    votes: Counter[Tensor] = Counter(order[-1:])
    voted: set[Tensor] = set(order[-1:])
    turned: set[Tensor] = set()
    degrees: dict[Tensor, float] = {}
    for node in order:
        degrees[node] = degree(node, degrees)
    for node in reversed(order):
        if node in opened:
            continue
        if isinstance(node, Add) and _is_turned(node, votes, voted, degrees):
            turned.add(node)
        if opens_as_network(node) and node not in voted:
            continue
        below = votes[node] < 0
        for operand, sign in _uses(node, network, is_turned=node in turned, below=below):
            votes[operand] += sign
            voted.add(operand)
    return turned


def _is_turned(
    node: Add, votes: Counter[Tensor], voted: set[Tensor], degrees: dict[Tensor, float]
) -> bool:
    signs = [is_negative(coefficient) for coefficient in node.coefficients]
    if all(signs) or not any(signs):
        return False
    if node in voted:
        return votes[node] < 0
    first = min(range(len(signs)), key=lambda k: _place(node.operands[k], degrees))
    return signs[first]


def _place(node: Tensor, degrees: dict[Tensor, float]) -> tuple[float, bool, bool, str, int]:
    """Where a term stands in a difference of either sign.

    As in ``X @ w - y``, ``x - mean(x)``, ``x - mu``: among names, what is
    usually a variable comes before what is usually a constant.
    """
    name = node.name if isinstance(node, Variable) else ""
    constant = name in greek_letters_set or not "p" <= name[:1].lower() <= "z"
    return -degrees[node], not name, constant, name, node.digest


def _uses(
    node: Tensor, network: Callable[[Tensor], Network], *, is_turned: bool, below: bool
) -> list[tuple[Tensor, int]]:
    """The operands whose sign matters, with the sign that they get."""
    if isinstance(node, Add):
        signs = [is_negative(coefficient) != is_turned for coefficient in node.coefficients]
        return [(o, -1 if minus else 1) for o, minus in zip(node.operands, signs, strict=True)]
    if opens_as_network(node):
        net = network(node)
        sign = -1 if is_negative(net.coefficient) != below else 1
        counts = Counter(one.node for one in net.members if not one.is_reshaped)
        return [(operand, sign) for operand, count in counts.items() if count % 2]
    if isinstance(node, Apply) and is_sign_blind(node):
        return []
    return [(operand, 1) for operand in node.operands]
