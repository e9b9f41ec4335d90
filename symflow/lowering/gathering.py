"""Lookups, additions at positions and updates, as JAX and NumPy write them."""

from collections.abc import Callable, Mapping, Sequence

import sympy as sp

from symflow.core import Apply, Tensor
from symflow.lowering.forms import Form, dense, whole
from symflow.lowering.operations import Lowerer
from symflow.lowering.structure import slice_keys
from symflow.lowering.values import Value
from symflow.notation.tree import Attribute, Call, Index, Method, Name, Slice, Tree

_WHOLE = Slice()
_JAX: Mapping[str, str] = {
    "scatter": "add",
    "scatter_set": "set",
    "scatter_mul": "multiply",
    "scatter_min": "min",
    "scatter_max": "max",
}
_NUMPY: Mapping[str, str] = {
    "scatter": "np.add",
    "scatter_mul": "np.multiply",
    "scatter_min": "np.minimum",
    "scatter_max": "np.maximum",
}


def _arrays(plan: Lowerer, operands: Sequence[Tensor]) -> list[Value]:
    return [dense(plan.builder, plan.form(operand)) for operand in operands]


def _keys(start: int, indices: Sequence[Tree]) -> tuple[Tree, ...]:
    return (*[_WHOLE] * start, *indices)


def looked_up(plan: Lowerer, node: Apply) -> Form:
    """``x[:, i, j]``."""
    (start,) = node.params
    values = _arrays(plan, node.operands)

    def write(x: Tree, *indices: Tree) -> Tree:
        return Index(x, _keys(start, indices))

    return whole(plan.builder.make(write, values, node.shape, plan.dtype(node)))


def added(plan: Lowerer, node: Apply) -> Form:
    """``zeros(shape).at[:, i].add(v)``."""
    dtype = plan.dtype(node)
    values, *indices = _arrays(plan, node.operands)
    zeros = plan.builder.full(sp.S.Zero, node.shape, dtype)
    return _changed(plan, node, [zeros, values, *indices])


def updated(plan: Lowerer, node: Apply) -> Form:
    """``x.at[:, i].set(v)`` and its kin."""
    x, values, *indices = _arrays(plan, node.operands)
    return _changed(plan, node, [x, plan.builder.cast(values, x.dtype), *indices])


def _changed(plan: Lowerer, node: Apply, values: Sequence[Value]) -> Form:
    builder, name, start = plan.builder, node.operation.name, node.params[0]
    write: Callable[..., Tree]
    if builder.backend == "jax":

        def write(x: Tree, v: Tree, *indices: Tree) -> Tree:
            return Method(Index(Attribute(x, "at"), _keys(start, indices)), _JAX[name], (v,))
    else:

        def write(x: Tree, v: Tree, *indices: Tree) -> Tree:
            key = Index(Name("np.s_"), _keys(start, indices))
            if name == "scatter_set":
                return Call("placed", (x, key, v))
            return Call("changed", (Name(f"{_NUMPY[name]}.at"), x, key, v))

    return whole(builder.make(write, values, node.shape, plan.dtype(node)))


def slice_written(plan: Lowerer, node: Apply) -> Form:
    """``x.at[1:3].set(v)``."""
    builder = plan.builder
    x, values = _arrays(plan, node.operands)
    values = builder.cast(values, x.dtype)
    keys, values = slice_keys(builder, node.params[0], node.shape, values)

    def write(x: Tree, v: Tree) -> Tree:
        if builder.backend == "jax":
            return Method(Index(Attribute(x, "at"), keys), "set", (v,))
        return Call("placed", (x, Index(Name("np.s_"), keys), v))

    return whole(builder.make(write, (x, values), node.shape, plan.dtype(node)))
