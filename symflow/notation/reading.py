"""A whole contraction as an author writes it: products, diagonals, Kronecker products, scalars.

The network's connected parts are written by :mod:`symflow.notation.search`; here they are put
together: identities from repeated labels, axes merged after the product, scalars set apart.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import sympy as sp

from symflow.core import Apply, Einsum, Tensor, dtypes
from symflow.core.dims import Dim, Shape, is_one, product
from symflow.notation.network import Labels, Member, Network
from symflow.notation.pairs import Draft, Writer
from symflow.notation.recipes import Problem, parts_of, solved
from symflow.notation.search import Block, Item, Search
from symflow.notation.spelled import is_spelled
from symflow.notation.tree import Method, Number, Text, Tree, Unary, call
from symflow.notation.views import Piece, collapsed, inserted, reordered, shape_tree, squeezed
from symflow.ops import facts
from symflow.ops.arithmetic import CAST, SCALAR_POWER

_SYMMETRIC_RANK = 2
_RESHAPE = 0.25  # kron(u, v) rather than outer(u, v).reshape(-1)
_KRON_AXIS = 0.5  # einsum(...).reshape(...) rather than kron(M[:, None, :], A[:, :, None])


class Shown(NamedTuple):
    """What stands for a node.

    Attributes:
        tree: what is written.
        shape: the shape that the tree has; it may be smaller than the node's and broadcast to it.
        soft: whether the tree has a narrower data type than the node.
        negative: whether the value is minus the tree.
        tender: whether it begins with a factor of a narrower data type.
    """

    tree: Tree
    shape: Shape
    soft: bool = False
    negative: bool = False
    tender: bool = False


class Trees(Protocol):
    """What a contraction asks for: the trees of its operands."""

    def shown(self, node: Tensor) -> Shown:
        """A node's tree, whose shape may be smaller."""

    def strict(self, node: Tensor) -> Tree:
        """A node's tree of exactly its shape."""

    def flipped(self, node: Tensor) -> Shown | None:
        """Minus a node, where that is how the node is to be written."""

    def unsigned(self, node: Tensor) -> Shown:
        """A node up to its sign."""

    def denominator(self, node: Apply) -> Shown:
        """One over a negative power."""

    def size(self, size: Dim) -> Tree:
        """A dimension."""


class Core(NamedTuple):
    """A contraction with its coefficient set apart.

    Attributes:
        coefficient: a number or an expression of dimensions.
        scalars: factors of rank 0.
        main: the rest, if there is any.
        slots: for each axis of the result whether ``main`` has it.
        sizes: sizes of labels.
        soft: digests of the operands that have a narrower data type than the result.
    """

    coefficient: sp.Expr
    scalars: tuple[Draft, ...]
    main: Draft | None
    slots: tuple[bool, ...]
    sizes: dict[int, Dim]
    soft: frozenset[int]

    @property
    def operators(self) -> frozenset[int]:
        """The digests of the operators that the contraction itself adds."""
        main = self.main.operators if self.main else frozenset()
        return main.union(*(draft.operators for draft in self.scalars))


def is_narrower(inner: str, outer: str) -> bool:
    """Whether NumPy itself turns one data type into another next to an operand of the latter."""
    order = ("bool", "int", "float", "complex")
    narrow, wide = (order.index(dtypes.kind(name)) for name in (inner, outer))
    real = narrow <= order.index("int")
    return real and narrow < wide and dtypes.promote(inner, outer) == outer


def is_denominator(node: Tensor) -> bool:
    """Whether a node is a negative power, which stands below the line."""
    if not isinstance(node, Apply) or node.operation is not SCALAR_POWER:
        return False
    return bool(node.params[0].could_extract_minus_sign())


def is_silent_cast(node: Tensor) -> bool:
    """Whether a node is a conversion that NumPy does itself."""
    if not isinstance(node, Apply) or node.operation is not CAST:
        return False
    return is_narrower(node.operands[0].dtype, node.dtype) and not is_spelled(node)


def core_of(
    net: Network,
    trees: Trees,
    dtype: str = "float",
    printed: Callable[[int], bool] | None = None,
) -> Core:
    """Write a network.

    Args:
        net: the network.
        trees: writes the operands.
        dtype: data type of the result.
        printed: whether an operator is printed elsewhere, by digest.
    """
    return _Reading(net, trees, Writer(dtype, printed)).core()


