"""Calls of closed functions in a program: which of them stay calls, and what these compute."""

from collections.abc import Callable, Sequence

from symflow.core import Apply, Tensor, apply, postorder, transform
from symflow.core.function import Function
from symflow.ops.closure import CALL, calls, unfolded

Improve = Callable[[Sequence[Tensor]], Sequence[Tensor]]


def prepared(expressions: Sequence[Tensor], improve: Improve) -> list[Tensor]:
    """Expressions whose calls are worth a function of their own.

    A function that is called with one list of arguments only is unfolded: what it computes joins
    what stands around it.  The others are improved by themselves, once for all their calls.

    Args:
        expressions: what a program computes.
        improve: rewrites the results of a function.
    """
    roots = list(expressions)
    while True:
        found = calls(postorder(roots))
        once = {closure for closure, sites in found.items() if len(sites) == 1}
        if not once:
            break
        roots = unfolded(roots, once.__contains__)
    if not found:
        return roots
    better = {closure: _improved(closure, improve) for closure in found}

    def exchanged(node: Tensor) -> Tensor | None:
        if not isinstance(node, Apply) or node.operation is not CALL:
            return None
        closure, output = node.params
        return apply(CALL, node.operands, (better.get(closure, closure), output))

    return transform(roots, exchanged)


def _improved(closure: Function, improve: Improve) -> Function:
    outputs = unfolded(closure.outputs, lambda inner: True)
    return Function(closure.name, closure.inputs, improve(outputs))
