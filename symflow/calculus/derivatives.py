"""Gradients, Jacobians and directional derivatives from the sweeps.

The derivative of an output of shape S by a variable of shape T has shape S + T, as
``jax.jacobian``.
"""

from collections.abc import Callable, Sequence

import sympy as sp

from symflow.calculus.differential import Calculus
from symflow.calculus.forward import push_forward
from symflow.calculus.reverse import Pull, pull_back
from symflow.core import dtypes
from symflow.core.dims import same_shape, show_shape
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.core.variable import Scalar, Variable
from symflow.errors import DTypeError, RankError, ShapeError

Record = Callable[[Pull], None]


def check_variable(x: Tensor) -> None:
    """Raise unless ``x`` is something to differentiate by.

    Raises:
        TypeError: unless it is a variable or a scalar symbol.
        DTypeError: unless it is a float.
    """
    if not isinstance(x, (Variable, Scalar)):
        raise TypeError(
            f"derivatives are taken by a variable, got a {type(x).__name__}: "
            "make it a variable of its own and substitute it afterwards"
        )
    if dtypes.kind(x.dtype) not in ("float", "complex"):
        raise DTypeError(f"derivatives are taken by a float variable; {x} has dtype {x.dtype}")


def _check_output(f: Tensor) -> None:
    if dtypes.kind(f.dtype) not in ("float", "complex"):
        raise DTypeError(f"the derivative of a {f.dtype} expression is not defined; cast it first")


def gradients(
    f: Tensor,
    variables: Sequence[Tensor],
    calculus: Calculus,
    record: Record | None = None,
    *,
    holomorphic: bool = False,
) -> list[Tensor]:
    """The gradients of a scalar, each in the shape of its variable.

    By a complex variable ``x + i y``, the gradient of a real scalar is ``df/dx - i df/dy``.

    Raises:
        RankError: when ``f`` is no scalar.
    """
    if f.shape:
        raise RankError(
            f"grad takes a scalar; this expression has shape {show_shape(f.shape)}: "
            "sum it, or use jacobian"
        )
    return jacobians(f, variables, calculus, record, holomorphic=holomorphic)


def jacobians(
    f: Tensor,
    variables: Sequence[Tensor],
    calculus: Calculus,
    record: Record | None = None,
    *,
    holomorphic: bool = False,
) -> list[Tensor]:
    """The Jacobians of ``f``, each of shape ``f.shape + variable.shape``.

    Raises:
        DTypeError: for a complex ``f``, unless it is said to be holomorphic.
    """
    _check_output(f)
    _check_real(f, variables, holomorphic=holomorphic)
    for x in variables:
        check_variable(x)
    return pull_back({f: identity_seed(f)}, variables, calculus, f.shape, record)


def _check_real(f: Tensor, variables: Sequence[Tensor], *, holomorphic: bool) -> None:
    """A complex function has one derivative only where it is holomorphic."""
    if holomorphic:
        for value in (f, *variables):
            if dtypes.kind(value.dtype) != "complex":
                raise DTypeError(
                    f"a holomorphic derivative is of a complex function by complex variables; "
                    f"one of them has dtype {value.dtype}"
                )
    elif dtypes.kind(f.dtype) == "complex":
        raise DTypeError(
            "derivatives are those of real expressions; this one is complex: take its real or "
            "imaginary part or abs, or say holomorphic=True; vjp and jvp take it as it is"
        )


def identity_seed(f: Tensor) -> Tensor:
    """The identity of shape ``f.shape + f.shape``: the deltas of a Jacobian."""
    labels = tuple(range(f.rank))
    return contract(sp.S.One, (), (), labels + labels, dict(enumerate(f.shape)), f.dtype)


def pushforward(f: Tensor, variable: Tensor, direction: Tensor, calculus: Calculus) -> Tensor:
    """The directional derivative ``J @ v``, in the shape of ``f``.

    Raises:
        ShapeError: when the direction has another shape than the variable.
    """
    _check_output(f)
    check_variable(variable)
    _check_same(direction, variable, "direction", "variable")
    return push_forward([f], {variable: direction}, calculus)[0]


def pullback(f: Tensor, variable: Tensor, cotangent: Tensor, calculus: Calculus) -> Tensor:
    """The cotangent ``u @ J``, in the shape of the variable.

    Raises:
        ShapeError: when the cotangent has another shape than ``f``.
    """
    _check_output(f)
    check_variable(variable)
    _check_same(cotangent, f, "cotangent", "expression")
    return pull_back({f: cotangent}, [variable], calculus)[0]


def _check_same(given: Tensor, other: Tensor, what: str, whose: str) -> None:
    if not same_shape(given.shape, other.shape):
        raise ShapeError(
            f"the {what} has shape {show_shape(given.shape)}, "
            f"the {whose} {show_shape(other.shape)}; they must agree"
        )
