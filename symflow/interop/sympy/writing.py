"""Tensors as SymPy's expressions."""

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symflow.core import Tensor, as_tensor
from symflow.core.dims import show_shape
from symflow.errors import DTypeError
from symflow.interop.sympy.terms import UnsayableError
from symflow.interop.sympy.writer import Writer, unfolded

_VECTORS = ("columns", "arrays")


def to_sympy(
    expr: Any, symbols: Mapping[Any, Any] | None = None, *, vectors: str = "columns"
) -> sp.Basic:
    """An expression of symflow in SymPy's terms.

    Rank 0 gives a scalar expression, rank 2 a matrix expression, rank 3 and more an array
    expression; a vector of shape ``(n,)`` is a matrix of shape ``(n, 1)``.  A contraction is
    written as an author writes it (``X.T*(X*w - y)``, traces, Hadamard and Kronecker products,
    diagonal matrices); where SymPy has no name for a matrix, it is a ``FunctionMatrix`` of its
    entries.  :func:`symflow.from_sympy` reads all of it back.

    Args:
        expr: a tensor, or what becomes one.
        symbols: SymPy's expression for a variable, by variable or name; by default a ``Symbol``
            (rank 0), ``MatrixSymbol`` (rank 1 and 2) or ``ArraySymbol``.  Properties of scalars
            become assumptions; SymPy keeps those of matrices outside of expressions
            (``sp.assuming``).
        vectors: ``"columns"``, or ``"arrays"``: vectors are arrays of one axis, and products with
            them contractions of arrays.

    Raises:
        DTypeError: for what SymPy has no expression for, naming the operation.

    >>> import symflow as sf
    >>> X, w, y = sf.matrix("X", "n", "d"), sf.vector("w", "d"), sf.vector("y", "n")
    >>> S, v = sf.matrix("S", "n", "n"), sf.vector("v", "n")
    >>> to_sympy(X.T @ (X @ w - y))
    X.T*(X*w - y)
    >>> to_sympy(v @ S @ v)
    Trace(v.T*S*v)
    """
    if vectors not in _VECTORS:
        raise TypeError(f"vectors is one of {', '.join(map(repr, _VECTORS))}, got {vectors!r}")
    node = as_tensor(expr) if not isinstance(expr, Tensor) else expr
    (opened,) = unfolded([node])
    try:
        written = Writer([opened], symbols or {}, columns=vectors == "columns").write(opened)
        return sp.sympify(written.said)
    except UnsayableError as error:
        raise DTypeError(
            f"SymPy has no expression for {error}, in a tensor of shape "
            f"{show_shape(node.shape)}; convert its parts, or export it with "
            "sf.text, sf.latex or sf.lower"
        ) from None
