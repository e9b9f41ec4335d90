"""What a tensor is called in SymPy while it is written: scalars, matrices, columns, arrays.

Rank 0 is a scalar expression, rank 2 a matrix expression, rank 1 a matrix of one column, and
everything above an array expression.  Where SymPy has no name for a matrix, its entries are given
as a function of their indices (``FunctionMatrix``).
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product as every
from typing import Any, NamedTuple

import sympy as sp
from sympy.logic.boolalg import Boolean
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.special import OneMatrix
from sympy.tensor.array.expressions import array_expressions as arrays

from symflow.core.dims import same
from symflow.errors import DTypeError

Indices = Sequence[Any]
Entry = Callable[[Indices], Any]

_MATRIX = 2
_LETTERS = "ij"
_DEEPEST = 8
MOST_ENTRIES = 64
"""Up to so many, entries are listed."""


class UnsayableError(DTypeError):
    """SymPy has no such expression; caught where another one may do."""


class Term(NamedTuple):
    """A tensor in SymPy's terms.

    Attributes:
        shape: the shape of the tensor.
        form: the SymPy expression; None where only entries can be said.
        entry: an entry from its indices, where the form does not give it.
    """

    shape: tuple[Any, ...]
    form: Any
    entry: Entry | None = None

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def said(self) -> Any:
        """The SymPy expression.

        Raises:
            UnsayableError: where only entries can be said.
        """
        if self.form is None:
            raise UnsayableError("conditions on entries, and parts of arrays, as a whole")
        return self.form

    @property
    def matrix(self) -> Any:
        """The SymPy expression of a vector or a matrix.

        Raises:
            UnsayableError: for an array.
        """
        if not is_matrix(self.said):
            raise UnsayableError("a function of matrices on an array")
        return self.said


def scalar(value: Any) -> Term:
    """A scalar expression."""
    return Term((), sp.sympify(value))


def number(term: Term) -> Any:
    """A scalar expression; an array without axes is none.

    Raises:
        UnsayableError: for such an array.
    """
    if isinstance(term.said, (sp.Expr, Boolean)):
        return term.said
    raise UnsayableError("a function of an array without axes")


def entry(term: Term, indices: Indices) -> Any:
    """The entry at some indices, unevaluated."""
    if term.entry is not None:
        return term.entry(indices)
    if not term.rank:
        return number(term)
    if isinstance(term.said, arrays.ArraySymbol):
        return arrays.ArrayElement(term.said, tuple(indices))
    if isinstance(term.said, sp.NDimArray):
        raise UnsayableError("entries of an explicit array at symbolic indices")
    if not is_matrix(term.said):
        raise UnsayableError(f"entries of {type(term.said).__name__} of rank {term.rank}")
    row, column = (*indices, 0)[:2]
    return _element(term.said, row, column)


def _element(form: Any, row: Any, column: Any, depth: int = _DEEPEST) -> Any:
    """An entry of a matrix, through what only moves or repeats entries."""
    inner = _ENTRIES.get(type(form))
    found = None if inner is None or not depth else inner(form, row, column, depth - 1)
    return MatrixElement(form, row, column) if found is None else found


def _of_slice(form: Any, row: Any, column: Any, depth: int) -> Any:
    (start, _, step), (first, _, stride) = form.args[1:]
    return _element(form.args[0], start + row * step, first + column * stride, depth)


def _of_product(form: Any, row: Any, column: Any, depth: int) -> Any:
    """The entry of a column times a row."""
    scalars = [part for part in form.args if not part.is_Matrix]
    matrices = [part for part in form.args if part.is_Matrix]
    if len(matrices) == 1:
        return sp.Mul(*scalars, _element(matrices[0], row, column, depth))
    if len(matrices) != _MATRIX or matrices[0].shape[1] != 1:
        return None
    left = _element(matrices[0], row, 0, depth)
    return sp.Mul(*scalars, left, _element(matrices[1], 0, column, depth))


def _of_sum(form: Any, row: Any, column: Any, depth: int) -> Any:
    return sp.Add(*(_element(part, row, column, max(depth - 2, 0)) for part in form.args))


def _of_entries(form: Any, row: Any, column: Any, depth: int) -> Any:
    return sp.Mul(*(_element(part, row, column, max(depth - 2, 0)) for part in form.args))


_ENTRIES: Mapping[type, Callable[[Any, Any, Any, int], Any]] = {
    sp.ZeroMatrix: lambda form, row, column, depth: sp.S.Zero,
    OneMatrix: lambda form, row, column, depth: sp.S.One,
    sp.Identity: lambda form, row, column, depth: sp.KroneckerDelta(row, column),
    sp.FunctionMatrix: lambda form, row, column, depth: form.lamda(row, column),
    sp.Transpose: lambda form, row, column, depth: _element(form.arg, column, row, depth),
    sp.HadamardPower: lambda form, row, column, depth: (
        _element(form.base, row, column, depth) ** form.exp
    ),
    sp.MatrixSlice: _of_slice,
    sp.MatAdd: _of_sum,
    sp.HadamardProduct: _of_entries,
    ElementwiseApplyFunction: lambda form, row, column, depth: form.function(
        _element(form.expr, row, column, depth)
    ),
    sp.MatMul: _of_product,
}


def from_entries(shape: tuple[Any, ...], function: Entry) -> Term:
    """A tensor by its entries: a function of indices for a matrix, a list for a small array.

    Raises:
        UnsayableError: for a larger array.
    """
    if not shape:
        return scalar(function(()))
    if len(shape) > _MATRIX:
        if all(size.is_Integer for size in shape) and sp.Mul(*shape) <= MOST_ENTRIES:
            places = every(*(range(int(size)) for size in shape))
            form = sp.ImmutableDenseNDimArray([function(place) for place in places], shape)
            return Term(shape, form, function)
        raise UnsayableError(f"a function of the entries of an array of rank {len(shape)}")
    names = tuple(sp.Dummy(letter, integer=True) for letter in _LETTERS)
    body = sp.sympify(function(names[: len(shape)]))
    return Term(shape, sp.FunctionMatrix(*_two(shape), sp.Lambda(names, body)), function)


def _two(shape: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*shape, 1)[:_MATRIX]


def filled(shape: tuple[Any, ...], value: Any) -> Term:
    """The same number everywhere."""
    number = sp.sympify(value)
    if not shape:
        return scalar(number)
    if len(shape) > _MATRIX:
        zero = number == 0
        made = arrays.ZeroArray(*shape) if zero else arrays.OneArray(*shape)
        return scaled(sp.S.One if zero else number, Term(shape, made, lambda indices: number))
    if number == 0:
        return Term(shape, sp.ZeroMatrix(*_two(shape)))
    return scaled(number, Term(shape, OneMatrix(*_two(shape))))


def is_matrix(form: Any) -> bool:
    """Whether an expression is a matrix, not an array."""
    return bool(getattr(form, "is_Matrix", False))


def scaled(factor: Any, term: Term) -> Term:
    """A scalar times a tensor."""
    if factor == 1:
        return term
    if not term.rank:
        return scalar(factor * number(term))
    own = term.entry
    inner = None if own is None else lambda indices: factor * own(indices)
    if not is_matrix(term.said) or not isinstance(factor, sp.Expr):
        return Term(term.shape, arrays.ArrayTensorProduct(factor, term.said), inner)
    if factor == -1 and isinstance(term.said, sp.MatAdd):
        negated = [product(sp.S.NegativeOne, part) for part in term.said.args]
        return Term(term.shape, sp.MatAdd(*negated).doit(deep=False), inner)
    return Term(term.shape, product(factor, term.said), inner)


def product(*forms: Any) -> Any:
    """The matrix product, flat, its parts as they are."""
    return sp.MatMul(*forms).doit(deep=False)


def flipped(form: Any) -> Any:
    """The transpose: of the factors of a product, else of the whole."""
    if isinstance(form, sp.Transpose):
        return form.arg
    if isinstance(form, sp.MatMul):
        scalars = [part for part in form.args if not part.is_Matrix]
        matrices = [flipped(part) for part in form.args if part.is_Matrix]
        return product(*scalars, *reversed(matrices))
    return sp.Transpose(form) if isinstance(form, sp.MatAdd) else form.T


def added(terms: Sequence[Term]) -> Term:
    """The sum of terms of one shape."""
    first = terms[0]
    forms = [term.said for term in terms]
    if len(terms) == 1:
        return first
    if not first.rank:
        return scalar(sp.Add(*map(number, terms)))
    if all(map(is_matrix, forms)):
        return Term(first.shape, sp.MatAdd(*forms).doit(deep=False))
    return Term(first.shape, arrays.ArrayAdd(*forms))


def mapped(term: Term, function: Callable[[Any], Any]) -> Term:
    """A scalar function of every entry."""
    if not term.rank:
        return scalar(function(number(term)))
    variable = sp.Dummy("x")
    rule = sp.Lambda(variable, function(variable))
    if not is_matrix(term.said):
        return Term(term.shape, arrays.ArrayElementwiseApplyFunc(rule, term.said))
    return Term(term.shape, ElementwiseApplyFunction(rule, term.said))


def power(term: Term, exponent: Any) -> Term:
    """Every entry to a power."""
    if not term.rank:
        return scalar(number(term) ** exponent)
    if not is_matrix(term.said):
        return mapped(term, lambda x: x**exponent)
    return Term(term.shape, sp.HadamardPower(term.said, exponent))


def transposed(term: Term) -> Term:
    """The axes in reverse order, of at most two."""
    if term.rank > _MATRIX:
        raise UnsayableError("an array with its axes reversed")
    if term.rank < _MATRIX:
        return term
    return Term((term.shape[1], term.shape[0]), flipped(term.matrix))


def ones(rows: Any, columns: Any = 1) -> Any:
    """A matrix of ones."""
    return OneMatrix(rows, columns)


def matmul(left: Term, right: Term) -> Term:
    """``left @ right`` of vectors and matrices."""
    match left.rank, right.rank:
        case 1, 1:
            return scalar(sp.Trace(product(flipped(left.matrix), right.matrix)))
        case 1, 2:
            return Term(right.shape[1:], product(flipped(right.matrix), left.matrix))
        case 2, 1 | 2:
            return Term((*left.shape[:1], *right.shape[1:]), product(left.matrix, right.matrix))
    raise UnsayableError("a matrix product of arrays")


def broadcast(term: Term, shape: tuple[Any, ...]) -> Term:
    """A tensor repeated to a shape of at most two axes, under NumPy's rules."""
    if _is_shape(term.shape, shape):
        return term
    if not term.rank:
        return scaled(term.said, filled(shape, 1))
    if len(shape) > _MATRIX:
        raise UnsayableError("an array that is repeated")
    form = term.matrix
    if term.rank == 1 and len(shape) == _MATRIX:  # a vector stands for a row
        form, own = flipped(form), (sp.S.One, term.shape[0])
    else:
        own = term.shape
    if len(shape) == 1:
        return Term(shape, product(ones(shape[0]), form))
    if not same(own[0], shape[0]):
        form = product(ones(shape[0]), form)
    if not same(own[1], shape[1]):
        form = product(form, ones(1, shape[1]))
    return Term(shape, form)


