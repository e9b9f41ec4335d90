"""Python's operators, NumPy's methods and protocols on tensors.

Attached once to the node class from here: the ground floor knows no operation.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from symflow.core.node import Tensor
from symflow.ops import (
    arithmetic,
    choice,
    contraction,
    elementwise,
    reduction,
    reshaping,
    scalarmap,
    structure,
)

_FOREIGN = (Tensor, int, float, complex, np.ndarray, np.generic, sp.Expr)


def _taken(value: Any) -> bool:
    """Whether an operator takes this operand (else Python tries the other side)."""
    return isinstance(value, _FOREIGN) or hasattr(value, "__array__")


def _pair(function: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    def forward(self: Tensor, other: Any) -> Any:
        return function(self, other) if _taken(other) else NotImplemented

    def backward(self: Tensor, other: Any) -> Any:
        return function(other, self) if _taken(other) else NotImplemented

    return forward, backward


def _operators() -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name, function in {
        "add": arithmetic.add,
        "sub": arithmetic.subtract,
        "mul": arithmetic.multiply,
        "truediv": arithmetic.divide,
        "floordiv": arithmetic.floor_divide,
        "mod": arithmetic.remainder,
        "pow": arithmetic.power,
        "matmul": contraction.matmul,
        "and": choice.logical_and,
        "or": choice.logical_or,
    }.items():
        table[f"__{name}__"], table[f"__r{name}__"] = _pair(function)
    for name, function in {
        "lt": choice.less,
        "le": choice.less_equal,
        "gt": choice.greater,
        "ge": choice.greater_equal,
    }.items():
        table[f"__{name}__"] = _pair(function)[0]
    return table


def _divmod(self: Tensor, other: Any) -> tuple[Tensor, Tensor]:
    return arithmetic.floor_divide(self, other), arithmetic.remainder(self, other)


def _iter(self: Tensor) -> Any:
    length = len(self)
    return (structure.getitem(self, k) for k in range(length))


def _transposed(self: Tensor) -> Tensor:
    return contraction.transpose(self)


def _shape_arguments(*shape: Any) -> Any:
    return shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape


def _method_reshape(self: Tensor, *shape: Any) -> Tensor:
    return reshaping.reshape(self, _shape_arguments(*shape))


def _method_transpose(self: Tensor, *axes: Any) -> Tensor:
    return contraction.transpose(self, _shape_arguments(*axes) if axes else None)


_METHODS: dict[str, Any] = {
    "__neg__": arithmetic.negative,
    "__pos__": arithmetic.positive,
    "__abs__": arithmetic.absolute,
    "__invert__": choice.logical_not,
    "__divmod__": _divmod,
    "__getitem__": structure.getitem,
    "__iter__": _iter,
    "T": property(_transposed),
    "mT": property(contraction.matrix_transpose),
    "astype": arithmetic.astype,
    "sum": contraction.sum,
    "mean": contraction.mean,
    "prod": reduction.prod,
    "max": reduction.max,
    "min": reduction.min,
    "all": reduction.all,
    "any": reduction.any,
    "dot": contraction.dot,
    "trace": contraction.trace,
    "diagonal": contraction.diagonal,
    "reshape": _method_reshape,
    "ravel": reshaping.ravel,
    "flatten": reshaping.ravel,
    "squeeze": contraction.squeeze,
    "swapaxes": contraction.swapaxes,
    "clip": choice.clip,
    "transpose": _method_transpose,
}

# NumPy's ufuncs whose names differ from ours
_UFUNC_NAMES = {
    "true_divide": "divide",
    "absolute": "abs",
    "bitwise_and": "logical_and",
    "bitwise_or": "logical_or",
    "invert": "logical_not",
    "fabs": "abs",
}
_MODULES = (arithmetic, choice, contraction, elementwise)


def _ufunc(self: Tensor, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """NumPy's ufuncs on tensors: ``np.sin(x)``, ``array + x``."""
    name = _UFUNC_NAMES.get(ufunc.__name__, ufunc.__name__)
    name = "absolute" if name == "abs" else name
    function = next((getattr(m, name) for m in _MODULES if hasattr(m, name)), None)
    if method != "__call__" or function is None or options.get("out") is not None:
        return NotImplemented
    return function(*inputs)


def _recapture(build: Callable[..., Tensor]) -> Callable[[Any], Any]:
    """Turn a SymPy sum or product that holds tensors back into a tensor."""

    def recaptured(expression: Any) -> Any:
        return build(*expression.args)

    return recaptured


def methods() -> dict[str, Any]:
    """All that tensors get from the operations."""
    table = _operators() | _METHODS
    table["__array_ufunc__"] = _ufunc
    table["from_sympy"] = staticmethod(scalarmap.from_sympy)
    table["_constructor_postprocessor_mapping"] = {
        "Add": [_recapture(arithmetic.add)],
        "Mul": [_recapture(arithmetic.multiply)],
        "Pow": [_recapture(arithmetic.power)],
    }
    return table
