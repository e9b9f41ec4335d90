"""Discrete Fourier transforms along axes.

``fft(x)[k] = sum_j x[j] exp(-2 pi i j k / n)`` (J. W. Cooley, J. W. Tukey, 1965); ``ifft`` is its
inverse.  The records hold the plain transforms; sizes and norms are slices, zeros and factors.
"""

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.add import scaled
from symflow.core.apply import apply
from symflow.core.convert import as_tensor
from symflow.core.dims import (
    Dim,
    Shape,
    as_dim,
    normalise_axes,
    normalise_axis,
    product,
    same,
    show_shape,
    simplify_dim,
)
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DTypeError, ShapeError
from symflow.ops.arithmetic import cast, divide, multiply, subtract
from symflow.ops.complex import conj, is_complex
from symflow.ops.creation import iota
from symflow.ops.repeating import roll
from symflow.ops.structure import place, take_runs

_COMPLEX = {"float": "complex", "float64": "complex128"}
_REAL = {"complex": "float", "complex128": "float64"}
_LINEAR = frozenset({"linear"})


def complex_of(dtype: str) -> str:
    """The complex type that a transform of a type has."""
    wide = dtypes.at_least_float(dtype)
    return wide if dtypes.kind(wide) == "complex" else _COMPLEX.get(wide, "complex64")


def _to_complex(operands: Operands, params: Params) -> str:
    return complex_of(operands[0].dtype)


def _same_shape(operands: Operands, params: Params) -> Shape:
    x = operands[0]
    for axis in params[0]:
        _filled(x.shape, axis)
    return x.shape  # type: ignore[no-any-return]


def _filled(shape: Shape, axis: int) -> None:
    if isinstance(shape[axis], int) and shape[axis] == 0:
        raise ShapeError(
            f"a Fourier transform along axis {axis} of {show_shape(shape)}: no entries"
        )


def _flops(operands: Operands, params: Params, shape: Shape) -> Any:
    """About ``5 n log2(n)`` for a line of ``n`` entries."""
    total, line = sp.sympify(product(shape)), sp.S.One
    for axis in params[-1]:
        line *= operands[0].shape[axis]
    return 5 * total * sp.log(line + 1) / sp.log(2)


def _record(name: str, parameter: str) -> Operation:
    return Operation(
        name=f"fft.{name}",
        family="fft",
        arity=1,
        shape=_same_shape,
        dtype=_to_complex,
        parameters=(parameter,),
        facts=_LINEAR,
        latex=rf"\operatorname{{{name}}}",
        flops=_flops,
    )


FFT = _record("fft", "axis")
IFFT = _record("ifft", "axis")
FFTN = _record("fftn", "axes")
IFFTN = _record("ifftn", "axes")


def half(size: Dim) -> Dim:
    """How many coefficients a real line of so many entries has."""
    return simplify_dim(sp.floor(sp.sympify(size) / 2) + 1)


def _rfft_shape(operands: Operands, params: Params) -> Shape:
    shape, (axis,) = operands[0].shape, params[0]
    _filled(shape, axis)
    if is_complex(operands[0]):
        raise DTypeError("rfft takes real numbers; of complex ones take fft")
    return (*shape[:axis], half(shape[axis]), *shape[axis + 1 :])


RFFT = Operation(
    name="fft.rfft",
    family="fft",
    arity=1,
    shape=_rfft_shape,
    dtype=_to_complex,
    parameters=("axis",),
    facts=_LINEAR,
    latex=r"\operatorname{rfft}",
    flops=_flops,
)


def _irfft_shape(operands: Operands, params: Params) -> Shape:
    shape, (size, (axis,)) = operands[0].shape, params
    if not same(shape[axis], half(size)) or (isinstance(size, int) and size < 1):
        raise ShapeError(
            f"irfft to {size} entries takes {half(size)} coefficients, axis {axis} of "
            f"{show_shape(shape)} has {shape[axis]}"
        )
    return (*shape[:axis], size, *shape[axis + 1 :])


def _to_real(operands: Operands, params: Params) -> str:
    wide = complex_of(operands[0].dtype)
    return _REAL.get(wide, "float32")


IRFFT = Operation(
    name="fft.irfft",
    family="fft",
    arity=1,
    shape=_irfft_shape,
    dtype=_to_real,
    parameters=("n", "axis"),
    facts=_LINEAR,
    latex=r"\operatorname{irfft}",
    flops=_flops,
)

# ---------------------------------------------------------------------- sizes and norms


