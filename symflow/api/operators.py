"""Laplacian, divergence and curl; directional derivatives.

A trace of a derivative is taken inside the products that make the derivative up, so that no array
of second derivatives stands anywhere.
"""

from typing import Any

import sympy as sp

from symflow.api.derivatives import grad, jacobian, jvp
from symflow.api.simplify import simplify
from symflow.calculus.entries import loosened, wanted
from symflow.calculus.systems import viewed
from symflow.core import Tensor, as_tensor
from symflow.core.add import Add, constant
from symflow.core.apply import Apply
from symflow.core.bridge import substitute
from symflow.core.dims import same_shape, show_shape
from symflow.core.einsum import Einsum, contract
from symflow.core.variable import Variable
from symflow.core.walk import transform
from symflow.errors import DomainError, ShapeError
from symflow.ops.products import CROSS
from symflow.ops.structure import stack
from symflow.rewriting.equality import same_form


def laplacian(f: Any, x: Any, *, tidy: bool = True) -> Tensor:
    """The sum of the second derivatives of ``f`` by each entry of ``x``, in the shape of ``f``.

    The trace of the Hessian without the Hessian: it is taken inside the products, so that for a
    network with weights ``W`` the squares of ``W`` appear, not ``W.T @ D @ W``.

    Args:
        f: an expression of any rank; the Laplacian of each of its entries.
        x: a float variable of any rank, or entries of one.
        tidy: bring the result to readable form.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> x, A = sf.vector("x", "n"), sf.matrix("A", "n", "n")
    >>> sf.laplacian(x @ A @ x, x)
    2 * trace(A)
    >>> W, a = sf.matrix("W", "m", "n"), sf.vector("a", "m")
    >>> sf.laplacian(a @ snp.exp(W @ x), x)
    sum(W ** 2, axis=1) @ (a * exp(W @ x))
    """
    x = wanted(x)
    loose = loosened([x])
    value, free = substitute([as_tensor(f), x], loose)
    twice = jacobian(jacobian(value, free), free, tidy=False)
    return _restored(_traced(twice, x.rank), loose, tidy=tidy)


def divergence(F: Any, x: Any, *, tidy: bool = True) -> Tensor:
    """The sum of the derivatives of the entries of a field by the entries of the place.

    Args:
        F: a field, whose last axes are those of ``x``; the axes before them stay (each row of a
            matrix is a field of its own).
        x: a float variable of any rank, or entries of one.
        tidy: bring the result to readable form.

    Raises:
        ShapeError: unless the shape of ``F`` ends with that of ``x``.

    >>> import symflow as sf
    >>> x, A = sf.vector("x", "n"), sf.matrix("A", "n", "n")
    >>> sf.divergence(A @ x, x)
    trace(A)
    """
    field, x = as_tensor(F), wanted(x)
    last = field.shape[field.rank - x.rank :]
    if field.rank < x.rank or not same_shape(last, x.shape):
        raise ShapeError(
            f"divergence takes a field with an entry for each entry of the variable: the field has "
            f"shape {show_shape(field.shape)}, the variable {show_shape(x.shape)}; the last axes "
            "must agree"
        )
    return _tidied(_traced(jacobian(field, x, tidy=False), x.rank), tidy=tidy)


def curl(F: Any, x: Any, *, tidy: bool = True) -> Tensor:
    """The rotation of a field in space, or in the plane.

    In space the vector ``(dF2/dx1 - dF1/dx2, dF0/dx2 - dF2/dx0, dF1/dx0 - dF0/dx1)``; in the
    plane the number ``dF1/dx0 - dF0/dx1``.

    Args:
        F: a field of shape (3,) or (2,).
        x: a float variable of the same shape, or entries of one.
        tidy: bring the result to readable form.

    Raises:
        ShapeError: for other shapes; other dimensions have no curl that is a vector.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> x, y = sf.vector("x", 2), sf.vector("y", 3)
    >>> sf.curl(snp.stack([-x[1], x[0]]), x)
    2
    >>> sf.curl(snp.stack([y[1] * y[2], y[0], y[2]]), y).shape
    (3,)
    """
    field, x = as_tensor(F), wanted(x)
    if field.shape not in ((2,), (3,)) or not same_shape(field.shape, x.shape):
        raise ShapeError(
            f"curl takes a field and a variable of shape (3,), or both of shape (2,): the field "
            f"has shape {show_shape(field.shape)}, the variable {show_shape(x.shape)}; give "
            "symbolic sizes their value with .subs(n, 3)"
        )
    J = jacobian(field, x)
    if same_form(J, J.T):  # as of every gradient
        return constant(sp.S.Zero, () if field.shape == (2,) else (3,), J.dtype)
    (field,) = transform([field], _opened)
    entries = [simplify(field[k]) for k in range(int(field.shape[0]))]

    def rotation(i: int, j: int) -> Tensor:
        return grad(entries[i], x[j]) - grad(entries[j], x[i])  # type: ignore[no-any-return]

    flat = field.shape == (2,)
    result = rotation(1, 0) if flat else stack([rotation(2, 1), rotation(0, 2), rotation(1, 0)])
    return _tidied(result, tidy=tidy)


