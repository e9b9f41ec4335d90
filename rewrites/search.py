"""Laws whose gain depends on sizes: a search by cost tries them, nothing else does.

Which law is admitted is decided by rounding errors, too: a law stands here only where its right
side is, to first order, no less accurate than its left side.

- Cutting out a common factor saves roundings.
- Multiplying out repeats no more than the errors that the sum has anyway, if at most one of its
  terms is exact and the others are rounded contractions: where they cancel, the sum has lost those
  digits already.  Several exact terms stay together, ``(x - y) @ A`` is left alone, and so is a
  product of two such sums (``(X - mean).T @ (Y - mean)`` is not a difference of moments); an
  identity less something of low rank is of norm 1 at least and may be multiplied out on both
  sides.  Sums of terms without negative entries cannot cancel.
- No law that turns a sum of logarithms into the logarithm of a product, or a function of a sum
  into a product of functions: they overflow.
"""

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from rewrites import linalg
from rewrites.lookups import lookups_first
from rewrites.low_rank import halves, low_rank_updates
from rewrites.structure import slices_first
from symflow.core import Add, Apply, Einsum, Tensor, add_terms, contract, dims
from symflow.core.dims import Dim, same
from symflow.core.fusion import is_fuse
from symflow.ops import facts
from symflow.ops.composite import NORM
from symflow.ops.linalg import inv
from symflow.rewriting import network
from symflow.rewriting.building import Binding
from symflow.rewriting.choices import Choices, backwards
from symflow.rewriting.kinds import Kind, PositiveDefinite, n
from symflow.rewriting.rule import Rule, theory
from symflow.rewriting.ruleset import Rewrite

_MOST_TERMS = 8
_MOST_FACTORS = 12


# ----------------------------------------------------------------------------- distributivity


def multiplied_out(node: Einsum) -> Iterator[Tensor]:
    """``(A + U @ V) @ b = A @ b + U @ (V @ b)``, for each sum whose terms lose nothing."""
    if node.dtype == "bool":
        return
    parts = network.items(node)
    inner = set(node.summed)
    sums = [operand for operand, _ in parts if isinstance(operand, Add)]
    for place, (operand, labels) in enumerate(parts):
        if not isinstance(operand, Add) or len(operand.operands) > _MOST_TERMS:
            continue
        if inner.isdisjoint(labels):
            continue  # entry by entry nothing is gained
        if not _is_safe(operand, len(sums)) or (len(parts) == 1 and not _is_outgrown(operand)):
            continue
        terms = []
        for coefficient, term in _bracketed(operand, len(sums)):
            replaced = [*parts[:place], (term, labels), *parts[place + 1 :]]
            terms.append((coefficient, network.rebuilt(node, replaced)))
        yield add_terms(terms, node.shape, node.dtype)


def _bracketed(total: Add, sums: int) -> list[tuple[sp.Expr, Tensor]]:
    """The terms of a sum to multiply out; several exact ones stay together where they may cancel.

    ``(I + A + A @ A) @ x = (I + A) @ x + A @ (A @ x)``.
    """
    terms = list(total.terms)
    exact = [(c, term) for c, term in terms if not _is_rounded(term)]
    if sums > 1 or len(exact) < 2 or _is_plain(total):
        return terms
    rounded = [(c, term) for c, term in terms if _is_rounded(term)]
    return [*rounded, (sp.S.One, add_terms(exact, total.shape, total.dtype))]


def _is_plain(total: Add) -> bool:
    """Whether the terms cannot cancel: none is negative, or all are made of numbers alone."""
    if all(_is_nonnegative(c, term) for c, term in total.terms):
        return True
    return all(isinstance(term, Einsum) and not term.operands for term in total.operands)


def _is_safe(total: Add, sums: int) -> bool:
    """Whether the terms of a sum, multiplied out, keep its accuracy."""
    if _is_plain(total):
        return True
    exact = [term for term in total.operands if not _is_rounded(term)]
    if sums == 1:
        return len(exact) < len(total.operands) or len(exact) == 1
    rounded = [term for term in total.operands if isinstance(term, Einsum) and _is_rounded(term)]
    return len(exact) == 1 and _is_identity(exact[0]) and all(map(_is_low_rank, rounded))


