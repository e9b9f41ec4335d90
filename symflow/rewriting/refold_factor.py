"""Un-distribution: the factors that terms of a sum share are cut out.

Terms that show one signature are taken together, all factors common to them are cut out, the
rests are added up and factored in turn, and the factors are put around the result.  Where there
is a choice, the one that leaves the fewest operators wins, within a budget.
"""

from collections.abc import Iterable, Sequence

import sympy as sp

from symflow.core import Add, Einsum, Tensor, add_terms, dtypes
from symflow.core.add import scaled, split
from symflow.core.dims import Dim, Shape
from symflow.core.labels import Labels
from symflow.rewriting import network
from symflow.rewriting.refold_cost import bits, effort, flips, operators
from symflow.rewriting.refold_pairs import saving
from symflow.rewriting.refold_terms import (
    Factor,
    Pair,
    Signature,
    Term,
    joined,
    read_term,
    rest_node,
    seen_from_outside,
    spread,
    turned,
)

Group = tuple[int, ...]
CANDIDATES = 8
BUDGET = 48  # candidates tried for one sum before the search becomes greedy
_SEARCHED = 24  # terms; longer sums are factored greedily
_PAIRED = 12  # products; with more of them sharing is not estimated
_SWEEPS = 8
_SLACK = 1e-6


class Cut:
    """Terms whose common factors are being cut out.

    Attributes:
        terms: what is left of them.
        factors: what was cut out, on seats.
        equal: pairs of axes of the sum joined by a delta that was cut out.
        sizes: the size of each seat.
    """

    def __init__(self, terms: Iterable[Term], shape: Shape) -> None:
        self.terms = [term.copy() for term in terms]
        self.factors: list[Factor] = []
        self.equal: list[Pair] = []
        self.rank = len(shape)
        self.sizes: dict[int, Dim] = dict(enumerate(shape))
        self.most = max(
            [len(shape), *(len(f.labels) for term in self.terms for f in term.factors)]
        )

    def run(self) -> bool:
        """Cut out all that the terms have in common; says whether there was anything."""
        shared = set(self.terms[0].deltas).intersection(*(term.deltas for term in self.terms))
        for pair in sorted(shared):
            self.equal.append(pair)
            for term in self.terms:
                term.deltas = tuple(other for other in term.deltas if other != pair)
        refused: set[Signature] = set()
        while True:
            tables = [term.signatures() for term in self.terms]
            common = [
                signature
                for signature in tables[0]
                if signature not in refused and all(signature in table for table in tables)
            ]
            if not common:
                return bool(self.factors or self.equal)
            signature = min(common, key=_inner_axes)
            places = [table[signature] for table in tables]
            if self._rank_without(places) > self.most:
                refused.add(signature)
            else:
                self._take(signature, places)

    def _rank_without(self, places: Sequence[int]) -> int:
        """The rank of the sum of the rests once these factors are cut out."""
        least = min(
            abs(term.factors[k].exponent) for term, k in zip(self.terms, places, strict=True)
        )
        used: set[int] = set()
        for term, place in zip(self.terms, places, strict=True):
            factor = term.factors[place]
            labels = turned(factor, term.seats)
            fresh = {
                label: -1 - axis for axis, label in enumerate(labels) if label not in term.seats
            }
            used.update(seat for pair in term.deltas for seat in pair)
            for k, other in enumerate(term.factors):
                if k == place and abs(factor.exponent) == least:
                    continue
                for label in other.labels:
                    seat = term.seats.get(label, fresh.get(label))
                    if seat is not None:
                        used.add(seat)
        return len(used)

    def _take(self, signature: Signature, places: Sequence[int]) -> None:
        base, positive, pattern = signature
        least = min(
            abs(term.factors[k].exponent) for term, k in zip(self.terms, places, strict=True)
        )
        least = least if positive else -least
        new_seats = {name: max(self.sizes, default=-1) + 1 - name - 1 for name in pattern if name < 0}
        seats = tuple(new_seats.get(seat, seat) for seat in pattern)
        for term, place in zip(self.terms, places, strict=True):
            factor = term.factors[place]
            for label, seat in zip(turned(factor, term.seats), seats, strict=True):
                term.seats[label] = seat
                self.sizes[seat] = term.sizes[label]
            left = factor.exponent - least
            if left:
                term.factors[place] = factor._replace(exponent=left)
            else:
                del term.factors[place]
        self.factors.append(Factor(base, least, seats))

    def axes(self) -> tuple[int, ...]:
        """The seats of the sum of the rests, in the order that needs the fewest transposes."""
        seats = tuple(sorted(set().union(*(term.used_seats() for term in self.terms))))
        if len(seats) != 2:
            return self._as_in_a_factor(seats)
        back = seats[::-1]
        return back if self._turns(back) < self._turns(seats) else seats

    def _as_in_a_factor(self, seats: tuple[int, ...]) -> tuple[int, ...]:
        for term in self.terms:
            for factor in term.factors:
                pattern = seen_from_outside(factor, term.seats)
                if len(pattern) > 1 and set(pattern) == set(seats) and len(pattern) == len(seats):
                    return pattern
        return seats

    def _turns(self, seats: tuple[int, ...]) -> int:
        total = 0
        for term in self.terms:
            named = {seat: label for label, seat in term.seats.items()}
            items = [item for f in term.factors for item in spread(f, f.labels)[1]]
            if all(seat in named for seat in seats):
                against, whole = flips(items, [named[seat] for seat in seats])
                total += len(against) + whole
        outer: list[tuple[object, Labels]] = [(None, seats)]
        outer += [item for f in self.factors for item in spread(f, f.labels)[1]]
        against, whole = flips(outer, range(self.rank))
        return total + len(against) + whole


