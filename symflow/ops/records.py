"""Shape and type rules that several families share, and short ways to write records."""

from typing import Any

import sympy as sp

from symflow.core import dtypes
from symflow.core.dims import Dim, Shape, same_shape, show_shape, simplify_dim
from symflow.core.operation import Operands, Operation, Params
from symflow.errors import RankError, ShapeError

ELEMENTWISE = frozenset({"elementwise"})
MATRIX_FAMILIES = frozenset({"linalg", "factorisations", "matrix_functions"})


def same_as_first(operands: Operands, params: Params) -> Shape:
    """All operands have one shape, which is the result's."""
    first: Shape = operands[0].shape
    for other in operands[1:]:
        if other.shape is not first and not same_shape(other.shape, first):
            shapes = " and ".join(show_shape(o.shape) for o in operands)
            raise ShapeError(f"operands must have one shape here, got {shapes}")
    return first


def float_result(operands: Operands, params: Params) -> str:
    """The promoted type of the operands, at least float."""
    return dtypes.at_least_float(dtypes.promote(*(o.dtype for o in operands)))


def promoted(operands: Operands, params: Params) -> str:
    """The promoted type of the operands."""
    return dtypes.promote(*(o.dtype for o in operands))


def boolean(operands: Operands, params: Params) -> str:
    """A truth value."""
    return "bool"


def no_out(out: object) -> None:
    """Refuse NumPy's ``out``: nodes are immutable."""
    if out is not None:
        raise TypeError("the argument 'out' is not supported: every result is a new tensor")


def require_matrix(shape: Shape, what: str) -> None:
    """Raise unless the last two axes exist."""
    if len(shape) < 2:
        raise RankError(
            f"{what} takes a matrix (or a stack of them), got shape {show_shape(shape)}"
        )


def require_square(shape: Shape, what: str) -> None:
    """Raise unless the last two axes exist and agree."""
    require_matrix(shape, what)
    if not same_shape(shape[-1:], shape[-2:-1]):
        raise ShapeError(
            f"{what} takes a square matrix: the last two axes of {show_shape(shape)} "
            f"have sizes {shape[-2]} and {shape[-1]}"
        )


def smaller_side(shape: Shape) -> Dim:
    """The smaller of the last two sizes; of symbolic ones, which is not known, their minimum."""
    rows, columns = shape[-2:]
    if rows == columns:
        return rows
    least: Dim = simplify_dim(sp.Min(rows, columns))
    return least


def unary(
    name: str, family: str, *facts: str, dtype: Any = float_result, **options: Any
) -> Operation:
    """The record of an elementwise function of one tensor."""
    return Operation(
        name=name,
        family=family,
        arity=1,
        shape=same_as_first,
        dtype=dtype,
        facts=ELEMENTWISE | frozenset(facts),
        inputs=options.pop("inputs", "float" if dtype is float_result else "any"),
        **options,
    )


def binary(name: str, family: str, *facts: str, dtype: Any = promoted, **options: Any) -> Operation:
    """The record of an elementwise function of two tensors."""
    return Operation(
        name=name,
        family=family,
        arity=2,
        shape=same_as_first,
        dtype=dtype,
        facts=ELEMENTWISE | frozenset(facts),
        inputs=options.pop("inputs", "same"),
        **options,
    )
