"""Derivatives of solutions, against solvers that are run and differentiated."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core.walk import postorder
from tests.oracle import evaluate

N, M = 3, 2
A, B = sf.matrix("A", N, N), sf.matrix("B", M, M)
b, y, x = sf.vector("b", N), sf.vector("y", N), sf.vector("x", N)
Y, C = sf.matrix("Y", N, M), sf.matrix("C", N, M)
s, p = sf.scalar("s"), sf.scalar("p")
Values = dict[Any, Any]


def _values() -> Values:
    rng = np.random.default_rng(3)
    leaves = (A, B, b, y, x, Y, C, s, p)
    values = {leaf: 0.4 * rng.normal(size=leaf.shape) for leaf in leaves}
    values[A] = values[A] + 2 * np.eye(N)
    values[B] = values[B] + 2 * np.eye(M)
    return values


def _solve(residual: Any, unknown: Any, values: Values) -> np.ndarray[Any, Any]:
    """Newton's method with a Jacobian by differences: nothing symbolic but the residual."""
    current = np.array(values[unknown], dtype=float)
    size = current.size

    def r(flat: Any) -> Any:
        return evaluate(residual, values | {unknown: flat.reshape(current.shape)}).ravel()

    flat = current.ravel()
    for _ in range(30):
        here = r(flat)
        steps = 1e-7 * np.eye(size)
        J = np.stack([(r(flat + h) - r(flat - h)) / 2e-7 for h in steps], axis=1)
        flat = flat - np.linalg.solve(J, here)
        if np.max(np.abs(here)) < 1e-15:
            break
    return flat.reshape(current.shape)


def _by_differences(residual: Any, unknown: Any, wrt: Any, values: Values, h: float = 1e-5) -> Any:
    """The derivative of what the solver gives."""
    columns = []
    for move in h * np.eye(max(values[wrt].size, 1)):
        step = move.reshape(np.shape(values[wrt]))
        ahead = _solve(residual, unknown, values | {wrt: values[wrt] + step})
        behind = _solve(residual, unknown, values | {wrt: values[wrt] - step})
        columns.append((ahead - behind) / (2 * h))
    flat = np.stack(columns, axis=-1)
    return flat.reshape(np.shape(values[unknown]) + np.shape(values[wrt]))


RESIDUALS: dict[str, tuple[Any, Any, Any]] = {
    "linear system": (A @ y - b, y, A),
    "entry by entry": (y**3 + y * b**2 - x, y, b),
    "fixed point": (y - snp.tanh(A @ y / 4 + x), y, x),
    "optimum": (sf.grad(snp.sum(snp.exp(y)) + (A @ y) @ (A @ y) - b @ y, y), y, A),
    "columns": (A @ Y - C, Y, C),
    "kronecker": (A @ Y @ B - C, Y, B),
    "sylvester": (A @ Y + Y @ B - C, Y, B),
    "lyapunov with more": (A @ Y + Y @ B + 2 * Y - C, Y, A),
    "rows on their own": (Y @ B + Y**3 - C, Y, B),
    "one matrix": (A @ Y + snp.sin(Y) @ B + 0.1 * snp.sum(Y) - C, Y, C),
    "scalar": (s**3 + s - p, s, p),
}


@pytest.mark.parametrize("name", list(RESIDUALS))
def test_the_derivative_is_that_of_what_a_solver_gives(name: str) -> None:
    residual, unknown, wrt = RESIDUALS[name]
    values = _values()
    values[unknown] = _solve(residual, unknown, values)
    want = _by_differences(residual, unknown, wrt, values)
    got = evaluate(sf.implicit(residual, unknown, wrt), values)
    np.testing.assert_allclose(got, want, rtol=2e-7, atol=1e-8)
    u = np.random.default_rng(0).normal(size=unknown.shape)
    cotangent = sf.tensor("u", *unknown.shape)
    pulled = evaluate(
        sf.implicit(residual, unknown, wrt, cotangent=cotangent), values | {cotangent: u}
    )
    np.testing.assert_allclose(pulled, np.tensordot(u, got, u.ndim), rtol=1e-9, atol=1e-12)


def test_jax_through_the_solvers_themselves() -> None:
    values = _values()
    a, start = values[A], values[x]
    with jax.enable_x64(True):

        def iterated(place: Any) -> Any:
            current = jnp.zeros(N)
            for _ in range(60):
                current = jnp.tanh(a @ current / 8 + place)
            return current

        wanted, linear = jax.jacfwd(iterated)(start), jax.jacrev(jnp.linalg.solve)(a, values[b])
        solution = iterated(start)
    given = values | {y: np.asarray(solution)}
    got = evaluate(sf.implicit(y - snp.tanh(A @ y / 8 + x), y, x), given)
    np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-13)
    given[y] = np.linalg.solve(a, values[b])
    got = evaluate(sf.implicit(A @ y - b, y, A), given)
    np.testing.assert_allclose(got, linear, rtol=1e-10, atol=1e-13)


