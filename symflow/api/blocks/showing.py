"""Blocks as tables: the variables on the borders, long blocks named in place and told below."""

from collections.abc import Callable, Sequence
from functools import partial

from symflow.api.structure import LATEX, PRETTY
from symflow.calculus.structure import Dense, structure_of
from symflow.calculus.structure.notation import Notation
from symflow.core import Tensor
from symflow.export.latex import to_latex
from symflow.export.pretty import to_pretty
from symflow.export.text import statements
from symflow.notation.formula import Formula
from symflow.notation.tree import python_text

_WIDEST = 48  # characters of a block that stands in its place
_LONGEST_HEAD = 16
_ONE_LINE = 10_000

Write = Callable[[Tensor], str]
Rows = Sequence[Sequence[Tensor]]
Heads = Sequence[Tensor]


def grid_text(rows: Heads, columns: Heads, blocks: Rows, ranks: Sequence[int]) -> str:
    """The blocks as text.

    Args:
        rows: what the rows belong to; empty for one row without a name.
        columns: the variables.
        blocks: the blocks.
        ranks: how many axes of the blocks of each row belong to the row.
    """
    flat = [block for row in blocks for block in row]
    texts = [python_text(tree) for tree in Formula(flat).trees]
    above, beside = _heads(columns, str, "x"), _heads(rows, str, "f")
    names = _names(beside, above)
    long = [k for k, text in enumerate(texts) if len(text) > _WIDEST]
    below: list[str] = []
    if long:
        formula = Formula([flat[k] for k in long])
        told = statements(formula.trees, formula.names)
        below += [f"{name} = {python_text(tree)}" for name, tree in told if name]
        finals = [python_text(tree) for name, tree in told if not name]
        below += [f"{names[k]} = {text}" for k, text in zip(long, finals, strict=True)]
    return _table(beside, above, _cells(texts, names), below)


def grid_pretty(rows: Heads, columns: Heads, blocks: Rows, ranks: Sequence[int]) -> str:
    """The blocks in Unicode; arguments as of :func:`grid_text`."""
    write = partial(to_pretty, max_chars=_ONE_LINE)
    texts = [text for line in _written(blocks, ranks, PRETTY, write) for text in line]
    above, beside = _heads(columns, write, "x"), _heads(rows, write, "f")
    names = _names(beside, above)
    below = [
        f"{name} = {text}" for name, text in zip(names, texts, strict=True) if len(text) > _WIDEST
    ]
    return _table(beside, above, _cells(texts, names), below)


def grid_latex(rows: Heads, columns: Heads, blocks: Rows, ranks: Sequence[int]) -> str:
    """The blocks as a LaTeX array; arguments as of :func:`grid_text`."""
    write = partial(to_latex, max_chars=_ONE_LINE)
    lines = _written(blocks, ranks, LATEX, write)
    above, beside = _heads(columns, write, "x", 60), _heads(rows, write, "f", 60)
    if beside:
        above = ["", *above]
        lines = [[head, *line] for head, line in zip(beside, lines, strict=True)]
    form = ("c|" if beside else "") + "c" * len(columns)
    body = r" \\ ".join(" & ".join(line) for line in lines)
    return rf"\begin{{array}}{{{form}}} {' & '.join(above)} \\ \hline {body} \end{{array}}"


def _written(
    blocks: Rows, ranks: Sequence[int], notation: Notation, write: Write
) -> list[list[str]]:
    """The formulas of blocks; a block of rank 3 or more by its structure, where it has one."""
    found: list[list[str]] = []
    for line, rank in zip(blocks, ranks, strict=True):
        texts = []
        for block in line:
            form = structure_of(block, rank) if block.rank > 2 else None
            known = form is not None and not isinstance(form, Dense)
            texts.append(form.written(notation).text if known and form else write(block))
        found.append(texts)
    return found


def _heads(heads: Heads, write: Write, letter: str, longest: int = _LONGEST_HEAD) -> list[str]:
    """What stands on a border: variables by name, long expressions by number."""
    texts = [write(head) for head in heads]
    return [
        text if len(text) <= longest and "\n" not in text else f"{letter}{number}"
        for number, text in enumerate(texts, 1)
    ]


def _names(rows: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Names for the blocks, as they are looked up."""
    if not rows:
        return [f"G[{column}]" for column in columns]
    return [f"H[{row}, {column}]" for row in rows for column in columns]


def _cells(texts: Sequence[str], names: Sequence[str]) -> list[str]:
    """What stands in the table: short formulas, or names."""
    return [text if len(text) <= _WIDEST else name for text, name in zip(texts, names, strict=True)]


def _table(
    rows: Sequence[str], columns: Sequence[str], cells: Sequence[str], below: Sequence[str]
) -> str:
    """Cells in columns of one width each."""
    count = len(columns)
    lines = [list(columns), *(list(cells[k : k + count]) for k in range(0, len(cells), count))]
    heads = ["", *rows] if rows else [""] * len(lines)
    left = max(map(len, heads))
    widths = [max(len(line[k]) for line in lines) for k in range(count)]
    drawn = []
    for number, (head, line) in enumerate(zip(heads, lines, strict=True)):
        placed = [
            cell.center(width) if number == 0 else cell.ljust(width)
            for cell, width in zip(line, widths, strict=True)
        ]
        drawn.append("   ".join([head.ljust(left), *placed] if rows else placed).rstrip())
    return "\n".join([*drawn, *(["where", *(f"  {line}" for line in below)] if below else [])])
