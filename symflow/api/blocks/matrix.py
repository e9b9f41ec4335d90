"""Derivatives by several variables: tuples of blocks that know their variables.

``sf.grad(f, (x, y))`` and ``sf.jacobian(f, (x, y))`` give a :class:`BlockRow`,
``sf.hessian(f, (x, y))`` a :class:`BlockMatrix`.  Both are tuples (of tensors, of rows), as
``jax.grad``, ``jax.jacobian`` and ``jax.hessian`` give; they are also linear maps of the variables
together.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy as sp

from symflow.api.blocks.showing import grid_latex, grid_pretty, grid_text
from symflow.api.blocks.solving import solved, stacked
from symflow.api.simplify import simplify
from symflow.calculus.structure import Manner, Structure, structure_of
from symflow.core import Scalar, Tensor, Variable, as_tensor
from symflow.core.dims import Dim, Shape, product, same_shape, show_shape
from symflow.errors import RankError, ShapeError
from symflow.ops.reshaping import reshape
from symflow.ops.structure import concatenate

Sizes = Mapping[str, int]
Table = tuple[Sequence[Tensor], Sequence[Tensor], list[list[Tensor]], list[int]]


def name_of(x: Tensor) -> str:
    """The name of a variable; for another expression its formula."""
    if isinstance(x, Variable):
        return x.full_name
    return str(x.symbol.name if isinstance(x, Scalar) else x)


class _Blocks(tuple[Any, ...], ABC):
    """What a row and a matrix of blocks have in common."""

    __slots__ = ()

    def __str__(self) -> str:
        return grid_text(*self._table)

    def latex(self) -> str:
        r"""The blocks as a LaTeX array, the variables on its borders."""
        return grid_latex(*self._table)

    def pretty(self) -> str:
        """The blocks as a table in Unicode."""
        return grid_pretty(*self._table)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    @property
    @abstractmethod
    def _table(self) -> Table: ...

    @property
    @abstractmethod
    def leaves(self) -> tuple[Tensor, ...]:
        """All blocks, row by row."""

    @abstractmethod
    def with_leaves(self, leaves: Iterable[Tensor]) -> Any:
        """Other blocks of the same shapes in the same places."""

    def simplify(self, *arguments: Any, **options: Any) -> Any:
        """The blocks simplified together; arguments as of :func:`symflow.simplify`."""
        return self.with_leaves(simplify(self.leaves, *arguments, **options))


class BlockRow(_Blocks):
    """The derivatives of one expression by several variables.

    ``row[0]`` and ``row[x]`` are the block of a variable, of shape ``output_shape + x.shape``.

    >>> import symflow as sf, symflow.numpy as snp
    >>> x, y = sf.vector("x", "n"), sf.vector("y", "n")
    >>> g = sf.grad(snp.sum(x * y), (x, y))
    >>> g, g[x], g.matvec((x, x))
    ((y, x), y, x @ x + x @ y)
    """

    variables: tuple[Tensor, ...]
    output_shape: Shape

    def __new__(
        cls, blocks: Iterable[Tensor], variables: Sequence[Tensor], output_shape: Shape
    ) -> "BlockRow":
        """A row from its blocks, in the order of the variables."""
        row = super().__new__(cls, blocks)
        row.variables = tuple(variables)
        row.output_shape = tuple(output_shape)
        return row

    def __reduce__(self) -> Any:
        return BlockRow, (tuple(self), self.variables, self.output_shape)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(_place(key, self.variables))

    @property
    def blocks(self) -> dict[str, Tensor]:
        """The blocks by the names of the variables."""
        return dict(zip(map(name_of, self.variables), self, strict=True))

    @property
    def leaves(self) -> tuple[Tensor, ...]:
        """All blocks, row by row."""
        return tuple(self)

    def with_leaves(self, leaves: Iterable[Tensor]) -> "BlockRow":
        """Other blocks for the same variables."""
        return BlockRow(leaves, self.variables, self.output_shape)

    @property
    def _table(self) -> Table:
        return [], self.variables, [list(self)], [len(self.output_shape)]

    @property
    def maps(self) -> tuple[Structure, ...]:
        """The structure of every block."""
        return tuple(structure_of(block, len(self.output_shape)) for block in self)

    def matvec(self, directions: Any) -> Tensor:
        """The derivative along directions for all variables: the sum of the blocks' products.

        Args:
            directions: for each variable a tensor of its shape; in the order of the variables, or
                a mapping from variables or their names.

        Raises:
            ShapeError: for a missing direction, or one of another shape than its variable.
        """
        product: Tensor = simplify(_combined(self, _given(directions, self.variables)))
        return product

    def dense(self) -> Tensor:
        """One matrix: a row for each entry of the output, a column for each entry of a variable."""
        height = product(self.output_shape)
        parts = [
            reshape(block, (height, product(x.shape)))
            for block, x in zip(self, self.variables, strict=True)
        ]
        return concatenate(parts, 1)


class BlockMatrix(_Blocks):
    """Derivatives of several expressions by several variables, as a Hessian: a tuple of rows.

    ``H[0][1]``, ``H[x, y]`` and ``H["x", "y"]`` are blocks, ``H[x]`` is a row.

    Attributes:
        variables: those of the columns.
        rows: what the rows belong to: for a Hessian the variables again.

    >>> import symflow as sf, symflow.numpy as snp
    >>> x, y = sf.vector("x", "n"), sf.vector("y", "n")
    >>> H = sf.hessian(snp.sum(x**2 * y), (x, y))
    >>> print(H)
             x            y
    x   2 * diag(y)   2 * diag(x)
    y   2 * diag(x)   zeros((n, n))
    >>> H[x, y]
    2 * diag(x)
    """

    variables: tuple[Tensor, ...]
    rows: tuple[Tensor, ...]

    def __new__(
        cls, found: Iterable[BlockRow], rows: Sequence[Tensor], variables: Sequence[Tensor]
    ) -> "BlockMatrix":
        """A matrix from its rows."""
        matrix = super().__new__(cls, found)
        matrix.rows = tuple(rows)
        matrix.variables = tuple(variables)
        return matrix

    def __reduce__(self) -> Any:
        return BlockMatrix, (tuple(self), self.rows, self.variables)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):
            if len(key) != 2:
                raise RankError(f"a block is named by its row and its column, got {len(key)} names")
            return self[key[0]][key[1]]
        return super().__getitem__(_place(key, self.rows))

    @property
    def blocks(self) -> dict[tuple[str, str], Tensor]:
        """The blocks by the names of row and column."""
        return {
            (name_of(row), name): block
            for row, blocks in zip(self.rows, self, strict=True)
            for name, block in blocks.blocks.items()
        }

    @property
    def leaves(self) -> tuple[Tensor, ...]:
        """All blocks, row by row."""
        return tuple(block for row in self for block in row)

    def with_leaves(self, leaves: Iterable[Tensor]) -> "BlockMatrix":
        """Other blocks in the same places."""
        pending = iter(leaves)
        rows = [row.with_leaves([next(pending) for _ in row]) for row in self]
        return BlockMatrix(rows, self.rows, self.variables)

    @property
    def _table(self) -> Table:
        ranks = [len(row.output_shape) for row in self]
        return self.rows, self.variables, [list(row) for row in self], ranks

    @property
    def maps(self) -> tuple[tuple[Structure, ...], ...]:
        """The structure of every block."""
        return tuple(row.maps for row in self)

    @property
    def size(self) -> tuple[Dim, Dim]:
        """The numbers of rows and columns as one matrix."""
        height = sum((product(row.output_shape) for row in self), start=0)
        return height, sum((product(x.shape) for x in self.variables), start=0)

    def matvec(self, directions: Any) -> tuple[Tensor, ...]:
        """The product with directions for all variables, for every row a tensor.

        Arguments and errors as of :meth:`BlockRow.matvec`.
        """
        given = _given(directions, self.variables)
        products: tuple[Tensor, ...] = simplify(tuple(_combined(row, given) for row in self))
        return products

    def solve(
        self, sides: Any, *, regular: bool = False, sizes: Sizes | None = None
    ) -> tuple[Tensor, ...]:
        """For all variables ``x``, the solution of ``matvec(x) = sides``.

        Variables that no block couples are solved apart.  A variable whose own block is cheap to
        solve with and known to be invertible is eliminated (the Schur complement of its block);
        what is left is solved as one dense matrix.

        Args:
            sides: for each row a tensor of its shape, in order, or by row or name.
            regular: take the blocks that are cheap to solve with as invertible where that is not
                known.
            sizes: typical sizes of dimensions by name, to tell what is low rank.

        Raises:
            ShapeError: for a map that is not square, a missing or misshapen right side.
            DomainError: for a map that is known to be singular, saying why.

        >>> import symflow as sf, symflow.numpy as snp
        >>> x, a = sf.vector("x", "n"), sf.scalar("a")
        >>> w = sf.vector("w", "n", positive=True)
        >>> H = sf.hessian(snp.sum(w * (x - a) ** 2) / 2 + a**2, (x, a))
        >>> H.solve((w, a))
        (broadcast_to((a + sum(w) + 2) / 2, (n,)), (a + sum(w)) / 2)
        """
        given = _given(sides, self.rows, [row.output_shape for row in self])
        height, width = self.size
        if sp.expand(sp.sympify(height) - width) != 0:
            raise ShapeError(
                f"solve takes a square map: this one has {height} rows, {width} columns"
            )
        found = solved(
            [list(row) for row in self],
            [row.output_shape for row in self],
            [x.shape for x in self.variables],
            given,
            [name_of(x) for x in self.variables],
            Manner(simplify, regular),
            sizes,
        )
        solutions: tuple[Tensor, ...] = simplify(tuple(found))
        return solutions

    def dense(self) -> Tensor:
        """One matrix, in the order of rows and variables, entries in row-major order."""
        return stacked(
            [list(row) for row in self],
            [row.output_shape for row in self],
            [x.shape for x in self.variables],
        )


# ------------------------------------------------------------------------ arguments


def _place(key: Any, variables: Sequence[Tensor]) -> Any:
    """The number of a variable that is named; other keys as they are."""
    found = _number(key, variables)
    return key if found is None else found


def _number(key: Any, variables: Sequence[Tensor]) -> int | None:
    if isinstance(key, (int, slice)):
        return None
    wanted = as_tensor(key) if isinstance(key, sp.Symbol) else key
    for number, x in enumerate(variables):
        if x is wanted or (isinstance(key, str) and name_of(x) == key):
            return number
    if isinstance(key, (str, Tensor, sp.Symbol)):
        known = ", ".join(map(name_of, variables))
        raise KeyError(f"there is no block for {key}: the variables are {known}")
    return None


def _given(
    values: Any, variables: Sequence[Tensor], shapes: Sequence[Shape] | None = None
) -> list[Tensor]:
    """One tensor for each variable, in its shape."""
    wanted = [x.shape for x in variables] if shapes is None else shapes
    if isinstance(values, Mapping):
        by_place = {_number(key, variables): value for key, value in values.items()}
        listed = [by_place.get(number) for number in range(len(variables))]
    else:
        listed = list(values) if isinstance(values, (tuple, list)) else [values]
    if len(listed) != len(variables) or any(value is None for value in listed):
        names = ", ".join(map(name_of, variables))
        raise ShapeError(
            f"one tensor is needed for each of {names}: got "
            f"{sum(value is not None for value in listed)}"
        )
    tensors = [as_tensor(value) for value in listed]
    for x, shape, value in zip(variables, wanted, tensors, strict=True):
        if not same_shape(shape, value.shape):
            raise ShapeError(
                f"what is given for {name_of(x)} has shape {show_shape(value.shape)}, "
                f"expected {show_shape(shape)}"
            )
    return tensors


def _combined(row: BlockRow, directions: Sequence[Tensor]) -> Tensor:
    products = [part.matvec(v) for part, v in zip(row.maps, directions, strict=True)]
    total = products[0]
    for other in products[1:]:
        total = total + other
    return total
