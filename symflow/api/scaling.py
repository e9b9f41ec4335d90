"""Loss scaling: gradients computed from a multiple of the loss, divided by it in the end."""

from collections.abc import Sequence
from typing import Any

import sympy as sp

from symflow.api.derivatives import grad
from symflow.core import Tensor, Variable, dtypes, postorder
from symflow.errors import LoweringError
from symflow.lowering.writing import Scale
from symflow.rewriting.equality import same_form

_PRECISIONS = ("float16", "mixed_float16", "bfloat16", "mixed")


def scaled(
    expressions: Sequence[Tensor], factor: Any, precision: str
) -> tuple[list[Tensor], Scale | None]:
    """A loss and its gradients, these derived from a multiple of the loss.

    Args:
        expressions: the loss, then gradients of it.
        factor: the multiple, best a power of two; None for none.
        precision: of the program.

    Raises:
        LoweringError: for a factor that is no positive number, a precision that needs none, and
            results that are no gradients of the first.
    """
    if factor is None:
        return list(expressions), None
    if isinstance(factor, bool) or not isinstance(factor, (int, float)) or not factor > 0:
        raise LoweringError(f"loss_scale is a positive number, got {factor!r}")
    if precision not in _PRECISIONS:
        raise LoweringError(
            f"loss_scale is for gradients in 16 bits ({', '.join(_PRECISIONS)}), "
            f"not for {precision}"
        )
    loss, *gradients = expressions
    if loss.shape or not gradients:
        raise LoweringError("loss_scale takes the loss, a scalar, and then its gradients")
    variables = _variables(loss, gradients)
    made = grad(sp.nsimplify(factor) * loss, variables)
    return [loss, *made], Scale(float(factor), tuple(range(1, len(expressions))))


def _variables(loss: Tensor, gradients: Sequence[Tensor]) -> list[Tensor]:
    """The variable that each gradient belongs to."""
    leaves = [
        node
        for node in postorder([loss])
        if isinstance(node, Variable) and dtypes.kind(node.dtype) == "float"
    ]
    known = dict(zip(leaves, grad(loss, leaves), strict=True))
    return [_variable(known, gradient, place) for place, gradient in enumerate(gradients, 1)]


def _variable(known: dict[Tensor, Tensor], gradient: Tensor, place: int) -> Tensor:
    fitting = [leaf for leaf in known if leaf.shape == gradient.shape]
    for leaf in fitting:
        if known[leaf] is gradient:
            return leaf
    for leaf in fitting:
        if same_form(known[leaf], gradient):
            return leaf
    raise LoweringError(
        f"loss_scale: result {place} is no gradient of the first result with respect to one of "
        "its variables"
    )
