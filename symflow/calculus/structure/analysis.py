"""The form of a linear map, read off the expression of its entries."""

from collections.abc import Callable, Mapping, Sequence

import sympy as sp

from symflow.calculus.structure.base import Structure, is_number, total
from symflow.calculus.structure.kronecker_sum import KroneckerSum, is_kronecker_sum
from symflow.calculus.structure.low_rank import Sides, is_less, joined, sides_of
from symflow.calculus.structure.products import BlockDiagonal, Factor, Kronecker
from symflow.calculus.structure.simple import Dense, Diagonal, ScaledIdentity, Zero
from symflow.calculus.structure.sums import LowRank, Sum, Updated
from symflow.calculus.structure.terms import Item, Pair, Term, terms_of
from symflow.calculus.structure.unit import WithUnitAxes
from symflow.core.add import split
from symflow.core.dims import Dim, is_one, product, same
from symflow.core.einsum import contract, is_zero
from symflow.core.node import Tensor
from symflow.ops.contraction import view
from symflow.ops.facts import has
from symflow.rewriting.hints import size_hints

Hints = Callable[[Dim], float]


def structure_of(
    tensor: Tensor, rows: int, batch: int = 0, sizes: Mapping[str, int] | None = None
) -> Structure:
    """The form of a map whose axes are side by side (``batch`` of them), rows, columns.

    Args:
        tensor: the map.
        rows: how many axes the result has.
        batch: how many axes lead along which maps stand side by side.
        sizes: typical sizes by name, to tell low rank from high rank; others count as usual for
            their names.

    >>> from symflow.core import matrix
    >>> import symflow.numpy as snp
    >>> V = matrix("V", "m", "k")
    >>> structure_of(snp.einsum("jk,jl,im->ikml", V, V, snp.eye("n")), 2)
    <Kronecker product, (n, k) x (n, k): I (x) V.T @ V>
    """
    hints = size_hints(sizes)
    wide = [axis for axis, size in enumerate(tensor.shape) if axis < batch or not is_one(size)]
    if len(wide) == tensor.rank:
        return _analysed(tensor, rows, batch, hints)
    thin = view(tensor, range(tensor.rank), wide)
    inner = _analysed(thin, sum(batch <= axis < batch + rows for axis in wide), batch, hints)
    return WithUnitAxes(tensor, batch, rows, inner)


def _analysed(tensor: Tensor, rows: int, batch: int, hints: Hints) -> Structure:
    terms = [term for term in terms_of(tensor, batch, rows) if not is_zero(term.coefficient)]
    if not terms:
        return Zero(tensor, batch, rows)
    if tensor.rank == batch:
        return ScaledIdentity(tensor, batch, rows, tensor)
    pairs = _common(terms)
    if pairs:
        return _along(terms, pairs, tensor, hints)
    if rows == tensor.rank - batch - rows == 1 and has(tensor, "diagonal"):
        return _declared_diagonal(tensor, batch)
    if len(terms) == 1:
        return _single(terms[0], tensor)
    return _several(terms, tensor, hints)


def _declared_diagonal(tensor: Tensor, batch: int) -> Structure:
    lead = tuple(range(batch))
    entries = view(tensor, (*lead, batch, batch), (*lead, batch))
    return Diagonal(tensor, batch, 1, entries)


# ------------------------------------------------------------------------ axes that agree


def _common(terms: Sequence[Term]) -> list[Pair]:
    """Pairs of a row and a column axis that agree in every term, each axis in one pair."""
    everywhere = set.intersection(*(term.pairs for term in terms))
    chosen: list[Pair] = []
    for row, column in sorted(everywhere, key=lambda pair: (pair[0] != pair[1], pair)):
        if all(row != a and column != b for a, b in chosen):
            chosen.append((row, column))
    return sorted(chosen)


