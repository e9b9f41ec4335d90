"""A call in JAX, in NumPy and in symflow, and whether the outcomes are the same.

JAX runs a call as it would inside ``jax.jit``: arrays without values, like the variables here.
Several calls are compiled together, which is what makes thousands of them affordable.
"""

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

import symflow as sf
from symflow.core import Tensor, Variable, dim
from symflow.errors import SymflowError
from tests.fuzz.calls import Call
from tests.numpy.calls_shapes import Fixed
from tests.oracle import dtype_of, evaluate_all
from tests.tracing import computed

REFUSALS = (SymflowError, TypeError, ValueError)
_ABSTRACT = {"float64": "float", "int64": "int", "complex128": "complex"}
SIZES = {f"n{k}": k for k in range(2, 100)}


@dataclass
class Outcome:
    """What a call gave: leaves in order (arrays, or descriptions of them), or an error."""

    leaves: list[Any] = field(default_factory=list)
    error: Exception | None = None
    values: dict[Any, Any] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        return self.error is not None


def _attempt(run: Callable[[], Outcome]) -> Outcome:
    """An outcome; any exception is one, too: which ones are allowed is decided by `compare`."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return run()
        except Exception as error:  # noqa: BLE001
            return Outcome(error=error)


def leaves_of(result: Any) -> list[Any]:
    """The parts of a result in order, nested tuples and lists opened."""
    if isinstance(result, (tuple, list)):
        return [leaf for item in result for leaf in leaves_of(item)]
    return [result]


def _mapped(value: Any, arrays: Callable[[Any], Any], constants: Callable[[Any], Any]) -> Any:
    """Arguments with their arrays replaced, in tuples and lists, too."""
    if isinstance(value, np.ndarray):
        return arrays(value)
    if isinstance(value, Fixed):
        return constants(np.asarray(value.array))
    if type(value) in (list, tuple):
        return type(value)(_mapped(item, arrays, constants) for item in value)
    return value


def _arguments(
    call: Call, arrays: Callable[[Any], Any], constants: Callable[[Any], Any]
) -> tuple[list[Any], dict[str, Any]]:
    args = [_mapped(a, arrays, constants) for a in call.args]
    return args, {name: _mapped(a, arrays, constants) for name, a in call.kwargs.items()}


# ------------------------------------------------------------------------------------- ours


def ours(call: Call, *, symbolic: bool = False) -> Outcome:
    """The call on variables; where symbolic, every size above 1 is a dimension."""
    values: dict[Any, Any] = {}

    def variable(array: Any) -> Tensor:
        own = array.dtype.name
        shape = [dim(f"n{n}") if symbolic and n > 1 else n for n in array.shape]
        made = Variable(f"v{len(values)}", shape, _ABSTRACT.get(own, own))
        values[made] = array
        return made

    def run() -> Outcome:
        args, kwargs = _arguments(call, variable, lambda array: array)
        return Outcome(leaves_of(call.entry.ours(*args, **kwargs)), values=values)

    return _attempt(run)


def is_finite(outcome: Outcome) -> bool:
    """Whether all values of the variables are finite."""
    return all(np.all(np.isfinite(value)) for value in outcome.values.values())


def evaluated(outcome: Outcome, *, program: bool = False) -> list[Any]:
    """The leaves with values, by the oracle or by a program of NumPy."""
    nodes = [leaf for leaf in outcome.leaves if isinstance(leaf, Tensor)]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if program and nodes:
            found = iter(_run_program(nodes, outcome.values))
        else:
            found = iter(evaluate_all(nodes, outcome.values, SIZES))
    return [next(found) if isinstance(leaf, Tensor) else leaf for leaf in outcome.leaves]


def _run_program(nodes: list[Tensor], values: dict[Any, Any]) -> list[Any]:
    function = sf.lower(tuple(nodes), backend="numpy", precision="float64", optimise=False)
    held = {variable.name: value for variable, value in values.items()}
    needed = [getattr(leaf, "name", str(leaf)) for leaf in function.inputs]
    given = {name: held[name] if name in held else SIZES[name] for name in needed}
    return [np.asarray(value) for value in function(**given)]


# -------------------------------------------------------------------------------------- JAX


def _traced(call: Call) -> tuple[Callable[..., Any], list[Any]]:
    """A function of the arrays that gives the arrays among the results, and where those go."""
    inputs: list[Any] = []
    _arguments(call, inputs.append, lambda array: array)

    def function(given: list[Any], kept: list[Any] | None = None) -> list[Any]:
        source = iter(given)
        args, kwargs = _arguments(call, lambda array: next(source), lambda array: array)
        leaves = leaves_of(call.entry.theirs(*args, **kwargs))
        if kept is not None:
            kept[:] = leaves
        return [leaf for leaf in leaves if isinstance(leaf, jax.Array)]

    return function, inputs


def jax_shapes(call: Call) -> Outcome:
    """Shapes and types of the results, without computing them."""
    function, inputs = _traced(call)
    kept: list[Any] = []

    def run() -> Outcome:
        with jax.enable_x64(True):
            shapes = iter(jax.eval_shape(lambda given: function(given, kept), inputs))
            return Outcome([next(shapes) if isinstance(leaf, jax.Array) else leaf for leaf in kept])

    return _attempt(run)


def jax_eagerly(call: Call) -> Outcome:
    """The call with values at hand."""

    def run() -> Outcome:
        with jax.enable_x64(True):
            args, kwargs = _arguments(call, jax.numpy.asarray, lambda array: array)
            return Outcome(leaves_of(call.entry.theirs(*args, **kwargs)))

    return _attempt(run)


def jax_values(calls: list[Call]) -> list[list[Any] | Exception]:
    """The arrays that several calls give, traced together; one by one where that fails."""
    traced = [_traced(call) for call in calls]

    def together(given: list[list[Any]]) -> list[Any]:
        return [function(one) for (function, _), one in zip(traced, given, strict=True)]

    def run() -> Outcome:
        with jax.enable_x64(True):
            return Outcome(computed(together, [inputs for _, inputs in traced]))

    outcome = _attempt(run)
    if not outcome.refused:
        return outcome.leaves
    if len(calls) == 1:
        return [outcome.error or RuntimeError()]
    return [result for call in calls for result in jax_values([call])]


def numpys(call: Call) -> Outcome:
    """The call in NumPy, where it has the function."""

    def run() -> Outcome:
        space, _, name = call.entry.path.rpartition(".")
        owner = {"numpy": np, "numpy.linalg": np.linalg, "numpy.fft": np.fft}.get(space)
        function = getattr(owner, name) if owner else call.entry.theirs
        args, kwargs = _arguments(call, lambda array: array, lambda array: array)
        return Outcome(leaves_of(function(*args, **kwargs)))

    return _attempt(run)


# ------------------------------------------------------------------------------- comparison


def difference(
    got: Iterable[Any],
    wanted: Iterable[Any],
    tolerance: float,
    *,
    up_to_sign: bool = False,
    poles: bool = False,
) -> str:
    """How two lists of results differ; empty where they do not."""
    got, wanted = list(got), list(wanted)
    if len(got) != len(wanted):
        return f"{len(got)} results, {len(wanted)} wanted"
    for mine, theirs in zip(got, wanted, strict=True):
        found = _differ(mine, theirs, tolerance, up_to_sign, poles)
        if found:
            return found
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float, complex, np.ndarray, np.generic, jax.Array))


def _differ(mine: Any, theirs: Any, tolerance: float, up_to_sign: bool, poles: bool) -> str:
    if not (_is_number(mine) and _is_number(theirs)):
        same = str(_plain(mine)) == str(_plain(theirs))
        return "" if same else f"{mine!r}, {theirs!r} wanted"
    mine, theirs = np.asarray(mine), np.asarray(theirs)
    if mine.shape != theirs.shape:
        return f"shape {mine.shape}, {theirs.shape} wanted"
    if up_to_sign:
        mine, theirs = np.abs(mine), np.abs(theirs)
    if theirs.dtype.name in ("float32", "complex64", "float16", "bfloat16"):
        tolerance = max(tolerance, 2e-3)
    near = _near(mine.astype(complex), theirs.astype(complex), tolerance)
    if poles:
        near = near | ~np.isfinite(mine) | ~np.isfinite(theirs)
    return "" if np.all(near) else f"{mine.tolist()}, {theirs.tolist()} wanted"


def _near(mine: Any, theirs: Any, tolerance: float) -> Any:
    """Entries that agree; parts that are infinite or no numbers, too."""
    with np.errstate(all="ignore"):
        finite = np.isfinite(theirs)
        scale = np.max(np.abs(theirs), initial=1.0, where=finite)
        near = np.abs(mine - theirs) <= tolerance * np.abs(theirs) + 0.1 * tolerance * scale
        same = np.isnan(mine) & np.isnan(theirs)
        return near | same | (mine == theirs) | (~finite & ~np.isfinite(mine) & (mine.imag != 0))


def _plain(value: Any) -> Any:
    """Names of types, whichever way they are written."""
    try:
        return dtype_of(value) if isinstance(value, str) else np.dtype(value)
    except (TypeError, KeyError):
        return value
