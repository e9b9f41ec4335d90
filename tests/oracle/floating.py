"""Rounding, bits, NaN and the infinities."""

from typing import Any

import numpy as np

from symflow.core import Apply
from tests.oracle.formula import Array, Formula, Sizes, entries, number, output_of

_NUMPY = """
    trunc signbit spacing copysign nextafter ldexp fmax fmin isnan isinf isfinite isposinf isneginf
    logical_xor bitwise_and bitwise_or bitwise_xor bitwise_not left_shift right_shift gcd lcm sinc
    logaddexp2 fmod
"""


def _nan_to_num(node: Apply, inputs: list[Array], sizes: Sizes) -> Any:
    nan, above, below = (p if p is None else number(p, sizes) for p in node.params)
    return np.nan_to_num(inputs[0], nan=nan, posinf=above, neginf=below)


def _isclose(node: Apply, inputs: list[Array], sizes: Sizes) -> Any:
    rtol, atol, equal_nan = node.params
    return np.isclose(*inputs, number(rtol, sizes), number(atol, sizes), equal_nan)


FORMULAS: dict[str, Formula] = {
    **{name: entries(getattr(np, name)) for name in _NUMPY.split()},
    "isclose": _isclose,
    "bitwise_count": entries(np.bitwise_count),
    "frexp": output_of(np.frexp),
    "round": lambda node, inputs, sizes: np.round(inputs[0], node.params[0]),
    "nan_to_num": _nan_to_num,
}