def _along(terms: list[Term], pairs: list[Pair], tensor: Tensor, hints: Hints) -> Structure:
    """Blocks along the axes that agree; identities where the blocks are all the same."""
    first = terms[0]
    batch, rows, columns = len(first.batch), len(first.rows), len(first.columns)
    kept = [pair for pair in pairs if not all(term.is_free(pair) for term in terms)]
    blocks = total([term.without(pairs, kept).tensor for term in terms])
    block = _analysed(blocks, rows - len(pairs), batch + len(kept), hints)
    free = [pair for pair in pairs if pair not in kept]
    rest = _Rest(
        [row for row in range(rows) if all(row != a for a, _ in pairs)],
        [column for column in range(columns) if all(column != b for _, b in pairs)],
    )
    alone = not rest.rows and not rest.columns
    aligned = all(row == column for row, column in pairs)
    if alone and aligned and not kept:
        return ScaledIdentity(tensor, batch, rows, blocks)
    if alone and aligned and not free:
        return Diagonal(tensor, batch, rows, blocks)
    if not free and not (alone and not aligned):
        return BlockDiagonal(tensor, batch, rows, tuple(kept), block)
    coefficient, core = split(blocks)
    lead = tensor.shape[:batch]
    factors = [
        Factor((row,), (column,), _identity(lead, first.sizes[first.rows[row]], tensor.dtype))
        for row, column in free
    ]
    if kept or not alone or not is_number(core):
        unscaled = _analysed(core, rows - len(pairs), batch + len(kept), hints)
        factors += _remaining(unscaled, kept, rest, batch)
    factors.sort(key=lambda factor: (factor.rows, factor.columns))
    return Kronecker(tensor, batch, rows, coefficient, tuple(factors))


class _Rest:
    """The axes of a map that belong to no pair."""

    def __init__(self, rows: list[int], columns: list[int]) -> None:
        self.rows = rows
        self.columns = columns


def _identity(lead: Sequence[Dim], size: Dim, dtype: str) -> Structure:
    batch = tuple(range(len(lead)))
    sizes = {**dict(enumerate(lead)), len(lead): size}
    tensor = contract(sp.S.One, (), (), (*batch, len(lead), len(lead)), sizes, dtype)
    factor = contract(sp.S.One, (), (), batch, dict(enumerate(lead)), dtype)
    return ScaledIdentity(tensor, len(lead), 1, factor)


def _remaining(block: Structure, kept: list[Pair], rest: _Rest, batch: int) -> list[Factor]:
    """The factors beside the identities, for the blocks along the other pairs."""
    if not kept and isinstance(block, Kronecker) and block.coefficient is sp.S.One:
        return [
            Factor(
                tuple(rest.rows[row] for row in factor.rows),
                tuple(rest.columns[column] for column in factor.columns),
                factor.map,
            )
            for factor in block.factors
        ]
    if not kept:
        return [Factor(tuple(rest.rows), tuple(rest.columns), block)]
    rows = sorted([row for row, _ in kept] + rest.rows)
    columns = sorted([column for _, column in kept] + rest.columns)
    tensor = _block_diagonal(block.tensor, kept, rest, (rows, columns), batch)
    if rest.rows or rest.columns:
        along = tuple((rows.index(row), columns.index(column)) for row, column in kept)
        part: Structure = BlockDiagonal(tensor, batch, len(rows), along, block)
        return [Factor(tuple(rows), tuple(columns), part)]
    order = tuple(column for _, column in sorted(kept))
    straight = _block_diagonal(block.tensor, kept, rest, (rows, list(order)), batch)
    return [Factor(tuple(rows), order, Diagonal(straight, batch, len(rows), block.tensor))]


def _block_diagonal(
    blocks: Tensor, kept: list[Pair], rest: _Rest, axes: tuple[list[int], list[int]], batch: int
) -> Tensor:
    """The map with given blocks, on the axes that are kept and on the rest."""
    names = [("row", row) for row, _ in kept]
    names += [("row", row) for row in rest.rows]
    names += [("column", column) for column in rest.columns]
    labels = {name: batch + place for place, name in enumerate(names)}
    labels.update({("column", column): labels["row", row] for row, column in kept})
    output = [labels["row", row] for row in axes[0]]
    output += [labels["column", column] for column in axes[1]]
    return view(blocks, range(blocks.rank), [*range(batch), *output])


