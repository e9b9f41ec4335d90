"""Matching a pattern against a node: generators of states, by backtracking.

The parts of a product are matched as a network (any connected part of a contraction whose inner
labels occur nowhere else), the terms of a sum in any order; at the root of a pattern a product or
a sum may have further operands, which the rule leaves alone.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, add_terms, scaled
from symflow.core.add import split
from symflow.core.dims import Dim
from symflow.core.labels import Labels
from symflow.ops.linalg import INV
from symflow.rewriting import pattern as pt
from symflow.rewriting.search import Item, Search, readings
from symflow.rewriting.state import Bound, State, met_again, peeled

Found = Iterator[State]
Opened = tuple[list[Item], sp.Expr, Labels, bool]
_MOST_OPENED = 12


class Matcher:
    """One attempt to match; owns the labels of the target.

    Args:
        compiled: the pattern.
    """

    def __init__(self, compiled: pt.Compiled) -> None:
        self.compiled = compiled
        self.sizes: dict[int, Dim] = {}

    def fresh(self, sizes: Sequence[Dim]) -> Labels:
        """New target labels of these sizes."""
        start = len(self.sizes)
        for number, size in enumerate(sizes):
            self.sizes[start + number] = size
        return tuple(range(start, start + len(sizes)))

    # ------------------------------------------------------------------ any part

    def match(self, part: pt.Pattern, node: Tensor, labels: Labels, state: State) -> Found:
        """The states in which a part of the pattern is the node under these labels."""
        if isinstance(part, pt.PVar):
            return self._variable(part, node, labels, state)
        if isinstance(part, pt.PApply):
            return self._apply(part, node, labels, state)
        if isinstance(part, pt.PSum):
            return self._sum(part, node, labels, state)
        return self._net(part, node, labels, state)

    # ------------------------------------------------------------------ variables

    def _variable(self, part: pt.PVar, node: Tensor, labels: Labels, state: State) -> Found:
        node, labels = peeled(node, labels)
        bound = state.nodes.get(part.variable)
        if bound is not None:
            if bound.node is node:
                for reading in readings(node, labels):
                    again = met_again(state, bound, part.labels, reading)
                    if again is not None:
                        yield again
            return
        if len(labels) < len(part.labels):
            return
        if len(part.labels) == 2:
            yield from self._matrix_variable(part, node, labels, state)
            return
        for label in part.labels:
            known = state.labels.get(label)
            if known is not None and not set(known) <= set(labels):
                return
        yield state.with_node(part.variable, Bound(node, labels, part.labels))

    def _matrix_variable(self, part: pt.PVar, node: Tensor, labels: Labels, state: State) -> Found:
        """A matrix met for the first time: its two axes, in either order, the rest being batch."""
        known = [state.labels.get(label) for label in part.labels]
        for pair in permutations(labels if len(labels) < 4 else labels[-2:], 2):
            if any(k is not None and k != (t,) for k, t in zip(known, pair, strict=True)):
                continue
            found = state.with_labels(part.labels, pair)
            if found is not None:
                yield found.with_node(part.variable, Bound(node, labels, part.labels))

    # ------------------------------------------------------------------ operations

    def _apply(self, part: pt.PApply, node: Tensor, labels: Labels, state: State) -> Found:
        node, labels = peeled(node, labels)
        if not isinstance(node, Apply):
            return
        if node.operation is not part.operation:
            if pt.MIRRORED.get(part.operation) is node.operation:
                yield from self._each(part.operands, node.operands[::-1], labels, state)
            return
        if part.style == pt.ELEMENTWISE:
            current = _with_params(part, node, state)
            if current is not None:
                yield from self._elementwise(part, node, labels, current)
        elif part.style in (pt.MATRIX, pt.DETERMINANT):
            if node.params == part.params:
                yield from self._matrix(part, node, labels, state)
        else:
            yield from self._axes(part, node, labels, state)

    def _elementwise(self, part: pt.PApply, node: Apply, labels: Labels, state: State) -> Found:
        orders: Iterator[tuple[Tensor, ...]] = iter([node.operands])
        if "commutative" in part.operation.facts:
            orders = permutations(node.operands)
        for operands in orders:
            yield from self._each(part.operands, operands, labels, state)

    def _each(
        self, parts: Sequence[pt.Pattern], nodes: Sequence[Tensor], labels: Labels, state: State
    ) -> Found:
        if not parts:
            yield state
            return
        for found in self.match(parts[0], nodes[0], labels, state):
            yield from self._each(parts[1:], nodes[1:], labels, found)

    def _matrix(self, part: pt.PApply, node: Apply, labels: Labels, state: State) -> Found:
        (operand,) = node.operands
        batch = labels if part.style == pt.DETERMINANT else labels[:-2]
        inner = self.fresh(operand.shape[-2:])
        readings = [(labels[-2:], inner)]
        if part.operation is INV:  # inv(A).T is inv(A.T): either way round is the same pattern
            readings.append((labels[:-3:-1], inner[::-1]))
        for own, below in readings:
            current: State | None = state
            if part.style == pt.MATRIX:
                current = state.with_labels(part.labels, own)
            current = current.with_labels(part.inner, below) if current is not None else None
            if current is not None:
                yield from self.match(part.operands[0], operand, (*batch, *inner), current)

    def _axes(self, part: pt.PApply, node: Apply, labels: Labels, state: State) -> Found:
        (operand,), axes = node.operands, node.params[0]
        if part.style == pt.AXIS:
            chosen = tuple(labels[axis] for axis in axes)
            below = labels
        else:
            chosen = self.fresh([operand.shape[axis] for axis in axes])
            outer, reduced = iter(labels), iter(chosen)
            below = tuple(next(reduced) if a in axes else next(outer) for a in range(operand.rank))
        current = state.with_label(part.inner[0], chosen) if len(part.inner) == 1 else None
        if current is not None:
            yield from self.match(part.operands[0], operand, below, current)

    # ------------------------------------------------------------------ sums

    def _sum(self, part: pt.PSum, node: Tensor, labels: Labels, state: State) -> Found:
        for found, rest, scale in self.sum_terms(part, node, labels, state, sp.S.One):
            if not rest and scale is sp.S.One:
                yield found

    def mirrored_power(self, part: pt.PApply, node: Tensor, labels: Labels, state: State) -> Found:
        """A sum to a whole power where the node has the sum with the opposite sign."""
        node, labels = peeled(node, labels)
        if not isinstance(node, Apply) or node.operation is not part.operation:
            return
        (inner,), (exponent,) = part.operands, node.params
        assert isinstance(inner, pt.PSum)
        if part.params != node.params:
            return
        minus = sp.S.NegativeOne
        for found, rest, scale in self.sum_terms(inner, node.operands[0], labels, state, minus):
            if not rest and scale == minus:
                yield found.scaled(minus**exponent)

    def sum_terms(
        self, part: pt.PSum, node: Tensor, labels: Labels, state: State, scale: sp.Expr | None
    ) -> Iterator[tuple[State, list[tuple[sp.Expr, Tensor]], sp.Expr]]:
        """Ways to find a sum among the terms of a node, with the terms left and the scale.

        Args:
            part: the sum of the pattern.
            node: where to look.
            labels: labels of the node's axes.
            state: bindings so far.
            scale: how much larger the node's coefficients are; None where any scale will do.
        """
        terms = linear_terms(node)
        concrete = [t for t in part.terms if not isinstance(t[1], pt.PVar)]
        concrete.sort(key=lambda t: 1 if t[1] is None else 0)
        plain = [t for t in part.terms if isinstance(t[1], pt.PVar)]
        if scale is not None and len(concrete) > len(terms):
            return
        for found, left, known in self._concrete(concrete, terms, labels, state, scale):
            yield from self._plain(plain, left, labels, found, known)

    def _concrete(
        self,
        parts: Sequence[tuple[sp.Expr, pt.Pattern | None]],
        terms: list[tuple[sp.Expr, Tensor]],
        labels: Labels,
        state: State,
        scale: sp.Expr | None,
    ) -> Iterator[tuple[State, list[tuple[sp.Expr, Tensor]], sp.Expr | None]]:
        if not parts:
            yield state, terms, scale
            return
        wanted, part = parts[0]
        for k, (coefficient, term) in enumerate(terms):
            for found, factor in self._term(part, term, labels, state):
                ratio = coefficient * factor / wanted
                if scale is not None and ratio != scale:
                    continue
                left = terms[:k] + terms[k + 1 :]
                yield from self._concrete(parts[1:], left, labels, found, ratio)

    def _term(
        self, part: pt.Pattern | None, term: Tensor, labels: Labels, state: State
    ) -> Iterator[tuple[State, sp.Expr]]:
        if part is None:
            if pt.is_constant(term):
                yield state, sp.S.One
            return
        if isinstance(part, pt.PNet) and isinstance(term, Einsum):
            # a numeric coefficient belongs to the term, not to the product
            for found in self._net(part, term, labels, state, free=True):
                yield found.with_factor(sp.S.One), found.factor
            return
        for found in self.match(part, term, labels, state):
            yield found, sp.S.One

    def _plain(
        self,
        parts: Sequence[tuple[sp.Expr, pt.Pattern | None]],
        terms: list[tuple[sp.Expr, Tensor]],
        labels: Labels,
        state: State,
        scale: sp.Expr | None,
    ) -> Iterator[tuple[State, list[tuple[sp.Expr, Tensor]], sp.Expr]]:
        """Variables among the terms: bound ones are looked up, the last one takes the rest."""
        if scale is None:
            return
        unbound = []
        for wanted, part in parts:
            assert isinstance(part, pt.PVar)
            bound = state.nodes.get(part.variable)
            if bound is None:
                unbound.append((wanted, part))
                continue
            again = _renamed(state, bound, part.labels, labels)
            if again is None:
                return
            state, names = again
            less = _without(terms, bound, names, wanted * scale, labels)
            if less is None:
                return
            terms = less
        if not unbound:
            yield state, terms, scale
        elif len(unbound) == 1 and terms:
            wanted, part = unbound[0]
            node = _total(terms, wanted * scale)
            for found in self._variable(part, node, labels, state):
                yield found, [], scale

    # ------------------------------------------------------------------ products

    def _net(
        self, part: pt.PNet, node: Tensor, labels: Labels, state: State, *, free: bool = False
    ) -> Found:
        """A whole contraction; ``free`` leaves its coefficient in the state's factor."""
        if not part.parts:
            yield from self._literal(part, node, labels, state)
            return
        target = self._opened(node, labels)
        if target is None or target[3] != bool(part.equal):
            return
        found = False
        for final in self._whole(part, target, labels, state, free=free):
            found = True
            yield final
        if not found:
            deeper = self._opened_deeply(target[0])
            if deeper is not None:
                items, factor, more = deeper
                opened = (items, target[1] * factor, target[2] + more, target[3])
                yield from self._whole(part, opened, labels, state, free=free)

    def _whole(
        self,
        part: pt.PNet,
        target: "Opened",
        labels: Labels,
        state: State,
        *,
        free: bool,
    ) -> Found:
        items, coefficient, summed, _ = target
        group = [s for s in part.summed if s not in self.compiled.singles]
        current: State | None = state
        if len(group) == 1 and len(part.summed) == 1:
            if not summed:
                return
            current = state.with_label(group[0], summed)
        if current is None:
            return
        spare = not free and coefficient != part.coefficient
        search = Search(self, part, items, summed, labels, whole=True, spare=spare)
        for final, used in search.matches(current):
            ratio = coefficient / part.coefficient * final.factor
            if len(used) == len(items) and (free or ratio is sp.S.One or ratio == 1):
                yield final.with_factor(ratio if free else state.factor)
            elif len(used) == len(items):
                yield from self._absorbed(part, final, state, ratio)

    def _absorbed(self, part: pt.PNet, final: State, state: State, ratio: sp.Expr) -> Found:
        """A number that the pattern does not have goes into a plain variable of the product."""
        for sub in part.parts:
            if not isinstance(sub, pt.PVar) or sub.variable in state.nodes:
                continue
            if sum(1 for other in part.parts if pt.variables_of(other) & {sub.variable}) > 1:
                continue
            bound = final.nodes[sub.variable]
            node, labels = peeled(scaled(ratio, bound.node), bound.labels)
            fresh = final.with_node(sub.variable, Bound(node, labels, bound.met))
            yield fresh.with_factor(state.factor)
            return

    def _literal(self, part: pt.PNet, node: Tensor, labels: Labels, state: State) -> Found:
        """A constant, or an identity matrix."""
        if not isinstance(node, Einsum) or node.operands or node.coefficient != part.coefficient:
            return
        if (node.dtype == "bool") != (part.dtype == "bool"):
            return
        repeated = [k for k, label in enumerate(node.output) if node.output.count(label) > 1]
        if not part.equal:
            if not repeated:
                yield state
            return
        if len(repeated) == 2:
            for order in permutations(repeated):
                found = state.with_labels(part.labels, tuple(labels[k] for k in order))
                if found is not None:
                    yield found

    def _opened_deeply(self, items: list[Item]) -> tuple[list[Item], sp.Expr, Labels] | None:
        """The operands with all nested contractions opened; None where there are none."""
        if not any(isinstance(node, Einsum) for node, _ in items):
            return None
        pending = list(items)
        flat: list[Item] = []
        factor: sp.Expr = sp.S.One
        more: Labels = ()
        while pending:
            node, labels = pending.pop(0)
            inner = self._opened(node, labels) if isinstance(node, Einsum) else None
            if inner is None or inner[3] or len(set(labels)) < len(labels):
                flat.append((node, labels))
                continue
            pending.extend(inner[0])
            factor = factor * inner[1]
            more += inner[2]
            if len(flat) + len(pending) > _MOST_OPENED:
                return None
        return flat, factor, more

    def _opened(self, node: Tensor, labels: Labels) -> "Opened | None":
        """The operands of a contraction under the labels of the match, and what it sums."""
        if not isinstance(node, Einsum):
            return [(node, labels)], sp.S.One, (), False
        names: dict[int, int] = {}
        diagonal = False
        for local, outer in zip(node.output, labels, strict=True):
            diagonal = diagonal or local in names
            names.setdefault(local, outer)
        inner = node.summed
        summed = self.fresh([node.sizes[local] for local in inner])
        names.update(zip(inner, summed, strict=True))
        items = [
            (operand, tuple(names[local] for local in subscripts))
            for operand, subscripts in zip(node.operands, node.subscripts, strict=True)
        ]
        return items, node.coefficient, summed, diagonal

    def network(
        self,
        part: pt.PNet,
        items: list[Item],
        summed: Labels,
        shown: Labels,
        state: State,
    ) -> Iterator[tuple[State, frozenset[int]]]:
        """Ways to find the parts of a product among operands, with the operands used.

        Args:
            part: the product of the pattern.
            items: operands with labels.
            summed: the labels that the contraction sums.
            shown: the labels of its output.
            state: bindings so far.
        """
        search = Search(self, part, items, summed, shown, whole=False)
        yield from search.matches(state)


