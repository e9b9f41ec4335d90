"""Kernels: what a program starts one after the other, with the work and the traffic of each."""

from dataclasses import dataclass, replace

from symflow.core import Einsum, Tensor
from symflow.ops import facts

Read = tuple[Tensor | None, float]


@dataclass(frozen=True)
class Kernel:
    """One kernel.

    Attributes:
        key: a number; kernels with equal keys compute the same and run once.
        flops: floating point operations.
        reads: the arrays read (None: an intermediate result), views as what they show, with their
            numbers of entries.
        written: entries written.
        light: whether the consumer may compute it on the way, entry by entry.
        fuses: whether it computes light producers on the way.
    """

    key: int
    flops: float
    reads: tuple[Read, ...]
    written: float
    light: bool = False
    fuses: bool = False

    def with_more(self, flops: float) -> "Kernel":
        """With more operations, under a key of its own."""
        return replace(self, key=hash((self.key, flops)), flops=self.flops + flops)


def shown(node: Tensor) -> Tensor:
    """What a view shows."""
    while isinstance(node, Einsum) and len(node.operands) == 1 and not node.summed:
        if node.coefficient not in (1, -1):
            break
        node = node.operands[0]
    return node


def factorisation(matrix: Tensor, size: float) -> tuple[Kernel | None, float]:
    """What solving with a matrix takes beforehand, and the operations for each unknown.

    Cholesky's factor takes a third of a cube, Gauss's two thirds; triangular systems and diagonal
    ones none.  (Golub and Van Loan, Matrix Computations, sections 3.1, 3.2, 4.2.)
    """
    known = facts.facts(matrix)
    if "diagonal" in known:
        return None, 1.0
    if "positive_definite" in known:
        return cholesky_kernel(matrix, size), 2.0 * size
    if "lower_triangular" in known or "upper_triangular" in known:
        return None, size
    reads = ((shown(matrix), size * size),)
    return Kernel(hash(("lu", matrix.digest)), size**3 * 2 / 3, reads, size * size), 2.0 * size


def cholesky_kernel(matrix: Tensor, size: float, stack: float = 1.0) -> Kernel:
    """Cholesky's factor of a matrix, or of each of a stack."""
    reads = ((shown(matrix), stack * size * size),)
    key = hash(("cholesky", matrix.digest))
    return Kernel(key, stack * size**3 / 3, reads, stack * size * size)
