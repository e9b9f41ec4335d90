"""Reductions that are not sums: products and extremes over axes."""

from typing import Any

from symflow.core.apply import apply
from symflow.core.convert import as_tensor
from symflow.core.dims import Shape, normalise_axes
from symflow.core.node import Tensor
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import ShapeError
from symflow.ops.contraction import expand_dims
from symflow.ops.records import boolean, promoted


def _reduced_shape(operands: Operands, params: Params) -> Shape:
    axes = params[0]
    return tuple(size for k, size in enumerate(operands[0].shape) if k not in axes)


def _nothing_to_reduce(operands: Operands, params: Params) -> Any:
    return operands[0] if not params[0] else None


def _reduction(
    name: str, latex: str, *facts: str, dtype: Any = promoted, **options: Any
) -> Operation:
    return Operation(
        name=name,
        family="reduction",
        arity=1,
        shape=_reduced_shape,
        dtype=dtype,
        parameters=("axis",),
        facts=frozenset({"reduction", *facts}),
        normal=_nothing_to_reduce,
        latex=latex,
        **options,
    )


PROD = _reduction("prod", r"\prod")
MAX = _reduction("max", r"\max")
MIN = _reduction("min", r"\min")
ALL = _reduction("all", r"\forall", dtype=boolean, piecewise_constant=True)
ANY = _reduction("any", r"\exists", dtype=boolean, piecewise_constant=True)


def reduce(operation: Operation, x: Any, axis: Any, keepdims: bool) -> Tensor:
    """A reduction over all or some axes."""
    node = as_tensor(x)
    axes = normalise_axes(axis, node.rank)
    result = apply(operation, (node,), (axes,))
    return expand_dims(result, axes) if keepdims and axes else result


def _no_empty(x: Any, axis: Any, name: str) -> None:
    node = as_tensor(x)
    for k in normalise_axes(axis, node.rank):
        if node.shape[k] == 0:
            raise ShapeError(f"{name} over axis {k} of size 0 has no value")


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The product over all or some axes."""
    return reduce(PROD, x, axis, keepdims)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The largest entry over all or some axes."""
    _no_empty(x, axis, "max")
    return reduce(MAX, x, axis, keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The smallest entry over all or some axes."""
    _no_empty(x, axis, "min")
    return reduce(MIN, x, axis, keepdims)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Whether all entries over the axes are true."""
    return reduce(ALL, x, axis, keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Whether some entry over the axes is true."""
    return reduce(ANY, x, axis, keepdims)
