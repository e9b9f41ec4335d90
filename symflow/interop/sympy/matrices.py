"""Expressions of matrices: every class of ``sympy.matrices.expressions`` that has a value."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions import factorizations as factors
from sympy.matrices.expressions.companion import CompanionMatrix
from sympy.matrices.expressions.determinant import Permanent
from sympy.matrices.expressions.dotproduct import DotProduct
from sympy.matrices.expressions.fourier import DFT
from sympy.matrices.expressions.permutation import MatrixPermute, PermutationMatrix
from sympy.matrices.expressions.special import GenericIdentity, GenericZeroMatrix, OneMatrix

from symflow.core import Constant, Tensor, as_tensor
from symflow.core.dims import is_one, product, show_shape
from symflow.errors import DTypeError
from symflow.interop.sympy.reader import Head, Reader
from symflow.interop.sympy.scalars import added, multiplied, raised, scalar, transposed
from symflow.interop.sympy.survey import entries
from symflow.interop.sympy.values import Value, aligned, over
from symflow.ops import arithmetic, contraction, creation, linalg, structure
from symflow.ops.complex import conj
from symflow.ops.composite import matrix_power
from symflow.ops.contraction import sum as total
from symflow.ops.reshaping import reshape

Parts = Sequence[Value]
Build = Callable[[Any, Parts, Reader], Value]


def nothing(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    """No part is read before."""
    return ()


def _first(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    return list(part.args[:1])


def _on_first(function: Callable[[Tensor], Tensor]) -> Build:
    return lambda part, values, reader: values[0].on(function)


def _filled(function: Callable[..., Tensor]) -> Build:
    return lambda part, values, reader: Value(function(reader.survey.shape(part.shape)))


def _identity(part: Any, values: Parts, reader: Reader) -> Value:
    return Value(creation.eye(*reader.survey.shape(part.shape)))


# ------------------------------------------------------------------ products, powers


def _adjoint(part: Any, values: Parts, reader: Reader) -> Value:
    return transposed(values[0].on(conj))


def _power(part: Any, values: Parts, reader: Reader) -> Value:
    """A whole power of a square matrix; any power of a matrix with one entry."""
    base, exponent = values
    if all(is_one(size) for size in base.shape):
        contents, axes = aligned([base, scalar(exponent, "an exponent")])
        return Value(raised(*contents), axes)
    number = exponent.content
    if not isinstance(number, sp.Integer):
        raise DTypeError(
            f"{part!s:.60}: a power of a matrix needs a whole number as its exponent, got "
            f"{part.exp}; entry by entry a power is HadamardPower"
        )
    return base.on(lambda x: matrix_power(x, int(number)))


def _entrywise(function: Callable[..., Tensor]) -> Build:
    def build(part: Any, values: Parts, reader: Reader) -> Value:
        contents, axes = aligned(values)
        return Value(function(*contents), axes)

    return build


def _dot(part: Any, values: Parts, reader: Reader) -> Value:
    left, right = (value.on(partial(_flat, len(value.axes))) for value in values)
    contents, axes = aligned([left, right])
    return Value(total(arithmetic.multiply(*contents), -1), axes)


def _flat(lead: int, x: Tensor) -> Tensor:
    return reshape(x, (*x.shape[:lead], product(x.shape[lead:])))


def _kronecker(part: Any, values: Parts, reader: Reader) -> Value:
    return Value(reduce(contraction.kron, (value.tensor for value in values)))


# ------------------------------------------------------------------ diagonals, blocks, slices


def _diagonal_of_vector(part: Any, values: Parts, reader: Reader) -> Value:
    return Value(contraction.diag(_flat(0, values[0].tensor)))


def _diagonal_matrix(part: Any, values: Parts, reader: Reader) -> Value:
    x = values[0].tensor
    return Value(x * creation.eye(*x.shape))


def _diagonal_of(part: Any, values: Parts, reader: Reader) -> Value:
    entries_of = contraction.diagonal(values[0].tensor)
    return Value(reshape(entries_of, (*entries_of.shape, 1)))


def _blocks(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    return entries(part.blocks)


def _block(part: Any, values: Parts, reader: Reader) -> Value:
    rows, columns = part.blocks.shape
    lines = [
        structure.concatenate([v.tensor for v in values[k * columns : (k + 1) * columns]], 1)
        for k in range(rows)
    ]
    return Value(structure.concatenate(lines, 0))


def _block_diagonal(part: Any, values: Parts, reader: Reader) -> Value:
    lines = []
    for place, value in enumerate(values):
        height = value.shape[0]
        line = [creation.zeros((height, other.shape[1])) for other in values]
        line[place] = value.tensor
        lines.append(structure.concatenate(line, 1))
    return Value(structure.concatenate(lines, 0))


def _slice(part: Any, values: Parts, reader: Reader) -> Value:
    runs = []
    for (start, _, step), size in zip(part.args[1:], part.shape, strict=True):
        runs.append((reader.sized(start), reader.sized(size), int(step)))
    return Value(structure.take_runs(values[0].tensor, tuple(runs)))


# ------------------------------------------------------------------ functions of entries


def opened_entries(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    """The body of a function of the entries, once the values of these are known."""
    if part not in reader.opened:
        function = part.function
        if not isinstance(function, sp.Lambda):
            name = sp.Dummy("x")
            function = sp.Lambda(name, function(name))
        bound = tuple(sp.Dummy(str(name)) for name in function.variables)
        body = function.expr.xreplace(dict(zip(function.variables, bound, strict=True)))
        reader.opened[part] = bound, body
    return [part.expr]


def on_entries(part: Any, values: Parts, reader: Reader) -> Value:
    """A function of the entries: each axis becomes an index, and the body is read."""
    (variable,), body = reader.opened[part]
    x = values[0].tensor
    indices = tuple(sp.Dummy(f"i{k}", integer=True) for k in range(x.rank))
    reader.assign(variable, Value(x, indices))
    spans = {index: (0, size) for index, size in zip(indices, x.shape, strict=True)}
    return over(reader.read(body), indices, spans)


def _opened_function(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    if part not in reader.opened:
        function = part.lamda
        bound = tuple(
            reader.bind(name, 0, size - 1)
            for name, size in zip(function.variables, part.shape, strict=True)
        )
        body = function.expr.xreplace(dict(zip(function.variables, bound, strict=True)))
        reader.opened[part] = bound, body
    return [reader.opened[part][1]]


def _of_indices(part: Any, values: Parts, reader: Reader) -> Value:
    bound, _ = reader.opened[part]
    return over(scalar(values[0], "FunctionMatrix"), bound, reader.ranges)


# ------------------------------------------------------------------ explicit matrices


def explicit_parts(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    """The entries that are no numbers."""
    return [entry for entry in entries(part) if not entry.is_number]


def explicit(part: Any, values: Parts, reader: Reader) -> Value:
    """A matrix or an array whose entries are written out."""
    shape = tuple(int(size) for size in part.shape)
    given = entries(part)
    if not values:
        return Value(Constant(_numbers(given, shape)))
    by_entry = dict(zip(explicit_parts(part, reader), values, strict=True))
    parts = [scalar(by_entry.get(entry, Value(entry)), "a matrix") for entry in given]
    contents, axes = aligned(parts)
    if axes:
        raise DTypeError(f"{part!s:.60} depends on an index: take its entries with it instead")
    stacked = structure.stack([as_tensor(content) for content in contents])
    return Value(reshape(stacked, shape))


def _numbers(given: Sequence[sp.Expr], shape: tuple[int, ...]) -> "np.ndarray[Any, Any]":
    if all(entry.is_Integer for entry in given):
        return np.array([int(entry) for entry in given], dtype=np.int64).reshape(shape)
    if all(entry.is_extended_real for entry in given):
        return np.array([float(entry) for entry in given]).reshape(shape)
    return np.array([complex(entry) for entry in given]).reshape(shape)


def _evaluated(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    """A matrix that SymPy writes out where its size is a number."""
    if not all(sp.sympify(size).is_Integer for size in part.shape):
        raise DTypeError(
            f"{type(part).__name__} is read where its size is a number, here it is "
            f"{show_shape(part.shape)}"
        )
    return [part.as_explicit().as_immutable()]


def _as_is(part: Any, values: Parts, reader: Reader) -> Value:
    return values[0]


def _permuted(part: Any, values: Parts, reader: Reader) -> Value:
    (x,) = (value.tensor for value in values)
    matrix = _permutation(part.args[1])
    if part.args[2] == 0:
        return Value(matrix @ x)
    return Value(x @ contraction.transpose(matrix))


def _permutation(permutation: Any) -> Tensor:
    order = permutation.array_form
    matrix: Tensor = Constant(np.eye(len(order))[order])
    return matrix


# ------------------------------------------------------------------ factorisations


def _refused(why: str) -> Build:
    def build(part: Any, values: Parts, reader: Reader) -> Value:
        raise DTypeError(f"{type(part).__name__} is not read: {why}")

    return build


_SHAPELESS = "it has no shape: write Identity(n), ZeroMatrix(m, n)"
_PIVOTS = "its factors are those of an elimination without pivots, which is not stable"
_SPECTRUM = "eigenvectors and singular vectors of a general matrix are not unique"


def _trace(part: Any, values: Parts, reader: Reader) -> Value:
    return values[0].on(lambda x: contraction.trace(x, axis1=-2, axis2=-1))


MATRICES: Mapping[type, Head] = {
    sp.MatAdd: Head(added),
    sp.MatMul: Head(multiplied),
    sp.MatPow: Head(_power),
    sp.Inverse: Head(_on_first(linalg.inv), _first),
    sp.Transpose: Head(lambda part, values, reader: transposed(values[0])),
    sp.Adjoint: Head(_adjoint),
    sp.Trace: Head(_trace),
    sp.Determinant: Head(_on_first(linalg.det)),
    Permanent: Head(_refused("it takes time exponential in the size")),
    sp.HadamardProduct: Head(_entrywise(arithmetic.multiply)),
    sp.HadamardPower: Head(_entrywise(raised)),
    sp.KroneckerProduct: Head(_kronecker, stacks=False),
    DotProduct: Head(_dot),
    sp.Identity: Head(_identity, nothing),
    sp.ZeroMatrix: Head(_filled(creation.zeros), nothing),
    GenericIdentity: Head(_refused(_SHAPELESS), nothing),
    GenericZeroMatrix: Head(_refused(_SHAPELESS), nothing),
    OneMatrix: Head(_filled(creation.ones), nothing),
    sp.DiagMatrix: Head(_diagonal_of_vector, stacks=False),
    sp.DiagonalMatrix: Head(_diagonal_matrix, stacks=False),
    sp.DiagonalOf: Head(_diagonal_of, stacks=False),
    sp.BlockMatrix: Head(_block, _blocks, stacks=False),
    sp.BlockDiagMatrix: Head(_block_diagonal, stacks=False),
    sp.MatrixSlice: Head(_slice, _first, stacks=False),
    sp.matrices.expressions.applyfunc.ElementwiseApplyFunction: Head(
        on_entries, opened_entries, stacks=False
    ),
    sp.FunctionMatrix: Head(_of_indices, _opened_function),
    sp.MatrixBase: Head(explicit, explicit_parts),
    PermutationMatrix: Head(
        lambda part, values, reader: Value(_permutation(part.args[0])), nothing
    ),
    MatrixPermute: Head(_permuted, _first, stacks=False),
    CompanionMatrix: Head(_as_is, _evaluated),
    DFT: Head(_as_is, _evaluated),
    factors.LofCholesky: Head(_on_first(linalg.cholesky)),
    factors.UofCholesky: Head(
        _on_first(lambda x: contraction.matrix_transpose(linalg.cholesky(x)))
    ),
    factors.QofQR: Head(_on_first(lambda x: linalg.qr(x)[0])),
    factors.RofQR: Head(_on_first(lambda x: linalg.qr(x)[1])),
    factors.LofLU: Head(_refused(_PIVOTS)),
    factors.UofLU: Head(_refused(_PIVOTS)),
    factors.Factorization: Head(_refused(_SPECTRUM)),
}