# ------------------------------------------------------------------------ one product


class _Component:
    """Operands of a product that hang together, with the axes that they hold."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.rows: list[int] = []
        self.columns: list[int] = []


def _single(term: Term, tensor: Tensor) -> Structure:
    """A product: the Kronecker product of the parts that do not hang together."""
    batch, rows = len(term.batch), len(term.rows)
    scalars, components = _components(term)
    both = [part for part in components if part.rows and part.columns]
    sides = [part for part in components if not (part.rows and part.columns)]
    if len(both) == 1 and not sides:
        found = sides_of(term)
        if found is None or not is_less(found.rank, tensor.shape[batch:], rows):
            return Dense(tensor, batch, rows)
        return LowRank(tensor, batch, rows, found.coefficient, found.left, found.right)
    factors = [_factor(term, part) for part in both]
    if sides:
        factors.append(_outer(term, sides, () if both else scalars))
    if len(factors) == 1:
        only = factors[0].map
        assert isinstance(only, LowRank)
        return LowRank(tensor, batch, rows, term.coefficient, only.left, only.right)
    factors.sort(key=lambda factor: (factor.rows, factor.columns))
    if scalars:
        factors[0] = _with_scalars(term, factors[0], scalars)
    return Kronecker(tensor, batch, rows, term.coefficient, tuple(factors))


def _components(term: Term) -> tuple[tuple[Item, ...], list[_Component]]:
    """The operands without an axis of the map, and the components of the others."""
    side = set(term.batch)
    parent: dict[int, int] = {}

    def find(label: int) -> int:
        while parent.setdefault(label, label) != label:
            label = parent[label]
        return label

    for _, labels in term.items:
        own = [label for label in labels if label not in side]
        for label in own[1:]:
            parent[find(own[0])] = find(label)
    found: dict[object, _Component] = {}
    for place, label in enumerate(term.rows):
        # a row whose label is one of the batch has entries at one position only: its own part
        key = ("row", place) if label in side else find(label)
        found.setdefault(key, _Component()).rows.append(place)
    for place, label in enumerate(term.columns):
        key = ("column", place) if label in side else find(label)
        found.setdefault(key, _Component()).columns.append(place)
    scalars: list[Item] = []
    for item in term.items:
        own = [label for label in item[1] if label not in side]
        root = find(own[0]) if own else None
        if root in found:
            found[root].items.append(item)
        else:
            scalars.append(item)
    return tuple(scalars), list(found.values())


def _factor(term: Term, part: _Component) -> Factor:
    batch, rows = len(term.batch), len(part.rows)
    output = [*term.batch, *(term.rows[k] for k in part.rows)]
    output += [term.columns[k] for k in part.columns]
    tensor = term.part(part.items, output)
    return Factor(tuple(part.rows), tuple(part.columns), _whole(tensor, rows, batch))


def _whole(tensor: Tensor, rows: int, batch: int) -> Structure:
    """A product that hangs together, as a map."""
    (term,) = terms_of(tensor, batch, rows)[:1]
    if len(terms_of(tensor, batch, rows)) > 1:
        return Dense(tensor, batch, rows)
    if rows == tensor.rank - batch - rows == 1 and has(tensor, "diagonal"):
        return _declared_diagonal(tensor, batch)
    found = sides_of(term)
    if found is None or not is_less(found.rank, tensor.shape[batch:], rows):
        return Dense(tensor, batch, rows)
    return LowRank(tensor, batch, rows, found.coefficient, found.left, found.right)


def _outer(term: Term, parts: list[_Component], scalars: tuple[Item, ...]) -> Factor:
    """What makes rows alone times what takes columns alone: a map of rank 1."""
    rows = sorted(axis for part in parts for axis in part.rows)
    columns = sorted(axis for part in parts for axis in part.columns)
    left = [item for part in parts if part.rows for item in part.items]
    right = [item for part in parts if part.columns for item in part.items]
    row_labels = [term.rows[k] for k in rows]
    column_labels = [term.columns[k] for k in columns]
    tensor = term.part([*scalars, *left, *right], [*term.batch, *row_labels, *column_labels])
    made = LowRank(
        tensor,
        len(term.batch),
        len(rows),
        sp.S.One,
        term.part([*scalars, *left], [*term.batch, *row_labels]),
        term.part(right, [*term.batch, *column_labels]),
    )
    return Factor(tuple(rows), tuple(columns), made)


def _with_scalars(term: Term, factor: Factor, scalars: Sequence[Item]) -> Factor:
    """A factor times numbers, one for each of the maps side by side."""
    batch = len(term.batch)
    number = term.part(scalars, term.batch)
    tensor = factor.map.tensor
    labels = tuple(range(tensor.rank))
    scaled = contract(
        sp.S.One,
        (number, tensor),
        (labels[:batch], labels),
        labels,
        dict(enumerate(tensor.shape)),
        tensor.dtype,
    )
    return Factor(factor.rows, factor.columns, _whole(scaled, len(factor.rows), batch))


# ------------------------------------------------------------------------ several products


def _several(terms: list[Term], tensor: Tensor, hints: Hints) -> Structure:
    """A sum: a cheap map plus one of low rank where there are such terms."""
    batch, rows = len(terms[0].batch), len(terms[0].rows)
    low: list[tuple[Term, Sides]] = []
    rest: list[Term] = []
    for term in terms:
        found = None if term.pairs else sides_of(term)
        if found is not None and _is_low(found.rank, tensor.shape[batch:], rows, hints):
            low.append((term, found))
        else:
            rest.append(term)
    if not rest:
        return _all_low(low, tensor, batch, rows)
    if low:
        base = _analysed(total([term.tensor for term in rest]), rows, batch, hints)
        if base.cheap:
            return Updated(tensor, batch, rows, base, _update(low, batch, rows))
    return _sum(terms, tensor, hints)


def _sum(terms: list[Term], tensor: Tensor, hints: Hints) -> Structure:
    """Terms with the same axes that agree are taken together, the others one by one."""
    batch, rows = len(terms[0].batch), len(terms[0].rows)
    groups: dict[object, list[Term]] = {}
    for place, term in enumerate(terms):
        groups.setdefault(frozenset(term.pairs) or place, []).append(term)
    parts = [
        _analysed(total([term.tensor for term in group]), rows, batch, hints)
        for group in groups.values()
    ]
    if any(isinstance(part, Dense) for part in parts):
        return Dense(tensor, batch, rows)
    kind = KroneckerSum if is_kronecker_sum(parts) else Sum
    return kind(tensor, batch, rows, tuple(parts))


def _is_low(rank: Dim, shape: Sequence[Dim], rows: int, hints: Hints) -> bool:
    """Whether a rank is low by what the sizes usually are."""
    if is_less(rank, shape, rows):
        return True
    height, width = product(shape[:rows]), product(shape[rows:])
    if same(rank, height) or same(rank, width):
        return False
    return hints(rank) <= min(hints(height), hints(width))


def _all_low(low: list[tuple[Term, Sides]], tensor: Tensor, batch: int, rows: int) -> Structure:
    ranks = sum((sides.rank for _, sides in low), start=0)
    if not is_less(ranks, tensor.shape[batch:], rows):
        return Dense(tensor, batch, rows)
    made = _update(low, batch, rows)
    return LowRank(tensor, batch, rows, made.coefficient, made.left, made.right)


def _update(low: list[tuple[Term, Sides]], batch: int, rows: int) -> LowRank:
    whole = total([term.tensor for term, _ in low])
    sides = joined([sides for _, sides in low], batch)
    return LowRank(whole, batch, rows, sides.coefficient, sides.left, sides.right)
