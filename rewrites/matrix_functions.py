"""Exponentials and pseudoinverses of matrices."""

from collections.abc import Iterator

from symflow.core import dims
from symflow.ops.contraction import diag, diagonal, trace
from symflow.ops.creation import eye, zeros
from symflow.ops.elementwise import exp
from symflow.ops.linalg import det
from symflow.ops.matrix_functions import expm, pinv
from symflow.rewriting.conditions import fits
from symflow.rewriting.kinds import Diagonal, Matrix, Orthonormal, Square, k, m, n, p
from symflow.rewriting.rule import Rule, theory

N, K, TALL = dims("n k p")


@theory("matrix functions")
def matrix_functions(
    A: Square[n], D: Diagonal[n], M: Matrix[m, n], V: Orthonormal[p, k]
) -> Iterator[Rule]:
    """Higham, "Functions of Matrices" (2008), chapter 10; Penrose's equations (1955)."""
    yield Rule("exponential-of-diagonal", expm(D), diag(exp(diagonal(D))), source="Higham 10.1")
    yield Rule("exponentials-cancel", expm(A) @ expm(-A), eye(N), source="Higham 10.2")
    yield Rule("exponential-squared", expm(A) @ expm(A), expm(2 * A), source="Higham 10.2")
    yield Rule("det-of-exponential", det(expm(A)), exp(trace(A)), source="Higham 10.2")
    yield Rule("pseudoinverse-twice", pinv(pinv(M)), M, source="Penrose")
    yield Rule("pseudoinverse-inside", M @ pinv(M) @ M, M, source="Penrose 1")
    yield Rule("pseudoinverse-outside", pinv(M) @ M @ pinv(M), pinv(M), source="Penrose 2")
    yield Rule(
        "pseudoinverse-of-orthonormal", pinv(V), V.T, where=[fits(K, TALL)], source="Penrose"
    )
    yield Rule("pseudoinverse-from-left", pinv(M.T @ M) @ M.T, pinv(M), source="Penrose")
    yield Rule("pseudoinverse-from-right", M.T @ pinv(M @ M.T), pinv(M), source="Penrose")
    yield Rule("exponential-of-zero", expm(zeros((N, N))), eye(N), source="Higham 10.1")
