"""Tensors in containers: tuples, lists, dictionaries and named tuples, nested as the user likes.

``None`` is a container that holds nothing, as in JAX.  A specification (of axes) fits a value when
it has the same containers as far as it goes; what it says of a container holds for all inside.
"""

from collections.abc import Callable, Iterator
from typing import Any

from symflow.errors import ShapeError


def leaves(tree: Any, place: str = "") -> list[tuple[str, Any]]:
    """What a container holds, each with its place, as ``"x[0]['w']"``.

    >>> leaves({"w": [1, None, 2]}, "x")
    [("x['w'][0]", 1), ("x['w'][2]", 2)]
    """
    if tree is None:
        return []
    parts = _parts(tree)
    if parts is None:
        return [(place, tree)]
    return [leaf for key, part in parts for leaf in leaves(part, f"{place}[{key!r}]")]


def rebuilt(tree: Any, values: Iterator[Any]) -> Any:
    """The same container with other values in it, taken in the order of :func:`leaves`."""
    if tree is None:
        return None
    parts = _parts(tree)
    if parts is None:
        return next(values)
    made = [rebuilt(part, values) for _, part in parts]
    if isinstance(tree, dict):
        return dict(zip(tree, made, strict=True))
    if hasattr(tree, "_fields"):
        return type(tree)(*made)
    return type(tree)(made)


def spread(specification: Any, tree: Any, what: str, place: str = "") -> list[Any]:
    """What a specification says of each thing in a container.

    Raises:
        ShapeError: where the two are different containers, naming the place.

    >>> spread((0, None), ([1, 2], 3), "in_axes")
    [0, 0, None]
    """
    if tree is None:
        return []
    parts = _parts(tree)
    own = _parts(specification)
    if own is None:
        return [specification] * len(leaves(tree))
    if parts is None or not _alike(specification, tree):
        raise ShapeError(
            f"{what} does not fit{place and ' at ' + place}: it says {specification!r:.60} of "
            f"{_described(tree)}; it is one entry for all, or a container of the same kind"
        )
    inner = dict(own)  # by key: the order of two dictionaries may differ
    return [
        entry
        for key, part in parts
        for entry in spread(inner[key], part, what, f"{place}[{key!r}]")
    ]


def entries(specification: Any, is_entry: Callable[[Any], bool]) -> bool:
    """Whether everything inside a specification is an entry (or None)."""
    return all(is_entry(value) for _, value in leaves(specification))


def _parts(tree: Any) -> list[tuple[Any, Any]] | None:
    """The parts of a container with their keys; None for what is no container."""
    if isinstance(tree, dict):
        return list(tree.items())
    if isinstance(tree, (tuple, list)):
        return list(enumerate(tree))
    return None


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return set(one) == set(other)
    return type(one) is type(other) and len(one) == len(other)


def _described(tree: Any) -> str:
    if isinstance(tree, dict):
        return f"a dictionary with the keys {list(tree)!r:.60}"
    if isinstance(tree, (tuple, list)):
        return f"a {type(tree).__name__} of {len(tree)}"
    return "a single value"
