"""SymPy's expressions mean here what they mean to SymPy, evaluated with explicit matrices."""

import numpy as np
import pytest
import scipy.linalg
import sympy as sp
from sympy.matrices.expressions.determinant import Permanent
from sympy.matrices.expressions.factorizations import (
    EigenValues,
    LofCholesky,
    LofLU,
    QofQR,
    RofQR,
    UofCholesky,
)
from sympy.matrices.expressions.fourier import DFT
from sympy.matrices.expressions.special import GenericIdentity, GenericZeroMatrix
from sympy.tensor.array.expressions import array_expressions as arrays

import symflow as sf
from symflow.interop.sympy.reading import HEADS
from symflow.interop.sympy.reading import from_sympy as read
from symflow.interop.sympy.survey import parts_of
from tests.interop.sympy.explicit import draw, explicit, sized
from tests.interop.sympy.expressions import EVERY, A, B, C, M, T, i, j, k, m, n, t, x, y, z
from tests.oracle import evaluate

SIZES = ({"n": 3, "m": 2, "k": 2}, {"n": 2, "m": 3, "k": 1})
q = sp.Idx("q")


def immutable(expr):
    return expr.as_immutable() if hasattr(expr, "as_immutable") else expr


def at(tensor, sizes):
    return tensor.subs({sf.dim(name): size for name, size in sizes.items()})


@pytest.mark.parametrize("expr", EVERY, ids=str)
def test_values_are_those_of_sympy(expr):
    expr = immutable(expr)
    tensor = sf.from_sympy(expr)
    for sizes in SIZES:
        small = sized(expr, sizes)
        values = draw(small)
        expected = explicit(small, values)
        found = evaluate(at(tensor, sizes), values)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_every_class_is_in_the_table():
    """What SymPy's packages export is read, or refused with a reason of its own."""
    seen = {
        kind
        for expr in EVERY
        for part in parts_of([immutable(expr)])
        for kind in type(part).__mro__
    }
    refused = {Permanent, sp.matrices.expressions.factorizations.Factorization}
    refused |= {GenericIdentity, GenericZeroMatrix}
    own_tests = {LofCholesky, UofCholesky, QofQR, RofQR, LofLU}
    own_tests |= {sp.matrices.expressions.factorizations.UofLU, sp.Derivative, sp.Indexed}
    own_tests |= {sp.tensor.array.array_derivatives.ArrayDerivative}
    own_tests |= {sp.tensor.array.array_comprehension.ArrayComprehension}
    matrices = {
        kind for kind in HEADS if kind.__module__.startswith(("sympy.matrices", "sympy.tensor"))
    }
    assert matrices - seen - refused - own_tests == set()


def test_factorisations():
    values = np.array([[4.0, 1.0], [1.0, 3.0]])
    S = sp.MatrixSymbol("S", 2, 2)
    for expr in (LofCholesky(S) * UofCholesky(S), QofQR(S) * RofQR(S)):
        np.testing.assert_allclose(evaluate(sf.from_sympy(expr), {"S": values}), values)


def test_the_exponential_of_a_matrix():
    values = np.array([[0.5, 1.0], [-1.0, 0.25]])
    S = sp.MatrixSymbol("S", 2, 2)
    found = evaluate(sf.from_sympy(sp.exp(S)), {"S": values})
    np.testing.assert_allclose(found, scipy.linalg.expm(values))
    assert sf.from_sympy(sp.exp(x.T * y)).shape == ()


# ------------------------------------------------------------------ indices


def test_free_indices_become_axes():
    matrix_product = sp.Sum(A[i, q] * B[q, j], (q, 0, n - 1))
    assert sf.from_sympy(matrix_product, indices=(i, j)) is sf.from_sympy(A * B)
    assert sf.from_sympy(matrix_product, indices=(j, i)) is sf.from_sympy((A * B).T)
    assert sf.from_sympy(A[i, i], indices=(i,)) is sf.numpy.diag(sf.from_sympy(A))


def test_indexed_bases():
    b, c = sp.IndexedBase("b"), sp.IndexedBase("c", shape=(m, n))
    first, J = sp.Idx("I", n), sp.Idx("J", m)
    product = sp.Sum(c[J, first] * b[first], (first, 0, n - 1))
    d_n, d_m = sf.dims("n m")
    assert sf.from_sympy(product, indices=(J,)) is sf.matrix("c", d_m, d_n) @ sf.vector("b", d_n)
    assert sf.from_sympy(sp.Sum(b[q] ** 2, (q, 0, n - 1))) is (sf.vector("b", d_n) ** 2).sum()
    with pytest.raises(sf.ShapeError, match="size of axis 0 of b is not known"):
        sf.from_sympy(sp.Sum(b[q], (q, 1, n)))


def test_a_sum_of_numbers_is_computed():
    expr = 1 + sp.Sum(1 / (i + 1), (i, 0, 3))
    assert evaluate(sf.from_sympy(expr)) == pytest.approx(float(expr.doit()))


