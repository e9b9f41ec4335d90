"""What every structure of a linear map can do, and the products that the kinds are made from.

A linear map is a tensor whose axes fall in three runs: axes along which there are maps side by
side (usually none), axes of the result (rows), axes of the argument (columns).  An argument may
have more axes behind those of the columns: each of them holds arguments side by side.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import sympy as sp

from symflow.calculus.structure.examples import example
from symflow.calculus.structure.notation import TEXT, Notation, Piece
from symflow.core.add import add_terms, constant
from symflow.core.dims import Dim, Shape, product, same, same_shape, show_shape
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.errors import DomainError, ShapeError
from symflow.ops.linalg import inv
from symflow.ops.reshaping import reshape


def _as_it_is(x: Tensor) -> Tensor:
    return x


@dataclass(frozen=True)
class Manner:
    """How a map is solved with.

    Attributes:
        tidy: brings small parts to simple form, so that one that vanishes is seen.
        regular: parts that are inverted on the way count as invertible where that is not known.
    """

    tidy: Callable[[Tensor], Tensor] = _as_it_is
    regular: bool = False


@dataclass(frozen=True)
class Structure(ABC):
    """A linear map with what is known of its form.

    Attributes:
        tensor: the map itself, its axes in the order side by side, rows, columns.
        batch: how many axes lead along which maps stand side by side.
        rows: how many axes the result has.
    """

    kind: ClassVar[str]

    tensor: Tensor
    batch: int
    rows: int

    # ------------------------------------------------------------------ shapes

    @property
    def batch_shape(self) -> Shape:
        """The sizes of the axes along which maps stand side by side."""
        return self.tensor.shape[: self.batch]

    @property
    def row_shape(self) -> Shape:
        """The shape of the map's result."""
        return self.tensor.shape[self.batch : self.batch + self.rows]

    @property
    def column_shape(self) -> Shape:
        """The shape of the map's argument."""
        return self.tensor.shape[self.batch + self.rows :]

    @property
    def columns(self) -> int:
        """How many axes the argument has."""
        return len(self.column_shape)

    @property
    def size(self) -> tuple[Dim, Dim]:
        """The numbers of rows and columns of the map as a matrix."""
        return product(self.row_shape), product(self.column_shape)

    @property
    def is_square(self) -> bool:
        """Whether there are provably as many rows as columns."""
        return same(*self.size)

    @property
    def dense_entries(self) -> Dim:
        """How many entries the map has as an array."""
        return product(self.tensor.shape)

    # ------------------------------------------------------------------ what a kind knows

    @property
    def parts(self) -> tuple[Tensor, ...]:
        """The expressions that hold the map's entries."""
        return (self.tensor,)

    @property
    def stored(self) -> Dim:
        """How many entries the parts have."""
        return product(self.batch_shape) * self.stored_each()

    def stored_each(self) -> Dim:
        """The same, for one of the maps that stand side by side."""
        return product((*self.row_shape, *self.column_shape))

    @property
    def cost(self) -> Dim:
        """How many multiplications a product with one argument takes."""
        return product(self.batch_shape) * self.cost_each()

    def cost_each(self) -> Dim:
        return self.stored_each()

    @property
    def symmetric(self) -> bool:
        """Whether the map is known to be its own transpose."""
        if not same_shape(self.row_shape, self.column_shape):
            return False
        order = [*range(self.batch), *self.columns_first()]
        return moved(self.tensor, order) is self.tensor

    def columns_first(self) -> list[int]:
        """The axes of the columns, then those of the rows."""
        rows = range(self.batch, self.batch + self.rows)
        return [*range(self.batch + self.rows, self.tensor.rank), *rows]

    @property
    def positive_definite(self) -> bool:
        """Whether the map is known to be symmetric positive definite."""
        return False

    @property
    def positive_semidefinite(self) -> bool:
        """Whether the map is known to be symmetric positive semidefinite."""
        return self.positive_definite

    @property
    def regular(self) -> bool:
        """Whether the map is known to be invertible."""
        return self.positive_definite

    @property
    def why_singular(self) -> str:
        """Why the map has no inverse; empty where none of that is known."""
        return ""

    @property
    def cheap(self) -> bool:
        """Whether solving is cheaper than with a dense matrix of this size."""
        return False

    # ------------------------------------------------------------------ verbs

    def matvec(self, v: Tensor) -> Tensor:
        """The map applied to an argument, without the dense map.

        Args:
            v: of the shape of the columns; more axes behind hold arguments side by side.

        Raises:
            ShapeError: for an argument of another shape.
        """
        self._check(v, self.column_shape, "argument", "columns")
        return self.applied(v)

    @abstractmethod
    def applied(self, v: Tensor) -> Tensor:
        """The map applied to an argument that fits."""

    def solve(self, b: Tensor, manner: Manner | None = None) -> Tensor:
        """The ``x`` with ``matvec(x) = b``.

        Args:
            b: of the shape of the rows; more axes behind hold right sides side by side.
            manner: how parts are looked at on the way.

        Raises:
            ShapeError: for a map that is not square, or a right side of another shape.
            DomainError: for a map that is known to be singular, saying why.
        """
        self._check(b, self.row_shape, "right side", "rows")
        if not self.is_square:
            rows, columns = self.size
            raise ShapeError(
                f"solve takes a square map: this one has {rows} rows, {show_shape(self.row_shape)},"
                f" and {columns} columns, {show_shape(self.column_shape)}"
            )
        if self.why_singular:
            raise DomainError(f"the map is singular, it has no inverse: {self.why_singular}")
        return self.solved(b, manner or Manner())

    def solved(self, b: Tensor, manner: Manner) -> Tensor:
        """The solution for a right side that fits, of a map that may be invertible."""
        return solved_densely(self, b)

    def _check(self, given: Tensor, wanted: Shape, what: str, whose: str) -> None:
        lead = (*self.batch_shape, *wanted)
        if not same_shape(given.shape[: len(lead)], lead):
            raise ShapeError(
                f"the {what} has shape {show_shape(given.shape)}, the {whose} of the map "
                f"{show_shape(lead)}; they must agree"
            )

    def dense(self) -> Tensor:
        """The map as a matrix: entries of rows and columns numbered in row-major order."""
        return reshape(self.tensor, (*self.batch_shape, *self.size))

    # ------------------------------------------------------------------ showing

    if TYPE_CHECKING:  # attached by the verbs, which know LaTeX and Unicode

        def latex(self) -> str: ...
        def pretty(self) -> str: ...

    def written(self, notation: Notation) -> Piece:
        """The form of the map in a notation."""
        return notation.expression(self.one())

    def one(self) -> Tensor:
        """One of the maps that stand side by side, as an expression to show."""
        return example(self.tensor, self.batch)

    @classmethod
    def attach(cls, methods: Mapping[str, object]) -> None:
        """Give structures the methods of a higher floor; called once by that floor."""
        for name, value in methods.items():
            setattr(cls, name, value)

    def __str__(self) -> str:
        return self.written(TEXT).text

    def __repr__(self) -> str:
        shapes = f"{show_shape(self.row_shape)} x {show_shape(self.column_shape)}"
        return f"<{self.kind}, {shapes}: {self}>"


