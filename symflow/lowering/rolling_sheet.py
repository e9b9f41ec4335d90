"""A graph as numbered rows, signs apart: what can be compared without looking at names.

Canonical forms order operands by digests, and the first term of a sum takes a positive sign, so
that equal layers of a network differ in order and in signs.  Here a node stands for itself and
its negative, operands carry marks that do not depend on their order, and colours tell how a node
looks from nearby.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, postorder
from symflow.core.variable import Variable

ROUNDS = 5  # how far colours look
_CROWD = 16  # users beyond which a node is not known by them
_REFINEMENTS = 2


class Edge(NamedTuple):
    """An operand of a row.

    Attributes:
        mark: how the row uses it, whatever the order of the operands.
        sign: 1 or -1.
        row: its number.
    """

    mark: int
    sign: int
    row: int


class Sheet:
    """The rows of a graph, operands first.

    Attributes:
        nodes: the node of each row.
        edges: the operands of each row, in the order of the node.
        users: for each row the rows that use it, with the mark of the use.
        roots: the rows of the roots, with the sign that they have there.
        heights: for each row how many operations stand one after the other up to it.
        colours: a number for each row, by how far it looks: 0 is the operation alone.
    """

    def __init__(self, roots: Sequence[Tensor]) -> None:
        self.nodes: list[Tensor] = []
        self.edges: list[list[Edge]] = []
        self._places: dict[Tensor, tuple[int, int]] = {}
        for node in postorder(roots):
            if node not in self._places:  # the negative of one that came before, it may be
                self._enter(node)
        self.roots = {row: sign for sign, row in map(self.place, roots)}
        self.heights = self._raised()
        self.users: list[list[tuple[int, int]]] = [[] for _ in self.nodes]
        for row, edges in enumerate(self.edges):
            for edge in edges:
                self.users[edge.row].append((edge.mark, row))
        self.colours: list[list[int]] = [[hash(head(node)) for node in self.nodes]]
        for _ in range(ROUNDS):
            self.colours.append(self._looked(self.colours[-1]))

    def __len__(self) -> int:
        return len(self.nodes)

    def place(self, node: Tensor) -> tuple[int, int]:
        """The sign and the row of a node."""
        return self._places[node]

    def _enter(self, node: Tensor) -> None:
        core, sign = self._positive(node)
        if core is not node:
            if core not in self._places:
                self._enter(core)
            known, row = self._places[core]
            self._places[node] = known * sign, row
            return
        self._places[node] = 1, len(self.nodes)
        self.nodes.append(node)
        found = marks(node)
        self.edges.append(
            [
                Edge(mark, *self._places[operand])
                for mark, operand in zip(found, node.operands, strict=True)
            ]
        )

    def _positive(self, node: Tensor) -> tuple[Tensor, int]:
        """A product of what stands in rows, without signs, and the sign that it leaves."""
        if not isinstance(node, Einsum):
            return node, 1
        sign, core = 1, node
        for operand in node.operands:
            sign *= self._places[operand][0]
        if any(self._places[operand][0] < 0 for operand in node.operands):
            rows = (self._places[operand][1] for operand in node.operands)
            core = node.with_operands(tuple(self.nodes[row] for row in rows))
        if isinstance(core, Einsum) and core.coefficient.could_extract_minus_sign():
            core, sign = core.with_coefficient(-core.coefficient), -sign
        if all(operand in self._places for operand in core.operands):
            return core, sign
        return node, 1

    def _raised(self) -> list[int]:
        """How many operations stand one after the other up to each row."""
        heights: list[int] = []
        for edges in self.edges:
            heights.append(1 + max((heights[edge.row] for edge in edges), default=-1))
        return heights

    def _looked(self, colours: list[int]) -> list[int]:
        """The colours seen from one step further."""
        result = list(colours)
        for row, edges in enumerate(self.edges):
            if not edges:
                continue  # leaves are inputs, whoever uses them
            below = sorted((edge.mark, colours[edge.row]) for edge in edges)
            users = self.users[row]
            above = [] if len(users) > _CROWD else sorted((m, colours[user]) for m, user in users)
            result[row] = hash((colours[row], tuple(below), tuple(above)))
        return result


def size_of(coefficient: sp.Expr) -> sp.Expr:
    """A coefficient without its sign."""
    return -coefficient if coefficient.could_extract_minus_sign() else coefficient


def head(node: Tensor) -> Hashable:
    """What a row is, without its operands, names and signs."""
    if isinstance(node, Einsum):
        return ("contraction", size_of(node.coefficient), node.shape, node.dtype, _outputs(node))
    if isinstance(node, Add):
        return ("sum", node.shape, node.dtype, len(node.operands))
    if isinstance(node, Apply):
        return (node.operation.name, _without_starts(node), node.shape, node.dtype)
    properties = node.properties if isinstance(node, Variable) else None
    return ("leaf", node.shape, node.dtype, properties)


def _outputs(node: Einsum) -> Hashable:
    first: dict[int, int] = {}
    return tuple(first.setdefault(label, place) for place, label in enumerate(node.output))


def _without_starts(node: Apply) -> Hashable:
    if node.operation.name == "slice":
        return tuple((count, step) for _, count, step in node.params[0])
    return node.params


def marks(node: Tensor) -> list[int]:
    """How a node uses each of its operands, the same however they are ordered."""
    if isinstance(node, Einsum):
        return _contraction_marks(node)
    if isinstance(node, Add):
        return [hash(size_of(coefficient)) for coefficient in node.coefficients]
    if isinstance(node, Apply) and "commutative" in node.operation.facts:
        return [0] * len(node.operands)
    return list(range(len(node.operands)))


def _contraction_marks(node: Einsum) -> list[int]:
    counts: dict[int, int] = {}
    for labels in node.subscripts:
        for label in labels:
            counts[label] = counts.get(label, 0) + 1
    shown: dict[int, list[int]] = {}
    for place, label in enumerate(node.output):
        shown.setdefault(label, []).append(place)
    found = [
        hash(tuple((counts[label], tuple(shown.get(label, ()))) for label in labels))
        for labels in node.subscripts
    ]
    for _ in range(_REFINEMENTS if len(found) > 1 else 0):
        found = _refined(node, found)
    return found


def _refined(node: Einsum, found: Sequence[int]) -> list[int]:
    """Marks of operands told apart by the operands with which they share labels."""
    met: dict[int, list[tuple[int, int]]] = {}
    for mark, labels in zip(found, node.subscripts, strict=True):
        for place, label in enumerate(labels):
            met.setdefault(label, []).append((mark, place))
    codes = {label: hash(tuple(sorted(others))) for label, others in met.items()}
    return [
        hash((mark, tuple(codes[label] for label in labels)))
        for mark, labels in zip(found, node.subscripts, strict=True)
    ]


def paired(
    left: Sequence[tuple[int, int]],
    right: Sequence[tuple[int, int]],
    known: dict[int, int],
    colours: Sequence[Sequence[int]],
) -> list[tuple[int, int, int]]:
    """Rows of two lists of (mark, row) that stand for each other, and from how far that is seen.

    Those that are known to go together first, then those that look alike from furthest away and
    are told from all others there.
    """
    first, second = list(left), list(right)
    result: list[tuple[int, int, int]] = []
    _take(first, second, result, known.get, len(colours))
    for level in range(len(colours) - 1, -1, -1):
        if not first or not second:
            break
        images = _alike(first, second, colours[level])
        _take(first, second, result, images.get, level)
    return result


def _alike(
    first: list[tuple[int, int]], second: list[tuple[int, int]], colours: Sequence[int]
) -> dict[int, int]:
    """Rows of two lists that one colour tells from all others."""
    groups: dict[tuple[int, int], tuple[set[int], set[int]]] = {}
    for side, entries in enumerate((first, second)):
        for mark, row in entries:
            groups.setdefault((mark, colours[row]), (set(), set()))[side].add(row)
    return {next(iter(a)): next(iter(b)) for a, b in groups.values() if len(a) == 1 and len(b) == 1}


def _take(
    first: list[tuple[int, int]],
    second: list[tuple[int, int]],
    result: list[tuple[int, int, int]],
    image: Callable[[int], int | None],
    level: int,
) -> None:
    """Move the entries that go together from both lists into the result."""
    left: list[tuple[int, int]] = []
    for mark, row in first:
        other = image(row)
        if other is not None and (mark, other) in second:
            second.remove((mark, other))
            result.append((row, other, level))
        else:
            left.append((mark, row))
    first[:] = left
