"""Convolution and correlation of vectors."""

from typing import Any

import sympy as sp

from symflow.core.apply import apply
from symflow.core.dims import Dim, Shape, show_shape, simplify_dim
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import RankError, ShapeError
from symflow.ops.arithmetic import astype, convert
from symflow.ops.complex import conj
from symflow.ops.contraction import sum as total
from symflow.ops.contraction import tensordot
from symflow.ops.indexing import getitem
from symflow.ops.records import promoted
from symflow.ops.reshaping import reshape
from symflow.ops.structure import flip, place, take_runs

_MODES = ("full", "same", "valid")


def _convolved_shape(operands: Operands, params: Params) -> Shape:
    (n,), (m,) = operands[0].shape, operands[1].shape
    return (simplify_dim(n + m - 1 if params[0] == "full" else n - m + 1),)


def _skewed(a: Tensor, v: Tensor, mode: str) -> Tensor:
    """The products ``a_i v_j``, summed where ``i + j`` is the same.

    Rows that are one too long, read as rows of the right length, stand shifted by their number.
    """
    (n,), (m,) = a.shape, v.shape
    wide = place(tensordot(a, v, 0), ((0, n, 1), (0, m, 1)), (n, n + m))
    line = take_runs(reshape(wide, (-1,)), ((0, simplify_dim(sp.expand(n * (n + m - 1))), 1),))
    full = total(reshape(line, (n, simplify_dim(n + m - 1))), 0)
    return full if mode == "full" else take_runs(full, ((m - 1, simplify_dim(n - m + 1), 1),))


CONVOLVE = Operation(
    name="convolve",
    family="convolution",
    arity=2,
    shape=_convolved_shape,
    dtype=promoted,
    parameters=("mode",),
    defaults={"mode": "full"},
    definition=_skewed,
    batching="definition",
    latex=r"{0} \ast {1}",
    code={
        "jax": "jnp.convolve({0}, {1}, mode={mode})",
        "numpy": "np.convolve({0}, {1}, mode={mode})",
    },
    flops=lambda operands, params, shape: 2 * shape[0] * operands[1].shape[0],
)


def full_convolution(a: Tensor, v: Tensor) -> Tensor:
    """All sums of products ``a_i v_(k-i)``."""
    return apply(CONVOLVE, (a, v), ("full",))


def valid_convolution(a: Tensor, v: Tensor) -> Tensor:
    """The sums that take in all entries of ``v``, which is not longer than ``a``."""
    return apply(CONVOLVE, (a, v), ("valid",))


def _vectors(name: str, a: Any, v: Any, preferred: Any) -> tuple[Tensor, Tensor]:
    x, y = convert((a, v), "float" if preferred is None else "same")
    for node in (x, y):
        if node.rank != 1:
            raise RankError(f"{name} takes vectors, got shape {show_shape(node.shape)}")
        if node.shape[0] == 0:
            raise ShapeError(f"{name} takes vectors that are not empty")
    return x, y


def _is_longer(name: str, x: Tensor, y: Tensor, mode: str) -> bool:
    """Whether the first is at least as long as the second; no size is 0."""
    difference = sp.sympify(x.shape[0]) - sp.sympify(y.shape[0])
    difference = sp.expand(difference.subs({s: s + 1 for s in difference.free_symbols}))
    if difference.is_nonnegative:
        return True
    if difference.is_nonpositive:
        return False
    raise ShapeError(
        f"{name} in mode {mode!r} needs to know which is longer: {x.shape[0]} or {y.shape[0]}; "
        "give one of them a number, or use mode='full'"
    )


def _checked(mode: str) -> None:
    if mode not in _MODES:
        raise ShapeError(f"mode is one of {', '.join(_MODES)}, got {mode!r}")


def convolve(
    a: Any,
    v: Any,
    mode: str = "full",
    *,
    precision: None = None,
    preferred_element_type: Any = None,
) -> Tensor:
    """The convolution of two vectors (``numpy.convolve``).

    Args:
        a: a vector.
        v: another; integers become floats, as in JAX.
        mode: ``"full"`` for all ``n + m - 1`` overlaps, ``"same"`` for the middle ones, as many
            as the longer vector has entries, ``"valid"`` for those of all its entries.
        precision: not supported.
        preferred_element_type: the type of the result.

    Raises:
        RankError: for what is no vector.
        ShapeError: for an empty vector, and where it matters which of two symbolic sizes is
            larger.
    """
    _checked(mode)
    x, y = _vectors("convolve", a, v, preferred_element_type)
    if mode == "full":
        result = full_convolution(x, y)
    else:
        if not _is_longer("convolve", x, y, mode):
            x, y = y, x
        result = _middle(x, y, mode)
    return result if preferred_element_type is None else astype(result, preferred_element_type)


def _middle(x: Tensor, y: Tensor, mode: str) -> Tensor:
    if mode == "valid":
        return valid_convolution(x, y)
    n, m = x.shape[0], y.shape[0]
    start: Dim = simplify_dim(sp.sympify(m) - 1 - sp.floor(sp.sympify(m) / 2))
    return take_runs(full_convolution(x, y), ((start, n, 1),))


def correlate(
    a: Any,
    v: Any,
    mode: str = "valid",
    *,
    precision: None = None,
    preferred_element_type: Any = None,
) -> Tensor:
    """The sums of ``a_(k+j) conj(v_j)`` (``numpy.correlate``); arguments as of :func:`convolve`."""
    _checked(mode)
    x, y = _vectors("correlate", a, v, preferred_element_type)
    y = conj(y)
    if mode == "full":
        result = full_convolution(x, flip(y))
    elif _is_longer("correlate", x, y, mode):
        result = _middle(x, flip(y), mode)
    else:
        result = getitem(_middle(y, flip(x), mode), slice(None, None, -1))
    return result if preferred_element_type is None else astype(result, preferred_element_type)
