"""Random calls: a valid call of each function, changed in shapes, types and arguments."""

import builtins
import inspect
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

import symflow.stats
from tests.fuzz.drawing import (
    KINDS,
    Rng,
    draw_array,
    draw_dtype,
    draw_index,
    draw_shape,
    pick,
    resized,
    retyped,
)
from tests.numpy import test_namespaces as namespaces
from tests.numpy.calls_shapes import Fixed
from tests.stats import test_stats as distributions

Calls = list[tuple[tuple[Any, ...], dict[str, Any]]]


@dataclass(frozen=True)
class Entry:
    """A function in both worlds with valid calls of it."""

    path: str
    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    calls: Calls
    on_array: bool = False  # a method: its first argument stays an array


@dataclass(frozen=True)
class Call:
    """Arguments of a function: arrays are variables, `Fixed` ones constants."""

    number: int
    entry: Entry
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __str__(self) -> str:
        given = [repr(a) for a in self.args]
        given += [f"{name}={value!r}" for name, value in self.kwargs.items()]
        text = " ".join(", ".join(given).replace("array(", "np.array(").split())
        return f"{self.entry.path}({text})"


# -------------------------------------------------------------------------------- vocabulary

_METHODS = """
    all any argmax argmin argsort astype choose clip conj conjugate copy cumprod cumsum diagonal
    dot max mean min prod ptp ravel repeat reshape round searchsorted sort squeeze std sum swapaxes
    take trace transpose var
"""
_BINARY = "add sub mul truediv floordiv mod pow and_ or_ xor lshift rshift lt le gt ge"
_UNARY = "neg pos abs invert"
_UPDATES = "set add multiply divide min max power"
x = np.array([[0.3, -0.8, 0.5], [1.25, 0.2, -1.7]])
cube = np.arange(12.0).reshape(2, 3, 2) - 4
whole = np.array([[1, 4, 2], [2, 3, 5]])


def _functions() -> list[Entry]:
    found = []
    for ours, theirs, name in namespaces.FUNCTIONS:
        path = f"{ours.__name__.removeprefix('symflow.')}.{name}"
        calls = namespaces.calls(path)
        found.append(Entry(path, getattr(ours, name), getattr(theirs, name), calls))
    for name, function in distributions.FUNCTIONS:
        ours = getattr(symflow.stats.DISTRIBUTIONS[name], function)
        theirs = getattr(getattr(jax.scipy.stats, name), function)
        calls = [(given, {}) for given in distributions.calls(name, function)]
        found.append(Entry(f"stats.{name}.{function}", ours, theirs, calls))
    return found


def _method(name: str) -> Callable[..., Any]:
    return lambda self, *args, **kwargs: getattr(self, name)(*args, **kwargs)


def _property(name: str) -> Callable[..., Any]:
    return lambda self: getattr(self, name)


def _methods() -> list[Entry]:
    found = []
    for name in _METHODS.split():
        key = {"round": "around", "conj": "conjugate"}.get(name, name)
        calls = [c for c in namespaces.calls(f"numpy.{key}") if isinstance(c[0][0], np.ndarray)]
        found.append(Entry(f"Tensor.{name}", _method(name), _method(name), calls, on_array=True))
    for name in ("T", "mT", "real", "imag", "shape", "ndim", "size"):
        get = _property(name)
        found.append(Entry(f"Tensor.{name}", get, get, [((cube,), {})], on_array=True))
    return found


def _operators() -> list[Entry]:
    found = []
    two: Calls = [((x, x[::-1]), {}), ((whole, whole[:, :1]), {}), ((2, x), {}), ((whole, 3), {})]
    for name in _BINARY.split():
        function = getattr(operator, name)
        found.append(Entry(f"operator.{name}", function, function, two))
    products: Calls = [((x, x.T), {}), ((cube, x), {}), ((x[0], x[1]), {}), ((whole, x[0]), {})]
    found.append(Entry("operator.matmul", operator.matmul, operator.matmul, products))
    found.append(Entry("divmod", builtins.divmod, builtins.divmod, two))
    for name in _UNARY.split():
        function = getattr(operator, name)
        found.append(Entry(f"operator.{name}", function, function, [((x,), {}), ((whole,), {})]))
    return found


def _update(name: str) -> Callable[..., Any]:
    return lambda a, index, value: getattr(a.at[index], name)(value)


def _indexing() -> list[Entry]:
    get = operator.getitem
    found = [Entry("operator.getitem", get, get, [], on_array=True)] * 12
    for name in _UPDATES.split():
        update = _update(name)
        found.append(Entry(f"Tensor.at.{name}", update, update, [], on_array=True))
    return found


ENTRIES = [*_functions(), *_methods(), *_operators(), *_indexing()]

# --------------------------------------------------------------------------------- drawing