class _Reading:
    def __init__(self, net: Network, trees: Trees, writer: Writer) -> None:
        self.net = net
        self.trees = trees
        self.writer = writer
        self.primes: list[tuple[int, int]] = []
        self.entries = self._told_apart()
        self.paired: set[int] = set()
        self.sign = sp.S.One
        self.counts = Counter(one.node for one in net.members if not one.is_reshaped)
        self.items = [self._item(one) for one in net.members]
        self.diagonals: dict[int, int] = {}

    def core(self) -> Core:
        self._identities()
        held = {n for item in self.items for n in item.labels}
        shown = {n for entry in self.entries for n in entry}
        coefficient = self.sign * self.net.coefficient
        for label in sorted(self.net.live - held - shown):
            coefficient = coefficient * self.net.sizes[label]
        slots = self._slots(held | set(self.diagonals.values()))
        entries = [entry for entry, slot in zip(self.entries, slots, strict=True) if slot]
        flat = tuple(label for entry in entries for label in entry)
        problem = Problem(tuple(self.items), flat, tuple(self.diagonals.items()))
        if len(flat) == len(entries):
            scalars, main = solved(problem, self.writer)
        else:
            search, scalars, blocks = parts_of(problem, self.writer)
            main = self._merged(search, blocks, entries)
        soft = frozenset(item.tree.digest for item in self.items if item.soft)
        return Core(coefficient, scalars, main, slots, self.net.sizes, soft)

    # ------------------------------------------------------------------ operands

    def _item(self, one: Member) -> Item:
        node: Any = one.node
        if one.is_reshaped:
            piece = self._distinct(self._reshaped(one))
            return Item(piece.tree, piece.labels)
        inverse = is_denominator(node)
        soft = False
        if (turned := self.trees.flipped(node)) is not None:
            shown, self.sign = turned, -self.sign
        elif inverse:
            shown = self.trees.denominator(node)
        elif isinstance(node, Einsum) and self.counts[node] % 2 == 0:
            shown = self.trees.unsigned(node)  # twice a minus is none
        elif is_silent_cast(node):
            shown, soft = self.trees.shown(node.operands[0]), True
        else:
            shown = self.trees.shown(node)
            soft = shown.soft
        piece = self._distinct(self._fitted(one, shown))
        return Item(piece.tree, piece.labels, inverse, soft, self._is_symmetric(node, piece))

    def _is_symmetric(self, node: Tensor, piece: Piece) -> bool:
        rank = len(piece.labels)
        if rank != node.rank or rank < _SYMMETRIC_RANK:
            return False
        known = facts.facts(node)
        return "fully_symmetric" in known or (rank == _SYMMETRIC_RANK and "symmetric" in known)

    def _fitted(self, one: Member, shown: Shown) -> Piece:
        """An operand's tree with a label an axis, those of size 1 dropped."""
        labels = one.labels[one.node.rank - len(shown.shape) :]
        lost = [
            axis
            for axis, (label, size) in enumerate(zip(labels, shown.shape, strict=True))
            if is_one(size) or is_one(self.net.sizes[label])
        ]
        tree = squeezed(shown.tree, lost, len(labels))
        return Piece(tree, tuple(n for axis, n in enumerate(labels) if axis not in lost))

    def _reshaped(self, one: Member) -> Piece:
        axes = tuple(axis for group, _ in one.groups for axis in group)
        tree = reordered(self.trees.strict(one.node), tuple(range(len(axes))), axes)
        labels = tuple(n for n in one.labels if not is_one(self.net.sizes[n]))
        return Piece(self._reshape(tree, [self.net.sizes[n] for n in labels]), labels)

    def _distinct(self, piece: Piece) -> Piece:
        """No label twice: a diagonal is taken, or left to the identity of the result."""
        labels = piece.labels
        if len(set(labels)) == len(labels):
            return piece
        prime = dict(self.primes).get(labels[0])
        if len(labels) == _SYMMETRIC_RANK and prime is not None:
            self.paired.add(labels[0])
            return Piece(piece.tree, (labels[0], prime))
        return collapsed(piece, set(labels))

    def _reshape(self, tree: Tree, shape: Sequence[Dim]) -> Tree:
        """The method of an array; the first size that is no name or number is left to it."""
        sizes = [self.trees.size(size) for size in shape]
        rest = next((place for place, size in enumerate(sizes) if size.children), None)
        if len(shape) == 1 or (rest is not None and 0 not in shape):
            sizes[rest or 0] = Unary("-", Number("1"))
        return Method(tree, "reshape", tuple(sizes))

    # ------------------------------------------------------------------ labels of the result

    def _told_apart(self) -> list[Labels]:
        """The axes of the result with repeated labels made different."""
        seen: set[int] = set()
        result = []
        for entry in self.net.entries:
            labels = []
            for label in entry:
                name = label
                if label in seen:
                    name = self.net.fresh(self.net.sizes[label])
                    self.primes.append((label, name))
                seen.add(name)
                labels.append(name)
            result.append(tuple(labels))
        return result

    def _identities(self) -> None:
        """A repeated label is an identity matrix, or makes a vector a diagonal matrix."""
        times = [label for label, _ in self.primes]
        for label, prime in self.primes:
            alone = self._reach(label) == {label}
            if alone and times.count(label) == 1 and label not in self.paired:
                self.diagonals[label] = prime
                continue
            eye = call("eye", self.trees.size(self.net.sizes[label]), **self._typed())
            self.items.append(Item(eye, (label, prime), symmetric=True))
        for entry in self.entries:
            for label in entry if len(entry) > 1 else ():
                if not self._reach(label) and label not in self.diagonals.values():
                    shape = shape_tree([self.net.sizes[label]], self.trees.size)
                    ones = call("ones", shape, **self._typed())
                    self.items.append(Item(ones, (label,)))

    def _typed(self) -> dict[str, Tree]:
        """The data type of a constant, where it is not NumPy's."""
        dtype = self.writer.dtype
        return {} if dtype == "float" else {"dtype": Text(dtype)}

    def _reach(self, label: int) -> set[int]:
        """The labels of the result in the part of the network that holds a label."""
        shown = {n for entry in self.entries for n in entry}
        reached: set[int] = set()
        pending = {label} & {n for item in self.items for n in item.labels}
        while pending:
            reached |= pending
            touched = [item for item in self.items if not reached.isdisjoint(item.labels)]
            pending = {n for item in touched for n in item.labels} - reached
        return reached & shown

    def _slots(self, held: set[int]) -> tuple[bool, ...]:
        return tuple(all(label in held for label in entry) for entry in self.entries)

    # ------------------------------------------------------------------ the result

    def _merged(self, search: Search, blocks: list[Block], entries: list[Labels]) -> Draft:
        """A result some of whose axes are merged ones."""
        flat = tuple(label for entry in entries for label in entry)
        draft = self.writer.upright(search.outer(blocks, flat))
        sizes = [product(self.net.sizes[label] for label in entry) for entry in entries]
        tree = self._reshape(draft.tree, sizes)
        draft = Draft(tree, draft.operators, draft.surcharge + _RESHAPE)
        kron = self._kron(blocks, entries)
        if kron is not None and self.writer.cost(kron) <= self.writer.cost(draft):
            return kron
        return draft

    def _kron(self, blocks: list[Block], entries: list[Labels]) -> Draft | None:
        """The Kronecker product of blocks that each have at most one part of every merged axis."""
        owner = {label: k for k, block in enumerate(blocks) for label in block.labels}
        runs = [[owner[label] for label in entry] for entry in entries]
        if len(blocks) < 2 or any(len(set(run)) != len(run) for run in runs):
            return None
        order = _common_order(runs, len(blocks))
        if order is None:
            return None
        factors = [self._factor(blocks[k], entries) for k in order]
        result = factors[0]
        for factor in factors[1:]:
            result = self.writer.called("kron", result, factor)
        return result

    def _factor(self, block: Block, entries: list[Labels]) -> Draft:
        order = tuple(label for entry in entries for label in entry if label in block.labels)
        slots = [not set(entry).isdisjoint(block.labels) for entry in entries]
        draft = self.writer.upright(Search(self.writer, order).outer([block], order))
        slots = slots[slots.index(True) :]
        surcharge = draft.surcharge + _KRON_AXIS * slots.count(False)
        tree = inserted(draft.tree, slots)
        return Draft(tree, draft.operators, surcharge)


def _common_order(runs: list[list[int]], count: int) -> list[int] | None:
    """An order of blocks that every run follows, if there is one."""
    before = {pair for run in runs for pair in pairwise(run)}
    left, order = list(range(count)), []
    while left:
        free = [k for k in left if not any((other, k) in before for other in left)]
        if not free:
            return None
        order.append(free[0])
        left.remove(free[0])
    return order
