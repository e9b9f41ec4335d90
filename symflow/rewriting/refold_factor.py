"""Un-distribution: the factors that terms of a sum share are cut out.

Terms that show one signature are taken together, all factors common to them are cut out, the
rests are added up and factored in turn, and the factors are put around the result.  Where there
is a choice, the one that leaves the fewest operators wins, within a budget.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, add_terms, dtypes
from symflow.core.add import scaled, split
from symflow.core.dims import Shape
from symflow.ops.arithmetic import SCALAR_POWER
from symflow.rewriting import network, powers
from symflow.rewriting.refold_cost import bits, effort, operators
from symflow.rewriting.refold_cut import Cut
from symflow.rewriting.refold_open import multiplied_out
from symflow.rewriting.refold_pairs import saving
from symflow.rewriting.refold_terms import Signature, Term, joined, read_term, rest_node, spread

Group = tuple[int, ...]
CANDIDATES = 8
BUDGET = 24  # candidates tried for one sum before the search becomes greedy
_SEARCHED = 24  # terms; longer sums are factored greedily
_PAIRED = 40  # operands of products; with more of them sharing is not estimated
_SWEEPS = 8
_REOPENED = 8  # candidates tried for a sum that was multiplied out tentatively
_MOST_VISITED = 64
_WORK = 2000  # terms cut on behalf of one graph; past that its sums are factored greedily
_SLACK = 1e-6


class Factoring:
    """Factors sums; remembers what it found.

    Attributes:
        there: the sums of a graph, which cost nothing to use again.
        uses: how often a node of the graph is used; once where nothing is said.
        openings: how many nodes may still be multiplied out tentatively.
        work: how many terms may still be cut; without it only what all terms share is.
    """

    def __init__(self, *, openings: int = 0, work: int = _WORK) -> None:
        self.there: set[Tensor] = set()
        self.uses: Counter[Tensor] = Counter()
        self.seen: set[Tensor] = set()
        self.openings = openings
        self.found: dict[Tensor, Tensor] = {}
        self.read: dict[tuple[sp.Expr, Tensor], tuple[Term, float]] = {}
        self.free = _Free(self.there)
        self.left = 0
        self.work = work

    def factored(self, node: Add) -> Tensor:
        """The sum factored, or itself."""
        if dtypes.kind(node.dtype) == "bool":
            return node
        known = self.found.get(node)
        if known is not None:
            return known
        if self.work <= 0 and not _all_share(node):
            return node
        self._begin(node, node, BUDGET)
        result = self._solved(node)
        core = split(result)[1]
        self.found[core] = core
        self.there.add(core)
        return result

    def reconsidered(self, node: Add | Einsum) -> Tensor:
        """The node, or what comes of multiplying it out and factoring it anew, if that is less."""
        if self.openings <= 0 or node in self.seen:
            return node
        self.seen.add(node)
        flat = multiplied_out(node, self.uses)
        if flat is None:
            return node
        self.openings -= 1
        self._begin(node, split(flat)[1], _REOPENED)
        result = self._solved(flat)
        if self._cost(result) >= self._cost(node):
            return node
        self.seen.add(result)
        return result

    def _begin(self, node: Tensor, flat: Tensor, budget: int) -> None:
        """Start on a node: what it is made of, seen flat, and what else is there costs nothing."""
        terms = flat.operands if isinstance(flat, Add) else (flat,)
        operands = {operand for term in terms for operand in _atoms(term)}
        self.free = _Free(self.there, operands, self._own_sums(node))
        self.left = budget

    def _own_sums(self, node: Tensor) -> set[Tensor]:
        """The node and the sums inside it that nothing else uses."""
        own = {node}
        pending = list(node.operands)
        for _ in range(_MOST_VISITED):
            if not pending:
                break
            current = pending.pop()
            if isinstance(current, Einsum):
                pending.extend(current.operands)
            elif isinstance(current, Add) and self.uses[current] <= 1:
                own.add(current)
                pending.extend(current.operands)
        return own

    def _solved(self, node: Tensor) -> Tensor:
        coefficient, core = split(node)
        if not isinstance(core, Add):
            return node
        found = self.found.get(core)
        if found is None:
            swept = len(core.operands) > _SEARCHED and self.work > 0
            found = self.found[core] = self._swept(core) if swept else self._searched(core)
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

    def _searched(self, core: Add) -> Tensor:
        if not (_may_share(core) if self.work > 0 else _all_share(core)):
            return core
        terms = [self._read(c, term) for c, term in core.terms]
        groups = _candidates([term for term, _ in terms])
        if not groups:
            return core
        best: Tensor = core
        least = self._cost(core)
        tried = groups[: CANDIDATES if self.left > 0 and self.work > 0 else 1]
        if self.work <= 0 and len(tried[0]) < len(terms):
            return core
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
        """The sum of these terms with what they have in common cut out."""
        self.work -= len(terms)
        cut = _affordable(terms, core.shape)
        if cut is None:
            return None
        whole = self._joined(core, cut)
        if not cut.joining or len(cut.joining) == len(cut.factors):
            return whole
        # A.T @ A - outer(u, u), rather than (A.T - outer(u, v)) @ A, where it is no longer
        part = Cut((term for term, _ in terms), core.shape)
        product = self._joined(core, part) if part.run(frozenset(cut.joining)) else None
        if whole is None or product is None:
            return product if whole is None else whole
        return product if self._cost(product) <= self._cost(whole) else whole

    def _joined(self, core: Add, cut: Cut) -> Tensor | None:
        """The factors that were cut out, around the sum of the rests factored in turn."""
        axes = cut.axes()
        shape = tuple(cut.sizes[seat] for seat in axes)
        rests = [rest_node(term, axes, shape, core.dtype) for term in cut.terms]
        if any(rest.dtype != core.dtype for rest in rests):
            return None
        pairs = [pair for rest in rests for pair in self._opened(rest)]
        inner = self._solved(_cancelled(pairs, shape, core.dtype))
        return joined(cut.factors, cut.equal, inner, axes, core.shape, cut.sizes)

    def _opened(self, rest: Tensor) -> list[tuple[sp.Expr, Tensor]]:
        """A rest as terms: a sum that nothing else uses is taken apart."""
        coefficient, core = split(rest)
        if isinstance(core, Add) and core not in self.free:
            return [(coefficient * c, term) for c, term in core.terms]
        return [(coefficient, core)]

    def _cost(self, node: Tensor) -> int:
        total, products = operators([node], self.free)
        few = sum(len(product.operands) for product in products) <= _PAIRED
        return total - saving(products) if few else total

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


@dataclass(frozen=True)
class _Free:
    """What a sum under work may use at no cost: the operands of its terms, the graph's sums."""

    there: set[Tensor]
    operands: Collection[Tensor] = ()
    own: Collection[Tensor] = ()

    def __contains__(self, node: object) -> bool:
        return node in self.operands or (node in self.there and node not in self.own)


