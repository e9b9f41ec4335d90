"""Choices by one condition, joined: what is computed from two of them is computed inside one."""

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, add_terms, apply
from symflow.core.labels import Labels
from symflow.ops.choice import WHERE
from symflow.ops.table import TABLE
from symflow.rewriting import network
from symflow.rewriting.conditions import is_total
from symflow.rewriting.rule import Procedure, Theory


def _condition(node: Tensor) -> Tensor | None:
    return node.operands[0] if isinstance(node, Apply) and node.operation is WHERE else None


def choices_in_function(node: Apply) -> Tensor | None:
    """``f(where(c, x, y), where(c, z, w)) = where(c, f(x, z), f(y, w))``."""
    condition = _condition(node.operands[0])
    if condition is None or len(node.operands) < 2:
        return None
    if any(_condition(operand) is not condition for operand in node.operands):
        return None
    branches = [
        apply(node.operation, tuple(operand.operands[k] for operand in node.operands), node.params)
        for k in (1, 2)
    ]
    return apply(WHERE, (condition, *branches))


def choices_in_sum(node: Add) -> Tensor | None:
    """``where(c, x, y) + where(c, z, w) = where(c, x + z, y + w)``."""
    groups: dict[Tensor, list[int]] = {}
    for place, operand in enumerate(node.operands):
        condition = _condition(operand)
        if condition is not None:
            groups.setdefault(condition, []).append(place)
    for condition, places in groups.items():
        if len(places) > 1:
            chosen = [node.terms[place] for place in places]
            branches = [
                add_terms([(c, term.operands[k]) for c, term in chosen], node.shape, node.dtype)
                for k in (1, 2)
            ]
            rest = [term for place, term in enumerate(node.terms) if place not in places]
            joined = apply(WHERE, (condition, *branches))
            return add_terms([*rest, (sp.S.One, joined)], node.shape, node.dtype)
    return None


def complementary_choices(node: Add) -> Tensor | None:
    """``x * where(c, 1, 0) + y * where(c, 0, 1) = where(c, x, y)``, x and y defined everywhere."""
    groups: dict[Tensor, list[tuple[int, tuple[Tensor, Tensor]]]] = {}
    for place, operand in enumerate(node.operands):
        found = _factored_choice(operand)
        if found is not None:
            condition, *branches = found
            groups.setdefault(condition, []).append((place, (branches[0], branches[1])))
    for condition, group in groups.items():
        if len(group) < 2 or any(sum(not _is_zero(b[k]) for _, b in group) > 1 for k in (0, 1)):
            continue
        chosen = {place for place, _ in group}
        either = [
            add_terms([(node.coefficients[p], b[k]) for p, b in group], node.shape, node.dtype)
            for k in (0, 1)
        ]
        joined = apply(WHERE, (condition, *either))
        rest = [term for place, term in enumerate(node.terms) if place not in chosen]
        return add_terms([*rest, (sp.S.One, joined)], node.shape, node.dtype)
    return None


def _is_zero(node: Tensor) -> bool:
    return isinstance(node, Einsum) and node.coefficient == 0


def _factored_choice(node: Tensor) -> tuple[Tensor, Tensor, Tensor] | None:
    """An elementwise multiple of a choice with a zero, as a choice."""
    condition = _condition(node)
    if condition is not None:
        return condition, node.operands[1], node.operands[2]
    if not isinstance(node, Einsum) or node.summed or len(set(node.output)) < len(node.output):
        return None
    parts = network.items(node)
    for place, (operand, labels) in enumerate(parts):
        condition = _condition(operand)
        if condition is None or labels != node.output:
            continue
        if not any(map(_is_zero, operand.operands[1:])):
            continue
        rest = parts[:place] + parts[place + 1 :]
        if not all(is_total(other) for other, _ in rest):
            return None
        first, second = (
            network.rebuilt(node, [*rest, (branch, labels)]) for branch in operand.operands[1:]
        )
        return condition, first, second
    return None


def choices_in_product(node: Einsum) -> Tensor | None:
    """``where(c, x, y) * where(c, z, w) = where(c, x * z, y * w)``."""
    groups: dict[tuple[Tensor, Labels], list[Tensor]] = {}
    for operand, labels in network.items(node):
        condition = _condition(operand)
        if condition is not None and len(set(labels)) == len(labels):
            groups.setdefault((condition, labels), []).append(operand)
    for (condition, labels), found in groups.items():
        if len(found) > 1:
            parts = network.items(node)
            for operand in found:
                parts.remove((operand, labels))
            branches = [
                network.part(node, [(operand.operands[k], labels) for operand in found], labels)
                for k in (1, 2)
            ]
            return network.rebuilt(node, [*parts, (apply(WHERE, (condition, *branches)), labels)])
    return None


_SEVERAL = tuple(
    operation
    for operation in TABLE.values()
    if operation.elementwise and operation.arity == 2  # a choice of choices has rules of its own
)

choices_joined = Theory(
    "choices joined",
    __doc__ or "",
    (
        Procedure(
            "choices-in-function",
            choices_in_function,
            tuple((operation, WHERE) for operation in _SEVERAL),
            law="f(where(c, x, y), where(c, z, w)) = where(c, f(x, z), f(y, w))",
        ),
        Procedure(
            "choices-in-sum",
            choices_in_sum,
            ((Add, WHERE),),
            law="where(c, x, y) + where(c, z, w) = where(c, x + z, y + w)",
        ),
        Procedure(
            "complementary-choices",
            complementary_choices,
            ((Add, WHERE), (Add, Einsum)),
            law="x * where(c, 1, 0) + y * where(c, 0, 1) = where(c, x, y)",
            needs=frozenset({WHERE}),
        ),
        Procedure(
            "choices-in-product",
            choices_in_product,
            ((Einsum, WHERE),),
            law="where(c, x, y) * where(c, z, w) = where(c, x * z, y * w)",
        ),
    ),
)