# ------------------------------------------------------------------------ products


def moved(x: Tensor, order: Sequence[int]) -> Tensor:
    """A tensor with its axes in another order."""
    labels = tuple(range(x.rank))
    return contract(sp.S.One, (x,), (labels,), tuple(order), dict(enumerate(x.shape)), x.dtype)


def paired(x: Tensor, v: Tensor, batch: int, rows: int, held: int) -> Tensor:
    """``x`` with axes (batch, rows, held) times ``v`` with axes (batch, held, others)."""
    first = tuple(range(batch + rows + held))
    summed = first[batch + rows :]
    others = tuple(range(len(first), len(first) + v.rank - batch - held))
    labels = (*first[:batch], *summed, *others)
    sizes: dict[int, Dim] = dict(zip(first, x.shape, strict=True))
    sizes.update(zip(others, v.shape[batch + held :], strict=True))
    output = (*first[: batch + rows], *others)
    return contract(sp.S.One, (x, v), (first, labels), output, sizes, v.dtype)


def by_entry(x: Tensor, v: Tensor) -> Tensor:
    """``v`` times the entries of ``x`` along the leading axes that ``x`` has."""
    labels = tuple(range(v.rank))
    sizes: dict[int, Dim] = dict(enumerate(v.shape))
    return contract(sp.S.One, (x, v), (labels[: x.rank], labels), labels, sizes, v.dtype)


def total(terms: list[Tensor], last: sp.Expr = sp.S.One) -> Tensor:
    """The sum of tensors, the last one times a number."""
    coefficients = [sp.S.One] * (len(terms) - 1) + [last]
    return add_terms(zip(coefficients, terms, strict=True), terms[0].shape, terms[0].dtype)


def solved_densely(map_: Structure, b: Tensor) -> Tensor:
    """The solution by a matrix of all entries."""
    lead = map_.batch_shape
    others = b.shape[map_.batch + map_.rows :]
    right = reshape(b, (*lead, map_.size[0], product(others)))
    solution = paired(inv(map_.dense()), right, map_.batch, 1, 1)
    return reshape(solution, (*lead, *map_.column_shape, *others))


def is_constant(x: Tensor, value: int) -> bool:
    """Whether all entries are one number."""
    return x is constant(sp.Integer(value), x.shape, x.dtype)


def is_number(x: Tensor) -> bool:
    """Whether all entries are one number, or one expression of sizes."""
    return isinstance(x, Einsum) and not x.operands and len(set(x.output)) == len(x.output)
