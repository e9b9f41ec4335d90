"""``vmap``: a function of one example as a function of a batch of them."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from itertools import count
from typing import Any

from symflow.core.convert import as_tensor
from symflow.core.dims import Dim, as_dim, normalise_axis, same, show_shape
from symflow.core.interning import lookup
from symflow.core.node import Tensor
from symflow.core.properties import NAMES
from symflow.core.variable import Variable
from symflow.errors import DTypeError, RankError, ShapeError
from symflow.ops.batching import (
    OF_ENTRIES,
    OF_LAST_AXIS,
    OF_LAST_TWO_AXES,
    batched,
    for_all,
)
from symflow.ops.containers import entries, leaves, rebuilt, spread
from symflow.ops.contraction import moveaxis
from symflow.ops.facts import facts


def vmap(
    f: Callable[..., Any],
    in_axes: Any = 0,
    out_axes: Any = 0,
    axis_name: None = None,
    axis_size: Any = None,
) -> Callable[..., Any]:
    """A function of one example as a function of many (``jax.vmap``).

    ``f`` is called once, with one example: variables without the axis that is mapped over.  What
    it computes is then batched, operation by operation; what does not depend on the example is
    computed once.

    Args:
        f: a function of symbolic tensors that returns tensors, also in tuples, lists, dictionaries.
        in_axes: for each positional argument the axis that counts examples, None for one that is
            the same for all; one integer stands for all arguments. For an argument that is a
            container, one entry for all in it or a container of the same kind. Keyword arguments
            are mapped over axis 0.
        out_axes: where the examples are counted in the results; None for a result that is the
            same for all.
        axis_name: not supported: there are no collective operations that could name the axis.
        axis_size: the number of examples, where no argument has it.

    Returns:
        The function of many examples.

    Raises:
        TypeError: when ``f`` is no function, and for axes that are no integers; both at once.
            From the function: ShapeError, RankError when axes do not fit the arguments, naming the
            argument; BatchingError for an operation without a rule.

    >>> import symflow as sf, symflow.numpy as snp
    >>> n, d = sf.dims("n d")
    >>> X, y, w = sf.matrix("X", n, d), sf.vector("y", n), sf.vector("w", d)
    >>> sf.vmap(lambda x, t: sf.grad((x @ w - t) ** 2, w))(X, y).shape
    (n, d)
    >>> sf.vmap(snp.dot, in_axes=(0, None))(X, w) is X @ w
    True
    """
    if not callable(f):
        raise TypeError(f"vmap takes a function, got {f!r:.60}")
    if axis_name is not None:
        raise TypeError("vmap: axis_name is not supported, there are no collective operations")
    in_axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes
    if not (in_axes is None or _is_axis(in_axes) or isinstance(in_axes, tuple)):
        raise TypeError(
            "vmap: in_axes is an integer, None, or a tuple with an entry for each positional "
            f"argument, got {in_axes!r:.60}"
        )
    for name, axes in (("in_axes", in_axes), ("out_axes", out_axes)):
        if not entries(axes, _is_axis):
            raise TypeError(f"vmap: {name} holds integers and None, got {axes!r:.60}")
    size = None if axis_size is None else as_dim(axis_size)

    @wraps(f)
    def mapped(*arguments: Any, **keywords: Any) -> Any:
        call = _Call(f, in_axes, arguments, keywords, size)
        return call.placed(f(*call.examples, **call.keyword_examples), out_axes)

    return mapped


def _is_axis(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class _Call:
    """One call of a mapped function: its examples, and what they are examples of."""

    def __init__(
        self,
        f: Callable[..., Any],
        in_axes: Any,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
        size: Dim | None,
    ) -> None:
        if isinstance(in_axes, tuple) and len(in_axes) != len(arguments):
            raise ShapeError(
                f"vmap: in_axes has {len(in_axes)} entries, the function was given "
                f"{len(arguments)} positional arguments"
            )
        names = _parameter_names(f, len(arguments))
        given = [
            leaf
            for name, argument in (*zip(names, arguments, strict=True), *keywords.items())
            for leaf in leaves(argument, name)
        ]
        axes = spread(in_axes, arguments, "vmap: in_axes") + [0] * len(leaves(keywords))
        self.leaves: dict[Tensor, Tensor] = {}
        fronts = [
            None if axis is None else _front(value, axis, place)
            for (place, value), axis in zip(given, axes, strict=True)
        ]
        self.size = _common_size([(p, x) for (p, _), x in zip(given, fronts, strict=True)], size)
        values = self._examples([value for _, value in given], axes, fronts, given)
        self.examples = tuple(rebuilt(arguments, values))
        self.keyword_examples = rebuilt(keywords, values)

    def _examples(
        self,
        values: Sequence[Any],
        axes: Sequence[int | None],
        fronts: Sequence[Tensor | None],
        given: Sequence[tuple[str, Any]],
    ) -> Iterator[Any]:
        examples = []
        for value, axis, front, (place, _) in zip(values, axes, fronts, given, strict=True):
            if front is None or axis is None:
                examples.append(value)
                continue
            variable = _fresh(place, front, _kept(as_tensor(value), axis))
            self.leaves[variable] = front
            examples.append(variable)
        return iter(examples)

    def placed(self, results: Any, out_axes: Any) -> Any:
        """The results for all examples, their axis where it is wanted."""
        given = leaves(results, "the result")
        axes = spread(out_axes, results, "vmap: out_axes")
        ones = [_as_result(value, place) for place, value in given]
        every = batched(ones, self.leaves, self.size)
        made = [
            self._in_place(one, many, axis, place)
            for one, many, axis, (place, _) in zip(ones, every, axes, given, strict=True)
        ]
        return rebuilt(results, iter(made))

    def _in_place(self, one: Tensor, many: Tensor | None, axis: int | None, place: str) -> Tensor:
        if axis is None:
            if many is None:
                return one
            raise ShapeError(
                f"vmap: out_axes says None of {place}, which is not the same for all examples: "
                "give it an axis"
            )
        position = normalise_axis(axis, one.rank + 1, f"vmap: {place}: out_axes")
        return moveaxis(for_all(one, self.size) if many is None else many, 0, position)


def _parameter_names(f: Callable[..., Any], number: int) -> list[str]:
    """The names of the first parameters of a function, where they are known."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in kinds][:number]
    return names + [f"argument{k}" for k in range(len(names), number)]


