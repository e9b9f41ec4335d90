"""Names of operations in the graph."""

import pytest

import symflow.nn as nn
import symflow.numpy as snp
from symflow.core import dims, matrix, tensor, vector
from symflow.export.wording import operation_name

n, d, h = dims("n d h")
A, B = matrix("A", n, d), matrix("B", d, h)
S = matrix("S", n, n)
x, y = vector("x", n), vector("y", n)


@pytest.mark.parametrize(
    ("node", "name"),
    [
        (A, "variable"),
        (A @ B, "matmul"),
        (A @ B / n, "matmul, times 1/n"),
        (A.T, "transpose"),
        (-x, "negate"),
        (2 * x, "times 2"),
        (x @ y, "dot"),
        (snp.einsum("ij,ij->j", A, 2 * snp.exp(A)), "einsum ij,ij->j, times 2"),
        (snp.sum(A * A.T.T), "inner product"),
        (x * x, "square"),
        (x**3, "power 3"),
        (x * y, "multiply"),
        (A * x[:, None], "multiply"),
        (snp.outer(x, y), "outer"),
        (x[:, None], "reshape"),
        (x[:, None].T @ A, "matmul"),
        (snp.sum(A), "sum"),
        (snp.mean(A), "mean"),
        (snp.trace(S), "trace"),
        (snp.diagonal(S), "diagonal"),
        (snp.diag(x), "diag"),
        (snp.broadcast_to(x, (d, n)), "broadcast"),
        (A.reshape(n * d), "reshape"),
        (snp.eye(n), "identity"),
        (snp.ones((n, d)), "ones"),
        (snp.zeros((n, d)), "zeros"),
        (snp.full((n,), 7), "7"),
        (1 / x, "reciprocal"),
        (snp.sqrt(x), "sqrt"),
        (x + y, "add"),
        (nn.relu(x), "relu"),
        (snp.linalg.slogdet(S).sign, "slogdet (sign)"),
        (snp.array([1.0, 2.5]), "constant"),
        (
            snp.einsum("bij,bjk->bik", tensor("T", h, n, d), tensor("U", h, d, n)),
            "einsum ijk,ikl->ijl",
        ),
    ],
)
def test_operation_names(node, name):
    assert operation_name(node) == name
