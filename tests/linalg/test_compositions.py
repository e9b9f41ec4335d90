"""Linear algebra made of several operations: values, types and gradients against JAX."""

import jax
import jax.numpy as jnp
import jax.scipy.linalg as jsl
import numpy as np
import pytest
import scipy.linalg

import symflow.linalg as sl
import symflow.numpy as snp
from rewrites.differentials import standard
from symflow.calculus import gradients
from symflow.core import Apply, Variable, matrix, vector
from symflow.errors import DomainError, RankError, ShapeError
from symflow.lowering import Program, write
from symflow.ops.facts import has
from tests.oracle import dtype_of, evaluate
from tests.tracing import computed

rng = np.random.default_rng(3)
S = 0.3 * rng.normal(size=(3, 3))
S = S @ S.T + np.diag([1.0, 2.0, 3.5])
A = rng.normal(size=(3, 3)) + 2 * np.eye(3)
T = rng.normal(size=(4, 2))
W = rng.normal(size=(2, 3))
a, b, c = rng.normal(size=3), rng.normal(size=3), rng.normal(size=4)
B = rng.normal(size=(3, 2))
C = rng.normal(size=(2, 3, 2, 3))
one, one_by_one = np.array([0.7]), np.array([[1.3]])

# what is computed, of NumPy's names, SciPy's linear algebra and arrays; the arrays
TABLE = {
    "cho_solve": (lambda np, sl, S, b: sl.cho_solve(sl.cho_factor((S + S.T) / 2), b), (S, b)),
    "cho_solve lower": (
        lambda np, sl, S, b: sl.cho_solve(sl.cho_factor((S + S.T) / 2, lower=True), b), (S, B)),
    "cho_solve small": (lambda np, sl, S, b: sl.cho_solve(sl.cho_factor(S), b), (one_by_one, one)),
    "lu_solve": (lambda np, sl, A, b: sl.lu_solve(sl.lu_factor(A), b), (A, b)),
    "lu_solve turned": (lambda np, sl, A, b: sl.lu_solve(sl.lu_factor(A), b, trans=1), (A, B)),
    "solve_triangular": (lambda np, sl, A, b: sl.solve_triangular(A, b), (A, b)),
    "solve_triangular lower": (
        lambda np, sl, A, b: sl.solve_triangular(A, b, trans="T", lower=True), (A, B)),
    "solve_triangular unit": (
        lambda np, sl, A, b: sl.solve_triangular(A, b, lower=True, unit_diagonal=True), (A, b)),
    "lstsq tall": (lambda np, sl, A, b: np.linalg.lstsq(A, b)[0], (T, c)),
    "lstsq residuals": (lambda np, sl, A, b: np.linalg.lstsq(A, b)[1], (T, c)),
    "lstsq wide": (lambda np, sl, A, b: np.linalg.lstsq(A, b)[0], (W, W[:, :1])),
    "nuclear norm": (lambda np, sl, A: np.linalg.norm(A, "nuc"), (T,)),
    "spectral norm": (lambda np, sl, A: np.linalg.norm(A, 2), (W,)),
    "smallest singular value": (lambda np, sl, A: np.linalg.norm(A, -2, axis=(0, 1)), (A,)),
    "vector norm": (lambda np, sl, A: np.linalg.vector_norm(A, axis=(0, 1), ord=3), (A,)),
    "cond": (lambda np, sl, A: np.linalg.cond(A), (A,)),
    "cond 1": (lambda np, sl, A: np.linalg.cond(A, 1), (A,)),
    "matrix power": (lambda np, sl, A: np.linalg.matrix_power(A, -3), (A,)),
    "multi_dot": (lambda np, sl, A, B, C: np.linalg.multi_dot([A, B, C]), (W, A, b)),
    "tensorsolve": (lambda np, sl, A, b: np.linalg.tensorsolve(A, b), (C, W)),
    "tensorinv": (lambda np, sl, A: np.linalg.tensorinv(A), (C,)),
    "cross": (lambda np, sl, a, b: np.cross(a, b, axisa=1, axisb=0, axisc=0), (W, W.T)),
    "polar svd": (lambda np, sl, A: np.linalg.svd(A @ A.T, False)[1], (A,)),
    "toeplitz": (lambda np, sl, c, r: sl.toeplitz(c, r) @ r, (c, a)),
    "toeplitz alone": (lambda np, sl, c: sl.toeplitz(c) ** 2, (a,)),
    "toeplitz one": (lambda np, sl, c: sl.toeplitz(c, c), (one,)),
    "hankel": (lambda np, sl, c, r: sl.hankel(c, r) ** 2, (c, a)),
    "circulant": (lambda np, sl, c, x: sl.circulant(c) @ x, (a, b)),
    "convolution_matrix": (lambda np, sl, a, x: sl.convolution_matrix(a, 3, "same") @ x, (c, b)),
    "companion": (lambda np, sl, a: sl.companion(a) ** 2, (c,)),
    "fiedler": (lambda np, sl, a: sl.fiedler(a), (a,)),
    "fiedler_companion": (lambda np, sl, a: sl.fiedler_companion(a) ** 2, (c,)),
    "leslie": (lambda np, sl, f, s: sl.leslie(f, s) ** 2, (c, a)),
    "block_diag": (lambda np, sl, A, b: sl.block_diag(A, b, A) ** 2, (W, a)),
    "eigh": (lambda np, sl, A: sl.eigh(A, eigvals_only=True), (A,)),
    "expm": (lambda np, sl, A: np.trace(sl.expm(A) @ sl.expm(-A.T)), (A,)),
    "slogdet of expm": (lambda np, sl, A: np.linalg.slogdet(sl.expm(A))[1], (A,)),
}  # fmt: skip


