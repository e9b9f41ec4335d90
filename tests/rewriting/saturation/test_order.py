"""Contraction orders against all orders there are."""

from itertools import combinations

import numpy as np
import pytest

from symflow.rewriting.saturation.order import contraction_path, work

Factors = list[frozenset[int]]


def total(factors: Factors, shown: frozenset[int], sizes: list[float], path: object) -> float:
    present = list(factors)
    result = 0.0
    for i, j in path:  # type: ignore[attr-defined]
        second, first = present.pop(j), present.pop(i)
        result += work(first, second, sizes)
        present.append((first | second) & shown.union(*present))
    assert len(present) == 1
    return result


def least(factors: Factors, shown: frozenset[int], sizes: list[float]) -> float:
    if len(factors) == 1:
        return 0.0
    found = []
    for i, j in combinations(range(len(factors)), 2):
        rest = [f for place, f in enumerate(factors) if place not in (i, j)]
        made = (factors[i] | factors[j]) & shown.union(*rest)
        cost = work(factors[i], factors[j], sizes)
        found.append(cost + least([*rest, made], shown, sizes))
    return min(found)


def network(seed: int, count: int) -> tuple[Factors, frozenset[int], list[float]]:
    rng = np.random.default_rng(seed)
    labels = int(rng.integers(2, 7))
    sizes = [float(s) for s in rng.choice([1, 2, 10, 100], labels)]
    factors = [
        frozenset(int(t) for t in rng.choice(labels, rng.integers(0, 4))) for _ in range(count)
    ]
    held = sorted(frozenset().union(*factors))
    shown = frozenset(t for t in held if rng.random() < 0.4)
    once = {t for t in held if sum(t in f for f in factors) == 1} - shown
    return [f - once for f in factors], shown, sizes


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("seed", range(20))
def test_up_to_six_factors_meet_in_the_best_order(seed: int, count: int) -> None:
    factors, shown, sizes = network(seed, count)
    path = contraction_path(tuple(factors), shown, tuple(sizes))
    wanted = least(factors, shown, sizes)
    assert total(factors, shown, sizes, path) == pytest.approx(wanted)


@pytest.mark.parametrize("count", [7, 11, 60])
@pytest.mark.parametrize("seed", range(5))
def test_more_factors_meet_all_the_same(seed: int, count: int) -> None:
    factors, shown, sizes = network(seed, count)
    path = contraction_path(tuple(factors), shown, tuple(sizes))
    assert total(factors, shown, sizes, path) > 0


def test_a_long_chain_is_contracted_from_its_thin_end() -> None:
    chain = [*(frozenset({j, j + 1}) for j in range(9)), frozenset({9})]
    sizes = [50.0] * 10
    path = contraction_path(tuple(chain), frozenset({0}), tuple(sizes))
    assert total(chain, frozenset({0}), sizes, path) < 10 * 50.0**2 * 2
