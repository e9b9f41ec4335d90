"""Gaussian expectations against quadrature in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from rewrites.expectations import gaussian, step
from symflow.calculus.gaussian_laws import MeanLaw
from symflow.ops.batching import batched
from tests.oracle import evaluate

N = 2
Values = dict[Any, Any]
x, y, mu = sf.vector("x", N), sf.vector("y", N), sf.vector("mu", N)
S, A, B = (sf.matrix(name, N, N) for name in "SAB")
W, b = sf.matrix("W", 3, N), sf.vector("b", 3)
t, m, v = sf.scalar("t"), sf.scalar("m"), sf.scalar("v", positive=True)
s, k, w, c = (sf.scalar(name) for name in "skwc")
erf, ndtr, relu = sf.special.erf, sf.special.ndtr, sf.nn.relu


def _values() -> Values:
    rng = np.random.default_rng(5)
    leaves = (mu, A, B, W, b)
    values = {leaf: 0.5 * rng.normal(size=leaf.shape) for leaf in leaves}
    root = rng.normal(size=(N, N))
    values[S] = 0.3 * root @ root.T + 0.2 * np.eye(N)
    return values | {m: np.array(0.3), v: np.array(0.7), k: -0.2, w: 0.9, c: 0.5}


def _hermite(mean: Any, cov: Any, count: int = 40) -> tuple[Any, Any]:
    """Nodes and weights of the product rule of Gauss and Hermite."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    size = len(mean)
    grid = np.stack(np.meshgrid(*[nodes] * size, indexing="ij"), -1).reshape(-1, size)
    heights = np.ones(1)
    for _ in range(size):
        heights = np.multiply.outer(heights, weights / np.sqrt(2 * np.pi)).ravel()
    return mean + grid @ np.linalg.cholesky(cov).T, heights


