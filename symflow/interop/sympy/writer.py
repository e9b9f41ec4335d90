"""The walk that turns a graph into SymPy's expressions, operands first."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product as every
from typing import Any

import sympy as sp
from sympy.matrices.expressions.factorizations import LofCholesky, QofQR, RofQR
from sympy.tensor.array.expressions.array_expressions import ArraySymbol, Reshape

from symflow.core import Add, Apply, Constant, Einsum, Scalar, Tensor, Variable, dtypes
from symflow.core.convert import number
from symflow.core.dims import same
from symflow.core.walk import postorder, transform
from symflow.interop.sympy import terms
from symflow.interop.sympy.contractions import contraction
from symflow.interop.sympy.terms import Term, UnsayableError
from symflow.notation.names import Names
from symflow.ops import (
    arithmetic,
    choice,
    closure,
    creation,
    linalg,
    reduction,
    reshaping,
    scalarmap,
    structure,
)
from symflow.ops.complex import CONJ

_MATRIX = 2
_ASSUMED = ("positive", "nonnegative", "nonzero", "integer")

Operands = Sequence[Term]


class Writer:
    """Writes graphs.

    Args:
        roots: the graphs.
        symbols: SymPy's expression for a variable, by variable or (full) name.
        columns: whether a vector is a matrix of one column, else an array of one axis.
    """

    def __init__(self, roots: Sequence[Tensor], symbols: Mapping[Any, Any], *, columns: bool):
        self.columns = columns
        self._given = symbols
        self._order = postorder(list(roots))
        self._names = Names(self._order)
        self._done: dict[Tensor, Term] = {}

    def write(self, root: Tensor) -> Term:
        """One of the graphs in SymPy's terms."""
        for node in self._order:
            if node not in self._done:
                self._done[node] = self._vector(self._written(node))
        return self._done[root]

    def _vector(self, term: Term) -> Term:
        """A vector as an array of one axis, where it is to be one."""
        if self.columns or term.rank != 1 or not terms.is_matrix(term.form):
            return term
        inner = term.entry or (lambda indices: terms.entry(term, indices))
        return Term(term.shape, Reshape(term.form, term.shape), inner)

    def _written(self, node: Tensor) -> Term:
        shape = sizes(node.shape)
        if isinstance(node, Variable):
            return Term(shape, self._variable(node))
        if isinstance(node, Scalar):
            return terms.scalar(node.symbol)
        if isinstance(node, Constant):
            return Term(shape, _array(node))
        if any(size == 0 for size in shape):
            return terms.filled(
                shape, 0
            )  # nothing is in it, and SymPy has trouble with parts of it
        operands = [self._done[operand] for operand in node.operands]
        if isinstance(node, Add):
            scaled = map(terms.scaled, node.coefficients, operands)
            return terms.added(list(scaled))
        if isinstance(node, Einsum):
            return contraction(node, operands, columns=self.columns)
        assert isinstance(node, Apply)
        return self._applied(node, operands)

    def _variable(self, node: Variable) -> Any:
        given = self._given.get(node, self._given.get(node.full_name))
        if given is not None:
            return sp.sympify(given)
        name = self._names.of_variable(node)
        if not node.shape:
            return sp.Symbol(name, **assumptions(node))
        if node.rank == _MATRIX or (node.rank == 1 and self.columns):
            return sp.MatrixSymbol(name, *(*sizes(node.shape), 1)[:_MATRIX])
        return ArraySymbol(name, sizes(node.shape))

    def _applied(self, node: Apply, operands: Operands) -> Term:
        special = _SPECIAL.get(node.operation)
        if special is not None:
            return special(node, operands)
        function = node.operation.sympy
        if node.operation.elementwise and function is not None:
            return _entrywise(node, operands, function)
        raise UnsayableError(f"the operation {node.operation.name}")


def sizes(shape: Sequence[Any]) -> tuple[Any, ...]:
    """A shape in SymPy's numbers."""
    return tuple(sp.sympify(size) for size in shape)


def assumptions(node: Variable) -> dict[str, bool]:
    """What SymPy is told about a scalar variable."""
    kind = dtypes.kind(node.dtype)
    if kind == "complex":
        return {}
    known = {name: True for name in _ASSUMED if name in node.properties}
    return {"integer": True} | known if kind == "int" else {"real": True} | known


def _array(node: Constant) -> Any:
    entries = [sp.sympify(number(value)) for value in node.array.ravel().tolist()]
    if node.rank > _MATRIX:
        return sp.ImmutableDenseNDimArray(entries, node.array.shape)
    shape = (*node.array.shape, 1)[:_MATRIX]
    return sp.ImmutableDenseMatrix(*shape, entries)


# ------------------------------------------------------------------ functions of entries


