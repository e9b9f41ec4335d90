"""Typical results, each as an author writes it."""

from types import SimpleNamespace

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow import nn, special
from symflow.core import Tensor, dims, matrix, scalar, tensor, vector
from tests.oracle import evaluate, measure

n, m, k, p = dims("n m k p")
V = SimpleNamespace(
    A=matrix("A", n, n), C=matrix("C", n, n), X=matrix("X", m, n), W=matrix("W", n, k),
    U=matrix("U", m, k), M=matrix("M", m, m), S=matrix("S", n, n, symmetric=True),
    P=matrix("P", p, m), x=vector("x", n), y=vector("y", n), w=vector("w", n), z=vector("z", n),
    a=vector("a", m), b=vector("b", m), r=vector("r", m), T=tensor("T", n, n, n), s=scalar("s"),
    e=scalar("e"), Q=tensor("Q", n, n, n, n), R=tensor("R", m, n, k), F=matrix("F", n, p),
    i=vector("i", n, dtype="int"), c=matrix("c", n, 1),
)  # fmt: skip
VECTOR, MATRIX = vector("v", k), matrix("G", k, p)
inv, det, norm = snp.linalg.inv, snp.linalg.det, snp.linalg.norm
A, C, X, W, U, M, S, P, T, Q, R, F = (vars(V)[name] for name in "ACXWUMSPTQRF")
x, y, w, z, a, b, r, s, e, i, c = (vars(V)[name] for name in "xywzabrseic")

