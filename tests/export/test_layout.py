"""The layout: gaps kept, orders kept, least squares reached, crossings counted."""

import itertools
import random

import pytest

from symflow.export.layout import _crossings, _offsets, _spread, arrange


def brute_crossings(upper, lower, edges):
    place = {item: k for k, item in enumerate(upper)} | {item: k for k, item in enumerate(lower)}
    pairs = itertools.combinations(edges, 2)
    return sum((place[a] - place[c]) * (place[b] - place[e]) < 0 for (a, b), (c, e) in pairs)


def test_crossings_are_counted():
    generator = random.Random(1)
    for _ in range(50):
        upper = [(k, -1) for k in range(6)]
        lower = [(k, -1) for k in range(6, 12)]
        edges = [(u, v) for u in upper for v in lower if generator.random() < 0.3]
        down = {u: [v for a, v in edges if a == u] for u in upper} | {v: [] for v in lower}
        assert _crossings([upper, lower], down) == brute_crossings(upper, lower, edges)


def test_spread_is_the_least_squares_fit():
    generator = random.Random(2)
    for _ in range(50):
        count = generator.randint(1, 7)
        wanted = [generator.uniform(-10, 10) for _ in range(count)]
        offsets = list(itertools.accumulate(generator.uniform(1, 3) for _ in range(count)))
        places = _spread(wanted, offsets)
        gaps = [b - a for a, b in itertools.pairwise(places)]
        needed = [b - a for a, b in itertools.pairwise(offsets)]
        assert all(g >= n - 1e-9 for g, n in zip(gaps, needed, strict=True))
        cost = sum((p - w) ** 2 for p, w in zip(places, wanted, strict=True))
        # no block of neighbours can move alone and improve
        for i, j in itertools.combinations(range(count + 1), 2):
            for step in (1e-3, -1e-3):
                moved = [p + step * (i <= k < j) for k, p in enumerate(places)]
                room = [b - a for a, b in itertools.pairwise(moved)]
                if all(g >= n - 1e-9 for g, n in zip(room, needed, strict=True)):
                    assert sum((p - w) ** 2 for p, w in zip(moved, wanted, strict=True)) >= cost


def random_graph(generator, count):
    layer, edges = [], []
    for k in range(count):
        sources = [j for j in range(k) if generator.random() < 2 / count]
        layer.append(1 + max((layer[j] for j in sources), default=-1))
        edges += [(j, k) for j in sources]
    return layer, edges


@pytest.mark.parametrize("count", [0, 1, 2, 10, 60])
def test_boxes_keep_their_gaps(count):
    layer, edges = random_graph(random.Random(count), count)
    widths = [30.0 + 7 * (k % 5) for k in range(count)]
    layout = arrange(layer, edges, widths, 20.0)
    for row in range(max(layer, default=-1) + 1):
        nodes = sorted((k for k in range(count) if layer[k] == row), key=layout.centre.__getitem__)
        for a, b in itertools.pairwise(nodes):
            between = layout.centre[b] - layout.centre[a] - (widths[a] + widths[b]) / 2
            assert between >= 20.0 - 1e-6
        for (source, target), points in layout.points.items():
            if layer[source] < row < layer[target]:
                x = points[row - layer[source] - 1]
                assert all(abs(x - layout.centre[k]) >= widths[k] / 2 for k in nodes)
    inside = [layout.centre[k] - widths[k] / 2 for k in range(count)]
    assert all(x >= -1e-6 for x in inside)
    assert all(x + w <= layout.width + 1e-6 for x, w in zip(inside, widths, strict=True))


def test_crossed_edges_are_uncrossed():
    layout = arrange([0, 0, 1, 1], [(0, 3), (1, 2)], [10.0] * 4, 5.0)
    assert (layout.centre[0] < layout.centre[1]) == (layout.centre[3] < layout.centre[2])


def test_offsets_of_an_empty_layer():
    assert _offsets([], {}, 10.0) == []
