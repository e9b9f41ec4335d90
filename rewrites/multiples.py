"""Signs and factors that move out of a function: even, odd and homogeneous functions.

Procedures, because each law holds for a family of operations: they read the facts of operations
and nodes, and none names a special formula.
"""

from collections.abc import Callable

import sympy as sp

from symflow.core import Apply, Einsum, Tensor, apply
from symflow.core.add import scaled, split
from symflow.ops import facts
from symflow.ops.arithmetic import ABS, SIGN, absolute, add, multiply, power_node
from symflow.ops.choice import WHERE
from symflow.ops.composite import NORM, RELU
from symflow.ops.contraction import expand_dims
from symflow.ops.elementwise import log
from symflow.ops.gathering import SCATTER
from symflow.ops.linalg import CHOLESKY, DET, INV, SLOGDET
from symflow.ops.matrix_functions import EXPM
from symflow.ops.structure import PLACE, ROLL
from symflow.ops.table import TABLE
from symflow.rewriting import network
from symflow.rewriting.rule import Theory, law


def is_positive(value: sp.Expr) -> bool:
    """Whether a coefficient is positive, sizes counting as positive."""
    return bool(value.is_positive) or bool(value.free_symbols and value.is_nonnegative)


# ---------------------------------------------------------------------------- even and odd


def parity(node: Apply) -> Tensor | None:
    """``f(-x) = f(x)`` for even functions, ``-f(x)`` for odd ones."""
    (operand,) = node.operands
    number = split(operand)[0]
    if not number.could_extract_minus_sign():
        return None
    inner = apply(node.operation, (scaled(sp.S.NegativeOne, operand),), node.params)
    return inner if "even" in node.operation.facts else scaled(sp.S.NegativeOne, inner)


def signs_out(node: Apply) -> Tensor | None:
    """The same for factors that are -1 or 1: ``tanh(y * x) = y * tanh(x)``."""
    (operand,) = node.operands
    if not isinstance(operand, Einsum) or len(operand.operands) < 2:
        return None
    signs: list[network.Item] = []
    rest: list[network.Item] = []
    for item in network.items(operand):
        lone = set(item[1]) <= set(operand.output) and facts.has(item[0], "plus_minus_one")
        (signs if lone else rest).append(item)
    if not signs or not rest:
        return None
    inner = apply(node.operation, (network.rebuilt(operand, rest),), node.params)
    if "even" in node.operation.facts:
        return inner
    parts = [*signs, (inner, operand.output)]
    return network.rebuilt(operand, parts, sp.S.One, gone=operand.summed)


# --------------------------------------------------------------- factors that move outside


def _absolute_value(number: sp.Expr, scalars: Tensor | None, inner: Tensor) -> Tensor:
    result = scaled(abs(number), inner)
    return result if scalars is None else multiply(absolute(scalars), result)


def norm_of_multiple(node: Apply) -> Tensor | None:
    """``norm(c * x) = |c| * norm(x)`` for ``c`` constant along the axes."""
    (operand,), (axes,) = node.operands, node.params
    split_up = network.factored(operand, axes)
    if split_up is None:
        return None
    number, scalars, rest = split_up
    return _absolute_value(number, scalars, apply(NORM, (rest,), (axes,)))


def abs_of_multiple(node: Apply) -> Tensor | None:
    """``|c * x| = |c| * |x|`` for numbers, ``p * |x|`` for factors that are not negative."""
    return _outside(node, lambda c: abs(c), "nonnegative")


def positive_factor_out(node: Apply) -> Tensor | None:
    """``relu(p * x) = p * relu(x)`` for positive numbers and factors that are not negative."""
    return _outside(node, lambda c: c if is_positive(c) else None, "nonnegative")


def sign_of_multiple(node: Apply) -> Tensor | None:
    """``sign(p * x) = sign(x)`` for positive ``p``."""
    (operand,) = node.operands
    if not isinstance(operand, Einsum) or not operand.operands:
        return None
    number = operand.coefficient
    outer, inner = _by_fact(operand, "positive")
    positive = number is not sp.S.One and is_positive(number)
    if not (outer or positive) or not inner:
        return None
    kept = sp.S.One if positive else number
    rest = network.rebuilt(operand, inner, kept, gone=operand.summed)
    return apply(SIGN, (rest,))


def _outside(
    node: Apply, number_out: Callable[[sp.Expr], sp.Expr | None], fact: str
) -> Tensor | None:
    (operand,) = node.operands
    if not isinstance(operand, Einsum) or not operand.operands:
        return None
    outer, inner = _by_fact(operand, fact)
    number = operand.coefficient
    moved = None if number is sp.S.One else number_out(number)
    if (not outer and moved is None) or not inner:
        return None
    rest = network.rebuilt(operand, inner, number if moved is None else sp.S.One)
    parts = [*outer, (apply(node.operation, (rest,)), operand.output)]
    return network.rebuilt(operand, parts, moved or sp.S.One, gone=operand.summed)


def _by_fact(node: Einsum, fact: str) -> tuple[list[network.Item], list[network.Item]]:
    """The components of a product that have a fact, and the others."""
    outer: list[network.Item] = []
    inner: list[network.Item] = []
    parts = network.items(node)
    if len(set(node.output)) < len(node.output):
        return outer, parts
    for group in network.components(parts, node.summed):
        mine = [parts[k] for k in group]
        held = {label for _, labels in mine for label in labels}
        shown = tuple(label for label in node.output if label in held)
        tensor = network.part(node, mine, shown)
        if facts.has(tensor, fact):
            outer.append((tensor, shown))
        else:
            inner.extend(mine)
    return outer, inner


