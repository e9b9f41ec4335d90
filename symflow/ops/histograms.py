"""Histograms with bins of known number."""

from operator import index
from typing import Any

from symflow.core.convert import as_tensor
from symflow.core.dims import same_shape, show_shape, simplify_dim
from symflow.core.node import Tensor
from symflow.errors import DTypeError, RankError, ShapeError
from symflow.ops.arithmetic import add, broadcast_to, cast, convert, divide, subtract
from symflow.ops.choice import equal, where
from symflow.ops.contraction import sum as total
from symflow.ops.creation import ones_like
from symflow.ops.differences import diff
from symflow.ops.gathering import scatter
from symflow.ops.grids import linspace
from symflow.ops.indexing import getitem
from symflow.ops.reduction import max as largest
from symflow.ops.reduction import min as smallest
from symflow.ops.reshaping import ravel, reshape
from symflow.ops.sorting import searchsorted
from symflow.ops.structure import concatenate


def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Tensor:
    """The edges of the bins of a histogram (``numpy.histogram_bin_edges``).

    Args:
        a: the data.
        bins: how many bins of one width, a number; or their edges.
        range: the outer edges; None for the smallest and the largest datum.
        weights: without meaning here.

    Raises:
        DTypeError: for bins by the name of a rule, as in JAX.
        RankError: for edges that are no vector.
        ShapeError: for a range that is no pair.
    """
    if isinstance(bins, str):
        raise DTypeError(f"bins are a number or edges; the rule {bins!r} is not supported")
    (data,) = convert((a,), "float")
    if hasattr(bins, "__index__"):
        low, high = _range(data, range)
        level = equal(low, high)
        first = where(level, subtract(low, 0.5), low)
        last = where(level, add(high, 0.5), high)
        count = index(bins)
        inner = getitem(cast(linspace(first, last, count + 1), data.dtype), slice(1, count))
        # the outer edges exactly, so that the extreme data are inside
        return concatenate([reshape(first, 1), inner, reshape(last, 1)])
    edges = as_tensor(bins)
    if edges.rank != 1:
        raise RankError(f"bins are a number or a vector of edges, got {show_shape(edges.shape)}")
    return cast(edges, data.dtype)


def _range(data: Tensor, given: Any) -> tuple[Tensor, Tensor]:
    if given is None:
        return smallest(data), largest(data)
    pair = given if isinstance(given, (tuple, list)) else getitem(as_tensor(given), ...)
    if len(pair) != 2:
        raise ShapeError(f"range is a pair of edges, got {len(pair)} of them")
    low, high = (broadcast_to(cast(as_tensor(edge), data.dtype), ()) for edge in pair)
    return low, high


def histogram(
    a: Any, bins: Any = 10, range: Any = None, weights: Any = None, density: bool | None = None
) -> tuple[Tensor, Tensor]:
    """How many data fall into each bin, and the edges of the bins (``jax.numpy.histogram``).

    The last bin holds its upper edge. Derivatives are those of the weights and of the edges.

    Args:
        a: the data, taken as one vector.
        bins: how many bins of one width, a number; or their edges in ascending order.
        range: the outer edges; None for the smallest and the largest datum.
        weights: what each datum counts, of the shape of ``a``; None for 1.
        density: divide by the total and by the widths of the bins.

    Raises:
        ShapeError: for weights of another shape than the data.

    >>> from symflow.core import vector
    >>> counts, edges = histogram(vector("x", "n"), bins=4)
    >>> counts.shape, edges.shape
    ((4,), (5,))
    """
    if weights is None:
        (data,) = convert((a,), "float")
        heavy = ones_like(data)
    else:
        data, heavy = convert((a, weights), "float")
        if not same_shape(data.shape, heavy.shape):
            raise ShapeError(
                f"weights of shape {show_shape(heavy.shape)} for data of {show_shape(data.shape)}"
            )
    edges = histogram_bin_edges(data, bins, range)
    count = edges.shape[0]
    line = ravel(data)
    place = searchsorted(edges, line, side="right")
    place = where(equal(line, getitem(edges, -1)), count - 1, place)
    taken = scatter(ravel(heavy), [place], (simplify_dim(count + 1),))
    counts = getitem(taken, slice(1, count))
    if density:
        counts = divide(divide(counts, diff(edges)), total(counts))
    return counts, edges