def _is_outgrown(total: Add) -> bool:
    """Whether a product among the terms of a sum has more axes than each of its factors."""
    return any(
        isinstance(term, Einsum)
        and len(set(term.output)) > max((item.rank for item, _ in network.items(term)), default=0)
        for term in total.operands
    )


def _is_nonnegative(coefficient: sp.Expr, term: Tensor) -> bool:
    return bool(coefficient.is_nonnegative) and facts.has(term, "nonnegative")


def _is_rounded(term: Tensor) -> bool:
    """Whether the entries of a term are sums of products or outer products: not exact."""
    return isinstance(term, Einsum) and len(_solid(term)) > 1


def _is_low_rank(term: Einsum) -> bool:
    """Whether a matrix is the product of two through another size than its own."""
    return term.rank == 2 and any(True for _ in halves(term))


def _is_identity(term: Tensor) -> bool:
    """A multiple of an identity matrix."""
    return (
        isinstance(term, Einsum)
        and len(set(term.output)) == 1 < len(term.output)
        and not any(set(labels) & set(term.output) for labels in term.subscripts)
    )


def _solid(node: Einsum) -> list[network.Item]:
    return [item for item in network.items(node) if not is_fuse(item[0])]


def factor_cut_out(node: Add) -> Iterator[Tensor]:
    """``A @ B + A @ C = A @ (B + C)``, for each factor that several terms have."""
    terms = [(c, term) for c, term in node.terms if isinstance(term, Einsum)]
    if not 2 <= len(terms) <= 3 * _MOST_TERMS or node.dtype == "bool":
        return
    shared: dict[tuple[Tensor, tuple[int | None, ...]], list[int]] = {}
    for place, (_, term) in enumerate(terms):
        for key in dict.fromkeys(_outside(term, item) for item in network.items(term)):
            if key is not None:
                shared.setdefault(key, []).append(place)
    for (factor, axes), places in shared.items():
        if len(places) > 1:
            cut = _cut(node, [terms[p] for p in places], factor, axes)
            if cut is not None:
                yield cut


def _outside(term: Einsum, item: network.Item) -> tuple[Tensor, tuple[int | None, ...]] | None:
    """A factor with the axes of the result that its axes are; None for those that are summed."""
    operand, labels = item
    if is_fuse(operand) or len(set(labels)) < len(labels) or len(_solid(term)) < 2:
        return None
    if len(set(term.output)) < len(term.output) or network.items(term).count(item) > 1:
        return None
    axes = tuple(term.output.index(t) if t in term.output else None for t in labels)
    return operand, axes


def _cut(
    node: Add, terms: list[tuple[sp.Expr, Einsum]], factor: Tensor, axes: tuple[int | None, ...]
) -> Tensor | None:
    """The factor times the sum of what is left of the terms, plus the other terms.

    None where what is left has more axes than anything that was there.
    """
    summed = [k for k, axis in enumerate(axes) if axis is None]
    rests: list[tuple[sp.Expr, Tensor]] = []
    kept: set[int] = set()
    opened = []
    for coefficient, term in terms:
        items = network.items(term)
        item = next(item for item in items if _outside(term, item) == (factor, axes))
        items.remove(item)
        opened.append((coefficient, term, item[1], items))
        held = {label for _, labels in items for label in labels}
        kept |= {
            axis for axis, label in enumerate(term.output) if label in held or axis not in axes
        }
    order = sorted(kept)
    ranks = [part.rank for _, term in terms for part in term.operands if not is_fuse(part)]
    if len(order) + len(summed) > max(node.rank, *ranks):
        return None
    for coefficient, term, own, items in opened:
        output = (*(own[k] for k in summed), *(term.output[axis] for axis in order))
        rest = network.part(term, items, output)
        rests.append((coefficient * term.coefficient, rest))
    total = add_terms(rests, rests[0][1].shape, node.dtype)
    chosen = {term for _, term in terms}
    left = [(c, term) for c, term in node.terms if term not in chosen]
    product = _product(node, (factor, axes), (total, order))
    return add_terms([*left, (sp.S.One, product)], node.shape, node.dtype)


