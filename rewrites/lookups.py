"""Entries, rows and columns of products and of functions: looked up in the operands first.

``(A @ B)[:, j]`` takes a product with one column.  Where positions are as many as the entries of
an axis, costs decide (:mod:`rewrites.search`); a single position is always looked up first.
"""

from collections.abc import Callable
from functools import partial

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply, contract
from symflow.core.dims import Dim, is_one
from symflow.core.fusion import is_fuse
from symflow.core.labels import Labels
from symflow.ops import facts
from symflow.ops.arithmetic import cast
from symflow.ops.creation import IOTA
from symflow.ops.gathering import GATHER, gather
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory, law

_MANY = 64
Hints = Callable[[Dim], float]


def lookup_of_product(node: Apply) -> Tensor | None:
    """``(A @ B)[i] = A[i] @ B``, and ``(A @ B)[i, j]`` from rows of ``A`` and columns of ``B``."""
    operand, *indices = node.operands
    if not isinstance(operand, Einsum) or len(set(operand.output)) < operand.rank:
        return None
    start = node.params[0]
    output = operand.output
    met = output[start : start + len(indices)]
    positions = dict(zip(met, indices, strict=True))
    fresh = len(operand.sizes)
    joint = tuple(range(fresh, fresh + indices[0].rank))
    parts: list[network.Item] = []
    for x, own in network.items(operand):
        if positions.keys().isdisjoint(own):
            parts.append((x, own))
        elif is_fuse(x) or any(own.count(label) > 1 for label in met):
            return None
        else:
            parts.append(_looked_up(x, own, positions, joint))
    sizes: dict[int, Dim] = {k: size for k, size in enumerate(operand.sizes) if k not in positions}
    sizes.update(zip(joint, indices[0].shape, strict=True))
    return contract(
        operand.coefficient,
        [x for x, _ in parts],
        [own for _, own in parts],
        (*output[:start], *joint, *output[start + len(indices) :]),
        sizes,
        node.dtype,
    )


def _looked_up(x: Tensor, own: Labels, positions: dict[int, Tensor], joint: Labels) -> network.Item:
    """The entries of an operand at the positions of the labels that it has."""
    met = tuple(label for label in own if label in positions)
    start = own.index(met[0])
    if own[start : start + len(met)] != met:
        kept = tuple(label for label in own if label not in positions)
        x = network.transposed(x, [own.index(label) for label in (*met, *kept)])
        own, start = (*met, *kept), 0
    made = gather(x, [positions[label] for label in met], start)
    return made, (*own[:start], *joint, *own[start + len(met) :])


def lookup_of_elementwise(node: Apply) -> Tensor | None:
    """``exp(x)[i] = exp(x[i])`` for elementwise functions and sums."""
    operand, *indices = node.operands
    start = node.params[0]
    if isinstance(operand, Add):
        terms = [(c, gather(term, indices, start)) for c, term in operand.terms]
        return add_terms(terms, node.shape, node.dtype)
    if isinstance(operand, Apply) and operand.operation.elementwise:
        inner = tuple(gather(x, indices, start) for x in operand.operands)
        return apply(operand.operation, inner, operand.params)
    return None


def _is_single(node: Apply) -> bool:
    """Whether one position of each axis is looked up."""
    return all(is_one(size) for size in node.operands[1].shape)


def entry_of_product(node: Apply) -> Tensor | None:
    """``(A @ B)[:, j] = A @ B[:, j]`` for a single position."""
    return lookup_of_product(node) if _is_single(node) or _is_view(node.operands[0]) else None


def _is_view(node: Tensor) -> bool:
    """A transposed, repeated or scaled tensor."""
    return isinstance(node, Einsum) and len(node.operands) <= 1 and not node.summed


def entry_of_elementwise(node: Apply) -> Tensor | None:
    """``exp(x)[i] = exp(x[i])`` for a single position."""
    return lookup_of_elementwise(node) if _is_single(node) else None


def lookup_of_lookup(node: Apply) -> Tensor | None:
    """``x[i][j] = x[i[j]]``."""
    inner, *indices = node.operands
    if not isinstance(inner, Apply) or inner.operation is not GATHER:
        return None
    x, *positions = inner.operands
    start, place = inner.params[0], node.params[0]
    if not start <= place <= place + len(indices) <= start + positions[0].rank:
        return None
    return gather(x, [gather(index, indices, place - start) for index in positions], start)


# -------------------------------------------------------------------- permutation matrices


def permuted(node: Einsum, hints: Hints) -> Tensor | None:
    """``P @ A = A[c]`` where row ``i`` of the permutation matrix ``P`` has its 1 in column c[i]."""
    parts = network.items(node)
    uses = network.label_uses(node)
    for place, (matrix, own) in enumerate(parts):
        if len(own) != 2 or len(set(own)) < 2 or isinstance(matrix, (Einsum, Apply)):
            continue
        if not facts.has(matrix, "permutation"):
            continue
        for turned in (False, True):
            kept, gone = own[::-1] if turned else own
            others = [k for k, (_, labels) in enumerate(parts) if k != place and gone in labels]
            if gone in node.output or uses[gone] != 2 or len(others) != 1:
                continue
            x, labels = parts[others[0]]
            if is_fuse(x) or not _is_wide(x, labels.index(gone), hints):
                continue
            axis = labels.index(gone)
            made = gather(x, [_columns(matrix, turned=turned)], axis)
            rest = [item for k, item in enumerate(parts) if k not in (place, others[0])]
            fresh = tuple(kept if t == gone else t for t in labels)
            return network.rebuilt(node, [*rest, (made, fresh)], gone=[gone])
    return None


def _is_wide(x: Tensor, axis: int, hints: Hints) -> bool:
    """Whether a product takes longer than finding the ones."""
    width = 1.0
    for k, size in enumerate(x.shape):
        width *= 1.0 if k == axis else hints(size)
    return hints(x.shape[axis]) >= _MANY and width >= _MANY


def _columns(matrix: Tensor, *, turned: bool) -> Tensor:
    """The positions of the ones: a product with whole numbers, which rounds nothing."""
    count = apply(IOTA, (), (matrix.shape[0],))
    labels = ((1, 0) if turned else (0, 1), (1,))
    sizes = dict(enumerate(matrix.shape))
    return contract(sp.S.One, (cast(matrix, "int"), count), labels, (0,), sizes, "int")


def lookups_at(hints: Hints) -> Theory:
    """The rules at estimates of sizes: few columns are multiplied with a permutation matrix."""
    return Theory(
        "lookups",
        __doc__ or "",
        (
            law("entry-of-product", entry_of_product, GATHER, lone=True),
            law("entry-of-elementwise", entry_of_elementwise, GATHER, lone=True),
            law("lookup-of-lookup", lookup_of_lookup, GATHER, lone=True),
            Procedure(
                "permuted",
                partial(permuted, hints=hints),
                ((Einsum, None),),
                law="P @ A = A[P @ arange(n)] for a permutation matrix P",
                asks=frozenset({"permutation"}),
            ),
        ),
    )


lookups_first = Theory(
    "lookups first",
    "What is not looked up need not be computed.",
    (
        law("lookup-of-product", lookup_of_product, GATHER, lone=True),
        law("lookup-of-elementwise", lookup_of_elementwise, GATHER, lone=True),
    ),
)
