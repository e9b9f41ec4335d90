"""Loops between the graph and the text: what they are given, what a turn computes, what is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symflow.core import Tensor
from symflow.core.variable import Variable


@dataclass(frozen=True)
class Stretch:
    """Entries of an array along its first axis.

    Attributes:
        source: the array.
        start, length: which entries.
    """

    source: Tensor
    start: int
    length: int


Part = Tensor | Stretch  # one entry, or several


@dataclass(frozen=True)
class Scan:
    """A loop as it is written.

    Attributes:
        count: how many turns.
        backwards: whether it begins with the last layer.
        carries: what a turn hands to the next, as variables of the body.
        starts: their first values.
        steps: what differs from layer to layer, as variables of the body.
        series: their values, by layer.
        fixed: what is the same in all turns and computed outside, as variables of the body.
        values: their values.
        outputs: the next values of the carries, then what is kept of every layer.
        finals: the last values of the carries, as variables of the expressions outside.
        kept: what is kept of every layer, as variables with the layers along the first axis.
        called: whether it is a loop of Python over a compiled function of a layer.
    """

    count: int
    backwards: bool
    carries: tuple[Variable, ...]
    starts: tuple[Tensor, ...]
    steps: tuple[Variable, ...]
    series: tuple[tuple[Part, ...], ...]
    fixed: tuple[Variable, ...]
    values: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    finals: tuple[Variable, ...]
    kept: tuple[Variable, ...]
    called: bool = False

    @property
    def operands(self) -> list[Tensor]:
        """The expressions outside that the loop is given."""
        parts = [_content(part) for parts in self.series for part in parts]
        return [*self.starts, *self.values, *parts]

    @property
    def stacks(self) -> bool:
        """Whether arrays of the layers are stacked for it."""
        alone = [sum(not isinstance(part, Stretch) for part in parts) for parts in self.series]
        return max(alone, default=0) > self.count // 2

    @property
    def bound(self) -> tuple[Variable, ...]:
        """The variables of the body."""
        return (*self.carries, *self.steps, *self.fixed)

    @property
    def results(self) -> tuple[Variable, ...]:
        """The variables that stand for what the loop computes."""
        return (*self.finals, *self.kept)

    def given(self, operands: Sequence[Tensor], outputs: Sequence[Tensor]) -> "Scan":
        """The same loop with its expressions rewritten."""
        left = iter(operands)
        starts = tuple(next(left) for _ in self.starts)
        values = tuple(next(left) for _ in self.values)
        series = tuple(
            tuple(
                replace(part, source=next(left)) if isinstance(part, Stretch) else next(left)
                for part in parts
            )
            for parts in self.series
        )
        return replace(self, starts=starts, values=values, series=series, outputs=tuple(outputs))


def _content(part: Part) -> Tensor:
    return part.source if isinstance(part, Stretch) else part
