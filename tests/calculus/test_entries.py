"""Derivatives by entries of a variable, against the derivative by the whole one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.calculus.entries import owner
from symflow.calculus.slicing import sunk
from tests.oracle import evaluate

X, A = sf.matrix("X", "m", "n"), sf.matrix("A", "m", "n")
x = sf.vector("x", "n")
S = sf.matrix("S", "n", "n", symmetric=True)
k = sf.scalar("k", dtype="int")
SIZES = {"m": 4, "n": 3}

NAMED: dict[str, Callable[[Any], Any]] = {
    "entry": lambda X: X[1, 2],
    "row": lambda X: X[0],
    "column": lambda X: X[:, 1],
    "last row": lambda X: X[-1],
    "slice": lambda X: X[1:3, :2],
    "step": lambda X: X[::-2],
    "new axis": lambda X: X[None, 0],
    "transpose": lambda X: X.T,
    "row of the transpose": lambda X: X.T[2],
    "reshape": lambda X: X.reshape(-1),
    "slice of a reshape": lambda X: X.T.reshape(-1)[2:7],
    "nothing": lambda X: X[:0],
}


def _values() -> dict[Any, Any]:
    rng = np.random.default_rng(0)
    m, n = SIZES["m"], SIZES["n"]
    draw = rng.normal(size=(n, n))
    return {
        X: rng.normal(size=(m, n)),
        A: rng.normal(size=(m, n)),
        x: rng.normal(size=n),
        S: draw + draw.T,
        k: np.int64(2),
    }


def _functions() -> dict[str, Any]:
    return {
        "quadratic": snp.sum((X @ x) ** 2),
        "elementwise": snp.sum(snp.sin(X) * A),
        "linear": A.T @ X,
        "softmax": snp.sum(sf.nn.softmax(X) * A),
        "the variable": X,
    }


@pytest.mark.parametrize("named", list(NAMED))
@pytest.mark.parametrize("function", list(_functions()))
def test_entries_of_a_variable_give_entries_of_its_derivative(function: str, named: str) -> None:
    f, take = _functions()[function], NAMED[named]
    whole = evaluate(sf.jacobian(f, X), _values(), SIZES)
    leading = whole.reshape(-1, *SIZES.values())
    want = np.stack([take(each) for each in leading])
    got = evaluate(sf.jacobian(f, take(X)), _values(), SIZES)
    np.testing.assert_allclose(got, want.reshape(got.shape), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "take", [lambda x: x[0], lambda x: x[1:3], lambda x: x[k], lambda x: x[::-1]]
)
def test_hessians_by_entries_are_parts_of_the_hessian(take: Callable[[Any], Any]) -> None:
    f = snp.sum(snp.exp(x)) + snp.sum((A @ x) ** 4)
    values = _values()
    whole = evaluate(sf.hessian(f, x), values)
    index = np.atleast_1d(take(np.arange(3))) if take(x) is not x[k] else np.array([2])
    got = evaluate(sf.hessian(f, take(x)), values)
    np.testing.assert_allclose(got, whole[np.ix_(index, index)].reshape(got.shape), rtol=1e-12)


def test_symbolic_positions_and_what_is_printed() -> None:
    i, j = sf.dims("i j")
    f = snp.sum(snp.sin(X) * A)
    assert str(sf.grad(f, X[i, j])) == "A[i, j] * cos(X[i, j])"
    assert str(sf.hessian(snp.sum(snp.exp(x)), x[1:3])) == "diag(exp(x[1:3]))"
    assert sf.hessian(snp.sum((A @ x) ** 2), x[:2]) is 2 * A[:, :2].T @ A[:, :2]
    assert sf.grad(snp.trace(A.T @ X), X.T) is A.T


def test_entries_stand_beside_variables_and_in_products() -> None:
    f = snp.sum((A @ x) ** 2)
    by_row, by_vector = sf.grad(f, [A[0], x])
    assert by_row.shape == by_vector.shape == x.shape
    v = sf.vector("v", 2)
    values = _values() | {v: np.array([0.5, -1.0])}
    hessian, jacobian = evaluate(sf.hessian(f, x), values), evaluate(A, values)
    np.testing.assert_allclose(
        evaluate(sf.hvp(f, x[1:3], v), values), (hessian[1:3, 1:3] @ values[v]), rtol=1e-12
    )
    np.testing.assert_allclose(
        evaluate(sf.jvp(A @ x, x[1:3], v), values), jacobian[:, 1:3] @ values[v], rtol=1e-12
    )
    u = sf.vector("u", "m")
    assert sf.vjp(A @ x, x[1:3], u) is A[:, 1:3].T @ u


def test_an_entry_of_a_structured_variable_is_its_parameter_on_request() -> None:
    f, values = snp.trace(S @ S @ S), _values()
    free, shared = (sf.grad(f, S, structured=flag) for flag in (False, True))
    for flag, whole in ((False, free), (True, shared)):
        got = evaluate(sf.grad(f, S[0, 1], structured=flag), values)
        np.testing.assert_allclose(got, evaluate(whole, values)[0, 1], rtol=1e-12)
    diagonal = evaluate(sf.grad(f, snp.diag(S)), values)
    np.testing.assert_allclose(diagonal, np.diag(evaluate(free, values)), rtol=1e-12)


@pytest.mark.parametrize(
    "expression", [2 * X, X @ x, snp.sum(X, axis=0), snp.diag(x), x[snp.array([0, 0])], X * A]
)
def test_other_expressions_are_refused(expression: Any) -> None:
    assert owner(expression) is None
    with pytest.raises(TypeError, match="make it a variable of its own"):
        sf.grad(snp.sum(X @ x), expression)


def test_slices_sink_into_sums_products_and_functions() -> None:
    runs = ((1, 2, 1), (0, 1, 0))
    for y in (snp.exp(A) * X + A, A * x, 2 * X, snp.cos(A).T @ A, A @ A.T @ snp.diag(A @ x)):
        rows = y.shape[0]
        got = sunk(y, (runs[0], runs[1]))
        assert got.shape == (2,), rows
        values = _values()
        np.testing.assert_allclose(evaluate(got, values), evaluate(y, values)[1:3, 0], rtol=1e-12)


def test_a_diagonal_matrix_is_cut_in_both_axes() -> None:
    values = _values()
    D, d = snp.diag(snp.exp(x)), np.diag(np.exp(_values()[x]))
    cuts = [
        ((1, 2, 1), (1, 2, 1)),
        ((0, 2, 1), (1, 2, 1)),
        ((1, 1, 0), (0, 3, 1)),
        ((0, 3, 1), (2, 1, 0)),
        ((1, 1, 0), (1, 1, 0)),
        ((2, 3, -1), (0, 3, 1)),
    ]
    for rows, columns in cuts:
        got = evaluate(sunk(D, (rows, columns)), values)
        want = d[_index(rows)][..., _index(columns)]
        np.testing.assert_allclose(got, want)


def _index(run: tuple[int, int, int]) -> Any:
    start, size, step = run
    return start if not step else np.arange(start, start + size * step, step)