TABLE: list[tuple[Tensor, str]] = [
    # products of matrices and vectors
    (2 * X.T @ (X @ w - r), "2 * X.T @ (X @ w - r)"),
    (2 * (X.T @ (X @ w - r)) / m, "2 / m * X.T @ (X @ w - r)"),
    (-X.T @ (r - X @ w) / m, "X.T @ (X @ w - r) / m"),
    (x @ A @ y, "x @ A @ y"),
    (y @ A.T @ x, "x @ A @ y"),
    (x @ A @ C @ y, "x @ A @ C @ y"),
    (A @ C @ A, "A @ C @ A"),
    (A @ (C @ x), "A @ (C @ x)"),
    ((C @ A).T, "(C @ A).T"),
    (X @ S @ X.T, "X @ S @ X.T"),
    (x @ S @ x / (x @ x), "x @ S @ x / (x @ x)"),
    ((A + A.T) @ x, "(A + A.T) @ x"),
    (-inv(A) @ C @ inv(A), "-linalg.inv(A) @ C @ linalg.inv(A)"),
    (-0.5 * (x - y) @ inv(S) @ (x - y) * 3, "-1.5 * (x - y) @ linalg.inv(S) @ (x - y)"),
    # outer products, diagonals, traces
    (snp.outer(inv(A).T @ x, inv(A) @ y), "outer(linalg.inv(A).T @ x, linalg.inv(A) @ y)"),
    (snp.diag(nn.softmax(x)) - snp.outer(nn.softmax(x), nn.softmax(x)),
     "diag(nn.softmax(x)) - outer(nn.softmax(x), nn.softmax(x))"),
    (snp.eye(n) - snp.outer(x, x) / (x @ x), "eye(n) - outer(x, x) / (x @ x)"),
    (snp.trace(A @ C), "trace(A @ C)"),
    (snp.sum(A * C), "sum(A * C)"),
    (snp.trace(A) * A, "trace(A) * A"),
    (snp.trace(A) / n, "trace(A) / n"),
    (snp.diag(A @ C), "diag(A @ C)"),
    (snp.diag(snp.diag(A)), "A * eye(n)"),
    (2 * inv(S) - inv(S) * snp.eye(n), "2 * linalg.inv(S) - linalg.inv(S) * eye(n)"),
    (X.T @ snp.diag(a) @ X, "(X.T * a) @ X"),
    (snp.diag(a) @ X, "X * a[:, None]"),
    (X @ snp.diag(x), "X * x"),
    # entry by entry
    (x * y / z, "x * y / z"),
    (x / snp.sqrt(x @ x + e), "x / sqrt(x @ x + e)"),
    (x ** -2 * 3, "3 / x ** 2"),
    (x**3 - 2 * x * y**2, "x ** 3 - 2 * x * y ** 2"),
    (1 / (1 + x), "1 / (x + 1)"),
    (1 - x, "1 - x"),
    (snp.exp(-(x**2) / 2), "exp(-0.5 * x ** 2)"),
    (x @ y * z, "(x @ y) * z"),
    (s**2 * x + 2 * s * y + z, "s ** 2 * x + 2 * s * y + z"),
    (a * (X @ w), "a * (X @ w)"),
    ((X @ w) ** 2 * a, "a * (X @ w) ** 2"),
    # sums and means
    (snp.sum(X), "sum(X)"),
    (snp.sum(X, axis=0), "sum(X, axis=0)"),
    (snp.mean(X, axis=1), "mean(X, axis=1)"),
    (x - snp.mean(x), "x - mean(x)"),
    (X - snp.mean(X, axis=1, keepdims=True), "X - mean(X, axis=1, keepdims=True)"),
    (X / snp.sum(X, axis=1, keepdims=True), "X / sum(X, axis=1, keepdims=True)"),
    (snp.mean((X @ w - r) ** 2), "mean((X @ w - r) ** 2)"),
    (snp.sum((X @ w) ** 4), "sum((X @ w) ** 4)"),
    (x @ x, "x @ x"),
    (snp.sum(x**3), "sum(x ** 3)"),
    (snp.sum(x / y), "sum(x / y)"),
    # broadcasting stays implicit, except where the result depends on it
    (X @ w + 1, "X @ w + 1"),
    (X @ W + VECTOR, "X @ W + v"),
    (x[:, None] - y, "x[:, None] - y"),
    (snp.broadcast_to(x, (m, n)), "broadcast_to(x, (m, n))"),
    (snp.outer(a, snp.ones(n)), "broadcast_to(a[:, None], (m, n))"),
    (snp.maximum(X, x), "maximum(X, x)"),
    (snp.ones((n, n)) - A, "1 - A"),
    (snp.zeros((n, 2)), "zeros((n, 2))"),
    (snp.full(n, 0.5), "full((n,), 0.5)"),
    (snp.ones(n, dtype="int32"), "ones((n,), dtype='int32')"),
    (c * A, "A * c"),
    # einsum where there is no matrix notation
    (snp.einsum("ip,qj->ijpq", A, M), "einsum('ik,lj->ijkl', A, M)"),
    (2 * snp.einsum("ip,jq->ijpq", snp.eye(m), W.T @ W),
     "2 * einsum('jl,ik->ijkl', W.T @ W, eye(m))"),
    (snp.einsum("iq,jp->ijpq", snp.eye(n), snp.eye(m)), "einsum('jk,il->ijkl', eye(m), eye(n))"),
    (snp.einsum("ijk,ja,ka->ia", R, F, MATRIX), "einsum('ijk,jl,kl->il', R, F, G)"),
    (snp.einsum("ijk,k->ij", T, x), "T @ x"),
    (snp.einsum("ijk,i,k->j", T, x, x), "einsum('ijk,i,k->j', T, x, x)"),
    (snp.einsum("iij->j", T), "einsum('iij->j', T)"),
    (snp.transpose(T, (2, 0, 1)), "transpose(T, (2, 0, 1))"),
    (T.T, "T.T"),
    # Kronecker products and reshapes
    (snp.kron(A @ C, P @ U), "kron(A @ C, P @ U)"),
    (snp.kron(snp.eye(n), M), "kron(eye(n), M)"),
    (snp.kron(x, a), "kron(x, a)"),
    ((P @ X @ F).T.reshape(-1), "(P @ X @ F).T.reshape(-1)"),
    (x.reshape(1, n), "x[None, :]"),
    ((A @ C).reshape(n * n), "(A @ C).reshape(-1)"),
    (snp.kron(X, W.T) @ A.reshape(-1), "(X @ A.reshape(n, n) @ W).reshape(-1)"),
    # choices, functions, indices
    (-X.T @ (r * (r * (X @ w) < 1)), "-X.T @ (r * (r * (X @ w) < 1))"),
    (snp.where(x > 0, x, s * snp.expm1(x)), "where(x > 0, x, s * expm1(x))"),
    (snp.where(x > 0, 1.0, 0.0), "where(x > 0, 1, 0.0)"),
    (snp.maximum(0, 1 - x), "maximum(1 - x, 0)"),
    (-x * (y > 0), "-x * (y > 0)"),
    (-snp.exp(y) * (x > 0), "-((x > 0) * exp(y))"),
    ((x > 0).astype("float"), "(x > 0).astype('float')"),
    (snp.exp(i), "exp(i)"),
    (i * x, "i * x"),
    (nn.softmax(X, axis=0) @ W, "nn.softmax(X, axis=0) @ W"),
    (special.logsumexp(X, axis=1), "special.logsumexp(X, axis=1)"),
    (snp.linalg.slogdet(A)[1], "linalg.slogdet(A)[1]"),
    (norm(x - y) * norm(X, axis=1), "linalg.norm(x - y) * linalg.norm(X, axis=1)"),
    (special.polygamma(2, x), "special.polygamma(2, x)"),
    (x ** y, "x ** y"),
    (x[1:] - x[:-1], "x[1:] - x[:-1]"),
    (A[0] @ x, "A[0] @ x"),
    (A[1:, ::2], "A[1:, ::2]"),
    (x[::-1], "x[::-1]"),
    (snp.concatenate([x, y]), "concatenate((x, y))"),
    (snp.stack([x, y], axis=1), "stack((x, y), axis=1)"),
    (snp.arange(n) * x, "x * arange(n)"),
    # scalars and dimensions
    (x / n, "x / n"),
    (x * (n - 1) / 2, "(n - 1) / 2 * x"),
    (X @ W / snp.sqrt(n), "X @ W / sqrt(n)"),
    (x / 3, "x / 3"),
    (1.5 * x, "1.5 * x"),
    (0.1 * x, "0.1 * x"),
    (-x / 2, "-0.5 * x"),
    (x * 0, "zeros((n,))"),
    (snp.sum(nn.softmax(x)) * 0, "0"),
    (s * s * e, "e * s ** 2"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "text"), TABLE, ids=[text for _, text in TABLE])
