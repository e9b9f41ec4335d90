"""The engine: rules and normal form applied innermost first, over the shared graph, within bounds.

Each distinct node is reduced once in a sweep; sweeps repeat until nothing changes, because what
is used once may change on the way.  Only the engine applies rules, so it can record every step.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import is_

from symflow.core import Add, Einsum, Tensor
from symflow.core.walk import paused_collector, postorder
from symflow.rewriting import normal
from symflow.rewriting.derivation import Step
from symflow.rewriting.replay import Change, Stage
from symflow.rewriting.ruleset import RuleSet
from symflow.rewriting.screen import head


@dataclass(frozen=True)
class Budget:
    """Bounds of a rewriting; past one of them the best so far is returned, and said to be so.

    Attributes:
        steps: uses of rules (steps of the normal form are free).
        growth: new nodes, as a multiple of the nodes at the start (plus a thousand).
        seconds: wall time.
        sweeps: passes over the graph.
    """

    steps: int = 1_000_000
    growth: float = 20.0
    seconds: float = 60.0
    sweeps: int = 12


class Walk:
    """The nodes of some graphs, walked once for all who ask.

    Attributes:
        roots: the graphs.
        order: their nodes, operands first.
    """

    def __init__(self, roots: Iterable[Tensor]) -> None:
        self.roots = list(roots)
        self.order = postorder(self.roots)

    def is_of(self, roots: Sequence[Tensor]) -> bool:
        """Whether this is the walk over these graphs."""
        own = self.roots
        return len(own) == len(roots) and all(map(is_, own, roots))

    @cached_property
    def uses(self) -> dict[Tensor, int]:
        """How often each node occurs as an operand or a root."""
        counts = dict.fromkeys(self.order, 0)
        for node in self.order:
            for operand in node.operands:
                counts[operand] += 1
        for root in self.roots:
            counts[root] += 1
        return counts


@dataclass
class Rewriting:
    """What came of rewriting some graphs together.

    Attributes:
        results: one expression for each graph given.
        steps: the uses of rules, in order.
        complete: False when a bound was passed.
        stages: what each pass changed, steps of the normal form included.
    """

    results: list[Tensor]
    steps: list[Step] = field(default_factory=list)
    complete: bool = True
    stages: list[Stage] = field(default_factory=list)
    _walk: Walk | None = field(default=None, repr=False, compare=False)

    @property
    def walk(self) -> Walk:
        """The walk over the results."""
        self._walk = walked(self.results, self._walk)
        return self._walk


def walked(roots: Sequence[Tensor], known: Walk | None) -> Walk:
    """The walk over some graphs: a known one, if it is theirs."""
    return known if known is not None and known.is_of(roots) else Walk(roots)


def rewrite(
    roots: Sequence[Tensor],
    rules: RuleSet,
    *,
    form: normal.Form = normal.DEFAULT,
    budget: Budget | None = None,
    walk: Walk | None = None,
) -> Rewriting:
    """Reduce graphs by normal form and rules until neither applies.

    Args:
        roots: the expressions, reduced together so that shared parts stay shared.
        rules: the rules, see :class:`symflow.rewriting.ruleset.RuleSet`.
        form: what the normal form merges.
        budget: the bounds.
        walk: the walk over the expressions, where it is known.
    """
    outcome = Rewriting(list(roots), _walk=walk)
    run = _Run(rules, form, budget or Budget(), outcome)
    with paused_collector():
        for _ in range(run.budget.sweeps):
            before = outcome.results
            run.changes = []
            outcome.results = run.sweep(outcome.walk)
            if run.changes:
                outcome.stages.append(Stage(before, outcome.results, run.changes))
            unchanged = all(map(is_, before, outcome.results))
            if unchanged or not outcome.complete:
                return outcome
    outcome.complete = False
    return outcome


def normalise(roots: Sequence[Tensor], form: normal.Form = normal.DEFAULT) -> list[Tensor]:
    """The graphs in normal form, without any rule."""
    return rewrite(roots, EMPTY, form=form).results


def _waiting(walk: Walk) -> set[Tensor]:
    """The sums inside of long sums, written one term after the other, that the last one takes in.

    Taken in one by one, each would list all the terms before it once more.
    """
    depths: dict[Tensor, int] = {}
    inner: list[Tensor] = []
    for node in walk.order:
        if type(node) is Add:
            sums = [x for x in node.operands if type(x) is Add and walk.uses.get(x) == 1]
            depths[node] = 1 + max((depths[x] for x in sums), default=0)
            inner += sums
    if max(depths.values(), default=0) <= _LONG_SUM:
        return set()
    waiting: set[Tensor] = set()
    parents = {x: node for node in depths for x in node.operands if x in depths}
    long = set()
    for node in reversed(list(depths)):  # the last sum of a chain before those inside of it
        parent = parents.get(node)
        if walk.uses.get(node) == 1 and parent in long:
            waiting.add(node)
            long.add(node)
        elif depths[node] > _LONG_SUM:
            long.add(node)
    return waiting


EMPTY = RuleSet("normal form", ())
_LONG_SUM = 32  # sums of more than so many steps are taken in at once
_VISIT, _BUILD, _SETTLE = 0, 1, 2
_CLOCK = 255  # how many nodes pass between two looks at the bounds


class _Run:
    """The state that sweeps share, and the sweep itself."""

    def __init__(
        self, rules: RuleSet, form: normal.Form, budget: Budget, outcome: Rewriting
    ) -> None:
        self.rules = rules
        self.form = form
        self.token = f"{rules.token} {form.token}"
        self.budget = budget
        self.outcome = outcome
        self.deadline = time.perf_counter() + budget.seconds
        self.looked = 0
        self.pressed = False  # something changed since the bounds were looked at
        self.new_nodes = 0
        self.most_nodes = 0.0
        self.done: dict[Tensor, Tensor] = {}
        self.uses: dict[Tensor, int] = {}
        self.changes: list[Change] = []

    def sweep(self, walk: Walk) -> list[Tensor]:
        """Every node reduced once, operands first."""
        if not self.most_nodes:
            self.most_nodes = 1000 + self.budget.growth * len(walk.order)
        done = self.done = {}
        self.uses = dict(walk.uses)
        waiting = _waiting(walk)
        for node in walk.order:
            if node in done:
                continue
            if node in waiting:
                done[node] = after = self._with_reduced_operands(node)
                done[after] = after
                continue
            for operand in node.operands:
                if done[operand] is not operand:
                    self._pursue(node, self._changed(node))
                    break
            else:
                after = node if self._is_settled(node) else self._stepped(node)
                if after is node:
                    done[node] = node
                else:
                    self._pursue(node, after)
        return [done[root] for root in walk.roots]

    def _is_settled(self, node: Tensor) -> bool:
        """Whether an earlier look at a node, whose operands are reduced, still stands."""
        if not node.operands:
            return True
        cache = node.cache
        if cache is None:
            return False
        if self.form.token in cache:
            return self.token in cache or head(node) not in self.rules.heads
        return self.token in cache and not self._may_merge(node, now=True)

    def _may_merge(self, node: Tensor, *, now: bool = False) -> bool:
        """Whether the form of a node depends on who else uses its operands.

        Args:
            node: a node whose operands are reduced.
            now: whether only operands count that nobody else uses as things stand.
        """
        kind = type(node)
        ever = not now or self.form.shared
        if kind is Einsum:
            for operand in node.operands:
                if type(operand) is Einsum and (ever or self._once(operand)):
                    return True
        elif kind is Add:
            for operand in node.operands:
                if type(normal.viewed_through(operand)) is Add and (ever or self._once(operand)):
                    return True
        return False

    def _once(self, node: Tensor) -> bool:
        return self.uses.get(node, 1) <= 1

    def _pursue(self, root: Tensor, after: Tensor) -> None:
        """Reduce what a node became, and all that comes of it; the result is in ``done``."""
        done = self.done
        stack: list[tuple[int, Tensor, Tensor]] = [(_SETTLE, root, after), (_VISIT, after, after)]
        active: set[Tensor] = {root}
        while stack:
            task, node, other = stack.pop()
            if task == _SETTLE:
                done[node] = done[other]
                continue
            if node in done:
                continue
            if task == _VISIT:
                if node in active:
                    done[node] = node  # a rule gave back what it was reducing: stop there
                    continue
                missing = [operand for operand in node.operands if operand not in done]
                if missing:
                    active.add(node)
                    stack.append((_BUILD, node, node))
                    stack.extend((_VISIT, operand, operand) for operand in reversed(missing))
                    continue
            after = self._changed(node)
            if after is node:
                done[node] = node
                continue
            active.add(node)
            stack.append((_SETTLE, node, after))
            stack.append((_VISIT, after, after))

    def _changed(self, node: Tensor) -> Tensor:
        """The node with reduced operands, or after one step; itself when it is in normal form."""
        after = self._with_reduced_operands(node)
        return self._stepped(node) if after is node and node.operands else after

    def _with_reduced_operands(self, node: Tensor) -> Tensor:
        done = self.done
        operands = node.operands
        for operand in operands:
            if done[operand] is not operand:
                after = node.with_operands(tuple([done[operand] for operand in operands]))
                self._replace(node, after)
                return after
        return node

    def _stepped(self, node: Tensor) -> Tensor:
        """A node whose operands are reduced after one step; itself when it is in normal form."""
        self.looked += 1
        if (self.pressed or not self.looked & _CLOCK) and self._spent():
            return node
        step = self._normal_step(node)
        if step is not None:
            self.changes.append((normal.NAME, node, step))
            self._replace(node, step)
            return step
        return self._ruled(node)

    def _normal_step(self, node: Tensor) -> Tensor | None:
        """A step towards normal form; what is normal whoever uses it is marked so."""
        cache = node.cache
        token = self.form.token
        if cache is not None and token in cache:
            return None
        step = normal.normal_step(node, self._once, self.form)
        if step is not None and step is not node:
            return step
        if not self._may_merge(node):
            if cache is None:
                cache = node.cache = {}
            cache[token] = True
        return None

    def _ruled(self, node: Tensor) -> Tensor:
        """The node after the first rule that applies; itself, marked, where none does."""
        cache = node.cache
        token = self.token
        if cache is None:
            cache = node.cache = {}
        elif token in cache:
            return node
        final = True
        for rule in self.rules.candidates(node):
            if rule.lone and not self._once(node.operands[0]):
                final = False  # another sweep may find the operand used once
                continue
            after = rule.apply(node)
            if after is not None and after is not node:
                self.outcome.steps.append(Step(rule.name, node, after, rule.source))
                self.changes.append((rule, node, after))
                self._replace(node, after)
                return after
        if final:
            cache[token] = True
        return node

    def _spent(self) -> bool:
        """Whether a bound is passed."""
        budget, outcome = self.budget, self.outcome
        if outcome.complete:
            over = len(outcome.steps) > budget.steps or self.new_nodes > self.most_nodes
            outcome.complete = not over and time.perf_counter() <= self.deadline
        self.pressed = not outcome.complete
        return self.pressed

    def _replace(self, before: Tensor, after: Tensor) -> None:
        """Keep count of uses when one node takes the place of another."""
        self.pressed = True
        uses = self.uses
        count = uses.get(before, 1)
        known = uses.get(after, 0)
        uses[after] = known + count
        if not known:
            self._retain(after)
        uses[before] = 0
        self._release(before)

    def _retain(self, node: Tensor) -> None:
        uses = self.uses
        pending = [node]
        while pending:
            current = pending.pop()
            self.new_nodes += 1
            for operand in current.operands:
                known = uses.get(operand, 0)
                uses[operand] = known + 1
                if not known:
                    pending.append(operand)

    def _release(self, node: Tensor) -> None:
        """Take back the uses that a node made of its operands, of what became of them."""
        uses, done = self.uses, self.done
        pending = [node]
        while pending:
            for operand in pending.pop().operands:
                current = done.get(operand, operand)
                known = uses.get(current, 1) - 1
                uses[current] = known
                if known == 0:
                    pending.append(current)


__all__ = ["EMPTY", "Budget", "Rewriting", "Walk", "normalise", "rewrite", "walked"]