def _factor(norm: Any, size: Dim, *, inverse: bool) -> sp.Expr:
    """What the plain transform is multiplied by; the plain inverse has its ``1 / n`` already."""
    n = sp.sympify(size)
    if norm in (None, "backward"):
        return sp.S.One
    if norm == "ortho":
        return sp.sqrt(n) if inverse else 1 / sp.sqrt(n)
    if norm == "forward":
        return n if inverse else 1 / n
    raise TypeError(f"fft: norm is 'backward', 'ortho' or 'forward', got {norm!r:.40}")


def _swapped(norm: Any) -> Any:
    return {None: "forward", "backward": "forward", "forward": "backward"}.get(norm, norm)


def _cut(x: Tensor, axis: int, n: Any) -> Tensor:
    """``x`` with ``n`` entries along an axis: cut off, or filled up with zeros."""
    if n is None:
        return x
    wanted, size = as_dim(n), x.shape[axis]
    if isinstance(wanted, int) and wanted < 1:
        raise ShapeError(f"fft: the number of entries must be positive, got {wanted}")
    if same(wanted, size):
        return x
    difference = sp.sympify(wanted - size)
    smaller = wanted if difference.is_nonpositive else size
    if not (difference.is_nonpositive or difference.is_nonnegative):
        raise ShapeError(f"fft: which of {wanted} and {size} is larger must be known")
    runs = [(0, one, 1) for one in x.shape]
    runs[axis] = (0, smaller, 1)
    shape = (*x.shape[:axis], wanted, *x.shape[axis + 1 :])
    return take_runs(x, tuple(runs)) if smaller is wanted else place(x, tuple(runs), shape)


def _floating(a: Any) -> Tensor:
    node = as_tensor(a)
    return cast(node, dtypes.at_least_float(node.dtype))


def _axes(x: Tensor, s: Any, axes: Any) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """The axes to transform along, in order, and their sizes (None: as they are)."""
    if axes is None:
        first = 0 if s is None else x.rank - len(s)
        if first < 0:
            raise ShapeError(f"fft: {len(s)} sizes for shape {show_shape(x.shape)}")
        axes = range(first, x.rank)
    chosen = tuple(normalise_axis(axis, x.rank) for axis in axes)
    if len(set(chosen)) != len(chosen):
        raise ShapeError(f"fft: axes {tuple(axes)} names an axis twice")
    sizes = (None,) * len(chosen) if s is None else tuple(s)
    if len(sizes) != len(chosen):
        raise ShapeError(f"fft: {len(sizes)} sizes for {len(chosen)} axes")
    return chosen, sizes


def _several(x: Tensor, axes: tuple[int, ...], *, inverse: bool) -> Tensor:
    """The plain transform along some axes."""
    if not axes:
        return cast(x, complex_of(x.dtype))
    if len(axes) == 1:
        return apply(IFFT if inverse else FFT, (x,), (axes,))
    return apply(IFFTN if inverse else FFTN, (x,), (tuple(sorted(axes)),))


def _transformed(a: Any, s: Any, axes: Any, norm: Any, *, inverse: bool) -> Tensor:
    node = _floating(a)
    chosen, sizes = _axes(node, s, axes)
    for axis, size in zip(chosen, sizes, strict=True):
        node = _cut(node, axis, size)
    total = product(node.shape[axis] for axis in chosen)
    factor = _factor(norm, total, inverse=inverse)
    return scaled(factor, _several(node, chosen, inverse=inverse))


# ------------------------------------------------------------------------- the functions


def fft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """The discrete Fourier transform along an axis (``numpy.fft.fft``).

    Args:
        a: real or complex numbers.
        n: how many entries to take: cut off or filled up with zeros.
        axis: along which.
        norm: ``"backward"`` (no factor), ``"ortho"`` (``1/sqrt(n)``) or ``"forward"`` (``1/n``).

    Raises:
        ShapeError: for an empty axis, or an ``n`` that may be larger or smaller than the size.

    >>> from symflow.core import vector
    >>> fft(vector("x", "n")).dtype
    'complex'
    """
    return _transformed(a, None if n is None else (n,), (axis,), norm, inverse=False)


def ifft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of :func:`fft` (``numpy.fft.ifft``); arguments as there."""
    return _transformed(a, None if n is None else (n,), (axis,), norm, inverse=True)


def fft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None) -> Tensor:
    """The Fourier transform along two axes (``numpy.fft.fft2``)."""
    return _transformed(a, s, _two(axes), norm, inverse=False)


def ifft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None) -> Tensor:
    """The inverse of :func:`fft2`."""
    return _transformed(a, s, _two(axes), norm, inverse=True)


def _two(axes: Any) -> Any:
    if len(tuple(axes)) != 2:
        raise ShapeError(f"a two-dimensional transform is along two axes, got {tuple(axes)}")
    return axes


def fftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None) -> Tensor:
    """The Fourier transform along several axes, by default all (``numpy.fft.fftn``)."""
    return _transformed(a, s, axes, norm, inverse=False)


def ifftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None) -> Tensor:
    """The inverse of :func:`fftn`."""
    return _transformed(a, s, axes, norm, inverse=True)


def rfft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """The first ``n // 2 + 1`` entries of the transform of real numbers; the rest are conjugates.

    Arguments as of :func:`fft`.

    Raises:
        DTypeError: for complex numbers.
    """
    return rfftn(a, None if n is None else (n,), (axis,), norm)


def irfft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of :func:`rfft`, to ``n`` entries, by default ``2 * (m - 1)``."""
    return irfftn(a, None if n is None else (n,), (axis,), norm)


def rfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None) -> Tensor:
    """The transform of real numbers along two axes, the last one halved."""
    return rfftn(a, s, _two(axes), norm)


def irfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None) -> Tensor:
    """The inverse of :func:`rfft2`."""
    return irfftn(a, s, _two(axes), norm)


def rfftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None) -> Tensor:
    """The transform of real numbers along several axes, the last one halved."""
    node = _floating(a)
    chosen, sizes = _axes(node, s, axes)
    if not chosen:
        raise ShapeError("rfftn needs at least one axis")
    for axis, size in zip(chosen, sizes, strict=True):
        node = _cut(node, axis, size)
    factor = _factor(norm, product(node.shape[axis] for axis in chosen), inverse=False)
    halved = apply(RFFT, (node,), (chosen[-1:],))
    return scaled(factor, _several(halved, chosen[:-1], inverse=False))


def irfftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None) -> Tensor:
    """The inverse of :func:`rfftn`; the last size is ``2 * (m - 1)`` by default."""
    node = _floating(a)
    chosen, sizes = _axes(node, s, axes)
    if not chosen:
        raise ShapeError("irfftn needs at least one axis")
    last = chosen[-1]
    size = simplify_dim(2 * (node.shape[last] - 1)) if sizes[-1] is None else as_dim(sizes[-1])
    for axis, one in zip(chosen[:-1], sizes[:-1], strict=True):
        node = _cut(node, axis, one)
    node = _cut(node, last, half(size))
    total = product((size, *(node.shape[axis] for axis in chosen[:-1])))
    whole = _several(cast(node, complex_of(node.dtype)), chosen[:-1], inverse=True)
    result = apply(IRFFT, (whole,), (size, (last,)))
    return scaled(_factor(norm, total, inverse=True), result)


def hfft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """The transform of numbers with Hermitian symmetry, which is real (``numpy.fft.hfft``)."""
    return irfft(conj(a), n, axis, _swapped(norm))


def ihfft(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of :func:`hfft`."""
    return conj(rfft(a, n, axis, _swapped(norm)))


def fftfreq(n: Any, d: Any = 1.0, *, dtype: Any = None) -> Tensor:
    """The frequencies of the entries of a transform: 0, 1, ..., -2, -1 over ``n * d``."""
    size = as_dim(n)
    middle = simplify_dim(sp.floor(sp.sympify(size) / 2))
    numbers = roll(subtract(iota(size), middle), -middle, 0)
    return _frequencies(numbers, size, d, dtype)


def rfftfreq(n: Any, d: Any = 1.0, *, dtype: Any = None) -> Tensor:
    """The frequencies of the entries of :func:`rfft`: 0, 1, ... over ``n * d``."""
    size = as_dim(n)
    return _frequencies(iota(half(size)), size, d, dtype)


def _frequencies(numbers: Tensor, size: Dim, d: Any, dtype: Any) -> Tensor:
    if isinstance(size, int) and size < 1:
        raise ShapeError(f"frequencies of {size} entries")
    result = divide(numbers, multiply(d, size))
    if dtype is None:
        return result
    wanted = dtypes.canonical(dtype)
    if dtypes.kind(wanted) in ("bool", "int"):
        raise DTypeError(f"frequencies are no integers: dtype is a float type, not {wanted}")
    return cast(result, wanted)


def fftshift(x: Any, axes: Any = None) -> Tensor:
    """``x`` with the zero frequency moved to the middle of the axes."""
    return _shifted(x, axes, lambda size: sp.floor(size / 2))


def ifftshift(x: Any, axes: Any = None) -> Tensor:
    """The inverse of :func:`fftshift`."""
    return _shifted(x, axes, lambda size: -sp.floor(size / 2))


def _shifted(x: Any, axes: Any, shift: Callable[[sp.Expr], sp.Expr]) -> Tensor:
    node = as_tensor(x)
    chosen: Sequence[int] = normalise_axes(axes, node.rank)
    shifts = [simplify_dim(shift(sp.sympify(node.shape[axis]))) for axis in chosen]
    return roll(node, tuple(shifts), tuple(chosen)) if chosen else node
