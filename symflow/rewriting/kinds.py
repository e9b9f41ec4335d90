"""Kinds of pattern variables: what a rule's author writes after a colon.

``x: Real`` stands for an entry of a tensor: an equation between elementwise expressions of such
variables holds, and is used, at every shape.  ``v: Vector[n]`` stands for a tensor seen along one
axis or several at once; ``A: Matrix[m, n]``, ``S: PositiveDefinite[n]`` for matrices, any other
axes being batch.  A kind is met where its property is declared or inferred; unknown means no.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import sympy as sp

from symflow.core import Tensor
from symflow.core.dims import dim

M = TypeVar("M")
N = TypeVar("N")


@dataclass(frozen=True)
class Kind:
    """The kind of a pattern variable.

    Attributes:
        name: as it is written.
        dims: names of the sizes of its axes.
        properties: what must be known of whatever it is bound to.
        dtype: data type of the variable in the pattern.
    """

    name: str
    dims: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    dtype: str = "float"

    @property
    def shape(self) -> tuple[Any, ...]:
        """The sizes as symbols."""
        return tuple(dim(name) for name in self.dims)

    def __str__(self) -> str:
        return self.name + (f"[{', '.join(self.dims)}]" if self.dims else "")


def _size_name(size: Any) -> str:
    return size if isinstance(size, str) else str(getattr(size, "__name__", size))


class k:  # noqa: D101, N801  (names of sizes)
    pass


class m:  # noqa: D101, N801
    pass


class n:  # noqa: D101, N801
    pass


class p:  # noqa: D101, N801
    pass


if TYPE_CHECKING:

    class Real(Tensor):
        """A number."""

    class Positive(Real):
        """A number greater than 0."""

    class NonNegative(Real):
        """A number not less than 0."""

    class NonZero(Real):
        """A number other than 0."""

    class UnitInterval(Real):
        """A number from 0 to 1."""

    class Integer(Real):
        """A whole number."""

    class Bits(Tensor):
        """A whole number by its data type."""

    class ZeroOne(Real):
        """0 or 1."""

    class PlusMinusOne(Real):
        """-1 or 1."""

    class Number(sp.Symbol):  # type: ignore[misc]
        """A number that is a parameter: the exponent of a power."""

    class Boolean(Tensor):
        """A truth value."""

    class Vector(Tensor, Generic[N]):
        """A tensor along one or several axes."""

    class PositiveVector(Vector[N]):
        """A vector with positive entries."""

    class NonNegativeVector(Vector[N]):
        """A vector without negative entries."""

    class Simplex(Vector[N]):
        """Non-negative entries that sum to one."""

    class OneHot(Vector[N]):
        """One entry is 1, the others are 0."""

    class UnitVector(Vector[N]):
        """A vector of norm 1."""

    class Matrix(Tensor, Generic[M, N]):
        """A matrix."""

    class Square(Tensor, Generic[N]):
        """A square matrix."""

    class Symmetric(Square[N]):
        """A matrix that equals its transpose."""

    class Antisymmetric(Square[N]):
        """A matrix that is minus its transpose."""

    class PositiveDefinite(Square[N]):
        """A symmetric matrix with positive eigenvalues."""

    class PositiveSemidefinite(Square[N]):
        """A symmetric matrix with non-negative eigenvalues."""

    class Invertible(Square[N]):
        """A matrix with an inverse."""

    class Orthogonal(Square[N]):
        """A square matrix whose transpose is its inverse."""

    class Orthonormal(Matrix[M, N]):
        """A matrix with orthonormal columns."""

    class Permutation(Square[N]):
        """A single 1 in every row and every column, zeros elsewhere."""

    class Diagonal(Square[N]):
        """Zero off the diagonal."""

    class LowerTriangular(Square[N]):
        """Zero above the diagonal."""

    class UpperTriangular(Square[N]):
        """Zero below the diagonal."""

    class PositiveDeterminant(Square[N]):
        """A matrix with positive determinant."""

else:

    class _Family:
        """A kind that takes names of sizes: ``Matrix[m, n]``."""

        def __init__(self, name: str, rank: int, *properties: str) -> None:
            self.name = name
            self.rank = rank
            self.properties = properties

        def __getitem__(self, dims: Any) -> Kind:
            several = dims if isinstance(dims, tuple) else (dims,)
            names = tuple(map(_size_name, several))
            if self.rank == 2 and len(names) == 1:
                names = names * 2
            return Kind(self.name, names, self.properties)

    Real = Kind("Real")
    Positive = Kind("Positive", properties=("positive",))
    NonNegative = Kind("NonNegative", properties=("nonnegative",))
    NonZero = Kind("NonZero", properties=("nonzero",))
    UnitInterval = Kind("UnitInterval", properties=("in_unit_interval",))
    Integer = Kind("Integer", properties=("integer",))
    Bits = Kind("Bits", dtype="int")
    ZeroOne = Kind("ZeroOne", properties=("zero_one",))
    PlusMinusOne = Kind("PlusMinusOne", properties=("plus_minus_one",))
    Number = Kind("Number")
    Boolean = Kind("Boolean", dtype="bool")
    Vector = _Family("Vector", 1)
    PositiveVector = _Family("PositiveVector", 1, "positive")
    NonNegativeVector = _Family("NonNegativeVector", 1, "nonnegative")
    Simplex = _Family("Simplex", 1, "simplex")
    OneHot = _Family("OneHot", 1, "one_hot")
    UnitVector = _Family("UnitVector", 1, "unit_norm")
    Matrix = _Family("Matrix", 2)
    Square = _Family("Square", 2)
    Symmetric = _Family("Symmetric", 2, "symmetric")
    Antisymmetric = _Family("Antisymmetric", 2, "antisymmetric")
    PositiveDefinite = _Family("PositiveDefinite", 2, "positive_definite")
    PositiveSemidefinite = _Family("PositiveSemidefinite", 2, "positive_semidefinite")
    Invertible = _Family("Invertible", 2, "invertible")
    Orthogonal = _Family("Orthogonal", 2, "orthogonal")
    Orthonormal = _Family("Orthonormal", 2, "orthogonal")
    Permutation = _Family("Permutation", 2, "permutation")
    Diagonal = _Family("Diagonal", 2, "diagonal")
    LowerTriangular = _Family("LowerTriangular", 2, "lower_triangular")
    UpperTriangular = _Family("UpperTriangular", 2, "upper_triangular")
    PositiveDeterminant = _Family("PositiveDeterminant", 2, "positive_determinant")
