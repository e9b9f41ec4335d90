"""Adjoints of conjugates, real and imaginary parts: linear over the real numbers.

A cotangent ``g`` of a complex ``z`` pairs with it as ``Re(sum(g * dz))``, as in JAX.
"""

from collections.abc import Iterator

import sympy as sp

from symflow.calculus.differential import Adjoint
from symflow.core.add import scaled
from symflow.core.apply import Apply, apply
from symflow.core.node import Tensor
from symflow.ops.arithmetic import cast
from symflow.ops.complex import CONJ, IMAG, REAL, conj


def complex_parts() -> Iterator[Adjoint]:
    """Conjugates and parts of complex numbers."""
    yield Adjoint(CONJ, _same_map, _conj_backward, "<g, conj(z)> = <conj(g), z>")
    yield Adjoint(REAL, _same_map, _real_backward, "<g, real(z)> = <g, z>")
    yield Adjoint(IMAG, _same_map, _imag_backward, "<g, imag(z)> = <-i * g, z>")


def _same_map(node: Apply, tangents: tuple[Tensor, ...]) -> Tensor:
    return apply(node.operation, tangents, node.params)


def _conj_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor:
    return conj(cotangent)


def _real_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor:
    return cast(cotangent, node.operands[0].dtype)


def _imag_backward(node: Apply, position: int, cotangent: Tensor, extra: int) -> Tensor:
    return scaled(-sp.I, cast(cotangent, node.operands[0].dtype))
