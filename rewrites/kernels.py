"""Kernels: products with structured matrices, computed from what of them is not zero.

These equations make programs faster and formulas longer, so that only programs use them.
"""

from collections.abc import Callable

from symflow.core import Apply, Einsum, Tensor
from symflow.core.fusion import is_fuse
from symflow.ops import facts
from symflow.ops.linalg import INV
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory

Applied = Callable[[Tensor, int], Tensor]
Reading = Callable[..., Applied | None]


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


def matrix_applied(node: Einsum, reading: Reading) -> Tensor | None:
    """The product with a matrix as a function of what it is multiplied with, along one axis.

    Args:
        node: the contraction.
        reading: from a matrix, the other factor, and ``turned``, whether the matrix stands
            transposed, to a function of a tensor and an axis; None where it is no such matrix.
    """
    parts = network.items(node)
    uses = network.label_uses(node)
    for place_, (matrix, own) in enumerate(parts):
        if len(parts) < 2 or len(set(own)) != 2 or len(own) != 2 or 0 in matrix.shape:
            continue
        ways = []
        for gone, kept in (own[::-1], own):
            others = [k for k, (_, own_) in enumerate(parts) if k != place_ and gone in own_]
            if gone in node.output or uses[gone] != 2 or len(others) != 1:
                continue
            x, labels = parts[others[0]]
            if not is_fuse(x) and kept not in labels:
                ways.append((x.rank, gone == own[0], others[0], gone, kept))
        for _, turned, other, gone, kept in sorted(ways):
            x, labels = parts[other]
            applied = reading(matrix, x, turned=turned)
            if applied is None:
                continue
            axis = labels.index(gone)
            rest = [item for k, item in enumerate(parts) if k not in (place_, other)]
            fresh = tuple(kept if t == gone else t for t in labels)
            return network.rebuilt(node, [*rest, (applied(x, axis), fresh)], gone=[gone])
    return None


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
