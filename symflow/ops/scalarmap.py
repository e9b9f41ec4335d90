"""Any SymPy scalar function mapped over tensors.

A SymPy expression of scalar symbols becomes symflow's own operations wherever it is made of
functions that symflow has; a function that only SymPy knows becomes a ``MAP`` node, which holds
it as a SymPy ``Lambda``: its derivative, printing and high-precision evaluation come from SymPy.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, reduce
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from symflow.core.apply import apply
from symflow.core.convert import as_tensor, scalar_kind
from symflow.core.dims import broadcast
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.core.variable import Scalar
from symflow.errors import DTypeError, RankError
from symflow.ops import arithmetic, choice
from symflow.ops import elementwise as functions
from symflow.ops.records import ELEMENTWISE, float_result, same_as_first


def _map_normal(operands: Operands, params: Params) -> Any:
    """A map of a number alone is a number; one that ignores an operand drops it."""
    (function,) = params
    used = [s in function.expr.free_symbols for s in function.variables]
    if all(used) or not any(used):
        return None
    kept = [k for k, flag in enumerate(used) if flag]
    fewer = sp.Lambda(tuple(function.variables[k] for k in kept), function.expr)
    return apply(MAP, tuple(operands[k] for k in kept), (canonical(fewer),))


MAP = Operation(
    name="map",
    family="scalarmap",
    arity=None,
    shape=same_as_first,
    dtype=float_result,
    parameters=("function",),
    facts=ELEMENTWISE,
    normal=_map_normal,
    inputs="float",
    flops=20.0,
)


def canonical(function: sp.Lambda) -> sp.Lambda:
    """The same function with its bound symbols renamed, so that equal maps are one node."""
    names = [sp.Symbol(f"x{k}", real=True) for k in range(len(function.variables))]
    body = function.expr.xreplace(dict(zip(function.variables, names, strict=True)))
    return sp.Lambda(tuple(names), body)


def elementwise(function: Any, *tensors: Any) -> Tensor:
    """A SymPy function or expression applied to each entry of tensors.

    Args:
        function: a SymPy function class (``sp.besselj``), a ``sp.Lambda``, or an expression of
            as many scalar symbols as there are tensors (in alphabetical order).
        tensors: broadcast together.

    Raises:
        RankError: when the numbers of symbols and tensors differ.

    >>> import sympy as sp
    >>> from symflow.core import vector
    >>> x, a = vector("x", "n"), sp.Symbol("a", real=True)
    >>> elementwise(sp.sin(a) ** 2, x) is (functions.sin(x) ** 2)
    True
    """
    rule = _as_lambda(function, len(tensors))
    if len(rule.variables) != len(tensors):
        raise RankError(
            f"{function} takes {len(rule.variables)} arguments, got {len(tensors)} tensors"
        )
    nodes = arithmetic.convert(tensors, "float")
    shape = broadcast(*(node.shape for node in nodes))
    wide = [arithmetic.broadcast_to(node, shape) for node in nodes]
    return translate(rule.expr, dict(zip(rule.variables, wide, strict=True)), wide[0])


def _as_lambda(function: Any, count: int) -> sp.Lambda:
    if isinstance(function, sp.Lambda):
        return function
    if isinstance(function, type) and issubclass(function, sp.Function):
        names = sp.symbols(f"x:{count}", real=True)
        return sp.Lambda(tuple(names), function(*names))
    if isinstance(function, sp.Expr) and not isinstance(function, Tensor):
        symbols = sorted(function.free_symbols, key=lambda s: str(s))
        return sp.Lambda(tuple(symbols), function)
    raise DTypeError(
        f"elementwise takes a SymPy function, Lambda or expression, got {type(function).__name__}"
    )


def translate(
    body: sp.Expr, names: Mapping[sp.Basic, Tensor], like: Tensor | None = None
) -> Tensor:
    """A SymPy scalar expression with tensors in place of its symbols.

    Args:
        body: the expression.
        names: a tensor of one shape for each symbol; others become scalar leaves.
        like: gives the shape of a body without symbols.
    """
    done: dict[sp.Basic, Any] = dict(names)
    stack = [body]
    while stack:
        part = stack[-1]
        if part in done:
            stack.pop()
            continue
        leaf = _leaf(part)
        if leaf is not None:
            done[part] = leaf
            continue
        waiting = [argument for argument in part.args if argument not in done]
        if waiting and type(part) in builders():
            stack.extend(waiting)
            continue
        done[stack.pop()] = _built(part, done)
    result = done[body]
    if like is None:
        return as_tensor(result)
    return arithmetic.broadcast_to(arithmetic.convert((result,), "float")[0], like.shape)


def _leaf(part: sp.Basic) -> Any:
    if isinstance(part, Tensor):
        return part
    if isinstance(part, sp.Symbol):
        return Scalar(part) if scalar_kind(part) is None else part
    if part is sp.true or part is sp.false:
        return as_tensor(bool(part))
    if isinstance(part, sp.Expr) and part.is_number:
        return part
    return None


def _built(part: sp.Basic, done: Mapping[sp.Basic, Any]) -> Any:
    builder = builders().get(type(part))
    if builder is not None:
        return builder(*(done[argument] for argument in part.args))
    symbols = sorted(part.free_symbols, key=lambda s: str(s))
    rule = canonical(sp.Lambda(tuple(symbols), part))
    given = [done[s] if s in done else as_tensor(s) for s in symbols]
    nodes = arithmetic.convert(given, "float")
    shape = broadcast(*(node.shape for node in nodes))
    return apply(MAP, tuple(arithmetic.broadcast_to(n, shape) for n in nodes), (rule,))


def _chain(function: Callable[[Any, Any], Tensor]) -> Callable[..., Tensor]:
    return lambda *values: reduce(function, values)


def _piecewise(*cases: Sequence[Any]) -> Tensor:
    *most, (last, _) = cases
    result = last
    for value, condition in reversed(most):
        result = choice.where(condition, value, result)
    return as_tensor(result)


def _pair(value: Any, condition: Any) -> tuple[Any, Any]:
    return value, condition


@lru_cache(maxsize=1)
def builders() -> Mapping[type, Callable[..., Any]]:
    """SymPy's heads and how symflow builds them, from SymPy numbers and tensors of one shape."""
    f, a, c = functions, arithmetic, choice
    return {
        sp.Add: a.add, sp.Mul: a.multiply, sp.Pow: a.power, sp.Abs: a.absolute, sp.sign: a.sign,
        sp.exp: f.exp, sp.log: _log, sp.sin: f.sin, sp.cos: f.cos, sp.tan: f.tan,
        sp.asin: f.arcsin, sp.acos: f.arccos, sp.atan: f.arctan, sp.atan2: f.arctan2,
        sp.sinh: f.sinh, sp.cosh: f.cosh, sp.tanh: f.tanh, sp.asinh: f.arcsinh,
        sp.acosh: f.arccosh, sp.atanh: f.arctanh, sp.floor: f.floor, sp.ceiling: f.ceil,
        sp.erf: f.erf, sp.erfc: f.erfc, sp.loggamma: f.gammaln, sp.Mod: a.remainder,
        sp.Max: _chain(c.maximum), sp.Min: _chain(c.minimum), sp.Heaviside: c.heaviside,
        sp.Gt: c.greater, sp.Ge: c.greater_equal, sp.Lt: c.less, sp.Le: c.less_equal,
        sp.Eq: c.equal, sp.Ne: c.not_equal, sp.And: _chain(c.logical_and),
        sp.Or: _chain(c.logical_or), sp.Not: c.logical_not, sp.Piecewise: _piecewise,
        sp.functions.elementary.piecewise.ExprCondPair: _pair, sp.polygamma: _polygamma,
    }  # fmt: skip


def _log(x: Any, base: Any = None) -> Tensor:
    return functions.log(x) if base is None else functions.log(x) / functions.log(base)


def _polygamma(order: Any, x: Any) -> Tensor:
    if order == 0:
        return functions.digamma(x)
    return functions.polygamma(int(order), x)


def from_sympy(value: sp.Basic) -> Tensor:
    """A SymPy scalar expression as a tensor of rank 0, its symbols as scalar leaves.

    Raises:
        DTypeError: for what is no scalar expression.
    """
    if not isinstance(value, (sp.Expr, Boolean)) or getattr(value, "is_Matrix", False):
        raise DTypeError(
            f"{type(value).__name__} is no scalar expression of SymPy; "
            "declare matrices with sf.matrix"
        )
    return translate(value, {})