def _entrywise(node: Apply, operands: Operands, function: Callable[..., Any]) -> Term:
    try:
        return _with_function(node, operands, function)
    except (AttributeError, IndexError, RecursionError, TypeError) as error:
        if isinstance(error, UnsayableError):
            raise
        raise UnsayableError(f"{node.operation.name}, which fails in it ({error}),") from error


def _with_function(node: Apply, operands: Operands, function: Callable[..., Any]) -> Term:
    shape = sizes(node.shape)
    if not shape:
        return terms.scalar(function(*map(terms.number, operands)))
    if len(operands) == 1 and node.dtype != "bool" and operands[0].form is not None:
        return terms.mapped(operands[0], function)

    def entry(indices: Sequence[Any]) -> Any:
        return function(*(terms.entry(term, indices) for term in operands))

    if node.dtype == "bool":
        return Term(shape, None, entry)
    return terms.from_entries(shape, entry)


def _powered(node: Apply, operands: Operands) -> Term:
    return terms.power(operands[0], node.params[0])


def _mapped(node: Apply, operands: Operands) -> Term:
    return _entrywise(node, operands, node.params[0])


def _where(node: Apply, operands: Operands) -> Term:
    return _entrywise(node, operands, lambda c, x, y: sp.Piecewise((x, c), (y, True)))


def _cast(node: Apply, operands: Operands) -> Term:
    source, target = (dtypes.kind(x.dtype) for x in (node.operands[0], node))
    if source == "bool" and target != "bool":
        return _entrywise(node, operands, lambda c: sp.Piecewise((1, c), (0, True)))
    if target == "bool" and source != "bool":
        return _entrywise(node, operands, lambda x: sp.Ne(x, 0))
    if target == "int" and source == "float":
        return _entrywise(node, operands, lambda x: sp.sign(x) * sp.floor(sp.Abs(x)))
    return operands[0]


def _conjugate(node: Apply, operands: Operands) -> Term:
    (term,) = operands
    if term.rank and terms.is_matrix(term.form):
        return Term(term.shape, terms.flipped(sp.Adjoint(term.form)))
    return _entrywise(node, operands, sp.conjugate)


# ------------------------------------------------------------------ matrices


def _matrix(term: Term) -> Any:
    if term.rank != _MATRIX:
        raise UnsayableError("a function of matrices on a stack of them")
    return term.matrix


def _inverse(node: Apply, operands: Operands) -> Term:
    return Term(sizes(node.shape), sp.Inverse(_matrix(operands[0])))


def _determinant(node: Apply, operands: Operands) -> Term:
    return terms.scalar(sp.Determinant(_matrix(operands[0])))


def _solved(node: Apply, operands: Operands) -> Term:
    return Term(sizes(node.shape), sp.Inverse(_matrix(operands[0])) * operands[1].matrix)


def _slogdet(node: Apply, operands: Operands) -> Term:
    value = sp.Determinant(_matrix(operands[0]))
    return terms.scalar(sp.sign(value) if node.params[0] == 0 else sp.log(sp.Abs(value)))


def _cholesky(node: Apply, operands: Operands) -> Term:
    return Term(sizes(node.shape), LofCholesky(_matrix(operands[0])))


def _qr(node: Apply, operands: Operands) -> Term:
    """SymPy's factors of QR have the shape of the matrix: square ones only."""
    matrix = _matrix(operands[0])
    if not same(*operands[0].shape):
        raise UnsayableError("a QR factorisation of a matrix that is not square")
    return Term(sizes(node.shape), (QofQR, RofQR)[node.params[0]](matrix))


# ------------------------------------------------------------------ index maps


def _identity_part(size: Any, run: Any) -> Any:
    """The matrix of zeros and ones that takes a run out of an axis."""
    start, count, step = run
    if step != 1:
        raise UnsayableError("zeros between the entries of a tensor")
    return _slice_of(sp.Identity(size), (0, size, 1), (start, start + count, 1))


def _slice_of(form: Any, rows: Any, columns: Any) -> Any:
    return sp.MatrixSlice(form, rows, columns)


def _sliced(node: Apply, operands: Operands) -> Term:
    term, runs, shape = operands[0], node.params[0], sizes(node.shape)

    def entry(indices: Sequence[Any]) -> Any:
        places = [start + i * step for (start, _, step), i in zip(runs, indices, strict=True)]
        return terms.entry(term, places)

    if term.rank > _MATRIX:
        return Term(shape, None, entry)
    if terms.is_matrix(term.said) and all(step == 1 for _, _, step in runs):
        lines = [(start, start + size, 1) for start, size, _ in runs]
        return Term(shape, _slice_of(term.said, *[*lines, (0, 1, 1)][:_MATRIX]))
    return terms.from_entries(shape, entry)


