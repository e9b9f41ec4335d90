"""Formulas entry by entry."""

from typing import Any

import numpy as np
import scipy.special
import sympy as sp

from symflow.core import Apply
from tests.oracle.formula import Array, Formula, Sizes, dtype_of, entries, number


def _scalar_power(node: Apply, inputs: list[Array], sizes: Sizes) -> Any:
    exponent = number(node.params[0], sizes)
    return np.power(inputs[0], exponent if _whole(exponent) else float(exponent))


def _whole(value: Any) -> bool:
    return isinstance(value, int) and value >= 0


def _mapped(function: sp.Lambda, inputs: list[Array]) -> Array:
    compute = sp.lambdify(function.variables, function.expr, ["scipy", "numpy"])
    result: Array = np.broadcast_to(compute(*inputs), inputs[0].shape)
    return result


_NUMPY = """
    power floor_divide remainder abs sign exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin
    arccos arctan sinh cosh tanh arcsinh arccosh arctanh floor ceil arctan2 greater greater_equal
    less less_equal equal not_equal logical_and logical_or logical_not maximum minimum heaviside
    where cbrt hypot logaddexp
"""
_SPECIAL = "erf erfc erfcx gammaln digamma xlogy xlog1py"

FORMULAS: dict[str, Formula] = {
    **{name: entries(getattr(np, name)) for name in _NUMPY.split()},
    **{f"special.{name}": entries(getattr(scipy.special, name)) for name in _SPECIAL.split()},
    "cast": lambda node, inputs, sizes: inputs[0].astype(dtype_of(node.params[0])),
    "scalar_power": _scalar_power,
    "map": lambda node, inputs, sizes: _mapped(node.params[0], inputs),
    "special.polygamma": lambda node, inputs, sizes: scipy.special.polygamma(
        node.params[0], inputs[0]
    ),
    "nn.sigmoid": entries(scipy.special.expit),
    "nn.softplus": entries(lambda x: np.logaddexp(x, 0)),
    "nn.relu": entries(lambda x: np.maximum(x, 0)),
}
