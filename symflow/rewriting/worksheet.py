"""A derivation laid out for reading: sections of equations, briefly or in full.

A worked derivative has sections for the function, the names of its parts, their differentials,
the pairings that lead down to the differential of the variable, and what is read off.  A brief
reading leaves out the single rules inside a part and the middle of long sections.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symflow.core.dims import Shape
from symflow.errors import DomainError
from symflow.rewriting.layouts import DEFAULT, checked_layout, laid_out
from symflow.rewriting.sides import Side, TextPen, Value

DETAILS = ("brief", "full")
_MOST = 14  # lines of a section in a brief reading
_TITLES = {
    "recognise": "Functions that are spelled out",
    "function": "",
    "let": "Let",
    "differential": "Differentials",
    "pairing": "Collect d{variable}",
    "result": "Read off ({layout} layout)",
    "simplify": "Rewriting of the whole form",
}


@dataclass(frozen=True)
class Line:
    """An equation of a section.

    Attributes:
        left: None where it is that of the line above.
        right: the right side.
        rule: what leads to it.
        law: the rule as a mathematician writes it.
        source: where that is stated.
        shape: of what it is about.
        detail: whether a brief reading leaves it out.
        figure: how far the two sides are apart on random data.
    """

    left: Side | None
    right: Side
    rule: str = ""
    law: str = ""
    source: str = ""
    shape: Shape = ()
    detail: bool = False
    figure: Any = None


@dataclass(frozen=True)
class Section:
    """Some equations under a title, ``omitted`` of them left out after the first ``kept``."""

    title: str
    lines: tuple[Line, ...]
    omitted: int = 0
    kept: int = 0


@dataclass(frozen=True)
class Worksheet:
    """What is shown of a derivation.

    Attributes:
        sections: the equations.
        verdict: the comparison of the whole with an independent computation.
        detail: ``"brief"`` or ``"full"``.
    """

    sections: tuple[Section, ...]
    verdict: Any = None
    detail: str = "brief"


def worksheet(
    derivation: Any, detail: str = "brief", *, figures: bool = False, layout: str = DEFAULT
) -> Worksheet:
    """A derivation laid out.

    Args:
        derivation: any.
        detail: ``"brief"`` for the steps that matter, ``"full"`` for all.
        figures: check every step, and the whole, on random data.
        layout: of a derivative: ``"output + variable"``, ``"numerator"`` or ``"denominator"``.

    Raises:
        DomainError: for another detail or layout.
    """
    layout = checked_layout(layout)
    if detail not in DETAILS:
        raise DomainError(f"unknown detail {detail!r}; known: {', '.join(DETAILS)}")
    steps = [step for step in derivation.steps if detail == "full" or not step.detail]
    sections = []
    seen: set[tuple[str, str]] = set()
    for phase, group in _grouped(steps):
        if phase == "function":
            seen.clear()  # another order is told from its beginning
        lines = list(_lines(group, seen, figures=figures))
        if lines:
            title = _TITLES.get(phase, "").format(variable=derivation.variable, layout=DEFAULT)
            sections.append(_section(title, lines, detail))
    if layout != DEFAULT and derivation.variable is not None:
        sections.append(_laid_out(derivation, layout))
    if derivation.function is None:
        ends = Value(derivation.start), Value(derivation.result)
        first, last = (Section("", (Line(None, end),)) for end in ends)
        sections = [first, *sections, last]
    verdict = derivation.verify() if figures and derivation.verifier is not None else None
    return Worksheet(tuple(sections), verdict, detail)


def _laid_out(derivation: Any, layout: str) -> Section:
    """The result with its axes in another order."""
    shown = laid_out(derivation.result, derivation.variable, layout)
    last = [step for step in derivation.steps if step.phase == "result"][-1]
    left = last.sides[0]
    line = Line(left, Value(shown), shape=shown.shape)
    return Section(f"In {layout} layout", (line,))


def _grouped(steps: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Consecutive steps of one phase."""
    group: list[Any] = []
    current = ""
    for step in steps:
        if step.phase != current and group:
            yield current, group
            group = []
        current = step.phase
        group.append(step)
    if group:
        yield current, group


def _lines(steps: Sequence[Any], seen: set[tuple[str, str]], *, figures: bool) -> Iterator[Line]:
    """The equations of steps; neither a side that stands already nor an equation is repeated."""
    pen = TextPen()
    before = ("", "")
    head: Side | None = None  # the left side of a chain whose first line stands elsewhere
    for step in steps:
        left, right = step.sides
        texts = left.write(pen), right.write(pen)
        if texts[0] == texts[1] or (step.detail and before[1] in texts):
            continue  # a single rule that makes the line above or the line below
        chained = not step.detail and bool(before[0]) and texts[0] in before
        if texts in seen:
            if not step.detail and not chained:
                before, head = texts, left
            continue
        seen.add(texts)
        yield Line(
            head if chained else left,
            right,
            step.rule,
            step.note,
            step.source,
            step.shape,
            step.detail,
            step.check() if figures and step.rule else None,
        )
        if not step.detail:
            before, head = (before[0] if chained else texts[0], texts[1]), None


def _section(title: str, lines: Sequence[Line], detail: str) -> Section:
    excess = len(lines) - _MOST
    if detail == "full" or excess < 2:
        return Section(title, tuple(lines))
    half = _MOST // 2
    first = lines[len(lines) - half]
    if first.left is None:  # a chain is taken up again with its left side
        left = next(line.left for line in reversed(lines[: len(lines) - half]) if line.left)
        first = replace(first, left=left)
    shown = (*lines[:half], first, *lines[len(lines) - half + 1 :])
    return Section(title, shown, excess, half)
