"""The memory that the values of a program hold, one after the other.

A value lives from the moment it is computed to its last use; inputs and results live throughout.
XLA computes many entrywise values inside the kernels that use them, so that a compiled program
mostly needs less: the figures are estimates from above.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from symflow.core.dims import Dim
from symflow.lowering.values import Value

ITEM = {
    **{"bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "bfloat16": 2, "float16": 2},
    **{"int32": 4, "uint32": 4, "float32": 4, "int64": 8, "uint64": 8, "float64": 8},
    **{"complex64": 8, "complex128": 16},
}
_VIEWS = (".reshape(", ".T")
_PRODUCTS = ("@", "jnp.einsum", "jnp.linalg", "matmul_", "einsum_")
_CHEAP = ("*", "+", "-", "/", "**", ".reshape(", ".T", ".astype(", "")


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
    order = _scheduled(needed(outputs), hints)
    place = {value: number for number, value in enumerate(order)}
    last = list(range(len(order)))
    for number, value in enumerate(order):
        for arg in value.args:
            last[place[arg]] = number
    sizes = [size_of(value, hints) if value.args else 0.0 for value in order]
    for number, value in enumerate(order):  # a view lives in what it shows
        if value.args and is_view(value):
            sizes[number] = 0.0
            base = place[value.args[0]]
            last[base] = max(last[base], last[number])
    held = given
    for value in set(outputs):
        held += sizes[place[value]]
        sizes[place[value]] = 0.0
    return Lives(order, sizes, last, held)


def _scheduled(order: Sequence[Value], hints: Callable[[Dim], float]) -> list[Value]:
    """The values in an order that holds little, as XLA seeks one.

    What is much smaller than its operands comes as soon as they are there, entrywise values just
    before their first use, all else in the order of making.
    """
    wanted = _late(order, hints)
    small = {value: _is_small(value, hints) for value in order}
    missing = {value: len(set(value.args)) for value in order}
    users: dict[Value, list[Value]] = {value: [] for value in order}
    for value in order:
        for arg in set(value.args):
            users[arg].append(value)

    def entry(value: Value) -> tuple[bool, int, int, Value]:
        return not small[value], wanted[value], value.number, value

    ready = [entry(value) for value in order if not missing[value]]
    heapify(ready)
    found: list[Value] = []
    while ready:
        value = heappop(ready)[-1]
        found.append(value)
        for user in users[value]:
            missing[user] -= 1
            if not missing[user]:
                heappush(ready, entry(user))
    return found


def _is_small(value: Value, hints: Callable[[Dim], float]) -> bool:
    sizes = [size_of(arg, hints) for arg in value.args]
    if is_view(value):
        return True
    return bool(sizes) and 4 * size_of(value, hints) <= max(sizes)


def _late(order: Sequence[Value], hints: Callable[[Dim], float]) -> dict[Value, int]:
    """When each value is wanted: entrywise ones that free nothing, just before their first use."""
    key: dict[Value, int] = {}
    for value in reversed(order):
        first = key.get(value)
        sizes = [size_of(arg, hints) for arg in value.args]
        late = is_light(value) and size_of(value, hints) >= max(sizes, default=0)
        at = value.number if first is None or not late else first
        key[value] = at
        for arg in value.args:
            key[arg] = min(at, key.get(arg, at))
    return key


def is_view(value: Value) -> bool:
    """Whether a value shows another one and takes no memory."""
    return value.tree.word in _VIEWS


def is_light(value: Value) -> bool:
    """Whether a value costs about as much to compute as to read."""
    word = value.tree.word
    if word.startswith(_PRODUCTS):
        return False
    return word in _CHEAP or word.startswith(("jnp.", "jax.nn.", "-"))


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
