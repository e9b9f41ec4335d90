"""Functions of complex numbers that are formulas in their parts."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.add import constant
from symflow.core.convert import as_tensor
from symflow.core.node import Tensor
from symflow.ops.arithmetic import astype, multiply
from symflow.ops.choice import equal, not_equal
from symflow.ops.complex import conj, imag, is_complex, real
from symflow.ops.contraction import matrix_transpose
from symflow.ops.elementwise import arctan2


def angle(z: Any, deg: bool = False) -> Tensor:
    """The angle of a complex number with the positive real line, in radians or degrees."""
    node = as_tensor(z)
    if dtypes.kind(node.dtype) not in ("float", "complex"):
        node = astype(node, "float")  # of the default precision, as in JAX
    result = arctan2(imag(node), real(node))
    return multiply(result, 180 / sp.pi) if deg else result


def iscomplex(x: Any) -> Tensor:
    """Where the imaginary part is not zero."""
    node = as_tensor(x)
    if not is_complex(node):
        return constant(sp.S.Zero, node.shape, "bool")
    return not_equal(imag(node), 0)


def isreal(x: Any) -> Tensor:
    """Where the imaginary part is zero."""
    node = as_tensor(x)
    if not is_complex(node):
        return constant(sp.S.One, node.shape, "bool")
    return equal(imag(node), 0)


def adjoint(x: Any) -> Tensor:
    """The conjugate transpose over the last two axes."""
    return conj(matrix_transpose(x))
