"""SymPy's own problems of matrix calculus, from its tests and documentation, as data.

``DERIVATIVES`` are expressions with the variable to differentiate by, ``CONVERSIONS`` expressions
of one kind (matrix, array, indices) with SymPy's function that turns them into another one.
Numbers are equations of the Matrix Cookbook, as SymPy's tests give them; groups are named after
SymPy's tests.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp
from sympy.matrices.expressions.special import OneMatrix
from sympy.tensor.array.expressions import array_expressions as arrays
from sympy.tensor.array.expressions.array_expressions import (
    ArrayAdd,
    ArrayElementwiseApplyFunc,
    ArraySymbol,
    PermuteDims,
    Reshape,
)
from sympy.tensor.array.expressions.arrayexpr_derivatives import array_derive
from sympy.tensor.array.expressions.from_array_to_matrix import convert_array_to_matrix
from sympy.tensor.array.expressions.from_indexed_to_array import convert_indexed_to_array
from sympy.tensor.array.expressions.from_matrix_to_array import convert_matrix_to_array

tensor_product = arrays._array_tensor_product
contraction = arrays._array_contraction
diagonal = arrays._array_diagonal

k = sp.Symbol("k")
i, j, h, m, n, p = sp.symbols("i j h m n p")
t = sp.Symbol("t", positive=True)
X, Y, A, B, C, D, M, N, P, Q = (sp.MatrixSymbol(name, k, k) for name in "XYABCDMNPQ")
x, y, a, b, c, d = (sp.MatrixSymbol(name, k, 1) for name in "xyabcd")
R = ArraySymbol("R", (3, 2, k))
u, v = ArraySymbol("u", (k,)), ArraySymbol("v", (k,))
one, eye = sp.Identity(1), sp.Identity(k)
half = sp.S.Half
z = sp.Symbol("z")


class Problem(NamedTuple):
    """A derivative.

    Attributes:
        group: where it is from.
        expr: what to differentiate.
        wrt: by what.
        derive: SymPy's function for it.
    """

    group: str
    expr: Any
    wrt: Any
    derive: Callable[[Any, Any], Any] = sp.diff


class Conversion(NamedTuple):
    """An expression and SymPy's function that gives it another form.

    Attributes:
        group: where it is from.
        expr: what to convert.
        convert: SymPy's function.
        indices: free indices, in the order of the axes.
    """

    group: str
    expr: Any
    convert: Callable[..., Any]
    indices: tuple[Any, ...] = ()


def _by(variable: Any, *exprs: Any) -> list[tuple[Any, Any]]:
    return [(expr, variable) for expr in exprs]


_affine = B * x + b
_big = (
    a.T
    * (
        A * X * (X.T * B + X * A)
        + B.T
        * X.T
        * (
            a * b.T * (X * D * X.T + X * (X.T * B + A * X) * D * B - X.T * C.T * A) * B
            + B * (X * D.T + B * A * X * A.T - 3 * X * D)
        )
        * B
        + 42 * X * B * X.T * A.T * (X + X.T)
    )
    * b
)
_GROUPS: dict[str, list[tuple[Any, Any]]] = {
    "by a scalar": _by(
        t,
        A,
        x,
        x.T * y,
        x * x.T,
        x + y,
        sp.HadamardPower(x, 2),
        sp.HadamardProduct(x, y),
        x.applyfunc(sp.sin),
        A * (X + B) * c,
        sp.HadamardPower(x, t),
        sp.HadamardProduct(t * OneMatrix(k, 1), x, y),
        t * x,
        sp.sin(t) * A * B * x,
        sp.Trace(t**2 * X),
    ),
    "matrices by matrices": [
        *_by(A, A, A.T, 2 * A, sp.MatAdd(A, A), A + B, sp.Trace(A) * A),
        *_by(A, X),
        *_by(x, 2 * t * x, sp.MatMul(x.T, OneMatrix(k, 1))),
    ],
    "inverses (61-64)": _by(
        X,
        a.T * X.I * b,
        sp.Determinant(X.I),
        sp.Trace(A * X.I * B),
        sp.Trace((X + A).I),
    ),
    "vectors and scalars (69-83)": [
        *_by(x, x, x.T, x.T * a, a.T * x),
        *_by(X, a.T * X * b, a.T * X.T * b, a.T * X * a, a.T * X.T * a),
        *_by(X, b.T * X.T * X * c),
        *_by(x, _affine.T * C * (D * x + d), x.T * B * x),
        *_by(X, b.T * X.T * D * X * c, (X * b + c).T * D * (X * b + c)),
        *_by(x, x * x.T * x),
    ],
    "traces, first order (99-105)": _by(
        X,
        sp.Trace(X),
        sp.Trace(X * A),
        sp.Trace(A * X * B),
        sp.Trace(A * X.T * B),
        sp.Trace(X.T * A),
        sp.Trace(A * X.T),
        sp.Trace(sp.KroneckerProduct(A, X)),
    ),
    "traces, second order (106-120)": _by(
        X,
        sp.Trace(X**2),
        sp.Trace(X**2 * B),
        sp.Trace(sp.MatMul(X, X, B)),
        sp.Trace(X.T * B * X),
        sp.Trace(B * X * X.T),
        sp.Trace(X * X.T * B),
        sp.Trace(X * B * X.T),
        sp.Trace(B * X.T * X),
        sp.Trace(X.T * X * B),
        sp.Trace(A * X * B * X),
        sp.Trace(X.T * X),
        sp.Trace(X * X.T),
        sp.Trace(B.T * X.T * C * X * B),
        sp.Trace(X.T * B * X * C),
        sp.Trace(A * X * B * X.T * C),
        sp.Trace((A * X * B + C) * (A * X * B + C).T),
        sp.Trace(sp.KroneckerProduct(X, X)),
    ),
    "traces, higher order (121-127)": _by(
        X,
        sp.Trace(X**4),
        sp.Trace(A * X**3),
        sp.Trace(B.T * X.T * C * X * X.T * C * X * B),
        sp.Trace(A * X**-1 * B),
        sp.Trace((X.T * C * X).I * A),
        sp.Trace((X.T * C * X).I * (X.T * B * X)),
        sp.Trace((A + X.T * C * X).I * (X.T * B * X)),
    ),
    "a complicated one": _by(X, _big),
    "mixed": _by(
        A,
        k,
        3 * sp.Trace(A),
        sp.Trace(A) ** 2,
        sp.Trace(sp.Trace(A) * A),
        sp.Trace(sp.Trace(sp.Trace(A) * A) * A),
    ),
    "norms": [
        *_by(x, x.T * y, (x.T * y) ** half, (x.T * x) ** half),
        *_by(x, (c.T * a * x.T * b) ** half, (c.T * a * x.T * b) ** sp.Rational(1, 3)),
        *_by(X, (a.T * X * b) ** half, d.T * x * (a.T * X * b) ** half * y.T * c),
    ],
    "functions of entries": [
        *_by(x, x.applyfunc(sp.tan), A * x.applyfunc(sp.exp)),
        *_by(t, (t**2 * x).applyfunc(sp.sin), (sp.log(t) * A * B).applyfunc(sp.sin)),
        *_by(x, x.T * A * x + k * y.applyfunc(sp.sin).T * x, x.applyfunc(sp.sin).T * y),
        *_by(X, (a.T * X * b).applyfunc(sp.sin), a.T * X.applyfunc(sp.sin) * b),
        *_by(X, a.T * (A * X * B).applyfunc(sp.sin) * b, a.T * A * X.applyfunc(sp.sin) * B * b),
        *_by(X, a.T * (A * X * b).applyfunc(sp.sin) * b.T),
        *_by(X, a.T * (A * X.applyfunc(sp.exp) * B).applyfunc(sp.log) * b),
        *_by(X, a.T * X.applyfunc(sp.exp).applyfunc(sp.sin) * b),
    ],
    "Hadamard products and powers": [
        *_by(x, sp.HadamardProduct(a, x, b)),
        *_by(X, a.T * sp.HadamardProduct(A, X, B) * b),
        *_by(x, sp.HadamardPower(x, 2), sp.HadamardPower(x.T, 2), sp.HadamardPower(x, half)),
        *_by(X, sp.HadamardPower(a.T * X * b, 2), sp.HadamardPower(a.T * X * b, half)),
    ],
    "beyond its tests: determinants (46-58)": _by(
        X,
        sp.Determinant(X),
        sp.Determinant(A * X * B),
        sp.Determinant(X.T * A * X),
        sp.log(sp.Determinant(X)),
        sp.log(sp.Determinant(X.T * X)),
        sp.Determinant(X**3),
    ),
    "beyond its tests: structure": [
        *_by(x, sp.DiagMatrix(x) * A * x, sp.Trace(sp.DiagMatrix(x) * A)),
        *_by(X, sp.Trace(sp.DiagonalMatrix(X) * A), sp.DiagonalOf(X)),
        *_by(X, sp.KroneckerProduct(X, A), sp.Trace(sp.HadamardProduct(X, X) * A)),
        *_by(X, sp.Trace(sp.BlockMatrix([[X, A], [B, X]])), sp.MatPow(X, -2)),
        *_by(x, sp.exp(-x.T * A * x / 20), sp.log(1 + sp.Trace(x * x.T))),
        *_by(x, sp.Sum(sp.exp(x[i, 0]), (i, 0, k - 1))),
    ],
}
_ARRAYS = [
    (X, X),
    (tensor_product(A, X, B), X),
    (contraction(X, (0, 1)), X),
    (diagonal(X, (0, 1)), X),
    (X.applyfunc(sp.sin), X),
    (ArrayElementwiseApplyFunc(sp.sin, X), X),
    (R, R),
    (ArrayElementwiseApplyFunc(sp.sin, R), R),
    (Reshape(A, (k**2,)), A),
]
DERIVATIVES = [
    *(Problem(group, *pair) for group, pairs in _GROUPS.items() for pair in pairs),
    *(Problem("arrays", expr, variable, array_derive) for expr, variable in _ARRAYS),
]


def _there_and_back(expr: Any) -> Any:
    return convert_array_to_matrix(convert_matrix_to_array(expr))


_PRODUCTS = [
    contraction(tensor_product(M), (0, 1)),
    contraction(tensor_product(M, N), (0, 1), (2, 3)),
    contraction(tensor_product(M, N), (0, 3), (1, 2)),
    contraction(tensor_product(M, N), (0, 2), (1, 3)),
    contraction(tensor_product(M, N, P, Q), (1, 2), (5, 6)),
    contraction(tensor_product(-2, M, N), (1, 2)),
    PermuteDims(
        contraction(
            tensor_product(a, ArrayAdd(tensor_product(b, c), tensor_product(c, b))), (2, 4)
        ),
        [0, 1, 3, 2],
    ),
    tensor_product(3, M),
    contraction(tensor_product(M, N, P, Q), (0, 2), (1, 4, 6)),
    ArrayAdd(M, PermuteDims(M, [1, 0])),
    contraction(tensor_product(M, N), (1, 3)),
    PermuteDims(tensor_product(M, N), [0, 1, 3, 2]),
    contraction(PermuteDims(tensor_product(M, N, P, Q), [0, 2, 3, 1, 4, 5, 7, 6]), (1, 2), (3, 5)),
    contraction(tensor_product(M, N, P, PermuteDims(Q, [1, 0])), (1, 5), (2, 3)),
    contraction(M, (0,), (1,)),
    contraction(x, (0,), (1,)),
]
_DIAGONALS = [
    tensor_product(a, b),
    tensor_product(one, a, b),
    contraction(tensor_product(A, B, C), (0, 3), (1, 2)),
    diagonal(tensor_product(A, a), (1, 2)),
    diagonal(tensor_product(a, b), (0, 2)),
    diagonal(tensor_product(A, a), (0, 2)),
    diagonal(tensor_product(eye, x, one), (0, 2), (3, 5)),
    diagonal(tensor_product(eye, x, A, B), (1, 2), (5, 6)),
    diagonal(tensor_product(one, a, b), (1, 3, 5)),
    diagonal(tensor_product(one, a, b), (1, 3)),
    diagonal(tensor_product(x, one), (1, 2)),
    diagonal(tensor_product(x, eye), (0, 2)),
    contraction(tensor_product(eye, A, eye, eye), (0, 2), (1, 3), (5, 7)),
    contraction(tensor_product(sp.Trace(A) * eye, eye, eye), (1, 5), (3, 4)),
    contraction(tensor_product(A, a, B), (1, 2, 4)),
    contraction(tensor_product(A, a, B), (0, 2, 4)),
    contraction(tensor_product(A, a, b, a.T, B), (0, 2, 4, 7, 9)),
    contraction(tensor_product(one, one, one), (1, 2, 4)),
    contraction(tensor_product(eye, eye, eye, eye, A), (1, 2, 8), (5, 6, 9)),
    contraction(tensor_product(A, a, C, a, B), (1, 2, 4), (5, 6, 8)),
    contraction(tensor_product(a, one, b, one, (a.T * b).applyfunc(sp.cos)), (1, 2, 8), (5, 6, 9)),
    contraction(tensor_product(eye, eye), (1, 2)),
    contraction(
        tensor_product(P, ArrayAdd(tensor_product(M, N), tensor_product(N, M)), Q),
        *((1, 2), (3, 4), (5, 6)),
    ),
]
_HADAMARD = [
    diagonal(tensor_product(M, N, Q), (1, 3), (0, 2, 4)),
    diagonal(tensor_product(sp.HadamardProduct(M, N), Q), (0, 2)),
    diagonal(tensor_product(M, N), (0, 1, 2, 3)),
    diagonal(tensor_product(A), (0, 1)),
    diagonal(tensor_product(M, N, P), (0, 2, 4), (1, 3, 5)),
    diagonal(tensor_product(M, N, P), (0, 3, 4), (1, 2, 5)),
    diagonal(tensor_product(eye, one, x), (1, 4), (3, 5)),
    contraction(tensor_product(A, B, eye, C), (1, 2, 4), (5, 6)),
    contraction(tensor_product(A, eye, eye), (1, 2, 4)),
    ArrayElementwiseApplyFunc(sp.Lambda(z, sp.sin(z)), x.T * y),
    ArrayElementwiseApplyFunc(sp.Lambda(z, z**2), x.T * y),
    ArrayElementwiseApplyFunc(sp.Lambda(z, 1 / (2 * sp.sqrt(z))), x),
]
_MATRICES = [
    M * N * P,
    M * N.T * P,
    3 * M + N * M.T * M + 4 * k * N,
    M.I * N,
    M**2,
    M * (2 * N + 3 * M),
    3 * sp.Trace(sp.Trace(M) * M),
    3 * sp.Trace(M) ** 2,
    sp.HadamardProduct(M * N, N * M),
    sp.HadamardPower(M * N, 2),
    sp.HadamardPower(M, 3),
    a.T * b,
    sp.KroneckerProduct(A, B),
    sp.HadamardProduct(M, N) * P,
    Q * sp.HadamardProduct(M, N.T) * P,
    sp.HadamardProduct(M, N) * sp.HadamardProduct(Q, P),
    P.T * sp.HadamardProduct(M, N) * sp.HadamardProduct(Q, P),
    sp.Trace(sp.HadamardProduct(M, N)),
    sp.Trace(A * sp.HadamardProduct(M, N)),
    sp.Trace(sp.HadamardProduct(A, M) * N),
]
_INDEXED = [
    (sp.Sum(M[i, j] * N[j, h], (j, 0, k - 1)), (i, h)),
    (M[i, j] * N[j, h], (i, h, j)),
    (M[i, j] + N[j, i], (i, j)),
    (M[i, i], (i,)),
    (M[i, j] * N[h, m], (i, j, h, m)),
    (sp.Sum(M[i, j] * (N * P)[j, m], (j, 0, k - 1)), (i, m)),
    (
        sp.Sum(
            (P[j, m] + P[m, j]) * (M[i, j] * N[m, n] + N[i, j] * M[m, n]),
            *((j, 0, k - 1), (m, 0, k - 1)),
        ),
        (i, n),
    ),
    (sp.Sum(u[i] * v[i], (i, 0, k - 1)), ()),
    (u[i] * v[i], (i,)),
    (u[i] * v[j], (j, i)),
    (sp.tanh(u[i] * v[j]), (i, j)),
    (M[i, j] + N[h, m], (i, j, h, m)),
    (M[i, j] + N[j, h], (i, j, h)),
    (M[i, n] - M[j, n], (i, j, n)),
    (sp.Sum(A[i, i], (i, 0, k - 1)), ()),
    (sp.Sum(A[j, i] * B[j, h], (j, 0, k - 1)), (i, h)),
    (sp.Sum(A[i, j] * B[j, h] * C[m, h], (j, 0, k - 1), (h, 0, k - 1)), (i, m)),
]
CONVERSIONS = [
    *(Conversion("array to matrix", expr, convert_array_to_matrix) for expr in _PRODUCTS),
    *(Conversion("vectors and diagonals", expr, convert_array_to_matrix) for expr in _DIAGONALS),
    *(Conversion("entry by entry", expr, convert_array_to_matrix) for expr in _HADAMARD),
    *(Conversion("matrix to array and back", expr, _there_and_back) for expr in _MATRICES),
    *(
        Conversion("indices to array", expr, convert_indexed_to_array, indices)
        for expr, indices in _INDEXED
    ),
]