def test_typical_results(expression: Tensor, text: str) -> None:
    assert sf.text(expression) == text


@pytest.mark.parametrize(("expression", "text"), TABLE, ids=[text for _, text in TABLE])
def test_typical_results_read_back(expression: Tensor, text: str) -> None:
    names = vars(V) | {"n": n, "m": m, "k": k, "p": p, "v": VECTOR, "G": MATRIX}
    back = sf.parse(text, names)
    assert back.shape == expression.shape
    sizes = {"n": 3, "m": 2, "k": 4, "p": 2}
    rng = np.random.default_rng(0)
    values = {}
    for name, variable in names.items():
        if isinstance(variable, Tensor):
            values[name] = rng.uniform(0.5, 2, [measure(size, sizes) for size in variable.shape])
    values["S"] = values["S"] + values["S"].T
    values["i"] = np.arange(3)
    wanted = evaluate(expression, values, sizes)
    np.testing.assert_allclose(evaluate(back, values, sizes), wanted, rtol=1e-11)


DTYPES: list[tuple[Tensor, str]] = [
    (i / 2, "i / 2"),
    (snp.mean(i), "mean(i)"),
    (snp.sum(i > 0), "sum(i > 0)"),
    (snp.mean(x > 0), "mean(x > 0)"),
    ((x > 0) @ y, "y @ (x > 0)"),
    ((x > 0) * (y > 0) * 1.0, "((x > 0) * (y > 0)).astype('float')"),
    (1 - (x > 0).astype("float"), "1 - (x > 0).astype('float')"),
    (snp.exp(x > 0), "exp((x > 0).astype('float'))"),
    (snp.where(i > 0, i, 2.5), "where(i > 0, i.astype('float'), 2.5)"),
    (snp.eye(n, dtype="int") * i, "diag(i)"),
    (tensor("g", n, dtype="float32") * i, "g * i"),
]


@pytest.mark.parametrize(("expression", "text"), DTYPES, ids=[text for _, text in DTYPES])
def test_conversions_that_numpy_makes_itself_are_not_written(expression, text) -> None:
    assert sf.text(expression) == text
    back = sf.parse(text, vars(V) | {"n": n, "g": tensor("g", n, dtype="float32")})
    assert (back.dtype, back.shape) == (expression.dtype, expression.shape)
