"""Layers of a graph as loops: what a program computes by scans instead of line by line.

``rolled`` finds layers that are the same computation (also in the gradient, with one sweep forward
and one back), proves it, and gives the expressions in terms of the results of loops.  Values of
one loop that another reads are kept, one for each layer; parameters of layers are stacked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from symflow.core import Tensor
from symflow.lowering.rolling_bodies import scans
from symflow.lowering.rolling_scan import Scan

Improve = Callable[[Sequence[Tensor]], Sequence[Tensor]]


@dataclass(frozen=True)
class Rolled:
    """Expressions, and the loops whose results they use.

    Attributes:
        roots: the expressions.
        scans: the loops, those first that others read.
    """

    roots: tuple[Tensor, ...]
    scans: tuple[Scan, ...] = ()

    @property
    def expressions(self) -> list[Tensor]:
        """All expressions outside the loops: the roots, and what the loops are given."""
        return [*self.roots, *(node for scan in self.scans for node in scan.operands)]

    @property
    def everything(self) -> list[Tensor]:
        """All expressions, those of the loops too."""
        return [*self.expressions, *(node for scan in self.scans for node in scan.outputs)]

    def called(self) -> "Rolled":
        """The same with loops of calls of a compiled function of a layer."""
        return Rolled(self.roots, tuple(replace(scan, called=True) for scan in self.scans))

    def mapped(self, improve: Improve) -> "Rolled":
        """The same with all expressions rewritten."""
        outside = list(improve(self.expressions))
        count = len(self.roots)
        roots, left = outside[:count], outside[count:]
        changed = []
        for scan in self.scans:
            own, left = left[: len(scan.operands)], left[len(scan.operands) :]
            changed.append(scan.given(own, list(improve(list(scan.outputs)))))
        return Rolled(tuple(roots), tuple(changed))


def rolled(roots: Sequence[Tensor], least: int) -> Rolled:
    """Expressions with their layers rolled into loops.

    Args:
        roots: the expressions.
        least: how many layers a loop must have.
    """
    return Rolled(*scans(roots, least))