def test_second_derivatives_count_the_solution_as_a_function() -> None:
    values = _values()
    for residual, unknown, wrt in (
        (s**3 + s - p, s, p),
        (y - snp.tanh(A @ y / 4 + x), y, x),
    ):
        values[unknown] = _solve(residual, unknown, values)
        first = sf.implicit(residual, unknown, wrt)
        got = evaluate(sf.implicit(residual, unknown, wrt, order=2), values)

        def derivative(step: Any, first: Any = first, at: Any = (residual, unknown, wrt)) -> Any:
            moved = values | {at[2]: values[at[2]] + step}
            return evaluate(first, moved | {at[1]: _solve(at[0], at[1], moved)})

        moves = 1e-5 * np.eye(max(values[wrt].size, 1)).reshape(-1, *np.shape(values[wrt]))
        columns = [(derivative(h) - derivative(-h)) / 2e-5 for h in moves]
        want = np.stack(columns, axis=-1).reshape(got.shape)
        np.testing.assert_allclose(got, want, rtol=2e-6, atol=1e-8)


def test_symmetry_of_the_solution_is_not_used_in_between() -> None:
    """A symmetric solution is not symmetric for the values of ``x`` nearby."""
    free, tied = sf.matrix("Z", N, N), sf.matrix("Z", N, N, symmetric=True)
    Q = sf.matrix("Q", N, N)
    values = _values()
    z = values[A] + values[A].T
    results = []
    for unknown in (free, tied):
        second = sf.implicit(unknown @ unknown + unknown - Q, unknown, Q[0, 1], order=2)
        results.append(evaluate(second, {unknown: z, Q: z @ z + z}))
    np.testing.assert_allclose(results[0], results[1], rtol=1e-9)


def test_second_derivatives_by_several_variables() -> None:
    blocks = sf.implicit(s**3 + s * x[0] - p, s, [p, x], order=2)
    assert [[each.shape for each in row] for row in blocks] == [[(), (N,)], [(N,), (N, N)]]


def test_a_function_along_the_solution() -> None:
    """The derivative of a validation loss by the weight of a penalty."""
    X, t, lam = sf.matrix("X", 5, N), sf.vector("t", 5), sf.scalar("lam")
    rng = np.random.default_rng(0)
    given = {X: rng.normal(size=(5, N)), t: rng.normal(size=5), lam: np.array(0.7), A: _values()[A]}
    loss = snp.sum((X @ y - t) ** 2) + lam * y @ y
    outer = snp.sum((A @ y) ** 2) + lam**2

    def at(value: float) -> Any:
        return np.linalg.solve(given[X].T @ given[X] + value * np.eye(N), given[X].T @ given[t])

    def f(value: float) -> Any:
        return np.sum((given[A] @ at(value)) ** 2) + value**2

    want = (f(0.7 + 1e-5) - f(0.7 - 1e-5)) / 2e-5
    result = sf.implicit(sf.grad(loss, y), y, lam, of=outer)
    np.testing.assert_allclose(evaluate(result, given | {y: at(0.7)}), want, rtol=1e-8)


def test_forms_that_are_read() -> None:
    n = sf.dim("n")
    a, u = sf.matrix("A", n, n), sf.vector("u", n)
    v, w = sf.vector("y", n), sf.vector("b", n)
    assert sf.implicit(a @ v - w, v, w) is snp.linalg.inv(a)
    by_matrix, by_vector = sf.implicit(a @ v - w, v, [a, w], cotangent=u)
    assert by_vector is snp.linalg.inv(a).T @ u
    assert by_matrix.shape == (n, n)
    assert str(sf.implicit(snp.exp(v) - w, v, w)) == "diag(exp(-y))"
    V = sf.matrix("V", "m", "m")
    Z, K = sf.matrix("Z", "m", n), sf.matrix("K", "m", n)
    nodes = postorder([sf.implicit(V @ Z @ a - K, Z, K)])
    inverses = [node for node in nodes if getattr(node, "operation", None) is not None]
    assert {node.shape for node in inverses} == {V.shape, a.shape}  # each factor for itself
    U = sf.matrix("U", "m", n)
    adjoint = sf.implicit(V @ Z + Z @ a - K, Z, K, cotangent=U)
    assert str(adjoint) == "linalg.solve_sylvester(V.T, A.T, U)"


def test_entries_and_sizes_of_one() -> None:
    values = _values()
    values[y] = np.linalg.solve(values[A], values[b])
    whole = evaluate(sf.implicit(A @ y - b, y, A), values)
    got = evaluate(sf.implicit(A @ y - b, y, A[0]), values)
    np.testing.assert_allclose(got, whole[:, 0])
    V, v, w = sf.matrix("V", 1, 1), sf.vector("v", 1), sf.vector("w", 1)
    got = evaluate(sf.implicit(V @ v - w, v, w), {V: np.array([[4.0]])})
    np.testing.assert_allclose(got, [[0.25]])


def _refused(residual: Any, y: Any, x: Any, **options: Any) -> Callable[[], Any]:
    return lambda: sf.implicit(residual, y, x, **options)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (_refused(snp.sum(y) - s, y, s), sf.ShapeError, "as many equations"),
        (_refused(A @ x - b, y, b), sf.DomainError, "does not depend on y"),
        (_refused(A @ y - b, y, [b, y]), sf.DomainError, "is the solution"),
        (_refused(A @ y - b, y, b, cotangent=s), sf.ShapeError, "cotangent"),
        (_refused(A @ y - b, y, b, cotangent=x, of=s), sf.DomainError, "give one"),
        (_refused(A @ y - b, y, b, order=0), sf.DomainError, "order"),
        (_refused(A @ y - b, A @ y, b), TypeError, "variable"),
        (_refused(0 * y - b, y, b), sf.DomainError, "does not depend"),
    ],
)
def test_misuse_is_refused(call: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
