"""The way from one term to an equal one, read off the proof: rules used, place by place.

Every reason becomes uses of rules; congruence becomes the ways of the operands, one after the
other.  Each leg knows the whole form that it leads to, so that what is told can be replayed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from symflow.core import Tensor
from symflow.rewriting.derivation import Step, step_of
from symflow.rewriting.equality import same_form
from symflow.rewriting.saturation.egraph import EGraph
from symflow.rewriting.saturation.proof import Congruence, Link
from symflow.rewriting.saturation.saturate import Reduced, Used

BACKWARDS = "from right to left"


@dataclass(frozen=True)
class Leg:
    """One step, and the whole form after it."""

    step: Step
    form: Tensor


@dataclass(frozen=True)
class _Context:
    """Where a term stands: in a node at one place, which stands in a context itself."""

    node: Tensor
    operands: tuple[Tensor, ...]
    place: int
    outer: "_Context | None"

    def with_term(self, term: Tensor) -> Tensor:
        operands = (*self.operands[: self.place], term, *self.operands[self.place + 1 :])
        return self.node.with_operands(operands)


@dataclass(frozen=True)
class _Way:
    """A stretch still to be told."""

    start: Tensor
    end: Tensor
    context: _Context | None


def story(graph: EGraph, start: Tensor, end: Tensor) -> list[Leg]:
    """How a term of an e-graph becomes an equal one, without detours.

    Args:
        graph: holds both terms in one class.
        start: the term at the beginning.
        end: the term at the end.
    """
    legs: list[Leg] = []
    seen: dict[Tensor, int] = {start: 0}
    for step, form in _told(graph, start, end):
        known = seen.get(form)
        if known is not None:
            for leg in legs[known:]:
                del seen[leg.form]
            del legs[known:]
            seen[form] = known
            continue
        legs.append(Leg(step, form))
        seen[form] = len(legs)
    return legs


def _told(graph: EGraph, start: Tensor, end: Tensor) -> Iterator[tuple[Step, Tensor]]:
    """Steps with the whole forms after them."""
    stack: list[Iterator[_Way | Link]] = [_links(graph, start, end)]
    contexts: list[_Context | None] = [None]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
            contexts.pop()
        elif isinstance(item, _Way):
            stack.append(_links(graph, item.start, item.end))
            contexts.append(item.context)
        elif isinstance(item.reason, Congruence):
            stack.append(_operands(item, contexts[-1]))
            contexts.append(contexts[-1])
        else:
            for step, form in _uses(item):
                yield step, _whole(form, contexts[-1])


def _links(graph: EGraph, start: Tensor, end: Tensor) -> Iterator[_Way | Link]:
    yield from graph.links(start, end)


def _operands(link: Link, context: _Context | None) -> Iterator[_Way | Link]:
    """The ways of the operands, each with the others as they are then."""
    node = link.reason.term
    before, after = node.operands, link.reason.operands
    if not link.forward:
        before, after = after, before
    current = before
    for place, (a, b) in enumerate(zip(before, after, strict=True)):
        if a is not b:
            yield _Way(a, b, _Context(node, current, place, context))
            current = (*current[:place], b, *current[place + 1 :])


def _whole(term: Tensor, context: _Context | None) -> Tensor:
    while context is not None:
        term = context.with_term(term)
        context = context.outer
    return term


def _uses(link: Link) -> Iterator[tuple[Step, Tensor]]:
    """The uses of rules that a reason stands for, with the forms of the term after them."""
    if isinstance(link.reason, Used):
        rule = link.reason.rule
        pair = (link.start, link.end) if link.forward else (link.end, link.start)
        yield _directed(Step(rule.name, *pair, rule.source, law=rule), link), link.end
        return
    assert isinstance(link.reason, Reduced)
    told = list(_reductions(link.reason))
    if link.forward:
        yield from told
        return
    forms = [link.end, *(form for _, form in told)]
    for (step, _), form in zip(reversed(told), reversed(forms[:-1]), strict=True):
        yield _directed(step, link), form


def _reductions(reason: Reduced) -> Iterator[tuple[Step, Tensor]]:
    for stage in reason.passes.stages:
        settled = stage.settled(same_form)
        for count, change in enumerate(settled.changes, 1):
            yield step_of(change), settled.reached(count)[0]


def _directed(step: Step, link: Link) -> Step:
    """The step as the link goes."""
    if link.forward:
        return step
    return Step(step.rule, step.after, step.before, step.source, BACKWARDS, law=step.law)


def turned(step: Step) -> Step:
    """A step that was told backwards, as its rule gives it; others as they are."""
    if step.note != BACKWARDS:
        return step
    return Step(step.rule, step.after, step.before, step.source, law=step.law)


__all__: list[Any] = ["BACKWARDS", "Leg", "story", "turned"]
