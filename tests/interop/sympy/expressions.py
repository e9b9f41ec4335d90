"""Expressions of SymPy, one or more for every class that is read."""

import sympy as sp
from sympy.combinatorics import Permutation
from sympy.matrices.expressions.companion import CompanionMatrix
from sympy.matrices.expressions.dotproduct import DotProduct
from sympy.matrices.expressions.fourier import DFT, IDFT
from sympy.matrices.expressions.permutation import MatrixPermute, PermutationMatrix
from sympy.matrices.expressions.special import OneMatrix
from sympy.tensor.array.expressions.array_expressions import (
    ArrayAdd,
    ArrayContraction,
    ArrayDiagonal,
    ArrayElement,
    ArrayElementwiseApplyFunc,
    ArraySymbol,
    ArrayTensorProduct,
    OneArray,
    PermuteDims,
    Reshape,
    ZeroArray,
)

n, m, k, p = sp.symbols("n m k p")
t = sp.Symbol("t", positive=True)
z = sp.Symbol("z", real=True)
i, j, q = sp.symbols("i j q", cls=sp.Idx)
A, B = (sp.MatrixSymbol(name, n, n) for name in "AB")
C = sp.MatrixSymbol("C", n, m)
M = sp.MatrixSymbol("M", 3, 3)
x, y = (sp.MatrixSymbol(name, n, 1) for name in "xy")
T = ArraySymbol("T", (n, m, k))
turn = Permutation(1, 2, 0)

