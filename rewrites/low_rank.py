"""Low-rank changes taken out of inverses and determinants, of matrices and of stacks of them.

A change is taken out only where the rest is known to be positive definite (E. Yip, "A note on the
stability of solving a rank-p modification of a linear system by the Sherman-Morrison-Woodbury
formula", 1986).
"""

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply
from symflow.core.add import split
from symflow.core.dims import same
from symflow.core.fusion import is_fuse
from symflow.ops import facts
from symflow.ops.arithmetic import absolute, broadcast_to, divide, multiply, sign
from symflow.ops.contraction import einsum, expand_dims, matmul
from symflow.ops.creation import eye, ones
from symflow.ops.elementwise import log
from symflow.ops.linalg import DET, INV, SLOGDET, inv
from symflow.rewriting import network
from symflow.rewriting.choices import Choices

_MOST_TERMS = 8


@dataclass(frozen=True)
class Update:
    """Matrices ``rest + number * left @ right`` with positive definite rest.

    Attributes:
        rest: the matrices that are changed, of shape ``(..., n, n)``.
        number: before the change.
        left: of shape ``(..., n, k)``, or columns ``(..., n)``; an axis of the stack that it does
            not depend on has size 1.
        right: of shape ``(..., k, n)``, or rows ``(..., n)``.
        by_vectors: whether left and right are columns and rows.
    """

    rest: Tensor
    number: sp.Expr
    left: Tensor
    right: Tensor
    by_vectors: bool

    @property
    def small(self) -> Tensor:
        """``I + number * right @ inv(rest) @ left``: matrices, numbers for vectors."""
        if self.by_vectors:
            around = (self.right, inv(self.rest), self.left)
            inner = einsum("...i,...ij,...j->...", *around)
            one = ones((), inner.dtype)
        else:
            inner = matmul(matmul(self.right, inv(self.rest)), self.left)
            one = eye(inner.shape[-1], dtype=inner.dtype)
        terms = [(sp.S.One, broadcast_to(one, inner.shape)), (self.number, inner)]
        return add_terms(terms, inner.shape, inner.dtype)

    @property
    def inverse(self) -> Tensor:
        """The inverses of the matrices, by those of the rest and those of the small matrices."""
        outer = inv(self.rest)
        if self.by_vectors:
            left = einsum("...ij,...j->...i", outer, self.left)
            right = einsum("...i,...ij->...j", self.right, outer)
            change = multiply(expand_dims(left, -1), expand_dims(right, -2))
            small = self.small
            change = divide(change, expand_dims(small, (-2, -1)) if small.rank else small)
        else:
            left, right = matmul(outer, self.left), matmul(self.right, outer)
            change = matmul(matmul(left, inv(self.small)), right)
        terms = [(sp.S.One, outer), (-self.number, change)]
        return add_terms(terms, self.rest.shape, self.rest.dtype)

    def determinant(self, node: Apply) -> Tensor:
        """The determinants of the matrices, or what of ``slogdet`` the node is."""
        rest = apply(node.operation, (self.rest,), node.params)
        logarithm = node.operation is SLOGDET and node.params[0] == 1
        if not self.by_vectors:
            small = apply(node.operation, (self.small,), node.params)
        elif node.operation is DET:
            small = self.small
        else:
            small = log(absolute(self.small)) if logarithm else sign(self.small)
        if not logarithm:
            return multiply(rest, small)
        return add_terms([(sp.S.One, rest), (sp.S.One, small)], node.shape, node.dtype)


def updates(matrix: Tensor) -> Iterator[Update]:
    """The ways to read matrices as positive definite ones with a low-rank change."""
    number, core = split(matrix)
    if not isinstance(core, Add):
        return
    terms = [(number * c, term) for c, term in core.terms]
    for place, (coefficient, term) in enumerate(terms):
        others = [*terms[:place], *terms[place + 1 :]]
        if not isinstance(term, Einsum) or len(others) > _MOST_TERMS:
            continue
        rest = add_terms(others, core.shape, core.dtype)
        if not facts.has(rest, "positive_definite"):
            continue
        for left, right, by_vectors in halves(term):
            yield Update(rest, coefficient * term.coefficient, left, right, by_vectors)


def halves(term: Einsum) -> Iterator[tuple[Tensor, Tensor, bool]]:
    """Products of matrices as two, cut at one summed axis, or outer products."""
    if len(set(term.output)) < term.rank or any(map(is_fuse, term.operands)):
        return
    *stack, row, column = term.output
    items = network.items(term)
    summed = set(term.summed)
    for cut in (None, *term.summed):
        if cut is not None and same(term.sizes[cut], term.sizes[row]):
            continue  # as large as the matrix itself: nothing gained
        groups = network.components(items, summed - {cut})
        left = [k for group in groups if _holds(items, group, row) for k in group]
        if any(column in items[k][1] for k in left) or not left:
            continue
        right = [k for k in range(len(items)) if k not in left]
        inner = () if cut is None else (cut,)
        mine = [items[k] for k in left]
        yours = [items[k] for k in right]
        if not all(_holds(part, range(len(part)), t) for part in (mine, yours) for t in inner):
            continue
        first = _part(term, mine, stack, (row, *inner))
        second = _part(term, yours, stack, (*inner, column))
        yield first, second, cut is None
        if cut is None:
            return


def _part(
    term: Einsum, items: list[network.Item], stack: list[int], matrix: tuple[int, ...]
) -> Tensor:
    """A part of a product whose axes of the stack have size 1 where it does not depend on them."""
    held = [label for label in stack if _holds(items, range(len(items)), label)]
    part = network.part(term, items, (*held, *matrix))
    missing = tuple(axis for axis, label in enumerate(stack) if label not in held)
    return expand_dims(part, missing) if held and missing else part


def _holds(items: list[network.Item], places: Iterable[int], label: int) -> bool:
    return any(label in items[k][1] for k in places)


def inverse_of_update(node: Apply) -> Iterator[Tensor]:
    """``inv(A + c U V) = inv(A) - c inv(A) U inv(I + c V inv(A) U) V inv(A)``."""
    for update in updates(node.operands[0]):
        yield update.inverse


def determinant_of_update(node: Apply) -> Iterator[Tensor]:
    """``det(A + c U V) = det(A) det(I + c V inv(A) U)``, and the same of its logarithm."""
    for update in updates(node.operands[0]):
        yield update.determinant(node)


low_rank_updates = (
    Choices(
        "inverse-of-update",
        inverse_of_update,
        ((INV, Add), (INV, Einsum)),
        source="Cookbook 156",
        law=inspect.getdoc(inverse_of_update) or "",
    ),
    Choices(
        "determinant-of-update",
        determinant_of_update,
        tuple((operation, kind) for operation in (DET, SLOGDET) for kind in (Add, Einsum)),
        source="Cookbook 24",
        law=inspect.getdoc(determinant_of_update) or "",
    ),
)
