"""Representative sizes: what a dimension is taken to be where only its name is known."""

from collections.abc import Callable, Mapping

import sympy as sp

from symflow.core.dims import Dim

_TYPICAL = 64.0
_BATCH = 256.0
_BATCH_NAMES = frozenset({"n", "N", "b", "B", "batch", "batch_size", "samples", "points", "rows"})


def size_hints(sizes: Mapping[str, int] | None = None) -> Callable[[Dim], float]:
    """A function that estimates sizes: given ones as they are, others by their names.

    >>> from symflow.core.dims import dims
    >>> n, d = dims("n d")
    >>> hints = size_hints({"d": 10})
    >>> hints(7), hints(n), hints(2 * d)
    (7.0, 256.0, 20.0)
    """
    known = {name: float(size) for name, size in (sizes or {}).items()}
    memo: dict[Dim, float] = {}

    def typical(symbol: sp.Symbol) -> float:
        default = _BATCH if symbol.name in _BATCH_NAMES else _TYPICAL
        return known.get(symbol.name, default)

    def estimate(size: Dim) -> float:
        if isinstance(size, int):
            return float(size)
        found = memo.get(size)
        if found is None:
            values = {symbol: typical(symbol) for symbol in size.free_symbols}
            found = memo[size] = max(float(size.subs(values)), 1.0)
        return found

    return estimate
