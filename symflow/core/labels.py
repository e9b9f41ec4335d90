"""Canonical labels of a contraction.

Operands are sorted by structural digest and labels renumbered in order of appearance (output
first).  Only equal operands can tie; ties are resolved by colour refinement of the summed labels
and, where that does not separate them, by trying the tied operands and keeping the least encoding
(as in B. D. McKay, "Practical graph isomorphism", 1981), up to a bound; of two operands that can
be exchanged without changing the network, one is tried.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

Labels = tuple[int, ...]
Item = tuple[int, Labels, int]  # digest, labels, index of the operand
_TRIALS = 64


def canonical(
    digests: Sequence[int], subscripts: Sequence[Labels], output: Sequence[int]
) -> tuple[list[int], dict[int, int]]:
    """Order of the operands and new names of the labels.

    Args:
        digests: a number for each operand, equal for equal operands.
        subscripts: the labels of each operand's axes.
        output: the labels of the result's axes.

    Returns:
        The indices of the operands in canonical order, and the map from labels to 0, 1, 2, ...
    """
    names: dict[int, int] = {}
    for label in output:
        if label not in names:
            names[label] = len(names)
    order = list(range(len(digests)))
    if len(order) > 1:
        if len(set(digests)) == len(order):
            order.sort(key=digests.__getitem__)
        else:
            order = _in_order([(digests[k], subscripts[k], k) for k in order], names)
    for k in order:
        for label in subscripts[k]:
            if label not in names:
                names[label] = len(names)
    return order, names


def _in_order(items: list[Item], names: dict[int, int]) -> list[int]:
    """The order of operands of which some are equal."""
    keyed = [(_key(item, names), item) for item in items]
    keyed.sort(key=lambda pair: pair[0])
    tied = any(a[0] == b[0] and a[1][1] != b[1][1] for a, b in pairwise(keyed))
    tied = tied and not _are_apart(items, names)
    items = _resolve(items, names) if tied else [item for _, item in keyed]
    return [index for _, _, index in items]


def _are_apart(items: list[Item], names: dict[int, int]) -> bool:
    """Whether no label joins operands to each other or to the result: any order is as good."""
    seen = set(names)
    for _, labels, _ in items:
        if not seen.isdisjoint(labels):
            return False
        seen.update(labels)
    return True


def _key(item: Item, names: dict[int, int]) -> tuple[int, Labels]:
    """Sort key that sees only what is canonical: digest, output labels, repeats."""
    digest, labels, _ = item
    return digest, tuple(names.get(label, -1 - labels.index(label)) for label in labels)


def _resolve(items: list[Item], names: dict[int, int]) -> list[Item]:
    colours = {label: hash((1, number)) for label, number in names.items()}
    for _, labels, _ in items:
        for label in labels:
            colours.setdefault(label, 0)
    search = _Search(items, names)
    search.run(_refine(items, colours))
    return search.best_order


class _Search:
    """Individualise and refine, keeping the order with the least encoding."""

    def __init__(self, items: list[Item], names: dict[int, int]) -> None:
        self.items = items
        self.names = names
        self.network = Counter((digest, labels) for digest, labels, _ in items)
        self.best_order: list[Item] = items
        self.best_code: tuple[tuple[int, Labels], ...] | None = None

    def run(self, colours: dict[int, int]) -> None:
        stack = [colours]
        trials = 0
        while stack and trials < _TRIALS:
            colours = stack.pop()
            groups = _groups(self.items, colours)
            tied = next((g for g in groups if len({labels for _, labels, _ in g}) > 1), None)
            if tied is None:
                trials += 1
                self._offer([item for group in groups for item in group])
                continue
            for labels in self._choices(tied, colours):
                chosen = dict(colours)
                for position, label in enumerate(labels):
                    chosen[label] = hash((2, position, chosen[label]))
                stack.append(_refine(self.items, chosen))

    def _choices(self, tied: list[Item], colours: dict[int, int]) -> list[Labels]:
        """The labels of tied operands, but of those that an automorphism exchanges only one."""
        different = list(dict.fromkeys(labels for _, labels, _ in tied))[:_TRIALS]
        first = different[0]
        return [first, *(ls for ls in different[1:] if not self._exchangeable(first, ls, colours))]

    def _exchangeable(self, a: Labels, b: Labels, colours: dict[int, int]) -> bool:
        """Whether exchanging the labels of two operands leaves the whole network as it is."""
        exchange: dict[int, int] = {}
        for p, q in zip(a, b, strict=True):
            if colours[p] != colours[q]:
                return False
            if exchange.setdefault(p, q) != q or exchange.setdefault(q, p) != p:
                return False
        renamed = Counter((d, tuple(exchange.get(n, n) for n in ls)) for d, ls, _ in self.items)
        return renamed == self.network

    def _offer(self, order: list[Item]) -> None:
        names = dict(self.names)
        code = []
        for digest, labels, _ in order:
            for label in labels:
                if label not in names:
                    names[label] = len(names)
            code.append((digest, tuple(names[label] for label in labels)))
        if self.best_code is None or tuple(code) < self.best_code:
            self.best_code, self.best_order = tuple(code), order


def _groups(items: list[Item], colours: dict[int, int]) -> list[list[Item]]:
    keyed: dict[tuple[int, Labels], list[Item]] = {}
    for item in items:
        key = (item[0], tuple(colours[label] for label in item[1]))
        keyed.setdefault(key, []).append(item)
    return [keyed[key] for key in sorted(keyed)]


def _refine(items: list[Item], colours: dict[int, int]) -> dict[int, int]:
    """Recolour labels by where they occur until the number of colours no longer grows."""
    count = len(set(colours.values()))
    while True:
        where: dict[int, list[int]] = {label: [] for label in colours}
        for digest, labels, _ in items:
            key = hash((digest, tuple(colours[label] for label in labels)))
            for position, label in enumerate(labels):
                where[label].append(hash((key, position)))
        fresh = {
            label: hash((colour, tuple(sorted(where[label])))) for label, colour in colours.items()
        }
        grown = len(set(fresh.values()))
        colours = fresh
        if grown <= count:
            return colours
        count = grown
