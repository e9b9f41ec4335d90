"""The truth of the accuracy tests: a graph evaluated by mpmath, in as many digits as it takes.

Real numbers only: where a formula leaves them (``log(-1)``), its value is NaN.
"""

from collections.abc import Callable, Mapping
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from symflow.core import Add, Apply, Constant, Einsum, Tensor, Variable, postorder
from tests.oracle import measure

Array = np.ndarray[Any, Any]
_FIRST, _LAST = 160, 10_240  # bits; doubled until the results agree
_AGREE = 70
_MANY = 2_560


def truth(node: Tensor, values: Mapping[Variable, Any]) -> Array:
    """The value of a graph at exact inputs, as an array of mpmath's numbers.

    Args:
        node: the expression.
        values: an array of floats for each variable.
    """
    bits = _FIRST
    before = evaluate(node, values, bits)
    while bits < _LAST:
        bits *= 2
        after = evaluate(node, values, bits)
        if all(_agree(a, b, bits) for a, b in zip(before.ravel(), after.ravel(), strict=True)):
            return after
        before = after
    return before


def _agree(a: Any, b: Any, bits: int) -> bool:
    """Whether two values are the same; zeros are believed only with many digits."""
    if mpmath.isnan(a) or mpmath.isnan(b):
        return bool(mpmath.isnan(a) and mpmath.isnan(b))
    if a == b:
        return bool(b != 0 or bits >= _MANY)
    return bool(b != 0 and abs(a - b) <= mpmath.ldexp(abs(b), -_AGREE))


def slope(node: Tensor, values: Mapping[Variable, Any], variable: Variable) -> Array:
    """The derivative, entry by entry, of an elementwise formula by one of its variables."""
    bits, step = 1200, mpmath.ldexp(1, -300)
    exact = _exact(np.asarray(values[variable], dtype=float))
    with mpmath.workprec(bits):
        sides = [
            evaluate(node, {**values, variable: exact + shift}, bits) for shift in (step, -step)
        ]
        return np.asarray((sides[0] - sides[1]) / (2 * step), dtype=object)


def evaluate(node: Tensor, values: Mapping[Variable, Any], bits: int) -> Array:
    """The value of a graph computed with so many bits."""
    sizes = {
        size.name: actual
        for variable, array in values.items()
        for size, actual in zip(variable.shape, np.shape(array), strict=True)
        if isinstance(size, sp.Symbol)
    }
    done: dict[Tensor, Array] = {}
    with mpmath.workprec(bits):
        for part in postorder([node]):
            operands = [done[operand] for operand in part.operands]
            done[part] = np.asarray(_value(part, operands, values, sizes), dtype=object)
    return done[node]


def _value(node: Tensor, operands: list[Array], values: Any, sizes: dict[str, int]) -> Any:
    if isinstance(node, Variable):
        return _exact(np.asarray(values[node]))
    if isinstance(node, Constant):
        return _exact(node.array.astype(float))
    if isinstance(node, Einsum):
        return _einsum(node, operands, sizes)
    if isinstance(node, Add):
        terms = zip(node.coefficients, operands, strict=True)
        return sum((_number(c, sizes) * value for c, value in terms), mpmath.mpf(0))
    assert isinstance(node, Apply)
    return _OPERATIONS[node.operation.name](node, operands, sizes)


_exact = np.frompyfunc(lambda x: x if isinstance(x, mpmath.mpf) else mpmath.mpf(float(x)), 1, 1)


def _number(value: sp.Expr, sizes: dict[str, int]) -> Any:
    value = sp.sympify(value).subs({s: sizes[s.name] for s in sp.sympify(value).free_symbols})
    return (
        mpmath.mpf("nan")
        if value is sp.nan
        else sp.N(value, mpmath.mp.dps)._to_mpmath(mpmath.mp.prec)
    )


def _einsum(node: Einsum, operands: list[Array], sizes: dict[str, int]) -> Any:
    held = {label for labels in node.subscripts for label in labels}
    arguments: list[Any] = []
    for value, labels in zip(operands, node.subscripts, strict=True):
        arguments += [value, list(labels)]
    one = mpmath.mpf(1)
    for label, size in enumerate(node.sizes):
        if label not in held:
            arguments += [np.full(measure(size, sizes), one, dtype=object), [label]]
    if not arguments:
        return _number(node.coefficient, sizes)
    product = np.einsum(*arguments, list(node.output), optimize=False)
    return _number(node.coefficient, sizes) * np.asarray(product, dtype=object)


