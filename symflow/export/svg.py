"""Data-flow graphs as SVG: one row of boxes a level, edges coloured by the rank of their tensor."""

from html import escape
from itertools import pairwise
from textwrap import wrap

from symflow.core import Add, Apply, Einsum, Tensor
from symflow.core.dims import show_shape
from symflow.errors import BudgetError
from symflow.export.flow import Flow, Vertex
from symflow.export.layout import arrange

__all__ = ["draw"]

MOST_NODES = 400
_CHARACTER = 7.0
_PADDING = 10.0
_HEIGHT = 40.0
_ROW = 84.0
_GAP = 22.0
_MARGIN = 24.0
_LINE = 15.0
_BAND = 118.0  # room for the names of the levels
_LONGEST = 36
_NARROWEST = 480.0

_RANKS = (
    ("scalar", "#6b7280"),
    ("vector", "#15803d"),
    ("matrix", "#1d4ed8"),
    ("cube", "#7e22ce"),
    ("higher rank", "#b91c1c"),
)
_KINDS = (
    ("input", "#e8f1ff", "#93b4e8"),
    ("constant", "#f1f2f4", "#b6bcc6"),
    ("contraction", "#fff1dc", "#e3b066"),
    ("sum", "#fdfbdc", "#d2c65a"),
    ("elementwise", "#e6f7ea", "#84c596"),
    ("other operation", "#f4eafc", "#bd94dd"),
)
_STYLE = """
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2937; }
.title { font-weight: 600; }
.small { font-size: 11px; fill: #4b5563; }
.edge { fill: none; stroke-width: 1.6; opacity: 0.8; }
"""


def draw(graph: Flow, title: str = "") -> str:
    """A picture of a graph as the text of an SVG file.

    Args:
        graph: what to draw.
        title: a heading.

    Raises:
        BudgetError: for a graph of more than 400 nodes, which nobody could read.
    """
    if len(graph.nodes) > MOST_NODES:
        raise BudgetError(
            f"a picture holds {MOST_NODES} nodes, this graph has {len(graph.nodes)}: "
            "draw a part of it, or use .table(limit=None)"
        )
    return _Picture(graph, title or "Data flow").document()


class _Picture:
    """The places of all parts of one picture."""

    def __init__(self, graph: Flow, title: str) -> None:
        self.graph = graph
        self.title = title
        self.lines = [_lines(node) for node in graph.nodes]
        self.widths = [_PADDING * 2 + _CHARACTER * max(map(len, pair)) for pair in self.lines]
        edges = [(edge.source.number, edge.target.number) for edge in graph.edges]
        self.layout = arrange(_rows(graph), edges, self.widths, _GAP)
        self.left = _BAND + _MARGIN
        self.legend, reach = _legend(graph)
        self.width = max(self.left + self.layout.width + _MARGIN, reach, _NARROWEST)
        self.summary = wrap(graph.summary(), int((self.width - 2 * _MARGIN) / _CHARACTER))
        self.first = 72 + _LINE * len(self.summary) + 8

    def top(self, row: int) -> float:
        """The ordinate of the boxes of a row."""
        return self.first + row * _ROW

    def document(self) -> str:
        """The text of the file."""
        width, height = f"{self.width:.0f}", f"{self.top(len(self.graph.levels)) - 14:.0f}"
        arrows = "".join(
            f'<marker id="arrow{k}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" '
            f'markerHeight="6" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{colour}"/></marker>'
            for k, (_, colour) in enumerate(_RANKS)
        )
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img">',
            f"<title>{escape(self.title)}</title>",
            f"<style>{_STYLE}</style>",
            f"<defs>{arrows}</defs>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            _text(_MARGIN, 28, self.title, "title"),
            *self.legend,
            *(_text(_MARGIN, 76 + _LINE * k, part, "small") for k, part in enumerate(self.summary)),
            *self.bands(),
            *self.edges(),
            *(self.box(node) for node in self.graph.nodes),
            "</svg>",
        ]
        return "\n".join(lines) + "\n"

    def bands(self) -> list[str]:
        """A stripe for each level that computes something, and how many run in parallel there."""
        drawn = []
        for level, nodes in enumerate(self.graph.levels[1:], 1):
            top = self.top(level) - (_ROW - _HEIGHT) / 2
            fill = "#f8fafc" if level % 2 else "#ffffff"
            word = f"{len(nodes)} in parallel" if len(nodes) > 1 else "1 operation"
            drawn += [
                f'<rect x="0" y="{top:.1f}" width="{self.width:.1f}" height="{_ROW}" '
                f'fill="{fill}"/>',
                _text(_MARGIN, top + 38, f"level {level}", "title"),
                _text(_MARGIN, top + 54, word, "small"),
            ]
        return drawn

    def edges(self) -> list[str]:
        """Curves from the foot of each source to a port on the head of each target."""
        drawn = []
        for node in self.graph.nodes:
            ports = sorted(node.operands, key=lambda k: self.stops(k, node.number)[-1][0])
            for place, source in enumerate(ports):
                share = (place + 1) / (len(ports) + 1) - 0.5
                x = self.layout.centre[node.number] + share * self.widths[node.number] * 0.8
                end = (x, self.top(self.layout.layer[node.number]) - 5)
                stops = [*self.stops(source, node.number), end]
                drawn.append(_curve(self.graph.nodes[source], stops, self.left))
        return drawn

    def stops(self, source: int, target: int) -> list[tuple[float, float]]:
        """Where an edge leaves its source, and passes the rows between."""
        row = self.layout.layer[source]
        stops = [(self.layout.centre[source], self.top(row) + _HEIGHT)]
        for x in self.layout.points[source, target]:
            row += 1
            stops += [(x, self.top(row)), (x, self.top(row) + _HEIGHT)]
        return stops

    def box(self, node: Vertex) -> str:
        """A node: what it does, then its name, shape and rank."""
        _, fill, line = _KINDS[_kind(node.tensor)]
        width = self.widths[node.number]
        x = self.left + self.layout.centre[node.number]
        y = self.top(self.layout.layer[node.number])
        heavy = 2.6 if node.number in self.graph.outputs else 1.2
        tip = f"{node.name}: {node.operation}, {node.rank} {show_shape(node.shape)}"
        if node.operands:
            tip += f", {node.flops} FLOPs"
        title, small = self.lines[node.number]
        return (
            f"<g><title>{escape(tip)}</title>"
            f'<rect x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_HEIGHT}" '
            f'rx="6" fill="{fill}" stroke="{line}" stroke-width="{heavy}"/>'
            f"{_text(x, y + 17, title, 'title', 'middle')}"
            f"{_text(x, y + 32, small, 'small', 'middle')}</g>"
        )


