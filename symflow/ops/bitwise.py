"""Integers bit by bit, and their divisors. On bools the operators are the logical ones."""

from typing import Any

from symflow.core import dtypes
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import DTypeError
from symflow.ops import choice
from symflow.ops.arithmetic import convert, elementwise
from symflow.ops.records import binary, unary

_FAMILY = "bitwise"


def _of_two(name: str, latex: str, *facts: str) -> Operation:
    return binary(name, _FAMILY, *facts, piecewise_constant=True, latex=latex)


BITWISE_AND = _of_two("bitwise_and", r"{0} \mathbin{{\&}} {1}", "commutative", "idempotent")
BITWISE_OR = _of_two("bitwise_or", r"{0} \mathbin{{|}} {1}", "commutative", "idempotent")
BITWISE_XOR = _of_two("bitwise_xor", r"{0} \oplus {1}", "commutative")
LEFT_SHIFT = _of_two("left_shift", r"{0} \ll {1}")
RIGHT_SHIFT = _of_two("right_shift", r"{0} \gg {1}")
GCD = _of_two("gcd", r"\gcd", "commutative", "idempotent", "nonnegative")
LCM = _of_two("lcm", r"\operatorname{lcm}", "commutative", "nonnegative")


def _same_dtype(operands: Operands, params: Params) -> str:
    return str(operands[0].dtype)


BITWISE_NOT = unary(
    "bitwise_not",
    _FAMILY,
    "involution",
    dtype=_same_dtype,
    piecewise_constant=True,
    latex=r"\mathord{{\sim}} {0}",
)
BITWISE_COUNT = unary(
    "bitwise_count",
    _FAMILY,
    "nonnegative",
    dtype=lambda operands, params: "int32",
    piecewise_constant=True,
    code={
        "jax": "jnp.int32(jnp.bitwise_count({0}))",
        "numpy": "np.int32(np.bitwise_count({0}))",
    },
)


def _whole(what: str, values: tuple[Any, ...], *, bools: bool = True) -> list[Tensor]:
    """Operands of one type that is a kind of integers (or bools)."""
    nodes = convert(values, "same")
    dtype = nodes[0].dtype
    if dtypes.kind(dtype) not in ("bool", "int") or (dtype == "bool" and not bools):
        wanted = "integers or bools (compare first, x > 0)" if bools else "integers"
        raise DTypeError(f"{what} takes {wanted}, got {dtype}")
    return nodes


def bitwise_and(x: Any, y: Any) -> Tensor:
    """``x & y``, bit by bit; of bools the logical "and"."""
    nodes = _whole("&", (x, y))
    return _chosen(choice.LOGICAL_AND, BITWISE_AND, nodes)


def bitwise_or(x: Any, y: Any) -> Tensor:
    """``x | y``, bit by bit; of bools the logical "or"."""
    nodes = _whole("|", (x, y))
    return _chosen(choice.LOGICAL_OR, BITWISE_OR, nodes)


def bitwise_xor(x: Any, y: Any) -> Tensor:
    """``x ^ y``, bit by bit; of bools the exclusive "or"."""
    nodes = _whole("^", (x, y))
    return _chosen(choice.LOGICAL_XOR, BITWISE_XOR, nodes)


def bitwise_not(x: Any) -> Tensor:
    """``~x``, bit by bit; of bools the logical "not"."""
    nodes = _whole("~", (x,))
    return _chosen(choice.LOGICAL_NOT, BITWISE_NOT, nodes)


def _chosen(logical: Operation, bits: Operation, nodes: list[Tensor]) -> Tensor:
    return elementwise(logical if nodes[0].dtype == "bool" else bits, *nodes)


def left_shift(x: Any, y: Any) -> Tensor:
    """``x << y``: ``x * 2**y`` without the bits that leave the word (``numpy.left_shift``)."""
    return elementwise(LEFT_SHIFT, *_whole("<<", (x, y), bools=False))


def right_shift(x1: Any, x2: Any) -> Tensor:
    """``x1 >> x2``: the floor of ``x1 / 2**x2`` (``numpy.right_shift``)."""
    return elementwise(RIGHT_SHIFT, *_whole(">>", (x1, x2), bools=False))


def bitwise_count(x: Any) -> Tensor:
    """The number of ones among the bits of ``|x|`` (``numpy.bitwise_count``), as an int32."""
    return elementwise(BITWISE_COUNT, *_whole("bitwise_count", (x,), bools=False))


def gcd(x1: Any, x2: Any) -> Tensor:
    """The greatest common divisor of integers (``numpy.gcd``).

    Raises:
        DTypeError: for other numbers.
    """
    return elementwise(GCD, *_whole("gcd", (x1, x2), bools=False))


def lcm(x1: Any, x2: Any) -> Tensor:
    """The least common multiple of integers (``numpy.lcm``).

    Raises:
        DTypeError: for other numbers.
    """
    return elementwise(LCM, *_whole("lcm", (x1, x2), bools=False))
