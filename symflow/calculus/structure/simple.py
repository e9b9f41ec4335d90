"""Maps without parts that are maps themselves: zero, identity, diagonal, dense."""

from dataclasses import dataclass, replace
from typing import ClassVar

import sympy as sp

from symflow.calculus.structure.base import (
    Manner,
    Structure,
    by_entry,
    is_constant,
    is_number,
    total,
)
from symflow.calculus.structure.examples import example
from symflow.calculus.structure.gram import are_squares
from symflow.calculus.structure.notation import ATOM, PRODUCT, Notation, Piece
from symflow.calculus.structure.terms import Term, terms_of
from symflow.core.add import constant, split
from symflow.core.dims import Dim, product, same_shape
from symflow.core.node import Tensor
from symflow.ops.arithmetic import reciprocal
from symflow.ops.facts import facts

_NOT_ZERO = frozenset({"nonzero", "positive", "negative"})


def is_never_zero(x: Tensor) -> bool:
    """Whether no entry is zero, as far as is known."""
    return not _NOT_ZERO.isdisjoint(facts(x))


@dataclass(frozen=True, repr=False)
class Zero(Structure):
    """The map to zero."""

    kind: ClassVar[str] = "zero"

    @property
    def parts(self) -> tuple[Tensor, ...]:
        return ()

    def stored_each(self) -> Dim:
        return 0

    @property
    def symmetric(self) -> bool:
        return self.is_square

    @property
    def positive_semidefinite(self) -> bool:
        return self.symmetric

    @property
    def why_singular(self) -> str:
        return "it is zero"

    def applied(self, v: Tensor) -> Tensor:
        others = v.shape[self.batch + self.columns :]
        return constant(sp.S.Zero, (*self.batch_shape, *self.row_shape, *others), v.dtype)

    def written(self, notation: Notation) -> Piece:
        return Piece("0")


@dataclass(frozen=True, repr=False)
class Entrywise(Structure):
    """A map that multiplies the entries of its argument.

    Attributes:
        factor: what with; one for each of the maps side by side.
    """

    factor: Tensor

    @property
    def parts(self) -> tuple[Tensor, ...]:
        return (self.factor,)

    @property
    def symmetric(self) -> bool:
        return True

    @property
    def positive_definite(self) -> bool:
        return "positive" in facts(self.factor)

    @property
    def positive_semidefinite(self) -> bool:
        return "nonnegative" in facts(self.factor)

    @property
    def regular(self) -> bool:
        return is_never_zero(self.factor)

    @property
    def cheap(self) -> bool:
        return True

    def applied(self, v: Tensor) -> Tensor:
        return by_entry(self.factor, v)

    def solved(self, b: Tensor, manner: Manner) -> Tensor:
        return by_entry(reciprocal(self.factor), b)


@dataclass(frozen=True, repr=False)
class ScaledIdentity(Entrywise):
    """A number times the identity."""

    kind: ClassVar[str] = "scaled identity"

    def stored_each(self) -> Dim:
        return 1

    def cost_each(self) -> Dim:
        return product(self.row_shape)

    def written(self, notation: Notation) -> Piece:
        identity = Piece("I")
        if is_constant(self.factor, 1):
            return identity
        if is_number(self.factor):
            return notation.scaled(split(self.factor)[0], identity)
        factor = notation.expression(example(self.factor, self.batch))
        text = notation.bracketed(factor, ATOM if "@" in factor.text else PRODUCT)
        return Piece(f"{text}{notation.scale}I", PRODUCT)


@dataclass(frozen=True, repr=False)
class Diagonal(Entrywise):
    """Every entry of the argument times a number of its own: the factor has its shape."""

    kind: ClassVar[str] = "diagonal"

    def stored_each(self) -> Dim:
        return product(self.row_shape)

    def written(self, notation: Notation) -> Piece:
        argument = notation.expression(example(self.factor, self.batch))
        if self.rows > 1:
            argument = notation.function("ravel", argument)
        return notation.function("diag", argument)


_NAMED = (
    *("positive_definite", "positive_semidefinite", "diagonal", "lower_triangular"),
    *("upper_triangular", "tridiagonal", "toeplitz", "circulant", "orthogonal", "antisymmetric"),
)


@dataclass(frozen=True, repr=False)
class Dense(Structure):
    """A map without a form that would help; products are still taken factor by factor.

    ``kind`` tells what is known of its entries: symmetric, positive definite, triangular ...
    """

    @property
    def kind(self) -> str:  # type: ignore[override]
        """Dense, and what is known of the entries."""
        known = [name for name in _NAMED if name in self.facts]
        if self.positive_semidefinite and not known:
            known = ["positive_semidefinite"]
        if self.symmetric and not known:
            known = ["symmetric"]
        return ", ".join(["dense", *(name.replace("_", " ") for name in known[:1])])

    @property
    def facts(self) -> frozenset[str]:
        """What is known of the map as a matrix."""
        return facts(self.tensor) if self.rows == self.columns == 1 else frozenset()

    @property
    def _terms(self) -> list[Term]:
        return terms_of(self.tensor, self.batch, self.rows)

    @property
    def symmetric(self) -> bool:
        if "symmetric" in self.facts or super().symmetric:
            return True
        if not same_shape(self.row_shape, self.column_shape):
            return False
        turned = [replace(term, rows=term.columns, columns=term.rows) for term in self._terms]
        return total([t.tensor for t in turned]) is total([t.tensor for t in self._terms])

    @property
    def positive_definite(self) -> bool:
        return "positive_definite" in self.facts

    @property
    def positive_semidefinite(self) -> bool:
        return "positive_semidefinite" in self.facts or are_squares(self._terms)

    @property
    def regular(self) -> bool:
        return "invertible" in self.facts

    def applied(self, v: Tensor) -> Tensor:
        return total([term.times(v) for term in self._terms])