def _is_shape(first: tuple[Any, ...], second: tuple[Any, ...]) -> bool:
    return len(first) == len(second) and all(map(same, first, second))


def multiply(left: Term, right: Term) -> Term:
    """The product entry by entry, under NumPy's rules of broadcasting."""
    if not left.rank or not right.rank:
        factor, body = (left, right) if not left.rank else (right, left)
        return scaled(factor.said, body)
    if max(left.rank, right.rank) > _MATRIX:
        raise UnsayableError("a product of arrays entry by entry")
    if _is_shape(left.shape, right.shape):
        return Term(left.shape, sp.HadamardProduct(left.matrix, right.matrix))
    for one, other in ((left, right), (right, left)):
        made = _scaled_lines(one, other)
        if made is not None:
            return made
    shape = _joint(left.shape, right.shape)
    return multiply(broadcast(left, shape), broadcast(right, shape))


def _scaled_lines(matrix: Term, factor: Term) -> Term | None:
    """A matrix with its lines scaled by the entries of a vector, or an outer product."""
    if matrix.rank != _MATRIX:
        return None
    rows, columns = matrix.shape
    if factor.rank == 1 and same(factor.shape[0], columns):
        if same(rows, 1):
            return None
        if same(columns, 1):
            return None
        return Term(matrix.shape, product(matrix.matrix, sp.DiagMatrix(factor.matrix)))
    if factor.rank == _MATRIX and same(factor.shape[1], 1) and same(factor.shape[0], rows):
        return Term(matrix.shape, product(sp.DiagMatrix(factor.matrix), matrix.matrix))
    if factor.rank == 1 and same(columns, 1):  # a column times a row
        return Term((rows, factor.shape[0]), product(matrix.matrix, flipped(factor.matrix)))
    return None


