"""Where a program reads its dimensions: off the axes of its inputs, else given as inputs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy as sp

from symflow.core.dims import Dim, Shape

SIZE = sp.Symbol("<size>", integer=True, nonnegative=True)


@dataclass(frozen=True, slots=True)
class Source:
    """How a dimension follows from the size of one axis.

    Attributes:
        symbol: the dimension.
        position: which input.
        axis: which of its axes.
        formula: the dimension, from ``SIZE`` and dimensions found before.
    """

    symbol: sp.Symbol
    position: int
    axis: int
    formula: sp.Expr


def sources(shapes: Sequence[Shape | None], known: Iterable[sp.Symbol] = ()) -> list[Source]:
    """The dimensions that the axes of inputs determine, in an order in which they can be read.

    Args:
        shapes: of the inputs; None for an input that is itself a dimension.
        known: dimensions that are inputs.

    >>> from symflow.core.dims import dims
    >>> n, d = dims("n d")
    >>> [(s.symbol, s.position, s.formula) for s in sources([(2 * n,), (d,)])]
    [(d, 1, <size>), (n, 0, <size>/2)]
    """
    axes = [
        (position, axis, size)
        for position, shape in enumerate(shapes)
        if shape is not None
        for axis, size in enumerate(shape)
        if not isinstance(size, int)
    ]
    found: list[Source] = []
    done = set(known)
    for position, axis, size in axes:
        if isinstance(size, sp.Symbol) and size not in done:
            done.add(size)
            found.append(Source(size, position, axis, SIZE))
    progress = True
    while progress:
        progress = False
        for position, axis, size in axes:
            solved = _solved(size, done)
            if solved is not None:
                symbol, formula = solved
                done.add(symbol)
                found.append(Source(symbol, position, axis, formula))
                progress = True
    return found


def _solved(size: Dim, known: set[sp.Symbol]) -> tuple[sp.Symbol, sp.Expr] | None:
    """The one unknown dimension of a size, where the size is linear in it."""
    assert isinstance(size, sp.Expr)
    unknown = size.free_symbols - known
    if len(unknown) != 1:
        return None
    (symbol,) = unknown
    slope = sp.diff(size, symbol)
    if slope.has(symbol) or not slope.is_Integer or slope == 0:
        return None
    return symbol, sp.expand((SIZE - size.subs(symbol, 0)) / slope)
