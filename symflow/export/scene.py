"""What LaTeX and Unicode start from: the lines of a formula and the ranks of their parts."""

from collections.abc import Sequence

from symflow.core import Tensor
from symflow.export.ranks import ranks_of
from symflow.export.text import MAX_CHARS, statements
from symflow.notation.formula import Formula
from symflow.notation.tree import Tree
from symflow.notation.walks import parts_first

__all__ = ["MAX_CHARS", "Scene"]

_SHORT = 50  # characters of a formula in which nothing is named, however often it is repeated


class Scene:
    """A formula taken apart.

    Attributes:
        single: whether one expression was given.
        lines: names with what they stand for, then the formulas under empty names.
        ranks: the rank of every part, by digest.
    """

    def __init__(self, expressions: Tensor | Sequence[Tensor], max_chars: int = MAX_CHARS) -> None:
        self.single = isinstance(expressions, Tensor)
        formula = Formula([expressions] if isinstance(expressions, Tensor) else expressions)
        self.lines: list[tuple[str, Tree]] = statements(
            formula.trees, formula.names, min(max_chars, _SHORT)
        )
        known = formula.names.ranks()
        self.ranks: dict[int, int] = {}
        for name, tree in self.lines:
            found = ranks_of(parts_first([tree]), lambda text: known.get(text, 0))
            self.ranks |= found
            if name:
                known[name] = found[tree.digest]
