"""Expressions as Python formulas in NumPy's names, one line or several.

Beyond a size, what is long and repeated gets a name on a line of its own, ``r = X @ w - y``, before
the formula; so does every part of a very long line.  ``sf.parse`` reads both back.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from symflow.core import Tensor
from symflow.export.ranks import ranks_of
from symflow.notation.formula import Formula
from symflow.notation.meaning import named, wished
from symflow.notation.names import Names
from symflow.notation.tree import (
    Binary,
    Call,
    Compare,
    Group,
    Index,
    Method,
    Name,
    Number,
    Scaled,
    Slice,
    Tree,
    Unary,
    python_text,
)
from symflow.notation.tree import (
    Sequence as Items,
)
from symflow.notation.walks import parts_first, rebuilt, transformed

MAX_CHARS = 100
_SAVES = 24  # characters that a name must save
_SAVES_CALL = 14  # the same for softmax, norm, inv and kin, which are named sooner
_LEAST = 10  # characters that deserve a name
_LINE = 200  # characters of a line that is cut
_PART = "Ξ"  # begins what stands for a named part until all are known
_BOUND = (Binary, Unary, Scaled, Compare, Call, Method)
_PRODUCTS = frozenset({"*", "/", "@"})


def to_text(expressions: Tensor | Sequence[Tensor], max_chars: int = MAX_CHARS) -> str:
    """An expression (or several, as a tuple) as a formula that ``sf.parse`` reads back.

    Args:
        expressions: what to write.
        max_chars: up to this many characters everything stands in one line.

    >>> from symflow.core import matrix, vector
    >>> import symflow.ops
    >>> X, w, y = matrix("X", "n", "d"), vector("w", "d"), vector("y", "n")
    >>> to_text(X.T @ (X @ w - y))
    'X.T @ (X @ w - y)'
    """
    single = isinstance(expressions, Tensor)
    formula = Formula([expressions] if isinstance(expressions, Tensor) else expressions)
    lines = statements(formula.trees, formula.names, max_chars)
    trees = [tree for _, tree in lines[len(lines) - len(formula.trees) :]]
    last = python_text(trees[0]) if single else python_text(Items(tuple(trees)))
    named = [f"{name} = {python_text(tree)}" for name, tree in lines if name]
    return "\n".join([*named, last])


def statements(
    trees: Sequence[Tree], names: Names, max_chars: int = MAX_CHARS
) -> list[tuple[str, Tree]]:
    """Named parts in the order of use, then the formulas themselves under empty names.

    Args:
        trees: the formulas.
        names: gives names that are not taken.
        max_chars: up to this many characters nothing is named.
    """
    final = bracketed(trees)
    if sum(tree.width for tree in final) <= 4 * max_chars:
        text = ", ".join(python_text(tree) for tree in final)
        if len(text) <= max_chars:
            return [("", tree) for tree in final]
    return _meant(_Cutter(final, names).lines(), names)


def _meant(lines: list[tuple[str, Tree]], names: Names) -> list[tuple[str, Tree]]:
    """Named parts under names that say what they are: ``s`` for a softmax, ``r`` a residual."""
    ranks = names.ranks()
    wishes = []
    for name, tree in lines:
        if name:
            found = ranks_of(parts_first([tree]), lambda text: ranks.get(text, 0))
            ranks[name] = found[tree.digest]
            wishes.append(wished(tree, ranks[name]))
    chosen = named(wishes, names.taken, names.fresh)
    given = [name for name, _ in lines if name]
    new = {Name(old).digest: Name(name) for old, name in zip(given, chosen, strict=True)}
    trees = transformed([tree for _, tree in lines], lambda tree: new.get(tree.digest, tree))
    return list(zip([*chosen, *("" for _ in lines[len(chosen) :])], trees, strict=True))


def bracketed(trees: Iterable[Tree]) -> list[Tree]:
    """Parts that stand in several places are written the same way in all of them.

    ``-a @ b`` is ``(-a) @ b`` to Python and shares nothing with ``a @ b``: it keeps brackets.
    """
    given = list(trees)
    uses = _uses(parts_first(given), given)

    def change(tree: Tree) -> Tree:
        if isinstance(tree, Unary) and _is_product(tree.operand) and uses[tree.operand.digest] > 1:
            return Unary(tree.operator, Group(tree.operand))
        if isinstance(tree, Scaled) and _is_product(tree.body) and uses[tree.body.digest] > 1:
            return Binary("*", tree.factor, tree.body)
        if isinstance(tree, Call) and tree.keyword("keepdims") is not None:
            return _indexed(tree, uses)
        return tree

    return transformed(given, change)


def _indexed(tree: Call, uses: Counter[int]) -> Tree:
    """A reduction that keeps its axes as the one that does not, where that stands elsewhere."""
    axis = tree.keyword("axis")
    left = tuple((name, value) for name, value in tree.keywords if name != "keepdims")
    plain = Call(tree.function, tree.arguments, left)
    if not uses[plain.digest] or not isinstance(axis, Number) or axis.text not in ("0", "1"):
        return tree
    keys = (Name("None"), Slice()) if axis.text == "0" else (Slice(), Name("None"))
    return Index(plain, keys)


def _is_product(tree: Tree) -> bool:
    return isinstance(tree, Binary) and tree.operator in _PRODUCTS


def _uses(order: Iterable[Tree], roots: Iterable[Tree]) -> Counter[int]:
    uses = Counter(part.digest for tree in order for part in tree.children)
    uses.update(root.digest for root in roots)
    return uses


class _Cutter:
    """Chooses what gets a name."""

    def __init__(self, trees: Sequence[Tree], names: Names) -> None:
        self.trees = trees
        self.names = names
        self.order = parts_first(trees)
        self.uses = _uses(self.order, trees)
        self.widths: dict[int, int] = {}
        self.done: dict[int, Tree] = {}
        self.named: list[tuple[str, Tree]] = []

    def lines(self) -> list[tuple[str, Tree]]:
        roots = {tree.digest for tree in self.trees}
        for tree in self.order:
            parts = tree.children
            width = len(tree.word) + 2 + sum(self.widths[part.digest] for part in parts)
            fresh = tuple(self.done[part.digest] for part in parts)
            same = all(a is b for a, b in zip(fresh, parts, strict=True))
            written = tree if same else rebuilt(tree, fresh)
            lone_root = tree.digest in roots and self.uses[tree.digest] == 1
            if not lone_root and self._deserves(tree, width):
                name = f"{_PART}{len(self.named) + 1}"
                self.named.append((name, written))
                written, width = Name(name), len(name)
            self.done[tree.digest], self.widths[tree.digest] = written, width
        return [*self.named, *(("", self.done[tree.digest]) for tree in self.trees)]

    def _deserves(self, tree: Tree, width: int) -> bool:
        if not isinstance(tree, _BOUND) or width < _LEAST:
            return False
        repeats = self.uses[tree.digest] - 1
        saves = _SAVES_CALL if isinstance(tree, Call) and "." in tree.function else _SAVES
        return width * repeats >= saves or width > _LINE
