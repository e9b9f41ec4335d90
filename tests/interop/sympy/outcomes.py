"""What becomes of SymPy's problems: here, checked against JAX; and in SymPy itself."""

import inspect
import warnings
from collections.abc import Callable
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

import symflow as sf
from tests.interop.sympy.explicit import Array, Values, draw, explicit, sized
from tests.interop.sympy.problems import Conversion, Problem
from tests.oracle import evaluate
from tests.tracing import computed

SIZES = {"k": 2}
INDICES = ("i", "j", "h", "m", "n")
RIGHT = "right"
_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
)


class Outcome(NamedTuple):
    """A problem solved twice.

    Attributes:
        result: the answer here, as text.
        ours: right, or what is not.
        theirs: SymPy's result: right, wrong, missing ...
    """

    result: str
    ours: str
    theirs: str


def at(tensor: Any) -> Any:
    """A tensor with numbers as sizes."""
    return tensor.subs({sf.dim(name): size for name, size in SIZES.items()})


def derivative(problem: Problem) -> Outcome:
    """A derivative: here, compared with JAX's in float64; and in SymPy, compared with that."""
    function, variable = sf.from_sympy(problem.expr), sf.from_sympy(problem.wrt)
    whole = sf.jacobian(function, variable)
    values = draw(sp.Tuple(sized(problem.expr, SIZES), sized(problem.wrt, SIZES)))
    found = evaluate(at(whole), values)
    weights = np.random.default_rng(1).uniform(0.5, 1.5, found.shape[: function.rank])
    expected = by_jax(at(function), at(variable), values, weights)
    ours = RIGHT if agree(np.tensordot(weights, found, function.rank), expected) else "wrong"
    own = range(function.rank, found.ndim)
    front = np.moveaxis(found, own, range(len(own)))  # where SymPy has the axes of the variable
    theirs = sympys(lambda: problem.derive(problem.expr, problem.wrt), values, front)
    return Outcome(str(whole), ours, theirs)


def by_jax(function: Any, variable: Any, values: Values, weights: Array) -> Array:
    """JAX's gradient of the weighted sum of all entries, from the program of the function."""
    import jax
    import jax.numpy as jnp

    program = sf.lower(function, precision="float64")
    names = [_name(one) for one in program.inputs]
    if _name(variable) not in names:
        return np.zeros(tuple(map(int, variable.shape)))
    scope: dict[str, Any] = {}
    exec(program.source, scope)
    (call,) = (value for value in scope.values() if inspect.isfunction(value))
    gradient = jax.grad(
        lambda *parts: jnp.sum(weights * call(*parts)), names.index(_name(variable))
    )
    return np.asarray(computed(gradient, *(np.asarray(values[n], dtype=float) for n in names)))


def _name(leaf: Any) -> str:
    return str(leaf.symbol.name if hasattr(leaf, "symbol") else leaf.name)


def agree(found: Array, expected: Array) -> bool:
    """Whether two arrays are the same within rounding."""
    return found.shape == expected.shape and bool(np.allclose(found, expected, rtol=1e-8))


def conversion(problem: Conversion) -> Outcome:
    """An expression read here, and converted by SymPy; both compared with its entries."""
    tensor = sf.from_sympy(problem.expr, indices=problem.indices)
    small = sized(problem.expr, SIZES)
    values = {name: v for name, v in draw(small).items() if name not in INDICES}
    expected = _entries(small, problem.indices, values)
    ours = RIGHT if agree(evaluate(at(tensor), values), expected) else "wrong"
    theirs = sympys(lambda: _converted(problem), values, expected)
    return Outcome(str(tensor), ours, theirs)


def _converted(problem: Conversion) -> Any:
    if problem.indices:
        return problem.convert(problem.expr, list(problem.indices))
    return problem.convert(problem.expr)


def _entries(expr: Any, indices: tuple[Any, ...], values: Values) -> Array:
    """The value of an expression with free indices, one number after the other."""
    if not indices:
        return explicit(expr, values)
    size = SIZES["k"]
    shape = (size,) * len(indices)
    result = np.empty(shape)
    for place in np.ndindex(*shape):
        chosen = dict(zip(indices, map(sp.Integer, place), strict=True))
        result[place] = explicit(expr.xreplace(chosen), values)
    return result


def sympys(solve: Callable[[], Any], values: Values, expected: Array) -> str:
    """What SymPy's result is worth."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = solve()
        except _FAULTS as error:
            return f"raises {type(error).__name__}"
        if isinstance(result, sp.Basic) and result.has(sp.Derivative):
            return "not evaluated"
        found = _value(result, values)
    return "has no value" if found is None else compared(found, expected)


def _value(result: Any, values: Values) -> Array | None:
    """By SymPy's own evaluation, else by the reader of this package."""
    small = sized(result, SIZES)
    try:
        return explicit(small, values)
    except _FAULTS:
        pass
    try:
        return evaluate(sf.from_sympy(small), values)
    except (sf.SymflowError, *_FAULTS):
        return None


def compared(found: Array, expected: Array) -> str:
    """Right, with its axes in another order, zero, or wrong; axes of size 1 do not count."""
    one, other = np.squeeze(found), np.squeeze(expected)
    if agree(one, other):
        return RIGHT
    for order in permutations(range(one.ndim)):
        if one.ndim == other.ndim and agree(np.transpose(one, order), other):
            return "transposed" if one.ndim == 2 else "axes in another order"
    if not np.any(one):
        return "zero"
    return "wrong" if one.shape == other.shape else "wrong shape"
