"""The normal form: which formulas become one node, and which must stay apart."""

import pytest

import symflow.numpy as snp
from symflow.core import Add, Apply, Einsum, Tensor, matrix, scalar, tensor, vector
from symflow.rewriting.engine import normalise
from symflow.rewriting.normal import Form

n, m = "n", "m"
x, y, z, u = (vector(name, n) for name in "xyzu")
p, q = vector("p", n, positive=True), vector("q", n, nonnegative=True)
A, B, C = (matrix(name, n, n) for name in "ABC")
X = matrix("X", m, n)
s = scalar("s")
S = matrix("S", n, n, symmetric=True)
K = matrix("K", n, n, antisymmetric=True)
T = tensor("T", n, n, n, fully_symmetric=True)
M = tensor("M", n, n, n, n, major_symmetric=True)
norm, sqrt = snp.linalg.norm, snp.sqrt

EQUAL = [
    ((A @ B) @ C, A @ (B @ C)),
    (x * (y * z), (x * y) * z),
    (x + (y + z), (x + y) + z),
    (x - (y - z), x + z - y),
    (x / x, snp.ones((x.shape[0],))),
    (x / y / z, x / (y * z)),
    (x * x**-2 * x**3, x * x),
    (1 / (1 / x), x),
    ((x * y) ** -2, x**-2 * y**-2),
    ((0 * x) ** -2, snp.full((n,), float("inf"))),
    ((0 * x) ** 1.5, 0 * x),
    (sqrt(p) * sqrt(p), p),
    (sqrt(p * x), sqrt(p) * sqrt(x)),
    (sqrt(x * x), snp.abs(x)),
    (sqrt(x**4), snp.square(x)),
    (sqrt(4 * x), 2 * sqrt(x)),
    (sqrt(x) ** -1 * x, sqrt(x)),
    (sqrt(snp.sum(X * X, axis=0)), norm(X, axis=0)),
    (norm(x) ** 2, x @ x),
    (norm(x) ** 4, (x @ x) * (x @ x)),
    (1 / sqrt(x @ x), 1 / norm(x)),
    (norm(x) / (x @ x), 1 / norm(x)),
    (snp.exp(A.T), snp.exp(A).T),
    (A.T + B.T, (A + B).T),
    (snp.exp(snp.broadcast_to(s, (3, 4))), snp.broadcast_to(snp.exp(s), (3, 4))),
    (x[:, None] + y[:, None], (x + y)[:, None]),
    (S.T, S),
    (x @ S @ y, y @ S @ x),
    (K.T, -K),
    (x @ K @ y, -(y @ K @ x)),
    (x @ K @ x, snp.zeros(())),
    (snp.trace(S @ K), snp.zeros(())),
    (snp.einsum("ijk,j,k->i", T, x, y), snp.einsum("kij,j,k->i", T, y, x)),
    (snp.einsum("ijkl,ij,kl->", M, A, B), snp.einsum("ijkl,ij,kl->", M, B, A)),
    ((A @ S @ B).T, B.T @ S @ A.T),
    (snp.trace(A @ B) - snp.trace(B @ A), snp.zeros(())),
]
APART = [
    (sqrt(x) * sqrt(x), x),
    (sqrt(x * y), sqrt(x) * sqrt(y)),
    (sqrt(x**2), x),
    (A @ B, B @ A),
    (A.T, A),
    (x @ A @ x, x @ S @ x),
    (sqrt(x) ** 2 / x, snp.ones((x.shape[0],))),
]


@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_one_form(a: Tensor, b: Tensor) -> None:
    first, second = normalise([a])[0], normalise([b])[0]
    assert first is second


@pytest.mark.parametrize(("a", "b"), APART)
def test_kept_apart(a: Tensor, b: Tensor) -> None:
    first, second = normalise([a])[0], normalise([b])[0]
    assert first is not second


@pytest.mark.parametrize(("a", "b"), [*EQUAL, *APART])
def test_normal_forms_stay(a: Tensor, b: Tensor) -> None:
    for formula in (a, b):
        (first,) = normalise([formula])
        assert normalise([first])[0] is first


def test_a_product_used_twice_stays_shared() -> None:
    e = A @ x
    (result,) = normalise([snp.exp(e) @ (y + e)])
    assert e in result.walk()


def test_shared_products_are_merged_on_request() -> None:
    e = A @ x
    (result,) = normalise([e @ e], Form(shared=True))
    assert isinstance(result, Einsum)
    assert len(result.operands) == 4


def test_what_is_in_one_form_is_still_brought_to_another() -> None:
    product = vector("v", "n") * vector("w", "n")
    (kept,) = normalise([snp.sin(product) * (product @ product)])
    (merged,) = normalise([kept], Form(shared=True))
    assert merged is normalise([snp.sin(product) * (product @ product)], Form(shared=True))[0]
    assert merged is not kept
    assert normalise([kept]) == [kept]


def test_merging_stops_at_eight_operands() -> None:
    product: Tensor = A
    for _ in range(30):
        product = product @ B
    (result,) = normalise([product])
    assert all(len(node.operands) <= 8 for node in result.walk())


def test_sums_of_a_thousand_terms_are_one() -> None:
    total: Tensor = x
    for k in range(1000):
        total = total + vector(f"v{k}", n)
    (result,) = normalise([total])
    assert isinstance(result, Add)
    assert len(result.operands) == 1001


def test_deep_graphs_need_no_recursion() -> None:
    node: Tensor = x
    for _ in range(20_000):
        node = snp.sin(node) + y
    (result,) = normalise([node])
    assert isinstance(result, (Add, Apply))
