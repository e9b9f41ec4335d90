"""JAX's derivatives without its compiler: its traced program, computed step by step with NumPy.

A formula of a test would be compiled once and run once, which takes seconds; traced, JAX still
does all of the differentiation, and NumPy only evaluates the primitives it ends in. Primitives
without a formula here run in JAX, one by one.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
import scipy.special
from jax.extend import core

Array = Any


def computed(function: Callable[..., Any], *arguments: Any) -> Any:
    """What JAX's function gives in 64 bits, in NumPy's arrays."""
    with jax.enable_x64(True):
        program, shape = jax.make_jaxpr(function, return_shape=True)(*arguments)
    found = run(program.jaxpr, program.consts, jax.tree.leaves(arguments))
    return jax.tree.unflatten(jax.tree.structure(shape), found)


def trace(function: Callable[..., Any], *arguments: Any) -> Callable[[], list[Array]]:
    """The results of a function of arrays, computed anew at each call."""
    with jax.enable_x64(True):
        program = jax.make_jaxpr(function)(*arguments)
    given = jax.tree.leaves(arguments)
    return lambda: run(program.jaxpr, program.consts, given)


def run(program: Any, constants: Sequence[Array], given: Sequence[Array]) -> list[Array]:
    """The results of a traced program."""
    known: dict[Any, Array] = {}
    known.update(zip(program.constvars, map(np.asarray, constants), strict=True))
    known.update(zip(program.invars, map(np.asarray, given), strict=True))

    def read(atom: Any) -> Array:
        return np.asarray(atom.val) if isinstance(atom, core.Literal) else known[atom]

    with np.errstate(all="ignore"):
        for equation in program.eqns:
            inputs = [read(atom) for atom in equation.invars]
            for variable, value in zip(equation.outvars, _step(equation, inputs), strict=True):
                known[variable] = np.asarray(value, getattr(variable.aval, "dtype", None))
                assert known[variable].shape == variable.aval.shape, equation
    return [read(atom) for atom in program.outvars]


def _step(equation: Any, inputs: list[Array]) -> Sequence[Array]:
    name, params = equation.primitive.name, equation.params
    if name in _LOOPS:
        return _LOOPS[name](inputs, params)
    for key in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        if key in params and hasattr(params[key], "eqns"):
            inner = params[key]
            closed = hasattr(inner, "consts")
            return run(inner.jaxpr if closed else inner, inner.consts if closed else (), inputs)
    if name in _PRIMITIVES:
        return (_PRIMITIVES[name](inputs, params),)
    with jax.enable_x64(True):
        found = equation.primitive.bind(*inputs, **params)
        return jax.device_get(found if equation.primitive.multiple_results else [found])


# ------------------------------------------------------------------------------- control flow


def _while(inputs: list[Array], params: Any) -> list[Array]:
    tests, bodies = params["cond_nconsts"], params["body_nconsts"]
    test, body = params["cond_jaxpr"], params["body_jaxpr"]
    of_test, of_body, carried = inputs[:tests], inputs[tests : tests + bodies], inputs[tests:]
    carried = carried[bodies:]
    while np.any(goes := run(test.jaxpr, test.consts, [*of_test, *carried])[0]):
        found = run(body.jaxpr, body.consts, [*of_body, *carried])
        carried = [
            np.where(goes.reshape(goes.shape + (1,) * (new.ndim - goes.ndim)), new, old)
            for new, old in zip(found, carried, strict=True)
        ]
    return carried


def _scan(inputs: list[Array], params: Any) -> list[Array]:
    fixed, carries, length = params["num_consts"], params["num_carry"], params["length"]
    body = params["jaxpr"]
    constants, carried = inputs[:fixed], inputs[fixed : fixed + carries]
    rows = inputs[fixed + carries :]
    shown: list[list[Array]] = [[] for _ in body.out_avals[carries:]]
    places = [None] * length
    for k in range(length)[:: -1 if params["reverse"] else 1]:
        found = run(body.jaxpr, body.consts, [*constants, *carried, *(row[k] for row in rows)])
        carried, places[k] = found[:carries], found[carries:]  # type: ignore[call-overload]
    for found in places:
        for column, value in zip(shown, found or (), strict=True):
            column.append(value)
    stacked = [
        np.stack(column) if column else np.zeros((0, *aval.shape), aval.dtype)
        for column, aval in zip(shown, body.out_avals[carries:], strict=True)
    ]
    return [*carried, *stacked]


def _cond(inputs: list[Array], params: Any) -> list[Array]:
    branches = params["branches"]
    chosen = branches[min(max(int(inputs[0]), 0), len(branches) - 1)]
    return run(chosen.jaxpr, chosen.consts, inputs[1:])


_LOOPS: dict[str, Callable[[list[Array], Any], list[Array]]] = {
    "while": _while,
    "scan": _scan,
    "cond": _cond,
}

# --------------------------------------------------------------------------------- primitives


def _broadcast(inputs: list[Array], params: Any) -> Array:
    shape, places = params["shape"], params["broadcast_dimensions"]
    lines = [1] * len(shape)
    for place, size in zip(places, inputs[0].shape, strict=True):
        lines[place] = size
    return np.broadcast_to(inputs[0].reshape(lines), shape)


def _reshape(inputs: list[Array], params: Any) -> Array:
    x, order = inputs[0], params["dimensions"]
    return (x if order is None else x.transpose(order)).reshape(params["new_sizes"])


def _slice(inputs: list[Array], params: Any) -> Array:
    steps = params["strides"] or (1,) * inputs[0].ndim
    runs = zip(params["start_indices"], params["limit_indices"], steps, strict=True)
    return inputs[0][tuple(slice(*each) for each in runs)]


def _pad(inputs: list[Array], params: Any) -> Array:
    x, value = inputs
    config = params["padding_config"]
    shape = [
        max(0, low) + high + n + max(n - 1, 0) * inner if low >= 0 <= high else -1
        for n, (low, high, inner) in zip(x.shape, config, strict=True)
    ]
    if -1 in shape:
        with jax.enable_x64(True):
            return np.asarray(jax.lax.pad(x, value, config))
    result = np.full(shape, value, x.dtype)
    places = [
        low + (inner + 1) * np.arange(n) for n, (low, _, inner) in zip(x.shape, config, strict=True)
    ]
    result[np.ix_(*places) if places else ()] = x
    return result


def _dot(inputs: list[Array], params: Any) -> Array:
    (left, right), (left_batch, right_batch) = params["dimension_numbers"]
    a, b = inputs
    of_a = list(range(a.ndim))
    of_b = [a.ndim + k for k in range(b.ndim)]
    for p, q in (*zip(left, right, strict=True), *zip(left_batch, right_batch, strict=True)):
        of_b[q] = of_a[p]
    free = [of_a[k] for k in range(a.ndim) if k not in left and k not in left_batch]
    free += [of_b[k] for k in range(b.ndim) if k not in right and k not in right_batch]
    return np.einsum(a, of_a, b, of_b, [*(of_a[k] for k in left_batch), *free])


def _iota(inputs: list[Array], params: Any) -> Array:
    shape, axis = params["shape"], params["dimension"]
    lines = [1] * len(shape)
    lines[axis] = shape[axis]
    return np.broadcast_to(np.arange(shape[axis]).reshape(lines), shape)


def _select(inputs: list[Array], params: Any) -> Array:
    which, *cases = inputs
    if len(cases) == 2:
        return np.where(which.astype(bool), cases[1], cases[0])
    return np.choose(which, cases)


def _cast(inputs: list[Array], params: Any) -> Array:
    dtype, x = np.dtype(params["new_dtype"]), inputs[0]
    return x.real.astype(dtype) if x.dtype.kind == "c" and dtype.kind != "c" else x.astype(dtype)


def _sign(x: Array) -> Array:
    return x / np.where(x == 0, 1, np.abs(x)) if x.dtype.kind == "c" else np.sign(x)


def _integer_power(inputs: list[Array], params: Any) -> Array:
    y = params["y"]
    return inputs[0] ** y if y >= 0 else 1 / inputs[0] ** -y


def _along(function: Any, least: bool | None = None) -> Any:
    """A reduction; that of nothing is the least number of the type, or the greatest."""

    def compute(inputs: list[Array], params: Any) -> Array:
        (x,) = inputs
        extra = {}
        if least is not None:
            bounds = np.iinfo(x.dtype) if x.dtype.kind in "iu" else None
            low, high = (bounds.min, bounds.max) if bounds else (-np.inf, np.inf)
            extra["initial"] = low if least else high
        return function(x, axis=tuple(params["axes"]), **extra)

    return compute


def _cumulative(function: Any) -> Any:
    def compute(inputs: list[Array], params: Any) -> Array:
        x, axis = inputs[0], params["axis"]
        if params["reverse"]:
            return np.flip(function(np.flip(x, axis), axis), axis)
        return function(x, axis)

    return compute


def _plain(function: Any) -> Any:
    return lambda inputs, params: function(*inputs)


def _div(a: Array, b: Array) -> Array:
    if a.dtype.kind in "iu":
        return (np.sign(a) * np.sign(b) * (np.abs(a) // np.where(b == 0, 1, np.abs(b)))).astype(
            a.dtype
        )
    return a / b


_SAME_NAME = """
    floor ceil exp exp2 log log1p expm1 sin cos tan tanh sinh cosh sqrt cbrt abs square real imag
    conj nextafter
