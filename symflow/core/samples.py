"""Random arrays with declared properties, for checks on data."""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import permutations
from math import prod
from typing import Any

import numpy as np

from symflow.core import dtypes
from symflow.core.dims import Dim
from symflow.core.node import Tensor
from symflow.core.properties import closure
from symflow.core.variable import Variable
from symflow.errors import DomainError

Array = np.ndarray[Any, Any]
Generator = np.random.Generator
_TRIES = 20
_CLOSE = 1e-9
_DOMINANT = frozenset(
    {"positive_definite", "positive_semidefinite", "positive_determinant", "invertible"}
)


def sample(leaf: Tensor, sizes: Mapping[str, int], rng: Generator) -> Array:
    """A random array for a variable or scalar symbol, in 64-bit precision.

    Args:
        leaf: its shape, data type and declared properties are honoured.
        sizes: of its dimensions, by name.
        rng: the source of randomness.

    Raises:
        DomainError: when no array with all declared properties was found.

    >>> from symflow.core.variable import tensor
    >>> P = sample(tensor("P", "n", "n", permutation=True), {"n": 3}, np.random.default_rng(0))
    >>> P.sum(axis=0), P.sum(axis=1)
    (array([1., 1., 1.]), array([1., 1., 1.]))
    """
    shape = tuple(_size(size, sizes) for size in leaf.shape)
    if not isinstance(leaf, Variable):
        return _entries(shape, _of_symbol(leaf), leaf.dtype, rng)
    declared = closure(leaf.properties)
    for values in _attempts(shape, declared, leaf.dtype, rng):
        if all(holds(values, name) for name in declared):
            return values
    names = ", ".join(sorted(leaf.properties))
    raise DomainError(f"no sample of shape {shape} found for {leaf.full_name} that is {names}")


def _size(size: Dim, sizes: Mapping[str, int]) -> int:
    if isinstance(size, int):
        return size
    return int(size.subs({symbol: sizes[symbol.name] for symbol in size.free_symbols}))


def _of_symbol(leaf: Tensor) -> set[str]:
    found = set()
    for symbol in leaf.free_symbols:
        if symbol.is_positive:
            found.add("positive")
        elif symbol.is_nonnegative:
            found.add("nonnegative")
    return found


def _attempts(
    shape: tuple[int, ...], names: Collection[str], dtype: str, rng: Generator
) -> Iterator[Array]:
    for _ in range(_TRIES):
        matrices = _whole_matrices(shape, names, rng)
        if matrices is None:
            matrices = _structured(_entries(shape, names, dtype, rng), names)
        yield matrices.astype(_numpy_type(dtype))


def _numpy_type(dtype: str) -> Any:
    return {"bool": bool, "int": np.int64, "float": np.float64, "complex": np.complex128}[
        dtypes.kind(dtype)
    ]


# ------------------------------------------------------------------------------ entries


def _entries(shape: tuple[int, ...], names: Collection[str], dtype: str, rng: Generator) -> Array:
    """Entries by what is declared about each, or about the last axis."""
    kind = dtypes.kind(dtype)
    if "one_hot" in names:
        chosen = rng.integers(0, max(shape[-1], 1), shape[:-1])
        return np.asarray(np.arange(shape[-1]) == chosen[..., None], dtype=float)
    if kind == "bool" or "zero_one" in names:
        return rng.integers(0, 2, shape).astype(float)
    if "plus_minus_one" in names:
        return 2.0 * rng.integers(0, 2, shape) - 1
    if kind == "int" or "integer" in names:
        return _integers(shape, names, rng)
    if "simplex" in names:
        values = rng.uniform(0.2, 1.0, shape)
        return np.asarray(values / values.sum(axis=-1, keepdims=True))
    values = _reals(shape, names, rng)
    if "unit_norm" in names:
        values = values / np.linalg.norm(values, axis=-1, keepdims=True)
    if kind == "complex":
        return np.asarray(values + 1j * _reals(shape, names, rng))
    return values


def _integers(shape: tuple[int, ...], names: Collection[str], rng: Generator) -> Array:
    low = 1 if "positive" in names else 0 if "nonnegative" in names else -3
    values = rng.integers(low, 5, shape).astype(float)
    return np.where(values == 0, 1.0, values) if "nonzero" in names else values


