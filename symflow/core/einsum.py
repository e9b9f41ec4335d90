"""The one node of multilinear algebra.

``Einsum`` is a coefficient times the sum, over the labels that are not in the output, of the
product of its operands' entries.  A label may have no operand (ones: a broadcast where it is in
the output, a factor where it is summed) and may repeat in the output (an identity, a diagonal
matrix).  Matrix products, transposes, traces, diagonals, outer and elementwise products, sums and
broadcasts are all this node, in one canonical form, so that ``(A @ B).T`` and ``B.T @ A.T`` are
one object.

Axes of size 1 never connect: the label of such an axis stands alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.apply import Apply
from symflow.core.bridge import plain
from symflow.core.dims import Dim, Shape, changed_dim, is_one
from symflow.core.fusion import cancel_fuses, is_fuse
from symflow.core.interning import digest, lookup, register, sizes_digest, text_digest
from symflow.core.labels import Labels, canonical
from symflow.core.node import Tensor, initialise

_LETTERS = "ijklmnopqrstuvwxyzabcdefghABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TAG = digest("Einsum")


class Einsum(Tensor):
    """A contraction in canonical form; build it with :func:`contract`.

    Attributes:
        coefficient: a number or an expression of dimensions.
        subscripts: for each operand, the labels of its axes (0, 1, 2, ... in canonical order).
        output: the labels of the result's axes.
        sizes: the size of each label.
    """

    __slots__ = ("coefficient", "output", "sizes", "subscripts")
    coefficient: sp.Expr
    subscripts: tuple[Labels, ...]
    output: Labels
    sizes: Shape

    def __new__(
        cls,
        coefficient: Any,
        operands: Any,
        subscripts: Any,
        output: Any,
        sizes: Any,
        dtype: Any = "float",
    ) -> Any:
        return contract(
            sp.sympify(coefficient),
            tuple(operands),
            plain(subscripts),
            plain(output),
            dict(enumerate(plain(sizes))),
            plain(dtype),
        )

    def parts(self) -> tuple[Any, ...]:
        parts = (self.coefficient, self.operands, self.subscripts, self.output, self.sizes)
        return (*parts, self.dtype)

    @property
    def summed(self) -> Labels:
        """The labels that are summed over, each once."""
        shown = set(self.output)
        return tuple(label for label in range(len(self.sizes)) if label not in shown)

    @property
    def spec(self) -> str:
        """The subscripts as ``np.einsum`` writes them, for example ``"ij,jk->ik"``."""
        inputs = ",".join("".join(letter(label) for label in labels) for labels in self.subscripts)
        return inputs + "->" + "".join(letter(label) for label in self.output)

    def with_operands(self, operands: tuple[Tensor, ...]) -> Tensor:
        if self._keeps_order(operands):
            return _intern(
                self.coefficient, operands, self.subscripts, self.output, self.sizes, self.dtype
            )
        sizes = dict(enumerate(self.sizes))
        for old, new, labels in zip(self.operands, operands, self.subscripts, strict=True):
            if new.shape != old.shape:
                sizes.update(zip(labels, new.shape, strict=True))
        return contract(self.coefficient, operands, self.subscripts, self.output, sizes, self.dtype)

    def _keeps_order(self, operands: tuple[Tensor, ...]) -> bool:
        """Whether with these operands nothing merges, and the labels stay canonical."""
        last: int | None = None
        for old, new in zip(self.operands, operands, strict=True):
            if last is not None and new.digest <= last:
                return False
            last = new.digest
            if new is old:
                continue
            if new.dtype != old.dtype or new.shape != old.shape or is_fuse(new):
                return False
            if type(new) is Einsum and (len(new.operands) < 2 or not _are_solid(operands)):
                return False
        return True

    def with_coefficient(self, coefficient: sp.Expr) -> Tensor:
        """The same contraction with another coefficient."""
        if not is_zero(coefficient) and self.operands and not self._is_identity_view():
            return _intern(
                coefficient,
                self.operands,
                self.subscripts,
                self.output,
                self.sizes,
                self.dtype,
            )
        sizes = dict(enumerate(self.sizes))
        return contract(coefficient, self.operands, self.subscripts, self.output, sizes, self.dtype)

    def _is_identity_view(self) -> bool:
        return len(self.operands) == 1 and _is_identity(self.subscripts[0], self.output, self.sizes)

    def with_scalars(self, change: Callable[[sp.Expr], sp.Expr]) -> Tensor:
        return self.rebuilt(self.operands, change)

    def rebuilt(
        self, operands: tuple[Tensor, ...], change: Callable[[sp.Expr], sp.Expr] | None
    ) -> Tensor:
        if change is None:
            return self if operands == self.operands else self.with_operands(operands)
        sizes: dict[int, Dim] = {
            label: size if isinstance(size, int) else changed_dim(size, change)
            for label, size in enumerate(self.sizes)
        }
        for operand, labels in zip(operands, self.subscripts, strict=True):
            sizes.update(zip(labels, operand.shape, strict=True))
        return contract(
            change(self.coefficient), operands, self.subscripts, self.output, sizes, self.dtype
        )

    def numbers(self) -> tuple[sp.Expr, ...]:
        one = self.coefficient is sp.S.One or not self.coefficient.is_Number
        return () if one else (self.coefficient,)

    def scalars(self) -> tuple[sp.Expr, ...]:
        symbolic = tuple(size for size in self.sizes if not isinstance(size, int))
        return symbolic if self.coefficient.is_Number else (self.coefficient, *symbolic)


def _are_solid(operands: tuple[Tensor, ...]) -> bool:
    """Whether a product among several operands is left as it is."""
    return len(operands) > 1 and not any(map(is_fuse, operands))


def is_zero(coefficient: sp.Expr) -> bool:
    """Whether a coefficient is the number 0 (SymPy's assumption queries cost 100 times more)."""
    return coefficient is sp.S.Zero or bool(
        coefficient.is_Float and coefficient._mpf_ == (0, 0, 0, 0)
    )


def letter(label: int) -> str:
    """The letter that stands for a label in subscripts."""
    return _LETTERS[label] if label < len(_LETTERS) else chr(0x3B1 + label - len(_LETTERS))


def contract(
    coefficient: sp.Expr,
    operands: Sequence[Tensor],
    subscripts: Sequence[Labels],
    output: Sequence[int],
    sizes: Mapping[int, Dim],
    dtype: str = "float",
) -> Tensor:
    """The canonical node of a contraction (an operand itself where nothing is left to do).

    Args:
        coefficient: a number or an expression of dimensions.
        operands: tensors of one data type kind; nested views of one operand are merged.
        subscripts: labels (any integers) for each operand's axes.
        output: labels of the result; a label without operand is a broadcast, a repeated one a
            diagonal.
        sizes: the size of each label.
        dtype: data type of the result; matters only where no operand decides it.
    """
    if operands and coefficient is not sp.S.Zero and _is_flat(operands):
        made = _flat(coefficient, operands, subscripts, output, sizes)
        if made is not None:
            return made
    draft = _Draft(coefficient, sizes)
    draft.absorb(operands, subscripts)
    shown = [draft.find(label) for label in output]
    if operands:
        promoted = dtypes.promote(*(operand.dtype for operand in operands))
        if promoted != "bool" or not all(map(is_fuse, operands)):  # fuses have no type of their own
            dtype = promoted
    return draft.finish(shown, dtype)


def _is_flat(operands: Sequence[Tensor]) -> bool:
    """Whether no operand merges with the contraction or with another one."""
    for operand in operands:
        if type(operand) is Einsum:
            if len(operand.operands) < 2 or len(operands) == 1:
                return False
        elif type(operand) is Apply and "fuse" in operand.operation.facts:
            return False
    return True


def _flat(
    coefficient: sp.Expr,
    operands: Sequence[Tensor],
    subscripts: Sequence[Labels],
    output: Sequence[int],
    sizes: Mapping[int, Dim],
) -> Tensor | None:
    """The usual case, where labels and operands are put in order and nothing else is to be done.

    None for what has axes of size 1, sizes without an axis, or a coefficient of 0.0.
    """
    for size in sizes.values():
        if type(size) is int and size == 1:
            return None
    dtype = operands[0].dtype
    for operand in operands:
        if operand.dtype != dtype:
            dtype = dtypes.promote(dtype, operand.dtype)
    if coefficient is sp.S.One:
        if len(operands) == 1 and dtype == operands[0].dtype:
            labels = tuple(subscripts[0])
            if labels == tuple(output) and len(set(labels)) == len(labels):
                return operands[0]
    elif is_zero(coefficient):
        return None
    order, names = canonical([node.digest for node in operands], subscripts, output)
    if len(names) != len(sizes):
        return None
    return _intern(
        coefficient,
        tuple([operands[k] for k in order]),
        tuple([tuple([names[label] for label in subscripts[k]]) for k in order]),
        tuple([names[label] for label in output]),
        tuple([sizes[label] for label in names]),
        dtype,
    )


class _Draft:
    """A contraction under construction: flat operands and a union-find of labels."""

    __slots__ = ("coefficient", "items", "next_label", "parent", "sizes")

    def __init__(self, coefficient: sp.Expr, sizes: Mapping[int, Dim]) -> None:
        self.coefficient = coefficient
        self.sizes: dict[int, Dim] = dict(sizes)
        self.parent: dict[int, int] = {}
        self.next_label = max(sizes, default=-1) + 1
        self.items: list[tuple[Tensor, Labels]] = []

    def find(self, label: int) -> int:
        parent = self.parent
        while label in parent:
            label = parent[label]
        return label

    def unite(self, a: int, b: int) -> None:
        a, b = self.find(a), self.find(b)
        if a != b:
            self.parent[b] = a

    def absorb(self, operands: Sequence[Tensor], subscripts: Sequence[Labels]) -> None:
        """Take the operands in, merging views of one operand and constants."""
        pending = list(zip(operands, subscripts, strict=True))
        pending.reverse()
        while pending:
            operand, labels = pending.pop()
            if isinstance(operand, Einsum) and len(operand.operands) <= 1:
                pending.extend(self._open(operand, labels))
            else:
                self.items.append((operand, labels))
        solid = [k for k, (node, _) in enumerate(self.items) if not is_fuse(node)]
        if len(solid) == 1 and isinstance(self.items[solid[0]][0], Einsum):
            self.items.extend(self._open(*self.items.pop(solid[0])))
        if self.parent:
            find = self.find
            self.items = [(node, tuple(map(find, labels))) for node, labels in self.items]

    def _open(self, inner: Einsum, labels: Labels) -> list[tuple[Tensor, Labels]]:
        """The operands of a nested contraction under this one's labels."""
        if inner.coefficient is not sp.S.One:
            self.coefficient = self.coefficient * inner.coefficient
        names: dict[int, int] = {}
        for inside, outside in zip(inner.output, labels, strict=True):
            if inside in names:
                self.unite(names[inside], outside)
            else:
                names[inside] = outside
        for label, size in enumerate(inner.sizes):
            if label not in names:
                names[label] = self.next_label
                self.sizes[self.next_label] = size
                self.next_label += 1
        return [
            (operand, tuple(names[label] for label in inside))
            for operand, inside in zip(inner.operands, inner.subscripts, strict=True)
        ]

    def finish(self, output: list[int], dtype: str) -> Tensor:
        sizes = self.sizes
        if any(size == 1 for size in sizes.values() if isinstance(size, int)):
            output = self._part_unit_axes(output)
        consumed: set[int] = set()
        if any(is_fuse(node) for node, _ in self.items):
            self.items, consumed = cancel_fuses(self.items, output, self.unite)
            find = self.find
            self.items = [(node, tuple(map(find, labels))) for node, labels in self.items]
            output = [find(label) for label in output]
        held = {label for _, labels in self.items for label in labels}
        shown = set(output)
        loose = {self.find(label) for label in sizes} - held - shown - consumed
        if loose:
            for label in sorted(loose):
                self.coefficient = self.coefficient * sizes[label]
        if is_zero(self.coefficient):
            fresh = range(len(output))
            return _intern(
                sp.S.Zero, (), (), tuple(fresh), tuple(sizes[label] for label in output), dtype
            )
        return self._sorted(output, dtype)

    def _part_unit_axes(self, output: list[int]) -> list[int]:
        """Give every axis of size 1 a label of its own."""
        sizes = self.sizes

        def fresh(label: int) -> int:
            if not is_one(sizes[label]):
                return label
            self.next_label += 1
            sizes[self.next_label] = 1
            return self.next_label

        self.items = [(node, tuple(map(fresh, labels))) for node, labels in self.items]
        return [fresh(label) for label in output]

    def _sorted(self, output: list[int], dtype: str) -> Tensor:
        items = self.items
        sizes = self.sizes
        if len(items) == 1 and self.coefficient is sp.S.One:
            operand, labels = items[0]
            if operand.dtype == dtype and _is_identity(labels, output, sizes):
                return operand
        order, names = canonical(
            [node.digest for node, _ in items], [labels for _, labels in items], output
        )
        by_number: list[Dim] = [1] * len(names)
        for label, number in names.items():
            by_number[number] = sizes[label]
        return _intern(
            self.coefficient,
            tuple(items[k][0] for k in order),
            tuple(tuple(names[label] for label in items[k][1]) for k in order),
            tuple(names[label] for label in output),
            tuple(by_number),
            dtype,
        )


def _is_identity(
    labels: Sequence[int], output: Sequence[int], sizes: Mapping[int, Dim] | Shape
) -> bool:
    """Whether a view of one operand shows it as it is."""
    if len(labels) != len(output):
        return False
    wide = [label for label in output if not is_one(sizes[label])]
    return len(set(wide)) == len(wide) and all(
        a == b or (is_one(sizes[a]) and is_one(sizes[b]))
        for a, b in zip(labels, output, strict=True)
    )


def _intern(
    coefficient: sp.Expr,
    operands: tuple[Tensor, ...],
    subscripts: tuple[Labels, ...],
    output: Labels,
    sizes: Shape,
    dtype: str,
) -> Tensor:
    key = (Einsum, coefficient, operands, subscripts, output, sizes, dtype)
    number = 11 if coefficient is sp.S.One else digest(coefficient)
    code = hash(
        (
            _TAG,
            number,
            tuple([operand.digest for operand in operands]),
            subscripts,
            output,
            sizes_digest(sizes),
            text_digest(dtype),
        )
    )
    found: Tensor | None = lookup(key, code)
    if found is not None:
        return found
    node = object.__new__(Einsum)
    initialise(node, operands, tuple([sizes[label] for label in output]), dtype, code)
    node.coefficient = coefficient
    node.subscripts = subscripts
    node.output = output
    node.sizes = sizes
    return register(key, node, code)
