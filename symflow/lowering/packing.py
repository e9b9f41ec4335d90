"""Like terms of long sums as array expressions: what is typed entry by entry, computed at once.

``sum of 100 * (x[i + 1] - x[i]**2)**2`` over a thousand ``i``, written term by term, becomes
``100 * sum((x[1:] - x[:-1]**2)**2)``.  Terms are packed where they are the same operations on
entries of the same arrays (or on variables of their own); only the order of summation changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy as sp

from symflow.core import Add, Einsum, Tensor, Variable, dtypes, postorder, transform
from symflow.core.add import add_terms
from symflow.core.einsum import contract
from symflow.core.walk import larger_than
from symflow.errors import SymflowError
from symflow.lowering.packing_columns import column
from symflow.lowering.packing_rows import Row, Shapes, Taken
from symflow.ops.batching import batched

FEWEST = 24  # terms of one shape: fewer stay as they are written
_ROUNDS = 3  # sums inside of sums
Term = tuple[sp.Expr, Tensor]


def packed(roots: Sequence[Tensor], *, fewest: int = FEWEST, stacks: bool = True) -> list[Tensor]:
    """Expressions with the like terms of their long sums as array expressions.

    Args:
        roots: the expressions.
        fewest: how many terms of one shape are packed.
        stacks: whether variables of their own are stacked, beside entries of arrays.

    >>> from symflow.core import vector
    >>> x = vector("x", 100)
    >>> packed([sum((x[i] * x[i + 1] for i in range(1, 99)), x[0] * x[1])])[0] is x[:99] @ x[1:]
    True
    """
    found = list(roots)
    for _ in range(_ROUNDS):
        if not larger_than(found, 2 * fewest):
            return found
        before, found = found, _packed_once(found, fewest, stacks=stacks)
        if all(a is b for a, b in zip(before, found, strict=True)):
            break
    return found


def _packed_once(roots: list[Tensor], fewest: int, *, stacks: bool) -> list[Tensor]:
    order = postorder(roots)
    sums = _long_sums(order, roots, fewest)
    if not sums:
        return roots
    shapes = Shapes(stacks=stacks)
    memo: dict[Tensor, Tensor] = {}
    for node, terms in sums.items():
        shapes.enter(postorder([term for _, term in terms]))
        total = _total(shapes, node, terms, fewest)
        if total is not None:
            memo[node] = total
    return transform(roots, lambda node: None, memo) if memo else roots


def _long_sums(
    order: Sequence[Tensor], roots: Sequence[Tensor], fewest: int
) -> dict[Tensor, list[Term]]:
    """Sums of many terms, written at once or one after the other; those inside of others first."""
    uses: dict[Tensor, int] = {}
    for node in order:
        for operand in node.operands:
            uses[operand] = uses.get(operand, 0) + 1
    for root in roots:
        uses[root] = uses.get(root, 0) + 2
    inner: set[Tensor] = set()
    found: dict[Tensor, list[Term]] = {}
    for node in reversed(order):
        if not isinstance(node, Add) or node in inner or dtypes.kind(node.dtype) != "float":
            continue
        terms = _terms(node, uses, inner)
        if len(terms) >= fewest:
            found[node] = terms
    return dict(reversed(found.items()))


def _terms(node: Add, uses: dict[Tensor, int], inner: set[Tensor]) -> list[Term]:
    """The terms of a sum, those of sums that only it uses among them."""
    terms: list[Term] = []
    stack = list(reversed(node.terms))
    while stack:
        coefficient, term = stack.pop()
        below = _scaled_sum(term) if uses.get(term) == 1 else None
        if below is None or (below[1] is not term and uses.get(below[1]) != 1):
            terms.append((coefficient, term))
            continue
        factor, total = below
        inner.add(total)
        stack.extend((coefficient * factor * c, t) for c, t in reversed(total.terms))
    return terms


def _scaled_sum(node: Tensor) -> tuple[sp.Expr, Add] | None:
    """A sum, or a number times one."""
    if isinstance(node, Add):
        return sp.S.One, node
    if not isinstance(node, Einsum) or len(node.operands) != 1:
        return None
    (operand,), (labels,) = node.operands, node.subscripts
    plain = labels == node.output and len(set(labels)) == len(labels) == len(node.sizes)
    return (node.coefficient, operand) if plain and isinstance(operand, Add) else None


@dataclass(frozen=True)
class _Family:
    """Terms of one shape, with their factors."""

    factors: list[sp.Expr]
    rows: list[Row]


def _total(shapes: Shapes, node: Tensor, terms: Iterable[Term], fewest: int) -> Tensor | None:
    """A sum with its families packed; None where there are none."""
    families: dict[int, _Family] = {}
    members: dict[int, list[Term]] = {}
    for coefficient, term in terms:
        row = shapes.row(term)
        family = families.setdefault(row.shape, _Family([], []))
        family.factors.append(coefficient * row.sign)
        family.rows.append(row)
        members.setdefault(row.shape, []).append((coefficient, term))
    left: list[Term] = []
    changed = False
    for shape, family in families.items():
        many = len(family.rows) >= fewest and bool(family.rows[0].taken)
        total = _summed(shapes, shape, family) if many else None
        if total is None:
            left += members[shape]
        else:
            left.append((sp.S.One, total))
            changed = True
    return add_terms(left, node.shape, node.dtype) if changed else None


def _summed(shapes: Shapes, shape: int, family: _Family) -> Tensor | None:
    """The sum of a family."""
    if not all(factor.is_number for factor in family.factors):
        return None
    order = sorted(range(len(family.rows)), key=lambda k: family.rows[k].order)
    rows = [family.rows[k] for k in order]
    factors = [family.factors[k] for k in order]
    every = vectorised(shapes, shape, rows)
    if every is None:
        return None
    count, labels = len(rows), tuple(range(every.rank))
    lengths = dict(enumerate(every.shape))
    if all(factor == factors[0] for factor in factors):
        return contract(factors[0], (every,), (labels,), labels[1:], lengths, every.dtype)
    if not all(factor.is_real for factor in factors):
        return None
    numbers = [Taken(0, None, factor) for factor in factors]
    weights = column(numbers, None, every.dtype)
    assert weights is not None
    assert weights.shape == (count,)
    return contract(sp.S.One, (weights, every), ((0,), labels), labels[1:], lengths, every.dtype)


def vectorised(shapes: Shapes, shape: int, rows: Sequence[Row]) -> Tensor | None:
    """Terms of one shape as one tensor with the terms along its first axis; None if that fails."""
    leaves: list[Tensor | sp.Expr] = []
    fronts: dict[Tensor, Tensor] = {}
    known: dict[tuple[object, ...], Tensor] = {}
    kinds, entries = shapes.leaves(shape), [row.taken for row in rows]
    for (what, sizes, dtype), taken in zip(kinds, zip(*entries, strict=True), strict=True):
        first = taken[0]
        if all(each.place == first.place for each in taken):
            leaves.append(shapes.single(what, first))
            continue
        key = (what, *(each.place for each in taken))
        if key not in known:
            every = column(taken, what[1] if first.source is not None else None, dtype)
            if every is None:
                return None
            known[key] = Variable(f"c{len(known)}", sizes, dtype, (), "packing")
            fronts[known[key]] = every
        leaves.append(known[key])
    template = shapes.template(shape, leaves)
    try:
        return batched([template], fronts, len(rows))[0]
    except SymflowError:  # an operation that has no form for many
        return None
