"""Linear systems in blocks: apart where nothing couples, by Schur complements, else dense."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp

from symflow.calculus.structure import Dense, Manner, Structure, Zero, structure_of
from symflow.core import Tensor
from symflow.core.add import add_terms
from symflow.core.dims import Dim, Shape, product, same_shape
from symflow.errors import DomainError
from symflow.ops.reshaping import reshape
from symflow.ops.structure import Run, concatenate, take_runs
from symflow.rewriting.hints import size_hints

Sizes = Mapping[str, int]
Grid = list[list[Tensor]]


@dataclass
class _System:
    """What is left to be solved: blocks and right sides by the numbers of their variables."""

    blocks: dict[tuple[int, int], Tensor]
    sides: dict[int, Tensor]
    ranks: Sequence[int]
    names: Sequence[str]
    manner: Manner
    sizes: Sizes | None
    done: dict[tuple[int, int], Structure] = field(default_factory=dict)

    def map(self, row: int, column: int) -> Structure:
        """The structure of a block."""
        place = (row, column)
        if place not in self.done:
            self.done[place] = structure_of(self.blocks[place], self.ranks[row], sizes=self.sizes)
        return self.done[place]

    def couples(self, row: int, column: int) -> bool:
        """Whether a block is not zero."""
        return not isinstance(self.map(row, column), Zero)

    def replace(self, row: int, column: int, block: Tensor) -> None:
        """Another block in a place."""
        self.blocks[row, column] = block
        self.done.pop((row, column), None)


def solved(
    blocks: Grid,
    rows: Sequence[Shape],
    columns: Sequence[Shape],
    sides: Sequence[Tensor],
    names: Sequence[str],
    manner: Manner,
    sizes: Sizes | None,
) -> list[Tensor]:
    """The solution for every variable.

    Args:
        blocks: a row of blocks for each right side.
        rows: the shapes of the right sides.
        columns: the shapes of the variables.
        sides: the right sides.
        names: of the variables.
        manner: how parts are looked at on the way.
        sizes: typical sizes by name.
    """
    matched = len(rows) == len(columns) and all(map(same_shape, rows, columns))
    if not matched:
        return _dense(blocks, rows, columns, sides)
    system = _System(
        {(i, j): block for i, row in enumerate(blocks) for j, block in enumerate(row)},
        dict(enumerate(sides)),
        [len(shape) for shape in rows],
        names,
        manner,
        sizes,
    )
    found: dict[int, Tensor] = {}
    for group in _coupled(system, len(rows)):
        found.update(_group_solved(system, group, rows))
    return [found[number] for number in range(len(rows))]


def _coupled(system: _System, count: int) -> list[list[int]]:
    """The variables in groups that no block couples with another group."""
    group = list(range(count))
    for i in range(count):
        for j in range(count):
            if i != j and group[i] != group[j] and system.couples(i, j):
                old, new = group[j], group[i]
                group = [new if g == old else g for g in group]
    return [[k for k in range(count) if group[k] == g] for g in dict.fromkeys(group)]


def _group_solved(system: _System, group: list[int], shapes: Sequence[Shape]) -> dict[int, Tensor]:
    """Variables eliminated one by one while a block allows it, then found in reverse."""
    left = list(group)
    order: list[tuple[int, list[int]]] = []
    while len(left) > 1:
        pivot = _pivot(system, left, shapes)
        if pivot is None:
            break
        left.remove(pivot)
        _eliminate(system, pivot, left)
        order.append((pivot, list(left)))
    found = _last_solved(system, left, shapes)
    for pivot, others in reversed(order):
        side = system.sides[pivot]
        for k in others:
            if system.couples(pivot, k):
                side = _minus(side, system.map(pivot, k).matvec(found[k]))
        found[pivot] = system.map(pivot, pivot).solve(side, system.manner)
    return found


def _last_solved(system: _System, left: list[int], shapes: Sequence[Shape]) -> dict[int, Tensor]:
    if len(left) == 1:
        (last,) = left
        try:
            return {last: system.map(last, last).solve(system.sides[last], system.manner)}
        except DomainError as error:
            raise DomainError(f"solving for {system.names[last]}: {error}") from None
    for k in left:
        if not any(system.couples(k, j) for j in left):
            name = system.names[k]
            raise DomainError(f"solving for {name}: the map is singular, its row {name} is zero")
    chosen = [shapes[k] for k in left]
    grid = [[system.blocks[i, j] for j in left] for i in left]
    solution = _dense(grid, chosen, chosen, [system.sides[k] for k in left])
    return dict(zip(left, solution, strict=True))


def _pivot(system: _System, left: list[int], shapes: Sequence[Shape]) -> int | None:
    """The largest variable whose own block is cheap to solve with and invertible."""
    hints = size_hints(system.sizes)
    fitting = []
    for k in left:
        own = system.map(k, k)
        known = own.regular or (system.manner.regular and not own.why_singular)
        if own.cheap and known and not isinstance(own, Dense):
            fitting.append(k)
    return max(fitting, key=lambda k: hints(product(shapes[k])), default=None)


def _eliminate(system: _System, pivot: int, left: list[int]) -> None:
    """Blocks and right sides of the others after one variable is expressed by them."""
    own = system.map(pivot, pivot)
    side = own.solve(system.sides[pivot], system.manner)
    below = [j for j in left if system.couples(j, pivot)]
    beside = [k for k in left if system.couples(pivot, k)]
    spread = {k: own.solve(system.blocks[pivot, k], system.manner) for k in beside}
    for j in below:
        across = system.map(j, pivot)
        system.sides[j] = _minus(system.sides[j], across.matvec(side))
        for k in beside:
            less = _minus(system.blocks[j, k], across.matvec(spread[k]))
            system.replace(j, k, system.manner.tidy(less))


def _minus(a: Tensor, b: Tensor) -> Tensor:
    return add_terms([(sp.S.One, a), (sp.S.NegativeOne, b)], a.shape, a.dtype)


# ------------------------------------------------------------------------ one matrix


def stacked(blocks: Grid, rows: Sequence[Shape], columns: Sequence[Shape]) -> Tensor:
    """All blocks as one matrix."""
    lines = [
        concatenate(
            [
                reshape(block, (product(height), product(width)))
                for block, width in zip(row, columns, strict=True)
            ],
            1,
        )
        for row, height in zip(blocks, rows, strict=True)
    ]
    return concatenate(lines, 0)


def _dense(
    blocks: Grid, rows: Sequence[Shape], columns: Sequence[Shape], sides: Sequence[Tensor]
) -> list[Tensor]:
    """The solution by one matrix, cut into the variables."""
    right = concatenate([reshape(side, -1) for side in sides], 0)
    matrix = Dense(stacked(blocks, rows, columns), 0, 1)
    whole = matrix.solve(right)
    found: list[Tensor] = []
    start: Dim = 0
    for shape in columns:
        size = product(shape)
        run: Run = (start, size, 1)
        found.append(reshape(take_runs(whole, (run,)), shape))
        start = start + size
    return found
