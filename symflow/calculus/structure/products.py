"""Maps that act on some axes each: Kronecker products and block diagonals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from symflow.calculus.structure.base import Manner, Structure, is_number, moved
from symflow.calculus.structure.examples import INDICES
from symflow.calculus.structure.notation import Notation, Piece
from symflow.calculus.structure.simple import ScaledIdentity
from symflow.core.add import scaled
from symflow.core.dims import Dim, product
from symflow.core.node import Tensor

Axes = tuple[int, ...]


@dataclass(frozen=True)
class Factor:
    """A map that acts on some of the axes.

    Attributes:
        rows: the axes of the result that it makes, counted among all rows.
        columns: the axes of the argument that it takes, counted among all columns.
        map: the map between them.
    """

    rows: Axes
    columns: Axes
    map: Structure


@dataclass(frozen=True, repr=False)
class Kronecker(Structure):
    """A Kronecker product: every factor acts on axes of its own.

    Attributes:
        coefficient: a number, or an expression of sizes, that multiplies all.
        factors: in the order of the axes.
    """

    kind: ClassVar[str] = "Kronecker product"

    coefficient: sp.Expr
    factors: tuple[Factor, ...]

    @property
    def parts(self) -> tuple[Tensor, ...]:
        return tuple(dict.fromkeys(x for factor in self.factors for x in _told(factor.map)))

    def stored_each(self) -> Dim:
        each: dict[Tensor, Dim] = {
            f.map.tensor: f.map.stored_each() for f in self.factors if _told(f.map)
        }
        return sum(each.values(), start=0)

    def cost_each(self) -> Dim:
        """Of the factors one after the other."""
        total: Dim = 0
        held = [*self.column_shape]
        for factor in self.factors:
            if not _told(factor.map):
                continue
            others = product(size for k, size in enumerate(held) if k not in factor.columns)
            total = total + factor.map.cost_each() * others
        return total

    @property
    def aligned(self) -> bool:
        """Whether every factor gives back the axes that it takes."""
        return all(factor.rows == factor.columns for factor in self.factors)

    @property
    def symmetric(self) -> bool:
        if self.aligned and all(factor.map.symmetric for factor in self.factors):
            return True
        return super().symmetric

    @property
    def positive_definite(self) -> bool:
        if not (self.aligned and bool(self.coefficient.is_nonnegative)):
            return False
        positive = bool(self.coefficient.is_positive) or not self.coefficient.is_number
        return positive and all(factor.map.positive_definite for factor in self.factors)

    @property
    def positive_semidefinite(self) -> bool:
        known = self.aligned and bool(self.coefficient.is_nonnegative)
        return known and all(factor.map.positive_semidefinite for factor in self.factors)

    @property
    def regular(self) -> bool:
        return all(f.map.is_square and f.map.regular for f in self.factors)

    @property
    def why_singular(self) -> str:
        for factor in self.factors:
            reason = factor.map.why_singular
            if not reason and not factor.map.is_square and self._is_uneven(factor.map):
                reason = "it maps axes of different sizes to each other"
            if reason:
                return f"of its factor {factor.map}, {reason}"
        return ""

    def _is_uneven(self, part: Structure) -> bool:
        rows, columns = part.size
        return isinstance(rows, int) and isinstance(columns, int)

    @property
    def cheap(self) -> bool:
        return all(factor.map.is_square for factor in self.factors)

    def applied(self, v: Tensor) -> Tensor:
        done = self._along(v, [(f.columns, f.rows, f.map.applied) for f in self.factors])
        return scaled(self.coefficient, done)

    def solved(self, b: Tensor, manner: Manner) -> Tensor:
        if not self.cheap:
            return super().solved(b, manner)
        steps = [(f.rows, f.columns, lambda x, f=f: f.map.solve(x, manner)) for f in self.factors]
        return scaled(1 / self.coefficient, self._along(b, steps))

    def _along(self, v: Tensor, steps: Sequence[tuple[Axes, Axes, object]]) -> Tensor:
        """A tensor with maps applied along some of its axes each.

        Every step takes away the axes that it is given and leaves new ones in their place.
        """
        lead = self.batch
        given = sum(len(taken) for taken, _, _ in steps)
        names: list[tuple[str, int]] = [("old", k) for k in range(given)]
        names += [("other", k) for k in range(v.rank - lead - given)]
        for taken, made, act in steps:
            front = [("old", k) for k in taken]
            rest = [name for name in names if name not in front]
            order = [*range(lead), *(lead + names.index(name) for name in (*front, *rest))]
            v = act(moved(v, order))  # type: ignore[operator]
            names = [("new", k) for k in made] + rest
        final = sorted(names, key=lambda name: (name[0] != "new", name[1]))
        return moved(v, [*range(lead), *(lead + names.index(name) for name in final)])

    def written(self, notation: Notation) -> Piece:
        pieces, front = [], ""
        for factor in self.factors:
            piece = factor.map.written(notation)
            if not factor.rows and not factor.columns:
                front = notation.bracketed(notation.expression(factor.map.one()), 1)
                front += notation.scale
                continue
            if not self._in_place and not self.commutes:
                text = notation.bracketed(piece, 2)
                piece = Piece(notation.axes(text, _named(factor.rows), _named(factor.columns)))
            pieces.append(piece)
        product = notation.product(pieces)
        if self.commutes:
            product = Piece(f"{notation.bracketed(product, 2)}{notation.scale_by_map}K", 1)
        if front:
            product = Piece(front + notation.bracketed(product, 2), 1)
        return notation.scaled(self.coefficient, product)

    @property
    def commutes(self) -> bool:
        """Whether this is ``(A (x) B) K``, with the commutation matrix ``K vec(X) = vec(X')``."""
        places = [(f.rows, f.columns) for f in self.factors if f.rows or f.columns]
        return places == [((0,), (1,)), ((1,), (0,))]

    @property
    def _in_place(self) -> bool:
        """Whether the factors, in their order, take and make the axes in their order."""
        rows = [axis for factor in self.factors for axis in factor.rows]
        columns = [axis for factor in self.factors for axis in factor.columns]
        return rows == sorted(rows) and columns == sorted(columns)


def _told(part: Structure) -> tuple[Tensor, ...]:
    """The parts of a factor that have to be stored: none of the identity."""
    if isinstance(part, ScaledIdentity) and is_number(part.factor):
        return ()
    return part.parts


def _named(axes: Axes) -> str:
    return ",".join(map(str, axes))


@dataclass(frozen=True, repr=False)
class BlockDiagonal(Structure):
    """One map for every position along some axes.

    Attributes:
        along: pairs of an axis of the rows and an axis of the columns whose positions agree
            wherever the map is not zero.
        block: the maps, side by side along these axes.
    """

    kind: ClassVar[str] = "block diagonal"

    along: tuple[tuple[int, int], ...]
    block: Structure

    @property
    def parts(self) -> tuple[Tensor, ...]:
        return self.block.parts

    def stored_each(self) -> Dim:
        return product(self.row_shape[row] for row, _ in self.along) * self.block.stored_each()

    def cost_each(self) -> Dim:
        return product(self.row_shape[row] for row, _ in self.along) * self.block.cost_each()

    @property
    def aligned(self) -> bool:
        """Whether the axes have the same places among the rows and among the columns."""
        return all(row == column for row, column in self.along)

    @property
    def symmetric(self) -> bool:
        return self.aligned and self.block.symmetric

    @property
    def positive_definite(self) -> bool:
        return self.aligned and self.block.positive_definite

    @property
    def positive_semidefinite(self) -> bool:
        return self.aligned and self.block.positive_semidefinite

    @property
    def regular(self) -> bool:
        return self.block.is_square and self.block.regular

    @property
    def why_singular(self) -> str:
        reason = self.block.why_singular
        return f"of its blocks, {reason}" if reason else ""

    @property
    def cheap(self) -> bool:
        return self.block.is_square

    def applied(self, v: Tensor) -> Tensor:
        inner = self._side_by_side(v, [column for _, column in self.along], self.columns)
        return self._spread(self.block.applied(inner), [row for row, _ in self.along], self.rows)

    def solved(self, b: Tensor, manner: Manner) -> Tensor:
        inner = self._side_by_side(b, [row for row, _ in self.along], self.rows)
        done = self.block.solve(inner, manner)
        return self._spread(done, [column for _, column in self.along], self.columns)

    def _side_by_side(self, v: Tensor, front: Sequence[int], count: int) -> Tensor:
        """The axes along which the blocks stand moved to the front."""
        order = [*front, *(k for k in range(count) if k not in front)]
        return moved(v, self._placed(order, count, v.rank))

    def _spread(self, v: Tensor, front: Sequence[int], count: int) -> Tensor:
        """The same axes moved back to their places."""
        order = [*front, *(k for k in range(count) if k not in front)]
        return moved(v, self._placed([order.index(k) for k in range(count)], count, v.rank))

    def _placed(self, order: Sequence[int], count: int, rank: int) -> list[int]:
        lead = self.batch
        return [*range(lead), *(lead + k for k in order), *range(lead + count, rank)]

    def written(self, notation: Notation) -> Piece:
        sizes = [str(self.row_shape[row]) for row, _ in self.along]
        names = INDICES[self.batch : self.batch + len(sizes)]
        text = notation.blocks(
            self.block.written(notation).text, list(zip(names, sizes, strict=True))
        )
        if self.aligned:
            return Piece(text)
        rows, columns = zip(*self.along, strict=True)
        return Piece(notation.axes(text, _named(rows), _named(columns)))
