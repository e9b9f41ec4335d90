"""Equality saturation within bounds: rules in all their readings, on the best terms of each class.

A rule is tried on terms rather than on classes: on the terms that are there and, where a class
has gained a better term or one of another kind, on its users with that term put in.  So rules
need no other matching than in directed rewriting.  What a rule gives is added as it is, and
reduced by the directed rules.  (R. Tate et al., "Equality saturation", 2009; M. Willsey et al.,
"egg", 2021.)
"""

import heapq
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from symflow.core import Einsum, Tensor
from symflow.core.dims import same_shape
from symflow.core.walk import paused_collector, postorder
from symflow.rewriting.choices import every
from symflow.rewriting.engine import Budget, Rewriting, rewrite
from symflow.rewriting.normal import Form
from symflow.rewriting.ruleset import Rewrite, RuleSet
from symflow.rewriting.saturation.cost import CostModel
from symflow.rewriting.saturation.egraph import EGraph
from symflow.rewriting.saturation.proof import Congruence, Reason
from symflow.rewriting.screen import Head, head

_FLAT = Form(shared=True)
_REDUCTION = Budget(steps=500, growth=4.0, seconds=1.0)
_READINGS = 8  # of one rule on one node
_WORSE = 2.5  # how much worse than the best of its class a term may be to be looked at
_SLACK = 2.0  # and by how many kernels


@dataclass(frozen=True)
class Bounds:
    """Bounds of a search; past one of them the best so far is returned, and said to be so.

    Attributes:
        terms: in the e-graph.
        tries: replacements looked at for each node of the region.
        candidates: programs compared when the best is put together.
        region: nodes searched at a time; larger graphs are cut up.
        together: replacements looked at in all regions; each takes about two milliseconds.
        seconds: wall time of all regions together, the last resort.
    """

    terms: int = 10_000
    tries: int = 80
    candidates: int = 400
    region: int = 100
    together: int = 500
    seconds: float = 2.0


@dataclass(frozen=True)
class Laws:
    """The rules of a search.

    Attributes:
        directed: rules that reduce whatever a search finds.
        tried: rules whose gain depends on sizes.
    """

    directed: RuleSet
    tried: RuleSet


@dataclass(frozen=True)
class Used:
    """A reason for an equality: a rule gave it."""

    rule: Rewrite


@dataclass(frozen=True)
class Reduced:
    """A reason for an equality: the directed rules gave it."""

    passes: Rewriting