def _joint(left: tuple[Any, ...], right: tuple[Any, ...]) -> tuple[Any, ...]:
    rank = max(len(left), len(right))
    first = (sp.S.One,) * (rank - len(left)) + tuple(left)
    second = (sp.S.One,) * (rank - len(right)) + tuple(right)
    return tuple(b if same(a, 1) else a for a, b in zip(first, second, strict=True))


def total(term: Term, axes: Sequence[int], *, keepdims: bool = False) -> Term:
    """The sum over axes of a vector or a matrix."""
    if term.rank > _MATRIX:
        raise UnsayableError("the sum over an axis of an array")
    if not axes:
        return term
    shape, form = term.shape, term.matrix
    if len(axes) == term.rank:
        result = scalar(_sum_of_entries(term))
        return scaled(result.said, filled((1,) * term.rank, 1)) if keepdims else result
    if axes[0] == 0:
        line = product(flipped(form), ones(shape[0]))
        return Term((sp.S.One, shape[1]), flipped(line)) if keepdims else Term(shape[1:], line)
    line = product(form, ones(shape[1]))
    return Term((shape[0], sp.S.One), line) if keepdims else Term(shape[:1], line)


def _sum_of_entries(term: Term) -> Any:
    """The trace of a matrix that has the sum as its trace; the sum of entries that are given."""
    if isinstance(term.said, sp.FunctionMatrix):
        names = tuple(sp.Dummy(letter, integer=True) for letter in _LETTERS[: term.rank])
        limits = [(name, 0, size - 1) for name, size in zip(names, term.shape, strict=True)]
        return sp.Sum(entry(term, names), *limits)
    return sp.Trace(_whole(term))


