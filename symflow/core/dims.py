"""Dimensions and shapes: integers, named symbols and expressions of them.

A dimension is a Python ``int`` (0 or more) or a SymPy integer expression such as ``n``,
``n - k + 1`` or ``2*n``.  Two sizes are equal when their expressions are: ``n`` in two shapes is
the same size.
"""

import keyword
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

import sympy as sp

from symflow.errors import ShapeError

Dim: TypeAlias = int | sp.Expr
Shape: TypeAlias = tuple[Dim, ...]


def dim(name: str) -> sp.Symbol:
    """A named size: a non-negative integer symbol.

    >>> n = dim("n")
    >>> n.is_integer, n.is_nonnegative
    (True, True)

    Raises:
        ShapeError: when the name is not an identifier.
    """
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise ShapeError(f"a dimension's name must be an identifier, got {name!r}")
    return sp.Symbol(name, integer=True, nonnegative=True)


def dims(names: str | Iterable[str]) -> tuple[sp.Symbol, ...]:
    """Several named sizes, ``dims("n d")``.

    >>> dims("n d")
    (n, d)
    """
    parts = names.replace(",", " ").split() if isinstance(names, str) else list(names)
    return tuple(dim(part) for part in parts)


def is_dim_expression(value: object) -> bool:
    """Whether a SymPy expression is made of integers and dimension symbols alone."""
    return (
        isinstance(value, sp.Expr)
        and value.is_commutative is True  # no tensor
        and all(symbol.is_integer and symbol.is_nonnegative for symbol in value.free_symbols)
    )


def as_dim(value: object) -> Dim:
    """A size from an integer, a name or a SymPy integer expression.

    Raises:
        ShapeError: for a negative or a non-integer size.
    """
    if isinstance(value, bool):
        raise ShapeError(f"a size must be an integer, got {value!r}")
    if isinstance(value, int):
        return _checked(value)
    if isinstance(value, sp.Symbol) and value.is_integer and value.is_nonnegative:
        return value
    if isinstance(value, str):
        return dim(value)
    if isinstance(value, sp.Expr):
        if value.is_Integer:
            return _checked(int(value))
        if value.is_negative:
            raise ShapeError(f"a size must not be negative, got {value}")
        if value.is_integer is not False and not value.is_number and is_dim_expression(value):
            return value
    if hasattr(value, "__index__"):
        return _checked(int(value.__index__()))
    raise ShapeError(
        f"a size must be a non-negative integer or an expression of dimensions, got {value!r}"
    )


def _checked(size: int) -> int:
    if size < 0:
        raise ShapeError(f"a size must not be negative, got {size}")
    return size


def as_shape(shape: object) -> Shape:
    """A shape from one size or a sequence of sizes."""
    if isinstance(shape, (list, tuple, sp.Tuple)):
        return tuple(as_dim(size) for size in shape)
    return (as_dim(shape),)


def simplify_dim(value: sp.Expr | int) -> Dim:
    """Arithmetic on sizes brought to expanded form, integers as Python ``int``."""
    if isinstance(value, int):
        return value
    return _expanded(value)


def changed_dim(size: sp.Expr, change: Callable[[sp.Expr], object]) -> Dim:
    """A symbolic size after a substitution.

    Raises:
        ShapeError: when it has become negative or is no integer.
    """
    changed = change(size)
    try:
        return as_dim(simplify_dim(changed) if isinstance(changed, sp.Expr) else changed)
    except ShapeError as error:
        raise ShapeError(f"the size {size} would become {changed}: {error}") from None


@lru_cache(maxsize=4096)
def _expanded(value: sp.Expr) -> Dim:
    expanded = sp.expand(value)
    return int(expanded) if expanded.is_Integer else expanded


def same(a: Dim, b: Dim) -> bool:
    """Whether two sizes are provably equal."""
    if a is b:
        return True
    if isinstance(a, int):
        if isinstance(b, int):
            return a == b
        return not isinstance(b, sp.Symbol) and _same(a, b)
    return not (isinstance(a, sp.Symbol) and isinstance(b, int)) and _same(a, b)


@lru_cache(maxsize=4096)
def _same(a: Dim, b: Dim) -> bool:
    return bool(a == b) or simplify_dim(sp.sympify(a) - sp.sympify(b)) == 0