def _inner_axes(signature: Signature) -> int:
    return sum(seat < 0 for seat in signature[2])


class Factoring:
    """Factors sums; remembers what it found."""

    def __init__(self, there: set[Tensor]) -> None:
        """Start with the sums of a graph, which cost nothing to use again."""
        self.found: dict[Tensor, Tensor] = {}
        self.read: dict[tuple[sp.Expr, Tensor], tuple[Term, float]] = {}
        self.free = _Free(there)
        self.left = 0

    def factored(self, node: Add) -> Tensor:
        """The sum factored, or itself."""
        if dtypes.kind(node.dtype) == "bool":
            return node
        known = self.found.get(node)
        if known is not None:
            return known
        self.free.begin(node)
        self.left = BUDGET
        result = self._solved(node)
        self.free.there.add(split(result)[1])
        return result

    def _solved(self, node: Tensor) -> Tensor:
        coefficient, core = split(node)
        if not isinstance(core, Add):
            return node
        found = self.found.get(core)
        if found is None:
            terms = [self._read(c, term) for c, term in core.terms]
            if len(terms) > _SEARCHED:
                found = self._swept(core)
            else:
                found = self._searched(core, terms)
            self.found[core] = found
        return scaled(coefficient, found)

    def _read(self, coefficient: sp.Expr, node: Tensor) -> tuple[Term, float]:
        key = (coefficient, node)
        known = self.read.get(key)
        if known is None:
            if isinstance(node, Einsum):
                sizes = dict(enumerate(node.sizes))
                work = effort(network.items(node), node.output, sizes)
            else:
                work = sum(map(bits, node.shape))
            known = self.read[key] = (read_term(coefficient, node), work)
        return known

    def _searched(self, core: Add, terms: list[tuple[Term, float]]) -> Tensor:
        groups = _candidates([term for term, _ in terms])
        if not groups:
            return core
        best: Tensor = core
        least = self._cost(core)
        tried = groups[: CANDIDATES if self.left > 0 else 1]
        self.left -= len(tried)
        for group in tried:
            candidate = self._around(core, terms, group)
            if candidate is None:
                continue
            cost = self._cost(candidate) + _margin(core, candidate)
            if cost < least or (cost == least and best is core and _is_neater(candidate)):
                best, least = candidate, cost
        return best

    def _around(self, core: Add, terms: list[tuple[Term, float]], group: Group) -> Tensor | None:
        """The sum with what a group of its terms has in common cut out."""
        product = self._cut_out(core, [terms[k] for k in group])
        if product is None or len(group) == len(terms):
            return product
        chosen = set(group)
        rest = [pair for k, pair in enumerate(core.terms) if k not in chosen]
        return self._solved(add_terms([*rest, (sp.S.One, product)], core.shape, core.dtype))

    def _cut_out(self, core: Add, terms: list[tuple[Term, float]]) -> Tensor | None:
        cut = Cut((term for term, _ in terms), core.shape)
        if not cut.run():
            return None
        axes = cut.axes()
        shape = tuple(cut.sizes[seat] for seat in axes)
        most = max(work for _, work in terms) + _SLACK
        if any(_work(term, axes, shape) > most for term in cut.terms):
            return None
        rests = [rest_node(term, axes, shape, core.dtype) for term in cut.terms]
        if any(rest.dtype != core.dtype for rest in rests):
            return None
        pairs = [pair for rest in rests for pair in self._opened(rest)]
        inner = self._solved(add_terms(pairs, shape, core.dtype))
        return joined(cut.factors, cut.equal, inner, axes, core.shape, cut.sizes)

    def _opened(self, rest: Tensor) -> list[tuple[sp.Expr, Tensor]]:
        """A rest as terms: a sum that nothing else uses is taken apart."""
        coefficient, core = split(rest)
        if isinstance(core, Add) and core not in self.free:
            return [(coefficient * c, term) for c, term in core.terms]
        return [(coefficient, core)]

    def _cost(self, node: Tensor) -> int:
        total, products = operators(node, self.free)
        return total - saving(products) if len(products) <= _PAIRED else total

    def _swept(self, core: Add) -> Tensor:
        """A long sum factored greedily: each term joins the largest group that it fits."""
        best: Tensor = core
        for _ in range(_SWEEPS):
            coefficient, current = split(best)
            if not isinstance(current, Add):
                break
            terms = [self._read(c, term) for c, term in current.terms]
            pieces: list[tuple[sp.Expr, Tensor]] = []
            taken: set[int] = set()
            for group in _partition([term for term, _ in terms]):
                product = self._cut_out(current, [terms[k] for k in group])
                if product is not None:
                    pieces.append((sp.S.One, product))
                    taken.update(group)
            if not taken:
                break
            pieces.extend(pair for k, pair in enumerate(current.terms) if k not in taken)
            best = scaled(coefficient, add_terms(pieces, current.shape, current.dtype))
        return best if self._cost(best) <= self._cost(core) else core


