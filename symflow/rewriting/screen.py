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
_UNDER = "under operations in terms"
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
            ``LONE``; :func:`two_of` the operations that head two terms or operands, and which
            operations are :func:`nested` in them.
    """

    below: Heads
    marks: Marks = _NONE


def two_of(operation: Operation) -> tuple[str, Operation]:
    """The mark of a node that has two terms or operands of an operation."""
    return ("two of", operation)


def nested(outer: Operation, inner: Head) -> tuple[Operation, Head]:
    """The mark of a node that has a term or operand of one operation on the result of another."""
    return (outer, inner)


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
        return Traits(below, frozenset(_heads_of(map(_shown, node.operands))))
    return Traits(below)


def _shown(term: Tensor) -> Tensor:
    """What a term shows through a view."""
    while type(term) is Einsum and len(term.operands) == 1:
        (term,) = term.operands
    return term


def _heads_of(nodes: Iterable[Tensor]) -> set[Any]:
    """The marks of terms or operands that are operations."""
    applied = [node for node in nodes if isinstance(node, Apply)]
    found: set[Any] = {
        nested(node.operation, head(_shown(inner))) for node in applied for inner in node.operands
    }
    if len(applied) > 1:
        counts = Counter(node.operation for node in applied)
        found.update(two_of(operation) for operation, count in counts.items() if count > 1)
    return found


def _marks_of_product(node: Einsum) -> Marks:
    operands = opened_operands(node)
    found: set[Any] = set().union(*(facts.facts(operand) for operand in operands))
    found.update(_heads_of(operands))
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
        applied = [part for part in parts if isinstance(part, pt.PApply)]
        asks = _asked(applied)
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
        self.joins = _joins(root)

    def passes(self, node: Tensor) -> bool:
        """A closer look, at operands together.

        For each variable with properties there must be an operand that has them all; where a
        variable stands beside a sum and under an operation in it, so must an operand.
        """
        if not (self.properties or self.joins):
            return True
        operands = opened_operands(node)
        if not all(_meets(operands, operation) for operation in self.joins):
            return False
        return all(
            any(wanted <= facts.facts(operand) for operand in operands)
            for wanted in self.properties
        )


def _asked(applied: list[pt.PApply]) -> set[Any]:
    """The marks that parts of a pattern which are operations ask for."""
    known = [part for part in applied if part.operation not in pt.MIRRORED]
    counts = Counter(part.operation for part in known)
    asks: set[Any] = {two_of(operation) for operation, count in counts.items() if count > 1}
    for part in known:
        for inner in part.operands:
            if isinstance(inner, pt.PApply) and inner.operation not in pt.MIRRORED:
                asks.add(nested(part.operation, inner.operation))
    return asks


def _joins(root: pt.Pattern) -> frozenset[Operation]:
    """The operations under which a variable of a product occurs in a sum of the product, too."""
    if not isinstance(root, pt.PNet):
        return _NONE
    plain = {part.variable for part in root.parts if isinstance(part, pt.PVar)}
    return frozenset(
        inner.operation
        for part in root.parts
        if isinstance(part, pt.PSum)
        for inner in pt.walk(part)
        if isinstance(inner, pt.PApply)
        for operand in inner.operands
        if isinstance(operand, pt.PVar) and operand.variable in plain
    )


def _meets(operands: list[Tensor], operation: Operation) -> bool:
    """Whether an operand occurs also under an operation in a sum among the operands."""
    return any(
        type(part) is Add and not _under(part).get(operation, _NONE).isdisjoint(operands)
        for part in operands
    )


def _under(node: Add) -> dict[Operation, frozenset[Tensor]]:
    """What the operations among the terms of a sum are applied to, and the factors of that."""
    cache = node.cache
    if cache is None:
        cache = node.cache = {}
    known: dict[Operation, frozenset[Tensor]] | None = cache.get(_UNDER)
    if known is None:
        found: dict[Operation, set[Tensor]] = {}
        for term in node.operands:
            for factor in opened_operands(term) if type(term) is Einsum else (term,):
                if isinstance(factor, Apply):
                    held = found.setdefault(factor.operation, set())
                    for operand in map(_shown, factor.operands):
                        held.add(operand)
                        held.update(operand.operands if type(operand) is Einsum else ())
        known = cache[_UNDER] = {operation: frozenset(held) for operation, held in found.items()}
    return known
