"""Maps of low rank, maps plus one of low rank, and sums without a common form."""

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from symflow.calculus.structure.base import (
    Manner,
    Structure,
    by_entry,
    is_constant,
    moved,
    paired,
    total,
)
from symflow.calculus.structure.notation import Notation, Piece
from symflow.calculus.structure.simple import Dense
from symflow.core import dtypes
from symflow.core.add import scaled
from symflow.core.dims import Dim, Shape, product
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.errors import DomainError
from symflow.ops.arithmetic import reciprocal


@dataclass(frozen=True, repr=False)
class LowRank(Structure):
    """``c left right'``: the map passes through a shape with fewer entries.

    Attributes:
        coefficient: the ``c``, a number or an expression of sizes.
        left: axes side by side, rows, inner.
        right: axes side by side, columns, inner.
    """

    kind: ClassVar[str] = "low rank"

    coefficient: sp.Expr
    left: Tensor
    right: Tensor

    @property
    def parts(self) -> tuple[Tensor, ...]:
        return (self.left,) if self.left is self.right else (self.left, self.right)

    @property
    def inner_shape(self) -> Shape:
        """The shape that the map passes through; ``()`` for rank 1."""
        return self.left.shape[self.batch + self.rows :]

    @property
    def rank(self) -> Dim:
        """The most that the rank can be."""
        return product(self.inner_shape)

    def stored_each(self) -> Dim:
        sides = [self.row_shape] if self.left is self.right else [self.row_shape, self.column_shape]
        return sum((product(side) * self.rank for side in sides), start=0)

    def cost_each(self) -> Dim:
        return (product(self.row_shape) + product(self.column_shape)) * self.rank

    @property
    def positive_semidefinite(self) -> bool:
        real = dtypes.kind(self.left.dtype) != "complex"
        if self.left is self.right and real and self.coefficient.is_nonnegative:
            return True
        return Dense(self.tensor, self.batch, self.rows).positive_semidefinite

    @property
    def symmetric(self) -> bool:
        return self.left is self.right or super().symmetric

    @property
    def positive_definite(self) -> bool:
        return False

    @property
    def why_singular(self) -> str:
        return f"its rank is at most {self.rank}, it has {self.size[0]} rows"

    def applied(self, v: Tensor) -> Tensor:
        held = self.into(v)
        made = paired(self.left, held, self.batch, self.rows, len(self.inner_shape))
        return scaled(self.coefficient, made)

    def into(self, v: Tensor) -> Tensor:
        """``right'`` times an argument; the shape that the map passes through."""
        flipped = [
            *range(self.batch),
            *range(self.batch + self.columns, self.right.rank),
            *range(self.batch, self.batch + self.columns),
        ]
        inner = len(self.inner_shape)
        return paired(moved(self.right, flipped), v, self.batch, inner, self.columns)


@dataclass(frozen=True, repr=False)
class Updated(Structure):
    """A map that is cheap to solve with, often diagonal, plus one of low rank.

    Attributes:
        base: the first of the two.
        update: the one of low rank.
    """

    kind: ClassVar[str] = "plus low rank"

    base: Structure
    update: LowRank

    @property
    def parts(self) -> tuple[Tensor, ...]:
        return tuple(dict.fromkeys((*self.base.parts, *self.update.parts)))

    def stored_each(self) -> Dim:
        return self.base.stored_each() + self.update.stored_each()

    def cost_each(self) -> Dim:
        return self.base.cost_each() + self.update.cost_each()

    @property
    def symmetric(self) -> bool:
        return self.base.symmetric and self.update.symmetric

    @property
    def positive_definite(self) -> bool:
        both = self.base.positive_definite and self.update.positive_semidefinite
        return both or self._whole.positive_definite

    @property
    def positive_semidefinite(self) -> bool:
        both = self.base.positive_semidefinite and self.update.positive_semidefinite
        return both or self._whole.positive_semidefinite

    @property
    def regular(self) -> bool:
        return self.positive_definite or self._whole.regular

    @property
    def _whole(self) -> Dense:
        return Dense(self.tensor, self.batch, self.rows)

    @property
    def cheap(self) -> bool:
        return self.base.cheap and self.base.regular

    def applied(self, v: Tensor) -> Tensor:
        return total([self.base.applied(v), self.update.applied(v)])

    def solved(self, b: Tensor, manner: Manner) -> Tensor:
        """The identity of Woodbury, where the base is invertible (Matrix Cookbook, 3.2.2)."""
        update, lead = self.update, self.batch
        inner = len(update.inner_shape)
        usable = self.base.regular or manner.regular
        if self.base.why_singular or not (usable or inner == 0):
            return super().solved(b, manner)
        spread = scaled(update.coefficient, self.base.solve(update.left, manner))
        small = manner.tidy(_plus_identity(update.into(spread), lead, inner))
        if is_constant(small, 0):  # then the determinant vanishes wherever the base is invertible
            raise DomainError(
                f"the map is singular, it has no inverse: it is {self}, "
                "and 1 + v' inv(D) u, for D + u v', vanishes"
            )
        if not usable:
            return super().solved(b, manner)
        first = self.base.solve(b, manner)
        held = update.into(first)
        if inner == 0:
            correction = by_entry(reciprocal(small), held)
        else:
            correction = Dense(small, lead, inner).solve(held, manner)
        back = paired(spread, correction, lead, self.columns, inner)
        return total([first, back], sp.S.NegativeOne)

    def written(self, notation: Notation) -> Piece:
        return notation.total([self.base.written(notation), self.update.written(notation)])


@dataclass(frozen=True, repr=False)
class Sum(Structure):
    """Several maps with forms of their own, added: products are cheap, solving is dense.

    Attributes:
        terms: the maps.
    """

    kind: ClassVar[str] = "sum"

    terms: tuple[Structure, ...]

    @property
    def parts(self) -> tuple[Tensor, ...]:
        return tuple(dict.fromkeys(part for term in self.terms for part in term.parts))

    def stored_each(self) -> Dim:
        return sum((term.stored_each() for term in self.terms), start=0)

    def cost_each(self) -> Dim:
        return sum((term.cost_each() for term in self.terms), start=0)

    @property
    def symmetric(self) -> bool:
        return all(term.symmetric for term in self.terms) or super().symmetric

    @property
    def positive_definite(self) -> bool:
        strict = any(term.positive_definite for term in self.terms)
        return strict and self.positive_semidefinite

    @property
    def positive_semidefinite(self) -> bool:
        return all(term.positive_semidefinite for term in self.terms)

    def applied(self, v: Tensor) -> Tensor:
        return total([term.applied(v) for term in self.terms])

    def written(self, notation: Notation) -> Piece:
        return notation.total([term.written(notation) for term in self.terms])


def _plus_identity(x: Tensor, batch: int, inner: int) -> Tensor:
    """The identity plus ``x``, whose axes are side by side, inner, inner."""
    front = tuple(range(batch + inner))
    sizes = dict(zip(front, x.shape, strict=False))
    output = (*front, *front[batch:])
    return total([contract(sp.S.One, (), (), output, sizes, x.dtype), x])
