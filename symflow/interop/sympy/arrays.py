"""Arrays of SymPy, explicit and symbolic: products, contractions, diagonals, permuted axes."""

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.tensor.array.array_comprehension import ArrayComprehension
from sympy.tensor.array.expressions import array_expressions as arrays

from symflow.core import contract
from symflow.core.dims import same, show_shape
from symflow.errors import ShapeError
from symflow.interop.sympy.matrices import (
    explicit,
    explicit_parts,
    nothing,
    on_entries,
    opened_entries,
)
from symflow.interop.sympy.reader import Head, Reader
from symflow.interop.sympy.scalars import added
from symflow.interop.sympy.values import Value
from symflow.ops import arithmetic, contraction, creation
from symflow.ops.reshaping import reshape

Parts = Sequence[Value]


def _product(part: Any, values: Parts, reader: Reader) -> Value:
    """The tensor product: every axis of every factor, in order."""
    tensors = arithmetic.convert([value.content for value in values])
    sizes = [size for x in tensors for size in x.shape]
    labels, start = [], 0
    for x in tensors:
        labels.append(tuple(range(start, start + x.rank)))
        start += x.rank
    return Value(
        contract(sp.S.One, tensors, labels, range(start), dict(enumerate(sizes)), tensors[0].dtype)
    )


def _joined(
    value: Value, groups: Sequence[Sequence[Any]], what: str
) -> tuple[list[int], list[int]]:
    """A label for each axis, the axes of a group sharing one; and the labels of the groups."""
    x = value.tensor
    labels = list(range(x.rank))
    shared = []
    for group in groups:
        first, *others = (int(axis) for axis in group)
        for axis in others:
            if not same(x.shape[axis], x.shape[first]):
                raise ShapeError(
                    f"{what} joins axes {first} and {axis} of {show_shape(x.shape)}, whose sizes "
                    "differ"
                )
            labels[axis] = first
        shared.append(first)
    return labels, shared


def _contraction(part: Any, values: Parts, reader: Reader) -> Value:
    labels, shared = _joined(values[0], part.contraction_indices, "ArrayContraction")
    kept = [label for label in labels if label not in shared]
    return Value(contraction.view(values[0].tensor, labels, kept))


def _diagonal(part: Any, values: Parts, reader: Reader) -> Value:
    """The axes of a diagonal stand behind the others, one for each group."""
    labels, shared = _joined(values[0], part.diagonal_indices, "ArrayDiagonal")
    kept = [label for label in labels if label not in shared]
    return Value(contraction.view(values[0].tensor, labels, [*kept, *shared]))


def _permuted(part: Any, values: Parts, reader: Reader) -> Value:
    return Value(contraction.transpose(values[0].tensor, part.permutation.array_form))


def _reshaped(part: Any, values: Parts, reader: Reader) -> Value:
    return Value(reshape(values[0].tensor, reader.survey.shape(part.shape)))


def _zeros(part: Any, values: Parts, reader: Reader) -> Value:
    return Value(creation.zeros(reader.survey.shape(part.shape)))


def _ones(part: Any, values: Parts, reader: Reader) -> Value:
    return Value(creation.ones(reader.survey.shape(part.shape)))


def _evaluated(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    if not part.is_shape_numeric:
        raise ShapeError(f"{part!s:.60} is read where its shape is made of numbers")
    return [part.doit().as_immutable()]


def _first(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    return [part.expr]


ARRAYS: Mapping[type, Head] = {
    arrays.ArrayTensorProduct: Head(_product, stacks=False),
    arrays.ArrayAdd: Head(added),
    arrays.ArrayContraction: Head(_contraction, _first, stacks=False),
    arrays.ArrayDiagonal: Head(_diagonal, _first, stacks=False),
    arrays.PermuteDims: Head(_permuted, _first, stacks=False),
    arrays.Reshape: Head(_reshaped, _first, stacks=False),
    arrays.ArrayElementwiseApplyFunc: Head(on_entries, opened_entries, stacks=False),
    arrays.ZeroArray: Head(_zeros, nothing),
    arrays.OneArray: Head(_ones, nothing),
    sp.NDimArray: Head(explicit, explicit_parts),
    ArrayComprehension: Head(lambda part, values, reader: values[0], _evaluated),
}
