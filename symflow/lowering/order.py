"""The order in which the factors of a contraction meet, by work at representative sizes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import combinations

import opt_einsum  # type: ignore[import-untyped]

from symflow.core.dims import Dim

_EXHAUSTIVE = 5
_ALIKE = 1.05  # work that differs by less counts as equal


def measured(
    labels: Collection[int], sizes: Mapping[int, Dim], hints: Callable[[Dim], float]
) -> float:
    """The number of entries of an array with these labels."""
    total = 1.0
    for label in labels:
        total *= hints(sizes[label])
    return total


def contraction_order(
    factors: Sequence[frozenset[int]],
    shown: Collection[int],
    sizes: Mapping[int, Dim],
    hints: Callable[[Dim], float],
    turns: Callable[[int, int], int] = lambda first, second: 0,
) -> tuple[int, int]:
    """The two factors to contract first.

    Args:
        factors: their labels.
        shown: the labels of the result.
        sizes: of the labels.
        hints: estimates of sizes.
        turns: decides between pairs of about equal work: how badly two factors lie in memory.

    Up to three factors are tried in every order; more are given to opt_einsum (D. G. A. Smith and
    J. Gray, "opt_einsum", 2018), exhaustively up to five.
    """
    if len(factors) == 2:
        return 0, 1
    numbers = {label: hints(sizes[label]) for labels in factors for label in labels}
    if len(factors) == 3:
        pairs = list(combinations(range(3), 2))
        works = {pair: _work(factors, pair, shown, numbers) for pair in pairs}
        bound = _ALIKE * min(works.values())
        alike = [pair for pair in pairs if works[pair] <= bound]
        return min(alike, key=lambda pair: (turns(*pair), works[pair]))
    inputs = list(factors)
    find = opt_einsum.paths.optimal if len(inputs) <= _EXHAUSTIVE else opt_einsum.paths.auto
    path = find(inputs, frozenset(shown), numbers, None)
    first, second = path[0][:2]
    return int(first), int(second)


def _work(
    factors: Sequence[frozenset[int]],
    pair: tuple[int, int],
    shown: Collection[int],
    numbers: Mapping[int, float],
) -> float:
    a, b = (factors[k] for k in pair)
    (c,) = (factors[k] for k in range(3) if k not in pair)
    left = {label for label in a | b if label in shown or label in c}
    return _entries(a | b, numbers) + _entries(left | c, numbers) + _entries(left, numbers)


def _entries(labels: Collection[int], numbers: Mapping[int, float]) -> float:
    total = 1.0
    for label in labels:
        total *= numbers[label]
    return total
