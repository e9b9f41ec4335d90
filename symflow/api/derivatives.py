"""The verbs that differentiate.

A derivative of an expression of shape S by a variable of shape T has shape S + T, as
``jax.jacobian``.  A variable with structure (symmetric, diagonal ...) is differentiated with
independent entries; ``structured=True`` takes shared entries (Matrix Cookbook, section 2.8).
In place of a variable may stand entries of one: ``X[i, j]``, ``x[1:3]``, ``X.T``.
"""

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any

import sympy as sp

from rewrites.differentials import standard
from symflow.api.blocks import BlockMatrix, BlockRow
from symflow.api.layers import remember
from symflow.api.scalar_code import is_scalar_code
from symflow.api.simplify import simplify
from symflow.calculus import (
    gradients,
    jacobians,
    pullback,
    pushforward,
    shared_entries,
    unstructured,
)
from symflow.calculus.derivatives import check_variable
from symflow.calculus.entries import loosened, owned, read_entries
from symflow.calculus.reverse import Pull
from symflow.core import Tensor, as_tensor
from symflow.core.bridge import substitute
from symflow.core.dims import show_shape
from symflow.errors import RankError, ShapeError
from symflow.lowering.packing import packed
from symflow.ops.arithmetic import add
from symflow.ops.closure import inline

Record = Callable[[Pull], None]
Sweep = Callable[..., list[Tensor]]


def grad(
    f: Any, x: Any, *, structured: bool = False, tidy: bool = True, holomorphic: bool = False
) -> Any:
    """The gradient of a scalar, in the shape of the variable.

    Args:
        f: an expression of rank 0.
        x: a float variable (or scalar symbol), or entries of one, as ``X[i, j]``, ``x[1:3]`` or
            ``X.T``; or a list of them.
        structured: count tied entries of a structured variable as one parameter.
        tidy: bring the result to readable form; False leaves it as the sweep made it, as does
            a result of thousands of operations on single numbers.
        holomorphic: ``f`` is a holomorphic function of complex variables. Else ``f`` is real, and
            its gradient by a complex variable ``a + i b`` is ``df/da - i df/db``, as in JAX.

    Returns:
        The gradient; for a list of variables a tuple of them that knows its variables, a
        :class:`symflow.api.blocks.BlockRow`.

    Raises:
        RankError: when ``f`` is no scalar.
        DTypeError: for a variable or an expression that is not float.
        DifferentialError: for an operation without a differential (never 0 instead).

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> x = sf.vector("x", "n")
    >>> sf.grad(snp.sum(snp.exp(x)), x)
    exp(x)
    """
    sweep = partial(gradients, holomorphic=holomorphic)
    return _derivatives(sweep, f, x, structured=structured, tidy=tidy)


def jacobian(
    f: Any, x: Any, *, structured: bool = False, tidy: bool = True, holomorphic: bool = False
) -> Any:
    """The Jacobian, of shape ``f.shape + x.shape``; any ranks.

    Arguments, results and errors as for :func:`grad`; ``f`` may also be a tuple of expressions,
    which gives a tuple of their Jacobians, for a list of variables a
    :class:`symflow.api.blocks.BlockMatrix`.

    >>> import symflow as sf
    >>> A, x = sf.matrix("A", "m", "n"), sf.vector("x", "n")
    >>> sf.jacobian(A @ x, x)
    A
    """
    sweep = partial(jacobians, holomorphic=holomorphic)
    return _derivatives(sweep, f, x, structured=structured, tidy=tidy)


def hessian(f: Any, x: Any, *, structured: bool = False, tidy: bool = True) -> Any:
    """The Hessian of a scalar, of shape ``x.shape + x.shape``.

    For a list of variables, a tuple of rows of blocks, as ``jax.hessian``, that prints as blocks
    and can be multiplied and solved with: a :class:`symflow.api.blocks.BlockMatrix`.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> X, w = sf.matrix("X", "m", "n"), sf.vector("w", "n")
    >>> sf.hessian(snp.sum((X @ w) ** 2), w)
    2 * X.T @ X
    """
    named = _variables(x)
    # Between two derivatives by a symmetric variable its symmetry may not be used: the second
    # would mix up the axes of the variable.
    loose = {} if structured else loosened(named)
    expression, *variables = substitute([as_tensor(f), *named], loose)
    first = grad(expression, variables, structured=structured)
    rows = jacobian(tuple(first), variables, structured=structured, tidy=tidy)
    if loose:
        rows = [
            BlockRow(_restored(row, loose, tidy=tidy), named, output.shape)
            for row, output in zip(rows, named, strict=True)
        ]
    return BlockMatrix(rows, named, named) if isinstance(x, (list, tuple)) else rows[0][0]


