"""Places for the nodes of a layered graph, so that edges are short and cross little.

The method of K. Sugiyama, S. Tagawa and M. Toda, "Methods for visual understanding of
hierarchical system structures" (1981): edges that skip layers pass through points of their own,
each layer is ordered by the mean place of its neighbours, and the final abscissae are the least
squares fit to the neighbours' that keeps the order and the gaps.
"""

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_ORDER_SWEEPS = 12
_PLACE_SWEEPS = 24

Item = tuple[int, int]  # a node: (number, -1); a point where its edges pass: (number, layer)


@dataclass(frozen=True)
class Layout:
    """Where everything stands.

    Attributes:
        layer: the layer of each node.
        centre: the abscissa of each node's middle.
        points: by edge (source, target), the abscissae where it passes the layers between.
        width: the whole width.
    """

    layer: Mapping[int, int]
    centre: Mapping[int, float]
    points: Mapping[tuple[int, int], tuple[float, ...]]
    width: float


def arrange(
    layer: Sequence[int],
    edges: Sequence[tuple[int, int]],
    widths: Sequence[float],
    gap: float,
) -> Layout:
    """Lay out a graph whose edges all go to higher layers.

    Args:
        layer: the layer of each node.
        edges: pairs of source and target.
        widths: the width of each node.
        gap: the least room between two nodes, and half of that around the points of edges.

    >>> layout = arrange([0, 0, 1], [(0, 2), (1, 2)], [40.0, 40.0, 40.0], 20.0)
    >>> [layout.centre[k] for k in range(3)]
    [20.0, 80.0, 50.0]
    """
    layers, up = _with_points(layer, edges)
    down: dict[Item, list[Item]] = {item: [] for row in layers for item in row}
    for item, sources in up.items():
        for source in sources:
            down[source].append(item)
    layers = _ordered(layers, up, down)
    room = {item: widths[item[0]] if item[1] < 0 else 0.0 for row in layers for item in row}
    places = _placed(layers, up, down, room, gap)
    left = min((places[item] - room[item] / 2 for item in places), default=0.0)
    right = max((places[item] + room[item] / 2 for item in places), default=0.0)
    return Layout(
        layer=dict(enumerate(layer)),
        centre={item[0]: x - left for item, x in places.items() if item[1] < 0},
        points={
            (source, target): tuple(
                places[source, between] - left
                for between in range(layer[source] + 1, layer[target])
            )
            for source, target in edges
        },
        width=right - left,
    )


def _with_points(
    layer: Sequence[int], edges: Sequence[tuple[int, int]]
) -> tuple[list[list[Item]], dict[Item, list[Item]]]:
    """The layers with points for long edges (one chain for each source), and who is above whom."""
    layers: list[list[Item]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for number, place in enumerate(layer):
        layers[place].append((number, -1))
    up: dict[Item, list[Item]] = {item: [] for row in layers for item in row}
    for source, target in edges:
        above: Item = (source, -1)
        for between in range(layer[source] + 1, layer[target]):
            point = (source, between)
            if point not in up:
                layers[between].append(point)
                up[point] = [above]
            above = point
        up[target, -1].append(above)
    return layers, up


def _ordered(
    layers: list[list[Item]], up: Mapping[Item, list[Item]], down: Mapping[Item, list[Item]]
) -> list[list[Item]]:
    """The layers ordered by sweeps of means, the order with the fewest crossings kept."""
    best, fewest = layers, _crossings(layers, down)
    current = [list(row) for row in layers]
    for sweep in range(_ORDER_SWEEPS):
        upward = sweep % 2 == 1
        neighbours = down if upward else up
        rows = range(len(current) - 2, -1, -1) if upward else range(1, len(current))
        for k in rows:
            beside = {item: n for n, item in enumerate(current[k + 1 if upward else k - 1])}
            current[k] = _by_mean(current[k], neighbours, beside)
        crossings = _crossings(current, down)
        if crossings < fewest:
            best, fewest = [list(row) for row in current], crossings
    return best


def _by_mean(
    row: list[Item], neighbours: Mapping[Item, list[Item]], place: Mapping[Item, int]
) -> list[Item]:
    """A layer sorted by the mean place of neighbours; items without any keep their place."""
    keys: dict[Item, float] = {}
    for number, item in enumerate(row):
        found = [place[other] for other in neighbours[item] if other in place]
        keys[item] = sum(found) / len(found) if found else number
    return sorted(row, key=lambda item: keys[item])


def _crossings(layers: list[list[Item]], down: Mapping[Item, list[Item]]) -> int:
    """How many pairs of edges cross."""
    total = 0
    for upper, lower in pairwise(layers):
        place = {item: n for n, item in enumerate(lower)}
        ends = [n for item in upper for n in sorted(place[other] for other in down[item])]
        seen: list[int] = []
        for end in ends:
            total += len(seen) - bisect_right(seen, end)
            insort(seen, end)
    return total


def _placed(
    layers: list[list[Item]],
    up: Mapping[Item, list[Item]],
    down: Mapping[Item, list[Item]],
    room: Mapping[Item, float],
    gap: float,
) -> dict[Item, float]:
    """Abscissae that pull every item to the mean of its neighbours."""
    places: dict[Item, float] = {}
    for row in layers:
        offsets = _offsets(row, room, gap)
        middle = offsets[-1] / 2 if offsets else 0.0
        places.update(zip(row, (offset - middle for offset in offsets), strict=True))
    for sweep in range(_PLACE_SWEEPS):
        rows = layers if sweep % 2 == 0 else reversed(layers)
        for row in rows:
            wanted = []
            for item in row:
                beside = [places[other] for other in (*up[item], *down[item])]
                wanted.append(sum(beside) / len(beside) if beside else places[item])
            places.update(zip(row, _spread(wanted, _offsets(row, room, gap)), strict=True))
    return places


def _offsets(row: Sequence[Item], room: Mapping[Item, float], gap: float) -> list[float]:
    """The abscissae of a layer packed as closely as the gaps allow, from 0."""
    offsets = [0.0] if row else []
    for left, right in pairwise(row):
        between = gap if left[1] < 0 and right[1] < 0 else gap / 2
        offsets.append(offsets[-1] + room[left] / 2 + between + room[right] / 2)
    return offsets


def _spread(wanted: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """The nearest places, in least squares, at least as far apart as the offsets.

    Isotonic regression of ``wanted - offsets`` by pooling adjacent violators.
    """
    pools: list[tuple[float, int]] = []
    for target, offset in zip(wanted, offsets, strict=True):
        mean, count = target - offset, 1
        while pools and pools[-1][0] > mean:
            other, others = pools.pop()
            mean = (mean * count + other * others) / (count + others)
            count += others
        pools.append((mean, count))
    shifts = [mean for mean, count in pools for _ in range(count)]
    return [offset + shift for offset, shift in zip(offsets, shifts, strict=True)]
