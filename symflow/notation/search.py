"""The order of a contraction with the fewest operators, by search over connected parts.

Operands with the same labels are one group (their product entry by entry).  Every connected set of
groups is then written in every order of its axes from two smaller sets, as in dynamic programming
for matrix chains; up to a bound, beyond which vectors are absorbed first and pairs joined greedily.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from symflow.notation.forms import MOST_PERMUTED, Labels, forms, orders
from symflow.notation.pairs import Draft, Writer, author_key, einsum_surcharge, factor_key
from symflow.notation.tree import Tree

_FEW_GROUPS = 4
_MOST_GROUPS = 7
_MOST_SETS = 200
_MATRIX = 2  # the rank of a matrix
_TIE = 1e-6


class Item(NamedTuple):
    """An operand of a contraction.

    Attributes:
        tree: how it is written.
        labels: a label an axis, none twice.
        inverse: whether the operand is one over the tree.
        soft: whether the tree has a narrower data type than the contraction.
        symmetric: whether two axes may be exchanged without a sign of it.
    """

    tree: Tree
    labels: Labels
    inverse: bool = False
    soft: bool = False
    symmetric: bool = False


Drafts = dict[Labels, Draft]


class Block(NamedTuple):
    """A part of the contraction, written in several orders of its axes (the key)."""

    labels: Labels
    drafts: Drafts

    @property
    def is_inverse(self) -> bool:
        """Whether the block stands below the line."""
        return any(draft.inverse for draft in self.drafts.values())

    def cheapest(self, writer: Writer) -> tuple[Draft, Labels]:
        """The best draft in any order."""
        order = min(self.drafts, key=lambda key: writer.cost(self.drafts[key]))
        return self.drafts[order], order


class Search:
    """Writes one contraction.

    Args:
        writer: writes forms and knows their costs.
        kept: labels of the result.
    """

    def __init__(self, writer: Writer, kept: Labels) -> None:
        self.writer = writer
        self.kept = frozenset(kept)
        self.places = {label: place for place, label in enumerate(kept)}

    def blocks(self, items: Sequence[Item]) -> list[Block]:
        """The connected parts of a contraction, each written in every order of its axes."""
        groups: dict[Labels, list[Item]] = {}
        for item in sorted(items, key=lambda item: factor_key(item.tree)):
            groups.setdefault(tuple(sorted(item.labels)), []).append(item)
        parts = _components(list(groups))
        return [self._component([(labels, groups[labels]) for labels in part]) for part in parts]

    def _component(self, groups: list[tuple[Labels, list[Item]]]) -> Block:
        members = [labels for labels, _ in groups]
        blocks = []
        for place, (labels, items) in enumerate(groups):
            rest = {n for k, other in enumerate(members) if k != place for n in other}
            blocks.append(self._group(labels, items, rest | self.kept))
        self._absorb_vectors(blocks)
        while len(blocks) > _MOST_GROUPS:
            self._shrink(blocks)
        while (result := self._best(blocks)) is None:
            self._shrink(blocks)
        return result

    def outer(self, blocks: Sequence[Block], output: Labels) -> Draft:
        """Blocks that share no label as one draft: an outer product, or an einsum."""
        if len(blocks) == 1:
            return self._in_order(blocks[0], output)
        if len(blocks) == 2:
            labels = tuple(sorted(output))
            joined = self._joined(list(blocks), [(blocks[0], blocks[1])], labels)
            return self._in_order(joined, output)
        return self.writer.einsum([block.cheapest(self.writer) for block in blocks], output)

    def _in_order(self, block: Block, output: Labels) -> Draft:
        if output in block.drafts:
            return block.drafts[output]
        found = [self.writer.reorder(d, order, output) for order, d in block.drafts.items()]
        return min(found, key=self.writer.cost)

    # ------------------------------------------------------------------ groups

    def _group(self, labels: Labels, items: list[Item], needed: set[int]) -> Block:
        """Operands with the same labels, summed over those that nobody else has."""
        left = tuple(n for n in labels if n in needed)
        drafts: Drafts = {}
        if len(left) < len(labels) and len(items) > 1:
            self._closed(labels, left, items, drafts)
        choices = orders(labels) if len(labels) <= MOST_PERMUTED else [items[0].labels]
        for order in choices:
            result = tuple(n for n in order if n in needed)
            draft = self.writer.total(self._entrywise(items, order), order, result)
            self._offer(drafts, result, draft)
        if len(items) > 1:
            self._relax(drafts)
        return Block(left, drafts)

    def _closed(self, labels: Labels, left: Labels, items: list[Item], drafts: Drafts) -> None:
        """A group that is summed at once as a product: ``x @ y``, ``trace(A @ B)``."""
        if any(item.inverse for item in items):
            return
        *head, last = items
        for form in forms(labels, labels, left):
            if form.kind in ("dot", "trace", "diagonal"):
                one, two = self._entrywise(head, form.left), self._entrywise([last], form.right)
                self._offer(drafts, form.order, self.writer.apply(form, one, two))

    def _entrywise(self, items: list[Item], order: Labels) -> Draft:
        drafts = [self._leaf(item, order) for item in items]
        if len(drafts) > 1 and all(draft.soft for draft in drafts):
            drafts[0] = self.writer.hard(drafts[0])
        over = [draft for draft in drafts if draft.inverse]
        above = [draft for draft in drafts if not draft.inverse]
        result: Draft | None = None
        for group in (above, over):
            product = self._product(group)
            if product is not None:
                result = product if result is None else self.writer.times(result, product)
        assert result is not None
        return result

    def _product(self, drafts: list[Draft]) -> Draft | None:
        result: Draft | None = None
        powers: dict[Tree, list[Draft]] = {}
        for draft in drafts:
            powers.setdefault(draft.tree, []).append(draft)
        for equal in powers.values():
            power = equal[0]
            for draft in equal[1:]:
                power = self.writer.times(power, draft)
            result = power if result is None else self.writer.times(result, power, ordered=True)
        return result

    def _leaf(self, item: Item, order: Labels) -> Draft:
        draft = Draft(item.tree, frozenset(), 0.0, item.inverse, item.soft)
        return draft if item.symmetric else self.writer.reorder(draft, item.labels, order)

    # ------------------------------------------------------------------ joining

    def _best(self, blocks: list[Block]) -> Block | None:
        """The best way to join connected blocks; None when there are too many ways."""
        table: dict[int, Block] = {1 << k: block for k, block in enumerate(blocks)}
        everything = (1 << len(blocks)) - 1
        by_size: list[list[int]] = [[], list(table)]
        for _ in range(1, len(blocks)):
            found = sorted(self._grown(by_size[-1], blocks))
            if len(table) + len(found) > _MOST_SETS:
                return None
            for members in found:
                singles = [block for k, block in enumerate(blocks) if members >> k & 1]
                labels = self._needed(members, blocks)
                highest = max(_MATRIX, *(len(block.labels) for block in singles))
                if members == everything or len(labels) <= highest:
                    pairs = [(table[a], table[b]) for a, b in _splits(members, table)]
                    table[members] = self._joined(singles, pairs, labels)
            by_size.append(found)
        return table[everything]

    def _grown(self, sets: list[int], blocks: list[Block]) -> set[int]:
        found: set[int] = set()
        for members in sets:
            labels = {n for k, b in enumerate(blocks) if members >> k & 1 for n in b.labels}
            for k, block in enumerate(blocks):
                if not members >> k & 1 and not labels.isdisjoint(block.labels):
                    found.add(members | 1 << k)
        return found

    def _needed(self, members: int, blocks: list[Block]) -> Labels:
        inside = {n for k, b in enumerate(blocks) if members >> k & 1 for n in b.labels}
        outside = {n for k, b in enumerate(blocks) if not members >> k & 1 for n in b.labels}
        return tuple(sorted(inside & (outside | self.kept)))

    def _joined(
        self, singles: list[Block], pairs: list[tuple[Block, Block]], labels: Labels
    ) -> Block:
        """A set of blocks from its parts in two, or as one einsum.

        Sets of higher rank than their members are not formed: an author would not.
        """
        drafts: Drafts = {}
        for left, right in pairs:
            self._join(left, right, labels, drafts)
            self._join(right, left, labels, drafts)
        self._relax(drafts)
        for blocks in (singles, *map(list, pairs)):
            self._einsum(blocks, labels, drafts)
        return Block(labels, drafts)

    def _join(self, left: Block, right: Block, labels: Labels, drafts: Drafts) -> None:
        given = forms(left.labels, right.labels, labels)
        needs_sum = given[0].kind != "matmul" or left.is_inverse or right.is_inverse
        for form in given:
            if form.kind == "einsum" or (form.kind == "sum" and not needs_sum):
                continue
            one, two = left.drafts.get(form.left), right.drafts.get(form.right)
            if one is not None and two is not None:
                self._offer(drafts, form.order, self.writer.apply(form, one, two))

    def _einsum(self, blocks: list[Block], labels: Labels, drafts: Drafts) -> None:
        """The blocks as operands of one einsum, where that may be best."""
        operands = [block.cheapest(self.writer) for block in blocks]
        least = 1 + max(self.writer.cost(draft) for draft, _ in operands)
        flat = [part for draft, own in operands for part in (draft.parts or [(draft, own)])]
        choices = orders(labels) if len(labels) <= MOST_PERMUTED else [self._natural(labels)]
        for order in choices:
            bound = least + einsum_surcharge([own for _, own in flat], order)
            known = drafts.get(order)
            if known is None or bound <= self.writer.cost(known):
                self._offer(drafts, order, self.writer.einsum(operands, order))

    def _natural(self, labels: Labels) -> Labels:
        """The order of the result, what is summed later at the end."""
        return tuple(sorted(labels, key=lambda n: (self.places.get(n, len(self.places)), n)))

    def _relax(self, drafts: Drafts) -> None:
        """Each order also as the transpose of another."""
        for order, draft in list(drafts.items()):
            if len(order) > MOST_PERMUTED:
                continue
            for wanted in orders(tuple(sorted(order))):
                if wanted != order:
                    self._offer(drafts, wanted, self.writer.reorder(draft, order, wanted))

    def _offer(self, drafts: Drafts, order: Labels, draft: Draft) -> None:
        known = drafts.get(order)
        if known is None or self._is_better(draft, known):
            drafts[order] = draft

    def _is_better(self, draft: Draft, known: Draft) -> bool:
        gain = self.writer.cost(known) - self.writer.cost(draft)
        if abs(gain) > _TIE:
            return gain > 0
        return author_key(draft.tree) < author_key(known.tree)

    # ------------------------------------------------------------------ large networks

    def _absorb_vectors(self, blocks: list[Block]) -> None:
        """Join vectors with their only neighbour, and what then has equal labels, for good.

        The last few are left to the search.
        """
        while len(blocks) > _FEW_GROUPS:
            pair = next(
                (
                    (i, j)
                    for i, one in enumerate(blocks)
                    for j, two in enumerate(blocks)
                    if i != j and self._absorbs(one, two, blocks)
                ),
                None,
            )
            if pair is None:
                return
            self._merge(blocks, *sorted(pair))

    def _absorbs(self, vector: Block, other: Block, blocks: list[Block]) -> bool:
        if vector.labels == other.labels:
            return True
        if len(vector.labels) != 1 or vector.labels[0] in self.kept:
            return False
        label = vector.labels[0]
        return label in other.labels and sum(label in block.labels for block in blocks) == 2

    def _shrink(self, blocks: list[Block]) -> None:
        """Join one pair for good: the one with the smallest result."""
        best: tuple[tuple[int, int, int], int, int] | None = None
        for i, one in enumerate(blocks):
            for j in range(i + 1, len(blocks)):
                two = blocks[j]
                if set(one.labels).isdisjoint(two.labels):
                    continue
                rank = len(self._needed(1 << i | 1 << j, blocks))
                growth = rank - max(len(one.labels), len(two.labels))
                key = (growth, rank, i)
                if best is None or key < best[0]:
                    best = key, i, j
        assert best is not None
        self._merge(blocks, best[1], best[2])

    def _merge(self, blocks: list[Block], i: int, j: int) -> None:
        labels = self._needed(1 << i | 1 << j, blocks)
        pair = blocks[i], blocks[j]
        blocks[i] = self._joined(list(pair), [pair], labels)
        del blocks[j]


def _components(members: list[Labels]) -> list[list[Labels]]:
    """Label sets that hang together, in order of their first member."""
    parts: list[tuple[set[int], list[Labels]]] = []
    for labels in members:
        touching = [part for part in parts if not part[0].isdisjoint(labels)]
        merged: tuple[set[int], list[Labels]] = (set(labels), [labels])
        if touching:
            merged = (set().union(*(p[0] for p in touching), labels), [])
            merged[1].extend(one for part in touching for one in part[1])
            merged[1].append(labels)
            place = parts.index(touching[0])
            parts = [part for part in parts if part not in touching]
            parts.insert(place, merged)
        else:
            parts.append(merged)
    return [part[1] for part in parts]


def _splits(members: int, table: dict[int, Block]) -> Iterator[tuple[int, int]]:
    """The ways to part a set into two that are written already."""
    lowest = members & -members
    part = (members - 1) & members
    while part:
        if part & lowest and part in table and members ^ part in table:
            yield part, members ^ part
        part = (part - 1) & members


def written(items: Sequence[Item], output: Labels, writer: Writer) -> Draft:
    """A contraction of operands, none of whose labels is loose, in the best notation.

    Args:
        items: operands; rank 0 among them is allowed.
        output: labels of the result, each held by an operand, none twice.
        writer: writes the forms.

    >>> from symflow.notation.tree import Name, python_text
    >>> X, r = Item(Name("X"), (0, 1)), Item(Name("r"), (0,))
    >>> python_text(written([X, r], (1,), Writer()).tree)
    'X.T @ r'
    """
    search = Search(writer, output)
    return search.outer(search.blocks(items), output)