class Saturation:
    """One search.

    Attributes:
        graph: the classes found.
        complete: False when a bound was passed.
    """

    def __init__(self, laws: Laws, model: CostModel, bounds: Bounds, deadline: float) -> None:
        self.graph = EGraph()
        self.complete = True
        self._laws = laws
        self._model = model
        self._bounds = bounds
        self._seconds: dict[Tensor, float] = {}
        self._considered: set[Tensor] = set()
        self._live: set[Tensor] = set()  # canonical terms that were considered
        self._best: dict[int, dict[Head, Tensor]] = {}
        self._heights: dict[Tensor, int] = {}
        # lower terms first: what is above is then seen with what they have settled on
        self._queue: list[tuple[int, int, Tensor, Tensor | None]] = []
        self._pushed = 0
        self._origins: dict[Tensor, Tensor] = {}  # the nodes of the region that terms come from
        self._tries: dict[Tensor, int] = {}
        self._tried: set[Tensor] = set()
        self._admitted: set[Tensor] = set()
        self._deadline = deadline

    def run(self, roots: Sequence[Tensor]) -> None:
        """Grow the classes until nothing is new or a bound is passed."""
        with paused_collector():
            for root in roots:
                self.consider(root)
            while self._queue:
                if self._spent():
                    self.complete = False
                    return
                _, _, term, changed = heapq.heappop(self._queue)
                if changed is None:
                    self._match(term)
                else:
                    self._vary(term, changed)

    def _spent(self) -> bool:
        bounds = self._bounds
        full = self.graph.size > bounds.terms or self.looked_at > bounds.together
        return full or time.perf_counter() > self._deadline

    @property
    def looked_at(self) -> int:
        """How many replacements were looked at."""
        return len(self._admitted)

    # ------------------------------------------------------------------ terms

    def seconds(self, term: Tensor) -> float:
        """What a term costs by itself."""
        known = self._seconds.get(term)
        if known is None:
            known = self._seconds[term] = self._model.seconds([term])
        return known

    def seconds_together(self, roots: Sequence[Tensor]) -> float:
        """What several terms cost together."""
        return self._model.seconds(roots)

    def best(self, term: Tensor) -> list[Tensor]:
        """The best terms of a term's class, one of each kind, the cheapest first."""
        found = self._known(self.graph.class_of(term))
        return sorted(found.values(), key=self.seconds)

    def consider(self, term: Tensor, origin: Tensor | None = None) -> None:
        """Put a term in and queue all that is new in it."""
        known = self._considered
        for node in postorder([term], stop=known.__contains__):
            if node not in known:
                known.add(node)
                self._origins[node] = node if origin is None else origin
                self.graph.add(node)
                self._live.add(self.graph.canonical(node))
                self._rate(node)
                self._enqueue(node, None)

    def _enqueue(self, term: Tensor, changed: Tensor | None) -> None:
        self._pushed += 1
        heapq.heappush(self._queue, (self._height(term), self._pushed, term, changed))

    def _height(self, term: Tensor) -> int:
        known = self._heights
        for node in postorder([term], stop=known.__contains__):
            if node not in known:
                known[node] = 1 + max((known[operand] for operand in node.operands), default=0)
        return known[term]

    def _rate(self, term: Tensor) -> None:
        """Keep a term if it is the best of its kind; its users are to be seen with it."""
        number = self.graph.class_of(term)
        kinds = self._known(number)
        kind = _kind(term)
        cost = self.seconds(term)
        rival = kinds.get(kind)
        if rival is not None and self.seconds(rival) <= cost:
            return
        kinds[kind] = term
        self._tell(number, term)

    def _tell(self, number: int, term: Tensor) -> None:
        """The users of a class are to be seen with a term of it."""
        for user in self.graph.users(number):
            if user in self._live:
                self._enqueue(user, term)

    def _known(self, number: int) -> dict[Head, Tensor]:
        return self._best.setdefault(self.graph.find(number), {})

    def unite(self, before: Tensor, after: Tensor, reason: Reason) -> None:
        """Make two terms equal; what is best in both classes is brought together."""
        self.graph.unite(before, after, reason)
        lost, renamed = self.graph.news()
        self._live.update(fresh for user, fresh in renamed if user in self._live)
        for number in lost:
            for term in self._best.pop(number, {}).values():
                self._rate(term)
        for number in {self.graph.find(number) for number in lost}:
            for term in list(self._known(number).values()):
                self._tell(number, term)

    # ------------------------------------------------------------------ growing

    def _match(self, term: Tensor) -> None:
        """All that the rules make of a term."""
        if term in self._tried or not term.operands or self._is_poor(term, term):
            return
        self._tried.add(term)
        self._reduce(term)
        for rule in self._laws.tried.candidates(term):
            for after in islice(every(rule, term), _READINGS):
                self._admit(term, after, Used(rule), self._origins[term])

    def _vary(self, user: Tensor, changed: Tensor) -> None:
        """A term with the best of its operands, and one operand as given."""
        number = self.graph.class_of(changed)
        if changed not in self._known(number).values():
            return  # there is a better one of its kind by now
        operands = []
        for operand in user.operands:
            own = self.graph.class_of(operand)
            operands.append(changed if own == number else self._cheapest(own))
        variant = user.with_operands(tuple(operands))
        if variant not in self._considered:
            origin = self._origins.get(user, self._origins[changed])
            self._admit(user, variant, Congruence(user, tuple(operands)), origin)

    def _admit(self, term: Tensor, after: Tensor, reason: Reason, origin: Tensor) -> None:
        """What a term is equal to, reduced; left out where it is far from the best."""
        if after in self._admitted or after.dtype != term.dtype:
            return
        if not same_shape(term.shape, after.shape):
            return
        self._admitted.add(after)
        self._tries[origin] = self._tries.get(origin, 0) + 1
        if self._tries[origin] > self._bounds.tries:
            self.complete = False
            return
        # flat products, shared ones too: else each way to put brackets would be a term of its own
        reduced = rewrite([after], self._laws.directed, form=_FLAT, budget=_REDUCTION)
        (result,) = reduced.results
        if not self._is_poor(result, term):
            self.unite(term, after, reason)
            self.unite(after, result, Reduced(reduced))
            self.consider(result, origin)

    def _reduce(self, term: Tensor) -> None:
        """What the directed rules make of a term."""
        reduced = rewrite([term], self._laws.directed, budget=_REDUCTION)
        (result,) = reduced.results
        if result is not term:
            self.unite(term, result, Reduced(reduced))
            self.consider(result, self._origins[term])

    def _is_poor(self, term: Tensor, equal: Tensor) -> bool:
        """Whether a term costs far more than the best of a class, not counting what they share."""
        best = min(
            self._known(self.graph.class_of(equal)).values(), key=self.seconds, default=equal
        )
        if self.seconds(term) <= self.seconds(best):
            return False
        both = self.seconds_together([best, term])
        more, less = both - self.seconds(best), both - self.seconds(term)
        return more > _WORSE * less + _SLACK * self._model.machine.launch

    def _cheapest(self, number: int) -> Tensor:
        return min(self._known(number).values(), key=self.seconds, default=self.graph.name(number))


def _kind(term: Tensor) -> Head:
    """What tells terms of a class apart: the operation; for contractions none, one or several."""
    if isinstance(term, Einsum):
        return Einsum, min(len(term.operands), 2)
    return head(term)
