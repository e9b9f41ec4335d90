"""The functions of ``jax.scipy.special``, whose softmax runs over all axes unless told."""

from typing import Any

from symflow.core import Tensor
from symflow.ops import composite
from symflow.ops.composite import logsumexp as logsumexp
from symflow.ops.composite import sigmoid as expit
from symflow.ops.elementwise import digamma as digamma
from symflow.ops.elementwise import erf as erf
from symflow.ops.elementwise import erfc as erfc
from symflow.ops.elementwise import erfcx as erfcx
from symflow.ops.elementwise import gammaln as gammaln
from symflow.ops.elementwise import polygamma as polygamma
from symflow.ops.elementwise import xlog1py as xlog1py
from symflow.ops.elementwise import xlogy as xlogy


def softmax(x: Any, axis: Any = None) -> Tensor:
    """``exp(x)`` scaled to sum 1 over all or some axes."""
    return composite.softmax(x, axis)


def log_softmax(x: Any, axis: Any = None) -> Tensor:
    """The logarithm of :func:`softmax`."""
    return composite.log_softmax(x, axis)


__all__ = [
    "digamma",
    "erf",
    "erfc",
    "erfcx",
    "expit",
    "gammaln",
    "log_softmax",
    "logsumexp",
    "polygamma",
    "softmax",
    "xlog1py",
    "xlogy",
]
