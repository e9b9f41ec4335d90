"""The names of ``jax.numpy`` on symbolic tensors."""

import numpy as _np

from symflow.core.convert import as_tensor as asarray
from symflow.numpy import linalg as linalg
from symflow.ops.arithmetic import absolute as abs  # noqa: A004  (NumPy's name)
from symflow.ops.arithmetic import (
    absolute,
    add,
    astype,
    broadcast_to,
    divide,
    floor_divide,
    multiply,
    negative,
    positive,
    power,
    reciprocal,
    remainder,
    sign,
    sqrt,
    square,
    subtract,
)
from symflow.ops.arithmetic import divide as true_divide
from symflow.ops.arithmetic import remainder as mod
from symflow.ops.choice import (
    clip,
    equal,
    greater,
    greater_equal,
    heaviside,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    not_equal,
    where,
)
from symflow.ops.composite import logaddexp
from symflow.ops.contraction import (
    diag,
    diagonal,
    dot,
    einsum,
    expand_dims,
    inner,
    kron,
    matmul,
    matrix_transpose,
    mean,
    moveaxis,
    outer,
    squeeze,
    sum,  # noqa: A004
    swapaxes,
    tensordot,
    trace,
    transpose,
    vdot,
)
from symflow.ops.creation import (
    arange,
    array,
    eye,
    full,
    full_like,
    identity,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from symflow.ops.elementwise import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    ceil,
    cos,
    cosh,
    exp,
    exp2,
    expm1,
    floor,
    log,
    log1p,
    log2,
    log10,
    sin,
    sinh,
    tan,
    tanh,
)
from symflow.ops.reduction import all, any, max, min, prod  # noqa: A004
from symflow.ops.reshaping import ravel, reshape
from symflow.ops.structure import concatenate, flip, stack

pi, e, inf, nan, newaxis = _np.pi, _np.e, _np.inf, _np.nan, None
bool_, int32, int64 = "bool", "int32", "int64"
bfloat16, float16, float32, float64 = "bfloat16", "float16", "float32", "float64"
complex64, complex128 = "complex64", "complex128"

__all__ = [name for name in dir() if not name.startswith("_")]
