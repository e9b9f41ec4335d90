"""Activations, as their papers write them."""

from typing import Any

import numpy as np
import scipy.special

from symflow.core import Apply
from tests.oracle.formula import Array, Formula, Sizes, entries


def _gelu(node: Apply, inputs: list[Array], sizes: Sizes) -> Any:
    (x,) = inputs
    if node.params[0]:
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return x * scipy.special.erfc(-x / np.sqrt(2)) / 2


def _elu(node: Apply, inputs: list[Array], sizes: Sizes) -> Any:
    return np.where(inputs[0] > 0, inputs[0], float(node.params[0]) * np.expm1(inputs[0]))


FORMULAS: dict[str, Formula] = {
    "nn.gelu": _gelu,
    "nn.elu": _elu,
    "nn.silu": entries(lambda x: x * scipy.special.expit(x)),
    "nn.relu6": entries(lambda x: np.clip(x, 0, 6.0)),
    "nn.log1mexp": entries(lambda x: np.log(-np.expm1(-x))),
}
