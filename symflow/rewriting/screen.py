"""What can be seen of a node without matching: whether a rule can possibly apply to it.

The traits of a node are worked out once and kept on it; a set of rules then has one list of
candidates for all nodes of the same traits (:mod:`symflow.rewriting.ruleset`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from symflow.core import Add, Apply, Einsum, Operation, Tensor
from symflow.ops import facts
from symflow.rewriting import network
from symflow.rewriting import pattern as pt

Head = Any
Heads = frozenset[Head]
Marks = frozenset[Any]
# traits that rules may ask for besides properties of operands
REPEATS = "a repeated operand"
LONE = "an axis that is summed in one operand alone"

_NONE: Marks = frozenset()
_THROUGH_SUMS = "heads below"
_THROUGH_PRODUCTS = "heads in products"
_TRAITS = "traits"
_MOST_TERMS = 32
_MOST_LOOKED_AT = 32


def head(node: Tensor) -> Head:
    """What rules are dispatched by: the operation, or the class of the node."""
    return node.operation if type(node) is Apply else type(node)


# ----------------------------------------------------------------------------- heads


def inner_heads(node: Tensor) -> Heads:
    """The heads of the operands of a node, looking through products and one short sum.

    Remembered on products and sums, so that chains of products are walked once.
    """
    return _heads(node, _THROUGH_SUMS)


def _heads(node: Tensor, view: str) -> Heads:
    known = _known_heads(node, view)
    if known is not None:
        return known
    pending = [node]
    while pending:
        current = pending[-1]
        missing = [inner for inner in _nested(current) if _known_heads(inner, view) is None]
        if missing:
            pending.extend(missing)
            continue
        pending.pop()
        if current.cache is None:
            current.cache = {}
        current.cache[view] = _shared(frozenset().union(*_parts(current, view)))
    assert node.cache is not None
    result: Heads = node.cache[view]
    return result


def _known_heads(node: Tensor, view: str) -> Heads | None:
    return None if node.cache is None else node.cache.get(view)


def _nested(node: Tensor) -> list[Tensor]:
    """The products among the operands."""
    return [operand for operand in node.operands if type(operand) is Einsum]


def _parts(node: Tensor, view: str) -> Iterator[Heads]:
    yield frozenset(map(head, node.operands))
    for operand in node.operands:
        if type(operand) is Einsum:
            yield operand.cache[view]  # type: ignore[index]  # filled before its users
        elif (
            type(operand) is Add and view is _THROUGH_SUMS and len(operand.operands) <= _MOST_TERMS
        ):
            yield _heads(operand, _THROUGH_PRODUCTS)


# ---------------------------------------------------------------------------- traits


@dataclass(frozen=True)
class Traits:
    """What rules about products and sums ask first.

    Attributes:
        below: heads below the node, see :func:`inner_heads`.
        marks: facts known of any operand of a product, nested ones included; ``REPEATS`` and
            ``LONE``; :func:`two_of` the operations that head two terms or operands.
    """

    below: Heads
    marks: Marks = _NONE


def two_of(operation: Operation) -> tuple[str, Operation]:
    """The mark of a node that has two terms or operands of an operation."""
    return ("two of", operation)


def traits(node: Tensor) -> Traits:
    """The traits of a product or a sum; of other nodes only the heads below them."""
    cache = node.cache
    if cache is None:
        cache = node.cache = {}
    known: Traits | None = cache.get(_TRAITS)
    if known is None:
        known = cache[_TRAITS] = _shared(_seen(node))
    return known


_SHARED: dict[Any, Any] = {}


def _shared(value: Any) -> Any:
    """The one object that stands for all equal ones: few serve many nodes."""
    return _SHARED.setdefault(value, value)


def _seen(node: Tensor) -> Traits:
    below = inner_heads(node)
    if type(node) is Einsum:
        return Traits(below, _marks_of_product(node))
    if type(node) is Add:
        return Traits(below, frozenset(_twice(map(_shown, node.operands))))
    return Traits(below)


def _shown(term: Tensor) -> Tensor:
    """What a term shows through a view."""
    while type(term) is Einsum and len(term.operands) == 1:
        (term,) = term.operands
    return term


def _twice(nodes: Iterable[Tensor]) -> Iterator[tuple[str, Operation]]:
    counts = Counter(node.operation for node in nodes if isinstance(node, Apply))
    return (two_of(operation) for operation, count in counts.items() if count > 1)


def _marks_of_product(node: Einsum) -> Marks:
    operands = opened_operands(node)
    found: set[Any] = set().union(*(facts.facts(operand) for operand in operands))
    found.update(_twice(operands))
    if len(set(operands)) < len(operands):
        found.add(REPEATS)
    if network.lone_labels(node):
        found.add(LONE)
    return frozenset(found) if found else _NONE


def opened_operands(node: Tensor) -> list[Tensor]:
    """The operands of a product and of the products among them, as deep as rules look."""
    layer = found = list(node.operands)
    for _ in range(network.LEVELS):
        layer = [inner for part in layer if type(part) is Einsum for inner in part.operands]
        if not layer:
            break
        found = found + layer
        if len(found) > _MOST_LOOKED_AT:
            break
    return found


# ---------------------------------------------------------------------------- rules


class Screen:
    """What a pattern asks of the traits of a node before it is matched.

    Attributes:
        asks: the marks that the node must have.
    """

    def __init__(self, root: pt.Pattern) -> None:
        parts = pt.children(root) if isinstance(root, (pt.PNet, pt.PSum)) else []
        counts = Counter(
            part.operation
            for part in parts
            if isinstance(part, pt.PApply) and part.operation not in pt.MIRRORED
        )
        asks: set[Any] = {two_of(operation) for operation, count in counts.items() if count > 1}
        self.properties: list[frozenset[str]] = []
        if isinstance(root, pt.PNet):
            plain = [part for part in parts if isinstance(part, pt.PVar)]
            self.properties = [
                frozenset(part.kind.properties) for part in plain if part.kind.properties
            ]
            asks.update(*self.properties)
            if len({part.variable for part in plain}) < len(plain):
                asks.add(REPEATS)
            if any(sum(label in part.labels for part in parts) == 1 for label in root.summed):
                asks.add(LONE)
        self.asks: Marks = frozenset(asks)

    def passes(self, node: Tensor) -> bool:
        """Whether for each variable with properties there is an operand that has them all."""
        if not self.properties:
            return True
        operands = opened_operands(node)
        return all(
            any(wanted <= facts.facts(operand) for operand in operands)
            for wanted in self.properties
        )
