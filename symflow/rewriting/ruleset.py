"""Sets of rules, and which of them a node can possibly meet."""

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from itertools import count
from typing import Protocol

from symflow.core import Operation, Tensor
from symflow.rewriting.screen import Head, Marks, Traits, head, traits

Anchor = tuple[Head, Head | None]
_TOKENS = count()
_REMEMBERED = 1 << 15


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
        self._chosen = lru_cache(maxsize=_REMEMBERED)(self._choose)
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

    @cached_property
    def _by_anchor(self) -> dict[Anchor, tuple[int, ...]]:
        """Anchors are asked for on first use: that compiles the rules."""
        found: dict[Anchor, list[int]] = {}
        for number, rule in enumerate(self.rules):
            for anchor in rule.anchors:
                found.setdefault(anchor, []).append(number)
        return {anchor: tuple(numbers) for anchor, numbers in found.items()}

    @cached_property
    def heads(self) -> frozenset[Head]:
        """The heads of the nodes that some rule rewrites."""
        return frozenset(outer for outer, _ in self._by_anchor)

    def candidates(self, node: Tensor) -> tuple[Rewrite, ...]:
        """The rules that the heads of a node and its operands allow, in order."""
        return self._chosen(traits(node)) if head(node) in self.heads else ()

    def _choose(self, seen: Traits) -> tuple[Rewrite, ...]:
        single = isinstance(seen.head, Operation)
        inner = [seen.first] if single else [*seen.below]
        numbers = {n for h in (*inner, None) for n in self._by_anchor.get((seen.head, h), ())}
        return tuple(
            rule
            for rule in (self.rules[n] for n in sorted(numbers))
            if rule.needs <= seen.below
            and (single or rule.asks <= seen.marks)
            and (not seen.complex or rule.name in self._over_complex)
        )

    def concerns(self, nodes: Iterable[Tensor]) -> bool:
        """Whether all the heads that some rule needs occur among the nodes."""
        heads = set(map(head, nodes))
        return any(rule.needs <= heads for rule in self.rules)

    def named(self, name: str) -> Rewrite | None:
        """The rule of a name, if it is here."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def __len__(self) -> int:
        return len(self.rules)

    def __repr__(self) -> str:
        return f"<{len(self.rules)} rules: {self.name}>"
