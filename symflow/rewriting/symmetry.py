"""Symmetric operands in one orientation: with symmetric S, ``S.T`` and ``S`` are one.

Each symmetric operand of a contraction may have its labels permuted; the orientation whose
canonical form has the least digest is kept.  Where two orientations differ by the sign alone, the
contraction is zero (``x' K x`` with antisymmetric K).
"""

from itertools import permutations, product

import sympy as sp

from symflow.core import Einsum, Tensor, contract
from symflow.core.add import scaled, split
from symflow.core.labels import Labels
from symflow.ops import facts
from symflow.ops.known import equal_sizes
from symflow.rewriting import network

_MOST_ORIENTATIONS = 64
_MOST_AXES = 4
_SYMMETRIES = frozenset({"symmetric", "antisymmetric", "fully_symmetric", "major_symmetric"})
_CACHE = "oriented"
Turn = tuple[tuple[int, ...], int]


def turns(operand: Tensor) -> list[Turn]:
    """The permutations of axes that leave a tensor as it is, up to a sign; identity first."""
    rank = operand.rank
    identity = tuple(range(rank))
    found: list[Turn] = [(identity, 1)]
    if not _may_turn(operand):
        return found
    if rank <= _MOST_AXES and facts.has(operand, "fully_symmetric"):
        return [(order, 1) for order in permutations(identity)]
    if operand.shape[-1] == operand.shape[-2]:
        swapped = (*identity[:-2], rank - 1, rank - 2)
        if facts.has(operand, "symmetric"):
            found.append((swapped, 1))
        elif facts.has(operand, "antisymmetric"):
            found.append((swapped, -1))
    if rank == _MOST_AXES and facts.has(operand, "major_symmetric"):
        found += [((2, 3, 0, 1), sign) for _, sign in found if sign == 1]
    return found


def _may_turn(operand: Tensor) -> bool:
    """A quick look: whether two sizes agree that a symmetry could exchange."""
    shape = operand.shape
    if len(shape) < 2:
        return False
    a, b = shape[-1], shape[-2]
    if equal_sizes(a, b):
        return True
    return len(shape) == _MOST_AXES and shape[0] == shape[2]


def oriented(node: Einsum) -> Tensor | None:
    """The contraction with its symmetric operands turned; None where they are already."""
    for operand in node.operands:
        if not _SYMMETRIES.isdisjoint(facts.facts(operand)) and _may_turn(operand):
            break
    else:
        return None
    if node.cache is not None and node.cache.get(_CACHE):
        return None
    choices = [turns(operand) for operand in node.operands]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count == 1:
        return None
    best = _best(node, choices) if count <= _MOST_ORIENTATIONS else _climbed(node, choices)
    core = node if best is None else split(best)[1]
    for settled in (core, best):
        if isinstance(settled, Einsum):
            if settled.cache is None:
                settled.cache = {}
            settled.cache[_CACHE] = True
    return best


def _best(node: Einsum, choices: list[list[Turn]]) -> Tensor | None:
    own_number, own_core = split(node)
    forms: dict[Tensor, sp.Expr] = {own_core: own_number}
    for turn in product(*choices):
        number, core = split(_turned(node, turn))
        known = forms.setdefault(core, number)
        if known != number:
            return _nothing(node)
    # the tensor itself before any view of it
    least = min(forms, key=lambda core: (isinstance(core, Einsum), core.digest))
    if least is own_core:
        return None
    return scaled(forms[least], least)


def _climbed(node: Einsum, choices: list[list[Turn]]) -> Tensor | None:
    """Many symmetric operands: turned one after the other while the digest falls."""
    chosen: list[Turn] = [choice[0] for choice in choices]
    best: Tensor = node
    for place, choice in enumerate(choices):
        for turn in choice[1:]:
            trial = [*chosen[:place], turn, *chosen[place + 1 :]]
            after = _turned(node, tuple(trial))
            if split(after)[1].digest < split(best)[1].digest:
                best, chosen = after, trial
    return None if best is node else best


def _turned(node: Einsum, turn: tuple[Turn, ...]) -> Tensor:
    sign = 1
    subscripts: list[Labels] = []
    for labels, (order, factor) in zip(node.subscripts, turn, strict=True):
        sign *= factor
        subscripts.append(tuple(labels[axis] for axis in order))
    return contract(
        node.coefficient * sign,
        node.operands,
        subscripts,
        node.output,
        dict(enumerate(node.sizes)),
        node.dtype,
    )


def _nothing(node: Einsum) -> Tensor:
    return network.literal(
        sp.S.Zero,
        tuple(range(node.rank)),
        node.shape,
        node.dtype,
    )
