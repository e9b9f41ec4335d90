"""The ways to write a contraction of two operands: which axis orders each needs and gives.

A form is found from labels alone.  ``left`` and ``right`` are the orders in which the two operands
must stand, ``order`` is that of the result; how it is written is the business of
:mod:`symflow.notation.pairs`.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations
from typing import Literal, NamedTuple

Labels = tuple[int, ...]
Kind = Literal["product", "outer", "matmul", "dot", "sum", "trace", "diagonal", "einsum"]

MOST_PERMUTED = 3


class Form(NamedTuple):
    """A way to write a contraction.

    Attributes:
        kind: what is written.
        left: the order of axes of the first operand.
        right: the order of axes of the second operand.
        order: the order of axes of the result.
        inner: for ``sum`` the axes of the product before summing.
    """

    kind: Kind
    left: Labels
    right: Labels
    order: Labels
    inner: Labels = ()


def orders(labels: Labels) -> list[Labels]:
    """The orders of axes worth writing: all for up to three, one for more."""
    return list(permutations(labels)) if len(labels) <= MOST_PERMUTED else [labels]


@lru_cache(maxsize=4096)
def forms(first: Labels, second: Labels, kept: Labels) -> tuple[Form, ...]:
    """All forms of a contraction of two operands, the first one on the left.

    Args:
        first: labels of the first operand, each once, ascending.
        second: labels of the second operand.
        kept: labels of the result, all of them held by an operand.

    >>> [form.kind for form in forms((0, 1), (1,), (0,))]
    ['matmul', 'sum', 'sum', 'einsum']
    """
    return tuple(_forms(first, second, kept))


def _forms(first: Labels, second: Labels, kept: Labels) -> Iterator[Form]:
    inner = tuple(n for n in first if n in second and n not in kept)
    batch = tuple(n for n in first if n in second and n in kept)
    if not inner:
        yield from _products(first, second, kept, batch)
    elif not batch:
        yield from _contractions(first, second, inner)
    elif len(inner) == 1:
        yield from _batched(first, second, inner[0], batch)
    if inner:
        yield from _sums(first, second, kept)
    for order in orders(kept):
        yield Form("einsum", first, second, order)


def _products(first: Labels, second: Labels, kept: Labels, batch: Labels) -> Iterator[Form]:
    if len(first) == len(second) == 1 and not batch:
        yield Form("outer", first, second, first + second)
    for order in orders(kept):
        left = tuple(n for n in order if n in first)
        right = tuple(n for n in order if n in second)
        yield Form("product", left, right, order)


def _contractions(first: Labels, second: Labels, inner: Labels) -> Iterator[Form]:
    rows = tuple(n for n in first if n not in inner)
    columns = tuple(n for n in second if n not in inner)
    if len(inner) == 1:
        (middle,) = inner
        if not rows and not columns:
            yield Form("dot", inner, inner, ())
        elif len(columns) <= 1:
            for head in orders(rows):
                yield Form("matmul", (*head, middle), (middle, *columns), head + columns)
        elif len(rows) == 1:
            for *stack, last in orders(columns):
                order = (*stack, *rows, last)
                yield Form("matmul", (*rows, middle), (*stack, middle, last), order)
    if len(inner) == 2 and not rows and not columns:
        a, b = inner
        yield Form("trace", (a, b), (b, a), ())
        yield Form("trace", (b, a), (a, b), ())


def _batched(first: Labels, second: Labels, middle: int, batch: Labels) -> Iterator[Form]:
    rows = tuple(n for n in first if n != middle and n not in batch)
    columns = tuple(n for n in second if n != middle and n not in batch)
    if not rows and not columns and len(batch) == 1:
        yield Form("diagonal", (*batch, middle), (middle, *batch), batch)
    if len(rows) == len(columns) == 1:
        for head in orders(batch):
            left, right = (*head, *rows, middle), (*head, middle, *columns)
            yield Form("matmul", left, right, (*head, *rows, *columns))


def _sums(first: Labels, second: Labels, kept: Labels) -> Iterator[Form]:
    """The product entry by entry, then a sum over axes."""
    every = tuple(sorted({*first, *second}))
    if len(every) > MOST_PERMUTED:
        return
    for inner in permutations(every):
        left = tuple(n for n in inner if n in first)
        right = tuple(n for n in inner if n in second)
        order = tuple(n for n in inner if n in kept)
        yield Form("sum", left, right, order, inner)
