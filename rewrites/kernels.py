"""Kernels: products with structured matrices, computed from what of them is not zero.

These equations make programs faster and formulas longer, so that only programs use them.
"""

from symflow.core import Apply, Einsum, Tensor
from symflow.ops import facts
from symflow.ops.linalg import INV
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory


def diagonal_scales(node: Einsum) -> Tensor | None:
    """``D @ A`` with diagonal ``D`` scales the rows of ``A`` by ``diag(D)``."""
    parts = network.items(node)
    if len(parts) < 2:
        return None
    shown = set(node.output)
    for operand, labels in parts:
        if operand.rank < 2 or labels[-1] == labels[-2] or not _is_diagonal(operand):
            continue
        kept, gone = labels[-2:] if labels[-1] not in shown else labels[:-3:-1]
        if gone in shown:
            continue
        renamed = [
            (part, tuple(kept if label == gone else label for label in own)) for part, own in parts
        ]
        return network.rebuilt(node, renamed, gone=(gone,))
    return None


def _is_diagonal(operand: Tensor) -> bool:
    """Whether it is known to be; a system with a diagonal matrix is solved without its inverse."""
    if isinstance(operand, Apply) and operand.operation is INV:
        return False
    return facts.has(operand, "diagonal")


kernels = Theory(
    "kernels",
    __doc__ or "",
    (
        Procedure(
            "diagonal-scales",
            diagonal_scales,
            ((Einsum, None),),
            law="D @ A = diag(D)[:, None] * A",
            asks=frozenset({"diagonal"}),
        ),
    ),
)
