"""Every function of every distribution against JAX's in float64: values, types, gradients."""

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow.numpy as snp
import symflow.stats as stats
from rewrites.differentials import standard
from symflow.calculus import gradients
from symflow.core import Variable, dtypes, matrix, scalar, vector
from symflow.errors import DifferentialError, DTypeError, ShapeError
from tests.oracle import dtype_of, evaluate, evaluate_all
from tests.tracing import computed

x = np.array([[-1.3, 0.4, 0.7], [0.2, 1.9, 3.5]])
unit = np.array([[0.11, 0.42, 0.73], [0.24, 0.95, 0.58]])
outside = np.array([[-0.2, 0.3, 0.5], [1.2, 0.9, 0.05]])
shape = np.array([0.7, 1.6, 2.3])
counts = np.array([[0.0, 1.0, 4.0], [2.0, -1.0, 7.0]])
trials = np.array([6.0, 5.0, 4.0])
loc, scale = np.array([[0.1], [-0.3]]), np.array(1.7)
nothing = np.zeros((0, 3))
simplex = np.array([[0.2, 0.5], [0.3, 0.1], [0.5, 0.4]])
root = np.array([[1.0, 0.2, 0.1], [0.4, 1.5, -0.3], [0.3, 0.2, 0.8]])
cov = root @ root.T
whole = np.array([2, 1, 3])

lower, upper = np.array([[0.3], [-2.0]]), np.array([9.0, -0.5, 0.4])
_PLAIN = ("norm", "cauchy", "laplace", "logistic", "uniform", "expon", "gumbel_l", "gumbel_r")

# Arguments to call all functions of a distribution with; those of quantiles take chances first.
ARGUMENTS: dict[str, list[tuple[Any, ...]]] = {
    **{name: [(x, loc, scale), (x,), (nothing, shape)] for name in _PLAIN},
    **{
        name: [(x, shape, loc, scale), (x, shape), (nothing, shape)]
        for name in ("t", "gamma", "chi2", "pareto")
    },
    "beta": [(outside, shape, 1.4), (x, shape, shape[::-1], loc, 2.0), (nothing, shape, 0.5)],
    "truncnorm": [(x, -1.1, shape, 0.1, 1.7), (x, lower, upper)],
    "gennorm": [(x, shape), (nothing, shape)],
    "vonmises": [(x, shape), (x, -1.0)],
    "wrapcauchy": [(x, unit), (x, 2.0)],
    "poisson": [(counts, shape), (counts, shape, 1.0), (x, shape), (nothing, shape)],
    "bernoulli": [(counts, unit), (x, unit), (nothing, 0.5)],
    "binom": [(counts, trials, unit), (counts, trials, unit, 1.0)],
    "nbinom": [(counts, shape, unit), (counts, shape, unit, 1.0)],
    "geom": [(counts, unit), (counts, unit, -1.0)],
    "betabinom": [(counts, trials, shape, 1.4), (counts, -1.0, shape, 1.0)],
    "dirichlet": [(simplex, shape), (simplex[:2], shape), (simplex[:, 0], shape)],
    "multinomial": [(whole, np.array(6), shape / 4.6), (whole, np.array(5), shape / 4.6)],
    "multivariate_normal": [
        *[(x, shape, cov), (x[0], shape, cov), (x, shape, np.stack([cov, 2 * cov]))],
        *[(x, np.array(0.3), np.array(2.0)), (x, shape, np.array(2.0)), (nothing, shape, cov)],
    ],
}  # fmt: skip
QUANTILES = {"ppf", "isf"}
OWN = {
    # (distribution, function): arguments where those above do not fit
    ("bernoulli", "ppf"): [(unit, 0.4), (outside, 0.4)],
    ("bernoulli", "cdf"): [(counts, unit), (x, 0.3), (x, 1.3)],
    ("poisson", "entropy"): [(np.array([0.0, 0.5, 9.0, 40.0, 300.0]),), (shape, loc)],
}
FUNCTIONS = [
    (name, function)
    for name, module in stats.DISTRIBUTIONS.items()
    for function in sorted(vars(getattr(jax.scipy.stats, name)))
    if not function.startswith("_") and inspect.isfunction(getattr(module, function, None))
]


def calls(name: str, function: str) -> list[tuple[Any, ...]]:
    """The arguments to compare with."""
    if (name, function) in OWN:
        return OWN[name, function]
    found = ARGUMENTS[name]
    if function in QUANTILES:
        return [(unit[: len(first)], *rest) for first, *rest in found]
    return found


def symbolic(arguments: tuple[Any, ...]) -> tuple[list[Any], dict[Any, Any]]:
    """Arrays as variables; numbers as they are."""
    values: dict[Any, Any] = {}
    made = []
    for place, argument in enumerate(arguments):
        if isinstance(argument, np.ndarray):
            dtype = "int" if argument.dtype == int else "float"
            variable = Variable(f"v{place}", argument.shape, dtype)
            values[variable] = argument
            made.append(variable)
        else:
            made.append(argument)
    return made, values


def test_every_function_of_jax_is_there():
    for name in stats.DISTRIBUTIONS:
        theirs = vars(getattr(jax.scipy.stats, name))
        wanted = {f for f, value in theirs.items() if callable(value) and not f.startswith("_")}
        assert wanted <= set(dir(getattr(stats, name))), name
    modules = {n for n in dir(jax.scipy.stats) if inspect.ismodule(getattr(jax.scipy.stats, n))}
    assert modules - {"kde"} == set(stats.DISTRIBUTIONS)


