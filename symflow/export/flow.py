"""The data-flow graph of expressions: what is computed from what, and what can run in parallel.

Nodes are operations, edges the tensors that flow between them.  The level of a node is the
length of the longest path to it: nodes of one level do not depend on each other.  Work is the
number of floating point operations, span the part of them on the costliest path, and parallelism
their quotient: the most processors that could be kept busy (G. E. Blelloch, "Programming parallel
algorithms", 1996).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from symflow.core import Tensor, rank_name
from symflow.core.dims import Shape
from symflow.export.costs import Cost

# The size that a dimension without a value has in comparisons.
TYPICAL = 100


@dataclass(frozen=True)
class Vertex:
    """A node of the graph.

    Attributes:
        number: its place in the order of computation.
        tensor: the expression that it computes.
        name: the variable's name, or a name given in order of computation.
        operation: what it does, in a word or two.
        operands: the numbers of the nodes that it reads.
        shape: sizes of the result.
        level: length of the longest path to it from a leaf.
        flops: floating point operations of this node alone.
    """

    number: int
    tensor: Tensor
    name: str
    operation: str
    operands: tuple[int, ...]
    shape: Shape
    level: int
    flops: Cost

    @property
    def rank(self) -> str:
        """The name of the rank: scalar, vector, matrix ..."""
        return rank_name(self.tensor)


@dataclass(frozen=True)
class Edge:
    """A tensor on its way from the node that computes it to one that reads it."""

    source: Vertex
    target: Vertex

    @property
    def shape(self) -> Shape:
        """The sizes of the tensor."""
        return self.source.shape

    @property
    def rank(self) -> str:
        """The name of the tensor's rank."""
        return self.source.rank


@dataclass(frozen=True, eq=False)
class Flow:
    """Nodes, edges, levels and costs of one or several expressions.

    Attributes:
        nodes: in an order in which they can be computed.
        outputs: the numbers of the nodes asked for.
        sizes: values of dimensions, by name; shapes and costs use them.
    """

    nodes: tuple[Vertex, ...]
    outputs: tuple[int, ...]
    sizes: Mapping[str, int]

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every tensor read, by reading node."""
        return tuple(
            Edge(self.nodes[source], node) for node in self.nodes for source in node.operands
        )

    @cached_property
    def levels(self) -> tuple[tuple[Vertex, ...], ...]:
        """The nodes by level; those of one level can run in parallel."""
        levels: list[list[Vertex]] = []
        for node in self.nodes:
            levels.extend([] for _ in range(node.level + 1 - len(levels)))
            levels[node.level].append(node)
        leaves = sorted(levels[0], key=lambda node: node.name)
        return (tuple(leaves), *map(tuple, levels[1:]))

    @cached_property
    def work(self) -> Cost:
        """Floating point operations of all nodes; one that gives several outputs counts once."""
        counted: dict[Any, Cost] = {}
        for node in self.nodes:
            counted[_identity(node.tensor)] = node.flops
        return _total(counted.values())

    @cached_property
    def critical_path(self) -> tuple[Vertex, ...]:
        """The costliest path from a leaf to an output, compared at ``typical`` sizes."""
        best: list[float] = []
        before: list[int] = []
        measure = Measure(self.sizes)
        for node in self.nodes:
            source = max(node.operands, key=lambda k: best[k], default=-1)
            before.append(source)
            best.append(measure(node.flops, 0) + (best[source] if source >= 0 else 0))
        path = []
        place = max(self.outputs, key=lambda k: best[k])
        while place >= 0:
            path.append(self.nodes[place])
            place = before[place]
        return tuple(reversed(path))

    @cached_property
    def span(self) -> Cost:
        """Floating point operations on the critical path."""
        return _total(node.flops for node in self.critical_path)

    @property
    def parallelism(self) -> Cost:
        """Work divided by span (1 where nothing is computed)."""
        if self.work == 0:
            return 1
        ratio: sp.Expr = sp.sympify(self.work) / self.span
        return int(ratio) if ratio.is_Integer else ratio

    @cached_property
    def typical(self) -> dict[str, int]:
        """The sizes at which paths are compared: those given, and 100 for every other name."""
        names = {
            symbol.name
            for node in self.nodes
            for size in node.shape
            if isinstance(size, sp.Expr)
            for symbol in size.free_symbols
        }
        return dict.fromkeys(sorted(names), TYPICAL) | dict(self.sizes)

    def summary(self) -> str:
        """One line: nodes, levels, work, span and parallelism."""
        computing = sum(1 for node in self.nodes if node.operands)
        open_names = [f"{k} = {v}" for k, v in self.typical.items() if k not in self.sizes]
        ratio = Measure(self.sizes)(sp.sympify(self.parallelism), 1)
        place = f" (at {', '.join(open_names)})" if open_names else ""
        return (
            f"{counted(computing, 'operation')} in {counted(len(self.levels) - 1, 'level')}; "
            f"work {self.work} FLOPs, span {self.span}, parallelism {ratio:.3g}{place}"
        )


class Measure:
    """Numbers for sizes and costs, at given sizes and the typical one for the rest."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self.known = known
        self.seen: dict[sp.Expr, float] = {}

    def __call__(self, value: Cost, least: float = 1) -> float:
        """The number of a size or cost, at least ``least``."""
        if isinstance(value, int):
            return max(value, least)
        if value not in self.seen:
            values = {symbol: self.known.get(symbol.name, TYPICAL) for symbol in value.free_symbols}
            self.seen[value] = float(value.subs(values))
        return max(self.seen[value], least)


def _identity(node: Tensor) -> Any:
    """The same for the several outputs of one operation."""
    operation = getattr(node, "operation", None)
    if operation is not None and operation.outputs:
        return operation, node.operands, node.params[:-1]
    return node


def _total(costs: Iterable[Cost]) -> Cost:
    total = sp.expand(sp.Add(*costs))
    return int(total) if total.is_Integer else total


def counted(number: int, word: str) -> str:
    """A number and a noun: ``1 level``, ``2 levels``."""
    return f"{number} {word}{'' if number == 1 else 's'}"
