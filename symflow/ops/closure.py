"""Application of closed functions with bound variables."""

from collections.abc import Callable, Sequence
from typing import Any

from symflow.core.apply import apply
from symflow.core.dims import Shape, simplify_dim
from symflow.core.function import Function
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.ops.arithmetic import convert


def _call_shape(operands: Operands, params: Params) -> Shape:
    closure, output = params
    sizes = closure.sizes([operand.shape for operand in operands])
    shape: Shape = closure.outputs[output].shape
    return tuple(s if isinstance(s, int) else simplify_dim(s.subs(sizes)) for s in shape)


def _define_call(*arguments: Any) -> Tensor:
    *operands, closure, output = arguments
    inlined: Tensor = closure.inlined(operands, output)
    return inlined


CALL = Operation(
    name="call",
    family="closure",
    arity=None,
    shape=_call_shape,
    dtype=lambda operands, params: params[0].outputs[params[1]].dtype,
    parameters=("closure", "output"),
    definition=_define_call,
    flops=0.0,
)


def function(inputs: Sequence[Tensor], outputs: Any, name: str = "f") -> Callable[..., Any]:
    """A closed, named, reusable part of a model: called on tensors, it gives nodes.

    Args:
        inputs: the bound variables; symbolic sizes in their shapes are bound with them.
        outputs: an expression of the inputs alone, or a sequence of them.
        name: what prints.

    Returns:
        A callable that takes tensors of fitting shapes and gives a tensor (or a tuple).

    Raises:
        TypeError: when an output uses a variable that is no input.
        ShapeError: when called on shapes that do not fit, naming the input and the axis.

    >>> from symflow.core import vector
    >>> x, y = vector("x", "n"), vector("y", 3)
    >>> double = function([x], x + x, name="double")
    >>> double(y).shape, double.inline(y) is y + y
    ((3,), True)
    """
    single = isinstance(outputs, Tensor)
    closure = Function(name, inputs, (outputs,) if single else tuple(outputs))

    def call(*arguments: Any) -> Any:
        nodes = tuple(convert(arguments, "any"))
        results = tuple(apply(CALL, nodes, (closure, k)) for k in range(len(closure.outputs)))
        return results[0] if single else results

    def inline(*arguments: Any) -> Any:
        nodes = tuple(convert(arguments, "any"))
        results = tuple(closure.inlined(nodes, k) for k in range(len(closure.outputs)))
        return results[0] if single else results

    call.__name__ = name
    call.inline = inline  # type: ignore[attr-defined]
    call.closure = closure  # type: ignore[attr-defined]
    return call