@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_the_arguments_are_those_of_jax(name, function):
    ours, theirs = (
        inspect.signature(getattr(module, function)).parameters
        for module in (stats.DISTRIBUTIONS[name], getattr(jax.scipy.stats, name))
    )
    assert list(ours) == list(theirs)
    assert [p.default for p in ours.values()] == [p.default for p in theirs.values()]


@pytest.mark.parametrize("name", sorted(stats.DISTRIBUTIONS))
def test_values_types_and_gradients_are_those_of_jax(name):
    module, jaxs = stats.DISTRIBUTIONS[name], getattr(jax.scipy.stats, name)
    found, wanted = [], []
    for function in (f for n, f in FUNCTIONS if n == name):
        theirs = getattr(jaxs, function)
        for number, arguments in enumerate(calls(name, function)):
            made, values = symbolic(arguments)
            node = getattr(module, function)(*made)
            found.append((f"{function}{arguments}", node.dtype, evaluate_quietly(node, values)))
            wanted.append(lambda f=theirs, a=arguments: f(*map(jnp.asarray, a)))
            if number == 0:
                for place, gradient in slopes(node, arguments, values, theirs):
                    found.append((f"{function} by {place}", "slope", gradient[0]))
                    wanted.append(gradient[1])
    expected = computed(lambda: [compute() for compute in wanted])
    for (label, dtype, value), right in zip(found, expected, strict=True):
        assert value.shape == right.shape, label
        if dtype == "slope":  # JAX's are NaN at some points without a chance, ours are not
            assert np.isfinite(value).all(), label
            known = np.isfinite(right)
            np.testing.assert_allclose(value[known], right[known], 1e-7, 1e-8, err_msg=label)
        else:
            assert dtype_of(dtype) == right.dtype, label
            np.testing.assert_allclose(value, right, 1e-9, 1e-11, err_msg=label)


def evaluate_quietly(node, values):
    """The value of a node; infinities cancel to NaN without a word."""
    with np.errstate(all="ignore"):
        return evaluate(node, values)


def slopes(node, arguments, values, theirs):
    """Gradients of a weighted sum by the arguments, ours and a function for JAX's."""
    if not np.isfinite(evaluate_quietly(node, values)).all():
        return
    weights = np.cos(np.arange(evaluate_quietly(node, values).size)).reshape(node.shape)
    given = Variable("weights", node.shape)
    for place, argument in enumerate(arguments):
        variable = next((v for v in values if v.name == f"v{place}"), None)
        if variable is None or dtypes.kind(variable.dtype) != "float":
            continue

        def paired(value, place=place):
            full = [value if k == place else jnp.asarray(a) for k, a in enumerate(arguments)]
            return jnp.sum(theirs(*full) * weights)

        try:
            (ours,) = gradients(snp.sum(given * node), [variable], standard())
            with jax.enable_x64(True):
                jax.eval_shape(jax.grad(paired), jnp.asarray(argument))
        except (DifferentialError, TypeError):
            continue  # by a shape; JAX cannot differentiate Gumbel's by the scale
        value = evaluate_quietly(ours, values | {given: weights})
        yield place, (value, lambda f=paired, a=argument: jax.grad(f)(jnp.asarray(a)))


def test_the_standard_error_is_that_of_jax():
    for axis in (0, 1, None):
        made, values = symbolic((x,))
        with jax.enable_x64(True):
            expected = jax.scipy.stats.sem(x, axis, keepdims=True)
        found = evaluate(stats.sem(*made, axis, keepdims=True), values)
        np.testing.assert_allclose(found, expected, 1e-12)
    assert stats.sem(matrix("X", "n", "d")).shape == vector("v", "d").shape
    with pytest.raises(ValueError, match="'omit' is not supported"):
        stats.sem(vector("x", 3), nan_policy="omit")


def test_no_value_outside_the_support_spoils_a_gradient():
    """Points without a chance have no part in the derivatives."""
    points = np.array([-1.0, 0.0, 3.0])
    v = Variable("v", (3,))
    rate = Variable("rate", ())
    for node in (
        stats.gamma.logpdf(v, rate),
        stats.chi2.logpdf(v, rate),
        stats.expon.cdf(v, 0, rate),
        stats.pareto.logpdf(v, rate),
        stats.beta.logpdf(v / 2, rate, 2),
        stats.binom.logpmf(v, 2, rate / 3),
    ):
        kept = snp.sum(snp.where(snp.isfinite(node), node, 0))
        found = evaluate_all(gradients(kept, [v, rate], standard()), {v: points + 0.5, rate: 1.5})
        assert all(np.isfinite(value).all() for value in found), node


def test_what_does_not_fit_is_refused():
    a, b = vector("a", 3), vector("b", 4)
    with pytest.raises(ShapeError, match="one fewer"):
        stats.dirichlet.logpdf(b[:1], b)
    with pytest.raises(ShapeError, match="alpha is a vector"):
        stats.dirichlet.logpdf(a, matrix("A", 3, 3))
    with pytest.raises(ShapeError, match=r"\(3, 3\)"):
        stats.multivariate_normal.logpdf(a, a, matrix("S", 4, 4))
    with pytest.raises(TypeError, match="allow_singular"):
        stats.multivariate_normal.logpdf(a, a, matrix("S", 3, 3), allow_singular=True)
    with pytest.raises(DTypeError, match="integers"):
        stats.multinomial.logpmf(a, scalar("k"), a)
