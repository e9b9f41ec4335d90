"""Nodes as one flat table: what pickle stores, at any depth, without recursion."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from symflow.core.apply import Apply
from symflow.core.node import Tensor
from symflow.core.variable import Constant
from symflow.core.walk import postorder

Row = tuple[Any, tuple[Any, ...]]


@dataclass(frozen=True)
class _Place:
    """A reference to an earlier row."""

    index: int


def freeze(roots: Iterable[Tensor]) -> tuple[Row, ...]:
    """The graph as rows of class and constructor arguments; the roots come last, in order."""
    given = list(roots)
    places: dict[Tensor, _Place] = {}
    rows: list[Row] = []
    for node in postorder(given):
        places[node] = _Place(len(rows))
        rows.append((type(node), _placed(_arguments(node), places)))
    rows.extend((None, (places[root],)) for root in given)
    return tuple(rows)


def thaw(rows: tuple[Row, ...], root: int = 0) -> Tensor:
    """The root with a number, counted from the first root given to :func:`freeze`."""
    return thaw_all(rows)[root]


def thaw_all(rows: tuple[Row, ...]) -> list[Tensor]:
    """All roots of a table made by :func:`freeze`."""
    nodes: list[Any] = []
    for kind, arguments in rows:
        restored = _restored(arguments, nodes)
        nodes.append(restored[0] if kind is None else kind(*restored))
    return [node for node, (kind, _) in zip(nodes, rows, strict=True) if kind is None]


def _arguments(node: Tensor) -> tuple[Any, ...]:
    if isinstance(node, Apply):
        return (node.operation, node.operands, node.params)
    if isinstance(node, Constant):
        return (node.array, node.dtype)
    return node.parts()


def _placed(value: Any, places: dict[Tensor, _Place]) -> Any:
    if isinstance(value, Tensor):
        return places[value]
    if isinstance(value, tuple):
        return tuple(_placed(item, places) for item in value)
    if isinstance(value, sp.Tuple):
        return tuple(value)
    return value


def _restored(value: Any, nodes: list[Any]) -> Any:
    if isinstance(value, _Place):
        return nodes[value.index]
    if isinstance(value, tuple):
        return tuple(_restored(item, nodes) for item in value)
    return value


def reduce(self: Tensor, protocol: object = None) -> Any:
    """How a node pickles."""
    return thaw, (freeze([self]), 0)