"""
_PLAIN: dict[str, Any] = {
    **{name: getattr(np, name) for name in _SAME_NAME.split()},
    "add": np.add, "add_any": np.add, "sub": np.subtract, "mul": np.multiply, "div": _div,
    "neg": np.negative, "rsqrt": lambda x: 1 / np.sqrt(x), "pow": np.power, "rem": np.fmod,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "atan2": np.arctan2, "sign": _sign,
    "max": np.maximum, "min": np.minimum, "eq": np.equal, "ne": np.not_equal, "lt": np.less,
    "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "not": np.invert,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
    "is_finite": np.isfinite, "copy": np.array, "copy_p": np.array, "stop_gradient": np.array,
    "clamp": lambda low, x, high: np.minimum(np.maximum(x, low), high),
    "complex": lambda a, b: a + 1j * b,
    "erf": scipy.special.erf, "erfc": scipy.special.erfc, "erf_inv": scipy.special.erfinv,
    "lgamma": scipy.special.gammaln, "digamma": scipy.special.digamma,
    "bessel_i0e": scipy.special.i0e, "bessel_i1e": scipy.special.i1e,
}  # fmt: skip

_PRIMITIVES: dict[str, Callable[[list[Array], Any], Array]] = {
    **{name: _plain(function) for name, function in _PLAIN.items()},
    "broadcast_in_dim": _broadcast,
    "reshape": _reshape,
    "squeeze": lambda inputs, params: np.squeeze(inputs[0], tuple(params["dimensions"])),
    "expand_dims": lambda inputs, params: np.expand_dims(inputs[0], tuple(params["dimensions"])),
    "transpose": lambda inputs, params: np.transpose(inputs[0], params["permutation"]),
    "rev": lambda inputs, params: np.flip(inputs[0], tuple(params["dimensions"])),
    "concatenate": lambda inputs, params: np.concatenate(inputs, params["dimension"]),
    "slice": _slice,
    "pad": _pad,
    "dot_general": _dot,
    "iota": _iota,
    "select_n": _select,
    "convert_element_type": _cast,
    "integer_pow": _integer_power,
    "reduce_sum": _along(np.sum),
    "reduce_prod": _along(np.prod),
    "reduce_max": _along(np.max, least=True),
    "reduce_min": _along(np.min, least=False),
    "reduce_and": _along(np.all),
    "reduce_or": _along(np.any),
    "argmax": lambda inputs, params: np.argmax(inputs[0], params["axes"][0]),
    "argmin": lambda inputs, params: np.argmin(inputs[0], params["axes"][0]),
    "cumsum": _cumulative(np.cumsum),
    "cumprod": _cumulative(np.cumprod),
}
