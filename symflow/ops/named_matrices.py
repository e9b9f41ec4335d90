"""Matrices with names: Hilbert, Pascal, Hadamard, Helmert, Fourier; constants of their size."""

from math import comb
from typing import Any

import numpy as np

from symflow.core import dtypes
from symflow.core.convert import as_tensor
from symflow.core.dims import as_dim
from symflow.core.node import Tensor
from symflow.errors import DTypeError, ShapeError
from symflow.ops.arithmetic import add, astype, broadcast_to, cast, reciprocal
from symflow.ops.creation import as_column, iota

_KINDS = ("symmetric", "lower", "upper")


def _count(n: Any, what: str, least: int = 0) -> int:
    """A size that must be a number."""
    if isinstance(n, bool) or not isinstance(n, int):
        raise ShapeError(f"{what} needs its size as a number, got {n!r:.40}")
    if n < least:
        raise ShapeError(f"{what} needs a size of at least {least}, got {n}")
    return n


def _constant(rows: Any, n: int, dtype: str) -> Tensor:
    return as_tensor(np.array(rows, dtype=float).reshape(n, n), dtype)


def hilbert(n: Any) -> Tensor:
    """The matrix ``1 / (i + j + 1)`` (``jax.scipy.linalg.hilbert``); ``n`` may be a dimension."""
    size = as_dim(n)
    numbers = cast(iota(size), "float")
    rows = broadcast_to(as_column(numbers), (size, size))
    return reciprocal(add(rows, broadcast_to(numbers, (size, size)), 1))


def invhilbert(n: int) -> Tensor:
    """The inverse of the Hilbert matrix, whose entries are integers (``jax.scipy.linalg``)."""
    size = _count(n, "invhilbert")
    rows = [
        [
            (-1) ** (i + j)
            * (i + j + 1)
            * comb(size + i, size - j - 1)
            * comb(size + j, size - i - 1)
            * comb(i + j, i) ** 2
            for j in range(size)
        ]
        for i in range(size)
    ]
    return _constant(rows, size, "float")


def pascal(n: int, kind: str | None = None) -> Tensor:
    """The matrix of binomial coefficients (``jax.scipy.linalg.pascal``), in float32 as there.

    Args:
        n: the size.
        kind: ``"symmetric"`` (default), ``"lower"`` or ``"upper"`` triangular.
    """
    size = _count(n, "pascal")
    chosen = _kind(kind, "pascal")
    rows = [
        [comb(i + j, i) if chosen == "symmetric" else comb(i, j) for j in range(size)]
        for i in range(size)
    ]
    return _constant(_turned(rows, chosen), size, "float32")


def invpascal(n: int, kind: str | None = None) -> Tensor:
    """The inverse of the Pascal matrix of a kind (``jax.scipy.linalg.invpascal``)."""
    size = _count(n, "invpascal")
    chosen = _kind(kind, "invpascal")
    lower = [[(-1) ** (i + j) * comb(i, j) for j in range(size)] for i in range(size)]
    if chosen == "symmetric":
        lower = [
            [sum(lower[k][i] * lower[k][j] for k in range(size)) for j in range(size)]
            for i in range(size)
        ]
    return _constant(_turned(lower, chosen), size, "float")


def _kind(kind: str | None, what: str) -> str:
    chosen = "symmetric" if kind is None else kind
    if chosen not in _KINDS:
        raise ShapeError(f"{what}: kind is one of {', '.join(_KINDS)}, got {kind!r}")
    return chosen


def _turned(rows: list[list[int]], kind: str) -> list[list[int]]:
    return [list(column) for column in zip(*rows, strict=True)] if kind == "upper" else rows


def hadamard(n: int, dtype: Any = int) -> Tensor:
    """The Hadamard matrix of Sylvester's construction (``jax.scipy.linalg.hadamard``).

    Raises:
        ShapeError: unless the size is a power of two.
    """
    size = _count(n, "hadamard", 1)
    if size & (size - 1):
        raise ShapeError(f"hadamard: the size must be a power of two, got {size}")
    wanted = "float" if dtype is None else dtypes.canonical(dtype)
    if wanted == "bool":
        raise DTypeError("hadamard: the entries 1 and -1 are no bools")
    rows = [[(-1) ** (i & j).bit_count() for j in range(size)] for i in range(size)]
    return astype(_constant(rows, size, "int"), wanted)


def helmert(n: int, full: bool = False) -> Tensor:
    """The Helmert matrix of contrasts (``jax.scipy.linalg.helmert``).

    Args:
        n: the number of columns.
        full: with a first row of equal entries, which makes it orthogonal.
    """
    size = _count(n, "helmert", 1)
    matrix = np.zeros((size, size))
    matrix[0] = 1 / np.sqrt(size)
    for k in range(1, size):
        matrix[k, :k] = 1 / np.sqrt(k * (k + 1))
        matrix[k, k] = -k / np.sqrt(k * (k + 1))
    return as_tensor(matrix if full else matrix[1:], "float")


def dft(n: int, scale: str | None = None, *, dtype: Any = None) -> Tensor:
    """The matrix of the discrete Fourier transform (``jax.scipy.linalg.dft``).

    Args:
        n: the size.
        scale: ``"sqrtn"`` divides by the root of ``n``, which makes it unitary; ``"n"`` by ``n``.
        dtype: a complex type.
    """
    size = _count(n, "dft")
    name = "complex" if dtype is None else dtypes.canonical(dtype)
    if dtypes.kind(name) != "complex":
        raise DTypeError(f"dft: the type must be complex, got {name}")
    if scale not in (None, "sqrtn", "n"):
        raise ShapeError(f"dft: scale is None, 'sqrtn' or 'n', got {scale!r}")
    turns = np.outer(np.arange(size), np.arange(size)) % size if size else np.zeros((0, 0))
    values = np.exp(-2j * np.pi * turns / size) if size else turns.astype(complex)
    divisor = {None: 1.0, "sqrtn": np.sqrt(size), "n": float(size)}[scale]
    return as_tensor(values / divisor, name)
