"""A contraction as a flat network: nested products opened, merged and split axes resolved.

Reshape and Kronecker products are 0/1 constants (fuses) in the graph.  Here they become what an
author writes: an operand is reshaped before the product, the result after it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from symflow.core import Apply, Einsum, Tensor, contract
from symflow.core.dims import Dim
from symflow.core.einsum import is_zero
from symflow.ops.reshaping import FUSE
from symflow.ops.structure import PLACE, Run, take_runs

Labels = tuple[int, ...]


@dataclass
class Member:
    """An operand of a network.

    Attributes:
        node: the graph's node.
        groups: which of the node's axes (row-major) make which labels (row-major); one axis and
            one label where nothing is reshaped.
    """

    node: Tensor
    groups: list[tuple[Labels, Labels]]

    @property
    def labels(self) -> Labels:
        """The labels of the axes, once reshaped."""
        return tuple(label for _, labels in self.groups for label in labels)

    @property
    def is_reshaped(self) -> bool:
        """Whether axes are merged or split."""
        return any(len(axes) != 1 or len(labels) != 1 for axes, labels in self.groups)


def member(node: Tensor, labels: Labels) -> Member:
    """An operand with a label an axis."""
    return Member(node, [((axis,), (label,)) for axis, label in enumerate(labels)])


@dataclass
class Network:
    """A flat contraction.

    Attributes:
        coefficient: a number or an expression of dimensions.
        members: the operands.
        entries: for each axis of the result its label, or the labels that it merges.
        sizes: the size of each label.
        live: all labels that occur; one that in the end nobody holds and the result does not
            show counts its size as a factor.
    """

    coefficient: sp.Expr
    members: list[Member]
    entries: list[Labels]
    sizes: dict[int, Dim]
    live: set[int]

    def fresh(self, size: Dim) -> int:
        """A new label."""
        label = max(self.sizes, default=-1) + 1
        self.sizes[label] = size
        return label

    def rename(self, names: dict[int, Labels]) -> None:
        """Replace labels by runs of labels, in operands and result."""
        for one in self.members:
            one.groups = [(axes, _replaced(labels, names)) for axes, labels in one.groups]
        self.entries = [_replaced(entry, names) for entry in self.entries]
        self.live = set(_replaced(tuple(self.live), names))


def _replaced(labels: Sequence[int], names: dict[int, Labels]) -> Labels:
    return tuple(new for label in labels for new in names.get(label, (label,)))


def network_of(node: Tensor, opens: Callable[[Tensor], bool]) -> Network:
    """The flat network of a contraction or of a placement into zeros.

    Args:
        node: the contraction.
        opens: which nested contractions are opened.
    """
    labels = tuple(range(node.rank))
    entries: list[Labels] = [(label,) for label in labels]
    net = Network(sp.S.One, [], entries, dict(enumerate(node.shape)), set(labels))
    _open(net, node, labels, opens)
    _resolve_fuses(net)
    return net


def opens_as_network(node: Tensor) -> bool:
    """Whether a node is itself a contraction (in the sense of notation)."""
    if isinstance(node, Einsum):
        return not is_zero(node.coefficient)
    return isinstance(node, Apply) and node.operation is PLACE and not is_padding(node)


def is_padding(node: Apply) -> bool:
    """Whether a placement into zeros puts zeros before and after some axes, as ``pad`` does."""
    (x,), (runs, shape) = node.operands, node.params
    if isinstance(x, Einsum) and not x.operands and len(set(x.output)) < len(x.output):
        return False  # eye(n)[:, 1:]
    moved = [
        run for run, size in zip(runs, shape, strict=True) if not (run[0] == 0 and run[1] == size)
    ]
    return all(run[2] == 1 and run[1] != 1 for run in moved)


def _open(net: Network, root: Tensor, outside: Labels, opens: Callable[[Tensor], bool]) -> None:
    united: dict[int, int] = {}
    pending: list[tuple[Tensor, Labels]] = [(root, outside)]
    while pending:
        node, labels = pending.pop()
        net.live.update(labels)
        if node is not root and not _is_opened(node, opens):
            net.members.append(member(node, labels))
        elif isinstance(node, Einsum):
            pending.extend(reversed(_inside(net, node, labels, united)))
        else:
            pending.extend(reversed(_placed(net, node, labels)))
    if united:
        net.rename({label: (_root(united, label),) for label in united})


def _is_opened(node: Tensor, opens: Callable[[Tensor], bool]) -> bool:
    """Constants are always opened: a number is a coefficient, an identity repeats a label."""
    return (isinstance(node, Einsum) and not node.operands) or (
        opens_as_network(node) and opens(node)
    )


def _root(united: dict[int, int], label: int) -> int:
    while label in united:
        label = united[label]
    return label


def _inside(
    net: Network, node: Einsum, labels: Labels, united: dict[int, int]
) -> list[tuple[Tensor, Labels]]:
    """The operands of a contraction under the labels of the whole."""
    net.coefficient = net.coefficient * node.coefficient
    names: dict[int, int] = {}
    for inner, outer in zip(node.output, labels, strict=True):
        if inner in names:
            a, b = _root(united, names[inner]), _root(united, outer)
            if a != b:
                united[b] = a
        else:
            names[inner] = outer
    for inner, size in enumerate(node.sizes):
        if inner not in names:
            names[inner] = net.fresh(size)
    return [
        (operand, tuple(names[label] for label in own))
        for operand, own in zip(node.operands, node.subscripts, strict=True)
    ]


def _placed(net: Network, node: Any, labels: Labels) -> list[tuple[Tensor, Labels]]:
    """A placement into zeros as products with columns of identities: ``eye(n)[:, 1:] @ x``."""
    (x,), (runs, shape) = node.operands, node.params
    own: list[int] = []
    selections: list[tuple[Tensor, Labels]] = []
    for run, size, label, inner in zip(runs, shape, labels, x.shape, strict=True):
        if run[2] == 1 and run[0] == 0 and run[1] == size:
            own.append(label)
            continue
        own.append(net.fresh(inner))
        chosen: tuple[Run, ...] = ((0, size, 1), run)
        eye = contract(sp.S.One, (), (), (0, 0), {0: size}, x.dtype)
        selections.append((take_runs(eye, chosen), (label, own[-1])))
    return [(x, tuple(own)), *selections]


# ------------------------------------------------------------------ merged and split axes


def _resolve_fuses(net: Network) -> None:
    """Turn fuses into reshapes of operands and of the result, as far as they are that."""
    kept: list[Member] = []
    while True:
        place = next((k for k, m in enumerate(net.members) if _is_fuse(m.node)), None)
        if place is None:
            break
        fuse = net.members.pop(place)
        whole = fuse.labels[0]
        twins = (m for m in [*net.members, *kept] if _is_fuse(m.node) and m.labels[0] == whole)
        twin = next(twins, None)
        if twin is None:
            net.rename({whole: fuse.labels[1:]})
            continue
        if _merge(net, fuse):
            continue
        if twin in net.members:
            net.members.remove(twin)
            net.members.append(fuse if _merge(net, twin) else twin)
            if net.members[-1] is fuse:
                continue
        kept.append(fuse)
    net.members.extend(kept)


def _merge(net: Network, fuse: Member) -> bool:
    """Merge the axes of one operand that nobody else has into the fused one."""
    whole, parts = fuse.labels[0], fuse.labels[1:]
    uses = Counter(label for one in net.members for label in one.labels)
    uses.update(label for entry in net.entries for label in entry)
    if any(uses[part] != 1 for part in parts) or len(set(parts)) != len(parts):
        return False
    solid = [one for one in net.members if not _is_fuse(one.node)]
    if not any(_merge_axes(one, whole, parts) for one in solid):
        return False
    net.live.difference_update(parts)
    return True


def _merge_axes(one: Member, whole: int, parts: Labels) -> bool:
    """Merge some axes of an operand where whole groups of them make up the parts."""
    chosen = [group for group in one.groups if set(group[1]) & set(parts)]
    chosen.sort(key=lambda group: parts.index(group[1][0]) if group[1][0] in parts else -1)
    if tuple(label for _, labels in chosen for label in labels) != parts:
        return False
    axes = tuple(axis for sources, _ in chosen for axis in sources)
    one.groups = [group for group in one.groups if group not in chosen]
    place = sum(1 for sources, _ in one.groups if sources < axes)
    one.groups.insert(place, (axes, (whole,)))
    return True


def _is_fuse(node: Tensor) -> bool:
    return isinstance(node, Apply) and node.operation is FUSE