def _reals(shape: tuple[int, ...], names: Collection[str], rng: Generator) -> Array:
    if "in_unit_interval" in names:
        return rng.uniform(0.1, 0.9, shape)
    if "positive" in names or "nonnegative" in names:
        return rng.uniform(0.4, 1.6, shape)
    values = rng.normal(size=shape)
    return values + 0.3 * np.sign(values) if "nonzero" in names else values


# ----------------------------------------------------------------------------- matrices


def _whole_matrices(shape: tuple[int, ...], names: Collection[str], rng: Generator) -> Array | None:
    """Matrices that are drawn as a whole: permutations and orthogonal ones."""
    if "permutation" in names and len(shape) == 1:
        return np.asarray(rng.permutation(shape[0]))
    if "permutation" in names:
        return _stack(shape, lambda: np.eye(shape[-1])[rng.permutation(shape[-1])])
    if "orthogonal" in names:
        if "diagonal" in names:
            return _stack(shape, lambda: np.diag(2.0 * rng.integers(0, 2, shape[-1]) - 1))
        return _stack(shape, lambda: _orthogonal(shape[-2], shape[-1], names, rng))
    return None


def _stack(shape: tuple[int, ...], draw: Callable[[], Array]) -> Array:
    count = prod(shape[:-2])
    return np.array([draw() for _ in range(count)]).reshape(shape)


def _orthogonal(rows: int, columns: int, names: Collection[str], rng: Generator) -> Array:
    """Orthonormal columns (or rows, where there are fewer)."""
    if "symmetric" in names:  # a reflection
        v = rng.normal(size=rows)
        return np.asarray(np.eye(rows) - 2 * np.outer(v, v) / (v @ v if rows else 1.0))
    q = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))[0]
    q = q * (2.0 * rng.integers(0, 2, q.shape[1]) - 1)
    return q if rows >= columns else q.T


def _structured(values: Array, names: Collection[str]) -> Array:
    """The entries tied, or set to zero, as the declared structure of the last axes asks."""
    if values.size == 0:
        return values
    for name, tie in _TIES.items():
        if name in names:
            values = tie(values)
    if _DOMINANT & set(names) and values.ndim >= 2:
        values = _dominated(values, names)
    return values


def _transposed(values: Array) -> Array:
    return np.swapaxes(values, -1, -2)


def _fully_symmetric(values: Array) -> Array:
    """Each entry that of its sorted index."""
    index = np.sort(np.indices(values.shape).reshape(values.ndim, -1), axis=0)
    return np.asarray(values[tuple(index)].reshape(values.shape))


def _major_symmetric(values: Array) -> Array:
    rank = values.ndim
    order = (*range(rank - 4), rank - 2, rank - 1, rank - 4, rank - 3)
    return np.asarray((values + values.transpose(order)) / 2)


def _symmetric(values: Array) -> Array:
    if np.array_equal(values, _circulant(values)):
        return np.asarray((values + _transposed(values)) / 2)
    return np.asarray(np.tril(values) + _transposed(np.tril(values, -1)))


def _toeplitz(values: Array) -> Array:
    rows, columns = np.indices(values.shape[-2:])
    offset = rows - columns
    first_column = np.clip(offset, 0, None)
    first_row = np.clip(-offset, 0, None)
    return np.asarray(values[..., first_column, first_row])


def _circulant(values: Array) -> Array:
    size = values.shape[-1]
    rows, columns = np.indices(values.shape[-2:])
    return np.asarray(values[..., 0, (columns - rows) % max(size, 1)])


def _banded(values: Array) -> Array:
    return np.asarray(np.triu(np.tril(values, 1), -1))


_TIES: Mapping[str, Callable[[Array], Array]] = {
    "circulant": _circulant,
    "toeplitz": _toeplitz,
    "symmetric": _symmetric,
    "antisymmetric": lambda x: np.tril(x, -1) - _transposed(np.tril(x, -1)),
    "fully_symmetric": _fully_symmetric,
    "major_symmetric": _major_symmetric,
    "tridiagonal": _banded,
    "lower_triangular": np.tril,
    "upper_triangular": np.triu,
    "diagonal": lambda x: np.tril(np.triu(x)),
}


