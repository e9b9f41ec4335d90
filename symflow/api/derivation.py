"""``derive``: a derivative together with the steps that lead to it."""

from typing import Any

import sympy as sp

from rewrites.differentials import standard
from symflow.api.derivatives import differentiate, grad, jacobian
from symflow.api.simplify import derivation, replays
from symflow.api.verify import verify
from symflow.calculus import gradients, jacobians
from symflow.calculus.forward import tangent_of
from symflow.calculus.reverse import Pull
from symflow.core import Tensor, Variable, add_terms, as_tensor, contract
from symflow.core.dims import Dim
from symflow.errors import DomainError
from symflow.rewriting.derivation import Derivation, Step


def derive(f: Any, x: Any, *, order: int = 1, structured: bool = False) -> Derivation:
    """The derivative of ``f`` by ``x`` with its derivation.

    Args:
        f: an expression; a scalar gives gradients and Hessians, others Jacobians.
        x: a float variable.
        order: 1 for the first derivative, 2 for the second, and so on.
        structured: count tied entries of a structured variable as one parameter.

    Returns:
        A derivation: ``.result``, ``.steps`` (each with its rule, before and after), ``.latex()``,
        ``.check()``, ``.verify()``.  Steps of the reverse sweep are equations of pairings,
        ``<g, dy> = <h, dx>`` with ``g`` the cotangent of ``y`` and ``h`` that of ``x``.

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
    start = as_tensor(f)
    variable = as_tensor(x) if isinstance(x, sp.Symbol) else x
    current = start
    if order > 1:
        first = jacobian if start.shape else grad
        current = first(start, variable, structured=structured)
        for _ in range(order - 2):
            current = jacobian(current, variable, structured=structured)
    recognised = derivation(current, goal="recognise")
    pulls: list[Pull] = []
    sweep = jacobians if current.shape else gradients
    (raw,) = differentiate(
        sweep, recognised.result, [variable], structured=structured, record=pulls.append
    )
    tidied = derivation(raw, goal="readable")
    steps = (*recognised.steps, *map(_pairing, pulls), *tidied.steps)
    return Derivation(
        start=start,
        result=tidied.result,
        steps=steps,
        function=start,
        variable=variable,
        order=order,
        complete=recognised.complete and tidied.complete,
        replay=_replays,
        verifier=verify,
    )


def _replays(step: Step) -> bool:
    """Whether a step holds: by its rule, or for pairings by their values on random data."""
    return replays(step) or bool(verify(Derivation(step.before, step.after)))


def _pairing(pull: Pull) -> Step:
    """One use of a differential as an equation: ``<g, dy>`` in terms of the operands' ``d``."""
    node = pull.node
    moves = {operand: _move(operand, place) for place, operand in enumerate(node.operands)}
    varying = {operand: moves[operand] for operand, _ in pull.parts}
    tangent = tangent_of(node, varying, standard())
    before = _paired(pull.cotangent, tangent)
    shares = [(sp.S.One, _paired(share, moves[operand])) for operand, share in pull.parts]
    after = add_terms(shares, before.shape, before.dtype)
    return Step(pull.rule, before, after, pull.source, pull.law)


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
