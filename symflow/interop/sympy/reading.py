"""SymPy's expressions as tensors."""

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from symflow.core import Tensor
from symflow.core.dims import is_one
from symflow.errors import DTypeError
from symflow.interop.sympy.arrays import ARRAYS
from symflow.interop.sympy.facts import Facts
from symflow.interop.sympy.matrices import MATRICES
from symflow.interop.sympy.reader import Derivative, Reader
from symflow.interop.sympy.scalars import SCALARS
from symflow.interop.sympy.survey import Survey
from symflow.interop.sympy.values import Value, free_index, over
from symflow.ops.contraction import squeeze

HEADS = {**SCALARS, **MATRICES, **ARRAYS}


def from_sympy(
    expr: Any,
    names: Mapping[Any, Any] | None = None,
    *,
    assuming: Any = (),
    indices: Sequence[Any] = (),
    dtype: str = "float",
    squeezed: bool = False,
    derivative: Derivative | None = None,
) -> Tensor:
    """An expression of SymPy as a tensor; see :func:`symflow.api.sympy.from_sympy`.

    Args:
        expr: a SymPy expression, matrix or array.
        names: tensors for symbols.
        assuming: SymPy's predicates of symbols.
        indices: free indices, which become axes.
        dtype: the data type of the variables.
        squeezed: leave the axis of a column out.
        derivative: takes derivatives that are unevaluated; without it they are refused.
    """
    if isinstance(expr, Tensor):
        return expr
    root = _immutable(expr)
    free = [_immutable(index) for index in indices]
    given = dict(names or {})
    survey = Survey(root, given, free)
    reader = Reader(HEADS, survey, given, Facts(assuming), dtype, derivative)
    for index in free:
        reader.ranges[index] = _range(index, survey, reader)
    value = over(reader.read(root), free, reader.ranges)
    assert not value.axes
    return _narrow(value) if squeezed else value.tensor


def _immutable(expr: Any) -> sp.Basic:
    if isinstance(expr, (sp.MatrixBase, sp.NDimArray)):
        return expr.as_immutable()
    if isinstance(expr, (list, tuple)):
        return sp.ImmutableDenseNDimArray(expr)
    if isinstance(expr, sp.Basic):
        return expr
    if isinstance(expr, (int, float, complex)):
        return sp.sympify(expr)
    raise DTypeError(
        f"{type(expr).__name__} is no expression of SymPy; text is read by sf.parse, arrays of "
        "numbers stand in formulas as they are"
    )


def _range(index: sp.Basic, survey: Survey, reader: Reader) -> Any:
    """The range of a free index: its own, else the axis that it walks along."""
    own = survey.ranges.get(index)
    if own is not None:
        return reader.span(index, *own)
    for base, accesses in survey.accesses.items():
        for access in accesses:
            if index in access:
                size = _axis(base, access.index(index), reader)
                if size is not None:
                    return 0, size
    raise free_index(index)


def _axis(base: Any, axis: int, reader: Reader) -> Any:
    shape = getattr(base, "shape", None)
    if shape is not None and not isinstance(base, sp.IndexedBase):
        return reader.survey.shape(shape)[axis]
    return reader.read(base).shape[axis]


def _narrow(value: Value) -> Tensor:
    """Without the axis of a column, and a scalar for a matrix with one entry."""
    x = value.tensor
    if x.rank == 2 and is_one(x.shape[1]):
        return squeeze(x, (0, 1) if is_one(x.shape[0]) else 1)
    return x
