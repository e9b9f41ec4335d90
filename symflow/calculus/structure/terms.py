"""The terms of a map, each as a contraction whose labels are batch, row and column labels.

A row axis and a column axis with one label in every term are positions that agree wherever the map
is not zero: a diagonal, or blocks along a diagonal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

import sympy as sp

from symflow.core.add import Add
from symflow.core.dims import Dim
from symflow.core.einsum import Einsum, contract
from symflow.core.labels import Labels
from symflow.core.node import Tensor

_MOST_TERMS = 24
Pair = tuple[int, int]
Item = tuple[Tensor, Labels]


@dataclass(frozen=True)
class Term:
    """A product of tensors with the labels of the map's axes.

    Attributes:
        coefficient: a number or an expression of sizes.
        items: the tensors with the labels of their axes.
        batch: the labels of the axes along which maps stand side by side.
        rows: the labels of the result.
        columns: the labels of the argument.
        sizes: of all labels.
        dtype: of the map.
    """

    coefficient: sp.Expr
    items: tuple[Item, ...]
    batch: Labels
    rows: Labels
    columns: Labels
    sizes: dict[int, Dim]
    dtype: str

    def part(self, items: Sequence[Item], output: Sequence[int], *, scaled: bool = False) -> Tensor:
        """The contraction of some of the items."""
        held = {label for _, labels in items for label in labels}.union(output)
        return contract(
            self.coefficient if scaled else sp.S.One,
            tuple(node for node, _ in items),
            tuple(labels for _, labels in items),
            output,
            {label: self.sizes[label] for label in held},
            self.dtype,
        )

    @property
    def tensor(self) -> Tensor:
        """The term as an expression."""
        return self.part(self.items, (*self.batch, *self.rows, *self.columns), scaled=True)

    def times(self, v: Tensor) -> Tensor:
        """The term applied to an argument whose axes are batch, columns, others."""
        extra = v.rank - len(self.batch) - len(self.columns)
        fresh = count(max(self.sizes, default=-1) + 1)
        others = tuple(next(fresh) for _ in range(extra))
        labels = (*self.batch, *self.columns, *others)
        sizes = {**self.sizes, **dict(zip(others, v.shape[len(labels) - extra :], strict=True))}
        return contract(
            self.coefficient,
            (*(node for node, _ in self.items), v),
            (*(own for _, own in self.items), labels),
            (*self.batch, *self.rows, *others),
            sizes,
            v.dtype,
        )

    @property
    def pairs(self) -> set[Pair]:
        """The row and column axes with one label."""
        return {
            (row, column)
            for row, a in enumerate(self.rows)
            for column, b in enumerate(self.columns)
            if a == b
        }

    def is_free(self, pair: Pair) -> bool:
        """Whether nothing but the two axes has the label of a pair."""
        label = self.rows[pair[0]]
        axes = (*self.batch, *self.rows, *self.columns)
        held = any(label in labels for _, labels in self.items)
        return not held and axes.count(label) == 2

    def without(self, pairs: Sequence[Pair], kept: Sequence[Pair]) -> "Term":
        """The blocks along some pairs of axes, of which some are kept in front."""
        gone_rows = {row for row, _ in pairs}
        gone_columns = {column for _, column in pairs}
        free = {self.rows[row] for row, column in pairs if (row, column) not in kept}
        return replace(
            self,
            batch=(*self.batch, *(self.rows[row] for row, _ in kept)),
            rows=tuple(a for k, a in enumerate(self.rows) if k not in gone_rows),
            columns=tuple(a for k, a in enumerate(self.columns) if k not in gone_columns),
            sizes={label: size for label, size in self.sizes.items() if label not in free},
        )


def terms_of(tensor: Tensor, batch: int, rows: int) -> list[Term]:
    """The terms of a map, sums in products multiplied out where that shows its form."""
    return [_term(c, node, batch, rows) for c, node in _expanded(tensor)]


def _term(coefficient: sp.Expr, node: Tensor, batch: int, rows: int) -> Term:
    if isinstance(node, Einsum):
        output, items = node.output, tuple(zip(node.operands, node.subscripts, strict=True))
        coefficient = coefficient * node.coefficient
        sizes: dict[int, Dim] = dict(enumerate(node.sizes))
    else:
        output = tuple(range(node.rank))
        items = ((node, output),)
        sizes = dict(enumerate(node.shape))
    return Term(
        coefficient,
        items,
        output[:batch],
        output[batch : batch + rows],
        output[batch + rows :],
        sizes,
        node.dtype,
    )


def _expanded(tensor: Tensor) -> list[tuple[sp.Expr, Tensor]]:
    """The terms of a sum, and of products of sums that hold identities."""
    found: list[tuple[sp.Expr, Tensor]] = []
    pending: list[tuple[sp.Expr, Tensor]] = [(sp.S.One, tensor)]
    while pending:
        coefficient, node = pending.pop()
        inner = list(_opened(node))
        if not inner or len(inner) + len(pending) + len(found) > _MOST_TERMS:
            found.append((coefficient, node))
        else:
            pending.extend((coefficient * c, part) for c, part in reversed(inner))
    return found


def _opened(node: Tensor) -> Iterable[tuple[sp.Expr, Tensor]]:
    """A node as a sum; nothing where it is none."""
    if isinstance(node, Add):
        return node.terms
    if not isinstance(node, Einsum):
        return ()
    for place, operand in enumerate(node.operands):
        if isinstance(operand, Add) and (len(_wide(node)) == 1 or _holds_identity(operand)):
            return [(c, _with(node, place, term)) for c, term in operand.terms]
        if isinstance(operand, Einsum) and _is_sum(operand):
            return [(sp.S.One, _merged(node, place, operand))]
    return ()


def _wide(node: Einsum) -> list[Tensor]:
    """The operands that are no scalars."""
    return [operand for operand in node.operands if operand.shape]


def _is_sum(node: Einsum) -> bool:
    """Whether a product nested in another one holds a sum with an identity."""
    return any(isinstance(part, Add) and _holds_identity(part) for part in node.operands)


def _holds_identity(node: Add) -> bool:
    """Whether a term has a label twice among its axes: the sum is worth multiplying out."""
    return any(
        isinstance(term, Einsum) and len(set(term.output)) < len(term.output)
        for term in node.operands
    )


def _with(node: Einsum, place: int, operand: Tensor) -> Tensor:
    """A product with another operand, into which a nested product is merged."""
    if isinstance(operand, Einsum):
        return _merged(node, place, operand)
    return node.with_operands((*node.operands[:place], operand, *node.operands[place + 1 :]))


def _merged(node: Einsum, place: int, inner: Einsum) -> Tensor:
    """A product with the operands of a nested product among its own."""
    fresh = count(len(node.sizes))
    sizes: dict[int, Dim] = dict(enumerate(node.sizes))
    outer = node.subscripts[place]
    parent: dict[int, int] = {}

    def find(label: int) -> int:
        while label in parent:
            label = parent[label]
        return label

    names: dict[int, int] = {}
    for inside, outside in zip(inner.output, outer, strict=True):
        if inside not in names:
            names[inside] = outside
        elif find(names[inside]) != find(outside):
            parent[find(outside)] = find(names[inside])
    for label, size in enumerate(inner.sizes):
        if label not in names:
            names[label] = next(fresh)
            sizes[names[label]] = size
    lists = [
        *node.subscripts[:place],
        *(tuple(names[label] for label in labels) for labels in inner.subscripts),
        *node.subscripts[place + 1 :],
    ]
    operands = (*node.operands[:place], *inner.operands, *node.operands[place + 1 :])
    subscripts = [tuple(map(find, labels)) for labels in lists]
    output = [find(label) for label in node.output]
    used = {label for labels in (*subscripts, output) for label in labels}
    # a label that is summed and that no operand has is a factor: contract counts it
    kept = {label: size for label, size in sizes.items() if label in used or label not in parent}
    return contract(
        node.coefficient * inner.coefficient, operands, subscripts, output, kept, node.dtype
    )
