"""Sets of rules, and which of them a node can possibly meet."""

from collections.abc import Iterable
from itertools import count
from typing import Any, Protocol

from symflow.core import Add, Apply, Einsum, Tensor

Head = Any
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
    def lone(self) -> bool:
        """Whether it is to be used only where nobody else uses the node's first operand."""
        ...

    def apply(self, node: Tensor) -> Tensor | None:
        """The node rewritten, or None where the rule does not apply."""
        ...


def head(node: Tensor) -> Head:
    """What rules are dispatched by: the operation, or the class of the node."""
    return node.operation if type(node) is Apply else type(node)


def inner_heads(node: Tensor) -> set[Head]:
    """The heads of the operands of a node, looking through products and one short sum.

    Only so many nested products are looked at: matching opens no more either, and a chain of
    products would otherwise be walked again at every one of its nodes.
    """
    found: set[Head] = set()
    seen: set[Tensor] = set()
    pending = [(operand, True) for operand in node.operands]
    while pending:
        operand, through_sum = pending.pop()
        kind = type(operand)
        if kind is Apply:
            found.add(operand.operation)
            continue
        found.add(kind)
        if kind is Einsum:
            if operand not in seen and len(seen) < _MOST_PRODUCTS:
                seen.add(operand)
                pending.extend((inner, through_sum) for inner in operand.operands)
        elif kind is Add and through_sum and len(operand.operands) <= _MOST_TERMS:
            pending.extend((inner, False) for inner in operand.operands)
    return found


_MOST_TERMS = 32
_MOST_PRODUCTS = 12


class RuleSet:
    """Rules in order of precedence, indexed by the heads they need.

    Args:
        name: for messages.
        rules: in the order in which they are tried.

    Raises:
        ValueError: when two rules have one name.
    """

    def __init__(self, name: str, rules: Iterable[Rewrite]) -> None:
        self.name = name
        self.rules: tuple[Rewrite, ...] = tuple(rules)
        self.token = f"stuck-{next(_TOKENS)}"
        self._by_anchor: dict[Anchor, tuple[int, ...]] = {}
        self._pairs: dict[Anchor, tuple[Rewrite, ...]] = {}
        self._several: dict[tuple[Head, frozenset[Head]], tuple[Rewrite, ...]] = {}
        names: set[str] = set()
        for rule in self.rules:
            if rule.name in names:
                raise ValueError(f"two rules of {name!r} are named {rule.name!r}")
            names.add(rule.name)

    def _index(self) -> None:
        """Anchors are asked for on first use: that compiles the rules."""
        found: dict[Anchor, list[int]] = {}
        for number, rule in enumerate(self.rules):
            for anchor in rule.anchors:
                found.setdefault(anchor, []).append(number)
        self._by_anchor = {anchor: tuple(numbers) for anchor, numbers in found.items()}

    def candidates(self, node: Tensor) -> tuple[Rewrite, ...]:
        """The rules that the heads of a node and its operands allow, in order."""
        if not self.rules:
            return ()
        if not self._by_anchor:
            self._index()
        if type(node) is Apply:
            return self._for_operation(node)
        below = frozenset(inner_heads(node))
        key = (type(node), below)
        found = self._several.get(key)
        if found is None:
            found = self._several[key] = self._collected(type(node), below, below)
        return found

    def _for_operation(self, node: Apply) -> tuple[Rewrite, ...]:
        operands = node.operands
        pair = (node.operation, head(operands[0]) if operands else None)
        found = self._pairs.get(pair)
        if found is None:
            found = self._pairs[pair] = self._collected(pair[0], frozenset([pair[1]]), None)
        if not found or not any(rule.needs for rule in found):
            return found
        below = inner_heads(node)
        return tuple(rule for rule in found if rule.needs <= below)

    def _collected(
        self, outer: Head, inner: frozenset[Head], below: frozenset[Head] | None
    ) -> tuple[Rewrite, ...]:
        numbers = {n for h in (*inner, None) for n in self._by_anchor.get((outer, h), ())}
        rules = (self.rules[n] for n in sorted(numbers))
        return tuple(rule for rule in rules if below is None or rule.needs <= below)

    def named(self, name: str) -> Rewrite | None:
        """The rule of a name, if it is here."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def __len__(self) -> int:
        return len(self.rules)

    def __repr__(self) -> str:
        return f"<{len(self.rules)} rules: {self.name}>"