def _placed(node: Apply, operands: Operands) -> Term:
    """Zeros around a tensor: matrices of zeros and ones put it into its place."""
    (term,), (runs, shape) = operands, node.params
    if term.rank > _MATRIX:
        raise UnsayableError("an array placed into zeros")
    form = _identity_part(sizes(shape)[0], runs[0]) * term.matrix
    if term.rank == _MATRIX:
        form = form * _identity_part(sizes(shape)[1], runs[1]).T
    return Term(sizes(shape), form)


def _concatenated(node: Apply, operands: Operands) -> Term:
    if operands[0].rank > _MATRIX:
        raise UnsayableError("arrays side by side")
    forms = [term.matrix for term in operands]
    blocks = [[form] for form in forms] if node.params[0] == 0 else [forms]
    return Term(sizes(node.shape), sp.BlockMatrix(blocks))


def _fuse(node: Apply, operands: Operands) -> Term:
    """The entries of the tensor that numbers others; SymPy has no name for it."""
    shape = sizes(node.shape)

    def entry(indices: Sequence[Any]) -> Any:
        total = sp.S.Zero
        for index, size in zip(indices[1:], shape[1:], strict=True):
            total = total * size + index
        return sp.KroneckerDelta(indices[0], total)

    return Term(shape, None, entry)


def _iota(node: Apply, operands: Operands) -> Term:
    return terms.from_entries(sizes(node.shape), lambda indices: indices[0])


# ------------------------------------------------------------------ reductions


def _product_over(node: Apply, operands: Operands) -> Term:
    (term,), (axes,) = operands, node.params
    bound = {axis: sp.Dummy("k", integer=True) for axis in axes}

    def entry(indices: Sequence[Any]) -> Any:
        rest = iter(indices)
        places = [bound[k] if k in bound else next(rest) for k in range(term.rank)]
        limits = [(name, 0, term.shape[axis] - 1) for axis, name in bound.items()]
        return sp.Product(terms.entry(term, places), *limits)

    return terms.from_entries(sizes(node.shape), entry)


def _extreme(function: Any) -> Callable[[Apply, Operands], Term]:
    """The largest (or another function) of entries that are few and counted by numbers."""

    def write(node: Apply, operands: Operands) -> Term:
        (term,), (axes,) = operands, node.params
        spans = [term.shape[axis] for axis in axes]
        if not all(size.is_Integer for size in spans) or sp.Mul(*spans) > terms.MOST_ENTRIES:
            raise UnsayableError(
                f"{node.operation.name} over axes of {', '.join(map(str, spans))} entries"
            )

        def entry(indices: Sequence[Any]) -> Any:
            values = []
            for chosen in every(*(range(int(size)) for size in spans)):
                inner, rest = iter(chosen), iter(indices)
                places = [next(inner if k in axes else rest) for k in range(term.rank)]
                values.append(terms.entry(term, places))
            return function(*values)

        if node.dtype == "bool" and node.shape:
            return Term(sizes(node.shape), None, entry)
        return terms.from_entries(sizes(node.shape), entry)

    return write


_SPECIAL: Mapping[Any, Callable[[Apply, Operands], Term]] = {
    arithmetic.SCALAR_POWER: _powered,
    arithmetic.CAST: _cast,
    choice.WHERE: _where,
    CONJ: _conjugate,
    scalarmap.MAP: _mapped,
    linalg.INV: _inverse,
    linalg.DET: _determinant,
    linalg.SOLVE: _solved,
    linalg.SLOGDET: _slogdet,
    linalg.CHOLESKY: _cholesky,
    linalg.QR: _qr,
    structure.SLICE: _sliced,
    structure.PLACE: _placed,
    structure.CONCATENATE: _concatenated,
    reshaping.FUSE: _fuse,
    creation.IOTA: _iota,
    reduction.PROD: _product_over,
    reduction.MAX: _extreme(sp.Max),
    reduction.MIN: _extreme(sp.Min),
    reduction.ALL: _extreme(sp.And),
    reduction.ANY: _extreme(sp.Or),
}

SAID = frozenset(_SPECIAL)
"""The operations with a form of their own; others go by their scalar function."""


def unfolded(roots: Sequence[Tensor]) -> list[Tensor]:
    """The graphs with closed functions inlined, and composites that SymPy lacks written out."""
    given = list(roots)
    while True:
        fresh = transform(given, _opened)
        if all(new is old for new, old in zip(fresh, given, strict=True)):
            return fresh
        given = fresh


def _opened(node: Tensor) -> Tensor | None:
    if not isinstance(node, Apply) or node.operation in SAID:
        return None
    if node.operation is closure.CALL:
        function, output = node.params
        inlined: Tensor = function.inlined(node.operands, output)
        return inlined
    operation = node.operation
    if operation.definition is None or (operation.elementwise and operation.sympy is not None):
        return None
    opened: Tensor = operation.definition(*node.operands, *node.params)
    return opened
