"""Kronecker products: functions of ``kron(A, B)`` from those of the factors.

A Kronecker product is a contraction with two fuse constants, one for the rows and one for the
columns; it is recognised from that structure, whatever its factors are.  (Matrix Cookbook,
section 10.2; Magnus and Neudecker, chapter 2.)
"""

from collections.abc import Callable

import sympy as sp

from symflow.core import Apply, Einsum, Tensor, add_terms, apply, scaled
from symflow.core.dims import same
from symflow.core.fusion import is_fuse
from symflow.core.labels import Labels
from symflow.ops.arithmetic import multiply, power_node
from symflow.ops.contraction import kron
from symflow.ops.linalg import CHOLESKY, DET, INV, SLOGDET
from symflow.rewriting import network
from symflow.rewriting.rule import Procedure, Theory


def kronecker_factors(node: Tensor) -> tuple[sp.Expr, list[Tensor]] | None:
    """The square matrices whose Kronecker product a node is, and its number."""
    if not isinstance(node, Einsum) or node.rank != 2 or len(set(node.output)) < 2:
        return None
    rows, columns = (_split_axis(node, label) for label in node.output)
    if rows is None or columns is None or len(rows) != len(columns):
        return None
    parts = [item for item in network.items(node) if not is_fuse(item[0])]
    if len(parts) + 2 != len(node.operands):
        return None
    joined = set(node.summed)
    groups = network.components(parts, joined)
    factors = []
    for row, column in zip(rows, columns, strict=True):
        factor = _factor(node, parts, groups, row, column)
        if factor is None or not same(factor.shape[0], factor.shape[1]):
            return None
        factors.append(factor)
    return (node.coefficient, factors) if not groups else None


def _split_axis(node: Einsum, label: int) -> Labels | None:
    for operand, labels in network.items(node):
        if is_fuse(operand) and labels[0] == label:
            return labels[1:]
    return None


def _factor(
    node: Einsum, parts: list[network.Item], groups: list[list[int]], row: int, column: int
) -> Tensor | None:
    """The component between two labels, taken out of the groups; an identity where they are one."""
    if row == column:
        return network.literal(sp.S.One, (0, 0), (node.sizes[row],), node.dtype)
    outer = {row, column}
    for group in groups:
        mine = [parts[k] for k in group]
        held = {label for _, labels in mine for label in labels}
        if outer <= held:
            groups.remove(group)
            return network.part(node, mine, (row, column))
    return None


def _law(
    function: Callable[[sp.Expr, list[Tensor], Apply], Tensor | None],
) -> Callable[[Apply], Tensor | None]:
    def apply_law(node: Apply) -> Tensor | None:
        found = kronecker_factors(node.operands[0])
        return None if found is None else function(*found, node)

    return apply_law


def _folded(factors: list[Tensor]) -> Tensor:
    result = factors[0]
    for factor in factors[1:]:
        result = kron(result, factor)
    return result


def _inverse(number: sp.Expr, factors: list[Tensor], node: Apply) -> Tensor:
    return scaled(1 / number, _folded([apply(INV, (factor,)) for factor in factors]))


def _cholesky(number: sp.Expr, factors: list[Tensor], node: Apply) -> Tensor | None:
    if number != 1:
        return None
    return _folded([apply(CHOLESKY, (factor,)) for factor in factors])


def _exponents(factors: list[Tensor]) -> list[sp.Expr]:
    """How often each factor's determinant counts: the product of the other sizes."""
    sizes = [sp.sympify(factor.shape[0]) for factor in factors]
    return [sp.prod([s for k, s in enumerate(sizes) if k != j]) for j in range(len(sizes))]


def _determinant(number: sp.Expr, factors: list[Tensor], node: Apply) -> Tensor:
    size = sp.sympify(node.operands[0].shape[0])
    powers = [
        power_node(apply(DET, (factor,)), exponent)
        for factor, exponent in zip(factors, _exponents(factors), strict=True)
    ]
    return scaled(number**size, multiply(*powers))


def _logdet(number: sp.Expr, factors: list[Tensor], node: Apply) -> Tensor | None:
    if number != 1:
        return None
    if node.params[0] == 0:
        return _sign(factors, node)
    terms = [
        (exponent, apply(SLOGDET, (factor,), (1,)))
        for factor, exponent in zip(factors, _exponents(factors), strict=True)
    ]
    return add_terms(terms, (), node.dtype)


def _sign(factors: list[Tensor], node: Apply) -> Tensor:
    signs = [
        power_node(apply(SLOGDET, (factor,), (0,)), exponent)
        for factor, exponent in zip(factors, _exponents(factors), strict=True)
    ]
    return multiply(*signs)


kronecker = Theory(
    "kronecker",
    __doc__ or "",
    (
        Procedure(
            "inverse-of-kronecker",
            _law(_inverse),
            ((INV, Einsum),),
            law="inv(kron(A, B)) = kron(inv(A), inv(B))",
        ),
        Procedure(
            "cholesky-of-kronecker",
            _law(_cholesky),
            ((CHOLESKY, Einsum),),
            law="cholesky(kron(A, B)) = kron(cholesky(A), cholesky(B))",
        ),
        Procedure(
            "det-of-kronecker",
            _law(_determinant),
            ((DET, Einsum),),
            law="det(kron(A, B)) = det(A)**n * det(B)**m",
        ),
        Procedure(
            "logdet-of-kronecker",
            _law(_logdet),
            ((SLOGDET, Einsum),),
            law="logdet(kron(A, B)) = n * logdet(A) + m * logdet(B)",
        ),
    ),
)