def _front(value: Any, axis: int, place: str) -> Tensor:
    """An argument with its examples along the first axis."""
    node = as_tensor(value)
    if node.rank == 0:
        raise RankError(
            f"vmap: {place} is a scalar and has no axis {axis} to map over: give it None in in_axes"
        )
    if not -node.rank <= axis < node.rank:
        raise RankError(
            f"vmap: in_axes says axis {axis} of {place}, which has shape {show_shape(node.shape)}"
        )
    return moveaxis(node, axis, 0)


def _common_size(fronts: Sequence[tuple[str, Tensor | None]], wanted: Dim | None) -> Dim:
    """The one number of examples."""
    known = None if wanted is None else ("axis_size", wanted)
    for place, node in fronts:
        if node is None:
            continue
        size = node.shape[0]
        if known is None:
            known = place, size
        elif not same(known[1], size):
            raise ShapeError(
                f"vmap maps over axes of one size: that of {known[0]} is {known[1]}, "
                f"that of {place} is {size}"
            )
    if known is None:
        raise ShapeError(
            "vmap needs an argument to map over: give one an axis in in_axes, or say axis_size"
        )
    return known[1]


def _kept(node: Tensor, axis: int) -> frozenset[str]:
    """What is known of a tensor and holds for its parts along an axis, too."""
    known = facts(node)
    position = normalise_axis(axis, node.rank)
    kept = known & OF_ENTRIES
    if position < node.rank - 1:
        kept |= known & OF_LAST_AXIS
    if position < node.rank - 2:
        kept |= known & OF_LAST_TWO_AXES
    return kept & frozenset(NAMES)


def _fresh(place: str, front: Tensor, properties: frozenset[str]) -> Tensor:
    """A variable for one example that no living expression holds."""
    name = "".join(c if c.isalnum() or c == "_" else "_" for c in place).strip("_")
    shape, dtype = front.shape[1:], front.dtype
    for number in count():
        scope = f"example{number}" if number else "example"
        if lookup((Variable, name, shape, dtype, properties, scope)) is None:
            break
    variable: Tensor = Variable(name, shape, dtype, properties, scope)
    return variable


def _as_result(value: Any, place: str) -> Tensor:
    try:
        return as_tensor(value)
    except DTypeError as error:
        raise DTypeError(f"vmap: {place} is no tensor: {error}") from None
