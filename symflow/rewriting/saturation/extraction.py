"""The best program that an e-graph holds: over the graph, every shared part counted once.

Choosing the best term for each class by itself counts shared parts twice; so the choice is then
improved with the cost of the whole program each time: class by class, and for several classes at
once where their other terms share a part that only together pays (``A @ x + B @ x`` and
``A @ y + B @ y`` by one ``A + B``).  The problem is NP-hard; this is greedy.  (Y. Yang et al.,
"Equality saturation for tensor graph superoptimization", 2021.)
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from symflow.core import Tensor
from symflow.core.walk import postorder
from symflow.rewriting.saturation.proof import Congruence
from symflow.rewriting.saturation.saturate import Saturation

_Program: TypeAlias = tuple[float, list[Tensor]]
_Fresh: TypeAlias = tuple[list[Tensor], list[tuple[Congruence, Tensor]]]
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
        least, current = min(
            ((self._seconds(choice), choice) for choice in (start, each)), key=lambda pair: pair[0]
        )
        better: _Program | None = (least, current)
        while better is not None and self._left > 0:
            least, current = better
            bound = least * (1 - _BETTER)
            better = self._one_by_one(current, bound) or self._together(current, bound)
        self.complete = self._left > 0
        return current

    def _seconds(self, roots: Sequence[Tensor]) -> float:
        return self._found.seconds_together(roots)

    def _one_by_one(self, roots: list[Tensor], bound: float) -> _Program | None:
        """A better program that differs in one class."""
        for node in reversed(postorder(roots)):
            better = self._exchanged(roots, node, bound)
            if better is not None:
                return better
        return None

    def _exchanged(self, roots: list[Tensor], node: Tensor, bound: float) -> _Program | None:
        """The first better program with another term in the place of a node, and its cost."""
        if node not in self._found.graph:
            return None
        for term in self._found.best(node):
            if term is node or self._left <= 0:
                continue
            self._left -= 1
            better = self._tried(_replaced(roots, {node: term}), bound)
            if better is not None:
                return better
        return None

    def _together(self, roots: list[Tensor], bound: float) -> _Program | None:
        """A better program in which several classes use a part that none used before."""
        order = postorder(roots)
        there = set(order)
        users: dict[Tensor, dict[Tensor, Tensor]] = {}
        for node in order:
            for term in self._found.best(node) if node in self._found.graph else ():
                for part in term.operands:
                    if part.operands and part not in there:
                        users.setdefault(part, {}).setdefault(node, term)
        for chosen in users.values():
            if len(chosen) > 1 and self._left > 0:
                self._left -= 1
                better = self._tried(_replaced(roots, chosen), bound)
                if better is not None:
                    return better
        return None

    def _tried(self, fresh: _Fresh, bound: float) -> _Program | None:
        """A program, if it costs less; then its terms are put into the e-graph."""
        roots, made = fresh
        cost = self._seconds(roots)
        if cost >= bound:
            return None
        for congruence, after in made:
            self._found.unite(congruence.term, after, congruence)
        return cost, roots


def _replaced(roots: Sequence[Tensor], chosen: Mapping[Tensor, Tensor]) -> _Fresh:
    """Graphs with other terms in the place of nodes, and every node made anew for that.

    What is replaced inside another term that is put in is replaced there, too.
    """
    done: dict[Tensor, Tensor] = {}
    open_nodes: set[Tensor] = set()
    made = []
    stack = list(roots)
    while stack:
        node = stack[-1]
        source = chosen.get(node, node)
        missing = [part for part in source.operands if part not in done]
        if node in done:
            stack.pop()
        elif missing and node not in open_nodes:
            open_nodes.add(node)
            stack.extend(part for part in missing if part not in open_nodes)
        else:
            stack.pop()
            operands = tuple([done.get(part, part) for part in source.operands])
            done[node] = source
            if operands != source.operands:
                done[node] = source.with_operands(operands)
                made.append((Congruence(source, operands), done[node]))
    return [done[root] for root in roots], made