def _whole(term: Term) -> Any:
    """The matrix whose trace is the sum of all entries."""
    form = term.matrix
    if isinstance(form, sp.HadamardProduct):
        first, *others = form.args
        rest = sp.HadamardProduct(*others) if len(others) > 1 else others[0]
        return product(flipped(first), rest)
    if isinstance(form, sp.HadamardPower) and form.exp == _MATRIX:
        return product(flipped(form.base), form.base)
    lines = product(ones(1, term.shape[0]), form)
    return lines if term.rank == 1 else product(lines, ones(term.shape[1]))


def reshaped(term: Term, shape: tuple[Any, ...]) -> Term:
    """The same entries in row-major order in another shape of at most two axes."""
    if _is_shape(term.shape, shape):
        return term
    own = tuple(size for size in term.shape if not same(size, 1))
    new = tuple(size for size in shape if not same(size, 1))
    if max(term.rank, len(shape)) <= _MATRIX and _is_shape(own, new) and len(own) < _MATRIX:
        return Term(shape, _turned(term, shape))

    def inner(indices: Indices) -> Any:
        number = sp.S.Zero
        for index, size in zip(indices, shape, strict=True):
            number = number * size + index
        places = []
        for size in reversed(term.shape):
            places.append(sp.Mod(number, size))
            number = sp.floor(number / size)
        return entry(term, places[::-1])

    return from_entries(shape, inner)


def _turned(term: Term, shape: tuple[Any, ...]) -> Any:
    """A column or row as the other one; one entry as a scalar."""
    form = term.matrix if term.rank and shape else term.said
    if not shape or not term.rank:
        return entry(term, (0,) * term.rank) if term.rank else product(form, ones(1, 1))
    is_row = term.rank == _MATRIX and same(term.shape[0], 1) and not same(term.shape[1], 1)
    wants_row = len(shape) == _MATRIX and same(shape[0], 1) and not same(shape[1], 1)
    return form if is_row == wants_row else flipped(form)