class _Free:
    """What a sum under work may use at no cost: the operands of its terms, the graph's sums."""

    def __init__(self, there: set[Tensor]) -> None:
        self.there = there
        self.operands: set[Tensor] = set()
        self.current: Tensor | None = None

    def begin(self, node: Add) -> None:
        self.current = node
        self.operands = {operand for term in node.operands for operand in _atoms(term)}

    def __contains__(self, node: object) -> bool:
        return node in self.operands or (node in self.there and node is not self.current)


def _atoms(term: Tensor) -> tuple[Tensor, ...]:
    return term.operands if isinstance(term, Einsum) else (term,)


def _margin(core: Add, candidate: Tensor) -> int:
    """What a factoring must save besides: ``x @ A @ x + b @ x`` stays as it is written."""
    if core.shape or not isinstance(candidate, Einsum):
        return 0
    return 1 if any(operand.rank for operand in candidate.operands) else 0


def _is_neater(candidate: Tensor) -> bool:
    """Whether a factoring that saves nothing is how one writes it: ``s - s*s`` as ``s*(1 - s)``."""
    if not isinstance(candidate, Einsum):
        return False
    return any(
        isinstance(operand, Add)
        and any(isinstance(term, Einsum) and not term.operands for term in operand.operands)
        for operand in candidate.operands
    )


def _work(term: Term, axes: Sequence[int], shape: Shape) -> float:
    named = {seat: label for label, seat in term.seats.items()}
    first_of = {second: first for first, second in term.deltas}
    sizes = dict(term.sizes)
    output = []
    for axis, size in zip(axes, shape, strict=True):
        label = named.get(first_of.get(axis, axis))
        if label is None:
            label = -1 - axis
        sizes[label] = size
        output.append(label)
    items = [item for factor in term.factors for item in spread(factor, factor.labels)[1]]
    return effort(items, output, sizes)


def _index(terms: Sequence[Term]) -> dict[object, list[int]]:
    """The terms that show each signature or hold each delta."""
    where: dict[object, list[int]] = {}
    for number, term in enumerate(terms):
        for signature in term.signatures():
            where.setdefault(signature, []).append(number)
        for pair in term.deltas:
            where.setdefault(pair, []).append(number)
    return where


def _candidates(terms: Sequence[Term]) -> list[Group]:
    """Groups of terms that share something, the most promising first."""
    counts: dict[Group, int] = {}
    for group in _index(terms).values():
        if len(group) > 1:
            counts[tuple(group)] = counts.get(tuple(group), 0) + 1
    whole = tuple(range(len(terms)))
    if whole in counts:
        return [whole]
    sets = [(frozenset(group), count) for group, count in counts.items()]
    scores: dict[Group, int] = {}
    for group in counts:
        members = frozenset(group)
        common = sum(count for other, count in sets if members <= other)
        scores[group] = (len(group) - 1) * common
    return sorted(scores, key=lambda group: (-scores[group], group))


def _partition(terms: Sequence[Term]) -> list[Group]:
    """Disjoint groups of terms, by the signatures that most of them show."""
    groups = sorted(_index(terms).values(), key=len, reverse=True)
    taken: set[int] = set()
    result: list[Group] = []
    for group in groups:
        left = tuple(k for k in group if k not in taken)
        if len(left) > 1:
            taken.update(left)
            result.append(left)
    return result
