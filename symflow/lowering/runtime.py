"""A program that runs: arguments bound and checked, then exactly the text executed."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import is_
from typing import Any

import numpy as np

from symflow.core import Tensor
from symflow.core.bridge import substitute
from symflow.core.dims import Shape, show_shape
from symflow.errors import LoweringError, SymflowError
from symflow.lowering.binding import Binder
from symflow.lowering.precision import WIDE
from symflow.lowering.writing import Written, write

_MOST_SHAPES = 256
_LISTS = frozenset({list, tuple})


class Program:
    """A compiled program; call it with arrays, by name or in the order of ``inputs``.

    Attributes:
        source: the module that runs, complete.
        inputs: the variables, scalar symbols and dimensions it takes, in order.
        outputs: the shapes of its results.
        backend: ``"jax"`` or ``"numpy"``.
        precision: what ``float`` stands for.
    """

    def __init__(self, written: Written, *, many: bool, expressions: Sequence[Tensor] = ()) -> None:
        self._written = written
        self._many = many
        self._expressions = tuple(expressions)
        self._binder = Binder(written)
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

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Run the program.

        Raises:
            LoweringError: for a missing, unknown or repeated argument.
            ShapeError: for sizes that do not fit, naming variable, axis and dimension.
            DTypeError: for an array whose type cannot be taken, naming the variable.
        """
        if kwargs or len(args) != self._binder.count:
            args = self._binder.ordered(args, kwargs)
        return self._run(*args)

    def admits(self, sizes: Mapping[str, int]) -> bool:
        """Whether the program runs at these sizes of its dimensions, by name."""
        return self._binder.admits(sizes)

    def source_for(self, **shapes: Any) -> str:
        """The module planned for given shapes of some or all inputs.

        Args:
            shapes: by the name of the input; for a dimension its size.

        Raises:
            LoweringError: for an unknown input, or a program that was unpickled.
            ShapeError: for shapes that do not fit.
        """
        if not self._expressions:
            raise LoweringError("a program that was unpickled has one text only: .source")
        sizes = self._binder.sizes(shapes)
        nodes = substitute(self._expressions, sizes)
        kept = [item for item in self.inputs if item not in sizes]
        inputs = [
            substitute([item], sizes)[0] if isinstance(item, Tensor) else item for item in kept
        ]
        written = write(nodes, inputs, precision=self.precision, backend=self.backend)
        return written.source

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The function ``program`` of the text, as it stands there."""
        namespace: dict[str, Any] = {}
        exec(compile(self.source, "<symflow program>", "exec"), namespace)
        function: Callable[..., Any] = namespace["program"]
        return function

    @cached_property
    def _run(self) -> Callable[..., Any]:
        return self._with_numpy() if self.backend == "numpy" else self._with_jax()

    def _with_jax(self) -> Callable[..., Any]:
        """Compiled; arguments are checked while JAX traces, once for each set of shapes."""
        import jax

        binder, function, single = self._binder, self.function, self._single

        def traced(*args: Any) -> Any:
            if not _LISTS.isdisjoint(map(type, args)):
                raise _ListsGiven  # here, where it costs a call of arrays nothing
            result = function(*binder.checked(args))
            return (result,) if single else result

        static = [k for k, p in enumerate(self._written.parameters) if p.shape is None]
        compiled = jax.jit(traced, static_argnums=static)

        def run(*args: Any) -> Any:
            try:
                return compiled(*args)
            except _ListsGiven:
                return run(*_arrays(args))
            except SymflowError as error:
                error.__notes__ = []  # JAX's word on its own frames, which are left out too
                raise error.with_traceback(None) from None
            except TypeError:
                binder.checked(_arrays(args))  # names the argument that JAX does not take
                raise

        if not self._is_wide():
            return run

        def run_wide(*args: Any) -> Any:
            with jax.enable_x64(True):  # noqa: FBT003  (JAX's signature)
                return run(*args)

        return run_wide

    @property
    def _single(self) -> bool:
        """Whether one result is given as a tuple."""
        return self._many and len(self.outputs) == 1

    def _is_wide(self) -> bool:
        """Whether a value has 64 bits, which JAX must be told for the call."""
        inputs = {p.dtype for p in self._written.parameters if p.shape is not None}
        return bool(WIDE & {*inputs, *(dtype for _, dtype in self._written.outputs)})

    def _with_numpy(self) -> Callable[..., Any]:
        """The text itself; arguments are checked once for each set of shapes."""
        binder, function, single = self._binder, self.function, self._single
        dtypes = [np.dtype(dtype) for _, dtype in self._written.outputs]
        seen: set[Any] = set()

        def run(*args: Any) -> Any:
            args = _arrays(args)
            key = tuple([(getattr(a, "shape", None), getattr(a, "dtype", a)) for a in args])
            with np.errstate(all="ignore"):
                if key not in seen:
                    arrays = binder.checked(args)
                    if all(map(is_, arrays, args)) and len(seen) < _MOST_SHAPES:
                        seen.add(key)
                    args = arrays
                results = function(*args)
            if len(dtypes) == 1:
                result = np.asarray(results, dtypes[0])
                return (result,) if single else result
            return tuple(np.asarray(r, dtype) for r, dtype in zip(results, dtypes, strict=True))

        return run


class _ListsGiven(Exception):  # noqa: N818  (no error: a call that starts anew)
    """A call with lists or tuples for arrays, which JAX takes for trees of scalars."""


def _arrays(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with lists and tuples made arrays."""
    if _LISTS.isdisjoint(map(type, args)):
        return args
    return tuple(np.asarray(arg) if type(arg) in _LISTS else arg for arg in args)


def _restored(written: Written, many: bool) -> Program:  # noqa: FBT001  (called by pickle)
    return Program(written, many=many)
