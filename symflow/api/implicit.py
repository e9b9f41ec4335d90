"""``implicit``: derivatives of a solution, from the equation that it solves.

Where ``r(y, x) = 0`` determines ``y`` as a function of ``x``, differentiating both sides gives
``dr/dy @ dy/dx + dr/dx = 0`` (U. Dini's theorem of the implicit function), so that
``dy/dx = -inv(dr/dy) @ dr/dx``: nothing of the method that finds the solution is differentiated.
"""

from collections.abc import Sequence
from typing import Any

from symflow.api.derivatives import differentiate, jacobian
from symflow.api.simplify import simplify
from symflow.calculus.derivatives import check_variable, identity_seed
from symflow.calculus.differential import Calculus
from symflow.calculus.entries import loosened, owned, wanted
from symflow.calculus.reverse import pull_back
from symflow.calculus.systems import solved
from symflow.core import Tensor, as_tensor
from symflow.core.bridge import substitute
from symflow.core.dims import same_shape, show_shape
from symflow.core.walk import postorder
from symflow.errors import DomainError, ShapeError


def implicit(
    residual: Any,
    y: Any,
    x: Any,
    *,
    of: Any = None,
    cotangent: Any = None,
    order: int = 1,
    tidy: bool = True,
) -> Any:
    """The derivative of a solution ``y(x)`` of ``residual(y, x) = 0``, without its iterations.

    Args:
        residual: an expression of the shape of ``y``. For a fixed point ``y = F(y, x)`` it is
            ``y - F``; for the least value of ``f(y, x)`` over ``y`` it is ``sf.grad(f, y)``.
        y: the variable that stands for the solution, of any rank.
        x: a float variable, or entries of one, or a list of them.
        of: an expression ``g(y, x)``: its derivative along the solution, ``dg/dx + dg/dy dy/dx``,
            in place of that of the solution. For a scalar one system is solved for all ``x``
            (the adjoint method; of a loss by hyperparameters, the hypergradient).
        cotangent: in the shape of ``y``: the pullback ``u @ dy/dx`` in place of the derivative.
        order: how often to differentiate; ``y`` counts as a function of ``x`` throughout.
        tidy: bring the result to readable form.

    Returns:
        The derivative, in terms of ``x`` and of the solution ``y`` itself, of shape
        ``y.shape + x.shape`` (``of.shape + x.shape``; with a cotangent ``x.shape``). For a list a
        tuple, for higher orders tuples in tuples.

    Raises:
        ShapeError: unless the residual (and the cotangent) has the shape of ``y``.
        DomainError: when the residual does not depend on ``y``, or ``x`` holds ``y``.

    The Jacobian ``dr/dy`` must be invertible at the solution. Identities, Kronecker products and
    ``A X + X B`` in it are used, so that no larger system stands in the result than in ``r``.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> A, b, y = sf.matrix("A", "n", "n"), sf.vector("b", "n"), sf.vector("y", "n")
    >>> sf.implicit(A @ y - b, y, b)
    linalg.inv(A)
    >>> a, z = sf.vector("a", "n"), sf.vector("z", "n")
    >>> sf.implicit(snp.exp(z) - a, z, a)
    diag(exp(-z))
    """
    several = isinstance(x, (list, tuple))
    value, y = as_tensor(residual), wanted(y)
    variables = [wanted(each) for each in (x if several else [x])]
    _check(value, y, variables, order)
    if of is not None and cotangent is not None:
        raise DomainError("of and cotangent ask for different results: give one of them")
    loose = loosened([y, *variables])
    value, y, *variables = substitute([value, y, *variables], loose)
    outer, seed = _seeded(y, of, cotangent, loose)
    results: Any = _System(value, y, jacobian(value, y)).derivatives(outer, seed, variables)
    for _ in range(order - 1):
        results = [_again(each, value, y, variables, several=several) for each in results]
    found = [_finished(each, loose, tidy=tidy) for each in results]
    return tuple(found) if several else found[0]


def _again(f: Any, residual: Tensor, y: Tensor, x: list[Tensor], *, several: bool) -> Any:
    """A derivative (or a tuple of them) differentiated once more along the solution."""
    if isinstance(f, tuple):
        return tuple(_again(each, residual, y, x, several=several) for each in f)
    return implicit(residual, y, x if several else x[0], of=f)


def _finished(f: Any, loose: dict[Tensor, Tensor], *, tidy: bool) -> Any:
    """In terms of the variables with their structure, in readable form."""
    if isinstance(f, tuple):
        return tuple(_finished(each, loose, tidy=tidy) for each in f)
    (result,) = substitute([f], {free: whole for whole, free in loose.items()})
    return simplify(result) if tidy else result


class _System:
    """A residual with its Jacobian by the solution."""

    def __init__(self, residual: Tensor, y: Tensor, by_solution: Tensor) -> None:
        self.residual = residual
        self.y = y
        self.by_solution = by_solution

    def derivatives(
        self, outer: Tensor | None, seed: Tensor, variables: Sequence[Tensor]
    ) -> list[Tensor]:
        """``dg/dx - G inv(dr/dy) dr/dx`` for ``G = dg/dy``, by one sweep over the residual."""
        multiplier = solved(seed, self.by_solution)
        extra = seed.shape[: seed.rank - self.y.rank]

        def sweep(f: Tensor, wanted: Any, calculus: Calculus, record: Any) -> list[Tensor]:
            return pull_back({f: -multiplier}, wanted, calculus, extra, record)

        found = differentiate(sweep, self.residual, variables)
        if outer is None:
            return found
        own = [jacobian(outer, x, tidy=False) for x in variables]
        return [a + b for a, b in zip(own, found, strict=True)]


def _seeded(
    y: Tensor, of: Any, cotangent: Any, loose: dict[Tensor, Tensor]
) -> tuple[Tensor | None, Tensor]:
    """The function of the solution, None for the solution itself, and its derivative by it."""
    if of is not None:
        (outer,) = substitute([as_tensor(of)], loose)
        return outer, jacobian(outer, y)
    if cotangent is None:
        return None, identity_seed(y)
    (seed,) = substitute([as_tensor(cotangent)], loose)
    if not same_shape(seed.shape, y.shape):
        raise ShapeError(
            f"the cotangent has shape {show_shape(seed.shape)}, the solution "
            f"{show_shape(y.shape)}; they must agree"
        )
    return None, seed


def _check(residual: Tensor, y: Any, variables: Sequence[Any], order: int) -> None:
    check_variable(y)
    if order < 1:
        raise DomainError(f"the order of a derivative is 1 or more, got {order}")
    if not same_shape(residual.shape, y.shape):
        raise ShapeError(
            f"implicit needs as many equations as unknowns: the residual has shape "
            f"{show_shape(residual.shape)}, the solution {y} has {show_shape(y.shape)}; write the "
            "residual in the shape of the solution"
        )
    if y not in postorder([residual]):
        raise DomainError(f"the residual does not depend on {y}: it determines no solution")
    if any(owned(x) is y for x in variables):
        raise DomainError(f"{y} is the solution: take derivatives by what it depends on")