def _opened(node: Tensor) -> Tensor | None:
    """A cross product by its entries."""
    if isinstance(node, Apply) and node.operation is CROSS and CROSS.definition is not None:
        opened: Tensor = CROSS.definition(*node.operands)
        return opened
    return None


def directional(f: Any, x: Any, v: Any, order: int = 1, *, tidy: bool = True) -> Tensor:
    """The derivative of ``f`` along a direction, of any order: ``d^k/dt^k f(x + t v)`` at 0.

    Args:
        f: an expression of any rank.
        x: a float variable, or entries of one.
        v: the direction, in the shape of ``x``; held constant.
        order: how often to differentiate.
        tidy: bring the result to readable form.

    Raises:
        ShapeError: unless ``v`` has the shape of ``x``.
        DomainError: for an order below 1.

    >>> import symflow as sf
    >>> x, v, A = sf.vector("x", "n"), sf.vector("v", "n"), sf.matrix("A", "n", "n")
    >>> sf.directional(x @ A @ x, x, v, order=2)
    2 * v @ A @ v
    """
    if order < 1:
        raise DomainError(f"the order of a derivative is 1 or more, got {order}")
    direction = as_tensor(v)
    held: Tensor = Variable("direction", direction.shape, direction.dtype, (), "directional")
    x = wanted(x)
    loose = loosened([x])
    result, free = substitute([as_tensor(f), x], loose)
    for _ in range(order):
        result = jvp(result, free, held)
    (result,) = substitute([result], {held: direction})
    return _restored(result, loose, tidy=tidy)


def _traced(derivative: Tensor, rank: int) -> Tensor:
    """The sum over equal last axes, ``rank`` of them twice, inside products and sums."""
    extra = derivative.rank - 2 * rank
    labels = (*range(extra + rank), *range(extra, extra + rank))
    result = viewed(derivative, labels, range(extra))
    before = None
    while result is not before:  # each round goes one sum deeper
        before = result
        (result,) = transform([result], _distributed)
    return result


def _distributed(node: Tensor) -> Tensor | None:
    """A product with the diagonals of its sums taken inside them."""
    if not isinstance(node, Einsum):
        return None
    operands, subscripts = list(node.operands), list(node.subscripts)
    for place, (operand, labels) in enumerate(zip(operands, subscripts, strict=True)):
        if isinstance(operand, Add) and len(set(labels)) < len(labels):
            rest = [s for k, s in enumerate(subscripts) if k != place]
            elsewhere = {*node.output, *(label for s in rest for label in s)}
            kept = tuple(label for label in dict.fromkeys(labels) if label in elsewhere)
            operands[place], subscripts[place] = viewed(operand, labels, kept), kept
    if tuple(operands) == node.operands:
        return None
    left = {label for s in subscripts for label in s} | set(node.output)
    gone = {label for s in node.subscripts for label in s} - left  # summed inside a sum
    sizes = {label: size for label, size in enumerate(node.sizes) if label not in gone}
    return contract(node.coefficient, operands, subscripts, node.output, sizes, node.dtype)


def _restored(x: Tensor, loose: dict[Tensor, Tensor], *, tidy: bool) -> Tensor:
    """The result in terms of the variable with its structure."""
    (restored,) = substitute([x], {free: whole for whole, free in loose.items()})
    return _tidied(restored, tidy=tidy)


def _tidied(x: Tensor, *, tidy: bool) -> Tensor:
    result: Tensor = simplify(x) if tidy else x
    return result