def _dominated(values: Array, names: Collection[str]) -> Array:
    """The matrix with a diagonal that makes it invertible or positive definite."""
    tied = {"toeplitz", "circulant", "tridiagonal", "lower_triangular", "upper_triangular"}
    tied |= {"positive", "nonnegative", "nonzero", "integer"}
    if "antisymmetric" in names:
        return values
    if "positive_semidefinite" in names and not tied & set(names):
        gram = values @ _transposed(values) / max(values.shape[-1], 1)
        return np.asarray(gram + 0.5 * np.eye(values.shape[-1]))
    size = np.abs(values).sum(axis=-1).max(axis=-1, initial=0.0)
    return np.asarray(values + (np.ceil(size) + 1)[..., None, None] * np.eye(values.shape[-1]))


# ------------------------------------------------------------------------------- checks


def holds(values: Array, name: str) -> bool:
    """Whether an array has a property.

    >>> holds(np.eye(2), "positive_definite"), holds(np.ones((2, 2)), "invertible")
    (True, False)
    """
    if values.size == 0:
        return True
    test = _TESTS[name]
    return bool(np.all(test(values)))


def _same(a: Array, b: Array) -> Any:
    return np.abs(a - b) <= _CLOSE * (1 + np.abs(b))


def _eigenvalues(values: Array) -> Array:
    return np.asarray(np.linalg.eigvalsh(values))


def _is_orthogonal(values: Array) -> Any:
    tall = values if values.shape[-2] >= values.shape[-1] else _transposed(values)
    return _same(_transposed(tall) @ tall, np.eye(tall.shape[-1]))


def _is_permutation(values: Array) -> Any:
    if values.ndim == 1:
        return np.sort(values) == np.arange(values.size)
    ones = (values == 0) | (values == 1)
    return ones & (values.sum(-1) == 1)[..., None] & (values.sum(-2) == 1)[..., None, :]


def _is_fully_symmetric(values: Array) -> Any:
    views = (values.transpose(order) for order in permutations(range(values.ndim)))
    return all(bool(np.all(_same(values, view))) for view in views)


def _has_rank(values: Array) -> Any:
    return np.linalg.matrix_rank(values) == min(values.shape[-2:])


_TESTS: Mapping[str, Callable[[Array], Any]] = {
    "symmetric": lambda x: _same(x, _transposed(x)),
    "antisymmetric": lambda x: _same(x, -_transposed(x)),
    "fully_symmetric": _is_fully_symmetric,
    "major_symmetric": lambda x: _same(x, _major_symmetric(x)),
    "positive_definite": lambda x: _eigenvalues(x) > 0,
    "positive_semidefinite": lambda x: _eigenvalues(x) > -_CLOSE,
    "diagonal": lambda x: x == np.tril(np.triu(x)),
    "lower_triangular": lambda x: x == np.tril(x),
    "upper_triangular": lambda x: x == np.triu(x),
    "tridiagonal": lambda x: x == _banded(x),
    "toeplitz": lambda x: x[..., 1:, 1:] == x[..., :-1, :-1],
    "circulant": lambda x: x == _circulant(x),
    "orthogonal": _is_orthogonal,
    "permutation": _is_permutation,
    "invertible": _has_rank,
    "full_rank": _has_rank,
    "positive_determinant": lambda x: np.linalg.det(x) > 0,
    "positive": lambda x: x > 0,
    "nonnegative": lambda x: x >= 0,
    "nonzero": lambda x: x != 0,
    "in_unit_interval": lambda x: (x >= 0) & (x <= 1),
    "integer": lambda x: x == np.floor(x.real),
    "zero_one": lambda x: (x == 0) | (x == 1),
    "plus_minus_one": lambda x: np.abs(x) == 1,
    "one_hot": lambda x: ((x == 0) | (x == 1)) & (x.sum(-1) == 1)[..., None],
    "simplex": lambda x: (x >= 0) & _same(x.sum(-1), np.ones(()))[..., None],
    "unit_norm": lambda x: _same(np.linalg.norm(x, axis=-1), np.ones(())),
}