def value_and_grad(f: Any, x: Any, *, structured: bool = False) -> tuple[Any, Any]:
    """The scalar itself and its gradient: to be lowered together, so that they share work."""
    return as_tensor(f), grad(f, x, structured=structured)


def jvp(f: Any, x: Any, v: Any, *, tidy: bool = True) -> Tensor:
    """The directional derivative ``J @ v`` (forward mode), in the shape of ``f``.

    For a list of variables ``v`` is a list of directions, and the result is the sum over them.

    Raises:
        ShapeError: unless ``v`` has the shape of ``x``.
    """
    parts = [_directional(pushforward, f, *pair, tidy=False) for pair in _each(x, v)]
    total = add(*parts) if len(parts) > 1 else parts[0]
    result: Tensor = simplify(total) if tidy else total
    return result


def vjp(f: Any, x: Any, u: Any, *, tidy: bool = True) -> Any:
    """The pullback ``u @ J`` of a cotangent (reverse mode), in the shape of ``x``.

    For a list of variables, a tuple of pullbacks, as :func:`grad` gives.

    Raises:
        ShapeError: unless ``u`` has the shape of ``f``.
    """
    variables = _variables(x)
    found = [_directional(pullback, f, each, u, tidy=tidy) for each in variables]
    return BlockRow(found, variables, ()) if isinstance(x, (list, tuple)) else found[0]


def hvp(f: Any, x: Any, v: Any, *, tidy: bool = True) -> Any:
    """The Hessian of a scalar times a direction, without the Hessian.

    For a list of variables ``v`` is a list of directions, and the result a tuple as of
    :func:`grad`.

    Forward mode over the gradient (B. A. Pearlmutter, "Fast exact multiplication by the
    Hessian", 1994).

    Raises:
        ShapeError: unless ``v`` has the shape of ``x``.
    """
    pairs = _each(x, v)
    named = [variable for variable, _ in pairs]
    loose = loosened(named)
    given = [as_tensor(f), *named, *(as_tensor(direction) for _, direction in pairs)]
    expression, *rest = substitute(given, loose)
    variables, directions = rest[: len(named)], rest[len(named) :]
    gradient = grad(expression, variables)
    found = [jvp(part, variables, directions, tidy=tidy) for part in gradient]
    if loose:
        found = _restored(found, loose, tidy=tidy)
    return BlockRow(found, named, ()) if isinstance(x, (list, tuple)) else found[0]


def vhp(f: Any, x: Any, v: Any, *, tidy: bool = True) -> Any:
    """A direction times the Hessian of a scalar, ``v @ H``, by reverse mode twice.

    The Hessian is symmetric, so this has the values of :func:`symflow.hvp`, in another form. For
    a list of variables ``v`` is a list of directions, and the result a tuple as of
    :func:`symflow.grad`.

    Raises:
        ShapeError: unless ``v`` has the shape of ``x``.

    >>> import symflow as sf
    >>> a, b, u, v = (sf.vector(name, "n") for name in "abuv")
    >>> sf.vhp((a * b) @ a, [a, b], [u, v])
    (2 * (a * v + b * u), 2 * a * u)
    """
    pairs = _each(x, v)
    named = [variable for variable, _ in pairs]
    loose = loosened(named)
    value, *free = substitute([as_tensor(f), *named], loose)
    sides = zip(grad(value, free), (direction for _, direction in pairs), strict=True)
    parts = [vjp(part, free, direction, tidy=False) for part, direction in sides]
    sums = [reduce(add, column) for column in zip(*parts, strict=True)]
    found = _restored(sums, loose, tidy=tidy)
    return BlockRow(found, named, ()) if isinstance(x, (list, tuple)) else found[0]


