"""Batching: what a graph computes for one example, for all examples of a leading axis at once.

Each distinct node is visited once.  What no batched leaf reaches stays as it is and is broadcast
only where it meets something batched entry by entry; a contraction takes a label for the batch on
the operands that have it.  Of operations the record says how: its field ``batching`` is

- ``"entries"``: all operands get the axis (elementwise operations);
- ``"axis"``: all operands get it, and the axes that the parameters ``axis`` or ``axes`` name move
  on by one (reductions, composites over an axis, concatenation);
- ``"leading"``: axes before those that the operation works on are batches already (functions of
  matrices); :func:`cores` says so for operands of different ranks;
- ``"definition"``: the definition is batched;
- a rule of its own, called as :data:`Rule`;
- empty for the first of these that its facts, parameters, family and definition suggest.

>>> from symflow.core import dim, matrix, tensor
>>> A, B = matrix("A", 2, 3), matrix("B", 3, 4)
>>> many = tensor("many", dim("b"), 2, 3)
>>> batched([A @ B], {A: many}, dim("b"))[0] is many @ B
True
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from symflow.core.add import Add, add_terms
from symflow.core.apply import Apply, apply
from symflow.core.dims import Dim, same_shape, show_shape
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.core.operation import Operation
from symflow.core.variable import Variable
from symflow.core.walk import depends_on, paused_collector, postorder
from symflow.errors import BatchingError
from symflow.ops.arithmetic import broadcast_to
from symflow.ops.records import MATRIX_FAMILIES

# From a node, its operands (those that are batched with the batch as first axis), which of them
# are batched, and the size of the batch: the node for all examples.
Rule = Callable[[Apply, Sequence[Tensor], Sequence[bool], Dim], Tensor]
_AXES = ("axis", "axes")
# Properties of a tensor's entries, its last axis and its last two axes: where every example has
# them, all examples as one tensor have them, too.
OF_ENTRIES = frozenset(
    {
        *("positive", "nonnegative", "nonzero", "in_unit_interval", "integer"),
        *("zero_one", "plus_minus_one"),
    }
)
OF_LAST_AXIS = frozenset({"one_hot", "simplex"})
OF_LAST_TWO_AXES = frozenset(
    {
        *("symmetric", "antisymmetric", "positive_definite", "positive_semidefinite", "diagonal"),
        *("lower_triangular", "upper_triangular", "tridiagonal", "toeplitz", "circulant"),
        *("orthogonal", "invertible", "positive_determinant", "full_rank"),
    }
)
OF_EXAMPLES = OF_ENTRIES | OF_LAST_AXIS | OF_LAST_TWO_AXES


def batched(
    roots: Sequence[Tensor], leaves: Mapping[Tensor, Tensor], size: Dim
) -> list[Tensor | None]:
    """Graphs of one example as graphs of all examples.

    Args:
        roots: what is computed from one example.
        leaves: for each node that differs between examples, all of them: a tensor with one more
            axis of that size, the first.
        size: the number of examples.

    Returns:
        For each root a tensor of shape ``(size, *root.shape)``, or None for one that is the same
        for all examples.

    Raises:
        BatchingError: for an operation without a rule.
    """
    order = postorder(roots, stop=leaves.__contains__)
    active = depends_on(order, leaves)
    done: dict[Tensor, Tensor] = dict(leaves)
    with paused_collector():
        for node in order:
            if node in active and node not in done:
                done[node] = _made(node, done, size)
    return [done.get(root) for root in roots]


def for_all(x: Tensor, size: Dim) -> Tensor:
    """The same tensor for every example."""
    return broadcast_to(x, (size, *x.shape))


def _made(node: Tensor, done: Mapping[Tensor, Tensor], size: Dim) -> Tensor:
    if isinstance(node, Einsum):
        return _contraction(node, done, size)
    if isinstance(node, Add):
        terms = [(c, done[t] if t in done else for_all(t, size)) for c, t in node.terms]
        return add_terms(terms, (size, *node.shape), node.dtype)
    assert isinstance(node, Apply)
    operands = [done.get(operand, operand) for operand in node.operands]
    flags = [operand in done for operand in node.operands]
    result = rule_of(node.operation)(node, operands, flags, size)
    if not same_shape(result.shape, (size, *node.shape)):
        raise BatchingError(
            f"the batching of {node.operation.name} gives shape {show_shape(result.shape)} for "
            f"{size} results of shape {show_shape(node.shape)}: its record needs a rule of its own"
        )
    return result


def _contraction(node: Einsum, done: Mapping[Tensor, Tensor], size: Dim) -> Tensor:
    label = len(node.sizes)
    operands = [done.get(operand, operand) for operand in node.operands]
    subscripts = [
        (label, *labels) if operand in done else labels
        for operand, labels in zip(node.operands, node.subscripts, strict=True)
    ]
    sizes = {**dict(enumerate(node.sizes)), label: size}
    output = (label, *node.output)
    return contract(node.coefficient, operands, subscripts, output, sizes, node.dtype)


def rule_of(operation: Operation) -> Rule:
    """The rule of an operation.

    Raises:
        BatchingError: when its record says none, and none follows from it.
    """
    stated = operation.batching or _suggested(operation)
    if callable(stated):
        return stated
    if stated in _RULES:
        return _RULES[stated]
    raise BatchingError(
        f"{operation.name} has no batching rule: it cannot be computed for many examples at once; "
        "compute it outside of vmap, or stack single results"
    )


def _suggested(operation: Operation) -> str:
    if operation.elementwise:
        return "entries"
    if any(name in operation.parameters for name in _AXES):
        return "axis"
    if operation.family in MATRIX_FAMILIES:
        return "leading"
    return "definition" if operation.definition is not None else ""


def _led(operands: Sequence[Tensor], flags: Sequence[bool], size: Dim) -> tuple[Tensor, ...]:
    """All operands with the batch as first axis."""
    pairs = zip(operands, flags, strict=True)
    return tuple(operand if flag else for_all(operand, size) for operand, flag in pairs)


def _entries(node: Apply, operands: Sequence[Tensor], flags: Sequence[bool], size: Dim) -> Tensor:
    return apply(node.operation, _led(operands, flags, size), node.params)


def _axis(node: Apply, operands: Sequence[Tensor], flags: Sequence[bool], size: Dim) -> Tensor:
    _check_ranks(node, "their axes")
    params = tuple(
        _moved_on(value) if name in _AXES else value
        for name, value in zip(node.operation.parameters, node.params, strict=True)
    )
    return apply(node.operation, _led(operands, flags, size), params)


def _moved_on(axis: Any) -> Any:
    if isinstance(axis, tuple):
        return tuple(map(_moved_on, axis))
    return axis + 1 if isinstance(axis, int) and axis >= 0 else axis


def _leading(node: Apply, operands: Sequence[Tensor], flags: Sequence[bool], size: Dim) -> Tensor:
    _check_ranks(node, "their leading axes")
    return apply(node.operation, _led(operands, flags, size), node.params)


def _check_ranks(node: Apply, what: str) -> None:
    if len({operand.rank for operand in node.operands}) > 1:
        raise BatchingError(
            f"{node.operation.name} takes tensors of several ranks here: its record has to say "
            f"how {what} belong together"
        )


def cores(*ranks: int) -> Rule:
    """The rule of an operation on the last axes of its operands, so many of each.

    The axes before them are batches and broadcast together.
    """

    def rule(node: Apply, operands: Sequence[Tensor], flags: Sequence[bool], size: Dim) -> Tensor:
        counts = [o.rank - rank for o, rank in zip(node.operands, ranks, strict=True)]
        lined_up = [
            _padded(operand, max(counts) - count)
            for operand, count in zip(_led(operands, flags, size), counts, strict=True)
        ]
        return apply(node.operation, tuple(lined_up), node.params)

    return rule


def _padded(x: Tensor, count: int) -> Tensor:
    """``x`` with axes of size 1 after its first one."""
    if not count:
        return x
    first, *rest = range(x.rank)
    ones = range(x.rank, x.rank + count)
    sizes = {**dict(enumerate(x.shape)), **dict.fromkeys(ones, 1)}
    return contract(sp.S.One, (x,), (tuple(range(x.rank)),), (first, *ones, *rest), sizes, x.dtype)


def _definition(
    node: Apply, operands: Sequence[Tensor], flags: Sequence[bool], size: Dim
) -> Tensor:
    definition = node.operation.definition
    assert definition is not None, f"{node.operation.name} has no definition to batch"
    # the definition may merge what its operands are made of: variables stand for them
    names = [
        Variable(f"x{k}", one.shape, one.dtype, (), "definition") if flag else one
        for k, (one, flag) in enumerate(zip(node.operands, flags, strict=True))
    ]
    body = definition(*names, *node.params)
    leaves = {name: every for name, every, flag in zip(names, operands, flags, strict=True) if flag}
    (result,) = batched([body], leaves, size)
    return for_all(body, size) if result is None else result


_RULES: Mapping[str, Rule] = {
    "entries": _entries,
    "axis": _axis,
    "leading": _leading,
    "definition": _definition,
}
