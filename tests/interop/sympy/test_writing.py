"""Tensors in SymPy's terms: the forms, their values, and the way back."""

import numpy as np
import pytest
import sympy as sp
from sympy.matrices.expressions.factorizations import LofCholesky

import symflow as sf
import symflow.numpy as snp
from symflow.interop.sympy.survey import parts_of
from tests.interop.sympy.explicit import draw, explicit, sized
from tests.interop.sympy.expressions import EVERY
from tests.oracle import evaluate

n, d, k = sf.dims("n d k")
X, A, B = sf.matrix("X", n, d), sf.matrix("A", n, n), sf.matrix("B", n, n)
S = sf.matrix("S", n, n, positive_definite=True)
K = sf.matrix("K", k, d)
w, v, y, u = sf.vector("w", d), sf.vector("v", n), sf.vector("y", n), sf.vector("u", 3)
T = sf.tensor("T", n, d, k)
a = sf.scalar("a", positive=True)
c = sf.scalar("c", dtype="complex")
Z, z = sf.matrix("Z", 2, 2, dtype="complex"), sf.vector("z", 2, dtype="complex")
SIZES = {"n": 3, "d": 2, "k": 2}

# those whose way through SymPy and back is the same expression
RETURNING = [
    a * snp.sqrt(a) + n,
    X.T @ (X @ w - y),
    snp.sum((X @ w - y) ** 2) / n,
    snp.trace(A @ B.T),
    snp.sum(A * B),
    A * B + A**3 - 1 / A,
    A + v,
    A * v,
    A * v[:, None],
    A / (1 + v**2),
    snp.outer(v, w),
    snp.diag(v) @ A,
    snp.diag(A),
    snp.linalg.inv(A) @ v,
    snp.log(snp.linalg.det(S)) * a,
    snp.linalg.slogdet(A)[1],
    snp.exp(A) / 2,
    snp.tanh(X @ w),
    snp.where(A > 0, A, B),
    snp.where(A > 1.5, 1, 0.5),
    snp.maximum(v, y),
    snp.arctan2(A, B),
    sf.special.erf(v),
    snp.linalg.norm(y),
    snp.sum(X, axis=0),
    snp.sum(X, axis=1),
    snp.mean(X),
    snp.mean(v) * v,
    snp.einsum("ij,ij,i->j", X, X, v),
    snp.einsum("ijk,ij->k", T, X),
    snp.einsum("ijk,kj->ik", T, K),
    snp.einsum("ijk->kij", T),
    snp.sum(T),
    3 * T,
    T + snp.sin(T),
    T * v[:, None, None],
    T * X[:, :, None],
    X[1:],
    X[0],
    X[::2, 1:],
    v[2] * A,
    snp.concatenate([A, B], axis=1),
    snp.stack([v, y]),
    snp.kron(A, X),
    snp.prod(v),
    snp.eye(n) + snp.ones((n, n)),
    snp.zeros((n, d)),
    snp.array([[1, 2], [3, 4.5]]),
    v @ A @ y * A,
    snp.tril(A),
    snp.arange(n) * v,
    sf.hessian(snp.sum((X @ w - y) ** 2), w),
    sf.jacobian(A @ X, A),
    snp.linalg.cholesky(S),
    A @ B @ A @ v,
]
# those that come back in another form, with the same values
CHANGED = [
    sf.nn.softmax(v),
    sf.nn.softmax(A),
    sf.nn.sigmoid(X @ w),
    snp.logaddexp(A, B),
    snp.max(u),
    snp.min(sf.matrix("G", 2, 2), axis=0),
    A.reshape(-1),
    A.reshape(1, -1),
    snp.concatenate([v, w]),
    snp.einsum("i,j->ij", v, w)[:, None, :] * T.swapaxes(1, 2),
    snp.diag(v, 1),
    v[::-1],
    snp.outer(u, u)[:, :, None] * sf.vector("g", 2),
]


def sizes_of(expr):
    return expr.subs({sf.dim(name): size for name, size in SIZES.items()})