def _product(
    node: Tensor, first: tuple[Tensor, tuple[int | None, ...]], second: tuple[Tensor, list[int]]
) -> Tensor:
    """A factor times a rest whose leading axes are those of the factor that are summed."""
    (factor, axes), (rest, order) = first, second
    count = rest.rank - len(order)
    inner = tuple(range(node.rank, node.rank + count))
    numbers = iter(inner)
    labels = tuple(next(numbers) if axis is None else axis for axis in axes)
    sizes: dict[int, Dim] = dict(enumerate(node.shape))
    sizes.update(zip(inner, rest.shape, strict=False))
    subscripts = (labels, (*inner, *order))
    return contract(
        sp.S.One, (factor, rest), subscripts, tuple(range(node.rank)), sizes, node.dtype
    )


def opened_products(node: Einsum) -> Iterator[Tensor]:
    """``(A @ B) @ v = A @ B @ v`` though others use ``A @ B``, too: one at a time, then all."""
    places = [
        place
        for place, operand in enumerate(node.operands)
        if isinstance(operand, Einsum)
        and len(operand.operands) > 1
        and operand.dtype == node.dtype
        and (node.summed or operand.summed)  # entry by entry nothing is gained
    ]
    for chosen in [[place] for place in places] + ([places] if len(places) > 1 else []):
        grown = sum(len(node.operands[place].operands) for place in chosen)
        if len(node.operands) + grown <= _MOST_FACTORS:
            yield network.opened(node, chosen)


def norm_of_product(node: Apply) -> Iterator[Tensor]:
    """``norm(A @ B) = sqrt(sum((A @ B) ** 2))``, whose sum needs no product."""
    assert node.operation.definition is not None
    if isinstance(node.operands[0], Einsum) and _is_rounded(node.operands[0]):
        yield node.operation.definition(*node.operands, *node.params)


# --------------------------------------------------------------------------- inverses of sums


@theory("inverses of sums")
def inverses(A: PositiveDefinite[n], B: PositiveDefinite[n]) -> Iterator[Rule]:
    """One inverse for three (Matrix Cookbook 163)."""
    yield Rule("parallel-sum", inv(inv(A) + inv(B)), A @ inv(A + B) @ B, source="Cookbook 163")


N, K = dims("n k")


def _differ(binding: Binding) -> bool:
    """The two sizes differ: where they are one, nothing is gained."""
    return not same(binding.size(N), binding.size(K))


def _at_any_size(rule: Rule) -> Rule:
    """A rule that is directed towards smaller matrices, for costs to decide."""
    return replace(rule, name=f"{rule.name}-at-any-size", where=(_differ,), _compiled=None)


_DEFINITE = {
    name: Kind("PositiveDefinite", (size, size), ("positive_definite",))
    for name, size in (("A", "n"), ("C", "k"))
}


def _low_rank() -> Iterator[Rule]:
    """The laws of low rank: as they stand, at any size, and from right to left."""
    for rule in linalg.low_rank:
        if not isinstance(rule, Rule):
            continue
        yield _at_any_size(rule) if rule.where else rule
        if rule.name == "woodbury":
            yield backwards(replace(rule, where=(_differ,), _compiled=None), _DEFINITE)


_SUM = ((Add, Einsum),)
search: tuple[Rewrite, ...] = (
    Choices("factor-cut-out", factor_cut_out, _SUM, law="A @ B + A @ C = A @ (B + C)"),
    Choices("multiplied-out", multiplied_out, ((Einsum, Add),), law="(A + B) @ C = A @ C + B @ C"),
    Choices("opened-product", opened_products, ((Einsum, Einsum),), law="(A @ B) @ v = A @ B @ v"),
    Choices(
        "norm-of-product",
        norm_of_product,
        ((NORM, Einsum),),
        law="norm(A @ B) = sqrt(sum((A @ B) ** 2))",
    ),
    *low_rank_updates,
    *_low_rank(),
    *inverses,
    *slices_first,
    *lookups_first,
)