def same_shape(a: Shape, b: Shape) -> bool:
    """Whether two shapes are provably equal."""
    return a == b or (len(a) == len(b) and all(map(same, a, b)))


def product(sizes: Iterable[Dim]) -> Dim:
    """The number of entries of a shape."""
    total: Dim = 1
    for size in sizes:
        total = total * size
    return simplify_dim(total)


def broadcast(*shapes: Shape) -> Shape:
    """The common shape under NumPy's broadcasting.

    >>> n, d = dims("n d")
    >>> broadcast((n, d), (d,), (1, 1))
    (n, d)

    Raises:
        ShapeError: naming both shapes and the axis that fails.
    """
    rank = max((len(s) for s in shapes), default=0)
    result: list[Dim] = [1] * rank
    for shape in shapes:
        offset = rank - len(shape)
        for axis, size in enumerate(shape):
            known = result[offset + axis]
            if known is size or is_one(size):
                continue
            if is_one(known):
                result[offset + axis] = size
            elif not same(known, size):
                raise ShapeError(
                    f"shapes {' and '.join(show_shape(s) for s in shapes)} do not broadcast: "
                    f"axis {offset + axis - rank} has sizes {known} and {size}; "
                    "equal sizes, or size 1, are needed (insert an axis with x[:, None] or reshape)"
                )
    return tuple(result)


def is_one(size: Dim) -> bool:
    """Whether a size is the integer 1."""
    return isinstance(size, int) and size == 1


def normalise_axis(axis: object, rank: int, what: str = "axis") -> int:
    """A possibly negative axis as a number from 0 to ``rank - 1``.

    Raises:
        ShapeError: when there is no such axis.
    """
    if isinstance(axis, bool) or not hasattr(axis, "__index__"):
        raise ShapeError(f"{what} must be an integer, got {axis!r}")
    number = int(axis.__index__())
    if not -rank <= number < rank:
        raise ShapeError(f"{what} {number} does not exist: the tensor has rank {rank}")
    return number % rank


def normalise_axes(axes: object, rank: int) -> tuple[int, ...]:
    """Axes (``None`` for all, one, or several) sorted, each from 0 to ``rank - 1``."""
    if axes is None:
        return tuple(range(rank))
    several: Sequence[object] = axes if isinstance(axes, (tuple, list)) else (axes,)
    result = sorted(normalise_axis(axis, rank) for axis in several)
    if len(set(result)) != len(result):
        raise ShapeError(f"axis {tuple(several)} names an axis twice")
    return tuple(result)


def show_shape(shape: Shape) -> str:
    """A shape as ``(n, d)``."""
    return "(" + ", ".join(str(s) for s in shape) + ("," if len(shape) == 1 else "") + ")"


def unify(
    declared: Shape, actual: tuple[int, ...], sizes: dict[str, int], what: str
) -> list[tuple[Dim, int]]:
    """Match a declared shape with an array's, recording the values of plain symbols.

    Args:
        declared: sizes, integers or expressions.
        actual: the array's shape.
        sizes: values of dimension names so far; extended in place.
        what: how to name the array in an error.

    Returns:
        The compound sizes (as ``2*n``) with the integer each must equal, to check once all
        symbols are known.

    Raises:
        ShapeError: naming the array, the axis, both sizes.
    """
    if len(declared) != len(actual):
        raise ShapeError(
            f"{what} has shape {actual}, expected {show_shape(declared)}: "
            f"rank {len(actual)} instead of {len(declared)}"
        )
    pending: list[tuple[Dim, int]] = []
    for axis, (size, value) in enumerate(zip(declared, actual, strict=True)):
        if isinstance(size, sp.Symbol):
            known = sizes.setdefault(size.name, value)
            if known != value:
                raise ShapeError(
                    f"{what} has shape {actual}, expected {show_shape(declared)}: "
                    f"axis {axis} has size {value}, but {size} is {known} elsewhere"
                )
        elif isinstance(size, int):
            if size != value:
                raise ShapeError(
                    f"{what} has shape {actual}, expected {show_shape(declared)}: "
                    f"axis {axis} has size {value}, not {size}"
                )
        else:
            pending.append((size, value))
    return pending
