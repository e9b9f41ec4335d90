"""Reductions and functions along axes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from tests.oracle.formula import Array, Formula, over_axes


def _reduction(function: Callable[..., Any]) -> Formula:
    return over_axes(lambda x, axes: function(x, axis=axes))


def _log_sum_exp(x: Array, axes: Any) -> Any:
    return scipy.special.logsumexp(x, axis=axes) if axes else x


def _along(function: Callable[..., Any]) -> Formula:
    return lambda node, inputs, sizes: function(inputs[0], axis=node.params[0][0])


def _quantile(function: Callable[..., Any]) -> Formula:
    def compute(node: Any, inputs: list[Array], sizes: Any) -> Any:
        method, axes = node.params
        return function(*inputs, axis=axes, method=method)

    return compute


def _interp(node: Any, inputs: list[Array], sizes: Any) -> Any:
    x, knots, values = inputs
    found = np.interp(x, knots, values)
    for name, outside, k in (("left", x < knots[0], 0), ("right", x > knots[-1], -2)):
        if node.parameter(name) == "extrapolate":
            slope = (values[k + 1] - values[k]) / (knots[k + 1] - knots[k])
            found = np.where(outside, values[k] + slope * (x - knots[k]), found)
    return found


def _unless_empty(function: Any) -> Any:
    return lambda x, axes: function(x, axis=axes) if x.size else x


FORMULAS: dict[str, Formula] = {
    "interp": _interp,
    **{name: _quantile(getattr(np, name)) for name in ("quantile", "nanquantile")},
    **{name: _reduction(getattr(np, name)) for name in ("median", "nanmedian")},
    **{name: _along(getattr(np, name)) for name in ("cumsum", "cumprod", "argmax", "argmin")},
    "convolve": lambda node, inputs, sizes: np.convolve(*inputs, mode=node.params[0]),
    **{name: _reduction(getattr(np, name)) for name in ("prod", "max", "min", "all", "any")},
    "nn.softmax": over_axes(_unless_empty(scipy.special.softmax)),
    "nn.log_softmax": over_axes(_unless_empty(scipy.special.log_softmax)),
    "special.logsumexp": over_axes(_log_sum_exp),
    "linalg.norm": over_axes(lambda x, axes: np.sqrt(np.sum(np.abs(x) ** 2, axis=axes))),
}
