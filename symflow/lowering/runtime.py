"""A program that runs: arguments bound and checked, then exactly the text executed."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import is_
from typing import Any

import numpy as np

from symflow.core.dims import Shape, show_shape
from symflow.errors import LoweringError, SymflowError
from symflow.lowering.assembly import Lowered
from symflow.lowering.binding import Binder
from symflow.lowering.caching import kept_at
from symflow.lowering.calling import Line
from symflow.lowering.compiled import Compiled
from symflow.lowering.precision import WIDE
from symflow.lowering.report import Explain, Report, report
from symflow.lowering.writing import Written

_MOST_SHAPES = 256
Specialise = Callable[[Mapping[str, int]], Written]
_LISTS = frozenset({list, tuple})


@dataclass(frozen=True)
class Settings:
    """How a program is run.

    Attributes:
        donate: inputs whose memory the results may take.
        cache: a folder for what is compiled.
        memory: whether a budget of memory was set.
    """

    donate: tuple[str, ...] = ()
    cache: str | None = None
    memory: bool = False


class Program:
    """A compiled program; call it with arrays, by name or in the order of ``inputs``.

    Attributes:
        source: the module of the general plan, complete; it serves all sizes.
        inputs: the variables, scalar symbols and dimensions it takes, in order.
        outputs: the shapes of its results.
        backend: ``"jax"`` or ``"numpy"``.
        precision: what ``float`` stands for.
    """

    def __init__(
        self,
        written: Written,
        *,
        many: bool,
        specialise: Specialise | None = None,
        explain: Explain | None = None,
        settings: Settings | None = None,
    ) -> None:
        self._written = written
        self._many = many
        self._specialise = specialise
        self._explain = explain
        self._settings = settings or Settings()
        self._compiled: dict[tuple[tuple[str, int], ...], Compiled] = {}
        self._stored: set[Any] = set()  # what was compiled with a folder to keep it
        self._storing = False
        self._planned: dict[tuple[tuple[str, int], ...], Written] = {}
        self._binder = Binder(written)
        self.source = written.source
        self.inputs = written.inputs
        self.backend = written.backend
        self.precision = written.precision
        self._donated = self._places(self._settings.donate)
        self._line = self._line_of_calls()
        self.__class__ = self._line.class_of(Program)

    @property
    def outputs(self) -> tuple[Shape, ...]:
        """The shapes of the results."""
        return tuple(shape for shape, _ in self._written.outputs)

    def __repr__(self) -> str:
        names = ", ".join(parameter.name for parameter in self._written.parameters)
        shapes = ", ".join(show_shape(shape) for shape in self.outputs)
        return f"<Program ({names}) -> {shapes}, {self.backend} {self.precision}>"

    def __reduce__(self) -> Any:
        return _restored, (self._written, self._many, self._settings)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Run the program.

        Raises:
            LoweringError: for a missing, unknown or repeated argument.
            ShapeError: for sizes that do not fit, naming variable, axis and dimension.
            DTypeError: for an array whose type cannot be taken, naming the variable.
        """
        return self._line.call(*args, **kwargs)  # instances have a class with a quicker one

    @property
    def call(self) -> Callable[..., Any]:
        """The same as a plain function: it spares Python the way through an object."""
        return self._line.call

    def admits(self, sizes: Mapping[str, int]) -> bool:
        """Whether the program runs at these sizes of its dimensions, by name."""
        return self._binder.admits(sizes)

    def source_for(self, /, **shapes: Any) -> str:
        """The module planned for given shapes of some or all inputs.

        It is what runs at these sizes; the plan of ``source`` is made for usual sizes, and so is
        all that an unpickled program has.

        Args:
            shapes: by the name of the input; for a dimension its size.

        Raises:
            LoweringError: for an unknown input.
            ShapeError: for shapes that do not fit.
        """
        return self._planned_for(_by_name(self._binder.sizes(shapes))).source

    def compile(self, /, **shapes: Any) -> Compiled:
        """Compile ahead of time, for given shapes.

        Calls of the program at these shapes, with arrays of the program's own data types, find it
        compiled.

        Args:
            shapes: by the name of the input, for a dimension its size; those that follow from
                others may be left out.

        Returns:
            A handle, to be called as the program; ``.memory`` is what XLA says that it needs.

        Raises:
            LoweringError: for an unknown input, for a shape that is missing, and for a backend
                that compiles nothing.
            ShapeError: for shapes that do not fit.
        """
        if self.backend != "jax":
            raise LoweringError(f"the {self.backend} backend compiles nothing: use backend='jax'")
        sizes = self._binder.sizes(shapes)
        named = _by_name(sizes)
        key = tuple(sorted(named.items()))
        known = self._compiled.get(key)
        if known is None:
            known = self._compiled[key] = Compiled(
                self._line.call,
                self._sizes_given,
                named,
                self._planned_for(named).source,
                self._executable(self._binder.shapes(sizes)),
            )
        return known

    def report(self, /, **shapes: Any) -> Report:
        """What the program costs at given shapes, and how it computes, before it runs.

        Args:
            shapes: as for :meth:`compile`; dimensions that they do not tell count as usual.

        Returns:
            Operations, bytes, memory, the plan and the rewrites, as fields and as text. After
            :meth:`compile` at these shapes, also the memory as XLA says.

        Raises:
            LoweringError: for an unknown input, and where the program has its text only.
            ShapeError: for shapes that do not fit.
            BudgetError: where a budget of memory cannot be met.
        """
        if self._explain is None:
            raise LoweringError(
                "a program that was unpickled or written without sf.lower has its text only"
            )
        sizes = _by_name(self._binder.sizes(shapes))
        compiled = self._compiled.get(tuple(sorted(sizes.items())))
        memory = None if compiled is None else compiled.memory
        return report(self._explain(sizes), sizes, memory, bounded=self._settings.memory)

    def _sizes_given(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, int]:
        return self._binder.sizes_of(self._binder.checked(self._binder.ordered(args, kwargs)))

    def _executable(self, shapes: Sequence[Any]) -> Any:
        import jax

        struct: Any = jax.ShapeDtypeStruct
        with self._context():
            given = [
                shape
                if parameter.shape is None
                else struct(shape, jax.numpy.dtype(parameter.dtype))
                for shape, parameter in zip(shapes, self._written.parameters, strict=True)
            ]
            return self._lowered(given)

    def _lowered(self, given: Sequence[Any]) -> Any:
        """Compile, in the folder for what is compiled if there is one."""
        run: Any = self._line.run
        if self._settings.cache is None:
            return run.lower(*given).compile()
        with kept_at(self._settings.cache):
            self._storing = True
            try:
                return run.lower(*given).compile()
            finally:
                self._storing = False

    def _check_stored(self, avals: Any) -> None:
        """Refuse to be compiled without the folder for what is compiled."""
        if self._storing:
            self._stored.add(avals)
        elif avals not in self._stored:
            raise _ToStore

    def _context(self) -> Any:
        return _in_64_bits() if self._is_wide() else nullcontext()

    def _places(self, names: Sequence[str]) -> tuple[int, ...]:
        """The places of some inputs that are arrays."""
        known = {p.name: k for k, p in enumerate(self._written.parameters) if p.shape is not None}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise LoweringError(
                f"donate: there is no array {unknown[0]}; the program takes ({', '.join(known)})"
            )
        if names and self.backend != "jax":
            raise LoweringError("donate: NumPy gives no memory on: use backend='jax'")
        return tuple(known[name] for name in names)

    def _planned_for(self, sizes: Mapping[str, int]) -> Written:
        """What is written for these sizes, by name; the general text where there is no other."""
        if self._specialise is None or not sizes:
            return self._written
        key = tuple(sorted(sizes.items()))
        known = self._planned.get(key)
        if known is None:
            if len(self._planned) >= _MOST_SHAPES:
                return self._written
            known = self._planned[key] = self._specialise(sizes)
        return known

    def _function_at(self, arrays: Sequence[Any]) -> Callable[..., Any]:
        """The function planned for the sizes of some arrays."""
        if self._specialise is None:
            return self.function
        written = self._planned_for(self._binder.sizes_of(arrays))
        return self.function if written.source == self.source else _function_of(written.source)

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The function ``program`` of the text, as it stands there."""
        return _function_of(self.source)

    def _line_of_calls(self) -> Line:
        names = [parameter.name for parameter in self._written.parameters]
        if self.backend == "numpy":
            return Line(names, self._binder.ordered, self._with_numpy)
        return Line(
            names,
            self._binder.ordered,
            self._with_jax,
            failed=(_ListsGiven, _ToStore, SymflowError, TypeError),
            recover=self._recovered,
            within=_in_64_bits if self._is_wide() else None,
        )

    def _with_jax(self) -> Callable[..., Any]:
        """Compiled; arguments are checked while JAX traces, once for each set of shapes."""
        import jax

        binder, single, cache = self._binder, self._single, self._settings.cache

        def traced(*args: Any) -> Any:
            if not _LISTS.isdisjoint(map(type, args)):
                raise _ListsGiven  # here, where it costs a call of arrays nothing
            if cache is not None:
                self._check_stored(_avals(args))
            arrays = binder.checked(args)
            result = self._function_at(arrays)(*arrays)
            return (result,) if single else result

        static = [k for k, p in enumerate(self._written.parameters) if p.shape is None]
        compiled = jax.jit(traced, static_argnums=static, donate_argnums=self._donated)
        return self._called() if self._written.apart else compiled

    def _called(self) -> Callable[..., Any]:
        """A program that calls a compiled function itself: arguments are checked as for NumPy."""
        binder, single = self._binder, self._single
        seen: dict[Any, Callable[..., Any]] = {}

        def first(args: tuple[Any, ...]) -> Any:
            if not _LISTS.isdisjoint(map(type, args)):
                raise _ListsGiven
            arrays = binder.checked(args)
            function = self._function_at(arrays)
            key = _key(args)
            if key is not None and len(seen) < _MOST_SHAPES and all(map(is_, arrays, args)):
                seen[key] = function
            return function(*arrays)

        def run(*args: Any) -> Any:
            function = seen.get(_key(args))
            results = first(args) if function is None else function(*args)
            return (results,) if single else results

        return _Lowerable(run, lambda *given: Lowered(self._function_at(given), given))

    def _recovered(self, error: Exception, *args: Any) -> Any:
        """The result of a call that failed for lists instead of arrays; else the error to show."""
        if isinstance(error, _ListsGiven):
            return self(*_arrays(args))
        if isinstance(error, _ToStore):
            return self._run_stored(args)
        if isinstance(error, SymflowError):
            error.__notes__ = []  # JAX's word on its own frames, which are left out too
            raise error.with_traceback(None) from None
        self._binder.checked(_arrays(args))  # names the argument that JAX does not take
        raise error

    def _run_stored(self, args: tuple[Any, ...]) -> Any:
        """Compile with the folder for what is compiled, then run."""
        import jax

        if any(isinstance(arg, jax.core.Tracer) for arg in args):  # a part of another program
            self._stored.add(_avals(args))
        else:
            with self._context():
                self._lowered(args)
        return self(*args)

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
        binder, single = self._binder, self._single
        dtypes = [np.dtype(dtype) for _, dtype in self._written.outputs]
        seen: dict[Any, Callable[..., Any]] = {}

        def first(args: tuple[Any, ...]) -> Any:
            args = _arrays(args)
            arrays = binder.checked(args)
            function = self._function_at(arrays)
            key = _key(args)
            if key is not None and len(seen) < _MOST_SHAPES and all(map(is_, arrays, args)):
                seen[key] = function
            return function(*arrays)

        def run(*args: Any) -> Any:
            function = seen.get(_key(args))
            with np.errstate(all="ignore"):
                results = first(args) if function is None else function(*args)
            if len(dtypes) == 1:
                result = np.asarray(results, dtypes[0])
                return (result,) if single else result
            return tuple([np.asarray(r, dtype) for r, dtype in zip(results, dtypes, strict=True)])

        return run


class _Lowerable:
    """A function, and how it is compiled ahead of time."""

    def __init__(self, run: Callable[..., Any], lower: Callable[..., Any]) -> None:
        self._run = run
        self.lower = lower

    def __call__(self, *args: Any) -> Any:
        """Run it."""
        return self._run(*args)


def _key(args: tuple[Any, ...]) -> Any:
    """What a check depends on; None where something is no array."""
    try:
        return tuple([(a.shape, a.dtype) for a in args])
    except AttributeError:
        known = [type(a) is int or (hasattr(a, "shape") and hasattr(a, "dtype")) for a in args]
    if not all(known):
        return None
    return tuple([a if type(a) is int else (a.shape, a.dtype) for a in args])


@lru_cache(maxsize=_MOST_SHAPES)
def _function_of(source: str) -> Callable[..., Any]:
    """The function ``program`` of a module's text."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "<symflow program>", "exec"), namespace)
    function: Callable[..., Any] = namespace["program"]
    return function


def _in_64_bits() -> Any:
    """The context in which JAX knows 64 bits."""
    import jax

    return jax.enable_x64(True)  # noqa: FBT003  (JAX's signature)


class _ListsGiven(Exception):  # noqa: N818  (no error: a call that starts anew)
    """A call with lists or tuples for arrays, which JAX takes for trees of scalars."""


class _ToStore(Exception):  # noqa: N818  (likewise)
    """A call that compiles, of a program that keeps what it compiles in a folder."""


def _avals(args: Sequence[Any]) -> Any:
    """Shapes and data types, by which JAX knows what is compiled."""
    return tuple([(np.shape(a), str(getattr(a, "dtype", a))) for a in args])


def _by_name(sizes: Mapping[Any, int]) -> dict[str, int]:
    return {symbol.name: size for symbol, size in sizes.items()}


def _arrays(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with lists and tuples made arrays."""
    if _LISTS.isdisjoint(map(type, args)):
        return args
    return tuple(np.asarray(arg) if type(arg) in _LISTS else arg for arg in args)


def _restored(
    written: Written,
    many: bool,  # noqa: FBT001  (called by pickle)
    settings: Settings,
) -> Program:
    return Program(written, many=many, settings=settings)
