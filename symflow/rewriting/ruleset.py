"""Sets of rules, and which of them a node can possibly meet."""

from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import count
from typing import Protocol

from symflow.core import Apply, Tensor
from symflow.rewriting.fields import holds_complex
from symflow.rewriting.screen import Head, Marks, Traits, head, inner_heads, traits

Anchor = tuple[Head, Head | None]
_TOKENS = count()


class Rewrite(Protocol):
    """What the engine asks of a rule."""

    @property
    def name(self) -> str:
        """Kebab-case, unique in a catalogue."""
        ...

    @property
    def source(self) -> str:
        """Where it is stated."""
        ...

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """Pairs of the head of the node it rewrites and of one of its operands (None: any)."""
        ...

    @property
    def needs(self) -> frozenset[Head]:
        """Heads that must all occur below the node, looking through products."""
        ...

    @property
    def asks(self) -> Marks:
        """Marks that a product or a sum must have, see :mod:`symflow.rewriting.screen`."""
        ...

    @property
    def lone(self) -> bool:
        """Whether it is to be used only where nobody else uses the node's first operand."""
        ...

    def apply(self, node: Tensor) -> Tensor | None:
        """The node rewritten, or None where the rule does not apply."""
        ...


class RuleSet:
    """Rules in order of precedence, indexed by the heads they need.

    Args:
        name: for messages.
        rules: in the order in which they are tried; or what makes them, called on first use.
        over_complex: names of the rules that hold for complex numbers. Only these are used on an
            expression with complex numbers anywhere in it: rules speak of real ones.

    Raises:
        ValueError: when two rules have one name.
    """

    def __init__(
        self,
        name: str,
        rules: Iterable[Rewrite] | Callable[[], Iterable[Rewrite]],
        over_complex: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self._over_complex = over_complex
        self._given = rules
        self.token = f"stuck-{next(_TOKENS)}"
        self._by_anchor: dict[Anchor, tuple[int, ...]] = {}
        self._pairs: dict[Anchor, tuple[Rewrite, ...]] = {}
        self._several: dict[tuple[Head, Traits], tuple[Rewrite, ...]] = {}
        if not callable(rules):
            self.rules  # noqa: B018  (what is given is checked at once)

    @cached_property
    def rules(self) -> tuple[Rewrite, ...]:
        """The rules, in the order in which they are tried."""
        given = self._given
        rules = tuple(given() if callable(given) else given)
        names: set[str] = set()
        for rule in rules:
            if rule.name in names:
                raise ValueError(f"two rules of {self.name!r} are named {rule.name!r}")
            names.add(rule.name)
        return rules

    def _index(self) -> None:
        """Anchors are asked for on first use: that compiles the rules."""
        found: dict[Anchor, list[int]] = {}
        for number, rule in enumerate(self.rules):
            for anchor in rule.anchors:
                found.setdefault(anchor, []).append(number)
        self._by_anchor = {anchor: tuple(numbers) for anchor, numbers in found.items()}

    def candidates(self, node: Tensor) -> tuple[Rewrite, ...]:
        """The rules that the heads of a node and its operands allow, in order."""
        found = self._allowed(node)
        if found and holds_complex(node):
            return tuple(rule for rule in found if rule.name in self._over_complex)
        return found

    def _allowed(self, node: Tensor) -> tuple[Rewrite, ...]:
        if not self.rules:
            return ()
        if not self._by_anchor:
            self._index()
        if type(node) is Apply:
            return self._for_operation(node)
        seen = traits(node)
        key = (type(node), seen)
        found = self._several.get(key)
        if found is None:
            found = self._several[key] = tuple(
                rule
                for rule in self._anchored(type(node), seen.below)
                if rule.needs <= seen.below and rule.asks <= seen.marks
            )
        return found

    def concerns(self, nodes: Iterable[Tensor]) -> bool:
        """Whether all the heads that some rule needs occur among the nodes."""
        heads = set(map(head, nodes))
        return any(rule.needs <= heads for rule in self.rules)

    def _for_operation(self, node: Apply) -> tuple[Rewrite, ...]:
        operands = node.operands
        pair = (node.operation, head(operands[0]) if operands else None)
        found = self._pairs.get(pair)
        if found is None:
            found = self._pairs[pair] = self._anchored(pair[0], frozenset([pair[1]]))
        if not found or not any(rule.needs for rule in found):
            return found
        below = inner_heads(node)
        return tuple(rule for rule in found if rule.needs <= below)

    def _anchored(self, outer: Head, inner: Iterable[Head]) -> tuple[Rewrite, ...]:
        numbers = {n for h in (*inner, None) for n in self._by_anchor.get((outer, h), ())}
        return tuple(self.rules[n] for n in sorted(numbers))

    def named(self, name: str) -> Rewrite | None:
        """The rule of a name, if it is here."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def __len__(self) -> int:
        return len(self.rules)

    def __repr__(self) -> str:
        return f"<{len(self.rules)} rules: {self.name}>"
