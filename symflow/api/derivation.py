"""``derive``: a derivative together with the steps that lead to it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from rewrites.differentials import standard
from symflow.api.derivatives import differentiate
from symflow.api.evaluation import agree
from symflow.api.simplify import derivation, replays
from symflow.api.verify import verify
from symflow.calculus import gradients, jacobians
from symflow.calculus.forward import tangent_of
from symflow.calculus.reverse import Pull
from symflow.core import Tensor, Variable, add_terms, as_tensor, contract
from symflow.core.dims import Dim
from symflow.errors import DomainError
from symflow.ops.closure import inline
from symflow.rewriting.derivation import Derivation, Passage, Step


def derive(f: Any, x: Any, *, order: int = 1, structured: bool = False) -> Derivation:
    """The derivative of ``f`` by ``x`` with its derivation.

    Args:
        f: an expression; a scalar gives gradients and Hessians, others Jacobians. Calls of closed
            functions are unfolded first.
        x: a float variable.
        order: 1 for the first derivative, 2 for the second, and so on.
        structured: count tied entries of a structured variable as one parameter.

    Returns:
        A derivation: ``.result``, ``.steps`` (each with its rule, before and after), ``.latex()``,
        ``.check()``, ``.verify()``.  Steps of the reverse sweep are equations of pairings,
        ``<g, dy> = <h, dx>`` with ``g`` the cotangent of ``y`` and ``h`` that of ``x``; a higher
        order goes through the derivatives below it.

    Raises:
        DomainError: for an order below 1.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> x = sf.vector("x", "n")
    >>> d = sf.derive(snp.sum(snp.exp(x)), x)
    >>> d.result, d.steps[0].rule
    (exp(x), 'd-exp')
    """
    if order < 1:
        raise DomainError(f"the order of a derivative is 1 or more, got {order}")
    start: Tensor = inline(as_tensor(f))
    variable = as_tensor(x) if isinstance(x, sp.Symbol) else x
    current = start
    steps: list[Step] = []
    passages: list[Passage] = []
    complete = True
    for _ in range(order):
        recognised = derivation(current, goal="recognise")
        sweep = _Sweep(recognised.result, variable, structured=structured)
        tidied = derivation(sweep.result, goal="readable")
        steps += [*recognised.steps, *sweep.steps, *tidied.steps]
        passages += [*(recognised.stages or ()), sweep.passage(), *(tidied.stages or ())]
        complete = complete and recognised.complete and tidied.complete
        current = tidied.result
    return Derivation(
        start=start,
        result=current,
        steps=tuple(steps),
        function=start,
        variable=variable,
        order=order,
        complete=complete,
        replay=_replays,
        verifier=verify,
        stages=tuple(passages),
    )


class _Sweep:
    """One reverse sweep: from a function to its derivative, with a step for each differential."""

    def __init__(self, function: Tensor, variable: Tensor, *, structured: bool) -> None:
        self.function = function
        self.variable = variable
        self.structured = structured
        pulls: list[Pull] = []
        self.result = self._swept(pulls.append)
        self.steps = [_pairing(pull) for pull in pulls]

    def _swept(self, record: Callable[[Pull], None] | None = None) -> Tensor:
        sweep = jacobians if self.function.shape else gradients
        (result,) = differentiate(
            sweep, self.function, [self.variable], structured=self.structured, record=record
        )
        return result

    def passage(self) -> Passage:
        """From the function to its derivative; between the two stand pairings alone."""
        count = len(self.steps)
        return Passage(self.function, self.result, count, self._form)

    def _form(self, number: int) -> Tensor:
        return self._swept() if number == len(self.steps) else self.function


@dataclass(frozen=True)
class Pairing(Step):
    """A step of reverse mode: ``<g, dy> = <h, dx> + ...``, with ``g`` the cotangent of ``y``.

    Attributes:
        pull: the use of a differential.
    """

    pull: Pull | None = field(default=None, repr=False, compare=False)

    def equation(self, show: Callable[[Any], str] = str) -> tuple[str, str]:
        """Both sides of the step as they are written.

        >>> import symflow as sf, symflow.numpy as snp
        >>> x, w = sf.vector("x", "n"), sf.vector("w", "n")
        >>> sf.derive(snp.sum(w * snp.sin(x)), x).steps[-1].equation()
        ('<w, d(sin(x))>', '<w * cos(x), dx>')
        """
        if self.pull is None:
            return super().equation(show)
        latex = show is not str
        pair = r"\left\langle {}, {} \right\rangle" if latex else "<{}, {}>"
        left = pair.format(show(self.pull.cotangent), _differential(self.pull.node, latex=latex))
        shares = [
            pair.format(show(share), _differential(operand, latex=latex))
            for operand, share in self.pull.parts
        ]
        return left, " + ".join(shares) or "0"

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Step:
        """The step with its nodes passed through a function, for reading."""
        step = super().mapped(change)
        if self.pull is None:
            return step
        parts = tuple((change(operand), change(share)) for operand, share in self.pull.parts)
        node, cotangent = change(self.pull.node), change(self.pull.cotangent)
        pull = replace(self.pull, node=node, cotangent=cotangent, parts=parts)
        return replace(step, pull=pull)  # type: ignore[call-arg]


def _differential(node: Tensor, *, latex: bool) -> str:
    """``dx`` for a variable, ``d(f(x))`` for anything else."""
    d = r"\mathrm{d}" if latex else "d"
    if isinstance(node, Variable):
        return f"{d} {sp.latex(node)}" if latex else f"d{node.full_name}"
    return rf"{d}\left({sp.latex(node)}\right)" if latex else f"{d}({node})"


def _replays(step: Step) -> bool:
    """Whether a step holds: by its rule, or for pairings by their values on random data."""
    return agree(step.before, step.after) if isinstance(step, Pairing) else replays(step)


def _pairing(pull: Pull) -> Pairing:
    """One use of a differential as an equation: ``<g, dy>`` in terms of the operands' ``d``."""
    node = pull.node
    moves = {operand: _move(operand, place) for place, operand in enumerate(node.operands)}
    varying = {operand: moves[operand] for operand, _ in pull.parts}
    tangent = tangent_of(node, varying, standard())
    before = _paired(pull.cotangent, tangent)
    shares = [(sp.S.One, _paired(share, moves[operand])) for operand, share in pull.parts]
    after = add_terms(shares, before.shape, before.dtype)
    return Pairing(pull.rule, before, after, pull.source, pull.law, pull=pull)


def _move(operand: Tensor, place: int) -> Tensor:
    name = operand.name if isinstance(operand, Variable) else str(place + 1)
    move: Tensor = Variable(f"d{name}", operand.shape, operand.dtype)
    return move


def _paired(cotangent: Tensor, tangent: Tensor) -> Tensor:
    """The contraction of a cotangent's last axes with a tangent."""
    rank, extra = cotangent.rank, cotangent.rank - tangent.rank
    sizes: dict[int, Dim] = dict(enumerate(cotangent.shape))
    labels = tuple(range(rank))
    operands, subscripts = (cotangent, tangent), (labels, labels[extra:])
    return contract(sp.S.One, operands, subscripts, labels[:extra], sizes, cotangent.dtype)
