"""Which differences are written the other way round.

The graph keeps ``a - b`` and ``b - a`` as one node with a sign outside.  On paper the sign goes
into the difference that is mostly used with a minus; where the sign does not matter, the term of
the highest degree comes first: ``norm(X @ w - y)``.
"""

from collections import Counter
from collections.abc import Callable, Container, Sequence

from sympy.printing.latex import greek_letters_set

from symflow.core import Add, Apply, Einsum, Tensor, Variable
from symflow.notation.calls import is_literal, is_sign_blind
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
        uses = _uses(node, network, is_turned=node in turned, below=below)
        if opens_as_network(node):
            uses = _one_for_all(uses, degrees)
        for operand, sign in uses:
            votes[operand] += sign
            voted.add(operand)
    return turned


def _is_turned(
    node: Add, votes: Counter[Tensor], voted: set[Tensor], degrees: dict[Tensor, float]
) -> bool:
    if not _is_difference(node):
        return False
    return votes[node] < 0 if node in voted else _is_unusual(node, degrees)


def _is_difference(node: Tensor) -> bool:
    """Whether a node is a sum with terms of both signs."""
    if not isinstance(node, Add):
        return False
    signs = {is_negative(coefficient) for coefficient in node.coefficients}
    return len(signs) > 1


def _is_unusual(node: Tensor, degrees: dict[Tensor, float]) -> bool:
    """Whether a difference would rather be written the other way round."""
    assert isinstance(node, Add)
    signs = [is_negative(coefficient) for coefficient in node.coefficients]
    first = min(range(len(signs)), key=lambda k: _place(node.operands[k], degrees))
    return signs[first]


def _one_for_all(
    uses: list[tuple[Tensor, int]], degrees: dict[Tensor, float]
) -> list[tuple[Tensor, int]]:
    """Several differences in one product: each as usual, the product's sign in one of them.

    One without a number takes the sign: ``(1 - t**2) * (s - y)``.
    """
    differences = [k for k, (operand, _) in enumerate(uses) if _is_difference(operand)]
    if len(differences) < 2:
        return uses
    result = list(uses)
    sign = uses[differences[0]][1]
    for k in differences:
        operand = uses[k][0]
        literal = _literal_sign(operand)
        unusual = literal < 0 if literal else _is_unusual(operand, degrees)
        result[k] = (operand, -1 if unusual else 1)
        sign = -sign if unusual else sign
    if sign < 0:
        last = max(differences, key=lambda k: (not _literal_sign(uses[k][0]), k))
        result[last] = (result[last][0], -result[last][1])
    return result


def _literal_sign(node: Tensor) -> int:
    """The sign of the number in a sum; 0 where there is none."""
    assert isinstance(node, Add)
    for coefficient, term in node.terms:
        if is_literal(term):
            assert isinstance(term, Einsum)
            return -1 if is_negative(coefficient * term.coefficient) else 1
    return 0


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
