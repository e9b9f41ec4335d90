"""The same expressions over a new axis, or at fixed sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from symflow.core import Scalar, Tensor, Variable, as_tensor, postorder
from symflow.core.dims import Dim, dim, show_shape
from symflow.errors import LoweringError, RankError, ShapeError
from symflow.lowering.plan import leaf_name
from symflow.ops.batching import (
    OF_ENTRIES,
    OF_LAST_AXIS,
    OF_LAST_TWO_AXES,
    batched,
    for_all,
)
from symflow.ops.contraction import moveaxis


@dataclass(frozen=True)
class Variant:
    """Expressions changed, with the inputs that took the place of others.

    Attributes:
        expressions: as they are now.
        exchanged: the input that stands for each that has changed.
    """

    expressions: list[Tensor]
    exchanged: Mapping[Any, Any]

    def inputs(self, given: Sequence[Any] | None) -> list[Any] | None:
        """Inputs in their order, as they are now."""
        if given is None:
            return None
        return [self.exchanged.get(item, item) for item in given]


# --------------------------------------------------------------------------- a new axis


def over_axis(expressions: Sequence[Tensor], axes: Mapping[Any, int]) -> Variant:
    """Expressions for many examples: some inputs have one more axis, all results a first one.

    Args:
        expressions: for one example.
        axes: for each input that differs between examples, by name or itself, the axis that
            counts them.

    Raises:
        LoweringError: for what is no input of the expressions.
        RankError: for an axis that the input cannot have.
        BatchingError: for an operation without a rule.

    >>> from symflow.core import vector
    >>> x = vector("x", "n")
    >>> over_axis([x @ x], {"x": 0}).expressions[0].shape
    (batch,)
    """
    if not isinstance(axes, Mapping):
        raise LoweringError(
            f"batch takes a dictionary of axes by input, as {{'X': 0}}, got {type(axes).__name__}"
        )
    order = postorder(expressions)
    leaves = {leaf_name(node): node for node in order if isinstance(node, (Variable, Scalar))}
    size = _free_dimension(expressions)
    fronts: dict[Tensor, Tensor] = {}
    exchanged: dict[Any, Any] = {}
    for key, axis in axes.items():
        leaf = _found(key, leaves)
        wide = _widened(leaf, axis, size)
        fronts[leaf] = moveaxis(wide, axis, 0)
        exchanged[leaf] = wide
        if isinstance(leaf, Scalar):
            exchanged[leaf.symbol] = wide
    every = batched(expressions, fronts, size)
    results = [
        for_all(one, size) if many is None else many
        for one, many in zip(expressions, every, strict=True)
    ]
    return Variant(results if fronts else list(expressions), exchanged)


def _free_dimension(roots: Sequence[Tensor]) -> Dim:
    taken = {symbol.name for root in roots for symbol in root.free_symbols}
    number, name = 1, "batch"
    while name in taken:
        number += 1
        name = f"batch_{number}"
    return dim(name)


def _found(key: Any, leaves: Mapping[str, Tensor]) -> Tensor:
    name = key if isinstance(key, str) else getattr(key, "full_name", str(key))
    if name not in leaves:
        known = ", ".join(sorted(leaves)) or "none"
        raise LoweringError(f"batch: there is no input {name}; the expressions have {known}")
    return leaves[name]


def _widened(leaf: Tensor, axis: Any, size: Dim) -> Tensor:
    """The variable of all examples; what is known of one is known where it still makes sense."""
    name, rank = leaf_name(leaf), leaf.rank
    if not isinstance(axis, int) or isinstance(axis, bool) or not -rank - 1 <= axis <= rank:
        raise RankError(
            f"batch: {name} has shape {show_shape(leaf.shape)}: its new axis is one of 0 to "
            f"{rank}, got {axis!r}"
        )
    place = axis % (rank + 1)
    shape = (*leaf.shape[:place], size, *leaf.shape[place:])
    if isinstance(leaf, Scalar):
        made: Tensor = Variable(name, shape, leaf.dtype, frozenset(), "")
        return made
    assert isinstance(leaf, Variable)
    kept = leaf.properties & OF_ENTRIES
    if place < rank:
        kept |= leaf.properties & OF_LAST_AXIS
    if place < rank - 1:
        kept |= leaf.properties & OF_LAST_TWO_AXES
    wide: Tensor = Variable(leaf.name, shape, leaf.dtype, kept, leaf.scope)
    return wide


# -------------------------------------------------------------------------- fixed sizes


def at_sizes(
    expressions: Sequence[Tensor], static: Any, sizes: Mapping[str, int] | None
) -> Variant:
    """Expressions some of whose dimensions are numbers.

    Args:
        expressions: with dimensions.
        static: sizes by name or by dimension; or names, whose sizes ``sizes`` tells.
        sizes: typical sizes.

    Raises:
        LoweringError: for a name without a size.
        ShapeError: for what is no dimension of the expressions, and for a size that is none.
    """
    wanted = _sizes(static, sizes or {})
    order = postorder(expressions)
    symbols = {
        symbol.name: symbol
        for node in order
        for size in (*node.shape, *node.scalars())
        if isinstance(size, sp.Expr)
        for symbol in size.free_symbols
        if symbol.is_integer
    }
    values: dict[sp.Symbol, int] = {}
    for name, size in wanted.items():
        if name not in symbols:
            known = ", ".join(sorted(symbols)) or "none"
            raise ShapeError(
                f"static: there is no dimension {name!r}; the expressions have {known}"
            )
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise ShapeError(f"static: {name!r} must be a whole number from 0 on, got {size!r}")
        values[symbols[name]] = size
    leaves = [node for node in order if isinstance(node, Variable)]
    exchanged: dict[Any, Any] = {leaf: as_tensor(leaf.subs(values)) for leaf in leaves}
    return Variant([as_tensor(node.subs(values)) for node in expressions], exchanged)


def _sizes(static: Any, sizes: Mapping[str, int]) -> dict[str, Any]:
    if isinstance(static, Mapping):
        return {str(getattr(key, "name", key)): size for key, size in static.items()}
    names = [static] if isinstance(static, (str, sp.Symbol)) else list(static)
    found: dict[str, Any] = {}
    for key in names:
        name = getattr(key, "name", key)
        if name not in sizes:
            raise LoweringError(
                f"static: {name!r} has no size: give static={{{name!r}: 1000}}, or sizes"
            )
        found[name] = sizes[name]
    return found
