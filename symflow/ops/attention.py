"""Attention as a formula: ``jax.nn.dot_product_attention`` in contractions and one softmax."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.convert import as_tensor
from symflow.core.dims import Dim, same, show_shape
from symflow.core.node import Tensor
from symflow.errors import DTypeError, RankError, ShapeError
from symflow.ops.arithmetic import add, broadcast_to, cast, multiply
from symflow.ops.choice import greater_equal, less, less_equal, logical_and, where
from symflow.ops.composite import softmax
from symflow.ops.contraction import einsum, expand_dims
from symflow.ops.creation import iota
from symflow.ops.reshaping import reshape

_MASKED = -0.7 * 3.4028234663852886e38  # JAX's number for logits that a mask excludes


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    *,
    scale: Any = None,
    is_causal: bool = False,
    query_seq_lengths: Any = None,
    key_value_seq_lengths: Any = None,
    local_window_size: Any = None,
    implementation: str | None = None,
    return_residual: bool = False,
) -> Tensor:
    """``softmax(scale * query @ key.T + bias) @ value`` for every head (Vaswani et al. 2017).

    Args:
        query: of shape ([B,] T, N, H): batch, positions, heads, features.
        key: of shape ([B,] S, K, H); N is a multiple of K, whose heads are then shared.
        value: like ``key``.
        bias: added to the logits, broadcast against (B, N, T, S).
        mask: bools broadcast against (B, N, T, S): which logits count.
        scale: factor of the logits, by default ``1 / sqrt(H)``.
        is_causal: whether a query sees no later key.
        query_seq_lengths: how many queries count, shape (B,); the result is 0 at the others.
        key_value_seq_lengths: how many keys count, shape (B,).
        local_window_size: how far before and after its place a query sees, one number or two.
        implementation: None or ``"xla"``; a kernel of its own is not supported.
        return_residual: not supported.

    Returns:
        A tensor of the shape of ``query``. JAX takes the softmax in float32 even of float64;
        symflow keeps the precision of the operands.

    Raises:
        ShapeError: where shapes do not fit, or N is not known to be a multiple of K.
        DTypeError: where the data types of query, key and value differ, or a mask is no bool.
        TypeError: for an argument that is not supported.
    """
    if implementation not in (None, "xla"):
        raise TypeError(f"implementation={implementation!r} is not supported: use None or 'xla'")
    if return_residual:
        raise TypeError("return_residual is not supported: take special.logsumexp of the logits")
    q, k, v = (
        _of_rank_four(x, name) for x, name in ((query, "query"), (key, "key"), (value, "value"))
    )
    _check(q, k, v)
    logits = _logits(q, k, scale)
    if bias is not None:
        logits = cast(add(logits, _of_rank_four(bias, "bias")), logits.dtype)
    allowed = [
        _bools(mask),
        _window(logits, is_causal, local_window_size),
        _padding(logits, query_seq_lengths, 2),
        _padding(logits, key_value_seq_lengths, 3),
    ]
    seen: Tensor | None = None
    for condition in allowed:
        if condition is not None:
            seen = condition if seen is None else logical_and(seen, condition)
    if seen is not None:
        logits = where(broadcast_to(seen, logits.shape), logits, _MASKED)
    result = _weighted(cast(softmax(logits), k.dtype), q, v)
    if query_seq_lengths is not None:
        counts = _padding(result, query_seq_lengths, 1)
        result = multiply(result, cast(counts, result.dtype)) if counts is not None else result
    return result if as_tensor(query).rank == 4 else reshape(result, as_tensor(query).shape)


def _of_rank_four(x: Any, name: str) -> Tensor:
    node = as_tensor(x)
    if node.rank > 4:
        raise RankError(f"{name} has at most 4 axes here, got shape {show_shape(node.shape)}")
    return expand_dims(node, tuple(range(4 - node.rank))) if node.rank < 4 else node


def _check(query: Tensor, key: Tensor, value: Tensor) -> None:
    if not query.dtype == key.dtype == value.dtype:
        raise DTypeError(
            f"query, key and value have one data type, got {query.dtype}, {key.dtype} "
            f"and {value.dtype}"
        )
    pairs = [(value, axis) for axis in range(4)] + [(query, 0), (query, 3)]
    for other, axis in pairs:
        if not same(other.shape[axis], key.shape[axis]):
            raise ShapeError(
                f"{'value' if other is value else 'query'} of shape {show_shape(other.shape)} and "
                f"key of shape {show_shape(key.shape)} differ on axis {axis}: expected "
                "(batch, positions, heads, features) with one batch and one number of features"
            )


def _groups(query: Tensor, key: Tensor) -> Dim:
    """How many heads of the query share one of the key."""
    heads, shared = query.shape[2], key.shape[2]
    ratio = sp.sympify(heads) / sp.sympify(shared) if shared != 0 else sp.S.One
    if ratio.is_integer is not True:
        raise ShapeError(
            f"the {heads} heads of the query are not known to be a multiple of the {shared} of "
            "key and value; write their number as a product"
        )
    return int(ratio) if ratio.is_Integer else ratio


def _logits(query: Tensor, key: Tensor, scale: Any) -> Tensor:
    """Scaled products of queries and keys, of shape (B, N, T, S)."""
    dtype = dtypes.promote(query.dtype, "float32")
    batch, times, heads, features = query.shape
    groups = _groups(query, key)
    q, k = cast(query, dtype), cast(key, dtype)
    if groups == 1:
        found = einsum("btnh,bsnh->bnts", q, k)
    else:
        split = reshape(q, (batch, times, key.shape[2], groups, features))
        found = einsum("btkgh,bskh->bkgts", split, k)
        found = reshape(found, (batch, heads, times, key.shape[1]))
    factor = 1 / sp.sqrt(sp.sympify(features)) if scale is None else scale
    return cast(multiply(found, factor), dtype)


def _weighted(weights: Tensor, query: Tensor, value: Tensor) -> Tensor:
    """Means of the values, of shape (B, T, N, H)."""
    groups = _groups(query, value)
    if groups == 1:
        return einsum("bnts,bsnh->btnh", weights, value)
    batch, _, times, places = weights.shape
    split = reshape(weights, (batch, value.shape[2], groups, times, places))
    return reshape(einsum("bkgts,bskh->btkgh", split, value), query.shape)


def _bools(mask: Any) -> Tensor | None:
    if mask is None:
        return None
    node = _of_rank_four(mask, "mask")
    if node.dtype != "bool":
        raise DTypeError(f"mask holds bools, got {node.dtype}: add numbers as a bias")
    return node


def _window(logits: Tensor, is_causal: bool, size: Any) -> Tensor | None:
    """Which keys a query sees by their places, of shape (T, S)."""
    at, of = expand_dims(iota(logits.shape[2]), 1), expand_dims(iota(logits.shape[3]), 0)
    seen = greater_equal(at, of) if is_causal else None
    if size is None:
        return seen
    before, after = (size, size) if isinstance(size, int) else size
    near = logical_and(greater_equal(at, add(of, -after)), less_equal(at, add(of, before)))
    return near if seen is None else logical_and(seen, near)


def _padding(like: Tensor, lengths: Any, axis: int) -> Tensor | None:
    """Which places of an axis come before the length of their example."""
    if lengths is None:
        return None
    node = as_tensor(lengths)
    if node.dtype not in ("int", "int32"):
        raise DTypeError(f"sequence lengths are int32, got {node.dtype}")
    if node.rank != 1 or not same(node.shape[0], like.shape[0]):
        raise ShapeError(
            f"sequence lengths have shape ({like.shape[0]},), got {show_shape(node.shape)}"
        )
    places = expand_dims(iota(like.shape[axis]), tuple(k for k in range(4) if k != axis))
    return less(places, expand_dims(node, (1, 2, 3)))