def _curve(source: Vertex, stops: list[tuple[float, float]], left: float) -> str:
    path = [f"M{stops[0][0] + left:.1f},{stops[0][1]:.1f}"]
    for (x, y), (u, v) in pairwise(stops):
        bend = (v - y) / 2
        path.append(
            f"C{x + left:.1f},{y + bend:.1f} {u + left:.1f},{v - bend:.1f} {u + left:.1f},{v:.1f}"
        )
    rank = min(len(source.shape), len(_RANKS) - 1)
    tip = f"{source.name} {show_shape(source.shape)}, {source.rank}"
    return (
        f'<path class="edge" stroke="{_RANKS[rank][1]}" marker-end="url(#arrow{rank})" '
        f'd="{" ".join(path)}"><title>{escape(tip)}</title></path>'
    )


def _lines(node: Vertex) -> tuple[str, str]:
    shape = f"{show_shape(node.shape)} {node.rank}" if node.shape else node.rank
    if not node.operands:
        literal = "" if node.operation in ("variable", "symbol", "constant") else node.operation
        return _cut(literal or node.name), _cut(shape)
    return _cut(node.operation), _cut(f"{node.name}: {shape}")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _rows(graph: Flow) -> list[int]:
    """The row of each node: its level, but leaves stand right above their first use."""
    first: dict[int, int] = {}
    for node in graph.nodes:
        for source in node.operands:
            first[source] = min(first.get(source, node.level), node.level)
    return [
        node.level if node.operands else max(first.get(node.number, 1) - 1, 0)
        for node in graph.nodes
    ]


def _kind(node: Tensor) -> int:
    if not node.operands:
        return 1 if isinstance(node, Einsum) or type(node).__name__ == "Constant" else 0
    if isinstance(node, Einsum):
        return 2
    if isinstance(node, Add):
        return 3
    return 4 if isinstance(node, Apply) and node.operation.elementwise else 5


def _text(x: float, y: float, text: str, style: str, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}"'
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text {place} class="{style}"{anchored}>{escape(text)}</text>'


def _legend(graph: Flow) -> tuple[list[str], float]:
    """Which colour means what, for what occurs; and how far it reaches."""
    kinds = {_kind(node.tensor) for node in graph.nodes}
    ranks = {min(len(node.shape), len(_RANKS) - 1) for node in graph.nodes}
    x, y = _MARGIN, 54.0
    drawn = []
    for k in sorted(kinds):
        name, fill, line = _KINDS[k]
        drawn.append(
            f'<rect x="{x:.1f}" y="{y - 10}" width="14" height="12" rx="3" fill="{fill}" '
            f'stroke="{line}"/>' + _text(x + 20, y, name, "small")
        )
        x += 34 + 6.7 * len(name)
    for k in sorted(ranks):
        name, colour = _RANKS[k]
        drawn.append(
            f'<path d="M{x:.1f},{y - 4} h18" class="edge" stroke="{colour}"/>'
            + _text(x + 24, y, name, "small")
        )
        x += 38 + 6.7 * len(name)
    return drawn, x
