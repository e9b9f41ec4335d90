"""Contractions of one structure are searched once.

How a contraction is best written depends on the labels of its operands and on which of them are
equal, not on what they are.  So it is written with placeholders, the result is kept, and the
operands are put in their place.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import NamedTuple

from symflow.notation.forms import Labels
from symflow.notation.names import MOVE
from symflow.notation.pairs import Draft, Writer, author_key, is_simple
from symflow.notation.search import Block, Item, Search
from symflow.notation.tree import Attribute, Binary, Call, Index, Name, Tree
from symflow.notation.walks import rebuilt

_MOST_KEPT = 2048


class Problem(NamedTuple):
    """A contraction whose labels are all held.

    Attributes:
        items: the operands, those of rank 0 among them.
        output: labels of the result, none twice.
        diagonals: pairs of labels of the result that make a vector a diagonal matrix.
    """

    items: tuple[Item, ...]
    output: Labels
    diagonals: tuple[tuple[int, int], ...] = ()


class Solved(NamedTuple):
    """How a contraction is written: its factors of rank 0, and the rest."""

    scalars: tuple[Draft, ...]
    main: Draft | None


class Parts(NamedTuple):
    """A contraction before its blocks are joined."""

    search: Search
    scalars: tuple[Draft, ...]
    blocks: list[Block]


_KEPT: OrderedDict[Hashable, Solved] = OrderedDict()


def parts_of(problem: Problem, writer: Writer) -> Parts:
    """The connected parts of a contraction, diagonals taken."""
    primes = dict(problem.diagonals)
    inner = tuple(n for n in problem.output if n not in primes.values())
    search = Search(writer, inner)
    blocks = search.blocks([item for item in problem.items if item.labels])
    scalars = [_scalar(item) for item in problem.items if not item.labels]
    scalars += [block.drafts[()] for block in blocks if not block.labels]
    wide = [_diagonal(block, primes, writer) for block in blocks if block.labels]
    return Parts(search, tuple(scalars), wide)


def _scalar(item: Item) -> Draft:
    return Draft(item.tree, frozenset(), inverse=item.inverse, soft=item.soft)


def _diagonal(block: Block, primes: Mapping[int, int], writer: Writer) -> Block:
    prime = primes.get(block.labels[0]) if len(block.labels) == 1 else None
    if prime is None:
        return block
    (label,) = block.labels
    draft = writer.called("diag", block.drafts[label,])
    return Block((label, prime), {(label, prime): draft, (prime, label): draft})


def solved(problem: Problem, writer: Writer) -> Solved:
    """How a contraction is written; remembered by its structure."""
    if writer.printed is not None or not all(_is_replaceable(i.tree) for i in problem.items):
        return _solve(problem, writer)
    general, trees, labels = _generalised(problem)
    key = (general, writer.dtype)
    known = _KEPT.get(key)
    if known is None:
        known = _KEPT[key] = _solve(general, writer)
        if len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return Solved(
        tuple(_filled(draft, trees, labels) for draft in known.scalars),
        None if known.main is None else _filled(known.main, trees, labels),
    )


def _solve(problem: Problem, writer: Writer) -> Solved:
    search, scalars, blocks = parts_of(problem, writer)
    return Solved(scalars, search.outer(blocks, problem.output) if blocks else None)


def _is_replaceable(tree: Tree) -> bool:
    """Whether the notation of a contraction does not look into an operand."""
    if isinstance(tree, Binary):
        return tree.operator != "**"
    if isinstance(tree, Call):
        return tree.function not in ("einsum", "diag")
    return not isinstance(tree, (Attribute, Index))


def _generalised(problem: Problem) -> tuple[Problem, dict[int, Tree], dict[int, int]]:
    """The problem with placeholders, what they stand for, and its labels by their new numbers."""
    numbers: dict[int, int] = {}
    for label in problem.output:
        numbers.setdefault(label, len(numbers))
    for item in problem.items:
        for label in item.labels:
            numbers.setdefault(label, len(numbers))
    trees = {item.tree.digest: item.tree for item in problem.items}
    ordered = sorted(trees.values(), key=author_key)
    holes = {tree.digest: _hole(place, tree) for place, tree in enumerate(ordered)}
    items = tuple(
        item._replace(tree=holes[item.tree.digest], labels=tuple(numbers[n] for n in item.labels))
        for item in problem.items
    )
    output = tuple(numbers[n] for n in problem.output)
    diagonals = tuple((numbers[a], numbers[b]) for a, b in problem.diagonals)
    by_hole = {holes[digest].digest: tree for digest, tree in trees.items()}
    labels = {number: label for label, number in numbers.items()}
    return Problem(items, output, diagonals), by_hole, labels


def _hole(place: int, tree: Tree) -> Tree:
    """A placeholder that sorts and counts like the tree."""
    first = MOVE if tree.names.startswith(MOVE) else ""
    name = Name(f"{first}{chr(0x61 + place // 26)}{chr(0x61 + place % 26)}")
    if isinstance(tree, Binary) and tree.operator == "@":
        return Binary("@", name, name)
    return name if is_simple(tree) else Call("", (name,))


def _filled(draft: Draft, trees: Mapping[int, Tree], labels: Mapping[int, int]) -> Draft:
    """A draft with the operands in place of the placeholders."""
    done: dict[int, Tree] = dict(trees)
    operators: list[int] = []
    stack: list[tuple[Tree, bool]] = [(draft.tree, False)]
    while stack:
        tree, ready = stack.pop()
        if tree.digest in done:
            continue
        parts = tree.children
        if parts and not ready:
            stack.append((tree, True))
            stack.extend((part, False) for part in parts)
            continue
        fresh = rebuilt(tree, tuple(done[part.digest] for part in parts)) if parts else tree
        done[tree.digest] = fresh
        if tree.digest in draft.operators:
            operators.append(fresh.digest)
    return draft._replace(
        tree=done[draft.tree.digest],
        operators=frozenset(operators),
        summed=tuple(labels[n] for n in draft.summed),
        parts=(),
    )
