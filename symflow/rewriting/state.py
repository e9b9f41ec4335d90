"""What a match has found so far: variables bound to labelled tensors, labels to labels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from symflow.core import Einsum, Tensor, Variable
from symflow.core.dims import Dim, is_one
from symflow.core.labels import Labels


@dataclass(frozen=True)
class Labelled:
    """A tensor with a label for each axis."""

    node: Tensor
    labels: Labels


@dataclass(frozen=True)
class Bound:
    """What a variable stands for: a tensor under labels, met where the pattern had ``met``."""

    node: Tensor
    labels: Labels
    met: Labels


NO_NUMBERS: Mapping[sp.Symbol, sp.Expr] = {}


class State:
    """Bindings of a match in progress; extended by copying.

    Attributes:
        labels: for pattern labels, the target labels they stand for.
        nodes: for variables, what they are bound to.
        factor: what the matched part is larger by than the pattern.
        numbers: for the pattern's numbers (exponents), their values.
    """

    __slots__ = ("factor", "labels", "nodes", "numbers")

    def __init__(
        self,
        labels: Mapping[int, Labels],
        nodes: Mapping[Variable, Bound],
        factor: sp.Expr = sp.S.One,
        numbers: Mapping[sp.Symbol, sp.Expr] = NO_NUMBERS,
    ) -> None:
        self.labels = labels
        self.nodes = nodes
        self.factor = factor
        self.numbers = numbers

    def with_factor(self, factor: sp.Expr) -> "State":
        """With the factor replaced."""
        return State(self.labels, self.nodes, factor, self.numbers)

    def with_number(self, symbol: sp.Symbol, value: sp.Expr) -> "State | None":
        """With a number bound; None where it is bound to another."""
        known = self.numbers.get(symbol)
        if known is not None:
            return self if known == value else None
        return State(self.labels, self.nodes, self.factor, {**self.numbers, symbol: value})

    def with_label(self, label: int, targets: Labels) -> "State | None":
        """With a pattern label bound; None where it is bound to something else."""
        known = self.labels.get(label)
        if known is not None:
            return self if known == targets else None
        return State({**self.labels, label: targets}, self.nodes, self.factor, self.numbers)

    def with_labels(self, pattern: Labels, targets: Labels) -> "State | None":
        """With several labels, each bound to one target label."""
        state: State | None = self
        for label, target in zip(pattern, targets, strict=True):
            if state is None:
                return None
            state = state.with_label(label, (target,))
        return state

    def with_node(self, variable: Variable, bound: Bound) -> "State":
        """With a variable bound."""
        return State(self.labels, {**self.nodes, variable: bound}, self.factor, self.numbers)

    def scaled(self, factor: sp.Expr) -> "State":
        """With the matched part larger by a factor."""
        if factor is sp.S.One:
            return self
        return self.with_factor(self.factor * factor)


def met_again(state: State, bound: Bound, pattern: Labels, labels: Labels) -> State | None:
    """A variable's tensor met under other labels: the labels that differ must be its axes."""
    own = bound.labels
    if len(own) != len(labels):
        return None
    claimed: set[int] = set()
    current: State | None = state
    for first, second in zip(bound.met, pattern, strict=True):
        places = _places(state, first, second, own, labels, lone=len(pattern) == 1)
        if places is None:
            continue
        claimed.update(places)
        current = current.with_label(first, tuple(own[k] for k in places)) if current else None
        current = current.with_label(second, tuple(labels[k] for k in places)) if current else None
        if current is None:
            return None
    same = all(own[k] == labels[k] for k in range(len(own)) if k not in claimed)
    return current if same else None


def _places(
    state: State, first: int, second: int, own: Labels, labels: Labels, *, lone: bool
) -> list[int] | None:
    """The axes of a bound tensor that a label of the pattern stands for; None if not known."""
    for label, where in ((first, own), (second, labels)):
        known = state.labels.get(label)
        if known is not None:
            return [where.index(t) for t in known] if set(known) <= set(where) else []
    differing = [k for k in range(len(own)) if own[k] != labels[k]]
    return differing if lone and differing else None


def peeled(node: Tensor, labels: Labels) -> tuple[Tensor, Labels]:
    """What a node shows of another one by permuting its axes, with the labels of that one."""
    while isinstance(node, Einsum) and len(node.operands) == 1:
        (inside,) = node.subscripts
        if node.coefficient is not sp.S.One or len(set(inside)) != len(inside):
            break
        if not set(inside) <= set(node.output) or len(set(node.output)) != len(node.output):
            break
        if node.operands[0].dtype != node.dtype:
            break
        names = dict(zip(node.output, labels, strict=True))
        node, labels = node.operands[0], tuple(names[label] for label in inside)
    return node, labels


def known_sizes(labels: Labels, shape: tuple[Dim, ...]) -> Iterator[tuple[int, Dim]]:
    """Labels with their sizes, those of size 1 last."""
    pairs = list(zip(labels, shape, strict=True))
    yield from (pair for pair in pairs if not is_one(pair[1]))
    yield from (pair for pair in pairs if is_one(pair[1]))
