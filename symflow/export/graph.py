"""Data-flow graphs as a table, a text tree and a picture."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from symflow.core import Dim, Tensor, as_tensor, postorder
from symflow.core.dims import show_shape, simplify_dim
from symflow.core.variable import Scalar, Variable
from symflow.errors import ShapeError
from symflow.export.costs import Cost, Names, first_names, flops, parts_of
from symflow.export.flow import Flow, Measure, Vertex, counted
from symflow.export.svg import draw
from symflow.export.wording import operation_name

_ROWS = 200
_INDENT = 40


class Graph(Flow):
    """The data-flow graph of one or several expressions; made by ``sf.graph``.

    ``print`` shows the table; notebooks show the picture.
    """

    def at(self, sizes: Mapping[str, int] | None = None, /, **more: int) -> "Graph":
        """The same graph with values for dimensions: ``graph.at(n=1000, d=20)``."""
        roots = [self.nodes[k].tensor for k in self.outputs]
        names = {node.name: node.tensor for node in self.nodes if node.operands}
        known = {**self.sizes, **(sizes or {}), **more}
        return build_graph(roots, known, names)

    def table(self, limit: int | None = _ROWS) -> str:
        """The nodes by level, one a line, with operands, shape, rank and cost.

        Args:
            limit: the most lines of nodes; None for all.
        """
        rows = [("level", "name", "operation", "of", "shape", "rank", "FLOPs")]
        ordered = [node for level in self.levels for node in level]
        previous = -1
        for node in ordered[:limit]:
            level = "" if node.level == previous else str(node.level)
            previous = node.level
            of = ", ".join(self.nodes[k].name for k in node.operands)
            shape = show_shape(node.shape)
            cost = str(node.flops) if node.operands else ""
            rows.append((level, node.name, node.operation, of, shape, node.rank, cost))
        return "\n".join([*_aligned(rows), *_more(len(ordered) - len(rows) + 1)])

    def tree(self, limit: int | None = _ROWS) -> str:
        """The graph as an indented text tree from the outputs down; shared nodes open once.

        Args:
            limit: the most lines; None for all.
        """
        lines: list[str] = []
        opened: set[int] = set()
        stack = [(k, "", "") for k in reversed(self.outputs)]
        while stack and (limit is None or len(lines) < limit):
            number, lead, below = stack.pop()
            node = self.nodes[number]
            again = number in opened and bool(node.operands)
            lines.append(lead + _described(node) + (" (above)" if again else ""))
            if again:
                continue
            opened.add(number)
            deep = below[:_INDENT]
            for place, k in enumerate(reversed(node.operands)):
                branch, rest = ("└─ ", "   ") if place == 0 else ("├─ ", "│  ")
                stack.append((k, deep + branch, deep + rest))
        return "\n".join([*lines, *(["..."] if stack else [])])

    def svg(self, title: str = "") -> str:
        """The graph as the text of an SVG file, a row of boxes for each level."""
        return draw(self, title)

    def _repr_svg_(self) -> str:
        return self.svg()

    def __str__(self) -> str:
        return f"{self.table()}\n\n{self.summary()}"

    def __repr__(self) -> str:
        return f"<graph: {self.summary()}>"


def build_graph(roots: Sequence[Any], sizes: Mapping[Any, int], names: Mapping[str, Any]) -> Graph:
    """The graph of expressions, see :func:`symflow.api.graph.graph`."""
    wanted = [as_tensor(root) for root in roots]
    if not wanted:
        raise TypeError("a graph needs at least one expression")
    known = {str(name): _size(name, value) for name, value in sizes.items()}
    reading = first_names(postorder(wanted))
    order = _order(wanted, reading)
    labels = _names(order, wanted, names)
    measure = Measure(known)
    number: dict[Tensor, int] = {}
    nodes: list[Vertex] = []
    for node in order:
        operands = tuple(dict.fromkeys(number[part] for part in parts_of(node, reading)))
        number[node] = len(nodes)
        nodes.append(
            Vertex(
                number=len(nodes),
                tensor=node,
                name=labels[node],
                operation=operation_name(node, reading),
                operands=operands,
                shape=tuple(_valued(size, known) for size in node.shape),
                level=1 + max((nodes[k].level for k in operands), default=-1),
                flops=_valued(flops(node, measure), known),
            )
        )
    return Graph(tuple(nodes), tuple(number[root] for root in wanted), known)


def _order(roots: Sequence[Tensor], names: Names) -> list[Tensor]:
    """The distinct nodes, operands first and in reading order."""
    order: list[Tensor] = []
    seen: set[Tensor] = set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((part, False) for part in reversed(parts_of(node, names)))
    return order


def _size(name: Any, value: int) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < 0:
        raise ShapeError(f"the size of {name} must be a non-negative integer, got {value!r}")
    return int(value)


def _valued(size: Cost, known: Mapping[str, int]) -> Dim:
    """A size or cost with the known dimensions put in."""
    if isinstance(size, int) or not known:
        return size
    values = {symbol: known[symbol.name] for symbol in size.free_symbols if symbol.name in known}
    return simplify_dim(size.subs(values)) if values else size


def _names(
    order: Sequence[Tensor], roots: Sequence[Tensor], given: Mapping[str, Any]
) -> dict[Tensor, str]:
    """Names of all nodes: the author's, and numbered ones that hide none of them."""
    labels: dict[Tensor, str] = {}
    for node in order:
        if isinstance(node, Variable):
            labels[node] = node.full_name
        elif isinstance(node, Scalar):
            labels[node] = node.symbol.name
    for name, node in given.items():
        labels.setdefault(as_tensor(node), name)
    for place, root in enumerate(dict.fromkeys(roots)):
        many = len(set(roots)) > 1
        labels.setdefault(root, f"out{place + 1}" if many else "out")
    taken = set(labels.values())
    prefix = next(
        letter
        for letter in ("t", "u", "tmp", "node_", "symflow_node_")
        if not any(re.fullmatch(rf"{letter}\d+", name) for name in taken)
    )
    count = 0
    for node in order:
        if node not in labels:
            count += 1
            labels[node] = f"{prefix}{count}"
    return labels


def _described(node: Vertex) -> str:
    what = "" if node.operation == "variable" else f" = {node.operation}"
    return f"{node.name}{what}: {node.rank} {show_shape(node.shape)}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _more(left_out: int) -> list[str]:
    return [f"... and {counted(left_out, 'more node')}"] if left_out > 0 else []
