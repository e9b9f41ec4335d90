"""The normalising pass: structure brought to one form, node by node.

Products that are used once are merged into the contraction that uses them (up to eight operands),
sums into the sum that uses them, powers of one base are added up, transposes and broadcasts move
out of elementwise operations.  Mathematics beyond that is the catalogue's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply
from symflow.core.add import split
from symflow.ops.arithmetic import SCALAR_POWER
from symflow.rewriting import network, powers, symmetry

Once = Callable[[Tensor], bool]
MOST_OPERANDS = 8
NAME = "normal form"  # of its steps in a derivation


@dataclass(frozen=True)
class Form:
    """What the normal form merges.

    Attributes:
        most_operands: largest number of operands (fuses not counted) of a merged contraction.
        shared: merge also what several nodes use (for comparing; undoes sharing).
        strict: keep removable singularities: ``x / x`` is not 1 where ``x`` may be 0.
    """

    most_operands: int = MOST_OPERANDS
    shared: bool = False
    strict: bool = False

    @cached_property
    def token(self) -> str:
        """Marks nodes that are in this form, whoever uses them."""
        return f"normal-{self.most_operands}-{self.shared}-{self.strict}"


DEFAULT = Form()


def normal_step(node: Tensor, once: Once, form: Form = DEFAULT) -> Tensor | None:
    """One step towards normal form of a node whose operands are normal; None where it is.

    Args:
        node: any node.
        once: whether an operand is used by this node alone.
        form: what may be merged.
    """
    kind = type(node)
    if kind is Einsum:
        return _einsum_step(node, once, form)
    if kind is Add:
        return _add_step(node, once, form)
    if kind is Apply and node.operation.elementwise:
        return _elementwise_step(node, form)
    return None


def _elementwise_step(node: Apply, form: Form) -> Tensor | None:
    if node.operation is SCALAR_POWER:
        powered = powers.power_step(node, strict=form.strict)
        if powered is not None:
            return powered
    for operand in node.operands:
        if type(operand) is not Einsum:
            return None
    return _hoisted(node)


def _einsum_step(node: Einsum, once: Once, form: Form) -> Tensor | None:
    if len(node.operands) > 1 or (node.operands and isinstance(node.operands[0], Einsum)):
        merged = _merged_products(node, once, form)
        if merged is not None:
            return merged
        merged = powers.merged_powers(node, strict=form.strict)
        if merged is not None:
            return merged
    return symmetry.oriented(node)


def _merged_products(node: Einsum, once: Once, form: Form) -> Tensor | None:
    total, places = 0, []
    for place, operand in enumerate(node.operands):
        if type(operand) is not Einsum or operand.dtype != node.dtype:
            continue
        if not form.shared and not (once(operand) and node.operands.count(operand) == 1):
            continue
        total = total or network.solid_count(node)
        grown = total - 1 + network.solid_count(operand)
        if grown <= form.most_operands:
            places.append(place)
            total = grown
    return network.opened(node, places) if places else None


def _add_step(node: Add, once: Once, form: Form) -> Tensor | None:
    flat = _flattened(node, once, form)
    return _hoisted_sum(node) if flat is None else flat


def viewed_through(node: Tensor) -> Tensor:
    """The operand of a view, else the node itself."""
    if type(node) is Einsum and len(node.operands) == 1:
        return node.operands[0]
    return node


def _flattened(node: Add, once: Once, form: Form) -> Tensor | None:
    inner = [
        _inner_sum(operand, once, form) if type(viewed_through(operand)) is Add else None
        for operand in node.operands
    ]
    if not any(inner):
        return None
    terms: list[tuple[sp.Expr, Tensor]] = []
    for (coefficient, operand), parts in zip(node.terms, inner, strict=True):
        pending = [(sp.S.One, operand)] if parts is None else parts[::-1]
        while pending:  # long sums that were written one term after the other
            factor, term = pending.pop()
            deeper = None
            if parts is not None and type(term) is Add:
                deeper = _inner_sum(term, once, form)
            if deeper is None:
                terms.append((coefficient * factor, term))
            else:
                pending.extend((factor * c, part) for c, part in reversed(deeper))
    return add_terms(terms, node.shape, node.dtype)


def _inner_sum(operand: Tensor, once: Once, form: Form) -> list[tuple[sp.Expr, Tensor]] | None:
    """The terms of a sum (or of its transposed view) that only one node uses."""
    if not (form.shared or once(operand)):
        return None
    if isinstance(operand, Add):
        return list(operand.terms)
    order = network.permutation(operand)
    if order is None:
        return None
    (inner,) = operand.operands
    if not isinstance(inner, Add) or not (form.shared or once(inner)):
        return None
    outer = split(operand)[0]
    return [(outer * c, network.transposed(term, order)) for c, term in inner.terms]


def _hoisted_sum(node: Add) -> Tensor | None:
    axes = network.common_broadcast_axes(node.operands)
    if not axes:
        return _turned_sum(node)
    terms = [(c, network.without_axes(term, axes)) for c, term in node.terms]
    shape = tuple(size for axis, size in enumerate(node.shape) if axis not in axes)
    return network.with_axes(add_terms(terms, shape, node.dtype), axes, node.shape)


def _turned_sum(node: Add) -> Tensor | None:
    """``A.T + B.T`` as ``(A + B).T``: the one of the two with the lesser digest stays."""
    if node.rank != 2 or not any(
        type(term) is Einsum and network.permutation(term) for term in node.operands
    ):
        return None
    terms = [(c, network.transposed(term, (1, 0))) for c, term in node.terms]
    views = sum(network.permutation(term) is not None for term in node.operands)
    after = sum(network.permutation(split(term)[1]) is not None for _, term in terms)
    turned = add_terms(terms, (node.shape[1], node.shape[0]), node.dtype)
    core = split(turned)[1]
    if after < views or (after == views and core.digest < node.digest):
        return network.transposed(turned, (1, 0))
    return None


def _hoisted(node: Apply) -> Tensor | None:
    """``f(broadcast(x))`` as ``broadcast(f(x))``, ``f(x.T)`` as ``f(x).T``."""
    axes = network.common_broadcast_axes(node.operands)
    if axes:
        inner = tuple(network.without_axes(operand, axes) for operand in node.operands)
        return network.with_axes(apply(node.operation, inner, node.params), axes, node.shape)
    order = network.permutation(node.operands[0])
    if order is None or len(node.operands) > 1:
        return None
    inverse = tuple(sorted(range(len(order)), key=order.__getitem__))
    turned = network.transposed(node.operands[0], inverse)
    return network.transposed(apply(node.operation, (turned,), node.params), order)
