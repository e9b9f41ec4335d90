"""What a graph costs: operations, memory traffic and kernels, as seconds on a small machine.

Every distinct node counts once, and so does every pair of factors that two contractions have in
common.  Each kernel takes the longer of its arithmetic and its traffic, and a start (S. Williams,
A. Waterman, D. Patterson, "Roofline", 2009); entrywise work that one kernel alone uses is computed
there and costs its arithmetic only.  The figures compare programs; they predict no times.

>>> from symflow.core import matrix, vector
>>> A, B, v = matrix("A", "n", "n"), matrix("B", "n", "n"), vector("v", "n")
>>> cost = CostModel({"n": 1000})
>>> cost.seconds([A @ (B @ v)]) < cost.seconds([A @ B])
True
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from symflow.core import Add, Apply, Dim, Einsum, Tensor
from symflow.core.fusion import is_fuse
from symflow.core.walk import postorder
from symflow.ops import facts
from symflow.ops.linalg import CHOLESKY, DET, INV, SLOGDET
from symflow.ops.structure import CONCATENATE, PLACE, SLICE
from symflow.rewriting.hints import size_hints
from symflow.rewriting.saturation.contraction import Contraction
from symflow.rewriting.saturation.kernel import Kernel, cholesky_kernel, shown

_MOVES = (SLICE, PLACE, CONCATENATE)
_Kernels: TypeAlias = Mapping[int, tuple[Tensor, Kernel]]


@dataclass(frozen=True)
class Machine:
    """What a program is taken to run on; the ratios are those of a processor core.

    Attributes:
        flops: operations a second.
        bandwidth: bytes a second, to and from memory.
        launch: seconds to start a kernel.
        entry: bytes of a number.
    """

    flops: float = 1e11
    bandwidth: float = 2e10
    launch: float = 1e-6
    entry: float = 4.0


@dataclass(frozen=True)
class Cost:
    """What a graph costs.

    Attributes:
        flops: floating point operations.
        traffic: bytes read and written.
        kernels: how many are started.
        seconds: the time that the machine takes for all of them.
    """

    flops: float
    traffic: float
    kernels: int
    seconds: float


@dataclass(frozen=True)
class _Plan:
    """The kernels of a node, and the inverses that it needs as matrices."""

    kernels: tuple[Kernel, ...] = ()
    explicit: tuple[Tensor, ...] = ()


@dataclass(frozen=True)
class _Shape:
    """What the records of operations ask of an operand, in numbers."""

    shape: tuple[float, ...]


class CostModel:
    """Costs of graphs at given sizes.

    Args:
        sizes: of dimensions, by name; others count as usual for their name.
        machine: what the program runs on.
    """

    def __init__(
        self, sizes: Mapping[str, int] | None = None, machine: Machine | None = None
    ) -> None:
        self.hints: Callable[[Dim], float] = size_hints(sizes)
        self.machine = machine or Machine()
        self._plans: dict[Tensor, _Plan] = {}
        self._inverses: dict[Tensor, _Plan] = {}

    def seconds(self, roots: Sequence[Tensor]) -> float:
        """The time for some graphs together."""
        return self.cost(roots).seconds

    def cost(self, roots: Sequence[Tensor]) -> Cost:
        """Operations, traffic, kernels and time of some graphs together."""
        kernels = self._kernels(postorder(roots), roots)
        machine = self.machine
        total = traffic = seconds = 0.0
        fused = _fused(kernels, roots)
        for flops, entries in fused:
            moved = entries * machine.entry
            total += flops
            traffic += moved
            seconds += machine.launch
            seconds += max(flops / machine.flops, moved / machine.bandwidth)
        return Cost(total, traffic, len(fused), seconds)

    # ------------------------------------------------------------------ kernels

    def _kernels(
        self, nodes: Sequence[Tensor], roots: Sequence[Tensor]
    ) -> dict[int, tuple[Tensor, Kernel]]:
        """The distinct kernels of some nodes, with the node that each belongs to."""
        found: dict[int, tuple[Tensor, Kernel]] = {}
        explicit = {shown(root) for root in roots}
        for node in nodes:
            plan = self._plan(node)
            explicit.update(plan.explicit)
            for kernel in plan.kernels:
                found.setdefault(kernel.key, (node, kernel))
        for node in nodes:
            if isinstance(node, Apply) and node.operation is INV and node in explicit:
                for kernel in self._inverse(node).kernels:
                    found.setdefault(kernel.key, (node, kernel))
        return found

    def _plan(self, node: Tensor) -> _Plan:
        known = self._plans.get(node)
        if known is None:
            known = self._plans[node] = self._planned(node)
        return known

    def _planned(self, node: Tensor) -> _Plan:
        if isinstance(node, Einsum):
            contraction = Contraction(node, self.hints)
            return _Plan(tuple(contraction.kernels), tuple(contraction.explicit))
        if isinstance(node, Add):
            return self._sum(node)
        if isinstance(node, Apply):
            if node.operation is INV and node.rank == 2:
                return _Plan(explicit=tuple(_inverses_of(node)))
            return self._operation(node)
        return _Plan()

    def _sum(self, node: Add) -> _Plan:
        written = self._entries(node)
        scaled = sum(1 for c in node.coefficients if abs(c) != 1)
        kernel = Kernel(
            hash(("node", node.digest)),
            (len(node.operands) - 1 + scaled) * written,
            tuple((shown(operand), self._entries(operand)) for operand in node.operands),
            written,
            light=True,
            fuses=True,
        )
        return _Plan((kernel,), tuple(_inverses_of(node)))

    def _operation(self, node: Apply) -> _Plan:
        operation = node.operation
        if is_fuse(node) or not node.operands:
            return _Plan()
        explicit = tuple(_inverses_of(node))
        if operation in (CHOLESKY, SLOGDET, DET) and self._is_definite(node):
            size = self.hints(node.operands[0].shape[-1])
            stack = self._entries(node.operands[0]) / max(size * size, 1.0)
            return _Plan((cholesky_kernel(node.operands[0], size, stack),), explicit)
        return _Plan((self._kernel(node),), explicit)

    def _is_definite(self, node: Apply) -> bool:
        if node.operation is DET:
            return False
        return node.operation is CHOLESKY or facts.has(node.operands[0], "positive_definite")

    def _kernel(self, node: Apply) -> Kernel:
        operation = node.operation
        written = self._entries(node)
        reads = tuple((shown(operand), self._entries(operand)) for operand in node.operands)
        entrywise = operation.elementwise or operation in _MOVES
        if operation is SLICE:
            reads = ((shown(node.operands[0]), written),)
        return Kernel(
            self._key(node),
            self._flops(node, written),
            reads,
            written,
            light=entrywise,
            fuses=entrywise or "reduction" in operation.facts,
        )

    def _key(self, node: Apply) -> int:
        """One key for all results of an operation that has several."""
        if node.operation.outputs:
            inner = node.operands[0].digest
            return hash(("results", node.operation.name, inner, *node.params[:-1]))
        return hash(("node", node.digest))

    def _flops(self, node: Apply, written: float) -> float:
        given = node.operation.flops
        if callable(given):
            operands = tuple(_Shape(self._sizes(operand)) for operand in node.operands)
            return float(given(operands, node.params, self._sizes(node)))
        if "reduction" in node.operation.facts:
            return given * self._entries(node.operands[0])
        return given * written

    def _inverse(self, node: Apply) -> _Plan:
        """The inverse itself, as a matrix."""
        known = self._inverses.get(node)
        if known is None:
            operand = node.operands[0]
            kernel = self._kernel(node)
            if facts.has(operand, "diagonal"):
                kernel = Kernel(kernel.key, kernel.written, kernel.reads, kernel.written)
            known = self._inverses[node] = _Plan((kernel,))
        return known

    # ------------------------------------------------------------------ sizes

    def _sizes(self, node: Tensor) -> tuple[float, ...]:
        return tuple(map(self.hints, node.shape))

    def _entries(self, node: Tensor) -> float:
        """The numbers that a node stores: none for constants, no broadcast axes."""
        if isinstance(node, Einsum):
            held = {label for labels in node.subscripts for label in labels}
            labels: Iterable[int] = held.intersection(node.output)
            sizes = [self.hints(node.sizes[label]) for label in labels] if held else [0.0]
        else:
            sizes = [self.hints(size) for size in node.shape]
        total = 1.0
        for size in sizes:
            total *= size
        return total


def _inverses_of(node: Tensor) -> Iterable[Tensor]:
    """The inverses among the operands, seen through views."""
    for operand in node.operands:
        base = shown(operand)
        if isinstance(base, Apply) and base.operation is INV:
            yield base


def _fused(kernels: _Kernels, roots: Sequence[Tensor]) -> list[tuple[float, float]]:
    """Operations and entries moved of each kernel that is started, with all that it absorbs."""
    user = _absorbed(kernels, roots)
    flops: dict[int, float] = {}
    reads: dict[int, dict[Tensor | int, float]] = {}
    for key, (node, kernel) in kernels.items():
        group = key
        while node in user:
            group = user[node]
            node = kernels[group][0]
        flops[group] = flops.get(group, 0.0) + kernel.flops
        moved = reads.setdefault(group, {})
        for place, (operand, count) in enumerate(kernel.reads):
            if operand is None:
                moved[hash((key, place))] = count
            elif operand not in user:
                moved[operand] = max(count, moved.get(operand, 0.0))
    return [
        (flops[group], sum(moved.values()) + kernels[group][1].written)
        for group, moved in reads.items()
    ]


def _absorbed(kernels: _Kernels, roots: Sequence[Tensor]) -> dict[Tensor, int]:
    """The nodes that are computed within the one kernel that uses them, with that kernel."""
    light: dict[Tensor, bool] = {}
    uses: dict[Tensor, int | None] = {shown(root): None for root in roots}
    for key, (node, kernel) in kernels.items():
        light[node] = node not in light and kernel.light
        for operand, _ in kernel.reads:
            if operand is not None and uses.setdefault(operand, key) != key:
                uses[operand] = None
    found = {}
    for node, alone in light.items():
        user = uses.get(node) if alone else None
        if user is not None and kernels[user][1].fuses:
            found[node] = user
    return found