# ------------------------------------------------------------------- the operations, by name


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of mpmath entry by entry, NaN outside the reals."""

    def call(*entries: Any) -> Any:
        if any(mpmath.isnan(entry) for entry in entries):
            return mpmath.nan
        try:
            result = function(*entries)
        except ValueError:
            return mpmath.nan
        except ZeroDivisionError:
            return mpmath.inf
        return result if isinstance(result, (mpmath.mpf, bool)) else _off_axis(result)

    lifted = np.frompyfunc(call, function.__code__.co_argcount, 1)
    return lambda node, operands, sizes: lifted(*operands)


def _off_axis(result: Any) -> Any:
    return mpmath.nan if isinstance(result, mpmath.mpc) else mpmath.mpf(result)


def _power(node: Apply, operands: list[Array], sizes: dict[str, int]) -> Any:
    exponent = _number(node.params[0], sizes)
    return _real(lambda x: x**exponent)(node, operands, sizes)


def _over(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """A function of all entries along the axes of a reduction."""

    def call(node: Apply, operands: list[Array], sizes: dict[str, int]) -> Any:
        axes = node.params[0]
        value = np.moveaxis(operands[0], axes, range(-len(axes), 0))
        outer = value.shape[: value.ndim - len(axes)]
        rows = [
            function(list(row))
            for row in value.reshape(*outer, -1).reshape(int(np.prod(outer)), -1)
        ]
        result = np.empty(len(rows), dtype=object)
        result[:] = rows
        return result.reshape(outer)

    return call


def _along(function: Callable[[list[Any]], list[Any]]) -> Callable[..., Any]:
    """A function along one axis that keeps it."""

    def call(node: Apply, operands: list[Array], sizes: dict[str, int]) -> Any:
        return np.apply_along_axis(
            lambda row: np.array(function(list(row)), dtype=object), node.params[0][0], operands[0]
        )

    return call


def _log_sum_exp(row: list[Any]) -> Any:
    return mpmath.log(mpmath.fsum(mpmath.exp(x) for x in row))


def _softmax(row: list[Any]) -> list[Any]:
    total = mpmath.fsum(mpmath.exp(x) for x in row)
    return [mpmath.exp(x) / total for x in row]


def _x_log(x: Any, y: Any) -> Any:
    return x * mpmath.log(y) if x != 0 else mpmath.mpf(0)


_ENTRIES: dict[str, Callable[..., Any]] = {
    "abs": lambda x: abs(x),
    "sign": lambda x: mpmath.sign(x),
    "exp": lambda x: mpmath.exp(x),
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "expm1": lambda x: mpmath.expm1(x),
    "log": lambda x: mpmath.log(x),
    "log2": lambda x: mpmath.log(x, 2),
    "log10": lambda x: mpmath.log(x, 10),
    "log1p": lambda x: mpmath.log1p(x),
    "sin": lambda x: mpmath.sin(x),
    "cos": lambda x: mpmath.cos(x),
    "tan": lambda x: mpmath.tan(x),
    "arcsin": lambda x: mpmath.asin(x),
    "arccos": lambda x: mpmath.acos(x),
    "arctan": lambda x: mpmath.atan(x),
    "arctan2": lambda y, x: mpmath.atan2(y, x),
    "sinh": lambda x: mpmath.sinh(x),
    "cosh": lambda x: mpmath.cosh(x),
    "tanh": lambda x: mpmath.tanh(x),
    "arcsinh": lambda x: mpmath.asinh(x),
    "arccosh": lambda x: mpmath.acosh(x),
    "arctanh": lambda x: mpmath.atanh(x),
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "hypot": lambda x, y: mpmath.sqrt(x * x + y * y),
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "power": lambda x, y: x**y,
    "maximum": lambda x, y: max(x, y),
    "minimum": lambda x, y: min(x, y),
    "greater": lambda x, y: x > y,
    "greater_equal": lambda x, y: x >= y,
    "less": lambda x, y: x < y,
    "less_equal": lambda x, y: x <= y,
    "logical_and": lambda x, y: bool(x) and bool(y),
    "logical_or": lambda x, y: bool(x) or bool(y),
    "equal": lambda x, y: x == y,
    "not_equal": lambda x, y: x != y,
    "special.erf": lambda x: mpmath.erf(x),
    "special.erfc": lambda x: mpmath.erfc(x),
    "special.erfcx": lambda x: mpmath.exp(x * x) * mpmath.erfc(x),
    "special.gammaln": lambda x: mpmath.loggamma(x),
    "special.digamma": lambda x: mpmath.digamma(x),
    "special.xlogy": lambda x, y: _x_log(x, y),
    "special.xlog1py": lambda x, y: _x_log(x, 1 + y),
    "nn.sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "nn.softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "nn.relu": lambda x: max(x, mpmath.mpf(0)),
}
_OPERATIONS: dict[str, Callable[..., Any]] = {
    "scalar_power": _power,
    "cast": lambda node, operands, sizes: operands[0],
    "where": lambda node, operands, sizes: np.where(operands[0].astype(bool), *operands[1:]),
    "max": _over(max),
    "min": _over(min),
    "prod": _over(lambda row: mpmath.fprod(row)),
    "linalg.norm": _over(lambda row: mpmath.sqrt(mpmath.fsum(x * x for x in row))),
    "special.logsumexp": _over(_log_sum_exp),
    "nn.softmax": _along(_softmax),
    "nn.log_softmax": _along(lambda row: [x - _log_sum_exp(row) for x in row]),
    **{name: _real(function) for name, function in _ENTRIES.items()},
}
