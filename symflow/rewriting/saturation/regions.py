"""The search by cost: graphs cut into regions, each saturated, the best program put together.

What a region takes from regions before it stands in it as a variable with the facts known, so
that nothing below is walked again: the search is linear in the graph.

>>> from symflow.core import matrix
>>> from symflow.rewriting.ruleset import RuleSet
>>> A, B = matrix("A", "n", "n"), matrix("B", "n", "n")
>>> none = Laws(RuleSet("directed", ()), RuleSet("tried", ()))
>>> search([A @ B], none, CostModel()).results[0] is A @ B
True
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from symflow.core import Tensor, Variable
from symflow.core.properties import NAMES
from symflow.core.walk import postorder, rebuild
from symflow.errors import SymflowError
from symflow.ops import facts
from symflow.rewriting.engine import Rewriting, rewrite
from symflow.rewriting.saturation.cost import CostModel
from symflow.rewriting.saturation.extraction import Extraction
from symflow.rewriting.saturation.saturate import Bounds, Laws, Saturation
from symflow.rewriting.saturation.story import Leg, story

_SCOPE = "known"
_LEAST = 100  # replacements looked at in each region, however many there are


@dataclass(frozen=True)
class Region:
    """A part of a graph and what the search made of it.

    Attributes:
        places: the nodes of the graph that are used outside.
        starts: what stood there, on stand-ins.
        results: what stands there now.
        found: the classes of the search.
        meant: what the stand-ins mean.
    """

    places: tuple[Tensor, ...]
    starts: tuple[Tensor, ...]
    results: tuple[Tensor, ...]
    found: Saturation
    meant: Mapping[Tensor, Tensor]


@dataclass
class Found:
    """What came of a search.

    Attributes:
        roots: what was searched.
        results: equal expressions that cost no more.
        complete: False when a bound was passed.
        regions: the parts searched, in order.
        final: the directed rules on the whole of it; None where they did not pay.
    """

    roots: list[Tensor]
    results: list[Tensor]
    complete: bool = True
    regions: list[Region] = field(default_factory=list)
    final: Rewriting | None = None

    def legs(self) -> Iterator[Leg]:
        """The steps from the first root to its result, but those of the final pass."""
        state: dict[Tensor, Tensor] = {}
        for region in self.regions:
            state.update(zip(region.places, self._meant(region.starts, region), strict=True))
            for place, start, end in zip(region.places, region.starts, region.results, strict=True):
                for leg in story(region.found.graph, start, end):
                    (state[place],) = self._meant([leg.form], region)
                    yield Leg(leg.step, _rebuilt(self.roots[:1], state)[0])

    def _meant(self, terms: Sequence[Tensor], region: Region) -> list[Tensor]:
        return _rebuilt(terms, region.meant)


def search(
    roots: Sequence[Tensor], laws: Laws, model: CostModel, bounds: Bounds | None = None
) -> Found:
    """Equal expressions that cost no more.

    Args:
        roots: expressions, searched together; what they share counts once.
        laws: the rules.
        model: what programs cost.
        bounds: of the search.
    """
    bounds = bounds or Bounds()
    deadline = time.perf_counter() + bounds.seconds
    outcome = Found(list(roots), list(roots))
    state: dict[Tensor, Tensor] = {}
    stand_ins = _StandIns()
    regions = list(_regions(roots, bounds.region))
    left = bounds.together
    for number, (places, boundary) in enumerate(regions):
        if time.perf_counter() > deadline:
            outcome.complete = False
            break
        known = {node: stand_ins.of(state.get(node, node)) for node in boundary}
        starts = _rebuilt(places, known)
        fair = min(bounds.together, max(left // (len(regions) - number), _LEAST))
        share = replace(bounds, together=fair)
        found = Saturation(laws, model, share, deadline)
        found.run(starts)
        left = max(0, left - found.looked_at)
        extraction = Extraction(found, bounds.candidates)
        results = extraction.best(starts)
        outcome.complete &= found.complete and extraction.complete
        region = Region(tuple(places), tuple(starts), tuple(results), found, stand_ins.meant)
        outcome.regions.append(region)
        state.update(zip(places, _rebuilt(results, stand_ins.meant), strict=True))
    outcome.results = _rebuilt(roots, state)
    _finish(outcome, laws, model)
    return outcome


def _finish(outcome: Found, laws: Laws, model: CostModel) -> None:
    """The directed rules once more on the whole; never more than the start cost."""
    final = rewrite(outcome.results, laws.directed)
    least = model.seconds(outcome.results)
    if model.seconds(final.results) <= least:
        outcome.final, outcome.results = final, final.results
        least = model.seconds(final.results)
    if least > model.seconds(outcome.roots):
        outcome.regions, outcome.final, outcome.results = [], None, list(outcome.roots)


def _rebuilt(roots: Sequence[Tensor], state: Mapping[Tensor, Tensor]) -> list[Tensor]:
    """Graphs with some nodes replaced."""
    return rebuild(roots, _with_operands, dict(state))


def _with_operands(node: Tensor, operands: tuple[Tensor, ...]) -> Tensor:
    return node if operands == node.operands else node.with_operands(operands)


def _regions(roots: Sequence[Tensor], most: int) -> Iterator[tuple[list[Tensor], list[Tensor]]]:
    """Stretches of a graph: the nodes used outside, and the nodes of stretches before."""
    order = [node for node in postorder(roots) if node.operands]
    number = {node: place // most for place, node in enumerate(order)}
    shown = dict.fromkeys(root for root in roots if root in number)
    for node in order:
        for operand in node.operands:
            if number.get(operand, number[node]) != number[node]:
                shown[operand] = None
    for start in range(0, len(order), most):
        stretch = order[start : start + most]
        own = start // most
        boundary = dict.fromkeys(
            operand
            for node in stretch
            for operand in node.operands
            if number.get(operand, own) != own
        )
        yield [node for node in stretch if node in shown], list(boundary)


class _StandIns:
    """Variables that stand for nodes computed before."""

    def __init__(self) -> None:
        self.meant: dict[Tensor, Tensor] = {}
        self._known: dict[Tensor, Tensor] = {}

    def of(self, node: Tensor) -> Tensor:
        """The variable that stands for a node."""
        if not node.operands:
            return node
        known = self._known.get(node)
        if known is None:
            properties = facts.facts(node).intersection(NAMES)
            make: Callable[..., Tensor] = Variable
            name = f"t{len(self._known) + 1}"
            try:
                known = make(name, node.shape, node.dtype, properties, _SCOPE)
            except SymflowError:  # a fact that cannot be declared of such a shape
                known = make(name, node.shape, node.dtype, frozenset(), _SCOPE)
            self._known[node] = known
            self.meant[known] = node
        return known
