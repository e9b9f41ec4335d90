"""Scalar expressions of SymPy: arithmetic, functions, cases, entries, sums over indices."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.array.array_derivatives import ArrayDerivative
from sympy.tensor.array.expressions import array_expressions as arrays

from symflow.core import Scalar, Tensor, Variable, as_tensor, dtypes
from symflow.core.dims import is_one, show_shape
from symflow.errors import DifferentialError, DTypeError, ShapeError
from symflow.interop.sympy.reader import Head, Reader
from symflow.interop.sympy.values import Value, aligned, over, select
from symflow.ops import arithmetic, choice, creation, elementwise, reduction, scalarmap
from symflow.ops.complex import conj, imag, real
from symflow.ops.contraction import moveaxis, squeeze, transpose
from symflow.ops.contraction import sum as total
from symflow.ops.matrix_functions import expm
from symflow.ops.reshaping import reshape

Parts = Sequence[Value]
_MATRIX = 2


def is_number(value: Value) -> bool:
    """Whether a value is a number or an expression of sizes."""
    return not isinstance(value.content, Tensor)


def scalar(value: Value, what: str) -> Value:
    """A value as a scalar: SymPy's matrices of one row and one column count as one.

    Raises:
        DTypeError: for any other matrix.
    """
    if not value.rank:
        return value
    if all(is_one(size) for size in value.shape):
        lead = len(value.axes)
        return value.on(lambda x: squeeze(x, tuple(range(lead, x.rank))))
    raise DTypeError(
        f"{what} of a matrix of shape {show_shape(value.shape)} is a function of matrices, which "
        f"is not read; entry by entry it is written X.applyfunc({what})"
    )


def _applied(function: Callable[..., Any]) -> Callable[[Any, Parts, Reader], Value]:
    def build(part: Any, values: Parts, reader: Reader) -> Value:
        name = type(part).__name__
        contents, axes = aligned([scalar(value, name) for value in values])
        return Value(function(*contents), axes)

    return build


def added(part: Any, values: Parts, reader: Reader) -> Value:
    """A sum of scalars, matrices or arrays of one shape."""
    if all(map(is_number, values)):
        return Value(sp.Add(*(value.content for value in values)))
    if len({value.rank for value in values}) > 1:
        values = [scalar(value, "a sum with scalars") for value in values]
    contents, axes = aligned(values)
    return Value(arithmetic.add(*contents), axes)


def multiplied(part: Any, values: Parts, reader: Reader) -> Value:
    """A product of scalars and at most one matrix or array; of matrices, the matrix product."""
    if all(map(is_number, values)):
        return Value(sp.Mul(*(value.content for value in values)))
    wide = [value for value in values if value.rank]
    if len(wide) <= 1:
        contents, axes = aligned(values)
        return Value(arithmetic.multiply(*contents), axes)
    narrow = [value for value in values if not value.rank]
    chain = reduce(_times, wide)
    contents, axes = aligned([*narrow, chain])
    return Value(arithmetic.multiply(*contents), axes)


def _times(left: Value, right: Value) -> Value:
    """The matrix product; a matrix with one entry scales what does not fit it."""
    if left.rank == right.rank == 2:
        inner = left.shape[-1], right.shape[-2]
        unit_left, unit_right = (all(map(is_one, value.shape)) for value in (left, right))
        if (unit_left or unit_right) and is_one(inner[0]) != is_one(inner[1]):
            one, other = (left, right) if unit_left else (right, left)
            contents, axes = aligned([scalar(one, "*"), other])
            return Value(arithmetic.multiply(*contents), axes)
    contents, axes = aligned([left, right])
    return Value(contents[0] @ contents[1], axes)


def _powered(part: Any, values: Parts, reader: Reader) -> Value:
    if all(map(is_number, values)):
        return Value(sp.Pow(*(value.content for value in values)))
    base, exponent = (scalar(value, "a power") for value in values)
    contents, axes = aligned([base, exponent])
    return Value(raised(*contents), axes)


def raised(base: Any, exponent: Any) -> Tensor:
    """A power; of integers too it is one of numbers: SymPy's integers have inverses."""
    whole = isinstance(exponent, sp.Integer) and exponent >= 0
    if isinstance(base, Tensor) and not whole:
        base = arithmetic.cast(base, dtypes.at_least_float(base.dtype))
    return arithmetic.power(base, exponent)