SCALARS = [
    sp.Integer(3),
    sp.Rational(1, 3) + t / 2,
    t**2 + sp.log(t) + 1 / (t + 1),
    n * t + n**2 / m,
    sp.exp(sp.Trace(A) / 100),
    sp.Trace(A) ** 2 + sp.log(t),
    sp.Piecewise((t, t > 1), (t**2, True)),
    sp.Piecewise((sp.Trace(A), sp.And(t > 1, t < 3)), (-1, True)),
    sp.Max(t, 1, sp.Trace(B)) + sp.Min(t, 2),
    sp.Abs(t - 3) + sp.sign(t - 3) + sp.Heaviside(t - 1),
    sp.besselj(0, t) * sp.gamma(t),
    sp.erf(t) + sp.loggamma(t) + sp.atan2(t, 2),
    sp.Mod(t, sp.Rational(1, 3)) + sp.floor(t) + sp.ceiling(t),
    sp.conjugate(t),
    sp.Piecewise((1, sp.Or(sp.Xor(t > 1, t > 2), sp.Implies(t > 1, t > 3))), (2, True)),
    sp.Piecewise((1, sp.ITE(t > 1, sp.Trace(A) > 3, sp.Trace(A) > 5)), (2, True)),
]
PRODUCTS = [
    A + B,
    2 * A - B / 3,
    A * B * C,
    t * A,
    sp.pi * A,
    sp.Trace(A) * B,
    A * sp.Trace(x.T * y),
    A**3,
    sp.MatPow(A, -2),
    A.T + sp.Adjoint(A * B),
    A.I,
    sp.Inverse(A * B),
    sp.Trace(A * B),
    sp.Determinant(A),
    sp.Determinant(A * B) * sp.Trace(A),
    x.T * A * x,
    sp.sqrt(x.T * A * x),
    (x.T * y) ** 2,
    sp.HadamardProduct(A, B),
    sp.HadamardPower(A, 3),
    sp.HadamardPower(A, -sp.S.Half),
    sp.HadamardPower(A, t),
    sp.KroneckerProduct(A, C),
    sp.KroneckerProduct(A, B, C),
    sp.Identity(n) + A,
    sp.MatMul(sp.ZeroMatrix(n, m), C.T),
    OneMatrix(m, n) * A,
    sp.Trace(OneMatrix(1, 3) * OneMatrix(3, 1)) * t,
    DotProduct(x, y),
    DotProduct(x.T, y.T),
]
PARTS = [
    sp.DiagMatrix(x) * A,
    sp.DiagonalMatrix(A),
    sp.DiagonalMatrix(C),
    sp.DiagonalOf(A),
    sp.BlockMatrix([[A, C], [C.T, sp.Identity(m)]]),
    sp.BlockDiagMatrix(A, C),
    C[1:, :],
    C[0, :],
    A[::2, 1],
    C[0, 1],
    A[n - 1, 0] + A[-1, 1],
    (A * B)[0, 1],
    A.applyfunc(sp.sin),
    (A * B).applyfunc(sp.Lambda(z, z**2 + sp.exp(-z))),
    A.applyfunc(sp.Lambda(z, z * sp.Trace(B))),
    sp.FunctionMatrix(n, m, sp.Lambda((p, z), p - z**2)),
    sp.FunctionMatrix(n, n, sp.Lambda((i, j), A[i, j] * B[j, i] + sp.KroneckerDelta(i, j))),
    PermutationMatrix(turn) * M,
    MatrixPermute(M, turn),
    MatrixPermute(M, turn, 1),
    CompanionMatrix(sp.Poly(z**3 - 2 * z**2 + 5, z)),
    DFT(3),
    IDFT(2),
]
SUMS = [
    sp.Sum(A[i, j] * x[j, 0], (j, 0, n - 1), (i, 0, n - 1)),
    sp.Sum(C[i, j] ** 2, (i, 0, n - 1), (j, 0, m - 1)),
    sp.Sum(i * x[i, 0], (i, 0, n - 1)),
    sp.Sum(x[i + 1, 0] - x[i, 0], (i, 0, n - 2)),
    sp.Sum(sp.Sum(A[i, j], (j, 0, n - 1)) ** 2, (i, 0, n - 1)),
    sp.Sum(sp.Piecewise((A[i, j], j <= i), (0, True)), (i, 0, n - 1), (j, 0, n - 1)),
    sp.Sum(A[n - 1 - i, i], (i, 0, n - 1)),
    sp.Sum(M[2 * i, i], (i, 0, 1)),
    sp.Sum(x[sp.Mod(2 * i, n), 0] * i, (i, 0, n - 1)),
    sp.Sum(t**i / (i + 1), (i, 0, 3)),
    sp.Sum(sp.KroneckerDelta(i, j) * A[i, j], (i, 0, n - 1), (j, 0, n - 1)),
    sp.Sum(sp.Trace(A) * i, (i, 0, 2)),
    sp.Product(x[i, 0], (i, 0, n - 1)),
    sp.Product(2, (i, 0, n - 1)),
]
EXPLICIT = [
    sp.Matrix([[1, 2], [3, 4]]),
    sp.Matrix([[t, 1], [sp.sin(t), sp.Rational(1, 3)]]),
    sp.SparseMatrix(2, 2, {(0, 1): t}),
    sp.Matrix([1, 2, 3]),
    sp.Matrix(0, 3, []),
    sp.ones(3, 3) * M,
    sp.Matrix([[x[0, 0], sp.Trace(A)]]),
    sp.Array([[[1, 2], [3, 4]], [[t, 6], [7, 8]]]),
    sp.ImmutableSparseNDimArray([1, 0, 2]),
]
ARRAYS = [
    T,
    ArrayTensorProduct(A, x),
    ArrayTensorProduct(2, A, t),
    ArrayContraction(ArrayTensorProduct(A, B), (1, 2)),
    ArrayContraction(T, (0,)),
    ArrayDiagonal(ArrayTensorProduct(A, B), (1, 2)),
    ArrayAdd(T, T),
    PermuteDims(T, [2, 0, 1]),
    Reshape(C, (m, n)),
    ArrayElementwiseApplyFunc(sp.Lambda(z, z**2), T),
    OneArray(n, m, k),
    ZeroArray(n, m),
    T[0, 1, 0],
    sp.Sum(ArrayElement(T, (i, j, q)), (i, 0, n - 1), (j, 0, m - 1), (q, 0, k - 1)),
]
EVERY = [*SCALARS, *PRODUCTS, *PARTS, *SUMS, *EXPLICIT, *ARRAYS]
