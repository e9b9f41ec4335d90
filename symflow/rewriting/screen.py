"""What can be seen of a node without matching: whether a rule can possibly apply to it.

A node's sight is what it shows to the nodes above it, its traits are what rules ask of it first.
Both follow from the sights of its operands, so that few of each serve many nodes, are worked out
once and compare by identity; a set of rules has one list of candidates for all nodes of the same
traits (:mod:`symflow.rewriting.ruleset`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from symflow.core import Add, Apply, Einsum, Operation, Tensor, dtypes
from symflow.core.walk import postorder
from symflow.ops import facts
from symflow.ops.known import Facts
from symflow.rewriting import network
from symflow.rewriting import pattern as pt

Head = Any
Heads = frozenset[Head]
Marks = frozenset[Any]
# traits that rules may ask for besides properties of operands
REPEATS = "a repeated operand"
LONE = "an axis that is summed in one operand alone"

_NONE: Marks = frozenset()
_SIGHT = "sight"
_TRAITS = "traits"
_UNDER = "under operations in terms"
_MOST_TERMS = 32
_MOST_LOOKED_AT = 32
_REMEMBERED = 1 << 15


def head(node: Tensor) -> Head:
    """What rules are dispatched by: the operation, or the class of the node."""
    return node.operation if type(node) is Apply else type(node)


# ---------------------------------------------------------------------------- sights


@dataclass(frozen=True, eq=False, slots=True)
class Sight:
    """What a node shows to those above it.

    Attributes:
        head: its head.
        plain: the heads at it and below it, looking through products.
        through: the same, looking also through one short sum.
        marks: which operations it is :func:`nested` on.
        bare: what is seen where it is a view; None for what is no view.
        complex: whether there are complex numbers anywhere in it.
    """

    head: Head
    plain: Heads
    through: Heads
    marks: Marks
    bare: "Sight | None"
    complex: bool

    @property
    def shown(self) -> "Sight":
        """What a term shows through a view."""
        return self if self.bare is None else self.bare


def sight(node: Tensor) -> Sight:
    """What a node shows; remembered on it."""
    cache = node.cache
    if cache is not None:
        known: Sight | None = cache.get(_SIGHT)
        if known is not None:
            return known
    for operand in node.operands:
        if operand.cache is None or _SIGHT not in operand.cache:
            for part in postorder([node], stop=_is_seen):
                _look(part)
            return sight(node)
    return _look(node)


def _is_seen(node: Tensor) -> bool:
    return node.cache is not None and _SIGHT in node.cache


def _look(node: Tensor) -> Sight:
    """Fill the sight of a node whose operands' are known."""
    cache = node.cache
    if cache is None:
        cache = node.cache = {}
    operands = tuple([operand.cache[_SIGHT] for operand in node.operands])  # type: ignore[index]
    look = _sight if len(operands) <= _MOST_TERMS else _sight.__wrapped__
    seen = cache[_SIGHT] = look(head(node), operands, dtypes.kind(node.dtype) == "complex")
    return seen


@lru_cache(maxsize=_REMEMBERED)
def _sight(outer: Head, operands: tuple[Sight, ...], own: bool) -> Sight:  # noqa: FBT001
    plain = through = frozenset([outer])
    marks, bare = _NONE, None
    if outer is Einsum:
        plain = plain.union(*(operand.plain for operand in operands))
        through = through.union(*(operand.through for operand in operands))
        bare = operands[0].shown if len(operands) == 1 else None
    elif outer is Add:
        if len(operands) <= _MOST_TERMS:
            through = through.union(*(operand.plain for operand in operands))
    elif isinstance(outer, Operation):
        marks = frozenset(nested(outer, operand.shown.head) for operand in operands)
    some = own or any(operand.complex for operand in operands)
    return _shared_sight(outer, plain, through, marks, bare, some)


_shared_sight = lru_cache(maxsize=_REMEMBERED)(Sight)


# ---------------------------------------------------------------------------- traits


@dataclass(frozen=True, eq=False, slots=True)
class Traits:
    """What rules ask first.

    Attributes:
        head: of the node.
        first: the head of its first operand, None where it has none.
        below: the heads of its operands, looking through products and one short sum.
        marks: of a product the facts known of any operand, nested ones included, ``REPEATS`` and
            ``LONE``; of products and sums :func:`two_of` the operations that head two terms or
            operands, and which operations are :func:`nested` in them.
        complex: whether there are complex numbers anywhere in the node.
    """

    head: Head
    first: Head
    below: Heads
    marks: Marks
    complex: bool


def two_of(operation: Operation) -> tuple[str, Operation]:
    """The mark of a node that has two terms or operands of an operation."""
    return ("two of", operation)


def nested(outer: Operation, inner: Head) -> tuple[Operation, Head]:
    """The mark of a node that has a term or operand of one operation on the result of another."""
    return (outer, inner)


def traits(node: Tensor) -> Traits:
    """The traits of a node; remembered on it."""
    cache = node.cache
    if cache is not None:
        known: Traits | None = cache.get(_TRAITS)
        if known is not None:
            return known
    own = sight(node)
    short = len(node.operands) <= _MOST_TERMS
    if type(node) is Einsum:
        parts = opened_operands(node)
        found = (_of_product if short else _of_product.__wrapped__)(
            own,
            len(node.operands),
            tuple(map(sight, parts)),
            tuple(map(facts.facts, parts)),
            len(set(parts)) < len(parts),
            bool(network.lone_labels(node)),
        )
    else:
        operands = tuple(map(sight, node.operands))
        found = (_of_others if short else _of_others.__wrapped__)(own, operands)
    assert node.cache is not None
    node.cache[_TRAITS] = found
    return found


@lru_cache(maxsize=_REMEMBERED)
def _of_product(
    own: Sight,
    count: int,
    parts: tuple[Sight, ...],
    have: tuple[Facts, ...],
    repeats: bool,  # noqa: FBT001  (keys of the cache)
    lone: bool,  # noqa: FBT001
) -> Traits:
    found: set[Any] = _heads_of(parts).union(*have)
    if repeats:
        found.add(REPEATS)
    if lone:
        found.add(LONE)
    return _traits(own, parts[:count], frozenset(found))


@lru_cache(maxsize=_REMEMBERED)
def _of_others(own: Sight, operands: tuple[Sight, ...]) -> Traits:
    if own.head is not Add:
        return _traits(own, operands, _NONE)
    return _traits(own, operands, frozenset(_heads_of([term.shown for term in operands])))


def _traits(own: Sight, operands: tuple[Sight, ...], marks: Marks) -> Traits:
    first = operands[0].head if operands else None
    below = _NONE.union(*(operand.through for operand in operands))
    return _shared_traits(own.head, first, below, marks, own.complex)


_shared_traits = lru_cache(maxsize=_REMEMBERED)(Traits)


def _heads_of(parts: Sequence[Sight]) -> set[Any]:
    """The marks of terms or operands that are operations."""
    applied = [part for part in parts if isinstance(part.head, Operation)]
    found: set[Any] = set().union(*(part.marks for part in applied))
    if len(applied) > 1:
        counts = Counter(part.head for part in applied)
        found.update(two_of(operation) for operation, count in counts.items() if count > 1)
    return found


def _shown(term: Tensor) -> Tensor:
    """What a term shows through a view."""
    while type(term) is Einsum and len(term.operands) == 1:
        (term,) = term.operands
    return term


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