def _exponential(part: Any, values: Parts, reader: Reader) -> Value:
    """Of a matrix, the exponential of matrices, as of an explicit one in SymPy."""
    (value,) = values
    if value.rank == _MATRIX and not all(is_one(size) for size in value.shape):
        return value.on(expm)
    return scalar(value, "exp").on(elementwise.exp)


def _function(part: Any, values: Parts, reader: Reader) -> Value:
    """A function that only SymPy knows, entry by entry."""
    if isinstance(part, sp.core.function.AppliedUndef) or not values:
        raise DTypeError(
            f"{part} is a function without a definition: put an expression in its place, or give "
            "its value a name of its own"
        )
    contents, axes = aligned([scalar(value, type(part).__name__) for value in values])
    fixed = [isinstance(c, sp.Expr) and not isinstance(c, Tensor) for c in contents]
    names = [
        content if is_fixed else sp.Dummy(f"x{k}", real=True)
        for k, (content, is_fixed) in enumerate(zip(contents, fixed, strict=True))
    ]
    free = [name for name, is_fixed in zip(names, fixed, strict=True) if not is_fixed]
    tensors = [c for c, is_fixed in zip(contents, fixed, strict=True) if not is_fixed]
    function = sp.Lambda(tuple(free), part.func(*names, evaluate=False))
    return Value(scalarmap.elementwise(function, *tensors), axes)


def _piecewise(part: Any, values: Parts, reader: Reader) -> Value:
    contents, axes = aligned([scalar(value, "Piecewise") for value in values])
    results, conditions = contents[0::2], contents[1::2]
    if part.args[-1].cond is not sp.true:
        raise DTypeError(
            f"{part} has no value where none of its conditions holds: add a last case, "
            "(value, True)"
        )
    result = results[-1]
    for value, condition in reversed(list(zip(results[:-1], conditions[:-1], strict=True))):
        result = choice.where(condition, value, result)
    return Value(as_tensor(result), axes)


