"""Arguments of a call against the inputs of a program: names, types, sizes."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from operator import itemgetter
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import dtypes
from symflow.core.dims import Dim, show_shape, unify
from symflow.errors import DomainError, DTypeError, LoweringError, ShapeError
from symflow.lowering.calling import MISSING
from symflow.lowering.precision import accepts
from symflow.lowering.sizes import SIZE
from symflow.lowering.writing import Parameter, Written


class Binder:
    """Binds the arguments of calls to the inputs of one program."""

    def __init__(self, written: Written) -> None:
        self.parameters = written.parameters
        self.count = len(written.parameters)
        self._written = written
        self._places = {parameter.name: k for k, parameter in enumerate(written.parameters)}
        # one name would give the argument itself
        self._pick = itemgetter(*self._places) if self.count > 1 else None

    # ------------------------------------------------------------------ names

    def ordered(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """All arguments in the order of the inputs, quickly where all are given in one way."""
        if not kwargs and len(args) == self.count:
            return tuple(args)
        if self._pick is not None and not args and len(kwargs) == self.count:
            try:
                picked: tuple[Any, ...] = self._pick(kwargs)
            except KeyError:
                pass
            else:
                return picked
        return self.positions(args, kwargs)

    def positions(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """All arguments in the order of the inputs.

        Raises:
            LoweringError: for a missing, unknown or repeated one.
        """
        names = [parameter.name for parameter in self.parameters]
        if len(args) > self.count:
            raise LoweringError(
                f"the program takes {self.count} arguments ({', '.join(names)}), got {len(args)}"
            )
        bound = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in self._places:
                raise LoweringError(self._unknown(name, names))
            if name in bound:
                raise LoweringError(f"{name} is given twice, by position and by name")
            bound[name] = value
        missing = [name for name in names if name not in bound]
        if missing:
            raise LoweringError(
                f"missing {', '.join(missing)}; the program takes ({', '.join(names)})"
            )
        return tuple(bound[name] for name in names)

    def _unknown(self, name: str, names: Sequence[str]) -> str:
        lower = {known.lower(): known for known in names}
        close = get_close_matches(name.lower(), lower, 1)
        hint = f"did you mean {lower[close[0]]}?" if close else f"it takes ({', '.join(names)})"
        return f"the program has no input {name}: {hint}"

    def sizes(self, shapes: Mapping[str, Any]) -> dict[sp.Symbol, int]:
        """The dimensions that shapes of inputs, by name, determine.

        Raises:
            LoweringError: for an unknown input.
            ShapeError: for shapes that do not fit.
        """
        names = list(self._places)
        found: dict[str, int] = {}
        symbols: dict[str, sp.Symbol] = {}
        for name, shape in shapes.items():
            if name not in self._places:
                raise LoweringError(self._unknown(name, names))
            parameter = self.parameters[self._places[name]]
            if parameter.symbol is not None:
                found[name] = _size(shape, parameter)
                symbols[name] = parameter.symbol
                continue
            assert parameter.shape is not None
            given = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
            unify(parameter.shape, given, found, name)
            symbols |= {s.name: s for s in parameter.shape if isinstance(s, sp.Symbol)}
        return {symbols[name]: size for name, size in found.items()}

    def shapes(self, sizes: Mapping[sp.Symbol, int]) -> list[Any]:
        """The shape of each input at some sizes; for a dimension its size.

        Raises:
            LoweringError: naming an input whose shape these sizes do not tell.
            ShapeError, DomainError: for sizes at which the program does not run.
        """
        found: list[Any] = []
        for parameter in self.parameters:
            if parameter.symbol is not None:
                shape: Any = sizes.get(parameter.symbol)
                known = shape is not None
            else:
                shape = tuple(_evaluated(size, sizes) for size in parameter.shape or ())
                known = None not in shape
            if not known:
                what = "size" if parameter.symbol is not None else "shape"
                raise LoweringError(f"the {what} of {parameter.name} is not known: give it, too")
            found.append(shape)
        self._check_bounds(sizes)
        return found

    # ------------------------------------------------------------------ arrays

    def checked(self, args: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments as arrays of the right sizes and data types.

        Raises:
            ShapeError: naming the variable, the axis and where its size was fixed.
            DTypeError: naming the variable.
            DomainError: when a dimension that the program divides by is 0.
        """
        if any(value is MISSING for value in args):
            given = zip(self.parameters, args, strict=True)
            self.positions((), {p.name: value for p, value in given if value is not MISSING})
        pairs = list(zip(args, self.parameters, strict=True))
        arrays = [_size(v, p) if p.shape is None else _array(v, p) for v, p in pairs]
        self._check_sizes(arrays)
        return tuple(_cast(array, p) for array, p in zip(arrays, self.parameters, strict=True))

    # ------------------------------------------------------------------ sizes

    def sizes_of(self, arrays: Sequence[Any]) -> dict[str, int]:
        """The dimensions by name, of arrays that were checked."""
        return {symbol.name: size for symbol, size in self._read(arrays)[0].items()}

    def _check_sizes(self, arrays: Sequence[Any]) -> None:
        for array, parameter in zip(arrays, self.parameters, strict=True):
            if parameter.shape is not None and len(parameter.shape) != array.ndim:
                raise ShapeError(
                    f"{parameter.name} has shape {array.shape}, expected "
                    f"{show_shape(parameter.shape)}: rank {array.ndim} instead of "
                    f"{len(parameter.shape)}"
                )
        sizes, origin = self._read(arrays)
        for array, parameter in zip(arrays, self.parameters, strict=True):
            for axis, size in enumerate(parameter.shape or ()):
                self._check_axis(parameter, array.shape, axis, size, sizes, origin)
        self._check_bounds(sizes)

    def _read(self, arrays: Sequence[Any]) -> tuple[dict[sp.Symbol, int], dict[sp.Symbol, str]]:
        """The dimensions, and where each was fixed."""
        sizes: dict[sp.Symbol, int] = {}
        origin: dict[sp.Symbol, str] = {}
        for value, parameter in zip(arrays, self.parameters, strict=True):
            if parameter.symbol is not None:
                sizes[parameter.symbol] = value
                origin[parameter.symbol] = f"the argument {parameter.name}"
        for source in self._written.sizes:
            length = arrays[source.position].shape[source.axis]
            name = self.parameters[source.position].name
            found = source.formula.subs({SIZE: length} | sizes)
            if not found.is_Integer or found < 0:
                shape = self.parameters[source.position].shape
                assert shape is not None
                raise ShapeError(
                    f"{name} has size {length} in axis {source.axis}, expected "
                    f"{shape[source.axis]}: {source.symbol} would be {found}"
                )
            sizes[source.symbol] = int(found)
            origin[source.symbol] = f"axis {source.axis} of {name}"
        return sizes, origin

    def _check_axis(
        self,
        parameter: Parameter,
        shape: tuple[int, ...],
        axis: int,
        size: Dim,
        sizes: Mapping[sp.Symbol, int],
        origin: Mapping[sp.Symbol, str],
    ) -> None:
        expected = _evaluated(size, sizes)
        if expected is None or expected == shape[axis]:
            return
        assert parameter.shape is not None
        message = (
            f"{parameter.name} has shape {shape}, expected {show_shape(parameter.shape)}: "
            f"axis {axis} has size {shape[axis]}, "
        )
        if isinstance(size, int):
            raise ShapeError(f"{message}not {size}")
        fixed = ", ".join(
            f"{symbol} is {sizes[symbol]} by {origin[symbol]}"
            for symbol in sorted(size.free_symbols, key=str)
        )
        what = "" if isinstance(size, sp.Symbol) else f"{size} = {expected} where "
        raise ShapeError(f"{message}but {what}{fixed}")

    def admits(self, sizes: Mapping[str, int]) -> bool:
        """Whether the dimensions may have these sizes, by name."""
        symbols = {s for bound in self._written.bounds for s in bound.free_symbols}
        symbols |= {s for divisor in self._written.divisors for s in divisor.free_symbols}
        for run in self._written.runs:
            symbols |= {s for part in run for s in sp.sympify(part).free_symbols}
        try:
            self._check_bounds({s: sizes[s.name] for s in symbols if s.name in sizes})
        except (ShapeError, DomainError):
            return False
        return True

    def _check_bounds(self, sizes: Mapping[sp.Symbol, int]) -> None:
        for bound in self._written.bounds:
            value = _evaluated(bound, sizes)
            if value is not None and value < 0:
                known = ", ".join(f"{s} = {sizes[s]}" for s in sorted(bound.free_symbols, key=str))
                raise ShapeError(f"the program needs {bound} >= 0, it is {value} for {known}")
        for run in self._written.runs:
            _check_run(*run, sizes)
        for divisor in self._written.divisors:
            if divisor.free_symbols <= set(sizes) and divisor.subs(sizes) == 0:
                raise DomainError(f"the program divides by {divisor}, which is 0")


