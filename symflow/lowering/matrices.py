"""Functions of stacks of matrices; half precision is computed in float32."""

from symflow.core import Apply
from symflow.lowering.forms import Form, arranged, dense, thin, whole
from symflow.lowering.operations import Lowerer, laid
from symflow.lowering.paths import function_path
from symflow.lowering.precision import HALF
from symflow.lowering.solving import cholesky
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Binary, Call, Index, Number, Tree, Unary


def stacked(builder: Builder, form: Form) -> tuple[Value, list[int]]:
    """Matrices in the last two axes, and the leading axes that the value holds."""
    rank = len(form.shape)
    value, held = laid(builder, form, (rank - 2, rank - 1))
    batch = sorted(slot for slot in held if slot is not None and slot < rank - 2)
    return arranged(builder, value, held, [*batch, rank - 2, rank - 1]), batch


def matrix_function(plan: Lowerer, node: Apply) -> Form:
    """A function of a stack of matrices; of those with several results, one."""
    builder, dtype = plan.builder, plan.dtype(node)
    value, batch = stacked(builder, plan.form(node.operands[0]))
    working = "float32" if dtype in HALF else dtype
    value = builder.cast(value, working)
    own = node.shape[node.operands[0].rank - 2 :]
    shape = (*value.shape[:-2], *own)
    path = function_path(node.operation, builder.backend)
    if node.operation.outputs:
        place = node.params[-1]
        results = builder.make(lambda x: Call(path, (x,)), (value,), (), "tuple")
        result = builder.make(lambda r: Index(r, (Number(str(place)),)), (results,), shape, working)
    else:
        result = builder.make(lambda x: Call(path, (x,)), (value,), shape, working)
    result = builder.cast(result, dtype)
    held = (*batch, *range(node.operands[0].rank - 2, len(node.shape)))
    return thin(result, held, node.shape)


def eigenvalues(plan: Lowerer, node: Apply) -> Form:
    """The eigenvalues of symmetric matrices, where the vectors are not needed."""
    builder, dtype = plan.builder, plan.dtype(node)
    value, batch = stacked(builder, plan.form(node.operands[0]))
    working = builder.cast(value, "float32" if dtype in HALF else dtype)
    result = builder.call("linalg.eigvalsh", (working,), value.shape[:-1], working.dtype)
    held = (*batch, len(node.shape) - 1)
    return thin(builder.cast(result, dtype), held, node.shape)


def log_determinant(plan: Lowerer, node: Apply) -> Form:
    """Sign and logarithm of the determinant of positive definite matrices, by Cholesky."""
    builder, dtype = plan.builder, plan.dtype(node)
    if node.params[-1] == 0:
        return Form(None, (), tuple(range(len(node.shape))), node.shape, dtype)
    value, batch = stacked(builder, plan.form(node.operands[0]))
    factor = cholesky(builder, builder.cast(value, "float32" if dtype in HALF else dtype))
    xp, last = builder.xp, (("axis", Unary("-", Number("1"))),)
    pair = (("axis1", Unary("-", Number("2"))), ("axis2", Unary("-", Number("1"))))

    def write(tree: Tree) -> Tree:
        diagonal = Call(f"{xp}.diagonal", (tree,), pair if batch else ())
        logarithms = Call(f"{xp}.log", (diagonal,))
        return Binary("*", Number("2"), Call(f"{xp}.sum", (logarithms,), last if batch else ()))

    result = builder.make(write, (factor,), value.shape[:-2], factor.dtype)
    return thin(builder.cast(result, dtype), batch, node.shape)


def solve(plan: Lowerer, node: Apply) -> Form:
    """The solution of linear systems, matrices in the last two axes of both."""
    builder, dtype = plan.builder, plan.dtype(node)
    working = "float32" if dtype in HALF else dtype
    sides = [builder.cast(dense(builder, plan.form(side)), working) for side in node.operands]
    path = function_path(node.operation, builder.backend)
    result = builder.make(lambda a, b: Call(path, (a, b)), sides, node.shape, working)
    return whole(builder.cast(result, dtype))
