"""The verbs between SymPy and symflow."""

from collections.abc import Mapping, Sequence
from typing import Any

from symflow.api.derivatives import jacobian
from symflow.core import Tensor
from symflow.interop.sympy import reading
from symflow.interop.sympy.writing import to_sympy as to_sympy


def from_sympy(
    expr: Any,
    names: Mapping[Any, Any] | None = None,
    *,
    assuming: Any = (),
    indices: Sequence[Any] = (),
    dtype: str = "float",
    squeezed: bool = False,
) -> Tensor:
    """An expression of SymPy as a tensor: scalar, matrix, array, or with indices.

    Shapes are SymPy's: a column ``MatrixSymbol("x", n, 1)`` has shape ``(n, 1)``, and ``x.T*A*x``
    is a matrix of shape ``(1, 1)``.  The symbols in shapes and in bounds of sums become
    dimensions of the same name; other scalar symbols keep their assumptions.  An index (of a sum,
    or a free one) is an axis while the expression is read, so that
    ``Sum(A[i, k]*B[k, j], (k, 0, n - 1))`` is the matrix product.  An unevaluated derivative is
    taken by symflow; as in SymPy's arrays, the axes of the variable stand in front.

    Args:
        expr: a SymPy expression, matrix or array.
        names: tensors for symbols, by symbol or name: for ``Symbol``, ``MatrixSymbol``,
            ``ArraySymbol`` and ``IndexedBase``; a vector of shape ``(n,)`` may stand for a matrix
            of one column or row.  A symbol of a size may be given a number.
        assuming: SymPy's predicates of symbols, ``Q.symmetric(A) & Q.positive(t)``, one or
            several; they become properties and assumptions.
        indices: free indices, which become the first axes of the result, in this order.
        dtype: the data type of the variables that matrices and arrays become; ``"float"`` takes
            them as real, so that the adjoint is the transpose.
        squeezed: leave the axis of a column out, and give a scalar for a matrix with one entry:
            what :func:`symflow.to_sympy` makes of vectors.

    Raises:
        DTypeError: for a class that is not read, naming it and what can be done.
        ShapeError: for indices that leave their axes, whose range is not known, or sums without
            finite bounds.
        DomainError: for a predicate that no property says.

    >>> import sympy as sp
    >>> n = sp.Symbol("n")
    >>> A, x = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("x", n, 1)
    >>> from_sympy(A.T*A*x).shape
    (n, 1)
    >>> i, j, k = sp.symbols("i j k", cls=sp.Idx)
    >>> from_sympy(sp.Sum(A[i, k]*A[j, k], (k, 0, n - 1)), indices=(i, j))
    A @ A.T
    >>> from_sympy(sp.Derivative(sp.log(sp.Determinant(A)), A))
    linalg.inv(A).T
    """
    return reading.from_sympy(
        expr,
        names,
        assuming=assuming,
        indices=indices,
        dtype=dtype,
        squeezed=squeezed,
        derivative=jacobian,
    )
