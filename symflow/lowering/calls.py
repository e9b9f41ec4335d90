"""Operations on whole arrays, as calls of the function that a backend has under their name."""

from symflow.core import Apply, dtypes
from symflow.errors import LoweringError
from symflow.lowering.forms import Form, dense, whole
from symflow.lowering.operations import Lowerer, parameters
from symflow.lowering.paths import function_path
from symflow.lowering.templates import filled
from symflow.lowering.values import Value
from symflow.notation.tree import Call, Index, Number, Tree


def called(plan: Lowerer, node: Apply) -> Form:
    """The function that a backend has for an operation, on arrays of the operands' full shapes.

    The record's ``code`` for the backend is a template with ``{0}``, ``{1}`` for the operands and
    the names of the parameters; without one, parameters are given by keyword. A call with several
    results is made once, whichever of them are used.

    Raises:
        LoweringError: when the record says that the backend has none (``code`` is empty text).
    """
    builder, operation, dtype = plan.builder, node.operation, plan.dtype(node)
    template = operation.code.get(builder.backend)
    if template == "":
        raise LoweringError(
            f"operation {operation.name} has no code for backend {builder.backend!r}"
        )
    values = [dense(builder, plan.form(operand)) for operand in node.operands]
    if operation.inputs == "float" and dtypes.kind(dtype) in ("float", "complex"):
        values = [builder.cast(value, _at_least(value, dtype)) for value in values]
    given = parameters(builder, node)
    output = node.params[-1] if operation.outputs else None
    if operation.outputs:
        del given[operation.parameters[-1]]

    def write(*trees: Tree) -> Tree:
        if template is not None:
            return filled(template, {str(k): tree for k, tree in enumerate(trees)} | given)
        return Call(function_path(operation, builder.backend), trees, tuple(given.items()))

    if output is None:
        return whole(builder.make(write, values, node.shape, dtype))
    results = builder.make(write, values, (), "tuple")
    place = Number(str(output))
    return whole(builder.make(lambda r: Index(r, (place,)), (results,), node.shape, dtype))


def _at_least(value: Value, dtype: str) -> str:
    """Integers and bools become the result's type; floats and complex numbers stay."""
    return value.dtype if dtypes.kind(value.dtype) in ("float", "complex") else dtype