def arrays_for(expr, values):
    return {
        leaf.name: np.reshape(values[leaf.name], tuple(map(int, leaf.shape)))
        for leaf in expr.free_symbols
        if isinstance(leaf, sf.Tensor)
    }


def variables(expr):
    return {leaf.name: leaf for leaf in expr.free_symbols if isinstance(leaf, sf.Tensor)}


def checked(expr, written, values):
    """The value of an expression, its written form's and that of the way back compared."""
    numbers = sizes_of(expr)
    arrays = arrays_for(numbers, values)
    expected = evaluate(numbers, arrays)
    back = sf.from_sympy(written, variables(expr), squeezed=expr.rank < 2)
    again = evaluate(sizes_of(back), arrays)
    assert again.shape == expected.shape
    np.testing.assert_allclose(again, expected, rtol=1e-10)
    return expected


@pytest.mark.parametrize("expr", [*RETURNING, *CHANGED], ids=str)
def test_values(expr):
    written = sf.to_sympy(expr)
    small = sized(written, SIZES)
    values = draw(small)
    expected = checked(expr, written, values)
    if not written.has(LofCholesky):  # which SymPy does not evaluate
        found = explicit(small, values)
        np.testing.assert_allclose(np.reshape(found, expected.shape), expected, rtol=1e-10)


def test_vectors_as_arrays():
    """Where SymPy can say it; what it can evaluate then has the same values."""
    said = evaluated = 0
    for expr in [*RETURNING, *CHANGED]:
        try:
            written = sf.to_sympy(expr, vectors="arrays")
        except sf.DTypeError:
            continue
        said += 1
        small = sized(written, SIZES)
        values = draw(small)
        expected = checked(expr, written, values)
        try:
            found = explicit(small, values)
        except (AttributeError, NotImplementedError, TypeError):
            continue
        evaluated += 1
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-10)
    assert said > 40
    assert evaluated > 30


def test_conditions():
    condition = sf.to_sympy(snp.all(u > 0) & (a > 1))
    assert {str(part) for part in condition.args} == {
        "a > 1",
        "u[0, 0] > 0",
        "u[1, 0] > 0",
        "u[2, 0] > 0",
    }


@pytest.mark.parametrize("expr", RETURNING, ids=str)
def test_there_and_back(expr):
    back = sf.from_sympy(sf.to_sympy(expr), variables(expr), squeezed=expr.rank < 2)
    assert sf.simplify(back) is sf.simplify(expr)


@pytest.mark.parametrize("expr", EVERY, ids=str)
def test_back_and_there(expr):
    """What SymPy says, read and written, has SymPy's values."""
    expr = expr.as_immutable() if hasattr(expr, "as_immutable") else expr
    small = sized(expr, {"n": 3, "m": 2, "k": 2})
    values = draw(small)
    expected = explicit(small, values)
    written = sized(sf.to_sympy(sf.from_sympy(expr)), {"n": 3, "m": 2, "k": 2})
    np.testing.assert_allclose(np.reshape(explicit(written, values), expected.shape), expected)


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (snp.conj(Z).T @ z, "Adjoint(Z)*z"),
        (snp.conj(z) @ Z @ z, "Trace(Adjoint(z)*Z*z)"),
        (snp.real(Z) + snp.imag(Z) * 1j, None),
        (snp.exp(1j * Z), None),
        (snp.abs(Z), None),
        (c * snp.conj(c), "c*conjugate(c)"),
    ],
)
def test_complex(expr, text):
    """In SymPy matrices may be complex without a word; on the way back they are declared so."""
    written = sf.to_sympy(expr)
    assert text is None or str(written) == text
    generator = np.random.default_rng(5)
    arrays = {
        leaf.name: generator.normal(size=leaf.shape) + 1j * generator.normal(size=leaf.shape)
        for leaf in expr.free_symbols
    }
    back = sf.from_sympy(written, {"c": c}, dtype="complex", squeezed=expr.rank < 2)
    columns = {
        name: np.reshape(a, (*a.shape, 1)) if a.ndim == 1 else a for name, a in arrays.items()
    }
    np.testing.assert_allclose(evaluate(back, columns), evaluate(expr, arrays), rtol=1e-12)


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (X.T @ (X @ w - y), "X.T*(X*w - y)"),
        (v @ A @ y, "Trace(v.T*A*y)"),
        (snp.trace(A @ B), "Trace(A*B)"),
        (snp.sum(A * B), "Trace(A.T*B)"),
        (A * B, "HadamardProduct(A, B)"),
        (A * v, "A*DiagMatrix(v)"),
        (A * v[:, None], "DiagMatrix(v)*A"),
        (snp.linalg.inv(A) @ v, "A**(-1)*v"),
        (snp.diag(A), "DiagonalOf(A)"),
        (snp.kron(A, B), "KroneckerProduct(A, B)"),
        (snp.linalg.norm(y), "sqrt(Trace(y.T*y))"),
        (X[1:], "X[1:, :]"),
        (sf.hessian(snp.sum((X @ w - y) ** 2), w), "2*X.T*X"),
    ],
)
def test_forms(expr, text):
    assert str(sf.to_sympy(expr)) == text