def _atoms(term: Tensor) -> Iterable[Tensor]:
    """The operands of a term; of powers their bases."""
    for operand in term.operands if isinstance(term, Einsum) else (term,):
        if isinstance(operand, Apply) and operand.operation is SCALAR_POWER:
            yield operand.operands[0]
        else:
            yield operand


def _margin(core: Add, candidate: Tensor) -> int:
    """What a factoring must save besides: ``x @ A @ x + b @ x`` stays as it is written."""
    if core.shape or not isinstance(candidate, Einsum):
        return 0
    return 1 if any(operand.rank for operand in candidate.operands) else 0


def _is_neater(candidate: Tensor) -> bool:
    """Whether a factoring that saves nothing is how one writes it: ``s - s*s`` as ``s*(1 - s)``."""
    if not isinstance(candidate, Einsum) or candidate.summed:
        return False
    return any(isinstance(operand, Add) for operand in candidate.operands)


def _affordable(terms: list[tuple[Term, float]], shape: Shape) -> Cut | None:
    """The common factors cut out as far as no rest is more work than a term was.

    With a vector at the end of ``A @ B @ x`` also the matrix product would be formed: when all
    common factors together are too many, one of those that stay joined by inner axes is left.
    """
    most = max(work for _, work in terms) + _SLACK
    whole = Cut((term for term, _ in terms), shape)
    if not whole.run():
        return None
    if _works(whole) <= most:
        return whole
    trials: list[tuple[Signature, ...]] = [(signature,) for signature in whole.joining]
    for kept in [*trials, tuple(whole.joining)]:
        part = Cut((term for term, _ in terms), shape)
        if part.run(kept) and _works(part) <= most:
            return part
    return None


def _works(cut: Cut) -> float:
    """The largest step in computing any of the rests."""
    axes = cut.axes()
    shape = tuple(cut.sizes[seat] for seat in axes)
    return max(_work(term, axes, shape) for term in cut.terms)


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


def _held(term: Tensor) -> set[object]:
    """What a term may share: its operands or the bases of powers, None for an identity."""
    if not isinstance(term, Einsum):
        return {powers.base_and_exponent(term)[0]}
    held: set[object] = {powers.base_and_exponent(operand)[0] for operand in term.operands}
    if len(set(term.output)) < len(term.output):
        held.add(None)
    return held


def _all_share(node: Add) -> bool:
    """Whether something may be cut out of all the terms."""
    common = _held(node.operands[0])
    for term in node.operands[1:]:
        if not common:
            return False
        common &= _held(term)
    return bool(common)


def _may_share(node: Add) -> bool:
    """Whether two terms hold a common operand, base of a power, identity or symbolic number."""
    seen: set[object] = set()
    for coefficient, term in node.terms:
        if not coefficient.is_Rational:
            return True
        held = _held(term)
        if not seen.isdisjoint(held):
            return True
        seen |= held
    return False


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
    for members in _index(terms).values():
        group = tuple(members)
        if len(group) > 1:
            counts[group] = counts.get(group, 0) + 1
    whole = tuple(range(len(terms)))
    if whole in counts:
        return [whole]
    sets = [(frozenset(group), count) for group, count in counts.items()]
    scores: dict[Group, int] = {}
    for group in counts:
        common = sum(count for other, count in sets if other.issuperset(group))
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


def _cancelled(terms: list[tuple[sp.Expr, Tensor]], shape: Shape, dtype: str) -> Tensor:
    """The sum of some terms, those that are sums themselves opened where terms then cancel.

    ``(a - p) - (a - q)`` is ``q - p``, also where ``a - p`` is used elsewhere.
    """
    flat: list[tuple[sp.Expr, Tensor]] = []
    for coefficient, node in terms:
        inner, core = split(node)
        if isinstance(core, Add):
            flat.extend((coefficient * inner * c, term) for c, term in core.terms)
        else:
            flat.append((coefficient, node))
    whole = add_terms(terms, shape, dtype)
    if len(flat) == len(terms):
        return whole
    opened = add_terms(flat, shape, dtype)
    core = split(opened)[1]
    left = len(core.operands) if isinstance(core, Add) else 1
    return opened if left <= len(terms) else whole
