"""The best program that an e-graph holds: over the graph, every shared part counted once.

Choosing the best term for each class by itself counts shared parts twice; so the choice is then
improved class by class, with the cost of the whole program each time.  (The problem is NP-hard;
ENGINE: the greedy choice comes within a few percent.  Y. Yang et al., "Equality saturation for
tensor graph superoptimization", 2021.)
"""

from collections.abc import Sequence

from symflow.core import Tensor
from symflow.core.walk import postorder
from symflow.rewriting.egraph_proof import Congruence
from symflow.rewriting.egraph_search import Saturation

_BETTER = 1e-9  # the least gain that counts, as a share


class Extraction:
    """The search for the best program among equal ones.

    Attributes:
        complete: False when the bound on candidates was passed.
    """

    def __init__(self, found: Saturation, candidates: int) -> None:
        self.complete = True
        self._found = found
        self._left = candidates

    def best(self, roots: Sequence[Tensor]) -> list[Tensor]:
        """For each root an equal term, so that all of them together cost the least."""
        start = list(roots)
        each = [self._found.best(root)[0] for root in roots]
        current = each if self._seconds(each) < self._seconds(start) else start
        improved = True
        while improved and self._left > 0:
            improved = False
            for node in reversed(postorder(current)):
                better = self._exchanged(current, node)
                if better is not None:
                    current, improved = better, True
                    break
        self.complete = self._left > 0
        return current

    def _seconds(self, roots: Sequence[Tensor]) -> float:
        return self._found.seconds_together(roots)

    def _exchanged(self, roots: list[Tensor], node: Tensor) -> list[Tensor] | None:
        """The first better program with another term in the place of a node."""
        if node not in self._found.graph:
            return None
        least = self._seconds(roots) * (1 - _BETTER)
        for term in self._found.best(node):
            if term is node or self._left <= 0:
                continue
            self._left -= 1
            fresh, made = _replaced(roots, node, term)
            if self._seconds(fresh) < least:
                for congruence, after in made:
                    self._found.unite(congruence.term, after, congruence)
                return fresh
        return None


def _replaced(
    roots: Sequence[Tensor], node: Tensor, term: Tensor
) -> tuple[list[Tensor], list[tuple[Congruence, Tensor]]]:
    """Graphs with a node replaced, and every node that was made anew for that."""
    done: dict[Tensor, Tensor] = {node: term}
    made = []
    for part in postorder(roots, stop=lambda n: n is node):
        if part is node:
            continue
        operands = tuple([done[operand] for operand in part.operands])
        if operands == part.operands:
            done[part] = part
            continue
        done[part] = part.with_operands(operands)
        made.append((Congruence(part, operands), done[part]))
    return [done[root] for root in roots], made