def _legendre(mean: float, cov: float, kink: float, count: int = 120) -> tuple[Any, Any]:
    """Nodes and weights on both sides of a kink."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    far = 12 * np.sqrt(cov)
    places, heights = [], []
    for low, high in ((mean - far, kink), (kink, mean + far)):
        places.append((high - low) / 2 * nodes + (high + low) / 2)
        heights.append((high - low) / 2 * weights)
    place = np.concatenate(places)
    density = np.exp(-((place - mean) ** 2) / (2 * cov)) / np.sqrt(2 * np.pi * cov)
    return place, np.concatenate(heights) * density


def _integral(f: Any, leaf: Any, rule: tuple[Any, Any], values: Values) -> Any:
    """The sum over the nodes of a rule, by one evaluation of all of them."""
    places, heights = rule
    many = sf.tensor("nodes", len(heights), *leaf.shape)
    (each,) = batched([snp.asarray(f)], {leaf: many}, len(heights))
    assert each is not None
    return np.tensordot(heights, evaluate(each, values | {many: places}), 1)


SMOOTH = {
    "outer": snp.outer(x, x),
    "form": x @ A @ x,
    "cubic": (x @ A @ x) * x,
    "quartic": (x @ A @ x) * (x @ B @ x),
    "degree 6": (A @ x) ** 3 * x**3,
    "matrix of affine": snp.outer(W @ x + b, W @ x + b),
    "variance": snp.var(x),
    "cumsum": snp.cumsum(x * x),
    "slices": x[0] * x[1] ** 2,
    "exp": snp.exp(W @ x + b),
    "exp products": snp.outer(snp.exp(W @ x), snp.exp(A @ x)),
    "exp times polynomial": x[0] * x * snp.exp(b[0] + mu @ x),
    "entries of exp times x": x * snp.exp(x),
    "sin": snp.sin(W @ x + b),
    "sin cos": snp.outer(snp.sin(W @ x), snp.cos(A @ x)),
    "sin squared": snp.sin(W @ x) ** 2,
    "three trigonometric": snp.sin(x[0]) * snp.cos(x[1]) * snp.sin(x[0] + x[1]),
    "x sin": snp.outer(x, snp.sin(W @ x)),
    "exp sin": snp.exp(mu @ x) * snp.sin(W @ x),
    "cosh": snp.cosh(W @ x),
    "cosh times sinh": snp.cosh(x[0]) * snp.sinh(x[1]),
    "erf": erf(W @ x + b),
    "ndtr": ndtr(W @ x + b),
    "x ndtr": snp.outer(x, ndtr(W @ x)),
    "ndtr squared": ndtr(W @ x + b) ** 2,
    "erf squared": erf(W @ x + b) ** 2,
    "gelu": sf.nn.gelu(W @ x, approximate=False),
    "gaussian": snp.exp(-(x @ x) / 2),
    "gaussian of matrix": snp.exp(-x @ (A @ A.T) @ x / 2 + b[0]),
    "entries of gaussian": snp.exp(-((W @ x + b) ** 2) / 2),
    "gaussian times polynomial": snp.exp(-(x - mu / 2) @ (x - mu / 2)) * snp.outer(x, x),
    "entries of gaussian times x": x * snp.exp(-(x**2)),
    "gaussian times sin": snp.exp(-x @ x / 2) * snp.sin(W @ x),
    "centres": snp.exp(-snp.sum((x - W) ** 2, axis=1) / 2),
    "centres times x": snp.exp(-snp.sum((x - W) ** 2, axis=1) / 2)[:, None] * x,
    "moment of a sum": (snp.sum(x) + 1) ** 4,
    "completed squares": snp.exp(3 * x - 2 * x**2),
    "number of a vector": snp.outer(snp.exp(-b * x[0] ** 2 + b * x[1] - 2 * x @ x), x),
}


@pytest.mark.parametrize("name", list(SMOOTH))
def test_smooth_functions_of_a_vector(name: str) -> None:
    f, values = SMOOTH[name], _values()
    want = _integral(f, x, _hermite(values[mu], values[S]), values)
    got = evaluate(sf.expectation(f, {x: sf.Normal(mu, S)}), values)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-11)


KINKED: dict[str, Callable[[Any], Any]] = {
    "relu": lambda t: relu(t),
    "abs": lambda t: snp.abs(t),
    "sign": lambda t: snp.sign(t),
    "heaviside": lambda t: snp.heaviside(t, 0.5),
    "comparison": lambda t: (t > 0).astype("float"),
    "maximum": lambda t: snp.maximum(t, 0),
    "minimum": lambda t: snp.minimum(3 * t, 0),
    "where": lambda t: snp.where(t < 0, 0.1 * t, t**2),
    "relu squared": lambda t: relu(t) ** 2,
    "relu cubed": lambda t: relu(t) ** 3,
    "abs cubed": lambda t: snp.abs(t) ** 3,
    "sign squared": lambda t: snp.sign(t) ** 2,
    "x relu": lambda t: t * relu(t),
    "x^3 sign": lambda t: t**3 * snp.sign(t),
    "abs times relu": lambda t: snp.abs(t) * relu(t),
    "exp relu": lambda t: snp.exp(t / 2) * relu(t),
    "gaussian relu": lambda t: snp.exp(-(t**2)) * relu(t),
    "exp abs": lambda t: snp.exp(t) * snp.abs(t) * t,
    "quadratic": lambda t: snp.exp(2 * t - 3 * t**2) * snp.abs(t) * t,
    "several exponents": lambda t: snp.sum(snp.exp(mu * t / 4 - (mu * t) ** 2)) * relu(t) * t,
    "leaky": lambda t: sf.nn.leaky_relu(t),
}


@pytest.mark.parametrize(
    ("name", "kink"), [*((name, 0.8) for name in KINKED), ("relu", 0.0), ("x relu", 0.0)]
)
def test_functions_with_a_kink(name: str, kink: float) -> None:
    f, values = KINKED[name](t - kink), _values()
    want = _integral(f, t, _legendre(0.3, 0.7, kink), values)
    got = evaluate(sf.expectation(f, {t: sf.Normal(m, v)}), values)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


def test_a_kink_of_every_entry_of_a_vector() -> None:
    values = _values()
    f = snp.outer(x, relu(W @ x + b))
    got = evaluate(sf.expectation(f, {x: sf.Normal(mu, S)}), values)
    slopes, cov = values[W], values[W] @ values[S]
    mean, spread = (
        slopes @ values[mu] + values[b],
        np.einsum("ij,ij->i", slopes @ values[S], slopes),
    )
    plain = sf.expectation(relu(t), {t: sf.Normal(m, v)})
    above = sf.expectation(step(t), {t: sf.Normal(m, v)})
    for i in range(3):
        one = {m: mean[i], v: spread[i]}
        want = values[mu] * evaluate(plain, one) + cov[i] * evaluate(above, one)
        np.testing.assert_allclose(got[:, i], want, rtol=1e-10)


@pytest.mark.parametrize("function", [snp.sign, relu, snp.abs, erf, ndtr, step])
def test_pairs_of_mean_zero(function: Callable[[Any], Any]) -> None:
    values = _values()
    f = snp.outer(function(W @ x), function(W @ x))
    got = evaluate(sf.expectation(f, {x: sf.Normal(0, S)}), values)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    joint = sf.vector("z", 2)
    for i in range(2):
        for j in range(2):
            rows = values[W][[i, j]]
            cov = rows @ values[S] @ rows.T
            if i == j:  # both are one variable
                g = function(t) ** 2
                rule = _legendre(0.0, cov[0, 0], 0.0)
                want = _integral(g, t, rule, {})
                np.testing.assert_allclose(got[i, i], want, rtol=1e-9)
                continue
            half = [7 * np.sqrt(cov[q, q]) * (nodes + 1) / 2 for q in range(2)]
            total = 0.0
            for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                grid = [sign * side for sign, side in zip(signs, half, strict=True)]
                places = np.stack(np.meshgrid(*grid, indexing="ij"), -1).reshape(-1, 2)
                lengths = np.prod([7 * np.sqrt(cov[q, q]) / 2 for q in range(2)])
                form = np.einsum("ni,ij,nj->n", places, np.linalg.inv(cov), places)
                density = np.exp(-form / 2) / (2 * np.pi * np.sqrt(np.linalg.det(cov)))
                heights = np.multiply.outer(weights, weights).ravel() * lengths * density
                g = function(joint[0]) * function(joint[1])
                total += _integral(g, joint, (places, heights), {})
            np.testing.assert_allclose(got[i, j], total, rtol=1e-8, atol=1e-10)


def test_several_variables_independent_and_joint() -> None:
    values = _values()
    cov = np.array([[0.7, 0.5], [0.5, 0.9]])
    z = sf.vector("z", 2)
    functions = [
        lambda a, b: (a * b + a) ** 2,
        lambda a, b: snp.exp(a / 2 + b / 3) * a,
        lambda a, b: snp.sin(a) * snp.cos(b) * a,
        lambda a, b: erf(a + b) * b,
        lambda a, b: snp.exp(a - b) * ndtr(a) * b,
    ]
    joint = {(s, t): sf.Normal((m, k), ((v, c), (None, w)))}
    alone = {s: sf.Normal(m, v), t: sf.Normal(k, w)}
    only_alone = [
        lambda a, b: snp.exp(a * b / 4),
        lambda a, b: ndtr(a) * erf(b) * a,
        lambda a, b: snp.sin(a * b / 2),
    ]
    for normals, blocks in ((joint, cov), (alone, np.diag(np.diag(cov)))):
        for g in functions + (only_alone[:2] if normals is alone else []):
            rule = _hermite(np.array([0.3, -0.2]), blocks)
            want = _integral(g(z[0], z[1]), z, rule, values)
            got = evaluate(sf.expectation(g(s, t), normals), values)
            np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-11)
    with pytest.raises(sf.ClosedFormError):
        sf.expectation(only_alone[2](s, t), joint)


def test_the_expectation_of_a_condition_is_its_probability() -> None:
    assert sf.expectation(t > 0, {t: sf.Normal(m, v)}) is sf.simplify(ndtr(m / snp.sqrt(v)))


def test_covariances_given_as_variances() -> None:
    values = _values()
    variances = sf.vector("d", N)
    given = values | {variances: np.array([0.3, 0.8])}
    want = _integral(SMOOTH["quartic"], x, _hermite(values[mu], np.diag([0.3, 0.8])), values)
    got = evaluate(sf.expectation(SMOOTH["quartic"], {x: sf.Normal(mu, variances)}), given)
    np.testing.assert_allclose(got, want, rtol=1e-10)
    assert str(sf.expectation(x @ x, {x: sf.Normal()})) == "2"


def test_matrices_of_normal_variables() -> None:
    X, C = sf.matrix("X", "p", "q"), sf.matrix("C", "p", "p")
    variances = sf.matrix("V", "p", "q")
    rng = np.random.default_rng(0)
    given = {C: rng.normal(size=(2, 2)), variances: rng.uniform(0.5, 1, (2, 3))}
    got = evaluate(sf.expectation(X.T @ C @ X, {X: sf.Normal(0, variances)}), given)
    want = np.diag(np.einsum("ii,ij->j", given[C], given[variances]))
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)


def test_the_forms_of_the_matrix_cookbook() -> None:
    """The Matrix Cookbook, section 8.2: equations 374 to 380 in the numbers of version 2012."""
    n = sf.dim("n")
    z, mean, M = sf.vector("x", n), sf.vector("m", n), sf.matrix("A", n, n)
    P = sf.matrix("Sigma", n, n, positive_semidefinite=True)
    normal = {z: sf.Normal(mean, P)}
    assert sf.expectation(M @ z, normal) is M @ mean
    assert sf.expectation(snp.outer(z, z), normal) is sf.simplify(P + snp.outer(mean, mean))
    form = snp.trace(M @ P) + mean @ M @ mean
    assert sf.simplify(sf.expectation(z @ M @ z, normal) - form).coefficient == 0


@pytest.mark.parametrize(
    ("f", "named"),
    [
        (sf.nn.sigmoid(x), "nn.sigmoid"),
        (snp.tanh(W @ x), "tanh"),
        (sf.nn.softplus(x), "nn.softplus"),
        (snp.log(x), "log"),
        (1 / (1 + x**2), "scalar_power"),
        (snp.sin(x**2), "sin"),
        (snp.exp(x**4), "no quadratic"),
        (relu(x[0]) * relu(x[1]), "the product of"),
        (sf.nn.softmax(x), "nn.softmax"),
        (erf(x) * snp.sin(x), "the product of"),
    ],
)
def test_what_has_no_closed_form_is_refused_by_name(f: Any, named: str) -> None:
    with pytest.raises(sf.ClosedFormError, match=named):
        sf.expectation(f, {x: sf.Normal(mu, S)})


def test_conditions_say_when_the_integral_is_finite() -> None:
    value, found = sf.expectation(snp.exp(t**2), {t: sf.Normal(m, v)}, conditions=True)
    assert [str(each) for each in found] == ["1 - 2 * v > 0"]
    np.testing.assert_allclose(evaluate(value, {m: 0.5, v: 0.1}), np.exp(0.25 / 0.8) / 0.8**0.5)
    assert sf.expectation(snp.exp(-(t**2)), {t: sf.Normal(m, v)}, conditions=True)[1] == ()
    found = sf.expectation(snp.exp(x @ A @ x), {x: sf.Normal(mu, S)}, conditions=True)[1]
    assert str(found[0]).startswith("eigenvalues of")
    with pytest.raises(sf.DomainError, match="infinite"):
        sf.expectation(snp.exp(t**2), {t: sf.Normal(0, 1)})


def test_misuse_is_refused() -> None:
    normal = sf.Normal(mu, S)
    with pytest.raises(sf.ShapeError, match="mean of x"):
        sf.expectation(x @ x, {x: sf.Normal(b, S)})
    with pytest.raises(sf.ShapeError, match="covariance of x"):
        sf.expectation(x @ x, {x: sf.Normal(mu, W)})
    with pytest.raises(TypeError, match="Normal"):
        sf.expectation(x @ x, {x: (mu, S)})
    with pytest.raises(TypeError, match="variables"):
        sf.expectation(x @ x, {2 * x: normal})
    positive = sf.vector("p", N, positive=True)
    with pytest.raises(sf.DomainError, match="declared positive"):
        sf.expectation(snp.sum(positive), {positive: normal})
    with pytest.raises(sf.DomainError, match="negative"):
        sf.expectation(t, {t: sf.Normal(0, -1)})
    with pytest.raises(sf.DomainError, match="given twice"):
        sf.expectation(t, {(t, t): sf.Normal((0, 0), ((1, 0), (None, 1)))})
    with pytest.raises(sf.DomainError, match="holds"):
        sf.expectation(t + s, {t: sf.Normal(s, 1), s: sf.Normal(0, 1)})
    with pytest.raises(sf.DomainError, match="covariance of t holds s"):
        sf.expectation(t + s, {t: sf.Normal(0, s), s: sf.Normal(0, 1)})
    with pytest.raises(sf.DTypeError, match="complex"):
        sf.expectation(snp.abs(snp.fft.fft(x)), {x: normal})
    with pytest.raises(sf.ShapeError, match="blocks"):
        sf.expectation(t + s, {(t, s): sf.Normal((0, 0), 1)})
    with pytest.raises(sf.BudgetError, match=r"terms|pairings"):
        sf.expectation((snp.sum(x) + x @ x) ** 14, {x: normal})


def test_every_law_of_the_table_is_stated() -> None:
    for law in gaussian():
        assert law.law
        assert not isinstance(law, MeanLaw) or law.operation.elementwise
