"""Exponents that cancel: against sigmoids, and numbers in front of exponentials."""

from collections import Counter

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply
from symflow.core.add import scaled, split
from symflow.core.labels import Labels
from symflow.ops.arithmetic import add
from symflow.ops.composite import SIGMOID
from symflow.ops.elementwise import EXP, LOG, log
from symflow.ops.reduction import PROD
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory, law


def _terms(node: Tensor) -> dict[Tensor, sp.Expr]:
    """A sum as coefficients of its terms."""
    number, core = split(node)
    if isinstance(core, Add):
        return {term: number * c for c, term in core.terms}
    return {core: number}


def _times_contained(exponent: dict[Tensor, sp.Expr], argument: dict[Tensor, sp.Expr]) -> int:
    """How often an exponent contains minus an argument, as ``z - 2 * x`` does ``x`` twice."""
    least: sp.Expr | None = None
    for term, coefficient in argument.items():
        ratio = -exponent.get(term, sp.S.Zero) / coefficient
        if not ratio.is_Rational or ratio < 1:
            return 0
        least = ratio if least is None else min(least, ratio)
    return 0 if least is None else int(sp.floor(least))


def _is_opposite(exponent: dict[Tensor, sp.Expr], argument: dict[Tensor, sp.Expr]) -> bool:
    """Whether an exponent is minus an argument."""
    return len(exponent) == len(argument) and all(
        exponent.get(term) == -coefficient for term, coefficient in argument.items()
    )


def exponent_and_sigmoid(node: Einsum) -> Tensor | None:
    """``exp(z - x) * sigmoid(x) = exp(z) * sigmoid(-x)``, powers of sigmoids included."""
    parts = network.items(node)
    counts = Counter(parts)
    for operand, labels in parts:
        if not isinstance(operand, Apply) or operand.operation is not EXP:
            continue
        exponent = _terms(operand.operands[0])
        for (other, its_labels), count in counts.items():
            if not isinstance(other, Apply) or other.operation is not SIGMOID:
                continue
            argument = _terms(other.operands[0])
            times = min(_times_contained(exponent, argument), count)
            plain = times == 1 and _is_opposite(exponent, argument)
            if times and its_labels == labels and not plain:  # that is a rule of its own
                return _mirrored(node, (operand, labels), (other, times))
    return None


def _mirrored(
    node: Einsum, power: tuple[Apply, Labels], chosen: tuple[Apply, int]
) -> Tensor | None:
    operand, labels = power
    sigmoid, times = chosen
    (argument,) = sigmoid.operands
    parts = network.items(node)
    parts.remove((operand, labels))
    for _ in range(times):
        parts.remove((sigmoid, labels))
    rest = add_terms(
        [(sp.S.One, operand.operands[0]), (sp.Integer(times), argument)],
        operand.shape,
        operand.dtype,
    )
    mirrored = apply(SIGMOID, (scaled(sp.S.NegativeOne, argument),))
    parts.extend([(mirrored, labels)] * times)
    return network.rebuilt(node, [*parts, (apply(EXP, (rest,)), labels)])


def number_out_of_log(node: Apply) -> Tensor | None:
    """``log(c * sum(exp(x))) = log(c) + log(sum(exp(x)))``, and the same of a product.

    For positive numbers ``c``: what stays has a logarithm that cannot overflow.
    """
    number, core = split(node.operands[0])
    positive = number.is_positive or (number.free_symbols and number.is_nonnegative)
    if number == 1 or not positive or not _has_safe_log(core):
        return None
    return add(log(number), apply(LOG, (core,)))


def _has_safe_log(core: Tensor) -> bool:
    if isinstance(core, Apply):
        return core.operation is PROD
    if not isinstance(core, Einsum) or len(core.operands) != 1 or not core.summed:
        return False
    (operand,) = core.operands
    return isinstance(operand, Apply) and operand.operation is EXP


exponents = Theory(
    "exponents",
    __doc__ or "",
    (
        Procedure(
            "exponent-and-sigmoid",
            exponent_and_sigmoid,
            ((Einsum, SIGMOID),),
            law="exp(z - x) * sigmoid(x) = exp(z) * sigmoid(-x)",
            needs=frozenset({EXP, SIGMOID}),
        ),
        law("number-out-of-log", number_out_of_log, LOG),
    ),
)
