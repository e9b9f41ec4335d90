"""Maps with axes of size 1, which have no part in the form of a map."""

from dataclasses import dataclass

from symflow.calculus.structure.base import Manner, Structure
from symflow.calculus.structure.notation import Notation, Piece
from symflow.core.dims import Dim
from symflow.core.node import Tensor
from symflow.ops.reshaping import reshape


@dataclass(frozen=True, repr=False)
class WithUnitAxes(Structure):
    """A map between shapes with axes of size 1.

    Attributes:
        inner: the same map without these axes; ``kind`` and all that is known are its own.
    """

    inner: Structure

    @property
    def kind(self) -> str:  # type: ignore[override]
        """The kind of the map without the axes."""
        return self.inner.kind

    @property
    def parts(self) -> tuple[Tensor, ...]:
        return self.inner.parts

    def stored_each(self) -> Dim:
        return self.inner.stored_each()

    def cost_each(self) -> Dim:
        return self.inner.cost_each()

    @property
    def symmetric(self) -> bool:
        return self.inner.symmetric

    @property
    def positive_definite(self) -> bool:
        return self.inner.positive_definite

    @property
    def positive_semidefinite(self) -> bool:
        return self.inner.positive_semidefinite

    @property
    def regular(self) -> bool:
        return self.inner.regular

    @property
    def why_singular(self) -> str:
        return self.inner.why_singular

    @property
    def cheap(self) -> bool:
        return self.inner.cheap

    def applied(self, v: Tensor) -> Tensor:
        others = v.shape[self.columns :]
        made = self.inner.applied(reshape(v, (*self.inner.column_shape, *others)))
        return reshape(made, (*self.row_shape, *others))

    def solved(self, b: Tensor, manner: Manner) -> Tensor:
        others = b.shape[self.rows :]
        made = self.inner.solve(reshape(b, (*self.inner.row_shape, *others)), manner)
        return reshape(made, (*self.column_shape, *others))

    def written(self, notation: Notation) -> Piece:
        return self.inner.written(notation)
