"""Fourier transforms."""

from typing import Any

import numpy as np

from symflow.core import Apply
from tests.oracle.formula import Array, Formula, Sizes, measure


def _along(name: str) -> Formula:
    function = getattr(np.fft, f"{name}n")

    def formula(node: Apply, inputs: list[Array], sizes: Sizes) -> Any:
        return function(inputs[0], axes=node.params[0])

    return formula


FORMULAS: dict[str, Formula] = {
    **{f"fft.{name}": _along(name.removesuffix("n")) for name in ("fft", "ifft", "fftn", "ifftn")},
    "fft.rfft": _along("rfft"),
    "fft.irfft": lambda node, inputs, sizes: np.fft.irfft(
        inputs[0], measure(node.params[0], sizes), node.params[1][0]
    ),
}
