"""Random arguments: arrays of small shapes, and one kind of value for each name of a parameter."""

from collections.abc import Callable
from typing import Any

import numpy as np

Rng = Any
# What a kind gets: the generator and the shape of the first array of the call.
Kind = Callable[[Rng, tuple[int, ...]], Any]
DTYPES = ("float64", "float32", "int32", "int64", "bool", "complex128")
LARGE = 1e9  # twice as much fits into any of the integers
_WEIGHTS = (0.45, 0.12, 0.1, 0.15, 0.1, 0.08)


def pick(rng: Rng, choices: Any) -> Any:
    """One of several values, whatever they are."""
    found = list(choices)
    return found[int(rng.integers(len(found)))]


def draw_dtype(rng: Rng) -> str:
    """A data type, mostly float64."""
    return str(rng.choice(DTYPES, p=_WEIGHTS))


def draw_shape(rng: Rng) -> tuple[int, ...]:
    """A shape of 0 to 4 axes with 0 to 3 entries."""
    rank = int(rng.choice(5, p=(0.15, 0.3, 0.3, 0.17, 0.08)))
    return tuple(int(n) for n in rng.choice(4, size=rank, p=(0.08, 0.22, 0.35, 0.35)))


def draw_array(rng: Rng, shape: tuple[int, ...] | None = None, dtype: str = "") -> Any:
    """An array; entries that are halves now and then, so that ties happen."""
    shape = draw_shape(rng) if shape is None else shape
    values = rng.normal(size=shape) if rng.random() < 0.7 else rng.integers(-6, 7, shape) / 2
    return np.asarray(retyped(rng, np.asarray(values), dtype or draw_dtype(rng)))


def retyped(rng: Rng, values: Any, dtype: str) -> Any:
    """The entries as another type, scaled so that integers differ."""
    if values.dtype.name == dtype:
        return values
    if dtype == "bool":
        return np.asarray(np.real(values) > 0.25)
    if dtype.startswith("int"):
        return np.rint(np.clip(np.nan_to_num(np.real(values)), -LARGE, LARGE) * 2).astype(dtype)
    if dtype == "complex128":
        return values + 1j * rng.normal(size=values.shape)
    return np.real(values).astype(dtype)


def resized(rng: Rng, values: Any, shape: tuple[int, ...]) -> Any:
    """Entries of the same range in another shape."""
    if values.size == 0:
        return draw_array(rng, shape, values.dtype.name)
    return np.resize(values, shape)


# ------------------------------------------------------------------------- kinds of arguments


def _integer(low: int, high: int) -> Kind:
    return lambda rng, shape: int(rng.integers(low, high + 1))


def _one_of(*choices: Any) -> Kind:
    return lambda rng, shape: pick(rng, choices)


def _axis(rng: Rng, shape: tuple[int, ...]) -> Any:
    """An axis of the shape, rarely one outside, several of them, or none."""
    rank, chance = len(shape), rng.random()
    if chance < 0.12:
        return None
    if chance < 0.22 or not rank:
        return int(rng.integers(-rank - 2, rank + 2))
    if chance < 0.42:
        count = int(rng.integers(0, rank + 1))
        chosen = rng.permutation(rank)[:count]
        return tuple(int(a) - (rank if rng.random() < 0.3 else 0) for a in chosen)
    if chance < 0.46:
        return pick(rng, (1.0, "0", [0], True, (0, 0)))
    return int(rng.integers(-rank, rank))


def _axes(rng: Rng, shape: tuple[int, ...]) -> Any:
    order = [int(a) for a in rng.permutation(len(shape))]
    pairs = ([0], [0]), (0, -1), ([1, 0], [0, 1]), 1, 0, 2, None, (0,), (-1, -2), -1
    return tuple(order) if rng.random() < 0.5 else pick(rng, pairs)


def _mask(rng: Rng, shape: tuple[int, ...]) -> Any:
    if rng.random() < 0.15:
        return pick(rng, (True, False, None))
    kept = shape[int(rng.integers(0, len(shape) + 1)) :] if shape else ()
    return rng.random(kept) < 0.6


def _size(rng: Rng, shape: tuple[int, ...]) -> Any:
    """A shape of as many entries, or any."""
    count = int(np.prod(shape))
    fitting = [(count,), -1, (-1, 1), (1, count), shape[::-1], (*shape, 1), (2, -1), count]
    return pick(rng, fitting) if rng.random() < 0.6 else draw_shape(rng)


def _positions(rng: Rng, shape: tuple[int, ...]) -> Any:
    choices = (rng.integers(-3, 4, draw_shape(rng)), int(rng.integers(-3, 4)), [0, 1], (0,))
    return pick(rng, choices)


