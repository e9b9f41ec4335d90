"""Conditions of the stability rules: what cancels exactly, what is known without rounding."""

import sympy as sp

from symflow.core import Add, Apply, Einsum, Tensor, Variable, add_terms, constant
from symflow.core.add import split
from symflow.ops import facts
from symflow.ops.choice import MAXIMUM, MINIMUM, WHERE
from symflow.rewriting.building import Binding, viewed
from symflow.rewriting.conditions import Condition
from symflow.rewriting.rule import SCOPE

Term = tuple[sp.Expr, Tensor]


def terms_of(node: Tensor) -> list[Term]:
    """A node as a sum of scaled terms, constants as multiples of ones."""
    number, core = split(node)
    terms = core.terms if isinstance(core, Add) else ((sp.S.One, core),)
    return [(number * c * split(term)[0], split(term)[1]) for c, term in terms]


def difference(binding: Binding, x: Tensor, y: Tensor | int) -> tuple[Tensor, int]:
    """``x - y`` with the terms that both have gone, and how many terms went."""
    first = binding[x]
    if isinstance(y, int):
        second: Tensor = constant(sp.Integer(y), first.shape, first.dtype)
    else:
        second = binding[y]
        labels = binding.batch[x], binding.batch[y]
        order = tuple(dict.fromkeys((*labels[0], *labels[1])))
        first = viewed(first, labels[0], order, binding.sizes)
        second = viewed(second, labels[1], order, binding.sizes)
    parts = terms_of(first), terms_of(second)
    negated = [(-c, term) for c, term in parts[1]]
    result = add_terms([*parts[0], *negated], first.shape, first.dtype)
    left = 0 if is_number(result) and split(result)[0] == 0 else len(terms_of(result))
    return result, len(parts[0]) + len(parts[1]) - left


def is_number(node: Tensor) -> bool:
    """Whether all entries are one number, seen from the structure."""
    return (
        isinstance(node, Einsum) and not node.operands and len(set(node.output)) == len(node.output)
    )


def cancels(x: Tensor, y: Tensor | int) -> Condition:
    """``x - y`` has fewer terms than ``x`` and ``y`` together: they share some.

    Holds for a rule's own statement, whose variables stand for all such pairs.
    """

    def holds(binding: Binding) -> bool:
        return _is_statement(binding[x]) or difference(binding, x, y)[1] > 0

    return holds


def apart(x: Tensor, y: Tensor) -> Condition:
    """``x - y`` is known not to be zero: both cannot vanish together."""

    def holds(binding: Binding) -> bool:
        return _is_statement(binding[x]) or facts.has(difference(binding, x, y)[0], "nonzero")

    return holds


def exact(*variables: Tensor) -> Condition:
    """The variables stand for inputs, which carry no rounding error that a rule could not undo."""

    def holds(binding: Binding) -> bool:
        return all(isinstance(split(binding[x])[1], Variable) for x in variables)

    return holds


def alike(x: Tensor, y: Tensor) -> Condition:
    """Two variables stand for tensors over the same axes."""

    def holds(binding: Binding) -> bool:
        if _is_statement(binding[x]):
            return True
        return set(binding.batch[x]) == set(binding.batch[y])

    return holds


def either(*conditions: Condition) -> Condition:
    """One of several conditions."""

    def holds(binding: Binding) -> bool:
        return any(condition(binding) for condition in conditions)

    return holds


def unguarded(*variables: Tensor) -> Condition:
    """The variables are no results of a choice, as the branches of a stable form are."""

    def holds(binding: Binding) -> bool:
        return not any(_is_choice(binding[x]) for x in variables)

    return holds


def _is_choice(node: Tensor) -> bool:
    core = split(node)[1]
    return isinstance(core, Apply) and core.operation in (WHERE, MAXIMUM, MINIMUM)


def _is_statement(node: Tensor) -> bool:
    return isinstance(node, Variable) and node.scope == SCOPE
