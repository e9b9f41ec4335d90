"""The memory that the values of a program hold, one after the other.

A value lives from the moment it is computed to its last use; inputs and results live throughout.
XLA computes many entrywise values inside the kernels that use them, so that a compiled program
mostly needs less: the figures are estimates from above.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symflow.core.dims import Dim
from symflow.lowering.values import Value

ITEM = {
    **{"bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "bfloat16": 2, "float16": 2},
    **{"int32": 4, "uint32": 4, "float32": 4, "int64": 8, "uint64": 8, "float64": 8},
    **{"complex64": 8, "complex128": 16},
}
_VIEWS = (".reshape(", ".T")


@dataclass(frozen=True)
class Lives:
    """How long values live, and what they hold.

    Attributes:
        order: the values in the order in which they are computed.
        sizes: bytes of each; 0 for inputs, views and tuples.
        last: the place of the last use of each.
        held: bytes of inputs and results.
    """

    order: list[Value]
    sizes: list[float]
    last: list[int]
    held: float

    def curve(self) -> list[float]:
        """Bytes in use while each value is computed."""
        change = [0.0] * (len(self.order) + 1)
        for place, (size, last) in enumerate(zip(self.sizes, self.last, strict=True)):
            change[place] += size
            change[last + 1 if last + 1 < len(change) else last] -= size
        found, level = [], self.held
        for step in change[:-1]:
            level += step
            found.append(level)
        return found

    @property
    def peak(self) -> float:
        """The most bytes in use at one time."""
        return max(self.curve(), default=self.held)

    @property
    def turn(self) -> int:
        """The place at which most bytes are in use."""
        curve = self.curve()
        return max(range(len(curve)), key=curve.__getitem__, default=0)


def size_of(value: Value, hints: Callable[[Dim], float]) -> float:
    """Bytes of a value."""
    total = float(ITEM.get(value.dtype, 0))
    for size in value.shape:
        total *= hints(size)
    return total


def lives(outputs: Sequence[Value], hints: Callable[[Dim], float], given: float) -> Lives:
    """How long the values that some results need live.

    Args:
        outputs: the results.
        hints: sizes of dimensions.
        given: bytes of the inputs.
    """
    order = needed(outputs)
    place = {value: number for number, value in enumerate(order)}
    last = list(range(len(order)))
    for number, value in enumerate(order):
        for arg in value.args:
            last[place[arg]] = number
    sizes = [size_of(value, hints) if value.args else 0.0 for value in order]
    for number, value in enumerate(order):  # a view lives in what it shows
        if value.args and value.tree.word in _VIEWS:
            sizes[number] = 0.0
            base = place[value.args[0]]
            last[base] = max(last[base], last[number])
    held = given
    for value in set(outputs):
        held += sizes[place[value]]
        sizes[place[value]] = 0.0
    return Lives(order, sizes, last, held)


def needed(outputs: Sequence[Value]) -> list[Value]:
    """The values that some results need, in the order of computation."""
    found: set[Value] = set()
    stack = list(outputs)
    while stack:
        value = stack.pop()
        if value not in found:
            found.add(value)
            stack.extend(value.args)
    return sorted(found, key=lambda value: value.number)