def _operand(rng: Rng, shape: tuple[int, ...]) -> Any:
    """An array of the same shape, of one that broadcasts, of any; or a number."""
    chance = rng.random()
    if chance < 0.2:
        return pick(rng, (2, -1, 0, 0.5, -1.5, True, 1 + 2j, 3.0))
    if chance < 0.6:
        return draw_array(rng, shape)
    if chance < 0.85 and shape:
        kept = shape[int(rng.integers(0, len(shape))) :]
        return draw_array(rng, tuple(1 if rng.random() < 0.3 else n for n in kept))
    return draw_array(rng)


_DTYPE = _one_of(*DTYPES, None, float, int, bool, complex, "nonsense", np.float32)
_COUNT = _integer(-1, 4)
_FLAG = _one_of(True, False)
_NUMBER = _one_of(0, 1, 2, 0.5, -1.0, 2.5, None, 1j)
_SPLITS = _one_of(1, 2, 3, 0, -1, [1], [0, 2], [2, 1], [], (1, 5), 1.5)
_ORDERS = _one_of(None, "fro", "nuc", "f", 1, -1, 2, -2, 0, 3, 0.5, float("inf"), -float("inf"))
_WORDS = "full same valid clip wrap fill raise reduced complete r raw economic left right"
_MODES = _one_of(*_WORDS.split(), "constant", "edge", "reflect", "symmetric", "mean", "nonsense")


def _same(names: str, kind: Kind) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


# By the name of the parameter; what is not listed is left as the valid calls have it.
KINDS: dict[str, Kind] = {
    **_same("axis axis1 axis2 source destination axisa axisb axisc start", _axis),
    **_same("axes", _axes),
    **_same("keepdims include_initial descending equal_nan rowvar bias increasing", _FLAG),
    **_same("right hermitian full_matrices compute_uv returned density sparse endpoint", _FLAG),
    **_same("lower unit_diagonal return_sign deg approximate repetition stable retstep", _FLAG),
    **_same("UPLO", _one_of("L", "U", "l", "X")),
    **_same("dtype", _DTYPE),
    **_same("shape new_shape dimensions", _size),
    **_same("mode", _MODES),
    **_same("side", _one_of("left", "right", "middle")),
    **_same("norm", _one_of(None, "ortho", "forward", "backward", "nonsense")),
    **_same("ddof correction", _one_of(0, 1, 2, 0.5, -1)),
    **_same("where", _mask),
    **_same("initial", _NUMBER),
    **_same("indices obj kth ind", _positions),
    **_same("indices_or_sections", _SPLITS),
    **_same("ord", _ORDERS),
    **_same("k offset shift N M n num num_classes decimals", _COUNT),
    **_same("repeats", _one_of(0, 1, 2, 3, -1, [1, 2], 1.5)),
    **_same("reps", _one_of(0, 2, (2, 1), (1, 2, 2), (), -1)),
    **_same("s", _one_of(None, (2,), (2, 3), (3, 1), (0, 2), 2, (-1, 2))),
    **_same("pad_width", _one_of(0, 1, 2, (1, 0), ((1, 0), (0, 2)), ((1,),), -1, 1.5)),
    **_same("q", _one_of(0.0, 0.25, 1, 0.9, 1.5, np.array([0.2, 0.6]), np.array([[0.5], [0.1]]))),
    **_same("method", _one_of("linear", "lower", "higher", "midpoint", "nearest", "nonsense")),
    **_same("order", _one_of("C", "F", "A", "K", None, "X")),
    **_same("indexing", _one_of("xy", "ij", "ji")),
    **_same("period discont", _one_of(None, 1.0, 2.5, 0)),
    **_same("prepend append values default v val to_end to_begin", _operand),
    **_same("weights aweights fweights mean b y x2 a2 w loc scale xp fp choices", _operand),
    **_same("rtol atol rcond tol", _one_of(None, 0.1, 1e-3, 0.0, 2)),
    **_same("fill_value", _NUMBER),
}


def draw_index(rng: Rng, shape: tuple[int, ...]) -> Any:
    """An index into a shape: numbers, slices, ellipses, new axes, masks and arrays."""
    parts: list[Any] = []
    for size in shape[: int(rng.integers(0, len(shape) + 1))]:
        parts.append(_part(rng, size))
        if rng.random() < 0.12:
            parts.append(None)
    if rng.random() < 0.2:
        parts.insert(int(rng.integers(0, len(parts) + 1)), Ellipsis)
    if rng.random() < 0.03:
        parts.append(pick(rng, ("0", 1.5, Ellipsis, 0)))
    return parts[0] if len(parts) == 1 and rng.random() < 0.5 else tuple(parts)


def _part(rng: Rng, size: int) -> Any:
    chance = rng.random()
    if chance < 0.35:
        return int(rng.integers(-size, max(size, 1))) if rng.random() < 0.93 else size + 1
    if chance < 0.75:
        ends = [pick(rng, (None, int(rng.integers(-4, 5)))) for _ in range(2)]
        return slice(*ends, pick(rng, (None, None, 1, 2, -1, -2, 3)))
    if chance < 0.9:
        return rng.integers(-size, max(size, 1), pick(rng, ((2,), (), (3,), (2, 2), (1,), (0,))))
    return slice(None)
