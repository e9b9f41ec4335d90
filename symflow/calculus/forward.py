"""Forward mode: tangents pushed from the variables up, each distinct node once."""

from collections.abc import Mapping
from itertools import count
from typing import Any

import sympy as sp

from symflow.calculus.differential import Calculus
from symflow.core.add import Add, add_terms, constant
from symflow.core.apply import Apply
from symflow.core.dims import Shape
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.core.variable import Scalar, Variable
from symflow.core.walk import depends_on, paused_collector, postorder, transform

_NUMBERS = count()  # of the definitions taken so far: variables of nested ones have other names


def push_forward(
    outputs: list[Tensor], tangents: Mapping[Tensor, Tensor], calculus: Calculus
) -> list[Tensor]:
    """The tangents of outputs for given tangents of variables.

    Args:
        outputs: expressions.
        tangents: for each variable, a tensor of its shape.
        calculus: the table of differentials.

    Returns:
        For each output a tensor of its shape, linear in the tangents.
    """
    order = postorder(outputs, stop=tangents.__contains__)
    active = depends_on(order, tangents)
    done: dict[Tensor, Tensor] = dict(tangents)
    with paused_collector():
        for node in order:
            if node in active and node not in done:
                done[node] = tangent_of(node, done, calculus)
    return [done.get(node, zeros_like(node)) for node in outputs]


def zeros_like(node: Tensor, extra: Shape = ()) -> Tensor:
    """Zeros in the shape of a node, after some extra axes."""
    return constant(sp.S.Zero, (*extra, *node.shape), node.dtype)


def tangent_of(node: Tensor, done: Mapping[Tensor, Tensor], calculus: Calculus) -> Tensor:
    """The tangent of one node from those of its operands (missing ones are zero)."""
    if isinstance(node, Add):
        terms = [(c, done[t]) for c, t in node.terms if t in done]
        return add_terms(terms, node.shape, node.dtype)
    if isinstance(node, Einsum):
        return _product_rule(node, done)
    assert isinstance(node, Apply)
    if node.operation.piecewise_constant:
        return zeros_like(node)
    given = tuple(done.get(operand, zeros_like(operand)) for operand in node.operands)
    adjoint = calculus.adjoint_of(node.operation)
    if adjoint is not None:
        return adjoint.forward(node, given)
    return differential_at(node, given, calculus)


def differential_at(node: Apply, tangents: tuple[Tensor, ...], calculus: Calculus) -> Tensor:
    """The differential of a node: its operation's own, or that of its definition."""
    rule = calculus.differential_of(node)
    if rule is not None:
        return rule(node, tangents)
    return _by_definition(node, tangents, calculus)


def _by_definition(node: Apply, tangents: tuple[Tensor, ...], calculus: Calculus) -> Tensor:
    """The differential of the definition, taken of variables in place of the operands.

    Of the operands themselves it could not be: a transpose or a slice among them may merge with
    what the definition does to it, and is then no part of it any more.
    """
    assert node.operation.definition is not None
    number = next(_NUMBERS)
    standing: dict[Any, Any] = {}
    operands = [_stand_in(x, f"x{number}_{k}", standing) for k, x in enumerate(node.operands)]
    moves = [_stand_in(x, f"d{number}_{k}", standing) for k, x in enumerate(tangents)]
    body = node.operation.definition(*operands, *node.params)
    pushed = push_forward([body], dict(zip(operands, moves, strict=True)), calculus)
    return transform(pushed, lambda part: None, standing)[0]


def _stand_in(x: Tensor, name: str, standing: dict[Any, Any]) -> Tensor:
    """A variable of its own for every operand, the same one twice included; not for numbers."""
    if not x.operands and not isinstance(x, (Variable, Scalar)):
        return x
    variable: Tensor = Variable(name, x.shape, x.dtype, (), "definition")
    standing[variable] = x
    return variable


def _product_rule(node: Einsum, done: Mapping[Tensor, Tensor]) -> Tensor:
    sizes = dict(enumerate(node.sizes))
    terms = []
    for place, operand in enumerate(node.operands):
        tangent = done.get(operand)
        if tangent is None:
            continue
        operands = (*node.operands[:place], tangent, *node.operands[place + 1 :])
        term = contract(node.coefficient, operands, node.subscripts, node.output, sizes, node.dtype)
        terms.append((sp.S.One, term))
    return add_terms(terms, node.shape, node.dtype)
