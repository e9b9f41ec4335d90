"""Linear algebra: inverses, determinants, factorisations, structured matrices."""

from collections.abc import Iterator

from symflow.core import dims
from symflow.ops.arithmetic import absolute, sign, sqrt
from symflow.ops.composite import norm
from symflow.ops.contraction import diag, diagonal, trace
from symflow.ops.contraction import sum as total
from symflow.ops.creation import eye, ones, zeros
from symflow.ops.elementwise import exp, log
from symflow.ops.linalg import cholesky, det, inv, slogdet
from symflow.ops.matrix_functions import expm, pinv
from symflow.ops.reduction import prod
from symflow.rewriting.conditions import fits, smaller
from symflow.rewriting.kinds import (
    Diagonal,
    Invertible,
    LowerTriangular,
    Matrix,
    Orthogonal,
    Orthonormal,
    Permutation,
    PositiveDefinite,
    PositiveDeterminant,
    PositiveSemidefinite,
    PositiveVector,
    Square,
    UpperTriangular,
    Vector,
    k,
    n,
    p,
)
from symflow.rewriting.rule import Rule, theory

N, K, TALL = dims("n k p")


@theory("inverse")
def inverse(
    A: Square[n], B: Square[n], D: Diagonal[n], R: Invertible[n], v: Vector[n]
) -> Iterator[Rule]:
    """The inverse (Petersen and Pedersen, Matrix Cookbook, section 3)."""
    yield Rule("inverse-cancels", inv(A) @ A, eye(N), grade="widens")
    yield Rule("inverse-of-inverse", inv(inv(A)), A, grade="widens")
    yield Rule("inverse-of-product", inv(A @ B), inv(B) @ inv(A), source="Cookbook 145")
    yield Rule("inverse-of-diagonal", inv(D), diag(1 / diagonal(D)))
    yield Rule("inverse-of-exponential", inv(expm(A)), expm(-A), source="Higham 10.2")
    yield Rule("pseudoinverse-of-invertible", pinv(R), inv(R))


@theory("permutations")
def permutations(P: Permutation[n]) -> Iterator[Rule]:
    """Rows and columns that add up to 1."""
    yield Rule("permutation-sum", total(P, axis=1), ones((N,)))


@theory("orthogonal")
def orthogonal(Q: Orthogonal[n], V: Orthonormal[p, k], v: Vector[n]) -> Iterator[Rule]:
    """Matrices whose transpose is their inverse; V has orthonormal columns."""
    yield Rule("orthogonal-cancels", V.T @ V, eye(K), where=[fits(K, TALL)])
    yield Rule("orthogonal-inverse", inv(Q), Q.T)
    yield Rule("orthogonal-norm", norm(Q @ v), norm(v))
    yield Rule("orthogonal-logdet", slogdet(Q).logabsdet, zeros(()))
    yield Rule("orthogonal-det-squared", det(Q) * det(Q), ones(()))
    yield Rule("orthogonal-det-size", absolute(det(Q)), ones(()))


@theory("log-determinant")
def log_determinant(
    A: Square[n], S: PositiveSemidefinite[n], P: PositiveDeterminant[n]
) -> Iterator[Rule]:
    """Logarithms of determinants by their name, which has the shorter derivative."""
    yield Rule("log-det", log(det(S)), slogdet(S).logabsdet)
    yield Rule("log-positive-det", log(det(P)), slogdet(P).logabsdet)
    yield Rule("log-abs-det", log(absolute(det(A))), slogdet(A).logabsdet)


