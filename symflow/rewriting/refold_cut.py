"""Cutting out what the terms of a sum have in common."""

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction

from symflow.core.dims import Dim, Shape
from symflow.core.labels import Labels
from symflow.rewriting.refold_cost import flips
from symflow.rewriting.refold_terms import (
    Factor,
    Pair,
    Signature,
    Term,
    seen_from_outside,
    spread,
    turned,
)


class Cut:
    """Terms whose common factors are being cut out.

    Attributes:
        terms: what is left of them.
        factors: what was cut out, on seats.
        equal: pairs of axes of the sum joined by a delta that was cut out.
        joining: the signatures of the factors that stay joined to the rests by inner axes.
        sizes: the size of each seat.
    """

    def __init__(self, terms: Iterable[Term], shape: Shape) -> None:
        self.terms = [term.copy() for term in terms]
        self.factors: list[Factor] = []
        self.equal: list[Pair] = []
        self.joining: list[Signature] = []
        self.rank = len(shape)
        self.sizes: dict[int, Dim] = dict(enumerate(shape))
        self.most = max([len(shape), *(len(f.labels) for term in self.terms for f in term.factors)])

    def run(self, kept: Collection[Signature] = ()) -> bool:
        """Cut out all that the terms have in common, but what is to be kept.

        Returns:
            Whether there was anything.
        """
        shared = set(self.terms[0].deltas).intersection(*(term.deltas for term in self.terms))
        for pair in sorted(shared):
            self.equal.append(pair)
            for term in self.terms:
                term.deltas = tuple(other for other in term.deltas if other != pair)
        refused = set(kept)
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
                if _inner_axes(signature):
                    self.joining.append(signature)

    def _least(self, places: Sequence[int]) -> Fraction:
        """The least exponent (by absolute value) of these factors."""
        exponents = [t.factors[k].exponent for t, k in zip(self.terms, places, strict=True)]
        return min(exponents, key=abs)

    def _rank_without(self, places: Sequence[int]) -> int:
        """The rank of the sum of the rests once these factors are cut out."""
        least = self._least(places)
        used: set[int] = set()
        for term, place in zip(self.terms, places, strict=True):
            factor = term.factors[place]
            labels = turned(factor, term.seats)
            fresh = {
                label: -1 - axis for axis, label in enumerate(labels) if label not in term.seats
            }
            used.update(seat for pair in term.deltas for seat in pair)
            for k, other in enumerate(term.factors):
                if k == place and factor.exponent == least:
                    continue
                for label in other.labels:
                    seat = term.seats.get(label, fresh.get(label))
                    if seat is not None:
                        used.add(seat)
        return len(used)

    def _take(self, signature: Signature, places: Sequence[int]) -> None:
        base, _, pattern = signature
        least = self._least(places)
        first = max(self.sizes, default=-1) + 1
        seats = tuple(seat if seat >= 0 else first - 1 - seat for seat in pattern)
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
        """The transposes that the rests and the product around them show."""
        outer: list[tuple[object, Labels]] = [(None, seats)]
        outer += [item for f in self.factors for item in spread(f, f.labels)[1]]
        against, whole = flips(outer, range(self.rank))
        total = int(whole)
        for term in self.terms:
            named = {seat: label for label, seat in term.seats.items()}
            items = [item for f in term.factors for item in spread(f, f.labels)[1]]
            if all(seat in named for seat in seats):
                others, whole = flips(items, [named[seat] for seat in seats])
                against |= others
                total += whole
        return total + len(against)


def _inner_axes(signature: Signature) -> int:
    return sum(seat < 0 for seat in signature[2])
