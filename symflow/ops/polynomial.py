"""Polynomials by their coefficients, the highest power first (``numpy.poly1d``)."""

from functools import reduce
from operator import index
from typing import Any

import sympy as sp

from symflow.core.add import constant
from symflow.core.dims import Dim, broadcast, same, show_shape, simplify_dim
from symflow.core.node import Tensor
from symflow.errors import DTypeError, RankError, ShapeError
from symflow.ops.arithmetic import (
    add,
    broadcast_to,
    cast,
    convert,
    divide,
    multiply,
    negative,
    power_node,
    square,
    subtract,
)
from symflow.ops.choice import maximum
from symflow.ops.contraction import expand_dims
from symflow.ops.contraction import sum as total
from symflow.ops.convolution import convolve
from symflow.ops.creation import iota
from symflow.ops.grids import vander
from symflow.ops.indexing import getitem
from symflow.ops.solving import lstsq
from symflow.ops.structure import concatenate, place, stack


def _coefficients(name: str, p: Tensor) -> int:
    """How many coefficients there are, as a number."""
    size = p.shape[0] if p.shape else None
    if not isinstance(size, int):
        raise ShapeError(
            f"{name} takes coefficients along the first axis, as many as a number says, "
            f"got shape {show_shape(p.shape)}"
        )
    return size


def polyval(p: Any, x: Any, *, unroll: int = 16) -> Tensor:
    """The value of a polynomial, by Horner's rule (``numpy.polyval``).

    Args:
        p: coefficients along the first axis, the highest power first.
        x: where to take it.
        unroll: without meaning here.

    Raises:
        ShapeError: for a symbolic number of coefficients.

    >>> from symflow.core import scalar, vector
    >>> polyval(vector("c", 2), scalar("x"))
    c[0] * x + c[1]
    """
    terms, at = convert((p, x))
    size = _coefficients("polyval", terms)
    shape = broadcast(terms.shape[1:], at.shape)
    parts = [getitem(terms, k) for k in range(size)]
    if not parts:
        return constant(sp.S.Zero, shape, at.dtype)
    return broadcast_to(reduce(lambda y, c: add(multiply(y, at), c), parts), shape)


def _vectors(name: str, *values: Any, inputs: str) -> list[Tensor]:
    nodes = convert(values, inputs)
    for node in nodes:
        if node.rank != 1:
            raise RankError(f"{name} takes vectors, got shape {show_shape(node.shape)}")
    return nodes


def polyadd(a1: Any, a2: Any) -> Tensor:
    """The sum of two polynomials (``numpy.polyadd``).

    Raises:
        ShapeError: where it is not decided which of two symbolic sizes is larger.
        DTypeError: for bools.
    """
    p, q = _vectors("polyadd", a1, a2, inputs="same")
    if p.dtype == "bool":
        raise DTypeError("polyadd takes no bools")
    n, m = p.shape[0], q.shape[0]
    return p + q if same(n, m) else add(_led(p, n, m), _led(q, m, n))


def _led(p: Tensor, own: Dim, other: Dim) -> Tensor:
    """A polynomial with zeros for the higher powers of another one."""
    missing = sp.sympify(other) - sp.sympify(own)
    if missing.is_nonpositive:
        return p
    if not missing.is_nonnegative:
        raise ShapeError(f"which of the sizes {own} and {other} is larger is not decided")
    return concatenate([constant(sp.S.Zero, (simplify_dim(missing),), p.dtype), p])


def polysub(a1: Any, a2: Any) -> Tensor:
    """The difference of two polynomials; see :func:`polyadd`."""
    p, q = convert((a1, a2))
    return polyadd(p, negative(q))


def polymul(a1: Any, a2: Any, *, trim_leading_zeros: bool = False) -> Tensor:
    """The product of two polynomials (``numpy.polymul``).

    Raises:
        ShapeError: for ``trim_leading_zeros``: the size of the result would depend on values.
    """
    _no_trimming("polymul", trim_leading_zeros)
    p, q = _vectors("polymul", a1, a2, inputs="float")
    return convolve(*(constant(sp.S.Zero, (1,), x.dtype) if x.shape == (0,) else x for x in (p, q)))


def _no_trimming(name: str, trim: bool) -> None:
    if trim:
        raise ShapeError(f"{name} cannot drop leading zeros: their number depends on values")


def polydiv(u: Any, v: Any, *, trim_leading_zeros: bool = False) -> tuple[Tensor, Tensor]:
    """Quotient and remainder of two polynomials (``jax.numpy.polydiv``).

    The remainder has as many coefficients as ``u``, of which the first are zero.

    Raises:
        ShapeError: for symbolic sizes, and for ``trim_leading_zeros``.
    """
    _no_trimming("polydiv", trim_leading_zeros)
    rest, divisor = _vectors("polydiv", u, v, inputs="float")
    m, n = _coefficients("polydiv", rest), _coefficients("polydiv", divisor)
    factors = []
    for k in range(m - n + 1):
        factor = divide(getitem(rest, k), getitem(divisor, 0))
        factors.append(factor)
        rest = subtract(rest, place(multiply(factor, divisor), ((k, n, 1),), (m,)))
    quotient = stack(factors) if factors else constant(sp.S.Zero, (1,), rest.dtype)
    return quotient, rest