def _check_run(
    start: Dim, count: Dim, step: int, size: Dim, sizes: Mapping[sp.Symbol, int]
) -> None:
    first, length, total = (_evaluated(value, sizes) for value in (start, count, size))
    if first is None or length is None or total is None or length == 0:
        return
    for place in (first, first + (length - 1) * step):
        if not 0 <= place < total:
            raise ShapeError(
                f"the program takes position {place} of an axis of size {total}: "
                f"{length} positions from {start} of {size}"
            )


def _evaluated(size: Dim, sizes: Mapping[sp.Symbol, int]) -> int | None:
    """A size as a number; None where a dimension in it is not known."""
    if isinstance(size, int):
        return size
    if not size.free_symbols <= set(sizes):
        return None
    return int(sp.floor(size.subs(sizes)))


def _size(value: Any, parameter: Parameter) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise DTypeError(f"{parameter.name} is a size: a plain integer, got {type(value).__name__}")
    number = int(value.__index__())
    if number < 0:
        raise ShapeError(f"{parameter.name} is a size and must not be negative, got {number}")
    return number


def _cast(array: Any, parameter: Parameter) -> Any:
    if parameter.shape is None or str(array.dtype) == parameter.dtype:
        return array
    return array.astype(parameter.dtype)


def _array(value: Any, parameter: Parameter) -> Any:
    """The value as an array whose type the variable takes."""
    array = value if hasattr(value, "shape") and hasattr(value, "dtype") else np.asarray(value)
    try:
        given = dtypes.canonical(array.dtype)
    except DTypeError:
        raise DTypeError(
            f"{parameter.name} takes {parameter.dtype}, got an array of {array.dtype}"
        ) from None
    if not accepts(parameter.dtype, given):
        raise DTypeError(
            f"{parameter.name} takes {parameter.dtype}, got {array.dtype}: cast it where that is "
            "meant, as with .astype"
        )
    return array
