"""Functions of entries or parts of tensors, applied to all of them (on top of ``vmap``)."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from symflow.core.convert import as_tensor
from symflow.core.dims import Shape, broadcast, normalise_axis, same, show_shape
from symflow.core.node import Tensor
from symflow.errors import RankError, ShapeError
from symflow.ops.arithmetic import broadcast_to
from symflow.ops.contraction import expand_dims, moveaxis
from symflow.ops.vmap import vmap

_NAMES = r"\([^()]*\)"
_SIGNATURE = re.compile(rf"{_NAMES}(,{_NAMES})*->{_NAMES}(,{_NAMES})*")
_Core = tuple[str, ...]


def vectorize(
    pyfunc: Callable[..., Any], *, excluded: Iterable[Any] = frozenset(), signature: Any = None
) -> Callable[..., Any]:
    """A function of scalars (or of small tensors) as one that broadcasts (``jax.numpy.vectorize``).

    Args:
        pyfunc: called once, with variables of the rank that the signature says.
        excluded: places (and names) of arguments that are passed on as they are.
        signature: which axes belong to one call, as ``"(n,m),(m)->(n)"``; by default none.

    Raises:
        TypeError: for a signature that cannot be read, or another number of arguments.
            From the function: ShapeError, RankError when arguments do not fit the signature.

    >>> from symflow.core import matrix, tensor
    >>> f = vectorize(lambda A, x: A @ x, signature="(n,m),(m)->(n)")
    >>> f(tensor("A", "b", 2, 3), matrix("x", "b", 3)).shape
    (b, 2)
    """
    fixed = frozenset(excluded)
    wanted = None if signature is None else _read(signature)

    @wraps(pyfunc)
    def vectorized(*args: Any, **kwargs: Any) -> Any:
        places = [k for k in range(len(args)) if k not in fixed]
        cores = [()] * len(places) if wanted is None else wanted
        if len(cores) != len(places):
            raise TypeError(f"vectorize: {signature} takes {len(cores)} arguments")
        nodes = [as_tensor(args[k]) for k in places]
        _check_cores(nodes, cores)
        split = [node.rank - len(core) for node, core in zip(nodes, cores, strict=True)]
        lead = broadcast(*(node.shape[:k] for node, k in zip(nodes, split, strict=True)))

        def inner(*parts: Any) -> Any:
            given = list(args)
            for place, part in zip(places, parts, strict=True):
                given[place] = part
            return pyfunc(*given, **kwargs)

        return _mapped(inner, nodes, split, lead)

    return vectorized


def _mapped(
    function: Callable[..., Any], nodes: Sequence[Tensor], split: Sequence[int], lead: Shape
) -> Any:
    """The function over the leading axes, those that an argument lacks left out for it."""
    for depth in reversed(range(len(lead))):
        axes = tuple(0 if depth >= len(lead) - k else None for k in split)
        if any(axis is not None for axis in axes):
            function = vmap(function, axes)
    wide = [
        broadcast_to(node, (*lead[len(lead) - k :], *node.shape[k:]))
        for node, k in zip(nodes, split, strict=True)
    ]
    return function(*wide)


def _read(signature: Any) -> list[_Core]:
    """The names of the axes of each argument."""
    text = re.sub(r"\s+", "", str(signature))
    if not _SIGNATURE.fullmatch(text):
        raise TypeError(f"vectorize: {signature!r} is no signature as '(n,m),(m)->(n)'")
    inputs = text.split("->")[0]
    return [
        tuple(name for name in group[1:-1].split(",") if name)
        for group in re.findall(_NAMES, inputs)
    ]


def _check_cores(nodes: Sequence[Tensor], cores: Sequence[_Core]) -> None:
    sizes: dict[str, Any] = {}
    for number, (node, core) in enumerate(zip(nodes, cores, strict=True)):
        if node.rank < len(core):
            raise RankError(
                f"vectorize: argument {number} of shape {show_shape(node.shape)} lacks the "
                f"axes ({', '.join(core)})"
            )
        for name, size in zip(core, node.shape[node.rank - len(core) :], strict=True):
            if not same(sizes.setdefault(name, size), size):
                raise ShapeError(f"vectorize: {name} has sizes {sizes[name]} and {size}")


def apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any
) -> Any:
    """A function of vectors, applied to all lines of a tensor along an axis.

    The axes of what it returns take the place of the axis (``numpy.apply_along_axis``).
    """
    node = as_tensor(arr)
    place = normalise_axis(axis, node.rank)

    def function(line: Any) -> Any:
        return func1d(line, *args, **kwargs)

    mapped: Callable[..., Any] = function
    for _ in range(node.rank - 1):
        mapped = vmap(mapped)
    result = mapped(moveaxis(node, place, -1))
    rest = node.rank - 1
    added = result.rank - rest
    source = tuple(range(rest, rest + added))
    return moveaxis(result, source, tuple(range(place, place + added)))


def apply_over_axes(func: Callable[[Any, int], Any], a: Any, axes: Any) -> Tensor:
    """``func(a, axis)`` for one axis after the other; axes that it drops are kept with size 1."""
    node = as_tensor(a)
    several = axes if isinstance(axes, (tuple, list)) else (axes,)
    for axis in several:
        place = normalise_axis(axis, node.rank)
        result = as_tensor(func(node, place))
        if result.rank == node.rank - 1:
            result = expand_dims(result, place)
        if result.rank != node.rank:
            raise RankError("apply_over_axes: the function must keep the rank, or drop its axis")
        node = result
    return node
