"""Results on the screen and in files: formats, steps, figures."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

import symflow as sf
from symflow.core.dims import show_shape

# Formats of one expression, and of a program that computes several.
EXPRESSION_FORMATS = ("text", "unicode", "latex")
PROGRAM_FORMATS = ("numpy", "jax")


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        """Whoever read the output has gone: for the command line to settle."""
        raise BrokenPipeError


def screen() -> Console:
    """Standard output, plain where it is no terminal."""
    return _Screen(highlight=False, markup=False, soft_wrap=True)


def notes() -> Console:
    """Standard error: what is said beside the result."""
    return Console(stderr=True, highlight=False, markup=False, soft_wrap=True, style="dim")


def deliver(text: str, target: Path | None) -> None:
    """Write a result to a file, or to standard output."""
    if target is None:
        screen().print(text)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
    notes().print(f"wrote {target}")


def written(expression: Any, form: str) -> str:
    """One expression in one of the formats of expressions."""
    writers = {"text": sf.text, "unicode": sf.pretty, "latex": sf.latex}
    return str(writers[form](expression))


def formatted(results: Mapping[str, Any], form: str) -> str:
    """Named expressions: each with its name where there are several, programs as one.

    Args:
        results: expressions by name.
        form: one of the formats of expressions or programs.
    """
    if form in PROGRAM_FORMATS:
        return str(sf.export(list(results.values()), form))
    texts = {name: written(expression, form) for name, expression in results.items()}
    if len(texts) == 1:
        return next(iter(texts.values()))
    return "\n".join(_named(name, text) for name, text in texts.items())


def _named(name: str, text: str) -> str:
    lines = text.split("\n")
    return f"{name} = {text}" if len(lines) == 1 else "\n".join([f"{name} =", *lines])


def described(expression: Any) -> dict[str, Any]:
    """An expression for JSON: its text, LaTeX, rank, shape and type."""
    return {
        "text": sf.text(expression),
        "latex": sf.latex(expression),
        "rank": sf.rank_name(expression),
        "shape": [size if isinstance(size, int) else str(size) for size in expression.shape],
        "dtype": expression.dtype,
    }


def steps_of(derivation: Any) -> list[dict[str, str]]:
    """The steps of a derivation for JSON."""
    return [
        {
            "rule": step.rule,
            "before": left,
            "after": right,
            "source": step.source,
            "note": step.note,
        }
        for step in derivation.shown
        for left, right in [step.equation()]
    ]


def figures_of(verification: Any) -> dict[str, Any]:
    """What a verification found, for JSON."""
    return {
        "ok": verification.ok,
        "against": verification.against,
        "tolerance": verification.tolerance,
        "checks": [
            {
                "sizes": dict(check.sizes),
                "entries": check.entries,
                "absolute": _figure(check.absolute),
                "relative": _figure(check.relative),
            }
            for check in verification.checks
        ],
    }


def _figure(value: float) -> float | str:
    """JSON has no infinity."""
    return value if math.isfinite(value) else str(value)


def as_json(content: Mapping[str, Any]) -> str:
    """JSON with letters of all alphabets kept."""
    return json.dumps(content, indent=2, ensure_ascii=False)


def show_steps(name: str, derivation: Any, console: Console) -> None:
    """Print a derivative as it is worked out, rewriting rule by rule."""
    if derivation.function is not None:
        console.print(name, style="bold")
        _indented(derivation.text(), console)
        console.print()
        return
    count = len(derivation.shown)
    how = f"in {count} step{'' if count == 1 else 's'}" if count else "at once"
    console.print(f"{name} {how}", style="bold")
    _indented(str(derivation.start), console)
    for number, step in enumerate(derivation.shown, 1):
        aside = "; ".join(word for word in (step.note, step.source) if word)
        console.print(f"{number:3}  {step.rule}", style="cyan", end="")
        console.print(f"  ({aside})" if aside else "", style="dim")
        before, after = step.equation()
        _indented(before, console)
        _indented(f"= {after}", console)
    console.print()


def _indented(text: str, console: Console) -> None:
    for line in text.split("\n"):
        console.print(f"       {line}")


def rank_and_shape(expression: Any) -> str:
    """As ``matrix (n, d)``; a scalar has no shape to tell."""
    name = sf.rank_name(expression)
    return f"{name} {show_shape(expression.shape)}" if expression.shape else str(name)