def _each(x: Any, v: Any) -> list[tuple[Tensor, Any]]:
    """The variables with their directions."""
    variables = _variables(x)
    directions = list(v) if isinstance(x, (list, tuple)) and isinstance(v, (list, tuple)) else [v]
    if len(directions) != len(variables):
        raise ShapeError(
            f"one direction is needed for each of {len(variables)} variables, got {len(directions)}"
        )
    return list(zip(variables, directions, strict=True))


def _restored(found: Sequence[Tensor], loose: dict[Tensor, Tensor], *, tidy: bool) -> list[Tensor]:
    results = substitute(found, {free: x for x, free in loose.items()})
    return list(simplify(tuple(results))) if tidy else results


def _derivatives(sweep: Sweep, f: Any, x: Any, *, structured: bool, tidy: bool) -> Any:
    several = isinstance(x, (list, tuple))
    variables = _variables(x)
    if isinstance(f, tuple):  # several expressions: a row for each
        rows = [_derivatives(sweep, g, x, structured=structured, tidy=tidy) for g in f]
        if several and not any(isinstance(g, tuple) for g in f):
            names = f.variables if isinstance(f, BlockRow) else [as_tensor(g) for g in f]
            return BlockMatrix(rows, names, variables)
        return tuple(rows)
    output = as_tensor(f)
    results = differentiate(sweep, output, variables, structured=structured)
    if tidy and not is_scalar_code(results):
        plain, results = results, list(simplify(tuple(results)))
        remember(results, plain)
    return BlockRow(results, variables, output.shape) if several else results[0]


def _variables(x: Any) -> list[Tensor]:
    """The variables to differentiate by, as tensors (SymPy symbols included)."""
    given = list(x) if isinstance(x, (list, tuple)) else [x]
    if not given:
        raise RankError("derivatives need at least one variable")
    variables = [as_tensor(v) if isinstance(v, sp.Symbol) else v for v in given]
    for variable in variables:
        check_variable(owned(variable))
    return variables


def differentiate(
    sweep: Sweep,
    f: Tensor,
    variables: Sequence[Tensor],
    *,
    structured: bool = False,
    record: Record | None = None,
) -> list[Tensor]:
    """Calls unfolded, composites recognised, the sweep taken, declared structure put back."""
    whole = [owned(x) for x in variables]
    loose = loosened(whole)
    given = f
    if loose:
        (f,) = substitute([f], loose)
    f = inline(f)
    if record is None:
        (f,) = packed([f], stacks=False)  # gradients by many variables stay apart
    f = simplify(f, goal="recognise")
    if not loose:
        remember([given], [f])
    found = sweep(f, [loose.get(x, x) for x in whole], standard(), record)
    if structured:
        found = [shared_entries(g, x) for g, x in zip(found, whole, strict=True)]
    found = [read_entries(*each) for each in zip(found, variables, whole, strict=True)]
    if not loose:
        return found
    return _restored(found, loose, tidy=False)


def _directional(sweep: Any, f: Any, x: Any, direction: Any, *, tidy: bool) -> Tensor:
    (named,) = _variables(x)
    variable = owned(named)
    free = unstructured(variable)
    expression, other = as_tensor(f), as_tensor(direction)
    if named is not variable and sweep is pushforward:
        other = pullback(named, variable, other, standard())
    if free is not variable:
        expression, other = substitute([expression, other], {variable: free})
    expression = simplify(inline(expression), goal="recognise")
    result = sweep(expression, free, other, standard())
    if sweep is pullback:
        result = read_entries(result, named, variable)
    if free is not variable:
        (result,) = substitute([result], {free: variable})
    tidied: Tensor = simplify(result) if tidy else result
    return tidied


def diff(self: Tensor, *variables: Any, **options: Any) -> Any:
    """SymPy's method: repeated Jacobians, ``f.diff(x, y)`` or ``f.diff(x, 2)``."""
    result: Any = self
    pending = list(variables)
    if not pending:
        raise RankError(
            f"diff needs a variable; this expression has shape {show_shape(self.shape)}"
        )
    wanted: list[Tensor] = []
    while pending:
        (variable,) = _variables(pending.pop(0))
        times = int(pending.pop(0)) if pending and isinstance(pending[0], (int, sp.Integer)) else 1
        wanted += [variable] * times
    loose = loosened(wanted)
    result, *wanted = substitute([result, *wanted], loose)
    for variable in wanted:
        result = jacobian(result, variable)
    return _restored([result], loose, tidy=True)[0] if loose else result
