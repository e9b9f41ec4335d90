"""Counts, averages, ranges and covariances."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant
from symflow.core.convert import as_tensor, number
from symflow.core.dims import normalise_axes, normalise_axis, product, same, same_shape, show_shape
from symflow.core.node import Tensor
from symflow.errors import DTypeError, RankError, ShapeError
from symflow.ops.arithmetic import (
    absolute,
    broadcast_to,
    cast,
    convert,
    divide,
    multiply,
    power_node,
    subtract,
)
from symflow.ops.choice import clip, truth
from symflow.ops.contraction import diagonal, expand_dims, matmul, matrix_transpose, mean, transpose
from symflow.ops.contraction import sum as total
from symflow.ops.records import no_out
from symflow.ops.reduction import max as largest
from symflow.ops.reduction import min as smallest
from symflow.ops.reshaping import reshape
from symflow.ops.structure import concatenate


def count_nonzero(a: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The number of entries that differ from zero (``numpy.count_nonzero``)."""
    return total(truth(a), axis, keepdims=keepdims)


def ptp(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Tensor:
    """The largest entry minus the smallest (``numpy.ptp``).

    Raises:
        DTypeError: for bools, as in JAX.
        ShapeError: over no entries.
    """
    no_out(out)
    node = as_tensor(a)
    return subtract(largest(node, axis, keepdims=keepdims), smallest(node, axis, keepdims=keepdims))


def average(
    a: Any,
    axis: Any = None,
    weights: Any = None,
    returned: bool = False,
    keepdims: bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """The mean, weighted on demand (``numpy.average``).

    Args:
        a: what to average.
        axis: None for all axes, or one, or several.
        weights: of the shape of ``a``, or of its sizes along ``axis``.
        returned: give the sum of the weights, too.
        keepdims: keep the averaged axes with size 1.

    Raises:
        ShapeError: for weights of another shape.
    """
    if weights is None:
        (node,) = convert((a,), "float")
        result = mean(node, axis, keepdims=keepdims)
        count = product(node.shape[k] for k in normalise_axes(axis, node.rank))
        whole = constant(sp.sympify(count), (), result.dtype)
    else:
        node, given = convert((a, weights), "float")
        given = _lined_up(given, node, axis)
        whole = total(given, axis, keepdims=keepdims)
        result = divide(total(multiply(node, given), axis, keepdims=keepdims), whole)
    return (result, broadcast_to(whole, result.shape)) if returned else result


def _lined_up(weights: Tensor, x: Tensor, axis: Any) -> Tensor:
    """Weights along axes of ``x``, on these axes."""
    if same_shape(weights.shape, x.shape):
        return weights
    if axis is None:
        raise ShapeError(
            f"weights of shape {show_shape(weights.shape)} for {show_shape(x.shape)}: say along "
            "which axis they belong"
        )
    several = axis if isinstance(axis, (tuple, list)) else (axis,)
    places = [normalise_axis(k, x.rank) for k in several]
    if not same_shape(weights.shape, tuple(x.shape[k] for k in places)):
        raise ShapeError(
            f"weights of shape {show_shape(weights.shape)} do not fit axis {axis} of "
            f"{show_shape(x.shape)}"
        )
    ordered = transpose(weights, sorted(range(len(places)), key=places.__getitem__))
    return reshape(ordered, tuple(s if k in places else 1 for k, s in enumerate(x.shape)))


def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    dtype: Any = None,
) -> Tensor:
    """The covariance matrix of variables (``numpy.cov``).

    Args:
        m: observations of one variable, or of several as rows.
        y: more variables with as many observations.
        rowvar: whether variables are rows; else they are columns.
        bias: divide by the number of observations, not by one less.
        ddof: taken off that number; overrides ``bias``.
        fweights: how often each observation was made, integers.
        aweights: the weights of the observations.
        dtype: the type in which to compute.

    Raises:
        RankError: for tensors of rank 3 or more, and weights that are no vectors.
        ShapeError: for other numbers of weights than observations.
        DTypeError: for complex numbers, whose conjugates would be needed.
    """
    rows = _variables(m, y, rowvar, dtype)
    if rows.shape[0] == 0:
        return constant(sp.S.Zero, (0, 0), rows.dtype)
    weights, own = _observation_weights(fweights, aweights, rows)
    taken_off = number((0 if bias else 1) if ddof is None else ddof)
    if weights is None:
        centred = subtract(rows, mean(rows, 1, keepdims=True))
        products = matmul(centred, matrix_transpose(centred))
        count = sp.sympify(rows.shape[1]) - taken_off
        return _without_ones(divide(products, count))
    whole = total(weights)
    centre = divide(total(multiply(rows, weights), 1, keepdims=True), whole)
    centred = subtract(rows, centre)
    norm = whole
    if taken_off and own is None:
        norm = subtract(whole, taken_off)
    elif taken_off and own is not None:
        norm = subtract(whole, divide(multiply(taken_off, total(multiply(weights, own))), whole))
    products = matmul(centred, matrix_transpose(multiply(centred, weights)))
    return _without_ones(divide(products, norm))


def _without_ones(matrix: Tensor) -> Tensor:
    """The variance of a single variable is a number."""
    return reshape(matrix, ()) if matrix.shape == (1, 1) else matrix


def _variables(m: Any, y: Any, rowvar: bool, dtype: Any) -> Tensor:
    given = convert((m,) if y is None else (m, y), "float")
    lines = []
    for place, node in enumerate(given):
        if node.rank > 2:
            raise RankError(f"cov takes vectors and matrices, got shape {show_shape(node.shape)}")
        wide = node if node.rank == 2 else reshape(node, (1, *(node.shape or (1,))))
        turned = not rowvar and (wide.shape[0] != 1 if place else node.rank == 2)
        lines.append(matrix_transpose(wide) if turned else wide)
    rows = concatenate(lines, 0)
    if dtype is not None:
        rows = cast(rows, dtypes.canonical(dtype))
    if dtypes.kind(rows.dtype) != "float":
        raise DTypeError(f"cov takes real numbers and a float dtype, got {rows.dtype}")
    return rows


def _observation_weights(
    fweights: Any, aweights: Any, rows: Tensor
) -> tuple[Tensor | None, Tensor | None]:
    """All weights as one vector, and the absolute weights alone."""
    weights = None if fweights is None else absolute(_line(fweights, rows, "fweights"))
    if weights is not None:
        if dtypes.kind(weights.dtype) != "int":
            raise DTypeError(f"fweights are integers, got {weights.dtype}")
        weights = cast(weights, rows.dtype)
    if aweights is None:
        return weights, None
    own = cast(absolute(_line(aweights, rows, "aweights")), rows.dtype)
    return (own if weights is None else multiply(weights, own)), own


def _line(value: Any, rows: Tensor, what: str) -> Tensor:
    node = as_tensor(value)
    if node.rank != 1:
        raise RankError(f"{what} is a vector, got shape {show_shape(node.shape)}")
    if not same(node.shape[0], rows.shape[1]):
        raise ShapeError(f"{node.shape[0]} {what} for {rows.shape[1]} observations")
    return node


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, dtype: Any = None) -> Tensor:
    """The matrix of correlation coefficients (``numpy.corrcoef``); arguments as of :func:`cov`."""
    matrix = cov(x, y, rowvar, dtype=dtype)
    if not matrix.shape:
        return divide(matrix, matrix)
    deviation = power_node(diagonal(matrix), sp.S.Half)
    scale = multiply(expand_dims(deviation, 1), expand_dims(deviation, 0))
    return clip(divide(matrix, scale), -1, 1)
