"""Reshapes move out of elementwise functions and sums, towards others that cancel them."""

from collections.abc import Sequence

import sympy as sp

from rewrites.constants import number_of
from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply, constant, contract
from symflow.core.add import scaled, split
from symflow.core.dims import Shape, product, same
from symflow.core.fusion import is_fuse
from symflow.ops.composite import LOGSUMEXP, NORM
from symflow.ops.reduction import ALL, ANY, MAX, MIN, PROD
from symflow.ops.table import TABLE
from symflow.rewriting.rule import Procedure, Theory


class _Reshape:
    """``c * x.reshape(...)``: the tensor that is reshaped, and how."""

    def __init__(self, node: Einsum, place: int) -> None:
        self.node = node
        self.place = place
        self.inner = scaled(node.coefficient, node.operands[place])

    def of(self, other: Tensor) -> Tensor:
        """Another tensor of the inner shape, reshaped in the same way."""
        operands = list(self.node.operands)
        operands[self.place] = other
        return contract(
            sp.S.One,
            operands,
            self.node.subscripts,
            self.node.output,
            dict(enumerate(self.node.sizes)),
            other.dtype,
        )


def _reshape(node: Tensor) -> _Reshape | None:
    """The node as a reshape; None for all that does more, or less."""
    if not isinstance(node, Einsum) or len(node.operands) < 2:
        return None
    places = [k for k, operand in enumerate(node.operands) if not is_fuse(operand)]
    if len(places) != 1:
        return None
    labels = node.subscripts[places[0]]
    if len(set(labels)) < len(labels) or len(set(node.output)) < len(node.output):
        return None
    inner: Shape = node.operands[places[0]].shape
    if not same(product(inner), product(node.shape)):
        return None
    return _Reshape(node, places[0])


def _unshaped(operands: Sequence[Tensor]) -> tuple[_Reshape, list[Tensor]] | None:
    """What is reshaped in all of several operands, numbers among them, by one reshape."""
    first = next((found for x in operands if (found := _reshape(x)) is not None), None)
    if first is None:
        return None
    inner: list[Tensor] = []
    for operand in operands:
        number = number_of(operand)
        found = None if number is not None else _reshape(operand)
        if number is not None:
            inner.append(constant(number, first.inner.shape, operand.dtype))
        elif (
            found is None
            or found.inner.shape != first.inner.shape
            or first.of(found.inner) is not operand
        ):
            return None
        else:
            inner.append(found.inner)
    return first, inner


def _is_same(first: _Reshape, second: _Reshape, whole: Tensor) -> bool:
    return second.inner.shape == first.inner.shape and first.of(second.inner) is whole


def reshape_out_of_function(node: Apply) -> Tensor | None:
    """``f(x.reshape(s)) = f(x).reshape(s)`` for elementwise functions."""
    found = _unshaped(node.operands)
    if found is None:
        return None
    reshape, inner = found
    return reshape.of(apply(node.operation, tuple(inner), node.params))


def reshape_out_of_sum(node: Add) -> Tensor | None:
    """``x.reshape(s) + y.reshape(s) = (x + y).reshape(s)``, numbers among the terms."""
    found = _unshaped(node.operands)
    if found is None:
        return None
    reshape, inner = found
    terms = zip(node.coefficients, inner, strict=True)
    total = add_terms(terms, reshape.inner.shape, node.dtype)
    number, core = split(total)
    return scaled(number, reshape.of(core))


def reshape_out_of_reduction(node: Apply) -> Tensor | None:
    """``max(x.reshape(s)) = max(x)``, where axes are reduced together with all they are part of."""
    (operand,), (axes,) = node.operands, node.params
    found = _reshape(operand)
    if found is None:
        return None
    whole = found.node
    reduced = {whole.output[axis] for axis in axes}
    gone: list[int] = []
    for group in _groups(whole):
        shown = group.intersection(whole.output)
        if shown & reduced:
            if not shown <= reduced:
                return None
            gone.extend(group)
    labels = whole.subscripts[found.place]
    inner = tuple(axis for axis, label in enumerate(labels) if label in gone)
    if not inner:
        return None
    result = apply(node.operation, (found.inner,), (inner,))
    parts = [
        item
        for k, item in enumerate(zip(whole.operands, whole.subscripts, strict=True))
        if k != found.place and not set(item[1]) & set(gone)
    ]
    parts.append((result, tuple(label for label in labels if label not in gone)))
    output = [label for label in whole.output if label not in reduced]
    return contract(
        sp.S.One,
        [part for part, _ in parts],
        [names for _, names in parts],
        output,
        {label: whole.sizes[label] for label in {*output, *(t for _, n in parts for t in n)}},
        node.dtype,
    )


def _groups(node: Einsum) -> list[set[int]]:
    """The labels of a reshape that belong together: split, merged, or alone."""
    groups: list[set[int]] = [{label} for label in range(len(node.sizes))]
    for operand, labels in zip(node.operands, node.subscripts, strict=True):
        if is_fuse(operand):
            touched = [group for group in groups if group.intersection(labels)]
            groups = [group for group in groups if group not in touched]
            groups.append(set().union(*touched))
    return groups


_ELEMENTWISE = tuple(operation for operation in TABLE.values() if operation.elementwise)
_REDUCTIONS = (PROD, MAX, MIN, ANY, ALL, NORM, LOGSUMEXP)

reshapes = Theory(
    "reshapes",
    __doc__ or "",
    (
        Procedure(
            "reshape-out-of-function",
            reshape_out_of_function,
            tuple((operation, Einsum) for operation in _ELEMENTWISE),
            law="f(x.reshape(s)) = f(x).reshape(s)",
        ),
        Procedure(
            "reshape-out-of-reduction",
            reshape_out_of_reduction,
            tuple((operation, Einsum) for operation in _REDUCTIONS),
            law="max(x.reshape(s)) = max(x)",
        ),
        Procedure(
            "reshape-out-of-sum",
            reshape_out_of_sum,
            ((Add, Einsum),),
            law="x.reshape(s) + y.reshape(s) = (x + y).reshape(s)",
        ),
    ),
)
