"""The order in which the factors of a contraction meet, by work at representative sizes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import combinations

import opt_einsum  # type: ignore[import-untyped]

from symflow.core.dims import Dim

_EXHAUSTIVE = 5


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
) -> tuple[int, int]:
    """The two factors to contract first.

    Up to three factors are tried in every order; more are given to opt_einsum (D. G. A. Smith and
    J. Gray, "opt_einsum", 2018), exhaustively up to five.
    """
    if len(factors) == 2:
        return 0, 1
    numbers = {label: hints(sizes[label]) for labels in factors for label in labels}
    if len(factors) == 3:
        pairs = list(combinations(range(3), 2))
        return min(pairs, key=lambda pair: _work(factors, pair, shown, numbers))
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
