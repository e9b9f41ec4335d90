"""One of many maps that stand side by side, to be shown: ``M[i]`` for a position ``i``."""

from collections.abc import Sequence
from typing import TypeAlias

import sympy as sp

from symflow.core.add import Add
from symflow.core.apply import Apply
from symflow.core.dims import Dim, dim
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.ops.contraction import view
from symflow.ops.structure import take_runs

INDICES = "ijklmnopqrstuvwxyz"
Places: TypeAlias = tuple[sp.Symbol | None, ...]
Spot: TypeAlias = tuple[Tensor, Places]


def example(x: Tensor, batch: int) -> Tensor:
    """The entries of ``x`` at positions ``i, j, ...`` of its leading axes.

    The positions are taken as far into the formula as they go: into products, sums and functions
    of entries.
    """
    if not batch:
        return x
    places = (*(dim(INDICES[k]) for k in range(batch)), *[None] * (x.rank - batch))
    done: dict[Spot, Tensor] = {}
    stack: list[tuple[Spot, bool]] = [((x, places), False)]
    while stack:
        spot, ready = stack.pop()
        if spot in done:
            continue
        below = _below(spot)
        if ready or not below:
            done[spot] = _made(spot, [done[one] for one in below])
        else:
            stack.append((spot, True))
            stack.extend((one, False) for one in below)
    return done[x, places]


def _below(spot: Spot) -> list[Spot]:
    """The operands that must be looked at instead, with their positions."""
    node, places = spot
    if not any(places):
        return []
    if isinstance(node, Add) or (isinstance(node, Apply) and node.operation.elementwise):
        return [(operand, places) for operand in node.operands]
    if isinstance(node, Einsum) and node.operands and len(set(node.output)) == len(node.output):
        held = dict(zip(node.output, places, strict=True))
        return [
            (operand, tuple(held.get(label) for label in labels))
            for operand, labels in zip(node.operands, node.subscripts, strict=True)
        ]
    return []


def _made(spot: Spot, operands: Sequence[Tensor]) -> Tensor:
    node, places = spot
    if not any(places):
        return node
    if not operands:
        return _indexed(node, places)
    if not isinstance(node, Einsum):
        return node.with_operands(tuple(operands))
    taken = {label for label, place in zip(node.output, places, strict=True) if place is not None}
    return contract(
        node.coefficient,
        operands,
        [tuple(label for label in labels if label not in taken) for labels in node.subscripts],
        [label for label in node.output if label not in taken],
        {label: size for label, size in enumerate(node.sizes) if label not in taken},
        node.dtype,
    )


def _indexed(node: Tensor, places: Places) -> Tensor:
    runs: list[tuple[Dim, Dim, int]] = [
        (0, size, 1) if place is None else (place, 1, 1)
        for size, place in zip(node.shape, places, strict=True)
    ]
    left = [axis for axis, place in enumerate(places) if place is None]
    return view(take_runs(node, tuple(runs)), range(node.rank), left)
