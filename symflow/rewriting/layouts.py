"""The layouts of derivatives: in which order the axes of function and variable stand.

symflow's own is *output + variable*: first the axes of the function, then those of the variable, as
``jax.jacobian``.  A gradient then has the shape of its variable and a Jacobian of vectors has a row
for each entry of the function.  Books differ: in *numerator* layout the axes of the variable are
reversed, so that the gradient of a scalar by a vector is a row and that by a matrix is transposed;
in *denominator* layout the axes of the variable come first and those of the function are reversed,
so that a Jacobian is transposed.  The two are transposes of each other.
"""

import sympy as sp

from symflow.core.dims import show_shape
from symflow.core.einsum import contract
from symflow.core.node import Tensor
from symflow.errors import DomainError, ShapeError

DEFAULT = "output + variable"
LAYOUTS = (DEFAULT, "numerator", "denominator")


def checked_layout(layout: str) -> str:
    """The name of a layout.

    Raises:
        DomainError: for another name.
    """
    name = DEFAULT if layout.replace(" ", "") == DEFAULT.replace(" ", "") else layout
    if name not in LAYOUTS:
        raise DomainError(f"unknown layout {layout!r}; known: {', '.join(LAYOUTS)}")
    return name


def laid_out(derivative: Tensor, variable: Tensor, layout: str) -> Tensor:
    """A derivative with its axes in the order of a layout.

    Args:
        derivative: of shape ``output + variable``.
        variable: what the derivative is by.
        layout: one of ``LAYOUTS``.

    Returns:
        The derivative with its axes permuted; a row vector has shape ``(1, n)``.

    Raises:
        DomainError: for an unknown layout.
        ShapeError: when the last axes of the derivative are not those of the variable.

    >>> from symflow.core import matrix, vector
    >>> J, x = matrix("J", "m", "n"), vector("x", "n")
    >>> laid_out(J, x, "denominator").shape
    (n, m)
    >>> laid_out(2 * x, x, "numerator").shape
    (1, n)
    """
    name = checked_layout(layout)
    own = derivative.rank - variable.rank
    if own < 0 or derivative.shape[own:] != variable.shape:
        raise ShapeError(
            f"a derivative by {variable} ends with its axes {show_shape(variable.shape)}; "
            f"this expression has shape {show_shape(derivative.shape)}"
        )
    first, last = tuple(range(own)), tuple(range(own, derivative.rank))
    if name == DEFAULT:
        return derivative
    order = first + last[::-1] if name == "numerator" else last + first[::-1]
    if derivative.rank == 1 and bool(own) == (name == "denominator"):
        return _row(derivative)
    sizes = dict(enumerate(derivative.shape))
    subscripts = (tuple(range(derivative.rank)),)
    return contract(sp.S.One, (derivative,), subscripts, order, sizes, derivative.dtype)


def _row(vector: Tensor) -> Tensor:
    sizes = {0: vector.shape[0], 1: 1}
    return contract(sp.S.One, (vector,), ((0,),), (1, 0), sizes, vector.dtype)


def described(derivative: Tensor, layout: str) -> str:
    """The name of a layout with the shape that it gives."""
    return f"{checked_layout(layout)} layout, shape {show_shape(derivative.shape)}"
