"""Refolding: sums of products brought to the form that a careful author writes.

Differentiation multiplies out; this pass takes back.  Shared factors of the terms of a sum are
cut out (``X.T @ X @ w - X.T @ y`` becomes ``X.T @ (X @ w - y)``), scalars are hoisted, and parts
of products that occur more than once become nodes of their own (``X @ w`` in
``sum((X @ w)**4)``).  It uses distributivity alone: no value and no domain changes.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import sympy as sp

from symflow.core import Add, Einsum, Tensor, add_terms
from symflow.core.add import split
from symflow.core.dims import Dim
from symflow.core.walk import larger_than, paused_collector, postorder
from symflow.rewriting import network, normal
from symflow.rewriting.engine import Walk, walked
from symflow.rewriting.refold_cost import is_symmetric, operators, transposes
from symflow.rewriting.refold_factor import Factoring
from symflow.rewriting.refold_pairs import repeated_parts, saving
from symflow.rewriting.refold_terms import build
from symflow.rewriting.replay import UNSEEN, UPWARD, Change, Stage

NAME = "factor"  # of its steps in a derivation

# once more for what the sums of a round opened; hardly ever a third time
_ROUNDS = 3
# the largest graph that may be read as a formula: in larger ones only what all the terms of a sum
# share is cut out
FORMULA = 100
_OPENINGS = 16


def refold(node: Tensor) -> Tensor:
    """A graph with its sums factored and its repeated products shared.

    Args:
        node: an expression of any shape, best in normal form.

    Returns:
        An expression of the same shape, data type and value.

    >>> import symflow.numpy as snp
    >>> from symflow.core import matrix, vector
    >>> X, w, y = matrix("X", "n", "d"), vector("w", "d"), vector("y", "n")
    >>> refold(X.T @ (X @ w) - X.T @ y) is X.T @ (X @ w - y)
    True
    """
    return refold_all([node])[0]


def refold_all(
    nodes: Sequence[Tensor], stages: list[Stage] | None = None, walk: Walk | None = None
) -> list[Tensor]:
    """Several graphs refolded together, so that what they repeat among them is shared.

    Args:
        nodes: the graphs.
        stages: where to put what each pass has changed.
        walk: the walk over the graphs, where it is known.
    """
    roots = list(nodes)
    passes = [] if stages is None else stages
    if larger_than(roots, FORMULA):
        return _factored_lightly(walked(roots, walk), passes)
    factoring = Factoring(openings=_OPENINGS)
    with paused_collector():
        for _ in range(_ROUNDS):
            before, roots = roots, _factored(roots, factoring, passes)
            if all(a is b for a, b in zip(before, roots, strict=True)):
                break
        shared = with_shared_products(roots)
        passes.append(Stage(roots, shared, mode=UNSEEN, name=NAME))
        return shared


def length(nodes: Sequence[Tensor]) -> int:
    """About how many operators the formulas of some graphs have; equal parts count once.

    >>> from symflow.core import matrix, vector
    >>> X, w, y = matrix("X", "n", "d"), vector("w", "d"), vector("y", "n")
    >>> length([X.T @ (X @ w) - X.T @ y]), length([X.T @ (X @ w - y)])
    (5, 4)
    """
    total, products = operators(nodes)
    return total - saving(products)


def _factored_lightly(walk: Walk, passes: list[Stage]) -> list[Tensor]:
    """The graphs with what all the terms of a sum share cut out."""
    factoring = Factoring(work=0)
    changes: list[Change] = []
    done: dict[Tensor, Tensor] = {}  # what has changed
    with paused_collector():
        for node in walk.order:
            current = node
            if done and not done.keys().isdisjoint(node.operands):
                current = node.with_operands(tuple([done.get(x, x) for x in node.operands]))
            if type(current) is Add:
                after = factoring.factored(current)
                if after is not current:
                    changes.append((NAME, current, after))
                    current = after
            if current is not node:
                done[node] = current
    results = [done.get(root, root) for root in walk.roots]
    passes.append(Stage(walk.roots, results, changes, UPWARD, NAME))
    return results


def _factored(roots: list[Tensor], factoring: Factoring, passes: list[Stage]) -> list[Tensor]:
    order = postorder(roots)
    uses = _occurrences(order, roots)
    factoring.uses = Counter()
    factoring.there = {node for node in order if isinstance(node, Add)}
    done: dict[Tensor, Tensor] = {}
    changes: list[Change] = []
    for node in order:
        current = node
        if node.operands:
            fresh = tuple(done[operand] for operand in node.operands)
            if any(a is not b for a, b in zip(fresh, node.operands, strict=True)):
                current = node.with_operands(fresh)
            rebuilt = current
            if isinstance(current, (Add, Einsum)):
                lone = {done[operand] for operand in node.operands if uses[operand] == 1}
                current = _opened(current, lone)
            if isinstance(current, Add):
                current = factoring.factored(current)
            if isinstance(current, (Add, Einsum)):
                current = factoring.reconsidered(current)
            if current is not rebuilt:
                changes.append((NAME, rebuilt, current))
        done[node] = current
        factoring.uses[current] += uses[node]
    results = [done[root] for root in roots]
    passes.append(Stage(roots, results, changes, UPWARD, NAME))
    return results


def _occurrences(order: list[Tensor], roots: list[Tensor]) -> Counter[Tensor]:
    uses = Counter(roots)
    for node in order:
        uses.update(node.operands)
    return uses


def _opened(node: Add | Einsum, lone: set[Tensor]) -> Tensor:
    """A node that takes in the products or sums among its operands that it alone uses."""
    if isinstance(node, Einsum):
        return _opened_product(node, lone)
    terms: list[tuple[sp.Expr, Tensor]] = []
    for coefficient, operand in node.terms:
        inner, core = split(operand)
        if isinstance(core, Add) and core in lone:
            terms.extend((coefficient * inner * c, term) for c, term in core.terms)
        else:
            terms.append((coefficient, operand))
    if len(terms) == len(node.operands):
        return node
    return add_terms(terms, node.shape, node.dtype)


def _opened_product(node: Einsum, lone: set[Tensor]) -> Tensor:
    if len(node.operands) < 2:
        return node
    node = _bare(node)
    total = network.solid_count(node)
    places = []
    for place, operand in enumerate(node.operands):
        if operand in lone and operand.rank and node.operands.count(operand) == 1:
            grown = total - 1 + _opens_to(operand, node.dtype)
            if total - 1 < grown <= normal.MOST_OPERANDS:
                places.append(place)
                total = grown
    return network.opened(node, places) if places else node


def _bare(node: Einsum) -> Einsum:
    """The product with the numbers of nested products taken to its front."""
    pairs = [split(operand) for operand in node.operands]
    if all(number is sp.S.One for number, _ in pairs):
        return node
    coefficient = sp.Mul(node.coefficient, *(number for number, _ in pairs))
    parts = [(core, labels) for (_, core), labels in zip(pairs, node.subscripts, strict=True)]
    result = build(coefficient, parts, node.output, dict(enumerate(node.sizes)), node.dtype)
    return result if isinstance(result, Einsum) else node


def _opens_to(operand: Tensor, dtype: str) -> int:
    """The number of operands that a nested product brings; 0 for what cannot be opened."""
    if isinstance(operand, Einsum) and operand.dtype == dtype:
        return network.solid_count(operand)
    return 0


def with_shared_products(
    roots: list[Tensor], measure: Callable[[Dim], float] | None = None
) -> list[Tensor]:
    """The graphs with products that they repeat, among them or within one, as nodes of their own.

    A product is not formed for sharing where that would be more work than any step without it.

    Args:
        roots: the graphs.
        measure: estimates sizes; without it all symbols are taken to be of one size.
    """
    order = postorder(roots)
    products = [node for node in order if isinstance(node, Einsum) and len(node.operands) > 1]
    forms = repeated_parts(products, measure)
    if not forms:
        return roots
    done: dict[Tensor, Tensor] = {}
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if node in done:
            continue
        form = forms.get(node, node)
        if not ready:
            stack.append((node, True))
            stack.extend((operand, False) for operand in form.operands if operand not in done)
            continue
        fresh = tuple(done[operand] for operand in form.operands)
        if any(a is not b for a, b in zip(fresh, form.operands, strict=True)):
            turned = _turned(form, fresh) if isinstance(form, Einsum) else None
            form = form.with_operands(fresh) if turned is None else turned
        done[node] = form
    return [done[root] for root in roots]


def _turned(node: Einsum, fresh: Sequence[Tensor]) -> Tensor | None:
    """The product of new operands, symmetric ones turned where that saves a transpose.

    That a matrix is symmetric shows in the old operands, not always in the new ones.
    """
    parts = list(zip(fresh, node.subscripts, strict=True))
    changed = False
    for place, (operand, labels) in enumerate(parts):
        if len(labels) != 2 or not is_symmetric(node.operands[place]):
            continue
        other = list(parts)
        other[place] = (operand, labels[::-1])
        if transposes(other, node.output) < transposes(parts, node.output):
            parts, changed = other, True
    if not changed:
        return None
    sizes = dict(enumerate(node.sizes))
    return build(node.coefficient, parts, node.output, sizes, node.dtype)
