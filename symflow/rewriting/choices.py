"""Rules with several outcomes: what a search tries one by one.

A directed rule gives one replacement; where a node can be rewritten in several ways, only costs
tell which is best.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from symflow.core import Tensor, Variable
from symflow.core.walk import rebuild
from symflow.rewriting.kinds import Kind
from symflow.rewriting.rule import Rule, matching_type
from symflow.rewriting.ruleset import Anchor, Rewrite
from symflow.rewriting.screen import Head


@dataclass(frozen=True)
class Choices:
    """A law that no equation states and that may apply in several ways.

    Attributes:
        name: kebab-case, unique in a catalogue.
        function: gives the replacements.
        anchors: pairs of heads, see :class:`symflow.rewriting.ruleset.Rewrite`.
        source: where it is stated.
        law: the equation it stands for, in words.
        needs: heads that must all occur below the node.
        lone: always False; who else uses a node is for costs to say.
        asks: marks that a node must have; none.
    """

    name: str
    function: Callable[[Any], Iterable[Tensor]]
    anchors: tuple[Anchor, ...]
    source: str = ""
    law: str = ""
    needs: frozenset[Head] = frozenset()
    lone: bool = False
    asks: frozenset[Any] = frozenset()

    def apply(self, node: Tensor) -> Tensor | None:
        """The first replacement, or None where there is none."""
        return next(self.every(node), None)

    def every(self, node: Tensor) -> Iterator[Tensor]:
        """The replacements."""
        for after in self.function(node):
            yield matching_type(after, node)


def every(rule: Rewrite, node: Tensor) -> Iterator[Tensor]:
    """All that a rule makes of a node."""
    if isinstance(rule, (Rule, Choices)):
        yield from rule.every(node)
        return
    after = rule.apply(node)
    if after is not None:
        yield after


def backwards(rule: Rule, kinds: Mapping[str, Kind] | None = None) -> Rule:
    """A rule read from right to left.

    Args:
        rule: an equation whose right side has all its variables.
        kinds: narrower kinds of some variables, with which both sides are defined alike; needed
            for a rule that is not exact.

    Raises:
        ValueError: where the left side says more than the right one.
    """
    if rule.grade != "exact" and not kinds:
        raise ValueError(f"rule {rule.name} {rule.grade} the domain: it has one direction")
    narrower = kinds or {}
    named = {
        v: Variable(v.name, v.shape, v.dtype, narrower[v.name].properties, v.scope)
        for v in rule.kinds
        if v.name in narrower
    }
    left, right = rebuild([rule.right, rule.left], _on_operands, dict(named))
    return Rule(
        f"{rule.name}-backwards",
        left,
        right,
        where=rule.where,
        source=rule.source,
        orientation="expands",
        kinds={named.get(v, v): narrower.get(v.name, kind) for v, kind in rule.kinds.items()},
    )


def _on_operands(node: Tensor, operands: tuple[Tensor, ...]) -> Tensor:
    return node if operands == node.operands else node.with_operands(operands)
