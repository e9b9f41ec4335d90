"""The operations of a program, each once: what they read, their shape, how they are written."""

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from symflow.core.dims import Dim, Shape
from symflow.errors import LoweringError
from symflow.lowering.scalars import ScalarWriter, integer
from symflow.notation.tree import Binary, Call, Method, Name, Tree
from symflow.notation.tree import Sequence as TupleTree

Build = Callable[..., Tree]


class Value:
    """An array of the program.

    Attributes:
        number: its place in the order of computation.
        args: the values it is computed from.
        build: writes it, given the trees of ``args``.
        shape: its sizes.
        dtype: its concrete data type.
        depth: how many operations stand one after the other up to here.
    """

    __slots__ = ("args", "build", "depth", "dtype", "number", "shape", "tree")
    depth: int

    def __init__(
        self,
        number: int,
        args: tuple["Value", ...],
        build: Build,
        tree: Tree,
        shape: Shape,
        dtype: str,
    ) -> None:
        self.number = number
        self.args = args
        self.build = build
        self.tree = tree
        self.shape = shape
        self.dtype = dtype
        self.depth = 1 + max((arg.depth for arg in args), default=-1)

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)


_PLACES = tuple(Name(f"<{k}>") for k in range(64))


def _place(number: int) -> Name:
    return _PLACES[number] if number < len(_PLACES) else Name(f"<{number}>")


class Builder:
    """Makes values; the same operation on the same values is one value.

    Attributes:
        backend: ``"jax"`` or ``"numpy"``.
        xp: how the program calls the array namespace, ``"jnp"`` or ``"np"``.
        scalars: writes sizes and coefficients.
        narrow: rewrites the trees of products, for mixed precision.
    """

    narrow: Callable[[Tree, Sequence[Value], str], Tree] | None = None

    def __init__(self, backend: str, names: Callable[[sp.Symbol], str]) -> None:
        self.backend = backend
        self.xp = "jnp" if backend == "jax" else "np"
        self.scalars = ScalarWriter(names, self.xp)
        self.values: list[Value] = []
        self.products: dict[Any, Any] = {}  # products of two factors, by their signature
        self.symmetric: set[Value] = set()  # matrices that are their own transposes
        self.triangles: dict[Value, bool] = {}  # triangular matrices, whether lower
        self._known: dict[Any, Value] = {}

    def make(self, build: Build, args: Sequence[Value], shape: Shape, dtype: str) -> Value:
        """The value that ``build`` writes, given the trees of its arguments in order."""
        given = tuple(args)
        if self.narrow is not None:
            build = self._narrowed(build, given, dtype)
        tree = build(*map(_place, range(len(given))))
        return self.entered(build, tree, given, dtype, tuple(shape))

    def entered(
        self, build: Build, tree: Tree, args: tuple[Value, ...], dtype: str, shape: Shape = ()
    ) -> Value:
        """A value of which it is known what ``build`` writes for any arguments."""
        key = (tree.digest, args, dtype)
        known = self._known.get(key)
        if known is None:
            known = Value(len(self.values), args, build, tree, shape, dtype)
            self.values.append(known)
            self._known[key] = known
        return known

    def _narrowed(self, build: Build, given: tuple[Value, ...], dtype: str) -> Build:
        narrow = self.narrow
        assert narrow is not None
        return lambda *trees: narrow(build(*trees), given, dtype)

    def call(
        self, function: str, args: Sequence[Value], shape: Shape, dtype: str, /, **keywords: Tree
    ) -> Value:
        """A function of the array namespace (or, with a dot, of a named module) on values."""
        name = function if "." in function and not function.startswith("linalg.") else None
        path = name or f"{self.xp}.{function}"
        pairs = tuple(keywords.items())
        return self.make(lambda *trees: Call(path, trees, pairs), args, shape, dtype)

    def method(self, name: str, value: Value, arguments: tuple[Tree, ...], shape: Shape) -> Value:
        """A method of an array that keeps its data type."""
        return self.make(lambda x: Method(x, name, arguments), (value,), shape, value.dtype)

    def shape_tree(self, shape: Shape) -> Tree:
        """A shape as a tuple."""
        return TupleTree(tuple(self.scalars.size(size) for size in shape))

    def dtype_tree(self, dtype: str) -> Tree:
        """A data type as the namespace names it."""
        return Name(f"{self.xp}.bool_" if dtype == "bool" else f"{self.xp}.{dtype}")

    def cast(self, value: Value, dtype: str) -> Value:
        """The value in another data type."""
        if value.dtype == dtype:
            return value
        target = self.dtype_tree(dtype)
        return self.make(lambda x: Method(x, "astype", (target,)), (value,), value.shape, dtype)

    def scaled(self, value: Value, factor: sp.Expr) -> Value:
        """A number or expression of sizes times a value."""
        if factor is sp.S.One or factor == 1:
            return value
        scalars, dtype = self.scalars, value.dtype
        return self.make(lambda x: scalars.scaled(x, factor, dtype), (value,), value.shape, dtype)

    def literal(self, number: sp.Expr, dtype: str) -> Tree:
        """A number as Python writes it; weakly typed, so that it takes the type it meets."""
        if dtype == "bool":
            return Name("True" if number != 0 else "False")
        if dtype.startswith("int"):
            if number.is_Integer and not -(1 << (bits := int(dtype[3:]) - 1)) <= number < 1 << bits:
                raise LoweringError(f"{number} does not fit {dtype}: use precision='float64'")
            return self.scalars.exact_integer(number)
        return self.scalars.value(number)

    def full(self, number: sp.Expr, shape: Shape, dtype: str) -> Value:
        """An array of one number."""
        if shape:
            return self._filled(number, shape, dtype)
        literal, kind = self.literal(number, dtype), self.dtype_tree(dtype)
        return self.make(lambda: Call(kind.word, (literal,)), (), (), dtype)

    def _filled(self, number: sp.Expr, shape: Shape, dtype: str) -> Value:
        sizes = self.shape_tree(shape)
        keywords = (("dtype", self.dtype_tree(dtype)),)
        if number == 0 or number == 1:
            name = f"{self.xp}.{'ones' if number == 1 else 'zeros'}"
            return self.make(lambda: Call(name, (sizes,), keywords), (), shape, dtype)
        literal = self.literal(number, dtype)
        name = f"{self.xp}.full"
        return self.make(lambda: Call(name, (sizes, literal), keywords), (), shape, dtype)

    def reshape(self, value: Value, shape: Shape) -> Value:
        """The entries in row-major order in another shape."""
        if value.shape == shape:
            return value
        if value.tree.word == ".reshape(":
            return self.reshape(value.args[0], shape)
        return self.method("reshape", value, self._sizes(shape), shape)

    def _sizes(self, shape: Shape) -> tuple[Tree, ...]:
        if not shape:
            return (TupleTree(()),)
        return tuple(self.scalars.size(size) for size in shape)


def axis_tree(axes: Sequence[int]) -> Tree:
    """One axis, or a tuple of them."""
    if len(axes) == 1:
        return integer(axes[0])
    return TupleTree(tuple(integer(axis) for axis in axes))


def sizes_of(labels: Sequence[int], sizes: dict[int, Dim]) -> Shape:
    """The shape that an array with these labels has."""
    return tuple(sizes[label] for label in labels)


def integer_power(builder: Builder, value: Value, exponent: int) -> Value:
    """A value multiplied by itself some times."""
    if exponent == 1:
        return value
    tree = integer(exponent)
    return builder.make(lambda x: Binary("**", x, tree), (value,), value.shape, value.dtype)
