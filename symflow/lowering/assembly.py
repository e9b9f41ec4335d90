"""Programs that call several compiled functions, compiled ahead of time and measured as one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType, SimpleNamespace
from typing import Any


@dataclass(frozen=True)
class Assembly:
    """The compiled functions of a program, as one executable.

    Attributes:
        inputs, outputs: bytes of the arrays that the program takes and gives.
        between: bytes of what its functions give each other, all of it kept to the end.
        calls: the executables in the order of their calls.
    """

    inputs: int
    outputs: int
    between: int
    calls: Sequence[Any]

    def memory_analysis(self) -> Any:
        """Bytes, by the names that XLA gives them; None where it does not say."""
        told = [call.memory_analysis() for call in self.calls]
        if any(one is None for one in told):
            return None
        return SimpleNamespace(
            argument_size_in_bytes=self.inputs,
            output_size_in_bytes=self.outputs,
            temp_size_in_bytes=self.between + max(one.temp_size_in_bytes for one in told),
            alias_size_in_bytes=0,
        )

    def cost_analysis(self) -> Mapping[str, float]:
        """Operations of all calls together."""
        costs = [call.cost_analysis() or {} for call in self.calls]
        return {"flops": sum(cost.get("flops", 0.0) for cost in costs)}


@dataclass(frozen=True)
class Lowered:
    """A program that is ready to be compiled: its function, and the shapes of its arguments."""

    function: Callable[..., Any]
    given: Sequence[Any]

    def compile(self) -> Assembly:
        """Compile every function that the program calls, for the arrays that it meets."""
        run = _Shapes()
        space = {name: run.of(name, value) for name, value in self.function.__globals__.items()}
        driver = FunctionType(self.function.__code__, space)
        results = driver(*self.given)
        results = results if isinstance(results, tuple) else (results,)
        made = {id(array) for array in run.made}
        own = sum(_bytes(result) for result in results if id(result) in made)
        return Assembly(
            inputs=sum(_bytes(array) for array in self.given if hasattr(array, "shape")),
            outputs=sum(map(_bytes, results)),
            between=sum(map(_bytes, run.made)) - own,
            calls=run.calls,
        )


class _Shapes:
    """Functions on the shapes of arrays, in the place of compiled ones."""

    def __init__(self) -> None:
        self.made: list[Any] = []
        self.calls: list[Any] = []
        self._known: dict[Any, tuple[Any, Any]] = {}

    def of(self, name: str, value: Any) -> Any:
        """What stands for a name of the module."""
        if name == "stacked":
            return self._stacked
        if not (callable(value) and hasattr(value, "lower")):
            return value
        return lambda *args: self._call(value, args)

    def _stacked(self, *arrays: Any) -> Any:
        found = _struct((len(arrays), *arrays[0].shape), arrays[0].dtype)
        self.made.append(found)
        return found

    def _call(self, function: Any, args: Sequence[Any]) -> Any:
        key = id(function), tuple([(a.shape, a.dtype) if hasattr(a, "shape") else 0 for a in args])
        if key not in self._known:
            lowered = function.lower(*args)
            self._known[key] = lowered.compile(), lowered.out_info
        compiled, told = self._known[key]
        self.calls.append(compiled)
        found = [_struct(one.shape, one.dtype) for one in (told if type(told) is tuple else [told])]
        self.made += found
        return tuple(found) if type(told) is tuple else found[0]


def _struct(shape: Sequence[int], dtype: Any) -> Any:
    import jax

    struct: Any = jax.ShapeDtypeStruct
    return struct(tuple(shape), dtype)


def _bytes(array: Any) -> int:
    size = int(array.dtype.itemsize)
    for length in array.shape:
        size *= length
    return size
