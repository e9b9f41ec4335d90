"""A product cut into what makes the rows and what takes the columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from symflow.calculus.structure.terms import Item, Term
from symflow.core.add import scaled
from symflow.core.dims import Dim, product
from symflow.core.node import Tensor
from symflow.ops.reshaping import reshape
from symflow.ops.structure import concatenate


@dataclass(frozen=True)
class Sides:
    """``coefficient * left right'``.

    Attributes:
        coefficient: a number or an expression of sizes.
        left: axes side by side, rows, inner.
        right: axes side by side, columns, inner.
        inner: how many axes are summed.
        rank: how many entries these have.
    """

    coefficient: sp.Expr
    left: Tensor
    right: Tensor
    inner: int
    rank: Dim


def sides_of(term: Term) -> Sides | None:
    """A product as left times right; None where an operand holds both rows and columns."""
    side = set(term.batch)
    made, taken = set(term.rows), set(term.columns)
    if made & taken:
        return None
    made, taken = made - side, taken - side
    left: list[Item] = []
    middle: list[Item] = []
    right: list[Item] = []
    for item in term.items:
        in_rows, in_columns = not made.isdisjoint(item[1]), not taken.isdisjoint(item[1])
        if in_rows and in_columns:
            return None
        (left if in_rows else right if in_columns else middle).append(item)
    first = _inner(term, [*left, *middle], right, side)
    second = _inner(term, left, [*middle, *right], side)
    if _entries(term, second) < _entries(term, first):
        right, inner = [*middle, *right], second
    else:
        left, inner = [*left, *middle], first
    return Sides(
        term.coefficient,
        term.part(left, (*term.batch, *term.rows, *inner)),
        term.part(right, (*term.batch, *term.columns, *inner)),
        len(inner),
        product(term.sizes[label] for label in inner),
    )


def _inner(term: Term, left: list[Item], right: list[Item], side: set[int]) -> tuple[int, ...]:
    """The labels that two groups of operands share."""
    held = {label for _, labels in right for label in labels} - side
    shared = dict.fromkeys(label for _, labels in left for label in labels if label in held)
    return tuple(shared)


def _entries(term: Term, inner: tuple[int, ...]) -> tuple[int, int]:
    """How many entries pass: by axes, then by sizes where those are numbers."""
    total = product(term.sizes[label] for label in inner)
    return len(inner), total if isinstance(total, int) else 0


def is_less(rank: Dim, shape: Sequence[Dim], rows: int) -> bool:
    """Whether a rank is less than the numbers of rows and columns; one is less than a symbol."""
    for size in (product(shape[:rows]), product(shape[rows:])):
        symbolic = isinstance(rank, int) and rank == 1 and not isinstance(size, int)
        if not symbolic and not bool((sp.sympify(size) - rank).is_positive):
            return False
    return True


def joined(parts: Sequence[Sides], batch: int) -> Sides:
    """The sum of products of low rank as one such product."""
    if len(parts) == 1:
        return parts[0]
    left = [scaled(part.coefficient, _flat(part.left, part)) for part in parts]
    right = [_flat(part.right, part) for part in parts]
    rank = product((sum((part.rank for part in parts), start=0),))
    return Sides(sp.S.One, concatenate(left, -1), concatenate(right, -1), 1, rank)


def _flat(side: Tensor, part: Sides) -> Tensor:
    """A side with one inner axis."""
    return reshape(side, (*side.shape[: side.rank - part.inner], part.rank))
