"""``derive``: a derivative together with the steps that lead to it."""

from dataclasses import replace
from functools import partial
from typing import Any

import sympy as sp

from symflow.api.derivatives import differentiate
from symflow.api.figures import compared, differentiated
from symflow.api.simplify import derivation, replays
from symflow.api.verify import verify
from symflow.api.worked import Solution, Worked
from symflow.calculus import gradients, jacobians
from symflow.calculus.entries import loosened
from symflow.core import Tensor, as_tensor
from symflow.core.bridge import substitute
from symflow.errors import DomainError
from symflow.ops.closure import inline
from symflow.rewriting.derivation import Deferred, Derivation, Figure, Passage, Step


def derive(f: Any, x: Any, *, order: int = 1, structured: bool = False) -> Derivation:
    """The derivative of ``f`` by ``x`` with its derivation.

    Args:
        f: an expression; a scalar gives gradients and Hessians, others Jacobians. Calls of closed
            functions are unfolded first.
        x: a float variable, or entries of one, as ``X[i, j]`` or ``x[1:3]``.
        order: 1 for the first derivative, 2 for the second, and so on.
        structured: count tied entries of a structured variable as one parameter; the step that
            reads the derivative off says which it is.

    Returns:
        A derivation: ``.result``; ``.steps``, each with its rule, source and sides, and a
        ``.check()`` of its own on random data; ``.text()``, ``.latex()``, ``.markdown()`` and
        ``.html()``, brief or in full; ``.check()``; ``.verify()``.

        The steps are those of a worked solution.  Parts of the function get names, ``r = X @ w -
        y``; each has its differential, ``dr = X @ dw``; the inner product of the function's
        differential is brought to the form ``<G, dx>``, with ``<A, B> = sum(A * B)``, the trace of
        ``A.T @ B``; ``G`` is read off, simplified, and the names are put back.  A function that is
        no scalar has the product of its Jacobian with ``dx`` instead.  A higher order goes through
        the derivatives below it.

    Raises:
        DomainError: for an order below 1.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> x = sf.vector("x", "n")
    >>> d = sf.derive(snp.sum(snp.exp(x)), x)
    >>> print(d)
    f = sum(exp(x))
    Differentials
      df = exp(x) @ dx  [d-exp; DLMF 4.2]
    Collect dx
      df = <exp(x), dx>  [transpose]
    Read off (output + variable layout)
      df/dx = exp(x)  [read off]  (n,)
    """
    if order < 1:
        raise DomainError(f"the order of a derivative is 1 or more, got {order}")
    start: Tensor = inline(as_tensor(f))
    variable = as_tensor(x) if isinstance(x, sp.Symbol) else x
    current = start
    rounds: list[_Round] = []
    for number in range(1, order + 1):
        last = number == order
        rounds.append(_Round(current, variable, number, structured=structured, last=last))
        current = rounds[-1].result
    return Derivation(
        start=start,
        result=current,
        steps=Deferred(lambda: [step for one in rounds for step in one.steps]),
        function=start,
        variable=variable,
        order=order,
        complete=all(one.complete for one in rounds),
        replay=_replays,
        verifier=partial(verify, structured=structured),
        stages=Deferred(lambda: [passage for one in rounds for passage in one.passages]),
        measure=_measured,
    )


class _Round:
    """One order: composites recognised, the sweep, the result in readable form."""

    def __init__(
        self, function: Tensor, variable: Tensor, order: int, *, structured: bool, last: bool
    ) -> None:
        loose = loosened([variable])
        self.order = order
        self.structured = structured
        self.variable = variable
        self.by = variable if structured else substitute([variable], loose)[0]
        self.function = function
        self.recognised = derivation(substitute([function], loose)[0], goal="recognise")
        self.swept = self._swept()
        # before another derivative by a symmetric variable its symmetry may not be used
        self.restored = self._restored(self.swept, loose) if last else self.swept
        self.tidied = derivation(self.restored, goal="readable")
        self.result = self.tidied.result
        self.shown = self._restored(self.result, loose)
        self.complete = self.recognised.complete and self.tidied.complete
        self._worked: list[Step] | None = None

    def _swept(self) -> Tensor:
        function = self.recognised.result
        sweep = jacobians if function.shape else gradients
        (result,) = differentiate(sweep, function, [self.by], structured=self.structured)
        return result

    @staticmethod
    def _restored(x: Tensor, loose: dict[Tensor, Tensor]) -> Tensor:
        (restored,) = substitute([x], {free: whole for whole, free in loose.items()})
        return restored  # type: ignore[no-any-return]

    @property
    def worked(self) -> list[Step]:
        """The steps between the function and the derivative as the sweep leaves it."""
        if self._worked is None:
            self._worked = Solution(
                self.recognised.result,
                self.variable,
                self.shown,
                self.order,
                origin=self.recognised.start,
                structured=self.structured,
            ).steps()
        return self._worked

    @property
    def steps(self) -> list[Step]:
        """All steps."""
        recognised = [
            replace(step, phase="recognise", detail=True) for step in self.recognised.steps
        ]
        tidied = [replace(step, detail=True) for step in self.tidied.steps]
        return [*recognised, *self.worked, *tidied]

    @property
    def passages(self) -> list[Passage]:
        """The passes that they belong to."""
        count = len(self.worked)
        sweep = Passage(self.recognised.result, self.swept, count, self._form)
        start = self.recognised.start
        loosened = Passage(self.function, start, 0, lambda number: start)
        restored = Passage(self.swept, self.restored, 0, lambda number: self.restored)
        recognised, tidied = self.recognised.stages or (), self.tidied.stages or ()
        return [loosened, *recognised, sweep, restored, *tidied]

    def _form(self, number: int) -> Tensor:
        return self._swept() if number == len(self.worked) else self.recognised.result


def _replays(step: Step) -> bool:
    """Whether a step holds: by its rule, or for those of a sweep by values on random data."""
    return bool(_measured(step)) if isinstance(step, Worked) else replays(step)


def _measured(step: Step) -> Figure:
    """Both sides of a step on random data."""
    if not isinstance(step, Worked):
        return compared(step.before, step.after)
    if step.body is not None:
        return differentiated(step.body, step.after, step.moves, step.where)
    return compared(step.before, step.after, step.where)