def variables(arrays, *, symbolic):
    """Variables for arrays, with one dimension for each size above 1 where symbolic."""
    return [
        Variable(f"x{k}", [f"n{s}" if symbolic and s > 2 else s for s in x.shape])
        for k, x in enumerate(arrays)
    ]


NUMBERS_NEEDED = {"convolution_matrix", "leslie", "fiedler_companion", "cross", "cond 1"}


@pytest.mark.parametrize("name", TABLE)
def test_values_and_gradients_are_those_of_jax(name):
    function, arrays = TABLE[name]
    with jax.enable_x64(True):
        expected = computed(lambda *xs: function(jnp, jsl, *xs), *arrays)
        g = rng.normal(size=expected.shape)
        slope = jax.grad(
            lambda *xs: jnp.sum(g * function(jnp, jsl, *xs)), tuple(range(len(arrays)))
        )
        wanted = computed(slope, *arrays)
    for symbolic in (False, True):
        if symbolic and name in NUMBERS_NEEDED:
            continue
        xs = variables(arrays, symbolic=symbolic)
        node = function(snp, sl, *xs)
        weight = Variable("g", node.shape)
        values = {**dict(zip(xs, arrays, strict=True)), weight: g}
        value = evaluate(node, values)
        assert value.dtype == dtype_of(node.dtype) == expected.dtype
        np.testing.assert_allclose(value, expected, rtol=1e-8, atol=1e-10)
        found = gradients(snp.sum(weight * node), xs, standard())
        for node, right in zip(found, wanted, strict=True):
            np.testing.assert_allclose(evaluate(node, values), right, rtol=1e-7, atol=1e-9)


def test_the_root_of_a_definite_matrix():
    x = matrix("x", 3, 3, positive_definite=True)
    root = sl.sqrtm(x)
    value = evaluate(root, {x: S})
    np.testing.assert_allclose(value @ value, S, rtol=1e-12)
    np.testing.assert_allclose(value, scipy.linalg.sqrtm(S), rtol=1e-10)
    assert has(root, "positive_definite")


def test_pascal_is_exact():
    np.testing.assert_array_equal(
        sl.pascal(4).array, [[1, 1, 1, 1], [1, 2, 3, 4], [1, 3, 6, 10], [1, 4, 10, 20]]
    )
    np.testing.assert_array_equal(sl.pascal(3, "lower").array, [[1, 0, 0], [1, 1, 0], [1, 2, 1]])
    assert sl.pascal(2, "upper").dtype == "float32"


