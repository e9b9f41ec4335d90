"""Worksheets as text, LaTeX, Markdown and HTML."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from symflow.core.dims import show_shape
from symflow.rewriting.sides import LatexPen, MathPen, Pen, TextPen
from symflow.rewriting.worksheet import Line, Section, Worksheet

READ = "read off"
_ROWS = 6  # lines of one formula in a brief reading
_WIDTH = 68  # up to here reasons stand in a column


def as_text(sheet: Worksheet) -> str:
    """Lines of text: equations under each other, reasons in brackets beside them."""
    pen = TextPen()
    out: list[str] = []
    told: set[str] = set()
    for section in sheet.sections:
        indent = "  " if section.title else ""
        out += [section.title] if section.title else []
        rows = [_written(line, pen) for line in section.lines]
        widths = [len(left) for left, _ in rows if len(left) < _WIDTH // 3]
        width = max(widths, default=0)
        most = _ROWS if sheet.detail == "brief" else None
        texts = [_equation(left, right, width, indent, most) for left, right in rows]
        lasts = [text.rpartition("\n")[2] for text in texts]
        column = max([len(last) for last in lasts if len(last) <= _WIDTH], default=0)
        for number, (line, text, last) in enumerate(zip(section.lines, texts, lasts, strict=True)):
            if section.omitted and number == section.kept:
                out.append(f'{indent}... ({section.omitted} more: detail="full")')
            reason = _reason(line, law=sheet.detail == "full" and line.law not in told)
            told.add(line.law)
            space = " " * max(column - len(last) + 2, 2)
            shape = _shape(line, full=sheet.detail == "full")
            aside = "  ".join(part for part in (f"[{reason}]" if reason else "", shape) if part)
            out.append(text + (space + aside if aside else ""))
    if sheet.verdict is not None:
        out.append(str(sheet.verdict))
    return "\n".join(out)


def _written(line: Line, pen: Pen) -> tuple[str, str]:
    return "" if line.left is None else line.left.write(pen), line.right.write(pen)


def _equation(left: str, right: str, width: int, indent: str, most: int | None) -> str:
    """``left = right``; more lines of the right side stand under the first, at most so many."""
    head = f"{indent}{left:<{width}} = "
    first, *more = right.split("\n")
    pad = " " * (len(indent) + 4)
    if not more:
        return head + first
    if most is not None and len(more) >= most:
        return f"{head}(a formula of {len(more) + 1} lines)"
    return "\n".join([head.rstrip(), *(pad + line for line in (first, *more))])


def _reason(line: Line, *, law: bool = False) -> str:
    words = [line.rule, line.law if law else "", line.source]
    if line.figure is not None:
        words.append(str(line.figure))
    return "; ".join(word for word in words if word)


def _shape(line: Line, *, full: bool) -> str:
    """The shape of what a line is about, where that is told."""
    told = line.shape and not line.detail and (full or not line.rule or line.rule == READ)
    return show_shape(line.shape) if told else ""


def plain_text(start: Any, steps: Sequence[Any], result: Any) -> str:
    """Steps that rewrite one expression: start, rules, result."""
    width = max([6, *(len(step.rule) for step in steps)])
    rows = [("start", str(start))]
    for step in steps:
        words = "; ".join(word for word in (step.note, step.source) if word)
        aside = f"    ({words})" if words else ""
        rows.append((step.rule, "  =  ".join(step.equation()) + aside))
    rows.append(("result", str(result)))
    lines = []
    for name, text in rows:
        first, *more = text.split("\n")
        lines.append(f"{name:<{width}}  {first}")
        lines.extend(" " * (width + 2) + line for line in more)
    return "\n".join(lines)


# ------------------------------------------------------------------------------- LaTeX


def as_latex(sheet: Worksheet) -> str:
    """Aligned equations, each with its reason."""
    rows: list[str] = []
    for section in sheet.sections:
        if section.title:
            rows.append(rf"& \textbf{{{_plain(section.title)}}}")
        rows += _latex_rows(section, full=sheet.detail == "full")
    if sheet.verdict is not None:
        rows.append(rf"& \text{{{_plain(_verdict(sheet.verdict))}}}")
    return _aligned(rows)


def _latex_rows(section: Section, *, full: bool) -> list[str]:
    pen = LatexPen()
    rows = []
    for number, line in enumerate(section.lines):
        if section.omitted and number == section.kept:
            rows.append(rf"& \vdots && \text{{({section.omitted} more)}}")
        left, right = _written(line, pen)
        reason = "; ".join(w for w in (_reason(line), _shape(line, full=full)) if w)
        aside = rf" && \text{{({_plain(reason)})}}" if reason else ""
        rows.append(f"{left} &= {right}{aside}")
    return rows


def _aligned(rows: Sequence[str]) -> str:
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def plain_latex(start: Any, steps: Sequence[Any], result: Any) -> str:
    """Steps that rewrite one expression: start, rules, result."""
    pen = LatexPen()
    rows = [rf"& {pen.node(start)} && \text{{(start)}}"]
    for step in steps:
        left, right = (side.write(pen) for side in step.sides)
        rows.append(rf"{left} &= {right} && \text{{({_plain(step.rule)})}}")
    return _aligned([*rows, rf"& {pen.node(result)} && \text{{(result)}}"])


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{sign: rf"\{sign}" for sign in "#$%&_{}"},
}


def _plain(text: str) -> str:
    """Text for LaTeX's text mode."""
    return re.sub(r"[\\^~<>#$%&_{}]", lambda found: _SPECIAL[found.group()], text)


