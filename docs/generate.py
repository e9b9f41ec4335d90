"""Write the generated parts of the documentation: the catalogue, the picture in the README."""

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import symflow as sf
from rewrites import presets
from rewrites.expansion import multiplied_out
from rewrites.search import search
from symflow.api.text import text
from symflow.frontend import digits
from symflow.rewriting.rule import Procedure, Rule, Theory, bare

HERE = Path(__file__).resolve().parent


def network_picture() -> str:
    """The data flow of the network of the demo."""
    model = digits.network()
    title = "A dense network with softmax cross-entropy"
    return sf.graph(model.loss, names=model.names).svg(title)


# --------------------------------------------------------------------------- the catalogue

_SETS = {
    "readable": presets.READABLE,
    "display": presets.DISPLAY,
    "expanded": presets.EXPANDED,
    "recognise": presets.RECOGNISE,
    "spelled out": presets.SPELLED_OUT,
    "cancelling": presets.CANCELLING,
    "stable": presets.STABLE,
}
_HEAD = """# The catalogue

Every rule that `symflow` rewrites with, by theory; `make docs` writes this page. A rule is used
from left to right, wherever a part of an expression matches its left side: in any order of
factors and terms, transposed, batched, inside longer products and sums.

Names stand for what their kinds say: `x`, `y`, `z` without a kind are real numbers, entries of
tensors of any shape; `v: Vector[n]` is a tensor seen along some axes, `A: Square[n]` a matrix,
other axes being batch. A rule applies only where its kinds and conditions are known to hold.
Grades: an *exact* rule is defined where its left side is; one that *widens* also where that is not
(at singular matrices, at `x / x` with `x = 0`); one that *narrows* is not defined everywhere.
A *law* holds for a family of operations or any number of axes and is computed, not matched.
"""


def catalogue() -> str:
    """The text of ``catalogue.md``."""
    rules = list(presets.CATALOGUE.values())
    laws = sum(isinstance(rule, Procedure) for rule in rules)
    counts = f"{len(rules) - laws} equations and {laws} laws."
    return "\n".join([_HEAD, counts, *(_section(theory) for theory in theories())]).rstrip() + "\n"


def theories() -> Iterator[Theory]:
    """The theories of all sets, each once."""
    seen: set[str] = set()
    shown = {rule.name for theory in presets.EVERY_THEORY for rule in theory}
    by_cost = tuple(rule for rule in search if rule.name not in shown)
    searched = Theory("search by cost", "Used in both directions where that is cheaper.", by_cost)
    for theory in (*presets.EVERY_THEORY, multiplied_out, searched):
        if theory.name not in seen:
            seen.add(theory.name)
            yield theory


def _section(theory: Theory) -> str:
    lines = [f"\n## {theory.name[0].upper()}{theory.name[1:]}\n", _paragraph(theory), ""]
    lines += ["| rule | equation | where | grade | source |", "|---|---|---|---|---|"]
    lines += [_row(rule) for rule in theory]
    return "\n".join(lines)


def _paragraph(theory: Theory) -> str:
    used = [name for name, rules in _SETS.items() if any(r in rules.rules for r in theory)]
    doc = " ".join(theory.doc.split()).replace("``", "`")
    return f"{doc} Used in: {', '.join(used)}." if used else doc


def _row(rule: Any) -> str:
    if not isinstance(rule, Rule):
        law = " ".join(rule.law.split()).replace("``", "`").rstrip(".")
        cells = [rule.name, f"law: {law if '`' in law else f'`{law}`'}", "", "exact", rule.source]
    else:
        cells = [rule.name, f"`{_equation(rule)}`", _conditions(rule), rule.grade, rule.source]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _equation(rule: Rule) -> str:
    """The equation in a line, shared parts named after it."""
    *shared, left = text(bare(rule.left)).splitlines()
    *more, right = text(bare(rule.right)).splitlines()
    names = [line for line in (*shared, *more) if line]
    return f"{left} = {right}" + (f" with {', '.join(dict.fromkeys(names))}" if names else "")


def _conditions(rule: Rule) -> str:
    """The kinds of the variables that a rule has, and its further conditions."""
    kinds = [
        f"{variable.name}: {_kind(str(kind))}"
        for variable, kind in rule.kinds.items()
        if str(kind) != "Real" and variable in _variables(rule)
    ]
    return "; ".join([*kinds, *(_condition(condition) for condition in rule.where)])


def _variables(rule: Rule) -> set[Any]:
    return set(rule.left.walk())


def _kind(text: str) -> str:
    """``Square[n, n]`` as ``Square[n]``, as it is written."""
    name, _, sizes = text.partition("[")
    several = sizes.rstrip("]").split(", ")
    square = name != "Matrix" and len(set(several)) == 1
    return f"{name}[{several[0]}]" if sizes and square else text


def _condition(condition: Any) -> str:
    """The name of a condition and what it speaks of."""
    name = condition.__qualname__.partition(".")[0].replace("_", " ").strip()
    about: list[str] = []
    pending = [cell.cell_contents for cell in condition.__closure__ or ()]
    while pending:
        value = pending.pop(0)
        if isinstance(value, tuple):
            pending[:0] = value
        elif callable(value):
            about.append(_condition(value))
        else:
            about.append(str(value).rpartition(".")[2] if hasattr(value, "shape") else str(value))
    return f"{name}({', '.join(about)})" if about else name


PAGES = {"network.svg": network_picture, "catalogue.md": catalogue}

if __name__ == "__main__":
    for name, made in PAGES.items():
        (HERE / name).write_text(made(), encoding="utf-8")
        print(f"wrote {HERE / name}")
    for name in (  # to a minute each
        "coverage_page.py",
        "stability.py",
        "sympy_comparison.py",
        "matrix_cookbook.py",
    ):
        runpy.run_path(str(HERE / name), run_name="__main__")
