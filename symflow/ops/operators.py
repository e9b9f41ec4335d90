"""Python's operators and NumPy's methods on tensors.

Attached once to the node class from here: the ground floor knows no operation.  NumPy's protocols
are those of :mod:`symflow.numpy.protocols`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from symflow.core.node import Tensor
from symflow.ops import (
    arithmetic,
    axes,
    bitwise,
    choice,
    complex_parts,
    contraction,
    cumulative,
    elementwise,
    floating,
    indexing,
    positions,
    reduction,
    repeating,
    reshaping,
    scalarmap,
    sorting,
    statistics,
    taking,
)
from symflow.ops.at import At
from symflow.ops.complex import conj, imag, real

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
    binary: dict[str, Callable[..., Any]] = {
        "add": arithmetic.add,
        "sub": arithmetic.subtract,
        "mul": arithmetic.multiply,
        "truediv": arithmetic.divide,
        "floordiv": arithmetic.floor_divide,
        "mod": arithmetic.remainder,
        "pow": arithmetic.power,
        "matmul": contraction.matmul,
        "divmod": arithmetic.divmod,
        "and": bitwise.bitwise_and,
        "or": bitwise.bitwise_or,
        "xor": bitwise.bitwise_xor,
        "lshift": bitwise.left_shift,
        "rshift": bitwise.right_shift,
    }
    for name, function in binary.items():
        table[f"__{name}__"], table[f"__r{name}__"] = _pair(function)
    for name, function in {
        "lt": choice.less,
        "le": choice.less_equal,
        "gt": choice.greater,
        "ge": choice.greater_equal,
    }.items():
        table[f"__{name}__"] = _pair(function)[0]
    return table


def _iter(self: Tensor) -> Any:
    length = len(self)
    return (indexing.getitem(self, k) for k in range(length))


def _transposed(self: Tensor) -> Tensor:
    return contraction.transpose(self)


def _shape_arguments(*shape: Any) -> Any:
    return shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape


def _method_reshape(self: Tensor, *shape: Any, order: str = "C") -> Tensor:
    return reshaping.reshape(self, _shape_arguments(*shape), order)


def _method_transpose(self: Tensor, *axes: Any) -> Tensor:
    given = _shape_arguments(*axes)
    return contraction.transpose(self, None if given in ((), (None,)) else given)


def _method_round(self: Tensor, ndigits: int | None = None) -> Tensor:
    return floating.round(self, ndigits or 0)


_METHODS: dict[str, Any] = {
    "__neg__": arithmetic.negative,
    "__pos__": arithmetic.positive,
    "__abs__": arithmetic.absolute,
    "__invert__": bitwise.bitwise_not,
    "__round__": _method_round,
    "__trunc__": floating.trunc,
    "__floor__": elementwise.floor,
    "__ceil__": elementwise.ceil,
    "__getitem__": indexing.getitem,
    "__iter__": _iter,
    "at": property(At),
    "T": property(_transposed),
    "mT": property(contraction.matrix_transpose),
    "H": property(complex_parts.adjoint),
    "real": property(real),
    "imag": property(imag),
    "conj": conj,
    "conjugate": conj,
    "copy": axes.copy,
    "repeat": repeating.repeat,
    "astype": arithmetic.astype,
    "sum": contraction.sum,
    "mean": contraction.mean,
    "prod": reduction.prod,
    "var": reduction.var,
    "std": reduction.std,
    "max": reduction.max,
    "min": reduction.min,
    "ptp": statistics.ptp,
    "argmax": positions.argmax,
    "argmin": positions.argmin,
    "cumsum": cumulative.cumsum,
    "cumprod": cumulative.cumprod,
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
    "sort": sorting.sort,
    "argsort": sorting.argsort,
    "searchsorted": sorting.searchsorted,
    "take": taking.take,
    "choose": taking.choose,
    "clip": choice.clip,
    "round": floating.round,
    "transpose": _method_transpose,
}


def _recapture(build: Callable[..., Tensor]) -> Callable[[Any], Any]:
    """Turn a SymPy sum or product that holds tensors back into a tensor."""

    def recaptured(expression: Any) -> Any:
        return build(*expression.args)

    return recaptured


def methods() -> dict[str, Any]:
    """All that tensors get from the operations."""
    table = _operators() | _METHODS
    table["from_sympy"] = staticmethod(scalarmap.from_sympy)
    return table


def recapture_sums_and_products() -> None:
    """Let ``sp.Add(x, y)`` and its like give tensors, through the hook that SymPy has for it."""
    sp.Basic._constructor_postprocessor_mapping[Tensor] = {  # noqa: SLF001
        "Add": [_recapture(arithmetic.add)],
        "Mul": [_recapture(arithmetic.multiply)],
        "Pow": [_recapture(arithmetic.power)],
    }
