"""Samples of activations."""

from collections.abc import Iterator

import jax
import sympy as sp

from symflow.core import Operation
from tests.ops.samples.spec import Case, Spec, Specs, d, n, positive

_SHAPES = ((0,), (3,), (n, d))


def _gelus(operation: Operation) -> Iterator[Case]:
    return (((shape,), (approximate,)) for shape in _SHAPES for approximate in (True, False))


def _elus(operation: Operation) -> Iterator[Case]:
    return (((shape,), (alpha,)) for shape in _SHAPES for alpha in (1, sp.Float(0.3)))


def _few(operation: Operation) -> Iterator[Case]:
    return (((shape,), ()) for shape in _SHAPES)


SPECS: Specs = {
    "nn.gelu": Spec(_gelus, params=(True,)),
    "nn.elu": Spec(_elus, params=(1.0,), jax=lambda x, alpha: jax.nn.elu(x, float(alpha))),
    "nn.silu": Spec(_few),
    "nn.relu6": Spec(_few),
    "nn.log1mexp": Spec(_few, draw=positive),
}
