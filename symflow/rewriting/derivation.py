"""Derivations: what was rewritten into what, by which rule.

A step is local: the subterm before and after.  The whole form after each step is built only when
it is asked for, so that a derivation over thousands of nodes stays linear.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from symflow.core.node import Tensor
from symflow.core.walk import transform
from symflow.errors import SymflowError


@dataclass(frozen=True)
class Step:
    """One use of one rule.

    Attributes:
        rule: name of the rule.
        before: the subterm that the rule met.
        after: what the rule made of it.
        source: where the rule is stated (a book's equation).
        note: a word for the reader.
    """

    rule: str
    before: Tensor
    after: Tensor
    source: str = ""
    note: str = ""

    def __str__(self) -> str:
        return f"{self.rule}: {self.before} = {self.after}"


@dataclass(frozen=True)
class Derivation:
    """A result together with the steps that lead to it.

    Attributes:
        start: the expression at the beginning.
        result: the expression at the end.
        steps: what happened between.
        function: for a derivative, the function.
        variable: for a derivative, the variable.
        order: for a derivative, its order.
        complete: False when a bound was passed and the result is the best so far.
        replay: says whether a step holds; given by the floor that knows the rules.
        verifier: compares the result with an independent computation; given likewise.
    """

    start: Tensor
    result: Tensor
    steps: tuple[Step, ...] = ()
    function: Tensor | None = None
    variable: Tensor | None = None
    order: int = 0
    complete: bool = True
    replay: Callable[[Step], bool] | None = field(default=None, repr=False, compare=False)
    verifier: Callable[..., Any] | None = field(default=None, repr=False, compare=False)

    def check(self) -> bool:
        """Replay every step.

        Returns:
            True; a step that does not hold raises.

        Raises:
            SymflowError: naming the first step whose rule does not give what was recorded.
        """
        if self.replay is None:
            raise SymflowError("this derivation was built without its rules: it cannot be replayed")
        for number, step in enumerate(self.steps, 1):
            if not self.replay(step):
                raise SymflowError(f"step {number} does not hold: {step}")
        return True

    def verify(self, **options: Any) -> Any:
        """Compare the result with an independent computation on random data."""
        if self.verifier is None:
            raise SymflowError("this derivation knows no independent computation to compare with")
        return self.verifier(self, **options)

    def forms(self) -> Iterator[tuple[str, Tensor]]:
        """The whole expression at the start and after each step, with the rule that led to it."""
        current = self.start
        yield "start", current
        for step in self.steps:
            current = transform([current], {step.before: step.after}.get)[0]
            yield step.rule, current

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        width = max([6, *(len(step.rule) for step in self.steps)])
        rows = [("start", str(self.start))]
        rows += [
            (step.rule, f"{step.before}  =  {step.after}{_aside(step)}") for step in self.steps
        ]
        rows.append(("result", str(self.result)))
        lines = []
        for name, text in rows:
            first, *more = text.split("\n")
            lines.append(f"{name:<{width}}  {first}")
            lines.extend(" " * (width + 2) + line for line in more)
        return lines

    def latex(self) -> str:
        """Aligned lines for a LaTeX document, each labelled by its rule."""
        return aligned(
            [
                ("start", sp.latex(self.start), ""),
                *((s.rule, sp.latex(s.before), sp.latex(s.after)) for s in self.steps),
                ("result", sp.latex(self.result), ""),
            ]
        )

    def _repr_latex_(self) -> str:
        return "$$" + self.latex() + "$$"


def _aside(step: Step) -> str:
    words = "; ".join(word for word in (step.note, step.source) if word)
    return f"    ({words})" if words else ""


def aligned(rows: Sequence[tuple[str, str, str]]) -> str:
    """Equations under each other: label, left side and right side (may be empty)."""
    lines = []
    for label, left, right in rows:
        equation = rf"{left} &= {right}" if right else rf"& {left}"
        lines.append(rf"{equation} && \text{{({label})}}")
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"
