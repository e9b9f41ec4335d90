"""Collecting: the terms of a sum that hold a variable in the same way, taken together.

``A @ x + B @ x`` becomes ``(A + B) @ x``: in each term the factors that depend on the variable
are one network, all others another; terms whose first networks are attached to the result in the
same way differ in the second alone, and those are added up.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from symflow.core import Add, Einsum, Tensor, add_terms, contract
from symflow.core.dims import Dim
from symflow.core.labels import Labels
from symflow.rewriting import network

Depends = Callable[[Tensor], bool]
# an axis of the result, or an axis that the two networks of a term share
Axis = tuple[str, int]
Key = tuple[tuple[tuple[Tensor, tuple[Axis, ...]], ...], tuple[Axis, ...]]


@dataclass(frozen=True)
class _Term:
    """A term in two parts: the factors that depend on the variable, and their coefficient."""

    key: Key
    coefficient: Tensor
    axes: tuple[Axis, ...]
    sizes: Mapping[Axis, Dim]


def collected(node: Tensor, depends: Depends) -> Tensor | None:
    """A sum with its terms collected; None where no two belong together.

    Args:
        node: any node.
        depends: whether a node depends on the variable.
    """
    if not isinstance(node, Add) or not depends(node):
        return None
    groups: dict[Key, list[_Term]] = {}
    rest: list[tuple[sp.Expr, Tensor]] = []
    for coefficient, operand in node.terms:
        term = _read(coefficient, operand, depends)
        if term is None:
            rest.append((coefficient, operand))
        else:
            groups.setdefault(term.key, []).append(term)
    if all(len(terms) == 1 for terms in groups.values()):
        return None
    joined = [(sp.S.One, _joined(terms, node)) for terms in groups.values()]
    return add_terms([*rest, *joined], node.shape, node.dtype)


def _read(number: sp.Expr, term: Tensor, depends: Depends) -> _Term | None:
    """A term taken apart; None where it does not hold the variable, or repeats an axis."""
    if not depends(term):
        return None
    if not isinstance(term, Einsum):
        labels = tuple(range(term.rank))
        return _parted(number, [(term, labels)], [], labels, dict(enumerate(term.shape)))
    if len(set(term.output)) != len(term.output) or term.operands[0].dtype != term.dtype:
        return None
    items = sorted(network.items(term), key=lambda item: (item[0].digest, item[1]))
    mine = [item for item in items if depends(item[0])]
    others = [item for item in items if not depends(item[0])]
    if any(operand.dtype != term.dtype for operand, _ in items):
        return None
    sizes = dict(enumerate(term.sizes))
    return _parted(number, mine, others, term.output, sizes)


def _parted(
    number: sp.Expr,
    mine: list[network.Item],
    others: list[network.Item],
    output: Labels,
    sizes: dict[int, Dim],
) -> _Term | None:
    held = {label for _, labels in mine for label in labels}
    inner = {label for _, labels in others for label in labels}
    if not {*sizes} <= held | inner | set(output):
        return None  # a sum over an axis that no factor has
    names: dict[int, Axis] = {label: ("out", k) for k, label in enumerate(output)}
    for _, labels in mine:
        for label in labels:
            names.setdefault(label, ("in", len(names)))
    shared = _ordered(names[label] for label in inner & (held | set(output)))
    back = {name: label for label, name in names.items()}
    coefficient = contract(
        number,
        [operand for operand, _ in others],
        [labels for _, labels in others],
        [back[name] for name in shared],
        {label: sizes[label] for label in inner},
        (others or mine)[0][0].dtype,
    )
    network_key = tuple((operand, tuple(names[k] for k in labels)) for operand, labels in mine)
    between = tuple(name for name in shared if name[0] == "in")
    by_name = {name: sizes[label] for name, label in back.items()}
    return _Term((network_key, between), coefficient, shared, by_name)


def _ordered(axes: Iterable[Axis]) -> tuple[Axis, ...]:
    """The axes of the result first, as a matrix stands before what it is applied to."""
    return tuple(sorted(axes, key=lambda axis: (axis[0] != "out", axis[1])))


def _joined(terms: list[_Term], node: Add) -> Tensor:
    """The terms of one group as one product."""
    first = terms[0]
    axes = _ordered({axis for term in terms for axis in term.axes})
    sizes = first.sizes
    number = {axis: k for k, axis in enumerate(sorted({*sizes}))}
    by_label = {number[axis]: size for axis, size in sizes.items()}
    shape = tuple(sizes[axis] for axis in axes)
    labels = tuple(number[axis] for axis in axes)
    parts = []
    for term in terms:
        own = tuple(number[axis] for axis in term.axes)
        needed = {label: by_label[label] for label in labels}
        view = contract(sp.S.One, (term.coefficient,), (own,), labels, needed, node.dtype)
        parts.append((sp.S.One, view))
    total = add_terms(parts, shape, node.dtype)
    operands = [total, *(operand for operand, _ in first.key[0])]
    subscripts = [labels, *(tuple(number[axis] for axis in own) for _, own in first.key[0])]
    output = tuple(number["out", k] for k in range(node.rank))
    return contract(sp.S.One, operands, subscripts, output, by_label, node.dtype)
