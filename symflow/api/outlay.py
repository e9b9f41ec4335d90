"""What rolling the layers of a program takes and spares: its compilation, and what calls add.

The figures are those of XLA on one core of a small machine; they choose between forms of one
program and predict no times.
"""

from collections.abc import Collection, Mapping

from symflow.core import Tensor, postorder
from symflow.lowering.rolling import Rolled
from symflow.lowering.rolling_scan import Scan, Stretch
from symflow.ops.indexing import getitem
from symflow.rewriting.hints import size_hints

_CALLS = 1000  # of a program, for which it is compiled once
_NODE = 5e-3  # seconds to compile an operation
_TURN = 2e-6  # a turn of a loop that is compiled
_CALL = 3e-5  # a call of a compiled function from Python,
_ARRAY = 1e-6  # and each array that it takes or gives
_STACKED = 1e-5  # an array of a layer stacked, or taken out of a stack,
_ENTRY = 4e-10  # and each of its entries


class Outlay:
    """The outlay for programs at given sizes.

    Args:
        sizes: of dimensions, by name; others count as usual for their name.
    """

    def __init__(self, sizes: Mapping[str, int] | None) -> None:
        self._hints = size_hints(sizes)

    def seconds(self, rolled: Rolled) -> float:
        """Compilation, and what loops add to the calls for which a program is compiled."""
        read = set(postorder(rolled.roots))
        added = sum(self._added(scan, read) for scan in rolled.scans)
        return _NODE * len(postorder(rolled.everything)) + _CALLS * added

    def _added(self, scan: Scan, read: Collection[Tensor]) -> float:
        """What a loop adds to a call of the program that reads some of its results by layer."""
        arrays = len(scan.bound) + len(scan.outputs)
        if scan.called:
            return scan.count * (_CALL + _ARRAY * arrays)
        moved = [part for parts in scan.series for part in parts if not isinstance(part, Stretch)]
        moved += [getitem(node, 0) for node in scan.kept if node in read for _ in range(scan.count)]
        return scan.count * _TURN + sum(_STACKED + _ENTRY * self._entries(x) for x in moved)

    def _entries(self, node: Tensor) -> float:
        product = 1.0
        for size in node.shape:
            product *= self._hints(size)
        return product