def test_convolution_by_indices():
    u, w = sp.MatrixSymbol("u", 4, 1), sp.MatrixSymbol("w", 2, 1)
    at_i = sp.Idx("at_i", 3)
    expr = sp.Sum(u[at_i + q, 0] * w[q, 0], (q, 0, 1))
    values = {"u": np.arange(4.0)[:, None], "w": np.array([[2.0], [5.0]])}
    found = evaluate(sf.from_sympy(expr, indices=(at_i,)), values)
    np.testing.assert_allclose(found, np.correlate(np.arange(4.0), [2.0, 5.0]))


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        (A[i, 0], "the index i is free"),
        (sp.Sum(x[q, 0], (q, 0, sp.oo)), "bounds must be finite"),
        (sp.Sum(sp.Sum(x[q, 0], (q, 0, i)), (i, 0, n - 1)), "depend on another index"),
        (sp.Sum(x[q, 0], (q, 0, n)), "out of range"),
        (sp.Sum(M[q, 5 * q], (q, 0, 1)), "out of range"),
    ],
)
def test_indices_that_are_refused(expr, message):
    with pytest.raises(sf.ShapeError, match=message):
        sf.from_sympy(expr)


# ------------------------------------------------------------------ names, facts, derivatives


def test_names_and_sizes():
    rows, w = sf.matrix("rows", "a", "b"), sf.vector("w", "a")
    a, b = sf.dims("a b")
    found = sf.from_sympy(C.T * x, {"C": rows, "x": w, n: a, m: b})
    assert found is (rows.T @ w)[:, None]
    assert sf.from_sympy(C, {n: 3, m: 2}).shape == (3, 2)
    assert sf.from_sympy(t * 2, {t: sf.scalar("s")}) is 2 * sf.scalar("s")
    with pytest.raises(sf.ShapeError, match="names gives a tensor of shape"):
        sf.from_sympy(C, {"C": sf.vector("w", "a")})


def test_columns_may_be_squeezed():
    assert sf.from_sympy(A * x, squeezed=True).shape == (sf.dim("n"),)
    assert sf.from_sympy(x.T * A * x, squeezed=True).shape == ()
    assert sf.from_sympy(x.T, squeezed=True).shape == (1, sf.dim("n"))


def test_two_sizes_of_one_name_are_refused():
    other = sp.Symbol("n", integer=True)
    with pytest.raises(sf.ShapeError, match="two different symbols n"):
        sf.from_sympy(sp.MatrixSymbol("A", n, other))


def test_predicates_become_properties():
    facts = [sp.Q.symmetric(A) & sp.Q.invertible(A), sp.Q.positive(z), sp.Q.real_elements(A)]
    tensor = sf.from_sympy(z * A, assuming=facts)
    (matrix,) = (v for v in tensor.free_symbols if isinstance(v, sf.Tensor))
    assert matrix.properties == {"symmetric", "invertible"}
    (scalar,) = (s for s in tensor.free_symbols if s.name == "z")
    assert scalar.is_positive


@pytest.mark.parametrize(
    "fact", [sp.Q.normal(A), sp.Q.symmetric(A * B), sp.Eq(t, 1), sp.Q.symmetric(t)]
)
def test_predicates_that_no_property_says(fact):
    with pytest.raises(sf.DomainError, match=r"assuming takes|cannot be declared"):
        sf.from_sympy(A, assuming=fact)


def test_derivatives():
    X = sp.MatrixSymbol("X", n, n)
    assert sf.from_sympy(sp.Derivative(sp.Trace(A * X), X)) is sf.from_sympy(A.T)
    small = sp.MatrixSymbol("S", 2, 3)
    whole = sf.from_sympy(sp.Derivative(small * small.T, small))
    assert whole.shape == (2, 3, 2, 2)
    twice = sf.from_sympy(sp.Derivative(t**3 * sp.Trace(A), t, t))
    assert sf.simplify(twice - sf.from_sympy(6 * t * sp.Trace(A))) == sf.numpy.zeros(())
    with pytest.raises(sf.DTypeError, match=r"derivative=sf\.jacobian"):
        read(sp.Derivative(sp.Trace(A * X), X))


@pytest.mark.parametrize(
    ("expr", "name"),
    [
        (Permanent(A), "Permanent"),
        (EigenValues(A), "EigenValues"),
        (LofLU(A), "LofLU"),
        (A ** sp.Symbol("r"), "whole number"),
        (sp.Function("f")(t), "without a definition"),
        (sp.Integral(t * z, (z, 0, 1)), "Integral"),
        (sp.Piecewise((t, t > 1)), "no value where"),
        (DFT(n), "is read where"),
        (sp.Add(t, sp.sin(A, evaluate=False)), "X.applyfunc"),
        (sp.Interval(0, 1), "Interval"),
        (sp.Symbol("q", commutative=False) * t, "does not commute"),
        (GenericIdentity(), "has no shape"),
        (sp.zoo, "infinity without a sign"),
        ("A + B", "text is read by sf.parse"),
    ],
    ids=str,
)
def test_what_is_not_read(expr, name):
    with pytest.raises(sf.DTypeError, match=name):
        sf.from_sympy(expr)


def test_depth_is_no_matter():
    value = x
    for _ in range(400):
        value = sp.MatMul(A, value, evaluate=False)
    assert sf.from_sympy(value).shape == (sf.dim("n"), 1)


def test_tensors_pass():
    tensor = sf.vector("v", "n")
    assert sf.from_sympy(tensor) is tensor
    assert sf.from_sympy(y).shape == (sf.dim("n"), 1)
    assert sf.from_sympy(T).shape == sf.dims("n m k")
    assert sf.from_sympy(arrays.ArrayTensorProduct(M, k)).shape == (3, 3)
