"""Layers that follow each other: a map from every node to the same node one layer further.

The map is grown from two nodes that look alike, along operands and users, and then proved from
the operands up: a node and its image are the same operation on operands that correspond, up to
order and sign.  Operands that do not correspond are inputs of the layer.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

import sympy as sp

from symflow.core import Add, Apply, Einsum
from symflow.lowering.rolling_sheet import Sheet, paired
from symflow.ops.arithmetic import SCALAR_POWER

_TRIALS = 500  # steps in matching the operands of one product
_SEEDS = 6
_LEVELS = (5, 3, 2, 1)  # from how far away layers look alike: few and flat ones from nearby
_MOST = 0.6  # of the rows: more are hardly to be had
_CROWD = 32


@dataclass
class Shift:
    """A proved map from rows to rows one layer further.

    Attributes:
        images: the image of each row.
        signs: whether the image is plus or minus what corresponds to the row.
        orders: for each operand of a row the place of the operand of its image.
        edges: for each operand of a row, the sign between it and that of its image.
        turned: signs to take between operands that do not correspond: one is an input.
        met: pairs of such operands, one of which has a place in the map.
        targets: the rows that are images.
    """

    images: dict[int, int] = field(default_factory=dict)
    signs: dict[int, int] = field(default_factory=dict)
    orders: dict[int, tuple[int, ...]] = field(default_factory=dict)
    edges: dict[int, tuple[int, ...]] = field(default_factory=dict)
    turned: dict[tuple[int, int], int] = field(default_factory=dict)
    met: set[tuple[int, int]] = field(default_factory=set)
    targets: set[int] = field(default_factory=set)

    def orbits(self) -> list[list[int]]:
        """The chains of rows, each from its first layer to its last."""
        starts = sorted(self.images.keys() - set(self.images.values()))
        return [list(self._chain(row)) for row in starts]

    def _chain(self, row: int) -> Iterator[int]:
        while True:
            yield row
            if row not in self.images:
                return
            row = self.images[row]


def shifts(sheet: Sheet, least: int) -> Iterator[Shift]:
    """Maps that cover different parts of a graph, those of many layers first.

    Args:
        sheet: the graph.
        least: how many layers there must be.
    """
    used: set[int] = set()
    for _ in range(_SEEDS):
        best = _best(sheet, least, used)
        if best is None:
            return
        for orbit in best.orbits():
            used.update(orbit)
        yield best


def _best(sheet: Sheet, least: int, used: set[int]) -> Shift | None:
    found = None
    for level in _LEVELS:
        for seed in _seeds(sheet, least, used, level):
            shift = _settled(sheet, grown(sheet, *seed, used))
            if found is None or len(shift.images) > len(found.images):
                found = shift
            if len(found.images) > _MOST * (len(sheet) - len(used)):
                return found
        if found is not None and len(found.images) >= 2 * least:
            return found
    return None


def _seeds(sheet: Sheet, least: int, used: set[int], level: int) -> Iterator[tuple[int, int]]:
    """Neighbours in the middle of the rows that look alike, the largest families first."""
    colours = sheet.colours[level]
    families: dict[int, list[int]] = {}
    for row, colour in enumerate(colours):
        if sheet.edges[row] and row not in used and len(sheet.edges[row]) < _CROWD:
            families.setdefault(colour, []).append(row)
    found = []
    for rows in families.values():
        if len(rows) < max(2, least // 2):
            continue
        rows.sort(key=sheet.heights.__getitem__)
        heights = [sheet.heights[row] for row in rows]
        gaps = [b - a for a, b in pairwise(heights)]
        if min(gaps) > 0:  # layers stand one after the other: like terms of a sum are none
            place = min(range(len(gaps)), key=lambda k: (gaps[k], abs(k - len(gaps) // 2)))
            found.append((gaps[place], -len(rows), rows[place], rows[place + 1]))
    if not found:
        return
    usual = Counter(gap for gap, *_ in found).most_common(1)[0][0]  # the height of a layer
    found.sort(key=lambda entry: (entry[1] * (entry[0] <= usual), entry))
    for _, _, first, second in found[:_SEEDS]:
        yield first, second


def grown(sheet: Sheet, first: int, second: int, used: Iterable[int] = ()) -> dict[int, int]:
    """Rows that may correspond, from two that do, outwards."""
    colours, refused = sheet.colours, set(used)
    images: dict[int, int] = {}
    sources: set[int] = set()
    queue = [(0, 0, first, second)]
    while queue:
        _, _, row, image = heappop(queue)  # what is seen from far away is believed first
        if row == image or row in images or image in sources or not sheet.edges[row]:
            continue
        if colours[0][row] != colours[0][image] or row in refused or image in refused:
            continue
        images[row] = image
        sources.add(image)
        below = [[(edge.mark, edge.row) for edge in sheet.edges[r]] for r in (row, image)]
        above = [sheet.users[row], sheet.users[image]]
        for entries in (below, above):
            if max(map(len, entries)) < _CROWD:
                known = _known(entries[0], images)
                for one, other, level in paired(entries[0], entries[1], known, colours):
                    heappush(queue, (-level, len(images), one, other))
    return images


def _known(entries: Iterable[tuple[int, int]], images: dict[int, int]) -> dict[int, int]:
    return {row: images[row] for _, row in entries if row in images}


def _settled(sheet: Sheet, images: dict[int, int]) -> Shift:
    """The proved part of a map, inputs of sweeps with signs that make results alike.

    Where a sweep is linear, its first layer may take its input or minus that; with the wrong one,
    what the program gives of every second layer would be turned.
    """
    best = proved(sheet, images)
    wrong = _turned_roots(sheet, best)
    for pair in sorted(best.met) if wrong else ():
        other = proved(sheet, images, {**best.turned, pair: -1})
        if len(other.images) >= len(best.images) and _turned_roots(sheet, other) < wrong:
            best, wrong = other, _turned_roots(sheet, other)
        if not wrong:
            break
    return best


def _turned_roots(sheet: Sheet, shift: Shift) -> int:
    """How many roots are minus what their neighbours are."""
    signs = (
        sheet.roots[row] * sheet.roots[image] * shift.signs[row]
        for row, image in shift.images.items()
        if row in sheet.roots and image in sheet.roots
    )
    return sum(sign < 0 for sign in signs)


def proved(
    sheet: Sheet, images: dict[int, int], turned: dict[tuple[int, int], int] | None = None
) -> Shift:
    """The part of a map that holds, operands before their users."""
    shift = Shift(turned=turned or {})
    for row in sorted(images):
        image = images[row]
        found = _matched(sheet, shift, row, image)
        if found is None:
            continue
        sign, order, edges = found
        shift.images[row], shift.signs[row] = image, sign
        shift.orders[row], shift.edges[row] = order, edges
        shift.targets.add(image)
    return shift


Match = tuple[int, tuple[int, ...], tuple[int, ...]]


def _matched(sheet: Sheet, shift: Shift, row: int, image: int) -> Match | None:
    """Sign, order of operands and their signs, where a row and its image are the same."""
    node, other = sheet.nodes[row], sheet.nodes[image]
    if isinstance(node, Einsum):
        return _contraction(sheet, shift, row, image)
    if isinstance(node, Apply):
        assert isinstance(other, Apply)
        if node.operation is not other.operation or node.params != other.params:
            return None
        return _operation(sheet, shift, row, image)
    if isinstance(node, Add):
        return _sum(sheet, shift, row, image)
    return None


def _relation(sheet: Sheet, shift: Shift, row: int, image: int, a: int, b: int) -> int | None:
    """The sign between operand ``a`` of a row and ``b`` of its image; 0 for an input."""
    first, second = sheet.edges[row][a], sheet.edges[image][b]
    if first.mark != second.mark:
        return None
    sign = first.sign * second.sign
    if first.row == second.row:
        return sign
    if first.row in shift.images:
        return sign * shift.signs[first.row] if shift.images[first.row] == second.row else 0
    one, two = sheet.nodes[first.row], sheet.nodes[second.row]
    if one.shape != two.shape or one.dtype != two.dtype:
        return None
    pair = first.row, second.row
    if first.row in shift.targets or second.row in shift.images:
        shift.met.add(pair)
    return shift.turned.get(pair, 0) * sign


def _operation(sheet: Sheet, shift: Shift, row: int, image: int) -> Match | None:
    node = sheet.nodes[row]
    assert isinstance(node, Apply)
    count = len(node.operands)
    orders = [tuple(range(count))]
    if "commutative" in node.operation.facts and count == 2:
        orders.append((1, 0))
    even = node.operation is SCALAR_POWER and bool(node.params[0].is_even)
    found: list[tuple[int, tuple[int, ...], list[int]]] = []
    for order in orders:
        related = [_relation(sheet, shift, row, image, a, b) for a, b in enumerate(order)]
        signs = [sign for sign in related if sign is not None]
        if len(signs) == count and (even or all(sign >= 0 for sign in signs)):
            found.append((signs.count(0), order, signs))
    if not found:
        return None
    _, order, signs = min(found)
    return 1, order, tuple(sign or 1 for sign in signs)


def _sum(sheet: Sheet, shift: Shift, row: int, image: int) -> Match | None:
    node, other = sheet.nodes[row], sheet.nodes[image]
    assert isinstance(node, Add)
    assert isinstance(other, Add)
    order = _order(sheet, shift, row, image)
    if order is None:
        return None
    edges = []
    total: int | None = None
    inputs = []
    for a, b in enumerate(order):
        sign = _relation(sheet, shift, row, image, a, b)
        if sign is None:
            return None
        one, two = node.coefficients[a], other.coefficients[b]
        ratio = 1 if one == two else -1
        if ratio < 0 and one != -two:
            return None
        if sign == 0:
            inputs.append((a, ratio))
            edges.append(1)
            continue
        edges.append(sign)
        if total not in (None, sign * ratio):
            return None
        total = sign * ratio
    for a, ratio in inputs:  # an input takes the sign that is needed
        total = ratio if total is None else total
        edges[a] = total * ratio
    return total or 1, order, tuple(edges)


def _order(sheet: Sheet, shift: Shift, row: int, image: int) -> tuple[int, ...] | None:
    """Which operand of the image goes with each of a row, for sums."""
    below = [[(edge.mark, edge.row) for edge in sheet.edges[r]] for r in (row, image)]
    known = {r: shift.images.get(r, r) for _, r in below[0]}
    pairs = {a: b for a, b, _ in paired(below[0], below[1], known, sheet.colours)}
    places = {edge.row: place for place, edge in enumerate(sheet.edges[image])}
    left = [e.mark for e in sheet.edges[row] if e.row not in pairs]
    rest = [p for r, p in places.items() if r not in set(pairs.values())]
    if len(left) != len(rest):
        return None
    order: list[int] = []
    for edge in sheet.edges[row]:
        if edge.row in pairs:
            order.append(places[pairs[edge.row]])
            continue
        fits = [p for p in rest if sheet.edges[image][p].mark == edge.mark]
        if not fits:
            return None
        rest.remove(fits[0])
        order.append(fits[0])
    return tuple(order)


def _contraction(sheet: Sheet, shift: Shift, row: int, image: int) -> Match | None:
    node, other = sheet.nodes[row], sheet.nodes[image]
    assert isinstance(node, Einsum)
    assert isinstance(other, Einsum)
    order = _Matching(sheet, shift, row, image).found()
    if order is None:
        return None
    signs = [_relation(sheet, shift, row, image, a, b) or 1 for a, b in enumerate(order)]
    total = 1 if node.coefficient == other.coefficient else -1
    if total < 0 and node.coefficient != -other.coefficient:
        return None
    for sign in signs:
        total *= sign
    return total, order, tuple(signs)


class _Matching:
    """The operands of two contractions brought to each other so that the labels agree."""

    def __init__(self, sheet: Sheet, shift: Shift, row: int, image: int) -> None:
        node, other = sheet.nodes[row], sheet.nodes[image]
        assert isinstance(node, Einsum)
        assert isinstance(other, Einsum)
        self.node, self.other = node, other
        others = range(len(other.operands))
        self.choices: list[list[int]] = []
        for a in range(len(node.operands)):
            related = [(b, _relation(sheet, shift, row, image, a, b)) for b in others]
            fits = [(sign == 0, b) for b, sign in related if sign is not None]
            mine = sheet.edges[row][a].row
            far = [-_likeness(sheet, mine, sheet.edges[image][b].row) for _, b in fits]
            self.choices.append([b for (_, b), _ in sorted(zip(fits, far, strict=True), key=_rank)])

    def found(self) -> tuple[int, ...] | None:
        """For each operand of the first the place of that of the second."""
        node, other = self.node, self.other
        if len(node.operands) != len(other.operands):
            return None
        names = _united({}, node.output, other.output)
        if names is None:
            return None
        stack: list[tuple[tuple[int, ...], dict[int, int]]] = [((), names)]
        for _ in range(_TRIALS):
            if not stack:
                return None
            order, names = stack.pop()
            place = len(order)
            if place == len(node.operands):
                return order if self._sizes_agree(names) else None
            for b in reversed(self.choices[place]):
                if b in order:
                    continue
                more = _united(names, node.subscripts[place], other.subscripts[b])
                if more is not None:
                    stack.append(((*order, b), more))
        return None

    def _sizes_agree(self, names: dict[int, int]) -> bool:
        """Whether labels have the same sizes, those that no operand has among them."""
        node, other = self.node, self.other
        loose = [sorted(map(str, _loose(x))) for x in (node, other)]
        sizes = all(node.sizes[a] == other.sizes[b] for a, b in names.items())
        return sizes and loose[0] == loose[1]


def _rank(entry: tuple[tuple[bool, int], int]) -> tuple[bool, int, int]:
    (is_input, place), far = entry
    return is_input, far, place


def _likeness(sheet: Sheet, a: int, b: int) -> int:
    """From how far away two rows look alike."""
    for level in range(len(sheet.colours) - 1, -1, -1):
        if sheet.colours[level][a] == sheet.colours[level][b]:
            return level + 1
    return 0


def _loose(node: Einsum) -> list[sp.Expr]:
    held = {label for labels in node.subscripts for label in labels} | set(node.output)
    return [size for label, size in enumerate(node.sizes) if label not in held]


def _united(
    names: dict[int, int], first: tuple[int, ...], second: tuple[int, ...]
) -> dict[int, int] | None:
    """The map of labels extended by one operand; None where it would not be one to one."""
    result = dict(names)
    back = {b: a for a, b in names.items()}
    for a, b in zip(first, second, strict=True):
        if result.setdefault(a, b) != b or back.setdefault(b, a) != a:
            return None
    return result