@theory("determinant")
def determinant(
    A: Square[n],
    B: Square[n],
    S: PositiveSemidefinite[n],
    P: PositiveDeterminant[n],
    v: Vector[n],
    L: LowerTriangular[n],
    U: UpperTriangular[n],
) -> Iterator[Rule]:
    """Determinants and their logarithms (Matrix Cookbook, section 1.2)."""
    yield Rule("det-of-product", det(A @ B), det(A) * det(B), source="Cookbook 20")
    yield Rule("det-of-inverse", det(inv(A)), 1 / det(A), source="Cookbook 21")
    yield Rule("det-of-lower-triangular", det(L), prod(diagonal(L)))
    yield Rule("det-of-upper-triangular", det(U), prod(diagonal(U)))
    yield Rule("sign-of-det", sign(det(A)), slogdet(A).sign)
    yield Rule("exp-logdet", exp(slogdet(P).logabsdet), det(P))
    yield Rule("det-from-slogdet", slogdet(A).sign * exp(slogdet(A).logabsdet), det(A))
    yield Rule(
        "logdet-of-product",
        slogdet(A @ B).logabsdet,
        slogdet(A).logabsdet + slogdet(B).logabsdet,
    )
    yield Rule("logdet-of-exponential", slogdet(expm(A)).logabsdet, trace(A))
    yield Rule("logdet-of-inverse", slogdet(inv(A)).logabsdet, -slogdet(A).logabsdet)
    yield Rule(
        "logdet-of-lower-triangular", slogdet(L).logabsdet, total(log(absolute(diagonal(L))))
    )
    yield Rule(
        "logdet-of-upper-triangular", slogdet(U).logabsdet, total(log(absolute(diagonal(U))))
    )
    yield Rule("sign-of-det-of-product", slogdet(A @ B).sign, slogdet(A).sign * slogdet(B).sign)
    yield Rule("sign-of-det-of-inverse", slogdet(inv(A)).sign, slogdet(A).sign, grade="widens")
    yield Rule("sign-of-det-of-lower-triangular", slogdet(L).sign, prod(sign(diagonal(L))))
    yield Rule("sign-of-det-of-upper-triangular", slogdet(U).sign, prod(sign(diagonal(U))))
    yield Rule("sign-of-positive-det", slogdet(P).sign, ones(()))


@theory("low rank")
def low_rank(
    A: Square[n], U: Matrix[n, k], V: Matrix[k, n], C: Square[k], u: Vector[n], w: Vector[n]
) -> Iterator[Rule]:
    """Woodbury's identity in the direction that shrinks the formula (Matrix Cookbook 156-160)."""
    yield Rule(
        "woodbury",
        inv(A) - inv(A) @ U @ inv(inv(C) + V @ inv(A) @ U) @ V @ inv(A),
        inv(A + U @ C @ V),
        source="Cookbook 156",
        grade="widens",
    )
    yield Rule(
        "sherman-morrison",
        inv(A) - (inv(A) @ u)[:, None] * (w @ inv(A))[None, :] / (1 + w @ inv(A) @ u),
        inv(A + u[:, None] * w[None, :]),
        source="Cookbook 160",
        grade="widens",
    )
    yield Rule(
        "determinant-lemma",
        det(A) * (1 + w @ inv(A) @ u),
        det(A + u[:, None] * w[None, :]),
        source="Cookbook 24",
        grade="widens",
    )
    yield Rule(
        "push-through",
        inv(eye(N) + U @ V) @ U,
        U @ inv(eye(K) + V @ U),
        where=[smaller(K, N)],
        source="Cookbook 167",
    )
    yield Rule(
        "push-through-difference",
        inv(eye(N) + U @ V) @ U - U @ inv(eye(K) + V @ U),
        zeros((N, K)),
        source="Cookbook 167",
    )
    yield Rule(
        "sylvester",
        det(eye(N) + U @ V),
        det(eye(K) + V @ U),
        where=[smaller(K, N)],
        source="Cookbook 25",
    )
    yield Rule(
        "sylvester-log",
        slogdet(eye(N) + U @ V).logabsdet,
        slogdet(eye(K) + V @ U).logabsdet,
        where=[smaller(K, N)],
    )


@theory("factorisation")
def factorisation(
    S: PositiveDefinite[n], L: LowerTriangular[n], p: PositiveVector[n]
) -> Iterator[Rule]:
    """Cholesky factors; p is positive."""
    yield Rule("cholesky-of-identity", cholesky(eye(N)), eye(N))
    yield Rule("cholesky-of-diagonal", cholesky(diag(p)), diag(sqrt(p)))
    yield Rule(
        "cholesky-of-triangular",  # the factor with a positive diagonal
        cholesky(L @ L.T),
        L * sign(diagonal(L))[None, :],
        grade="widens",
    )
    yield Rule("cholesky-product", cholesky(S) @ cholesky(S).T, S)
    yield Rule("cholesky-inverse-product", inv(cholesky(S)).T @ inv(cholesky(S)), inv(S))


@theory("factorisation undone")
def factorisation_undone(S: PositiveDefinite[n]) -> Iterator[Rule]:
    """Determinants shown as such: shorter to read, not to compute with."""
    yield Rule("cholesky-det", prod(diagonal(cholesky(S))), sqrt(det(S)))
    yield Rule("cholesky-logdet", total(log(diagonal(cholesky(S)))), slogdet(S).logabsdet / 2)