def draw_call(number: int) -> Call:
    """The call of this number: the functions take turns."""
    rng = np.random.default_rng(number)
    entry = ENTRIES[number % len(ENTRIES)]
    if entry.path == "operator.getitem" or entry.path.startswith("Tensor.at."):
        return _draw_indexing(number, rng, entry)
    if entry.calls and rng.random() < 0.9:
        args, kwargs = pick(rng, entry.calls)
        args, kwargs = _changed(rng, entry, list(args), dict(kwargs))
    else:
        args, kwargs = _from_signature(rng, entry)
    if entry.path.startswith(("operator.", "divmod")) and not any(
        isinstance(a, (np.ndarray, Fixed)) for a in args
    ):
        args[0] = draw_array(rng)  # else Python computes
    if entry.on_array and not isinstance(args[0], np.ndarray):
        args[0] = draw_array(rng)
    return Call(number, entry, tuple(args), kwargs)


def _draw_indexing(number: int, rng: Rng, entry: Entry) -> Call:
    array = draw_array(rng)
    index = draw_index(rng, array.shape)
    if entry.path == "operator.getitem":
        return Call(number, entry, (array, index), {})
    return Call(number, entry, (array, index, KINDS["values"](rng, array.shape[1:])), {})


def _from_signature(rng: Rng, entry: Entry) -> tuple[list[Any], dict[str, Any]]:
    """A call by the names of the parameters alone."""
    shape = draw_shape(rng)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for parameter in inspect.signature(entry.ours).parameters.values():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            break
        kind = KINDS.get(parameter.name)
        if parameter.default is parameter.empty and parameter.kind is not parameter.KEYWORD_ONLY:
            first = not args
            args.append(kind(rng, shape) if kind and not first else draw_array(rng, shape))
        elif kind and rng.random() < 0.2:
            kwargs[parameter.name] = kind(rng, shape)
    return args or [draw_array(rng, shape)], kwargs


def _changed(
    rng: Rng, entry: Entry, args: list[Any], kwargs: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    change = _change_of_arrays(rng)
    args = [_each_array(rng, a, change) for a in args]
    kwargs = {name: _each_array(rng, a, change) for name, a in kwargs.items()}
    if rng.random() < 0.5:
        _change_argument(rng, entry, args, kwargs)
    if rng.random() < 0.04 and args:
        args[int(rng.integers(len(args)))] = pick(rng, ("text", None, [1, 2], {}, (1.5, 2), object))
    return args, kwargs


def _each_array(rng: Rng, value: Any, change: Callable[[Any], Any]) -> Any:
    """Arrays changed, those in lists, too."""
    if isinstance(value, list):
        return [_each_array(rng, item, change) for item in value]
    return change(value) if isinstance(value, np.ndarray) else value


def _change_of_arrays(rng: Rng) -> Callable[[Any], Any]:
    """What happens to all arrays of a call, and with some chance to single ones."""
    sizes = dict(enumerate(rng.integers(0 if rng.random() < 0.25 else 1, 4, 20).tolist()))
    other_sizes, dtype = rng.random() < 0.45, draw_dtype(rng)
    all_typed, leading = rng.random() < 0.15, int(rng.integers(1, 3))
    grown, shrunk = rng.random() < 0.1, rng.random() < 0.07

    def change(array: Any) -> Any:
        shape = tuple(sizes.get(n, n) for n in array.shape) if other_sizes else array.shape
        shape = (leading, *shape) if grown else shape[1:] if shrunk else shape
        shape = _shape_alone(rng, shape)
        if shape != array.shape:
            array = resized(rng, array, shape)
        if all_typed:
            return np.asarray(retyped(rng, array, dtype))
        chance = rng.random()
        if chance < 0.04:
            return pick(rng, (2, 0.5, -1.5, True, 3, 1j))
        if chance < 0.07:
            return Fixed(array)
        return np.asarray(retyped(rng, array, draw_dtype(rng)) if chance < 0.25 else array)

    return change


def _shape_alone(rng: Rng, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of one array: mostly kept, or one that broadcasts, or any."""
    chance = rng.random()
    if chance < 0.08 and shape:
        return tuple(1 if rng.random() < 0.5 else n for n in shape)
    if chance < 0.12:
        return shape[1:]
    if chance < 0.16:
        return (int(rng.integers(1, 4)), *shape)
    return draw_shape(rng) if chance < 0.2 else shape


def _change_argument(rng: Rng, entry: Entry, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Another value for one or two parameters whose kind is known."""
    arrays = [a for a in (*args, *kwargs.values()) if isinstance(a, np.ndarray)]
    shape = arrays[0].shape if arrays else draw_shape(rng)
    names = _parameters(entry)
    known = [k for k, name in enumerate(names) if name in KINDS and (k or not args)]
    for _ in range(int(rng.integers(1, 3)) if known else 0):
        place = pick(rng, known)
        name = names[place]
        value = KINDS[name](rng, shape)
        if place < len(args):
            args[place] = value
        else:
            kwargs[name] = value


def _parameters(entry: Entry) -> list[str]:
    """The names by position; those of a method are the ones of the function."""
    function = entry.ours
    if entry.path.startswith("Tensor."):
        name = entry.path.removeprefix("Tensor.")
        function = getattr(namespaces.snp, name, function)
    return list(inspect.signature(function).parameters)
