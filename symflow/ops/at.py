"""``x.at[index]``: a tensor with entries changed, as JAX writes it."""

from collections.abc import Callable
from typing import Any

from symflow.core import dtypes
from symflow.core.node import Tensor
from symflow.core.operation import Operation
from symflow.errors import DomainError
from symflow.ops.arithmetic import (
    add,
    broadcast_to,
    cast,
    convert,
    divide,
    multiply,
    power,
    subtract,
)
from symflow.ops.choice import maximum, minimum
from symflow.ops.creation import full_like
from symflow.ops.indexing import Selection, selection
from symflow.ops.updates import SCATTER_MAX, SCATTER_MIN, SCATTER_MUL

_HINTS = frozenset(
    {"indices_are_sorted", "unique_indices", "mode", "out_sharding", "wrap_negative_indices"}
)


class At:
    """What ``x.at`` gives: it takes an index.

    >>> from symflow.core import vector
    >>> x = vector("x", 5)
    >>> x.at[1:3].set(0).shape
    (5,)
    """

    def __init__(self, x: Tensor) -> None:
        self._x = x

    def __getitem__(self, index: Any) -> "Entries":
        return Entries(self._x, selection(self._x.shape, index))

    def __repr__(self) -> str:
        return f"At({self._x})"


class Entries:
    """The entries that ``x.at[index]`` names, with what can be done to them.

    Each method gives a tensor of the shape and data type of ``x``. Values broadcast to the entries
    and are cast to the data type of ``x``. Entries that an index names twice are updated twice by
    ``add``, ``subtract``, ``multiply``, ``divide``, ``min`` and ``max``; ``set`` writes one of the
    values; the others refuse them.
    """

    def __init__(self, x: Tensor, entries: Selection) -> None:
        self._x, self._entries = x, entries

    def get(self, **hints: Any) -> Tensor:
        """``x[index]``."""
        _check(hints)
        return self._entries.take(self._x)

    def set(self, values: Any, **hints: Any) -> Tensor:
        """The entries replaced."""
        _check(hints)
        return self._entries.write(self._x, self._fitting(values))

    def add(self, values: Any, **hints: Any) -> Tensor:
        """Values added."""
        _check(hints)
        return self._summed(add, values)

    def subtract(self, values: Any, **hints: Any) -> Tensor:
        """Values subtracted."""
        _check(hints)
        return self._summed(subtract, values)

    def multiply(self, values: Any, **hints: Any) -> Tensor:
        """The entries multiplied."""
        return self._combined(multiply, values, hints, SCATTER_MUL)

    mul = multiply

    def divide(self, values: Any, **hints: Any) -> Tensor:
        """The entries divided; whole numbers become floats."""
        if dtypes.kind(self._x.dtype) in ("bool", "int"):
            ones = Entries(full_like(self._x, 1), self._entries)
            return divide(self._x, ones.multiply(values, **hints))
        if self._entries.unique:
            return self._combined(divide, self._fitting(values), hints, None)
        return self._combined(multiply, divide(1, self._fitting(values)), hints, SCATTER_MUL)

    def power(self, values: Any, **hints: Any) -> Tensor:
        """The entries to a power, of the type of the tensor."""
        return self._combined(power, self._fitting(values), hints, None)

    def min(self, values: Any, **hints: Any) -> Tensor:
        """The smaller of entry and value."""
        return self._combined(minimum, values, hints, SCATTER_MIN)

    def max(self, values: Any, **hints: Any) -> Tensor:
        """The larger of entry and value."""
        return self._combined(maximum, values, hints, SCATTER_MAX)

    def apply(self, func: Callable[[Tensor], Any], **hints: Any) -> Tensor:
        """A function of the entries, entry by entry."""
        _check(hints)
        self._require_unique("apply")
        changed = func(self._entries.take(self._x))
        return self._entries.write(self._x, self._fitting(changed))

    def __repr__(self) -> str:
        return f"Entries({self._x})"

    # --------------------------------------------------------------------------- parts

    def _fitting(self, values: Any) -> Tensor:
        (node,) = convert([values])
        return broadcast_to(_as(node, self._x.dtype), self._entries.result)

    def _summed(self, combine: Callable[[Any, Any], Tensor], values: Any) -> Tensor:
        """The sum in the common type, as in JAX, then cast to the type of the tensor."""
        whole, given = convert([self._x, values])
        wide = broadcast_to(given, self._entries.result)
        return _as(combine(whole, self._entries.put(wide)), self._x.dtype)

    def _combined(
        self,
        combine: Callable[[Any, Any], Tensor],
        values: Any,
        hints: dict[str, Any],
        repeated: Operation | None,
    ) -> Tensor:
        _check(hints)
        whole, given = convert([self._x, values])  # the common type, as in JAX
        given = broadcast_to(given, self._entries.result)
        if repeated is not None and not self._entries.unique:
            return _as(self._entries.updated(repeated, whole, given), self._x.dtype)
        self._require_unique(combine.__name__)
        changed = combine(self._entries.take(whole), given)
        return self._entries.write(self._x, _as(changed, self._x.dtype))

    def _require_unique(self, what: str) -> None:
        if not self._entries.unique:
            raise DomainError(
                f"x.at[index].{what} needs positions that are known to differ: an array of known "
                "positions, a count (snp.arange), or a variable declared permutation=True"
            )


def _as(node: Tensor, dtype: str) -> Tensor:
    return node if node.dtype == dtype else cast(node, dtype)


def _check(hints: dict[str, Any]) -> None:
    unknown = sorted(hints.keys() - _HINTS)
    if unknown:
        raise TypeError(f"x.at[index] takes no argument {unknown[0]!r}")
    mode = hints.get("mode")
    if mode not in (None, "promise_in_bounds", "drop", "fill", "clip"):
        raise TypeError(f"mode {mode!r} of x.at[index] is not known")
    if mode == "clip":
        raise DomainError(
            "mode='clip' is not supported: clip the positions, snp.clip(index, 0, n - 1)"
        )