def _matrix_factors(node: Apply) -> tuple[sp.Expr, Tensor | None, Tensor] | None:
    (operand,) = node.operands
    if not isinstance(operand, Einsum):
        return None
    if operand.operands or len(set(operand.output)) < len(operand.output):
        return network.factored(operand, (operand.rank - 2, operand.rank - 1))
    return None


def _over_matrices(scalars: Tensor) -> Tensor:
    return expand_dims(scalars, (-2, -1))


def inverse_of_multiple(node: Apply) -> Tensor | None:
    """``inv(c * A) = inv(A) / c``."""
    split_up = _matrix_factors(node)
    if split_up is None:
        return None
    number, scalars, rest = split_up
    return _scaled_by_power(scalars, sp.S.NegativeOne, scaled(1 / number, apply(INV, (rest,))))


def cholesky_of_multiple(node: Apply) -> Tensor | None:
    """``cholesky(c * A) = sqrt(c) * cholesky(A)`` for positive ``c``."""
    split_up = _matrix_factors(node)
    if split_up is None:
        return None
    number, scalars, rest = split_up
    if not is_positive(number) or (scalars is not None and not facts.has(scalars, "positive")):
        return None
    return _scaled_by_power(scalars, sp.S.Half, scaled(sp.sqrt(number), apply(CHOLESKY, (rest,))))


def _scaled_by_power(scalars: Tensor | None, exponent: sp.Expr, matrices: Tensor) -> Tensor:
    """A stack of matrices, each times a power of a scalar of its own."""
    if scalars is None:
        return matrices
    return multiply(_over_matrices(power_node(scalars, exponent)), matrices)


def determinant_of_multiple(node: Apply) -> Tensor | None:
    """``det(c * A) = c**n * det(A)``, and the same of logarithm and sign."""
    split_up = _matrix_factors(node)
    if split_up is None:
        return None
    number, scalars, rest = split_up
    size = sp.sympify(node.operands[0].shape[-1])
    inner = apply(node.operation, (rest,), node.params)
    if node.operation is DET:
        result = scaled(number**size, inner)
        return result if scalars is None else multiply(power_node(scalars, size), result)
    if node.params[0] == 1:
        return _logdet_of_multiple(number, scalars, inner, size)
    if not is_positive(number) or (scalars is not None and not facts.has(scalars, "positive")):
        return None
    return inner


def _logdet_of_multiple(
    number: sp.Expr, scalars: Tensor | None, inner: Tensor, size: sp.Expr
) -> Tensor:
    terms = [inner]
    if number not in (1, -1):
        terms.append(scaled(size, log(abs(number))))
    if scalars is not None:
        terms.append(scaled(size, log(absolute(scalars))))
    return add(*terms)


def transpose_inside(node: Apply) -> Tensor | None:
    """``det(A.T) = det(A)``, its logarithm and sign; ``expm(A.T) = expm(A).T``."""
    (operand,) = node.operands
    order = network.permutation(operand)
    rank = operand.rank
    if order is None or order != (*range(rank - 2), rank - 1, rank - 2):
        return None
    inner = apply(node.operation, (network.transposed(operand, order),), node.params)
    return network.transposed(inner, order) if node.operation is EXPM else inner


def number_out(node: Apply) -> Tensor | None:
    """``zeros(n).at[i].add(c * v) = c * zeros(n).at[i].add(v)``, and so for padding and rolling.

    Likewise ``where(c, 2 * x, 0) = 2 * where(c, x, 0)``.
    """
    if node.operation is WHERE:
        return _number_out_of_choice(node)
    number, rest = split(node.operands[0])
    if number is sp.S.One or number == 0 or node.dtype != rest.dtype:
        return None
    return scaled(number, node.with_operands((rest, *node.operands[1:])))


def _number_out_of_choice(node: Apply) -> Tensor | None:
    condition, *branches = node.operands
    zeros = [isinstance(x, Einsum) and not x.operands and x.coefficient == 0 for x in branches]
    if sum(zeros) != 1:
        return None
    number, rest = split(branches[zeros[0]])
    if abs(number) == 1 or node.dtype != rest.dtype:  # a sign may be taken in by a difference
        return None
    inner = [branch if zero else rest for branch, zero in zip(branches, zeros, strict=True)]
    return scaled(number, apply(WHERE, (condition, *inner)))


_PARITY = tuple(op for op in TABLE.values() if op.arity == 1 and op.facts & {"even", "odd"})

multiples = Theory(
    "multiples",
    __doc__ or "",
    (
        law("parity", parity, *_PARITY),
        law("signs-out", signs_out, *_PARITY),
        law("abs-of-multiple", abs_of_multiple, ABS),
        law("sign-of-multiple", sign_of_multiple, SIGN),
        law("positive-factor-out", positive_factor_out, RELU),
        law("norm-of-multiple", norm_of_multiple, NORM),
        law("inverse-of-multiple", inverse_of_multiple, INV),
        law("determinant-of-multiple", determinant_of_multiple, DET, SLOGDET),
        law("cholesky-of-multiple", cholesky_of_multiple, CHOLESKY),
        law("number-out", number_out, PLACE, SCATTER, ROLL, WHERE),
        law("transpose-inside", transpose_inside, DET, SLOGDET, EXPM),
    ),
)