def polyder(p: Any, m: int = 1) -> Tensor:
    """The ``m``-th derivative of a polynomial (``numpy.polyder``).

    Raises:
        ShapeError: for a negative ``m``.
    """
    (terms,) = _vectors("polyder", p, inputs="float")
    times = _times("polyder", m)
    if times == 0:
        return terms
    kept, degree = getitem(terms, slice(None, -times)), terms.shape[0] - 1
    down = iota(kept.shape[0])
    factors = reduce(multiply, (subtract(degree - k, down) for k in range(times)))
    return multiply(kept, cast(factors, terms.dtype))


def _times(name: str, m: Any) -> int:
    times = index(m)
    if times < 0:
        raise ShapeError(f"{name} is taken 0 or more times, not {times}")
    return times


def polyint(p: Any, m: int = 1, k: Any = None) -> Tensor:
    """The ``m``-th antiderivative of a polynomial (``numpy.polyint``).

    Args:
        p: its coefficients.
        m: how often to integrate.
        k: the constants of integration: one for all, or a vector; None for 0.

    Raises:
        ShapeError: for a negative ``m``, and for another number of constants.
    """
    terms, constants = convert((p, 0 if k is None else k), "float")
    times = _times("polyint", m)
    if constants.shape in ((), (1,)):
        constants = broadcast_to(constants, (times,))
    if constants.shape != (times,):
        raise ShapeError(f"{times} constants of integration are needed, or one for all")
    if times == 0:
        return terms
    if terms.rank != 1:
        raise RankError(f"polyint takes a vector, got shape {show_shape(terms.shape)}")
    size = simplify_dim(terms.shape[0] + times)
    whole = concatenate([terms, constants])
    down = iota(size)
    factors = reduce(multiply, (maximum(subtract(size - 1 - j, down), 1) for j in range(times)))
    return divide(whole, cast(factors, terms.dtype))


def poly(seq_of_zeros: Any) -> Tensor:
    """The coefficients of the polynomial with given zeros (``numpy.poly``).

    Raises:
        RankError: for a matrix, whose characteristic polynomial is not supported.
        ShapeError: for a symbolic number of zeros.
    """
    (zeros,) = convert((seq_of_zeros,), "float")
    if not zeros.shape:
        zeros = broadcast_to(zeros, (1,))
    if zeros.rank != 1:
        raise RankError(f"poly takes the zeros as a vector, got shape {show_shape(zeros.shape)}")
    size = _coefficients("poly", zeros)
    one = constant(sp.S.One, (1,), zeros.dtype)
    if not size:
        return constant(sp.S.One, (), zeros.dtype)
    result = one
    for k in range(size):
        root = getitem(zeros, slice(k, k + 1))
        result = convolve(result, concatenate([one, negative(root)]))
    return result


def polyfit(
    x: Any,
    y: Any,
    deg: int,
    rcond: float | None = None,
    full: bool = False,
    w: Any = None,
    cov: bool = False,
) -> Tensor:
    """The polynomial of a degree that is nearest to given values (``numpy.polyfit``).

    Args:
        x: where the values are, a vector.
        y: the values: a vector, or a matrix of columns.
        deg: the degree.
        rcond: singular values below this part of the largest one count as zero.
        full: not supported.
        w: weights of the distances, a vector.
        cov: not supported.

    Returns:
        The coefficients, the highest power first; of a matrix, in columns.

    Raises:
        RankError: for operands of other ranks.
        ShapeError: for a negative degree, for sizes that differ, and for ``full`` and ``cov``.
    """
    if full or cov:
        raise ShapeError("polyfit gives the coefficients: full and cov are not supported")
    order = _times("polyfit", deg) + 1
    at, values, *given = convert((x, y) if w is None else (x, y, w), "float")
    for node, ranks in ((at, (1,)), (values, (1, 2)), *((node, (1,)) for node in given)):
        if node.rank not in ranks or not same(node.shape[0], at.shape[0]):
            raise RankError(
                "polyfit takes vectors of one size (y may be a matrix of columns), got shape "
                f"{show_shape(node.shape)}"
            )
    left = vander(at, order)
    if given:
        weights = expand_dims(given[0], 1)
        left = multiply(left, weights)
        values = multiply(values, weights if values.rank == 2 else given[0])
    scale = power_node(total(square(left), 0), sp.S.Half)
    found = lstsq(divide(left, expand_dims(scale, 0)), values, rcond)[0]
    return divide(found, expand_dims(scale, 1) if values.rank == 2 else scale)