def _with_params(part: pt.PApply, node: Apply, state: State) -> State | None:
    """Static parameters compared; a number of the pattern takes any value."""
    current: State | None = state
    for wanted, actual in zip(part.params, node.params, strict=True):
        if current is None:
            return None
        if isinstance(wanted, sp.Symbol):
            current = current.with_number(wanted, actual)
        elif wanted != actual:
            return None
    return current


def linear_terms(node: Tensor) -> list[tuple[sp.Expr, Tensor]]:
    """A node as a sum of scaled terms; constants as multiples of ones."""
    coefficient, core = split(node)
    if isinstance(core, Add):
        return [_valued(coefficient * c, term) for c, term in core.terms]
    return [_valued(coefficient, core)]


def _valued(coefficient: sp.Expr, term: Tensor) -> tuple[sp.Expr, Tensor]:
    inner, core = split(term)
    return coefficient * inner, core


def _total(terms: list[tuple[sp.Expr, Tensor]], divisor: sp.Expr) -> Tensor:
    first = terms[0][1]
    return add_terms([(c / divisor, term) for c, term in terms], first.shape, first.dtype)


def _renamed(
    state: State, bound: Bound, pattern: Labels, labels: Labels
) -> tuple[State, dict[int, int]] | None:
    """Under which labels a bound variable would stand among terms with these labels."""
    names = {label: label for label in bound.labels}
    current: State | None = state
    for first, second in zip(bound.met, pattern, strict=True):
        own = state.labels.get(first)
        other = state.labels.get(second)
        if own is None:
            return None
        if other is None:
            other = tuple(label for label in labels if label not in names or label in own)
            current = current.with_label(second, other) if current is not None else None
        if len(own) != len(other):
            return None
        names.update(zip(own, other, strict=True))
    return None if current is None else (current, names)


def _without(
    terms: list[tuple[sp.Expr, Tensor]],
    bound: Bound,
    names: dict[int, int],
    factor: sp.Expr,
    labels: Labels,
) -> list[tuple[sp.Expr, Tensor]] | None:
    """The terms less ``factor`` times a bound variable; None where they do not contain it."""
    left = list(terms)
    for coefficient, core in linear_terms(bound.node):
        own, mine = peeled(core, bound.labels)
        wanted = tuple(names[label] for label in mine)
        for k, (c, term) in enumerate(left):
            if peeled(term, labels) == (own, wanted) and c == coefficient * factor:
                del left[k]
                break
        else:
            return None
    return left
