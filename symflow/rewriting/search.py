"""The assignment of a product's parts to the operands of a contraction, by backtracking."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import sympy as sp

from symflow.core import Einsum, Tensor, constant, contract
from symflow.core.dims import Dim
from symflow.core.labels import Labels
from symflow.ops import facts
from symflow.rewriting import pattern as pt
from symflow.rewriting.state import Bound, State, met_again, peeled

Item = tuple[Tensor, Labels]
Assignments = Iterator[tuple[State, frozenset[int]]]


class Matching(Protocol):
    """What the search asks of the matcher: to match one part, and the sizes of labels."""

    sizes: dict[int, Dim]

    def match(
        self, part: pt.Pattern, node: Tensor, labels: Labels, state: State
    ) -> Iterator[State]:
        """The states in which a part of the pattern is the node under these labels."""
        ...

    def mirrored_power(
        self, part: pt.PApply, node: Tensor, labels: Labels, state: State
    ) -> Iterator[State]:
        """The states in which a power of a sum is the node but for the sum's sign."""
        ...


class Search:
    """The assignment of the parts of a product to operands."""

    def __init__(
        self,
        matcher: Matching,
        part: pt.PNet,
        items: list[Item],
        summed: Labels,
        shown: Labels,
        *,
        whole: bool,
        spare: bool = False,
    ) -> None:
        self.matcher = matcher
        self.spare = spare
        self.part = part
        self.items = items
        self.summed = frozenset(summed)
        self.shown = frozenset(shown)
        self.whole = whole
        self.concrete = part.concrete

    def matches(self, state: State) -> Assignments:
        """Assignments in which every label that the pattern sums is summed by the target."""
        for found, used in self._run(state):
            if self.inner_labels_close(found, used):
                yield found, used

    def _run(self, state: State) -> Assignments:
        for found, used in self._concrete(0, state, frozenset()):
            seen = {label for k in used for label in self.items[k][1]}
            for final, taken in self._variables(self.part.plain, found, used):
                if not self.whole or self._sums_inside(final, seen):
                    yield final, taken

    def _sums_inside(self, state: State, seen: set[int]) -> bool:
        """Whether labels that the pattern does not sum are summed within one variable each."""
        mine = {t for label in self.part.summed for t in state.labels.get(label, ())}
        loose = self.summed - mine
        if not loose:
            return True
        if loose & seen:
            return False
        return not any(loose.intersection(bound.labels) for bound in state.nodes.values())

    def _concrete(self, index: int, state: State, used: frozenset[int]) -> Assignments:
        if index == len(self.concrete):
            yield state, used
            return
        for k, (node, labels) in enumerate(self.items):
            if k in used:
                continue
            for start in self._anchored(self.concrete[index], labels, state):
                for found in self._readings_of(self.concrete[index], node, labels, start):
                    yield from self._concrete(index + 1, found, used | {k})

    def _anchored(self, part: pt.Pattern, labels: Labels, state: State) -> list[State]:
        """The axis of a vector that nothing in a factor tells may be any that is summed."""
        if self.whole or part not in self.part.adrift:
            return [state]
        return self._summed_choices(part.labels[0], labels, state)

    def _readings_of(
        self, part: pt.Pattern, node: Tensor, labels: Labels, state: State
    ) -> Iterator[State]:
        """The ways to match a factor; ``(b - a)**k`` is read as ``(-1)**k * (a - b)**k``, too."""
        yield from self.matcher.match(part, node, labels, state)
        if pt.is_power_of_sum(part):
            yield from self.matcher.mirrored_power(part, node, labels, state)

    def _variables(
        self, parts: Sequence[pt.PVar], state: State, used: frozenset[int]
    ) -> Assignments:
        bound = next((p for p in parts if p.variable in state.nodes), None)
        if bound is not None:
            rest = [p for p in parts if p is not bound]
            for found, taken in self._bound(bound, state, used):
                yield from self._variables(rest, found, taken)
            return
        if not parts:
            yield state, used
            return
        yield from self._unbound(parts, state, used)

    # a variable that is bound: one operand, or the same network among the operands

    def _bound(self, part: pt.PVar, state: State, used: frozenset[int]) -> Assignments:
        bound = state.nodes[part.variable]
        for k, (node, labels) in enumerate(self.items):
            if k in used:
                continue
            inner, seen = peeled(node, labels)
            if inner is bound.node:
                for reading in readings(inner, seen):
                    again = met_again(state, bound, part.labels, reading)
                    if again is not None:
                        yield again, used | {k}
        if isinstance(bound.node, Einsum) and bound.node.operands:
            yield from self._subnetwork(part, bound, state, used)

    def _subnetwork(
        self, part: pt.PVar, bound: Bound, state: State, used: frozenset[int]
    ) -> Assignments:
        node = bound.node
        assert isinstance(node, Einsum)
        for names, taken in self._embeddings(node, 0, {}, used):
            if any(label not in names for label in node.output):
                continue
            inner = {names[label] for label in node.summed}
            mine = taken - used
            if not self._private(inner, mine):
                continue
            seen = tuple(names[label] for label in node.output)
            again = met_again(state, bound, part.labels, seen)
            if again is not None:
                yield again.scaled(1 / node.coefficient), taken

    def _embeddings(
        self, node: Einsum, index: int, names: dict[int, int], used: frozenset[int]
    ) -> Iterator[tuple[dict[int, int], frozenset[int]]]:
        if index == len(node.operands):
            yield names, used
            return
        wanted, subscripts = node.operands[index], node.subscripts[index]
        for k, (operand, labels) in enumerate(self.items):
            if k in used or operand is not wanted:
                continue
            for reading in readings(operand, labels):
                extended = _extended(names, subscripts, reading)
                if extended is not None:
                    yield from self._embeddings(node, index + 1, extended, used | {k})

    def _private(self, inner: set[int], mine: frozenset[int]) -> bool:
        """Whether labels are summed and occur in these operands only."""
        if not inner <= self.summed:
            return False
        return not any(
            inner.intersection(labels) for k, (_, labels) in enumerate(self.items) if k not in mine
        )

    # variables that are not bound: single operands beside a rest, else whole components

    def _unbound(self, parts: Sequence[pt.PVar], state: State, used: frozenset[int]) -> Assignments:
        first, rest = parts[0], parts[1:]
        free = [k for k in range(len(self.items)) if k not in used]
        choices: list[tuple[list[int], State]]
        if not self.whole:
            choices = [pair for k in free for pair in self._single(k, first, state)]
        elif not rest:
            choices = [(free, state)]
        else:
            choices = self._components(free, first, state)
        for choice, current in choices:
            group = self._grouped(choice, current)
            if group is None:
                continue
            node, labels = group
            for found in self.matcher.match(first, node, labels, current):
                yield from self._variables(rest, found, used | frozenset(choice))

    def _single(self, k: int, part: pt.PVar, state: State) -> list[tuple[list[int], State]]:
        """One operand; the axis of a vector that the pattern sums may be any that is summed."""
        if len(part.labels) != 1:
            return [([k], state)]
        found = self._summed_choices(part.labels[0], self.items[k][1], state)
        return [([k], bound) for bound in found]

    def _summed_choices(self, label: int, labels: Labels, state: State) -> list[State]:
        """What a label of the pattern may stand for: one axis that is summed, or all of them."""
        if label not in self.part.summed or label in state.labels:
            return [state]
        summed = tuple(t for t in dict.fromkeys(labels) if t in self.summed)
        choices = {(t,) for t in summed} | ({summed} if summed else set())
        found = [state.with_label(label, choice) for choice in sorted(choices)]
        return [bound for bound in found if bound is not None]

    def _grouped(self, places: list[int], state: State) -> Item | None:
        """Several operands as one tensor under the labels that show."""
        if not self.whole:  # one operand beside a rest, its other axes being batch
            return self.items[places[0]]
        if len(places) == 1 and self.items[places[0]][0].rank == len(set(self.items[places[0]][1])):
            (place,) = places
            node, labels = self.items[place]
            if self.shown.union(self._elsewhere(places, state)) >= set(labels):
                return node, labels
        if not places:  # a number alone, where the target has one that the pattern has not
            if not self.spare or not self.items:
                return None
            return constant(sp.S.One, (), self.items[0][0].dtype), ()
        outside = self.shown | self._elsewhere(places, state)
        own: list[int] = []
        for k in places:
            own.extend(t for t in self.items[k][1] if t in outside and t not in own)
        sizes = self.matcher.sizes
        used = {label for k in places for label in self.items[k][1]}
        node = contract(
            sp.S.One,
            [self.items[k][0] for k in places],
            [self.items[k][1] for k in places],
            own,
            {label: sizes[label] for label in used},
            self.items[places[0]][0].dtype,
        )
        return node, tuple(own)

    def _elsewhere(self, places: Sequence[int], state: State) -> frozenset[int]:
        """Labels of the other operands and of the pattern's labels."""
        mine = set(places)
        found = {t for k, (_, labels) in enumerate(self.items) if k not in mine for t in labels}
        for label in self.part.summed:
            found.update(state.labels.get(label, ()))
        return frozenset(found)

    def _components(
        self, free: list[int], first: pt.PVar, state: State
    ) -> list[tuple[list[int], State]]:
        """What the first of several variables may take: a connected part, or a run up to a cut."""
        joined = self.summed - {
            target for label in self.part.summed for target in state.labels.get(label, ())
        }
        groups = _connected(self.items, free, joined)
        if len(groups) > 1:
            return [(group, state) for group in groups]
        open_labels = [t for t in first.labels if t in self.part.summed and t not in state.labels]
        found: list[tuple[list[int], State]] = []
        for cut in sorted(joined) if len(open_labels) == 1 else ():
            groups = _connected(self.items, free, joined - {cut})
            bound = state.with_label(open_labels[0], (cut,))
            if len(groups) > 1 and bound is not None:
                found.extend((group, bound) for group in groups)
        return found

    def inner_labels_close(self, state: State, used: frozenset[int]) -> bool:
        """Whether what the pattern sums is summed by the target, over the used operands only."""
        inner: set[int] = set()
        for label in self.part.summed:
            targets = state.labels.get(label)
            if targets is None:
                return False
            inner.update(targets)
        others = {
            target
            for label, targets in state.labels.items()
            if label not in self.part.summed
            for target in targets
        }
        return not inner & others and self._private(inner, used)


def readings(node: Tensor, labels: Labels) -> Iterator[Labels]:
    """The labels, and for a symmetric matrix the same with the last two exchanged."""
    yield labels
    if len(labels) > 1 and facts.has(node, "symmetric"):
        yield (*labels[:-2], labels[-1], labels[-2])


def _extended(names: dict[int, int], subscripts: Labels, labels: Labels) -> dict[int, int] | None:
    """An injective renaming of labels extended by one operand."""
    result = dict(names)
    for local, target in zip(subscripts, labels, strict=True):
        known = result.get(local)
        if known is None:
            if target in result.values():
                return None
            result[local] = target
        elif known != target:
            return None
    return result


def _connected(items: list[Item], places: list[int], joined: frozenset[int]) -> list[list[int]]:
    groups: list[tuple[set[int], list[int]]] = []
    for k in places:
        links = set(items[k][1]) & joined
        merged = [k]
        rest = []
        for known, members in groups:
            if known & links:
                links |= known
                merged = members + merged
            else:
                rest.append((known, members))
        groups = [*rest, (links, merged)]
    return [members for _, members in groups]
