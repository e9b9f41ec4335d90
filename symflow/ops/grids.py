"""Evenly spaced numbers, windows, positions: tensors given by a formula of their indices."""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant
from symflow.core.convert import as_tensor, number
from symflow.core.dims import Dim, as_dim, as_shape, normalise_axis, same, show_shape
from symflow.core.node import Tensor
from symflow.errors import RankError, ShapeError
from symflow.ops.arithmetic import (
    absolute,
    add,
    astype,
    broadcast_to,
    cast,
    convert,
    divide,
    multiply,
    power,
    sqrt,
    subtract,
)
from symflow.ops.axes import ix_, meshgrid
from symflow.ops.choice import less, logical_and, maximum, where
from symflow.ops.contraction import moveaxis
from symflow.ops.creation import full, iota, zeros
from symflow.ops.elementwise import cos, floor, log10
from symflow.ops.reshaping import reshape
from symflow.ops.special import i0
from symflow.ops.structure import stack
from symflow.ops.vmap import vmap

# -------------------------------------------------------------------------- evenly spaced


def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """``num`` evenly spaced numbers from ``start`` to ``stop`` (``numpy.linspace``).

    Args:
        start: the first number, or a tensor of them.
        stop: the last.
        num: how many; an integer or an expression of dimensions, taken to be above 1.
        endpoint: whether ``stop`` is among them.
        retstep: return the distance between neighbours, too.
        dtype: of the result; integers are rounded down.
        axis: where the numbers stand in the result.

    >>> from symflow.core import scalar
    >>> linspace(scalar("a"), scalar("b"), 5).shape
    (5,)
    """
    first, last = convert((start, stop), "float")
    count = as_dim(num)
    parts = sp.sympify(count) - int(bool(endpoint))
    step = full((), sp.nan, first.dtype)
    if parts.is_nonpositive:  # one number at most
        line = broadcast_to(_in_front(add(first, multiply(0, last))), _fronted(first, last, count))
        if count == 1 and not endpoint:
            step = subtract(last, first)
    else:
        step = divide(subtract(last, first), full((), parts, first.dtype))
        line = _line(first, last, count, parts)
    place = normalise_axis(axis, line.rank)
    result = _typed(moveaxis(line, 0, place), dtype)
    return (result, step) if retstep else result


def _fronted(first: Tensor, last: Tensor, count: Dim) -> tuple[Dim, ...]:
    return (count, *add(first, last).shape)


def _in_front(x: Tensor) -> Tensor:
    """A new first axis of size 1."""
    return reshape(x, (1, *x.shape))


def _line(first: Tensor, last: Tensor, count: Dim, parts: sp.Expr) -> Tensor:
    """The numbers along a new first axis; ends are met exactly."""
    share = multiply(cast(iota(count), first.dtype), 1 / parts)
    if not first.shape and not last.shape and not first.operands and not last.operands:
        return add(first, multiply(subtract(last, first), share))
    rank = add(first, last).rank
    share = reshape(share, (count, *(1,) * rank))
    return add(multiply(_in_front(first), subtract(1, share)), multiply(_in_front(last), share))


def _typed(x: Tensor, dtype: Any) -> Tensor:
    if dtype is None:
        return x
    name = dtypes.canonical(dtype)
    whole = dtypes.kind(name) == "int" and dtypes.kind(x.dtype) == "float"
    return cast(floor(x) if whole else x, name)


def logspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """Powers of ``base`` with evenly spaced exponents (``numpy.logspace``)."""
    exponents = linspace(start, stop, num, endpoint, axis=axis)
    result = power(base, exponents)
    return result if dtype is None else astype(result, dtype)


def geomspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Tensor:
    """Numbers from ``start`` to ``stop`` with equal quotients (``numpy.geomspace``).

    Both ends have one sign; 0 has no place in it.
    """
    first, last = convert((start, stop), "float")
    turned = where(logical_and(less(first, 0), less(last, 0)), -1, cast(full((), 1), first.dtype))
    ends = log10(multiply(turned, first)), log10(multiply(turned, last))
    powers = multiply(turned, logspace(*ends, num, endpoint))
    result = moveaxis(powers, 0, normalise_axis(axis, powers.rank))
    return result if dtype is None else astype(result, dtype)


# -------------------------------------------------------------------------------- windows


def _window(M: Any, formula: Callable[[Tensor, sp.Expr], Tensor]) -> Tensor:
    """A window over ``M`` points; one of a single point is 1 (``M`` counts as above 1)."""
    count = as_dim(M)
    if isinstance(count, int) and count < 2:
        return full((count,), 1, "float")
    return formula(cast(iota(count), "float"), sp.sympify(count) - 1)


def _waves(M: Any, *weights: float) -> Tensor:
    """The sum of ``w_j cos(2 pi j k / (M - 1))`` over the weights ``w_0, w_1, ...``."""

    def formula(k: Tensor, last: sp.Expr) -> Tensor:
        waves = [cos(multiply(k, 2 * sp.pi * j / last)) for j in range(1, len(weights))]
        terms = [multiply(w, wave) for w, wave in zip(weights[1:], waves, strict=True)]
        return add(weights[0], *terms)

    return _window(M, formula)


def bartlett(M: Any) -> Tensor:
    """The triangular window ``1 - |2 k / (M - 1) - 1|`` (``numpy.bartlett``)."""
    return _window(M, lambda k, last: subtract(1, absolute(subtract(multiply(k, 2 / last), 1))))


def hanning(M: Any) -> Tensor:
    """The window of von Hann, ``(1 - cos(2 pi k / (M - 1))) / 2`` (``numpy.hanning``)."""
    return _waves(M, 0.5, -0.5)