def test_nothing_in_it():
    """SymPy fails on slices and functions of matrices without entries; all of them are one."""
    empty = sf.matrix("empty", 3, 0)
    assert sf.to_sympy(snp.maximum(empty[0], 1)) == sp.ZeroMatrix(0, 1)
    assert sf.from_sympy(sf.to_sympy(snp.exp(empty))).shape == (3, 0)


def test_a_vector_of_one_entry_may_be_given():
    single = sf.vector("s", 1)
    back = sf.from_sympy(sf.to_sympy(snp.sin(single)), {"s": single})
    assert evaluate(back, {"s": [2.0]}) == np.sin(2.0)


def test_symbols_may_be_given():
    P, q = sp.MatrixSymbol("P", n, n), sp.MatrixSymbol("q", n, 1)
    assert sf.to_sympy(A @ v, {A: P, "v": q}) == P * q


def test_scalars_keep_what_is_known_of_them():
    (symbol,) = sf.to_sympy(a**2).free_symbols
    assert symbol.is_positive
    t = sp.Symbol("t", negative=True)
    assert sf.to_sympy(sf.from_sympy(t * 2)) == 2 * t
    (whole,) = sf.to_sympy(sf.scalar("i", dtype="int") * 1).free_symbols
    assert whole.is_integer


def test_names_stay_apart():
    expr = sf.vector("w", n, scope="one") @ sf.vector("w", n, scope="two")
    found = {
        part.name for part in parts_of([sf.to_sympy(expr)]) if isinstance(part, sp.MatrixSymbol)
    }
    assert found == {"one.w", "two.w"}


def test_functions_are_inlined():
    square = sf.function([v], [v @ v], name="square")
    (called,) = square(y)
    assert str(sf.to_sympy(called)) == "Trace(y.T*y)"


@pytest.mark.parametrize(
    ("expr", "operation"),
    [
        (snp.linalg.eigh(S)[0], "linalg.eigh"),
        (snp.max(v), "max over axes of n entries"),
        (A > 0, "conditions on entries"),
        (snp.linalg.inv(sf.tensor("L", k, n, n)), "on a stack"),
        (snp.concatenate([T, T]), "arrays side by side"),
        (snp.maximum(T, 0 * T + 1), "a function of the entries of an array of rank 3"),
    ],
    ids=str,
)
def test_what_sympy_cannot_say(expr, operation):
    with pytest.raises(sf.DTypeError, match=operation) as raised:
        sf.to_sympy(expr)
    assert "export it with" in str(raised.value)


def test_the_option_is_checked():
    with pytest.raises(TypeError, match="'columns', 'arrays'"):
        sf.to_sympy(v, vectors="rows")


def test_depth_is_no_matter():
    value = v
    for _ in range(300):
        value = snp.tanh(value)
    assert sf.to_sympy(value).shape == (n, 1)
