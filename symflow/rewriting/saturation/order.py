"""The best order in which the factors of a contraction meet, two at a time.

Up to six factors are ordered by dynamic programming over subsets, more by meeting the cheapest
pair first, very many as they stand.  (T. Lam, P. Sadayappan, R. Wenger, "On optimizing a class of
multi-dimensional loops with reduction for parallel execution", 1997; D. Smith and J. Gray,
"opt_einsum", 2018.)
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

_EXACT = 6
_SEARCHED = 24
Factors = tuple[frozenset[int], ...]
Pair = tuple[int, int]
_Subset = tuple[float, tuple[int, int] | None]


@lru_cache(maxsize=16384)
def contraction_path(
    factors: Factors, shown: frozenset[int], sizes: tuple[float, ...]
) -> tuple[Pair, ...]:
    """Pairs of places to contract; the product of each goes to the end of the list.

    Args:
        factors: the labels of each factor.
        shown: the labels of the result.
        sizes: the size of each label.

    >>> chain = (frozenset({0, 1}), frozenset({1, 2}), frozenset({2}))
    >>> contraction_path(chain, frozenset({0}), (100.0, 100.0, 100.0))
    ((1, 2), (0, 1))
    """
    if len(factors) <= _EXACT:
        return _exact(factors, shown, sizes)
    return _greedy(factors, shown, sizes)


def entries(labels: frozenset[int], sizes: Sequence[float]) -> float:
    """The number of entries of an array with these labels."""
    total = 1.0
    for label in labels:
        total *= sizes[label]
    return total


def work(first: frozenset[int], second: frozenset[int], sizes: Sequence[float]) -> float:
    """The multiplications of a pair, with a word for the entries that are read."""
    return entries(first | second, sizes) + entries(first, sizes) + entries(second, sizes)


def _exact(factors: Factors, shown: frozenset[int], sizes: tuple[float, ...]) -> tuple[Pair, ...]:
    whole = (1 << len(factors)) - 1
    kept = {mask: _kept(factors, mask, shown) for mask in range(1, whole + 1)}
    best: dict[int, _Subset] = {1 << k: (0.0, None) for k in range(len(factors))}
    for mask in range(1, whole + 1):
        if mask not in best:
            best[mask] = _cheapest(mask, best, kept, sizes)
    return _listed(best, len(factors), whole)


def _kept(factors: Factors, mask: int, shown: frozenset[int]) -> frozenset[int]:
    inside: set[int] = set()
    outside: set[int] = set(shown)
    for k, labels in enumerate(factors):
        (inside if mask >> k & 1 else outside).update(labels)
    return frozenset(inside & outside)


def _cheapest(
    mask: int,
    best: dict[int, _Subset],
    kept: dict[int, frozenset[int]],
    sizes: tuple[float, ...],
) -> _Subset:
    """The best split of a subset; the lowest factor stays in the first half."""
    lowest = mask & -mask
    rest = mask ^ lowest
    found: _Subset | None = None
    part = rest
    while part:
        other = mask ^ part
        cost = best[part][0] + best[other][0] + work(kept[part], kept[other], sizes)
        if found is None or cost < found[0]:
            found = (cost, (other, part))
        part = (part - 1) & rest
    assert found is not None
    return found


def _listed(best: dict[int, _Subset], count: int, whole: int) -> tuple[Pair, ...]:
    """The splits as pairs of places in a list that shrinks."""
    order: list[int] = []
    pending = [whole]
    while pending:
        mask = pending.pop()
        split = best[mask][1]
        if split is not None:
            order.append(mask)
            pending.extend(split)
    present = [1 << k for k in range(count)]
    path = []
    for mask in reversed(order):
        split = best[mask][1]
        assert split is not None
        i, j = sorted(present.index(part) for part in split)
        path.append((i, j))
        del present[j], present[i]
        present.append(mask)
    return tuple(path)


def _greedy(factors: Factors, shown: frozenset[int], sizes: tuple[float, ...]) -> tuple[Pair, ...]:
    present = list(factors)
    path = []
    while len(present) > _SEARCHED:
        path.append((0, 1))
        second, first = present.pop(1), present.pop(0)
        present.append((first | second) & shown.union(*present))
    while len(present) > 1:
        i, j = min(
            combinations(range(len(present)), 2),
            key=lambda pair: work(present[pair[0]], present[pair[1]], sizes),
        )
        path.append((i, j))
        second, first = present.pop(j), present.pop(i)
        present.append((first | second) & shown.union(*present))
    return tuple(path)