def hamming(M: Any) -> Tensor:
    """The window ``0.54 - 0.46 cos(2 pi k / (M - 1))`` (``numpy.hamming``)."""
    return _waves(M, 0.54, -0.46)


def blackman(M: Any) -> Tensor:
    """The window ``0.42 - 0.5 cos(t) + 0.08 cos(2 t)``, ``t = 2 pi k / (M - 1)``."""
    return _waves(M, 0.42, -0.5, 0.08)


def kaiser(M: Any, beta: Any) -> Tensor:
    """The window of Kaiser, ``i0(beta * sqrt(1 - t**2)) / i0(beta)`` for ``t`` from -1 to 1."""
    weight = convert((beta,), "float")[0]

    def formula(k: Tensor, last: sp.Expr) -> Tensor:
        place = subtract(multiply(k, 2 / last), 1)
        inside = sqrt(maximum(subtract(1, multiply(place, place)), 0))
        return divide(i0(multiply(weight, inside)), i0(weight))

    return _window(M, formula)


# ------------------------------------------------------------------------------ positions


def indices(dimensions: Any, dtype: Any = None, sparse: bool = False) -> Any:
    """The indices of a tensor's entries, one part for each axis (``numpy.indices``).

    Returns:
        A tensor with a new first axis, or (``sparse``) a tuple of open grids.
    """
    lines = [astype(iota(size), dtype or "int") for size in as_shape(dimensions)]
    if sparse:
        return ix_(*lines)
    if not lines:
        return zeros((0,), dtype or "int")
    return stack(meshgrid(*lines, indexing="ij"))


def diag_indices(n: Any, ndim: int = 2) -> tuple[Tensor, ...]:
    """The indices of a main diagonal, one vector for each of ``ndim`` axes."""
    return (iota(as_dim(n)),) * int(ndim)


def diag_indices_from(arr: Any) -> tuple[Tensor, ...]:
    """The indices of the main diagonal of a tensor with equal sizes."""
    node = as_tensor(arr)
    if node.rank < 2 or not all(same(size, node.shape[0]) for size in node.shape):
        raise ShapeError(f"a main diagonal needs equal sizes, got {show_shape(node.shape)}")
    return diag_indices(node.shape[0], node.rank)


def _positions(found: tuple[Any, ...]) -> tuple[Tensor, ...]:
    return tuple(as_tensor(line.astype(np.int64)) for line in found)


def _numbers(what: str, *sizes: Any) -> list[int]:
    made = [as_dim(size) for size in sizes]
    for size in made:
        if not isinstance(size, int):
            raise ShapeError(f"{what}: how many indices there are needs {size} as a number")
    return [int(size) for size in made]


def tril_indices(n: Any, k: int = 0, m: Any = None) -> tuple[Tensor, ...]:
    """The indices of the entries at and below diagonal ``k`` (``numpy.tril_indices``)."""
    rows, columns = _numbers("tril_indices", n, n if m is None else m)
    return _positions(np.tril_indices(rows, int(k), columns))


def triu_indices(n: Any, k: int = 0, m: Any = None) -> tuple[Tensor, ...]:
    """The indices of the entries at and above diagonal ``k`` (``numpy.triu_indices``)."""
    rows, columns = _numbers("triu_indices", n, n if m is None else m)
    return _positions(np.triu_indices(rows, int(k), columns))


def _matrix_shape(arr: Any, what: str) -> tuple[Dim, ...]:
    node = as_tensor(arr)
    if node.rank != 2:
        raise RankError(f"{what} takes a matrix, got shape {show_shape(node.shape)}")
    return node.shape


def tril_indices_from(arr: Any, k: int = 0) -> tuple[Tensor, ...]:
    """:func:`tril_indices` for the shape of a matrix."""
    rows, columns = _matrix_shape(arr, "tril_indices_from")
    return tril_indices(rows, k, columns)


def triu_indices_from(arr: Any, k: int = 0) -> tuple[Tensor, ...]:
    """:func:`triu_indices` for the shape of a matrix."""
    rows, columns = _matrix_shape(arr, "triu_indices_from")
    return triu_indices(rows, k, columns)


def vander(x: Any, N: Any = None, increasing: bool = False) -> Tensor:
    """The matrix of powers of a vector, the highest first (``numpy.vander``).

    Args:
        x: a vector.
        N: how many columns; as many as ``x`` has entries by default.
        increasing: start with the power 0.
    """
    node = as_tensor(x)
    if node.rank != 1:
        raise RankError(f"vander takes a vector, got shape {show_shape(node.shape)}")
    count = node.shape[0] if N is None else as_dim(N)
    node = convert((node,), "int")[0]
    if isinstance(count, int):
        powers = [power(node, k) for k in range(count)]
        if not powers:
            return constant(sp.S.Zero, (node.shape[0], 0), node.dtype)
        return stack(powers if increasing else powers[::-1], axis=1)
    exponents = iota(count) if increasing else subtract(number(sp.sympify(count) - 1), iota(count))
    return power(reshape(node, (node.shape[0], 1)), exponents)


def fromfunction(
    function: Callable[..., Any], shape: Any, *, dtype: Any = float, **kwargs: Any
) -> Any:
    """The values of a function of the indices, over a shape (``jax.numpy.fromfunction``).

    The function is called once with scalar variables, as under ``vmap``.
    """
    sizes = as_shape(shape)
    mapped: Callable[..., Any] = lambda *index: function(*index, **kwargs)  # noqa: E731
    for axis in reversed(range(len(sizes))):
        mapped = vmap(mapped, tuple(0 if k == axis else None for k in range(len(sizes))))
    return mapped(*(astype(iota(size), dtype) for size in sizes))