X, V = matrix("X", "n", "n"), vector("v", "n")
REFUSED = {
    "root of any matrix": (lambda: sl.sqrtm(X), DomainError, "positive_semidefinite=True"),
    "factors from elsewhere": (lambda: sl.lu_solve((X, V), V), DomainError, "lu_factor"),
    "qdwh of wide": (lambda: sl.polar(matrix("Y", 2, 3)), ShapeError, "method='svd'"),
    "complete qr": (
        lambda: snp.linalg.qr(matrix("Y", 3, 2), "complete"), ShapeError, "mode='reduced'"),
    "hadamard": (lambda: sl.hadamard(6), ShapeError, "power of two"),
    "unknown size": (lambda: sl.pascal(X.shape[0]), ShapeError, "as a number, got n"),
    "blocks": (lambda: sl.block_diag(Variable("Z", (2, 2, 2))), RankError, r"\(2, 2, 2\)"),
    "vectors for stacks": (
        lambda: sl.solve_triangular(Variable("Z", (2, 3, 3)), Variable("y", (3, 3))),
        ShapeError, r"b\[\.\.\., None\]"),
    "lstsq rows": (lambda: snp.linalg.lstsq(matrix("Y", 3, 2), V), ShapeError, "3 and n rows"),
    "generalised": (lambda: sl.eigh(X, X), TypeError, "neither in JAX"),
    "triangle alone": (
        lambda: snp.linalg.eigh(X, symmetrize_input=False), TypeError, "symmetrize_input"),
    "norm of three axes": (
        lambda: snp.linalg.norm(Variable("Z", (2, 2, 2)), 2), ShapeError, "over 3 axes"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_why(name):
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        call()


L = matrix("L", "n", "n", lower_triangular=True)
D = matrix("D", "n", "n", positive_definite=True)
K = matrix("K", "n", "n", antisymmetric=True)
FACTS = {
    "triangle of any": (lambda: snp.tril(X), {"lower_triangular"}),
    "exponential of symmetric": (lambda: sl.expm(X + X.T), {"positive_definite"}),
    "exponential of antisymmetric": (lambda: sl.expm(K), {"orthogonal", "positive_determinant"}),
    "exponential of triangular": (lambda: sl.expm(L), {"lower_triangular", "positive_diagonal"}),
    "pseudoinverse": (lambda: snp.linalg.pinv(X.T @ X), {"positive_semidefinite"}),
    "blocks": (lambda: sl.block_diag(D, D), {"positive_definite"}),
    "triangular blocks": (lambda: sl.block_diag(D, L), set()),
    "toeplitz": (lambda: sl.toeplitz(V), {"symmetric"}),
    "pivots": (lambda: sl.lu(X)[0], {"permutation"}),
    "singular values": (lambda: snp.linalg.svdvals(D), {"positive"}),
    "singular vectors": (lambda: snp.linalg.svd(X)[0], {"orthogonal"}),
}


@pytest.mark.parametrize("name", FACTS)
def test_what_is_known_of_results(name):
    build, wanted = FACTS[name]
    node = build()
    for fact in wanted:
        assert has(node, fact), fact
    if not wanted:
        assert not has(node, "symmetric")
        assert not has(node, "lower_triangular") or has(node.operands[0], "lower_triangular")


def test_triangular_systems_are_solved_as_such():
    x, y = matrix("x", 3, 3), vector("y", 3)
    node = sl.solve_triangular(x, y, lower=True)
    assert any(
        isinstance(part, Apply) and part.operation.name == "linalg.inv" for part in node.walk()
    )
    for backend in ("numpy", "jax"):
        written = write([node], [x, y], precision="float64", backend=backend)
        assert "solve_triangular" in written.source
        assert "where" not in written.source
        (value,) = Program(written, many=True)(A, b)
        np.testing.assert_allclose(
            value, scipy.linalg.solve_triangular(A, b, lower=True), rtol=1e-10
        )


def test_eigenvalues_take_the_symmetric_part_in_numpy_too():
    x = matrix("x", 3, 3)
    written = write([snp.linalg.eigvalsh(x)], [x], precision="float64", backend="numpy")
    (value,) = Program(written, many=True)(A)
    np.testing.assert_allclose(value, np.linalg.eigvalsh((A + A.T) / 2), rtol=1e-12)
