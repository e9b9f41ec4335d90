"""Sets of rules, and which of them a node can possibly meet."""

from collections.abc import Iterable
from typing import Any, Protocol

from symflow.core import Add, Apply, Einsum, Tensor

Head = Any


class Rewrite(Protocol):
    """What the engine asks of a rule.

    Attributes:
        name: kebab-case, unique in a catalogue.
        source: where it is stated.
        anchors: pairs of the head of the node it rewrites and the head of one of its operands
            (None for any); heads are operations, or the classes of other nodes.
    """

    @property
    def name(self) -> str: ...

    @property
    def source(self) -> str: ...

    @property
    def anchors(self) -> tuple[tuple[Head, Head | None], ...]: ...

    def apply(self, node: Tensor) -> Tensor | None:
        """The node rewritten, or None where the rule does not apply."""
        ...


def head(node: Tensor) -> Head:
    """What rules are dispatched by: the operation, or the class of the node."""
    return node.operation if isinstance(node, Apply) else type(node)


def inner_heads(node: Tensor) -> set[Head]:
    """The heads of the operands of a product or sum, looking through nested products."""
    found = set()
    pending = list(node.operands)
    while pending:
        operand = pending.pop()
        found.add(head(operand))
        if isinstance(operand, Einsum):
            pending.extend(operand.operands)
    return found


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
        self._by_anchor: dict[tuple[Head, Head | None], list[int]] = {}
        self._found: dict[Any, tuple[Rewrite, ...]] = {}
        names: set[str] = set()
        for number, rule in enumerate(self.rules):
            if rule.name in names:
                raise ValueError(f"two rules of {name!r} are named {rule.name!r}")
            names.add(rule.name)
            for anchor in rule.anchors:
                self._by_anchor.setdefault(anchor, []).append(number)

    def candidates(self, node: Tensor) -> tuple[Rewrite, ...]:
        """The rules that the heads of a node and its operands allow."""
        if isinstance(node, (Einsum, Add)):
            inner: Any = frozenset(inner_heads(node))
        else:
            inner = head(node.operands[0]) if node.operands else None
        key = (head(node), inner)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._collected(*key)
        return found

    def _collected(self, outer: Head, inner: Any) -> tuple[Rewrite, ...]:
        heads = [*inner, None] if isinstance(inner, frozenset) else [inner, None]
        numbers = {n for h in heads for n in self._by_anchor.get((outer, h), ())}
        return tuple(self.rules[n] for n in sorted(numbers))

    def named(self, name: str) -> Rewrite | None:
        """The rule of a name, if it is here."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def __len__(self) -> int:
        return len(self.rules)

    def __repr__(self) -> str:
        return f"<{len(self.rules)} rules: {self.name}>"