def _cases(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    return [side for case in part.args for side in case.args]


def _delta(part: Any, values: Parts, reader: Reader) -> Value:
    """Of two indices that run over the same axis, an identity matrix."""
    spans = [reader.ranges.get(index) for index in part.args[:2]]
    if spans[0] is not None and spans[0] == spans[1] and part.args[0] != part.args[1]:
        return Value(creation.eye(spans[0][1]), tuple(part.args[:2]))
    contents, axes = aligned([scalar(value, "KroneckerDelta") for value in values])
    return Value(choice.mask(choice.equal(*contents)), axes)


# ------------------------------------------------------------------ entries, sums


def _entry(part: Any, values: Parts, reader: Reader) -> Value:
    fixed = {index: index for index in reader.ranges}  # an Idx holds its size: leave it whole
    indices = [index.xreplace(reader.survey.sizes | fixed) for index in part.indices]
    return select(values[0], indices, reader.ranges, reader.read, str(part))


def _base(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    return [part.base if isinstance(part, sp.Indexed) else part.args[0]]


def _opened_sum(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    if part not in reader.opened:
        body, bound = part.function, []
        for index, *bounds in part.limits:
            first, last = bounds if len(bounds) == 2 else _own_range(index, part)
            fresh = reader.bind(index, first, last)
            body = body.xreplace({index: fresh})
            bound.append(fresh)
        reader.opened[part] = tuple(bound), body
    return [reader.opened[part][1]]


def _own_range(index: Any, part: Any) -> tuple[Any, Any]:
    if isinstance(index, sp.Idx) and index.lower is not None and index.upper is not None:
        return index.lower, index.upper
    raise ShapeError(
        f"the index {index} of {part!s:.60} has no bounds: write ({index}, first, last)"
    )


def _summed(part: Any, values: Parts, reader: Reader) -> Value:
    bound, _ = reader.opened[part]
    value = over(values[0], bound, reader.ranges)
    lead = len(value.axes)
    return value.on(lambda x: total(x, tuple(range(lead, lead + len(bound)))))


def _producted(part: Any, values: Parts, reader: Reader) -> Value:
    bound, _ = reader.opened[part]
    value = over(scalar(values[0], "Product"), bound, reader.ranges)
    lead = len(value.axes)
    return value.on(lambda x: reduction.prod(x, tuple(range(lead, lead + len(bound)))))


# ------------------------------------------------------------------ derivatives


def _derivative_parts(part: Any, reader: Reader) -> Sequence[sp.Basic]:
    return [part.expr, *(variable for variable, _ in part.variable_count)]


def _derived(part: Any, values: Parts, reader: Reader) -> Value:
    """SymPy puts the axes of the variable in front of those of the expression."""
    if reader.derivative is None:
        raise DTypeError(
            f"{part!s:.60} is a derivative: pass derivative=sf.jacobian to have it taken"
        )
    if any(value.axes for value in values):
        raise DTypeError(f"{part!s:.60}: a derivative below a sum over indices is not read")
    result = values[0].tensor
    for variable, count in part.variable_count:
        leaf = reader.leaf(variable)
        if not isinstance(leaf, (Variable, Scalar)) or not count.is_Integer:
            raise DifferentialError(
                f"the derivative by {variable}, {count} times: it is taken a whole number of "
                "times by a symbol that stands for a variable"
            )
        shape = reader.read(variable).shape
        for _ in range(int(count)):
            rank = result.rank
            whole = reader.derivative(result, leaf)
            own = tuple(range(rank, whole.rank))
            front = moveaxis(whole, own, tuple(range(len(own)))) if own else whole
            result = reshape(front, (*shape, *result.shape))
    return Value(result)


def _conjugate(part: Any, values: Parts, reader: Reader) -> Value:
    return values[0].on(conj)


def _heads() -> dict[type, Head]:
    plain = {kind: Head(_applied(f)) for kind, f in scalarmap.builders().items()}
    entry = Head(_entry, _base)
    own = {
        sp.Add: Head(added),
        sp.Mul: Head(multiplied),
        sp.Pow: Head(_powered),
        sp.Piecewise: Head(_piecewise, _cases),
        sp.KroneckerDelta: Head(_delta, lambda part, reader: part.args[:2]),
        sp.ITE: Head(_applied(choice.where)),
        sp.Xor: Head(_applied(lambda *values: reduce(choice.not_equal, values))),
        sp.Implies: Head(_applied(lambda p, q: choice.logical_or(choice.logical_not(p), q))),
        sp.exp: Head(_exponential),
        sp.conjugate: Head(_conjugate),
        sp.re: Head(_applied(real)),
        sp.im: Head(_applied(imag)),
        sp.Function: Head(_function),
        sp.Sum: Head(_summed, _opened_sum),
        sp.Product: Head(_producted, _opened_sum),
        MatrixElement: entry,
        sp.Indexed: entry,
        arrays.ArrayElement: entry,
        sp.Derivative: Head(_derived, _derivative_parts),
        ArrayDerivative: Head(_derived, _derivative_parts),
    }
    del plain[sp.functions.elementary.piecewise.ExprCondPair]
    return plain | own


SCALARS: Mapping[type, Head] = _heads()


def transposed(value: Value) -> Value:
    """The last two axes exchanged."""
    lead = len(value.axes)
    return value.on(lambda x: transpose(x, [*range(lead), lead + 1, lead]))