def _verdict(verdict: object) -> str:
    """The first line of a verification, with the largest error."""
    word = str(verdict).partition("\n")[0]
    return f"{word}, relative error {getattr(verdict, 'error', 0.0):.0e}"


# ---------------------------------------------------------------------------- Markdown


def as_markdown(sheet: Worksheet) -> str:
    """Sections with displayed LaTeX; in full, the laws that were used stand below."""
    blocks: list[str] = []
    for section in sheet.sections:
        if section.title:
            blocks.append(f"**{section.title}**")
        blocks.append(f"$$\n{_aligned(_latex_rows(section, full=False))}\n$$")
    laws = _laws(sheet)
    if laws:
        blocks.append("\n".join(f"- {rule}: `{law}`{source}" for rule, law, source in laws))
    if sheet.verdict is not None:
        blocks.append(f"*{_verdict(sheet.verdict)}*")
    return "\n\n".join(blocks)


def _laws(sheet: Worksheet) -> list[tuple[str, str, str]]:
    found: dict[str, tuple[str, str, str]] = {}
    for section in sheet.sections:
        for line in section.lines:
            if line.law and "," not in line.rule:
                source = f" ({line.source})" if line.source else ""
                found.setdefault(line.rule, (line.rule, line.law, source))
    return list(found.values())


# -------------------------------------------------------------------------------- HTML

_STYLE = (
    ".symflow{font-family:system-ui,sans-serif;line-height:1.6}"
    ".symflow table{border-collapse:collapse}"
    ".symflow td{padding:.15em .5em;vertical-align:baseline}"
    ".symflow td:first-child{text-align:right}"
    ".symflow .why{color:#666;font-size:.85em;padding-left:2em}"
    ".symflow .detail td{font-size:.9em}"
    ".symflow h4{margin:.6em 0 .1em}"
)


def as_html(sheet: Worksheet) -> str:
    """A self-contained piece of HTML: MathML, which needs no script, with single rules folded."""
    body = "".join(_html_section(section) for section in sheet.sections)
    if sheet.verdict is not None:
        body += f"<p>{escape(_verdict(sheet.verdict))}</p>"
    return f'<div class="symflow"><style>{_STYLE}</style>{body}</div>'


def _html_section(section: Section) -> str:
    title = f"<h4>{escape(section.title)}</h4>" if section.title else ""
    out: list[str] = []
    rows: list[str] = []
    folded: list[str] = []

    def flush() -> None:
        if rows:
            out.append(f"<table>{''.join(rows)}</table>")
            rows.clear()
        if folded:
            inner = f'<table class="detail">{"".join(folded)}</table>'
            out.append(f"<details><summary>rule by rule</summary>{inner}</details>")
            folded.clear()

    for number, line in enumerate(section.lines):
        if section.omitted and number == section.kept:
            rows.append(f"<tr><td></td><td>⋮ ({section.omitted} more)</td></tr>")
        if folded and not line.detail:
            flush()
        (folded if line.detail else rows).append(_html_row(line))
    flush()
    return f"<section>{title}{''.join(out)}</section>"


def _html_row(line: Line) -> str:
    left, right = _written(line, MathPen())
    words = _reason(line), _shape(line, full=True)
    reason = escape("; ".join(word for word in words if word))
    hint = f' title="{escape(line.law, quote=True)}"' if line.law else ""
    start = f"<math>{left}</math>" if left else ""
    return (
        f'<tr><td>{start}</td><td><math display="inline"><mo>=</mo>{right}</math></td>'
        f'<td class="why"{hint}>{reason}</td></tr>'
    )
