"""Activations of ``jax.nn``: those with a name worth printing, and formulas of the others."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.bridge import plain
from symflow.core.convert import as_tensor, number, scalar_kind
from symflow.core.dims import normalise_axis, show_shape
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DTypeError, ShapeError
from symflow.ops.arithmetic import (
    absolute,
    add,
    convert,
    divide,
    elementwise,
    multiply,
    negative,
    power_node,
    sqrt,
    square,
    subtract,
)
from symflow.ops.choice import clip, greater, greater_equal, less, less_equal, maximum, minimum
from symflow.ops.choice import where as choose
from symflow.ops.composite import sigmoid as logistic
from symflow.ops.composite import softplus
from symflow.ops.contraction import mean as average
from symflow.ops.elementwise import exp, expm1, log, log1p, tanh
from symflow.ops.records import unary
from symflow.ops.special import NDTR
from symflow.ops.structure import take_runs

_FAMILY = "activation"
_ALPHA, _SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. 2017, section 2
_CUBIC = sp.Float(0.044715)  # Hendrycks & Gimpel 2016, section 2


def _with_float(operands: Operands, params: Params) -> str:
    """The type of the operand together with a Python float."""
    return dtypes.with_python_scalar(operands[0].dtype, "float")


def _record(name: str, *facts: str, **options: Any) -> Operation:
    return unary(f"nn.{name}", _FAMILY, *facts, **{"flops": 14, **options})


def tanh_argument(x: Tensor) -> Tensor:
    """What the approximate :func:`gelu` takes the hyperbolic tangent of."""
    return multiply(sp.sqrt(2 / sp.pi), add(x, multiply(_CUBIC, power_node(x, sp.Integer(3)))))


def tanh_slope(x: Tensor) -> Tensor:
    """The derivative of :func:`tanh_argument`."""
    return multiply(sp.sqrt(2 / sp.pi), add(1, multiply(3 * _CUBIC, square(x))))


def _define_gelu(x: Tensor, approximate: bool) -> Tensor:
    if approximate:
        return multiply(sp.S.Half, x, add(1, tanh(tanh_argument(x))))
    return multiply(x, elementwise(NDTR, x))


def elu_formula(x: Any, alpha: Any) -> Tensor:
    """``x`` where it is positive, else ``alpha * expm1(x)``; nothing there overflows."""
    test = greater(x, 0)
    return choose(test, x, multiply(alpha, expm1(choose(test, 0.0, x))))


def _define_log1mexp(x: Tensor) -> Tensor:
    near = log(negative(expm1(negative(x))))
    return choose(less(x, sp.log(2)), near, log1p(negative(exp(negative(x)))))


GELU = _record(
    "gelu",
    parameters=("approximate",),
    defaults={"approximate": True},
    latex=r"\operatorname{gelu}",
    definition=_define_gelu,
    code={"jax": "jax.nn.gelu({0}, approximate={approximate})"},
)
SILU = _record(
    "silu",
    latex=r"\operatorname{silu}",
    definition=lambda x: multiply(x, logistic(x)),
    sympy=lambda x: x / (1 + sp.exp(-x)),
    code={"jax": "jax.nn.silu({0})"},
)
ELU = _record(
    "elu",
    dtype=_with_float,
    parameters=("alpha",),
    defaults={"alpha": 1},
    latex=r"\operatorname{elu}",
    definition=elu_formula,
    code={"jax": "jax.nn.elu({0}, alpha={alpha})"},
)
RELU6 = _record(
    "relu6",
    "nonnegative",
    "increasing",
    "idempotent",
    dtype=_with_float,
    latex=r"\operatorname{relu}_6",
    definition=lambda x: minimum(maximum(x, 0), 6.0),
    sympy=lambda x: sp.Min(sp.Max(x, 0), 6),
    code={"jax": "jax.nn.relu6({0})"},
    flops=2,
)
LOG1MEXP = _record(
    "log1mexp",
    "increasing",
    latex=r"\operatorname{log1mexp}",
    definition=_define_log1mexp,
    sympy=lambda x: sp.log(1 - sp.exp(-x)),
    code={"jax": "jax.nn.log1mexp({0})"},
)


# ------------------------------------------------------------------------ smooth functions


def gelu(x: Any, approximate: bool = True) -> Tensor:
    """``x * ndtr(x)``, or its approximation by tanh (Hendrycks and Gimpel 2016)."""
    return elementwise(GELU, x, params=(bool(approximate),))


def silu(x: Any) -> Tensor:
    """``x * sigmoid(x)``, also called swish.

    Raises:
        DTypeError: for integers and bools, which JAX refuses.
    """
    return elementwise(SILU, _inexact(x, "silu"))


def sigmoid(x: Any) -> Tensor:
    """``1 / (1 + exp(-x))``, computed without overflow.

    Raises:
        DTypeError: for integers and bools, which JAX refuses; ``special.expit`` takes them.
    """
    return logistic(_inexact(x, "sigmoid"))


def _inexact(x: Any, name: str) -> Tensor:
    node = as_tensor(x)
    if dtypes.kind(node.dtype) in ("bool", "int"):
        raise DTypeError(f"{name} takes floats or complex numbers, got {node.dtype}")
    return node


def mish(x: Any) -> Tensor:
    """``x * tanh(softplus(x))`` (Misra 2019)."""
    return multiply(x, tanh(softplus(x)))


def soft_sign(x: Any) -> Tensor:
    """``x / (abs(x) + 1)``."""
    return divide(x, add(absolute(x), 1))


def squareplus(x: Any, b: Any = 4) -> Tensor:
    """``(x + sqrt(x**2 + b)) / 2`` (Barron 2021)."""
    node, other = convert((x, b), "float")
    return divide(add(node, sqrt(add(square(node), other))), 2)


def log1mexp(x: Any) -> Tensor:
    """``log(1 - exp(-x))`` for positive x, without cancellation (Maechler 2012)."""
    return elementwise(LOG1MEXP, x)


# ------------------------------------------------------------------------ linear in pieces


def elu(x: Any, alpha: Any = 1.0) -> Tensor:
    """``x`` where it is positive, else ``alpha * (exp(x) - 1)``."""
    if scalar_kind(alpha) in ("int", "float"):
        return elementwise(ELU, x, params=(plain(number(alpha)),))
    return elu_formula(x, alpha)


def selu(x: Any) -> Tensor:
    """The scaled :func:`elu` that keeps mean 0 and variance 1 (Klambauer et al. 2017)."""
    return multiply(_SCALE, elu(x, _ALPHA))


def celu(x: Any, alpha: Any = 1.0) -> Tensor:
    """``x`` where it is positive, else ``alpha * expm1(x / alpha)``, smooth at 0."""
    below = multiply(alpha, expm1(divide(minimum(x, 0.0), alpha)))
    return choose(greater(x, 0), x, below)


def leaky_relu(x: Any, negative_slope: Any = 0.01) -> Tensor:
    """``x`` where it is not negative, else ``negative_slope * x``."""
    return choose(greater_equal(x, 0), x, multiply(negative_slope, x))


def relu6(x: Any) -> Tensor:
    """``x`` between 0 and 6, with derivative 0 at both, as ``jax.nn.relu6``."""
    return elementwise(RELU6, x)


def hard_sigmoid(x: Any) -> Tensor:
    """``relu6(x + 3) / 6``."""
    return divide(relu6(add(x, 3.0)), 6.0)


def hard_silu(x: Any) -> Tensor:
    """``x * hard_sigmoid(x)``, also called hard swish."""
    return multiply(x, hard_sigmoid(x))


def hard_tanh(x: Any) -> Tensor:
    """``x`` between -1 and 1."""
    return choose(greater(x, 1), 1, choose(less(x, -1), -1, x))


def sparse_plus(x: Any) -> Tensor:
    """0 up to -1, ``x`` from 1 on, ``(x + 1)**2 / 4`` between."""
    middle = divide(square(add(x, 1.0)), 4)
    return choose(less_equal(x, -1.0), 0.0, choose(greater_equal(x, 1.0), x, middle))


def sparse_sigmoid(x: Any) -> Tensor:
    """``(x + 1) / 2`` between 0 and 1: the derivative of :func:`sparse_plus`."""
    return multiply(sp.S.Half, clip(add(x, 1.0), 0.0, 2.0))


# ----------------------------------------------------------------------------- over an axis


def identity(x: Any) -> Tensor:
    """``x`` itself."""
    return as_tensor(x)


def glu(x: Any, axis: int = -1) -> Tensor:
    """The first half of an axis times the sigmoid of the second (Dauphin et al. 2016).

    Raises:
        ShapeError: where half the size of the axis is no whole number.
        DTypeError: for integers and bools, as in JAX.
    """
    node = _inexact(x, "glu")
    place = normalise_axis(axis, node.rank)
    half = sp.sympify(node.shape[place]) / 2
    if half.is_integer is not True:
        raise ShapeError(
            f"glu takes an axis of even size: axis {axis} of {show_shape(node.shape)} has "
            f"{node.shape[place]}; write an even size as 2 * m"
        )
    size = int(half) if half.is_Integer else half
    runs = [(0, size, 1) if k == place else (0, full, 1) for k, full in enumerate(node.shape)]
    first = take_runs(node, tuple(runs))
    runs[place] = (size, size, 1)
    return multiply(first, logistic(take_runs(node, tuple(runs))))


def standardize(
    x: Any,
    axis: Any = -1,
    mean: Any = None,
    variance: Any = None,
    epsilon: Any = 1e-05,
    where: Any = None,
    *,
    algorithm: str = "fast",
) -> Tensor:
    """``(x - mean) / sqrt(variance + epsilon)`` (``jax.nn.standardize``).

    Args:
        x: what to standardise.
        axis: the axes over which mean and variance are taken.
        mean: that of ``x`` where none is given.
        variance: that of ``x`` where none is given.
        epsilon: keeps the quotient finite.
        where: a condition; other entries do not count for mean and variance.
        algorithm: ``"fast"`` takes the mean of squares less the square of the mean, ``"stable"``
            the mean of squared distances.

    Raises:
        ValueError: for another algorithm.
    """
    if algorithm not in ("fast", "stable"):
        raise ValueError(f"Unknown algorithm {algorithm!r}. Expected 'fast' or 'stable'.")
    (node,) = convert((x,), "float") if mean is None else (as_tensor(x),)
    middle = average(node, axis, keepdims=True, where=where) if mean is None else mean
    spread = variance
    if spread is None and algorithm == "stable":
        spread = average(square(subtract(node, middle)), axis, keepdims=True, where=where)
    elif spread is None:
        squares = average(square(node), axis, keepdims=True, where=where)
        spread = clip(subtract(squares, square(middle)), 0)
    return multiply(subtract(node, middle), power_node(*_rsqrt(add(spread, epsilon))))


def _rsqrt(x: Tensor) -> tuple[Tensor, sp.Expr]:
    return convert((x,), "float")[0], sp.Rational(-1, 2)
