"""The oracle of the tests: a graph evaluated by NumPy, one formula an operation, no optimisation.

It shares no code with the lowering: contractions are summed as they are written, operations are
their textbook formulas, and everything runs in 64-bit precision.
"""

from collections.abc import Callable, Mapping
from typing import Any

import ml_dtypes
import numpy as np
import scipy.special
import sympy as sp

from symflow.core import Add, Apply, Constant, Einsum, Scalar, Tensor, Variable
from symflow.core.dims import Dim

Array = np.ndarray[Any, Any]
Sizes = dict[str, int]

_DTYPES: dict[str, Any] = {
    "bool": np.bool_,
    "int": np.int64,
    "float": np.float64,
    "complex": np.complex128,
    "bfloat16": ml_dtypes.bfloat16,
}


def evaluate(
    node: Tensor, values: Mapping[Any, Any] | None = None, sizes: Mapping[Any, int] | None = None
) -> Array:
    """The value of a graph.

    Args:
        node: the expression.
        values: an array for each variable and scalar symbol, by node, symbol or (full) name.
        sizes: sizes by name or symbol, where no array shows them.
    """
    return evaluate_all([node], values, sizes)[0]


def evaluate_all(
    nodes: list[Tensor],
    values: Mapping[Any, Any] | None = None,
    sizes: Mapping[Any, int] | None = None,
) -> list[Array]:
    """The values of several graphs, shared parts computed once."""
    order = _order(nodes)
    given = dict(values or {})
    known: Sizes = {str(name): int(size) for name, size in (sizes or {}).items()}
    for leaf in order:
        if isinstance(leaf, Variable):
            for size, actual in zip(leaf.shape, np.shape(_lookup(leaf, given)), strict=True):
                if isinstance(size, sp.Symbol):
                    assert known.setdefault(size.name, actual) == actual, (
                        f"{leaf.full_name}: {size}"
                    )
    done: dict[int, Array] = {}
    for current in order:
        result = np.asarray(_value(current, [done[id(o)] for o in current.operands], given, known))
        expected = tuple(measure(size, known) for size in current.shape)
        assert result.shape == expected, f"{result.shape}, {expected} expected"
        done[id(current)] = result.astype(dtype_of(current.dtype))
    return [done[id(node)] for node in nodes]


def measure(size: Dim, sizes: Mapping[str, int]) -> int:
    """A dimension as a number."""
    if isinstance(size, int):
        return size
    value = size.subs({symbol: sizes[symbol.name] for symbol in size.free_symbols})
    assert value.is_Integer, f"{size} is {value}"
    return int(value)


def dtype_of(name: str) -> Any:
    """NumPy's type for a data type; the abstract ones are 64 bits wide."""
    return _DTYPES.get(name) or np.dtype(name)


def _order(roots: list[Tensor]) -> list[Tensor]:
    """Operands before their users, without recursion."""
    seen: set[int] = set()
    order: list[Tensor] = []
    stack = [(root, False) for root in roots]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((operand, False) for operand in node.operands)
    return order


def _lookup(leaf: Tensor, given: Mapping[Any, Any]) -> Array:
    keys: list[Any] = [leaf]
    if isinstance(leaf, Variable):
        keys += [leaf.full_name, leaf.name]
    elif isinstance(leaf, Scalar):
        keys += [leaf.symbol, leaf.symbol.name]
    for key in keys:
        if key in given:
            return np.asarray(given[key])
    raise KeyError(f"no value for {keys[-1]}")


def _value(node: Tensor, inputs: list[Array], given: Mapping[Any, Any], sizes: Sizes) -> Any:
    if isinstance(node, (Variable, Scalar)):
        return _lookup(node, given)
    if isinstance(node, Constant):
        return node.array
    if isinstance(node, Einsum):
        return _einsum(node, inputs, sizes)
    if isinstance(node, Add):
        total = 0
        for coefficient, value in zip(node.coefficients, inputs, strict=True):
            total = total + _number(coefficient, sizes) * value
        return total
    assert isinstance(node, Apply)
    with np.errstate(all="ignore"):
        return _OPERATIONS[node.operation.name](node, inputs, sizes)


def _number(value: sp.Expr, sizes: Sizes) -> Any:
    value = sp.sympify(value)
    value = value.subs({symbol: sizes[symbol.name] for symbol in value.free_symbols})
    if value.is_Integer:
        return int(value)
    if value is sp.nan:
        return float("nan")
    number = complex(value)
    return number if number.imag else number.real


def _einsum(node: Einsum, inputs: list[Array], sizes: Sizes) -> Array:
    dtype = dtype_of(node.dtype)
    held = {label for labels in node.subscripts for label in labels}
    arguments: list[Any] = [np.ones((), dtype), []]
    for value, labels in zip(inputs, node.subscripts, strict=True):
        arguments += [value.astype(dtype), list(labels)]
    for label, size in enumerate(node.sizes):
        if label not in held:
            arguments += [np.ones(measure(size, sizes), dtype), [label]]
    shown = list(dict.fromkeys(node.output))
    compact = np.einsum(*arguments, shown, optimize=False)
    with np.errstate(all="ignore"):
        compact = np.asarray(_number(node.coefficient, sizes) * compact)
    if len(shown) == len(node.output):
        return compact
    result = np.zeros([measure(node.sizes[label], sizes) for label in node.output], compact.dtype)
    places = dict(zip(shown, np.indices(compact.shape), strict=True))
    result[tuple(places[label] for label in node.output)] = compact
    return result


