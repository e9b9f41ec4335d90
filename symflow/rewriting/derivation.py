"""Derivations: what was rewritten into what, by which rule, where.

A step is local: the subterm before and after.  Its place and the whole form around it are worked
out only when they are asked for, so that a derivation over thousands of nodes stays linear.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar, overload

from symflow.core.dims import Shape
from symflow.core.node import Tensor
from symflow.errors import SymflowError
from symflow.rewriting.places import path_of_change, path_to
from symflow.rewriting.reading import (
    as_html,
    as_latex,
    as_markdown,
    as_text,
    plain_latex,
    plain_text,
)
from symflow.rewriting.replay import DIRECT, Change, Equal, Stage
from symflow.rewriting.sides import Side, Value, pen_for
from symflow.rewriting.worksheet import Worksheet, worksheet

Path = tuple[int, ...]
Item = TypeVar("Item")


class Deferred(Sequence[Item]):
    """A sequence that is worked out when it is first looked into."""

    def __init__(self, make: Callable[[], Sequence[Item]]) -> None:
        self._make = make
        self._items: tuple[Item, ...] | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """The items themselves."""
        if self._items is None:
            self._items = tuple(self._make())
        return self._items

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, place: int | slice) -> Item | tuple[Item, ...]:
        return self.items[place]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.items == tuple(other)

    def __hash__(self) -> int:
        return hash(self.items)

    def __repr__(self) -> str:
        return repr(self.items)


@dataclass(frozen=True)
class Figure:
    """What a step's two sides give on random data.

    Attributes:
        relative: the largest difference, relative to the largest entry.
        tolerance: up to this, they agree.
        against: what was compared.
    """

    relative: float
    tolerance: float
    against: str = "both sides"

    def __bool__(self) -> bool:
        return self.relative <= self.tolerance

    def __str__(self) -> str:
        word = "agrees" if self else "DISAGREES"
        return f"{word}, relative error {self.relative:.0e}"


@dataclass(frozen=True)
class Step:
    """One use of one rule.

    Attributes:
        rule: name of the rule, or of the pass.
        before: the subterm that the rule met.
        after: what the rule made of it.
        source: where the rule is stated (a book's equation).
        note: a word for the reader.
        law: the rule itself, where there is one.
        phase: the part of a worked solution that the step belongs to.
        detail: whether a brief reading leaves it out.
    """

    rule: str
    before: Tensor
    after: Tensor
    source: str = ""
    note: str = ""
    law: Any = field(default=None, repr=False, compare=False)
    locate: Callable[[], Path] | None = field(default=None, repr=False, compare=False)
    measure: Callable[["Step"], Figure] | None = field(default=None, repr=False, compare=False)
    phase: str = field(default="simplify", compare=False)
    detail: bool = field(default=False, compare=False)

    @property
    def place(self) -> Path:
        """Where the step takes place in the whole form: which operand to follow, from the root.

        A node that occurs several times changes everywhere; this is the first occurrence.
        """
        return () if self.locate is None else self.locate()

    @property
    def binding(self) -> Mapping[str, Any]:
        """What the variables and sizes of the rule stand for; empty where no equation says."""
        bindings = getattr(self.law, "bindings", None)
        return {} if bindings is None else bindings(self.before, self.after)

    @property
    def sides(self) -> tuple[Side, Side]:
        """The left and the right side of the step, as a reader sees them."""
        return Value(self.before), Value(self.after)

    @property
    def shape(self) -> Shape:
        """The shape of what the step is about."""
        return self.after.shape

    def equation(self, show: Callable[[Any], str] = str) -> tuple[str, str]:
        """Both sides of the step as they are written (as text, or by ``sympy.latex``)."""
        pen = pen_for(show)
        left, right = self.sides
        return left.write(pen), right.write(pen)

    def check(self) -> Figure:
        """Both sides on random data.

        Returns:
            The largest relative difference; true where it is within the tolerance.

        Raises:
            SymflowError: for a step that belongs to no derivation that knows how to evaluate it.
        """
        if self.measure is None:
            raise SymflowError("this step belongs to no derivation that can evaluate its sides")
        return self.measure(self)

    def mapped(self, change: Callable[[Tensor], Tensor]) -> "Step":
        """The step with its nodes passed through a function, for reading."""
        return replace(self, before=change(self.before), after=change(self.after))

    def __str__(self) -> str:
        left, right = self.equation()
        return f"{self.rule}: {left} = {right}"


def step_of(change: Change) -> Step:
    """A change of a pass as a step for the reader."""
    law, before, after = change
    if isinstance(law, str):
        return Step(law, before, after)
    return Step(law.name, before, after, law.source, law=law)


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
        stages: the passes that the steps belong to; each step a pass of its own by default.
        measure: compares both sides of a step on random data; given likewise.
    """

    start: Tensor
    result: Tensor
    steps: Sequence[Step] = ()
    function: Tensor | None = None
    variable: Tensor | None = None
    order: int = 0
    complete: bool = True
    replay: Callable[[Step], bool] | None = field(default=None, repr=False, compare=False)
    verifier: Callable[..., Any] | None = field(default=None, repr=False, compare=False)
    stages: Sequence["Passage"] | None = field(default=None, repr=False, compare=False)
    measure: Callable[[Step], Figure] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        given = self.steps
        if self.stages is None:
            stages: Sequence[Passage] = Deferred(lambda: _one_by_one(self.start, given))
            object.__setattr__(self, "stages", stages)
        object.__setattr__(self, "steps", Deferred(lambda: self._located(given)))

    def _located(self, steps: Sequence[Step]) -> list[Step]:
        return [
            replace(step, locate=partial(self._place, number), measure=self.measure)
            for number, step in enumerate(steps)
        ]

    @property
    def shown(self) -> tuple[Step, ...]:
        """The steps that can be read off: not those that reorder what is written alike."""
        return tuple(step for step in self.steps if len(set(step.equation())) > 1)

    def check(self) -> bool:
        """Replay every step, and the way of the whole form from the start to the result.

        Returns:
            True; what does not hold raises.

        Raises:
            SymflowError: naming the first step whose rule does not give what was recorded, or
                the place at which the steps do not lead on.
        """
        if self.replay is None:
            raise SymflowError("this derivation was built without its rules: it cannot be replayed")
        for number, step in enumerate(self.steps, 1):
            if not self.replay(step):
                raise SymflowError(f"step {number} does not hold: {step}")
        self._check_chain()
        return True

    def _check_chain(self) -> None:
        current, number = self.start, 0
        for passage in self.stages or ():
            number += passage.count
            if passage.start is not current or passage.form(passage.count) is not passage.result:
                raise SymflowError(f"the steps up to step {number} do not lead to the form there")
            current = passage.result
        if current is not self.result:
            raise SymflowError(
                f"the steps lead to {current}, not to the result {self.result}: a step is missing"
            )

    def verify(self, **options: Any) -> Any:
        """Compare the result with an independent computation on random data."""
        if self.verifier is None:
            raise SymflowError("this derivation knows no independent computation to compare with")
        return self.verifier(self, **options)

    def forms(self) -> Iterator[tuple[str, Tensor]]:
        """The whole expression at the start and after each step, with the rule that led to it."""
        yield "start", self.start
        for number, step in enumerate(self.steps, 1):
            yield step.rule, self.form(number)

    def form(self, number: int) -> Tensor:
        """The whole expression after so many steps.

        Raises:
            IndexError: for a number below 0 or above that of the steps.

        >>> import symflow as sf, symflow.numpy as snp
        >>> x = sf.vector("x", "n")
        >>> d = sf.derivation(snp.sin(snp.log(snp.exp(x))))
        >>> d.form(0), d.form(1), d.steps[0].place
        (sin(log(exp(x))), sin(x), (0,))
        """
        if not 0 <= number <= len(self.steps):
            raise IndexError(f"there are {len(self.steps)} steps; there is no form {number}")
        current = self.start
        for passage in self.stages or ():
            if number < passage.count:
                return passage.form(number) if number else current
            number -= passage.count
            current = passage.result
        return current

    def _place(self, number: int) -> Path:
        before, after = self.form(number), self.form(number + 1)
        path = path_to(before, self.steps[number].before)
        return path_of_change(before, after) if path is None else path

    # ------------------------------------------------------------------ reading

    def text(self, detail: str = "brief", **options: Any) -> str:
        """The derivation as text.

        A derivative reads as a worked solution; rewriting is told as start, rules and result.

        Args:
            detail: ``"brief"`` for the steps that matter, ``"full"`` for every rule.
            options: ``figures=True`` checks every step, and the whole, on random data and says
                how far they agree; ``layout="numerator"`` or ``"denominator"`` shows the result
                in that layout, too.

        Raises:
            DomainError: for another detail or layout.

        >>> import symflow as sf, symflow.numpy as snp
        >>> X, w = sf.matrix("X", "n", "d"), sf.vector("w", "d")
        >>> print(sf.derive(snp.sum((X @ w) ** 2), w).text())
        f = sum((X @ w) ** 2)
        Let
          z = X @ w  (n,)
          f = z @ z
        Differentials
          df = 2 * z @ dz  [d-square]
          dz = X @ dw      [d-linear]
        Collect dw
          df = <2 * z, dz>        [transpose]
             = <2 * X.T @ z, dw>  [transpose]
        Read off (output + variable layout)
          df/dw = 2 * X.T @ z        [read off]  (d,)
                = 2 * X.T @ (X @ w)  (d,)
        """
        if self.function is None:
            return plain_text(self.start, self.shown, self.result)
        return as_text(self.worksheet(detail, **options))

    def latex(self, detail: str = "brief", **options: Any) -> str:
        """The derivation as aligned lines of LaTeX; arguments as for :meth:`text`."""
        if self.function is None:
            return plain_latex(self.start, self.shown, self.result)
        return as_latex(self.worksheet(detail, **options))

    def markdown(self, detail: str = "brief", **options: Any) -> str:
        """The derivation as Markdown with LaTeX in it; arguments as for :meth:`text`."""
        return as_markdown(self.worksheet(detail, **options))

    def html(self, detail: str = "full", **options: Any) -> str:
        """The derivation as HTML with MathML in it, which needs neither scripts nor a network.

        Arguments as for :meth:`text`; single rules are folded under their line.
        """
        return as_html(self.worksheet(detail, **options))

    def worksheet(self, detail: str = "brief", **options: Any) -> Worksheet:
        """The derivation laid out in sections; arguments as for :meth:`text`."""
        return worksheet(self, detail, **options)

    def __str__(self) -> str:
        return self.text()

    def _repr_latex_(self) -> str:
        return "$$" + self.latex() + "$$"


@dataclass(frozen=True)
class Passage:
    """A part of a derivation: one whole form, some steps, another whole form.

    Attributes:
        start: the form before.
        result: the form after.
        count: the number of steps.
        form: the whole form after so many of them.
    """

    start: Tensor
    result: Tensor
    count: int
    form: Callable[[int], Tensor] = field(repr=False)


def derived(
    start: Tensor,
    result: Tensor,
    stages: Sequence[Stage],
    equal: Equal | None = None,
    **options: Any,
) -> Derivation:
    """The derivation that the passes over one graph make.

    Args:
        start: the expression at the beginning.
        result: the expression at the end.
        stages: the passes in order; what their changes leave open becomes a step of its own.
        equal: whether two nodes are known to be equal.
        options: attributes of :class:`Derivation`.
    """
    steps: list[Step] = []
    passages = []
    for stage in stages:
        settled = stage.settled(equal)
        if settled.changes:
            steps.extend(map(step_of, settled.changes))
            passages.append(passage_of(settled))
    return Derivation(start, result, tuple(steps), stages=tuple(passages), **options)


def passage_of(stage: Stage) -> Passage:
    """A pass over one graph as a part of a derivation."""

    def form(count: int) -> Tensor:
        return stage.reached(count)[0]

    return Passage(stage.start[0], stage.result[0], len(stage.changes), form)


def _one_by_one(start: Tensor, steps: Sequence[Step]) -> tuple[Passage, ...]:
    """Steps that each replace a subterm wherever it stands."""
    passages = []
    current = start
    for step in steps:
        stage = Stage([current], [current], [(step.rule, step.before, step.after)], DIRECT)
        stage.result = stage.reached()
        passages.append(passage_of(stage))
        current = stage.result[0]
    return tuple(passages)
