"""A program that runs: arguments bound and checked, then exactly the text executed."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import Any

import numpy as np

from symflow.core.dims import Shape, show_shape
from symflow.lowering.binding import Binder
from symflow.lowering.precision import WIDE
from symflow.lowering.writing import Written

_MOST_SHAPES = 256


class Program:
    """A compiled program; call it with arrays, by name or in the order of ``inputs``.

    Attributes:
        source: the module that runs, complete.
        inputs: the variables, scalar symbols and dimensions it takes, in order.
        outputs: the shapes of its results.
        backend: ``"jax"`` or ``"numpy"``.
        precision: what ``float`` stands for.
    """

    def __init__(self, written: Written, *, many: bool) -> None:
        self._written = written
        self._many = many
        self._binder = Binder(written)
        self._ready: dict[Any, Callable[[Sequence[Any]], Any]] = {}
        self.source = written.source
        self.inputs = written.inputs
        self.backend = written.backend
        self.precision = written.precision

    @property
    def outputs(self) -> tuple[Shape, ...]:
        """The shapes of the results."""
        return tuple(shape for shape, _ in self._written.outputs)

    def __repr__(self) -> str:
        names = ", ".join(parameter.name for parameter in self._written.parameters)
        shapes = ", ".join(show_shape(shape) for shape in self.outputs)
        return f"<Program ({names}) -> {shapes}, {self.backend} {self.precision}>"

    def __reduce__(self) -> Any:
        return _restored, (self._written, self._many)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program.

        Raises:
            LoweringError: for a missing, unknown or repeated argument.
            ShapeError: for sizes that do not fit, naming variable, axis and dimension.
            DTypeError: for an array whose type cannot be taken, naming the variable.
        """
        if kwargs or len(args) != self._binder.count:
            args = self._binder.positions(args, kwargs)
        try:
            run = self._ready.get(tuple([(arg.shape, arg.dtype) for arg in args]))
        except (AttributeError, TypeError):
            run = None
        return self._first(args) if run is None else run(args)

    def admits(self, sizes: Mapping[str, int]) -> bool:
        """Whether the program runs at these sizes of its dimensions, by name."""
        return self._binder.admits(sizes)

    def _first(self, args: Sequence[Any]) -> Any:
        """A call with shapes that were not seen before, or with what is no array."""
        arrays, casts, static = self._binder.checked(args)
        run = self._runner(casts)
        if not static:
            if len(self._ready) >= _MOST_SHAPES:
                self._ready.clear()
            key = tuple((array.shape, array.dtype) for array in arrays)
            self._ready[key] = run
        return run(arrays)

    def _runner(self, casts: Sequence[tuple[int, str]]) -> Callable[[Sequence[Any]], Any]:
        function, context = self._function, self._context

        def run(args: Sequence[Any]) -> Any:
            given = list(args)
            with context():
                for place, dtype in casts:
                    given[place] = given[place].astype(dtype)
                return function(*given)

        return run if casts or context is not nullcontext else lambda args: function(*args)

    @cached_property
    def _context(self) -> Callable[[], AbstractContextManager[Any]]:
        """What surrounds a call: 64 bits for this call alone, and NumPy's quiet."""
        if self.backend == "numpy":
            return lambda: np.errstate(all="ignore")
        types = {parameter.dtype for parameter in self._written.parameters}
        if not WIDE & {*types, *(dtype for _, dtype in self._written.outputs)}:
            return nullcontext
        import jax

        return lambda: jax.enable_x64(True)  # noqa: FBT003

    @cached_property
    def _function(self) -> Callable[..., Any]:
        """The function of the text, compiled."""
        namespace: dict[str, Any] = {}
        code = compile(self.source, "<symflow program>", "exec")
        exec(code, namespace)
        function = namespace["program"]
        if self.backend == "numpy":
            return self._numpy_results(function)
        import jax

        static = [k for k, p in enumerate(self._written.parameters) if p.shape is None]
        compiled = jax.jit(function, static_argnums=static)
        if self._many and len(self.outputs) == 1:
            return lambda *args: (compiled(*args),)
        return compiled

    def _numpy_results(self, function: Callable[..., Any]) -> Callable[..., Any]:
        dtypes = [np.dtype(dtype) for _, dtype in self._written.outputs]
        many = self._many

        def run(*args: Any) -> Any:
            results = function(*args)
            if len(dtypes) == 1:
                result = np.asarray(results, dtypes[0])
                return (result,) if many else result
            return tuple(np.asarray(r, dtype) for r, dtype in zip(results, dtypes, strict=True))

        return run


def _restored(written: Written, many: bool) -> Program:  # noqa: FBT001  (called by pickle)
    return Program(written, many=many)
