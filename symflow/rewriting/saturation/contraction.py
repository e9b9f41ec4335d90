"""A contraction as the kernels that compute it: its best order, its systems solved.

What the lowering does is counted: views and broadcasts cost nothing, merged axes are split, a
diagonal matrix is its diagonal, an inverse that meets something else is a linear system.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from symflow.core import Apply, Einsum, Tensor
from symflow.core.dims import Dim, is_one
from symflow.core.fusion import is_fuse
from symflow.core.labels import Labels
from symflow.ops import facts
from symflow.ops.linalg import INV
from symflow.rewriting.saturation.kernel import Kernel, Read, factorisation, shown
from symflow.rewriting.saturation.order import contraction_path, entries

# columns for each row beyond which the inverse itself is cheaper than solving
_WIDEST = 8.0


@dataclass(frozen=True)
class Part:
    """A factor on its way through a contraction.

    Attributes:
        key: a number for its contents under its labels in their order.
        labels: its axes.
        node: the operand that it is, if it is one.
        entries: how many numbers are stored.
    """

    key: int
    labels: Labels
    node: Tensor | None
    entries: float

    @property
    def read(self) -> Read:
        """That it is read."""
        return None if self.node is None else shown(self.node), self.entries

    @property
    def inverts(self) -> Tensor | None:
        """The matrix whose inverse it is."""
        if self.node is None or not _is_inverse(self.node):
            return None
        return self.node.operands[0]


def _is_inverse(node: Tensor | None) -> bool:
    return isinstance(node, Apply) and node.operation is INV and node.rank == 2


class Contraction:
    """The kernels of one contraction.

    Attributes:
        kernels: in order.
        explicit: the inverses that are needed as matrices.
    """

    def __init__(self, node: Einsum, hints: Callable[[Dim], float]) -> None:
        self.kernels: list[Kernel] = []
        self.explicit: list[Tensor] = []
        self.sizes = [hints(size) for size in node.sizes]
        self._united: dict[int, int] = {}
        self._node = node
        split = self._splits()
        parts = self._parts(split)
        self.shown = frozenset(self._opened(node.output, split))
        if parts:
            self._contract(parts)
        if node.coefficient not in (1, -1) and parts:
            self._scale(parts)

    # ------------------------------------------------------------------ factors

    def _splits(self) -> dict[int, Labels]:
        """Merged axes with their parts; the first way where there are several."""
        split: dict[int, Labels] = {}
        for operand, labels in zip(self._node.operands, self._node.subscripts, strict=True):
            if is_fuse(operand):
                split.setdefault(labels[0], labels[1:])
        return split

    def _opened(self, labels: Iterable[int], split: dict[int, Labels]) -> Labels:
        """Labels without those of size 1, merged axes as their parts."""
        pending = list(labels)[::-1]
        found: list[int] = []
        while pending:
            label = pending.pop()
            if label in split:
                pending.extend(reversed(split[label]))
            elif not is_one(self._node.sizes[label]):
                found.append(self._find(label))
        return tuple(found)

    def _find(self, label: int) -> int:
        while label in self._united:
            label = self._united[label]
        return label

    def _parts(self, split: dict[int, Labels]) -> list[Part]:
        solid = [
            (operand, labels)
            for operand, labels in zip(self._node.operands, self._node.subscripts, strict=True)
            if not is_fuse(operand)
        ]
        for operand, labels in solid:
            if operand.rank == 2 and facts.has(operand, "diagonal"):
                a, b = self._find(labels[0]), self._find(labels[1])
                if a != b:
                    self._united[b] = a
        counts: Counter[tuple[Tensor, Labels]] = Counter()
        for operand, labels in solid:
            counts[operand, self._opened(labels, split)] += 1
        return [self._part(*item, count) for item, count in counts.items()]

    def _part(self, operand: Tensor, labels: Labels, count: int) -> Part:
        own = tuple(dict.fromkeys(labels))
        stored = entries(frozenset(own), self.sizes)
        pattern = tuple(own.index(label) for label in labels)
        divides = _is_inverse(operand) and facts.has(operand, "diagonal")
        source = None if divides else operand
        part = Part(hash((operand.digest, pattern, count)), own, source, stored)
        if count > 1:  # equal factors are a power
            self.kernels.append(
                Kernel(
                    part.key, (count - 1) * stored, ((shown(operand), stored),), stored, fuses=True
                )
            )
            part = Part(part.key, own, None, stored)
        return part

    # ------------------------------------------------------------------ pairs

    def _contract(self, parts: list[Part]) -> None:
        present = [self._reduced(k, parts) for k in range(len(parts))]
        path = contraction_path(
            tuple(frozenset(part.labels) for part in present), self.shown, tuple(self.sizes)
        )
        for i, j in path:
            second, first = present.pop(j), present.pop(i)
            keep = self.shown.union(*(part.labels for part in present))
            present.append(self._combined(first, second, keep))
        (last,) = present
        if last.node is not None and len(parts) == 1:
            self._alone(last)

    def _alone(self, part: Part) -> None:
        """One operand seen otherwise: nothing to compute, but an inverse must be there."""
        if _is_inverse(part.node):
            assert part.node is not None
            self.explicit.append(part.node)

    def _reduced(self, place: int, parts: list[Part]) -> Part:
        """A factor with what only it holds summed."""
        part = parts[place]
        others = {label for k, other in enumerate(parts) if k != place for label in other.labels}
        kept = tuple(label for label in part.labels if label in others or label in self.shown)
        if kept == part.labels:
            return part
        if _is_inverse(part.node):
            assert part.node is not None
            self.explicit.append(part.node)
        key = hash(("sum", part.key, tuple(part.labels.index(label) for label in kept)))
        written = entries(frozenset(kept), self.sizes)
        self.kernels.append(Kernel(key, part.entries, (part.read,), written, fuses=True))
        return Part(key, kept, None, written)

    def _combined(self, first: Part, second: Part, keep: frozenset[int]) -> Part:
        if (second.key, second.labels) < (first.key, first.labels):
            first, second = second, first
        joint = tuple(dict.fromkeys((*first.labels, *second.labels)))
        kept = tuple(label for label in joint if label in keep)
        names = {label: place for place, label in enumerate(joint)}
        spelled = tuple(tuple(names[k] for k in labels) for labels in (first.labels, second.labels))
        key = hash((first.key, second.key, spelled, frozenset(names[label] for label in kept)))
        written = entries(frozenset(kept), self.sizes)
        result = Part(key, kept, None, written)
        if self._solved(first, second, result) or self._solved(second, first, result):
            return result
        for part in (first, second):
            if _is_inverse(part.node):
                assert part.node is not None
                self.explicit.append(part.node)
        every = entries(frozenset(joint), self.sizes)
        summed = len(kept) < len(joint)
        entrywise = not summed or set(first.labels) == set(second.labels)
        self.kernels.append(
            Kernel(
                key,
                every * (2 if summed else 1),
                (first.read, second.read),
                written,
                light=not summed,
                fuses=entrywise,
            )
        )
        return result

    def _solved(self, inverse: Part, right: Part, result: Part) -> bool:
        """A linear system, where an inverse meets something along one of its axes."""
        matrix = inverse.inverts
        if matrix is None or len(inverse.labels) != 2:
            return False
        met = [label for label in inverse.labels if label in right.labels]
        if len(met) != 1 or met[0] in result.labels:
            return False
        size = self.sizes[met[0]]
        columns = right.entries / max(size, 1.0)
        if columns > _WIDEST * size or right.inverts is not None:
            return False
        first, flops = factorisation(matrix, size)
        if first is not None:
            self.kernels.append(first)
        read = ((None, size * size if flops > 1 else size), right.read)
        self.kernels.append(Kernel(result.key, flops * size * columns, read, result.entries))
        return True

    def _scale(self, parts: list[Part]) -> None:
        """A number before the product: one more multiplication, of what is smallest."""
        least = min([*(part.entries for part in parts), entries(self.shown, self.sizes)])
        if self.kernels:
            last = self.kernels[-1]
            self.kernels[-1] = last.with_more(least)
        else:
            (part,) = parts[:1]
            key = hash(("scale", part.key, self._node.coefficient))
            self.kernels.append(
                Kernel(
                    key,
                    part.entries,
                    (part.read,),
                    part.entries,
                    light=True,
                    fuses=True,
                )
            )
