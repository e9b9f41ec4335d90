"""Canonical labels: independent of order and names, also among equal operands, and fast."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symflow.core import labels
from symflow.core.labels import canonical


def code(digests, subscripts, output):
    """The encoding of a network in its canonical order and names."""
    order, names = canonical(digests, subscripts, output)
    assert sorted(order) == list(range(len(digests)))
    assert sorted(names.values()) == list(range(len(names)))
    inside = [(digests[i], tuple(names[label] for label in subscripts[i])) for i in order]
    return inside, [names[label] for label in output]


def shuffled(digests, subscripts, output, seed):
    """The same network, presented otherwise."""
    rng = random.Random(seed)
    labels = sorted({label for part in [*subscripts, output] for label in part})
    names = dict(zip(labels, rng.sample(range(100), len(labels)), strict=True))
    order = rng.sample(range(len(digests)), len(digests))
    return (
        [digests[i] for i in order],
        [tuple(names[label] for label in subscripts[i]) for i in order],
        [names[label] for label in output],
    )


@settings(max_examples=400)
@given(data=st.data())
def test_presentation_does_not_matter(data):
    count = data.draw(st.integers(1, 7))
    label = st.integers(0, data.draw(st.integers(0, 5)))
    ranks = {1: 1, 2: 2, 3: 2, 4: 3}
    digests = [data.draw(st.sampled_from(sorted(ranks))) for _ in range(count)]
    subscripts = [tuple(data.draw(label) for _ in range(ranks[d])) for d in digests]
    output = data.draw(st.lists(label, max_size=3))
    first = code(digests, subscripts, output)
    for seed in range(3):
        assert code(*shuffled(digests, subscripts, output, seed)) == first


def cycle(length):
    return [7] * length, [(i, (i + 1) % length) for i in range(length)], ()


def cycles(*lengths):
    digests, subscripts, start = [], [], 0
    for length in lengths:
        digests += [7] * length
        subscripts += [(start + i, start + (i + 1) % length) for i in range(length)]
        start += length
    return digests, subscripts, ()


def both_ways(edges):
    return [7] * (2 * len(edges)), [pair for a, b in edges for pair in ((a, b), (b, a))], ()


PETERSEN = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (5, 7), (7, 9), (9, 6), (6, 8), (8, 5),
            (0, 5), (1, 6), (2, 7), (3, 8), (4, 9)]  # fmt: skip
HARD = {
    "cycle of 8": cycle(8),
    "cycles 3 and 5": cycles(3, 5),
    "cycles 4 and 4": cycles(4, 4),
    "cycles of 2": cycles(2, 2, 2, 2),
    "loose vectors": ([3] * 8, [(i,) for i in range(8)], ()),
    "one vector eight times": ([3] * 8, [(0,)] * 8, ()),
    "loose matrices": ([3] * 6, [(2 * i, 2 * i + 1) for i in range(6)], ()),
    "complete graph": ([3] * 10, list(itertools.combinations(range(5), 2)), ()),
    "complete graph, both ways": both_ways(list(itertools.combinations(range(4), 2))),
    "Petersen graph": both_ways(PETERSEN),
    "tensor and vectors": ([1] + [2] * 7, [tuple(range(7)), *((i,) for i in range(7))], ()),
    "quadratic forms": (
        [1, 2, 1] * 3,
        [part for i in range(3) for part in ((2 * i,), (2 * i, 2 * i + 1), (2 * i + 1,))],
        (),
    ),
    "chain with ends": ([7] * 8, [(i, i + 1) for i in range(8)], (0, 8)),
}


@pytest.mark.parametrize("name", HARD)
def test_equal_operands(name):
    first = code(*HARD[name])
    for seed in range(6):
        assert code(*shuffled(*HARD[name], seed)) == first


def test_different_networks_stay_apart():
    assert code(*HARD["cycle of 8"]) != code(*HARD["cycles 3 and 5"])
    assert code(*HARD["cycles 3 and 5"]) != code(*HARD["cycles 4 and 4"])


@pytest.mark.parametrize("name", HARD)
def test_the_search_is_bounded(name, monkeypatch):
    """Work is counted in refinements, not in seconds: a bound on trials bounds it."""
    calls = []
    refine = labels._refine
    monkeypatch.setattr(labels, "_refine", lambda *given: calls.append(1) or refine(*given))
    canonical(*HARD[name])
    few = {"cycle of 8": 9, "loose vectors": 9, "tensor and vectors": 1, "loose matrices": 7}
    assert len(calls) <= few.get(name, 400)
