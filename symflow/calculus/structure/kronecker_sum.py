"""Sums of maps that act on one axis each, as discrete Laplacians and equations of Sylvester."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from symflow.calculus.structure.base import Manner, Structure, by_entry, is_constant, moved, total
from symflow.calculus.structure.products import Factor, Kronecker
from symflow.calculus.structure.simple import ScaledIdentity
from symflow.calculus.structure.sums import Sum
from symflow.core.add import scaled
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.ops.arithmetic import reciprocal
from symflow.ops.contraction import matrix_transpose
from symflow.ops.linalg import eigh
from symflow.ops.solving import solve_sylvester


@dataclass(frozen=True, repr=False)
class KroneckerSum(Sum):
    """Maps of one axis each, added: ``A (x) I + I (x) B``, plus a number times the identity.

    Where all are symmetric, the eigenvectors of the sum are the Kronecker products of theirs, its
    eigenvalues the sums of theirs, so that one small eigendecomposition for each axis is enough
    (R. E. Lynch, J. R. Rice, D. H. Thomas, "Direct solution of partial difference equations by
    tensor product methods", 1964). Two of any kind make an equation of Sylvester, ``A X + X B' =
    C`` (G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th ed., section 7.6.3).
    """

    kind: ClassVar[str] = "Kronecker sum"

    @property
    def cheap(self) -> bool:
        return True

    def solved(self, b: Tensor, manner: Manner) -> Tensor:
        maps = {axis: total(terms) for axis, terms in self._by_axis().items()}
        shifts = [term.factor for term in self.terms if isinstance(term, ScaledIdentity)]
        if are_symmetric(self.terms):
            return self._by_eigenvectors(b, maps, shifts)
        return self._by_sylvester(b, maps, shifts)

    def _by_eigenvectors(self, b: Tensor, maps: dict[int, Tensor], shifts: list[Tensor]) -> Tensor:
        decomposed = {axis: eigh(matrix) for axis, matrix in maps.items()}
        values = [self._spread(found[0], axis) for axis, found in decomposed.items()]
        values += [self._spread(shift, None) for shift in shifts]
        for axis, found in decomposed.items():
            b = self._turned(matrix_transpose(found[1]), b, axis)
        b = by_entry(reciprocal(total(values)), b)
        for axis, found in decomposed.items():
            b = self._turned(found[1], b, axis)
        return b

    def _by_sylvester(self, b: Tensor, maps: dict[int, Tensor], shifts: list[Tensor]) -> Tensor:
        lead, rows = [*range(self.batch)], [self.batch, self.batch + 1]
        others = [*range(self.batch + 2, b.rank)]
        right = moved(b, [*lead, *others, *rows])
        first, second = (self._beside(maps[axis], right) for axis in (0, 1))
        for shift in shifts:
            first = total([first, self._beside(_identities(shift, maps[0]), right)])
        found = solve_sylvester(first, matrix_transpose(second), right)
        middle = self.batch + len(others)
        return moved(found, [*lead, middle, middle + 1, *range(self.batch, middle)])

    def _by_axis(self) -> dict[int, list[Tensor]]:
        found: dict[int, list[Tensor]] = {}
        for term in self.terms:
            if isinstance(term, Kronecker) and (factor := _alone(term)) is not None:
                matrix = scaled(term.coefficient, factor.map.tensor)
                found.setdefault(factor.rows[0], []).append(matrix)
        return found

    def _spread(self, x: Tensor, axis: int | None) -> Tensor:
        """What there is for each place along one axis, or for each map, for all rows."""
        lead = tuple(range(self.batch))
        output = tuple(range(self.batch + self.rows))
        labels = lead if axis is None else (*lead, self.batch + axis)
        sizes = dict(zip(output, (*self.batch_shape, *self.row_shape), strict=True))
        return contract(sp.S.One, (x,), (labels,), output, sizes, x.dtype)

    def _turned(self, basis: Tensor, v: Tensor, axis: int) -> Tensor:
        """A matrix times an argument along one axis."""
        labels, place = tuple(range(v.rank)), self.batch + axis
        output = tuple(v.rank if label == place else label for label in labels)
        sizes = {**dict(enumerate(v.shape)), v.rank: v.shape[place]}
        given = ((*range(self.batch), v.rank, place), labels)
        return contract(sp.S.One, (basis, v), given, output, sizes, v.dtype)

    def _beside(self, matrix: Tensor, right: Tensor) -> Tensor:
        """A matrix of each map again for all right sides."""
        output = tuple(range(right.rank))
        shape = (*right.shape[:-2], *matrix.shape[-2:])
        labels = (*output[: self.batch], *output[-2:])
        sizes = dict(zip(output, shape, strict=True))
        return contract(sp.S.One, (matrix,), (labels,), output, sizes, matrix.dtype)


def is_kronecker_sum(terms: Sequence[Structure]) -> bool:
    """Whether all terms act on one axis each, in a way that is solved axis by axis."""
    acting = [term for term in terms if not isinstance(term, ScaledIdentity)]
    factors = [_alone(term) for term in acting]
    axes = {factor.rows for factor in factors if factor is not None}
    if None in factors or len(axes) < 2:
        return False
    return are_symmetric(terms) or acting[0].rows == 2


def are_symmetric(terms: Sequence[Structure]) -> bool:
    """Whether the matrices of all terms are known to be symmetric."""
    found = [_alone(term) for term in terms]
    return all(factor is None or factor.map.symmetric for factor in found)


def _alone(term: Structure) -> Factor | None:
    """The one factor on one axis beside which there are identities only."""
    if not isinstance(term, Kronecker) or not term.aligned:
        return None
    acting = [factor for factor in term.factors if not _is_identity(factor.map)]
    return acting[0] if len(acting) == 1 and len(acting[0].rows) == 1 else None


def _is_identity(part: Structure) -> bool:
    return isinstance(part, ScaledIdentity) and is_constant(part.factor, 1)


def _identities(factor: Tensor, like: Tensor) -> Tensor:
    """A number for each map times the identity, in the shape of the maps."""
    lead = tuple(range(factor.rank))
    sizes = dict(zip((*lead, factor.rank), like.shape, strict=False))
    output = (*lead, factor.rank, factor.rank)
    return contract(sp.S.One, (factor,), (lead,), output, sizes, like.dtype)