# ------------------------------------------------------------------- the operations, by name


def _entries(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda node, inputs, sizes: function(*inputs)


def _over_axes(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda node, inputs, sizes: function(inputs[0], node.params[0])


def _output_of(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda node, inputs, sizes: function(inputs[0])[node.params[0]]


def _scalar_power(node: Apply, inputs: list[Array], sizes: Sizes) -> Any:
    exponent = _number(node.params[0], sizes)
    return np.power(inputs[0], exponent if _whole(exponent) else float(exponent))


def _whole(value: Any) -> bool:
    return isinstance(value, int) and value >= 0


def _fuse(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
    shape = [measure(size, sizes) for size in node.params]
    total = int(np.prod(shape))
    return np.eye(total, dtype=bool).reshape([total, *shape])


def _positions(runs: Any, sizes: Sizes) -> Any:
    lines = []
    for start, size, step in runs:
        first = measure(start, sizes)
        lines.append([first + k * step for k in range(measure(size, sizes))])
    return np.ix_(*(np.array(line, dtype=int) for line in lines))


def _slice(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
    return inputs[0][_positions(node.params[0], sizes)] if inputs[0].ndim else inputs[0]


def _place(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
    runs, shape = node.params
    result = np.zeros([measure(size, sizes) for size in shape], inputs[0].dtype)
    result[_positions(runs, sizes)] = inputs[0]
    return result


def _mapped(function: sp.Lambda, inputs: list[Array]) -> Array:
    compute = sp.lambdify(function.variables, function.expr, ["scipy", "numpy"])
    result: Array = np.broadcast_to(compute(*inputs), inputs[0].shape)
    return result


def _called(closure: Any, output: int, inputs: list[Array]) -> Array:
    return evaluate(closure.outputs[output], dict(zip(closure.inputs, inputs, strict=True)))


def _log_sum_exp(x: Array, axes: Any) -> Any:
    return scipy.special.logsumexp(x, axis=axes) if axes else x


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "cast": lambda node, inputs, sizes: inputs[0].astype(dtype_of(node.params[0])),
    "scalar_power": _scalar_power,
    "fuse": _fuse,
    "slice": _slice,
    "place": _place,
    "concatenate": lambda node, inputs, sizes: np.concatenate(inputs, axis=node.params[0]),
    "arange": lambda node, inputs, sizes: np.arange(measure(node.params[0], sizes)),
    "map": lambda node, inputs, sizes: _mapped(node.params[0], inputs),
    "call": lambda node, inputs, sizes: _called(*node.params, inputs),
    "special.polygamma": lambda node, inputs, sizes: scipy.special.polygamma(
        node.params[0], inputs[0]
    ),
    "linalg.inv": _entries(np.linalg.inv),
    "linalg.det": _entries(np.linalg.det),
    "linalg.solve": _entries(np.linalg.solve),
    "linalg.cholesky": _entries(np.linalg.cholesky),
    "linalg.slogdet": _output_of(np.linalg.slogdet),
    "linalg.eigh": _output_of(np.linalg.eigh),
    "linalg.qr": _output_of(np.linalg.qr),
    "nn.sigmoid": _entries(scipy.special.expit),
    "nn.softplus": _entries(lambda x: np.logaddexp(x, 0)),
    "nn.relu": _entries(lambda x: np.maximum(x, 0)),
    "nn.softmax": _over_axes(lambda x, axes: scipy.special.softmax(x, axis=axes)),
    "nn.log_softmax": _over_axes(lambda x, axes: scipy.special.log_softmax(x, axis=axes)),
    "special.logsumexp": _over_axes(_log_sum_exp),
    "linalg.norm": _over_axes(lambda x, axes: np.sqrt(np.sum(np.abs(x) ** 2, axis=axes))),
}
_ELEMENTWISE = """
    power floor_divide remainder abs sign exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin
    arccos arctan sinh cosh tanh arcsinh arccosh arctanh floor ceil arctan2 greater greater_equal
    less less_equal equal not_equal logical_and logical_or logical_not maximum minimum heaviside
    where cbrt hypot logaddexp
"""
_SPECIAL = ("erf", "erfc", "erfcx", "gammaln", "digamma", "xlogy", "xlog1py")
_REDUCTIONS = ("prod", "max", "min", "all", "any")


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    return _over_axes(lambda x, axes: function(x, axis=axes))


_OPERATIONS |= {name: _entries(getattr(np, name)) for name in _ELEMENTWISE.split()}
_OPERATIONS |= {f"special.{name}": _entries(getattr(scipy.special, name)) for name in _SPECIAL}
_OPERATIONS |= {name: _reduction(getattr(np, name)) for name in _REDUCTIONS}
OPERATIONS = frozenset(_OPERATIONS)
