"""Functions of stacks of matrices; half precision is computed in float32."""

import numpy as np
import sympy as sp

from symflow.core import Apply, dtypes
from symflow.lowering.forms import Form, arranged, dense, thin, transposed, whole
from symflow.lowering.operations import Lowerer, laid, parameters
from symflow.lowering.paths import function_path
from symflow.lowering.precision import HALF
from symflow.lowering.solving import cholesky
from symflow.lowering.templates import filled
from symflow.lowering.values import Builder, Value
from symflow.notation.tree import Binary, Call, Index, Name, Number, Tree, Unary
from symflow.ops.facts import has
from symflow.ops.linalg import CHOLESKY, EIGH
from symflow.ops.matrix_functions import MATRIX_RANK, PINV


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
    working = _working(plan.dtype(node.operands[0]), dtype)
    value = _symmetric(builder, node, builder.cast(value, working))
    own = node.shape[node.operands[0].rank - 2 :]
    shape = (*value.shape[:-2], *own)
    given = parameters(builder, node)
    if node.operation.outputs:
        del given[node.operation.parameters[-1]]

    def write(tree: Tree) -> Tree:
        return _written(builder, node, tree, given)

    if dtypes.kind(dtype) == "int":
        computed = dtype
    else:  # real results of complex matrices
        computed = working if dtypes.kind(dtype) == "complex" else dtypes.real_part(working)
    if node.operation.outputs:
        place = Number(str(node.params[-1]))
        results = builder.make(write, (value,), (), "tuple")
        result = builder.make(lambda r: Index(r, (place,)), (results,), shape, computed)
    else:
        result = builder.make(write, (value,), shape, computed)
    result = builder.cast(result, dtype)
    held = (*batch, *range(node.operands[0].rank - 2, len(node.shape)))
    return thin(result, held, node.shape)


def _working(operand: str, result: str) -> str:
    """The type to compute in: that of the operand, at least float32."""
    name = operand if dtypes.kind(operand) in ("float", "complex") else result
    return "float32" if name in HALF else name


def _written(builder: Builder, node: Apply, tree: Tree, given: dict[str, Tree]) -> Tree:
    """The call of a function of matrices, its parameters left out where they are the default."""
    operation, backend = node.operation, builder.backend
    template = operation.code.get(backend)
    if template is not None:
        return filled(template, {"0": tree} | given)
    values = dict(zip(operation.parameters, node.params, strict=True))
    if operation is PINV and values["rtol"] is None and backend == "numpy":
        given = given | {"rtol": _cutoff(builder, node)}
    elif operation is MATRIX_RANK and values["rtol"] is not None and backend == "numpy":
        return Call(function_path(operation, backend), (tree, given["rtol"]))  # not relative
    else:
        defaults = operation.defaults
        given = {k: v for k, v in given.items() if values[k] != defaults.get(k, Ellipsis)}
    return Call(function_path(operation, backend), (tree,), tuple(given.items()))


def _cutoff(builder: Builder, node: Apply) -> Tree:
    """What JAX takes for zero in a pseudoinverse, relative to the largest singular value."""
    wide = node.dtype in ("float32", "complex64", *HALF)
    epsilon = sp.Float(float(np.finfo("float32" if wide else "float64").eps), 17)
    rows, columns = node.shape[-2:]
    return builder.scalars.value(10 * epsilon * sp.Max(rows, columns))


def _symmetric(builder: Builder, node: Apply, value: Value) -> Value:
    """The symmetric part, where a function takes it: JAX does so by itself, NumPy does not."""
    takes = node.operation in (CHOLESKY, EIGH) and builder.backend == "numpy"
    if not takes or has(node.operands[0], "symmetric") or dtypes.kind(value.dtype) == "complex":
        return value
    axes = (*range(value.rank - 2), value.rank - 1, value.rank - 2)
    other = transposed(builder, value, axes)
    half = Number("2")
    return builder.make(
        lambda x, y: Binary("/", Binary("+", x, y), half), (value, other), value.shape, value.dtype
    )


def singular_values(plan: Lowerer, node: Apply) -> Form:
    """The singular values, where the vectors are not needed."""
    builder, dtype = plan.builder, plan.dtype(node)
    value, batch = stacked(builder, plan.form(node.operands[0]))
    working = builder.cast(value, _working(plan.dtype(node.operands[0]), dtype))
    shape = (*value.shape[:-2], node.shape[-1])
    result = builder.call("linalg.svd", (working,), shape, dtype, compute_uv=Name("False"))
    held = (*batch, len(node.shape) - 1)
    return thin(builder.cast(result, dtype), held, node.shape)


def block_diagonal(plan: Lowerer, node: Apply) -> Form:
    """Matrices along the diagonal of one; stacks of them through the definition."""
    if len(node.shape) > 2:
        assert node.operation.definition is not None
        return plan.form(node.operation.definition(*node.operands))
    builder, dtype = plan.builder, plan.dtype(node)
    blocks = [builder.cast(dense(builder, plan.form(x)), dtype) for x in node.operands]
    path = f"{'jax.' if builder.backend == 'jax' else ''}scipy.linalg.block_diag"
    return whole(builder.make(lambda *xs: Call(path, xs), blocks, node.shape, dtype))


def eigenvalues(plan: Lowerer, node: Apply) -> Form:
    """The eigenvalues of symmetric matrices, where the vectors are not needed."""
    builder, dtype = plan.builder, plan.dtype(node)
    value, batch = stacked(builder, plan.form(node.operands[0]))
    working = builder.cast(value, "float32" if dtype in HALF else dtype)
    working = _symmetric(builder, node, working)
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
