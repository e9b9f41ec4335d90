"""Leaves: variables, scalar symbols of SymPy, and arrays of numbers."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import dtypes
from symflow.core.bridge import plain
from symflow.core.dims import Dim, Shape, as_shape, changed_dim, show_shape
from symflow.core.interning import digest, lookup, register, text_digest
from symflow.core.node import Tensor, initialise
from symflow.core.properties import checked_properties
from symflow.errors import DTypeError, RankError


class Variable(Tensor):
    """A named tensor: its identity is name, scope, shape, dtype and declared properties.

    Attributes:
        name: any text; scope and name joined by a dot make the full name.
        scope: where the variable belongs, as ``"encoder"``; may be empty.
        properties: the declared properties.
    """

    __slots__ = ("name", "properties", "scope")
    name: str
    scope: str
    properties: frozenset[str]

    def __new__(
        cls,
        name: Any,
        shape: Any = (),
        dtype: Any = "float",
        properties: Any = frozenset(),
        scope: Any = "",
    ) -> Any:
        name, scope, dtype = plain(name), plain(scope) or "", dtypes.canonical(plain(dtype))
        sizes = as_shape(plain(shape))
        declared = checked_properties(frozenset(plain(tuple(properties))), sizes)
        if declared and dtypes.kind(dtype) == "complex":
            _check_complex(name, declared)
        key = (Variable, name, sizes, dtype, declared, scope)
        node = lookup(key)
        if node is not None:
            return node
        node = object.__new__(cls)
        code = hash(tuple(map(digest, ("Variable", name, sizes, dtype, declared, scope))))
        initialise(node, (), sizes, dtype, code)
        node.name, node.properties, node.scope = name, declared, scope
        return register(key, node)

    def parts(self) -> tuple[Any, ...]:
        return (self.name, self.shape, self.dtype, self.properties, self.scope)

    @property
    def full_name(self) -> str:
        """Scope and name, joined by a dot."""
        return f"{self.scope}.{self.name}" if self.scope else self.name

    def own_symbols(self) -> set[sp.Basic]:
        return super().own_symbols() | {self}

    def scalars(self) -> tuple[sp.Expr, ...]:
        return tuple(size for size in self.shape if not isinstance(size, int))

    def with_scalars(self, change: Callable[[sp.Expr], sp.Expr]) -> Tensor:
        shape = tuple(
            size if isinstance(size, int) else changed_dim(size, change) for size in self.shape
        )
        return self.retyped(shape=shape)

    def retyped(
        self, shape: Shape | None = None, properties: frozenset[str] | None = None
    ) -> "Variable":
        """The same variable with another shape or other properties."""
        shape = self.shape if shape is None else shape
        properties = self.properties if properties is None else properties
        result: Variable = Variable(self.name, shape, self.dtype, properties, self.scope)
        return result


_OF_REAL = frozenset({"positive_definite", "positive_semidefinite", "positive_determinant"})


def _check_complex(name: str, declared: frozenset[str]) -> None:
    """Refuse what would mean Hermitian: a definite matrix counts as symmetric everywhere."""
    refused = sorted(declared & _OF_REAL)
    if refused:
        raise DTypeError(f"{name}: {refused[0]} is a property of real matrices")


class Scalar(Tensor):
    """A SymPy symbol as a tensor of rank 0."""

    __slots__ = ("symbol",)
    symbol: sp.Symbol

    def __new__(cls, symbol: Any) -> Any:
        key = (Scalar, symbol)
        node = lookup(key)
        if node is not None:
            return node
        node = object.__new__(cls)
        dtype = (
            "int" if symbol.is_integer else "float" if symbol.is_real is not False else "complex"
        )
        initialise(node, (), (), dtype, digest(symbol))
        node.symbol = symbol
        return register(key, node)

    def parts(self) -> tuple[Any, ...]:
        return (self.symbol,)

    def own_symbols(self) -> set[sp.Basic]:
        return {self.symbol}

    def replaced_symbol(self, rule: Mapping[Any, Any]) -> Any:
        value = rule.get(self.symbol)
        return None if value is None else self.accept(value)

    def scalars(self) -> tuple[sp.Expr, ...]:
        return (self.symbol,)

    def with_scalars(self, change: Callable[[sp.Expr], sp.Expr]) -> Tensor:
        changed = change(self.symbol)
        return self if changed == self.symbol else self.accept(changed)


class Constant(Tensor):
    """An array of numbers, compared by content.

    Attributes:
        array: read-only NumPy array.
    """

    __slots__ = ("array", "code")
    array: np.ndarray[Any, Any]
    code: str

    def __new__(cls, array: Any, dtype: Any = None) -> Any:
        if isinstance(array, sp.Basic):
            raise TypeError("a Constant is made from an array of numbers")
        values = np.array(array, order="C")
        values.setflags(write=False)
        name = dtypes.of_array(values.dtype) if dtype is None else dtypes.canonical(plain(dtype))
        content = blake2b(values.tobytes(), digest_size=16).hexdigest()
        code = f"{values.dtype.name}{values.shape}{content}"
        key = (Constant, code, name)
        node = lookup(key)
        if node is not None:
            return node
        node = object.__new__(cls)
        shape: tuple[Dim, ...] = values.shape
        initialise(node, (), shape, name, hash((text_digest(code), digest(name))))
        node.array, node.code = values, code
        return register(key, node)

    @property
    def func(self) -> Any:
        """Rebuilds the node from no arguments: an array is no SymPy object."""
        return lambda: self

    def parts(self) -> tuple[Any, ...]:
        return ()


def tensor(
    name: str, *shape: object, dtype: object = "float", scope: str = "", **properties: bool
) -> Variable:
    """A variable of any rank.

    Args:
        name: the name under which arrays are passed to a lowered program.
        shape: sizes: integers, names of dimensions, or SymPy integer expressions; or one tuple of
            them.
        dtype: a data type; ``"float"``, ``"int"`` and ``"complex"`` take the precision of the
            program.
        scope: prefix of the name, so that two layers may each own a ``W``.
        properties: declared facts, for example ``symmetric=True``.

    Raises:
        TypeError: for an unknown property, naming it.
        ShapeError: for a bad size, or a property that the shape cannot have.

    >>> A = tensor("A", "n", "n", symmetric=True)
    >>> A.rank, A.shape
    (2, (n, n))
    """
    declared = frozenset(key for key, value in properties.items() if value)
    checked_properties(frozenset(properties), None)
    result: Variable = Variable(name, _sizes(shape), dtype, declared, scope)
    return result


def _sizes(shape: tuple[object, ...]) -> Shape:
    """Sizes, given one by one or as one tuple."""
    return as_shape(shape[0] if len(shape) == 1 else shape)


def _of_rank(rank: int, name: str, shape: tuple[object, ...], options: dict[str, Any]) -> Variable:
    sizes = _sizes(shape)
    if len(sizes) != rank:
        raise RankError(f"{name!r} takes {rank} sizes, got {len(sizes)}: {show_shape(sizes)}")
    return tensor(name, *sizes, **options)


def scalar(name: str, **options: Any) -> Variable:
    """A variable of rank 0; options as in :func:`tensor`."""
    return _of_rank(0, name, (), options)


def vector(name: str, *shape: object, **options: Any) -> Variable:
    """A variable of rank 1; options as in :func:`tensor`."""
    return _of_rank(1, name, shape, options)


def matrix(name: str, *shape: object, **options: Any) -> Variable:
    """A variable of rank 2; options as in :func:`tensor`."""
    return _of_rank(2, name, shape, options)
