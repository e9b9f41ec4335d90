"""Derivatives of the functions that are made of others, against JAX, ties and NaN included."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow.numpy as snp
from rewrites.differentials import standard
from symflow.calculus import gradients
from symflow.core import Tensor, Variable
from tests.numpy import calls_entries, calls_shapes
from tests.numpy.test_namespaces import concrete, symbolic
from tests.oracle import evaluate_all
from tests.tracing import computed

NAMES = """
    modf float_power fabs degrees radians divmod select piecewise clip where
    sum prod amax amin var std ptp average cov corrcoef diff ediff1d gradient trapezoid unwrap
    nansum nanprod nanmax nanmin nanmean nanvar nanstd nancumsum nancumprod
    cumulative_sum cumulative_prod convolve correlate
    quantile percentile nanpercentile interp histogram
    polyval polyadd polysub polymul polydiv polyder polyint poly polyfit
    append block column_stack delete diagflat dstack fill_diagonal geomspace insert linspace
    logspace meshgrid pad repeat resize roll rollaxis rot90 tile unstack vander
"""
CALLS = calls_entries.CALLS | calls_shapes.CALLS
MOST = 2


def is_smooth(value):
    """Whether derivatives are taken of an argument."""
    return isinstance(value, np.ndarray) and value.dtype == float and value.size > 0


def cases(name):
    """Calls with an array of floats in front, which all derivatives are taken of."""
    found = [call for call in CALLS[f"numpy.{name}"] if is_smooth(call[0][0])]
    return found[:MOST] or list(CALLS[f"numpy.{name}"][:1])


def weighted(results, weights):
    """A number made of all results that vary."""
    several = results if isinstance(results, (list, tuple)) else [results]
    return sum((w * r).sum() for w, r in zip(weights, several, strict=True) if w is not None)


@pytest.mark.parametrize("name", NAMES.split())
def test_gradients_are_those_of_jax(name):
    rng = np.random.default_rng(4)
    for arguments, options in cases(name):
        places = [k for k, value in enumerate(arguments) if is_smooth(value)]
        values: dict[Tensor, np.ndarray] = {}
        nodes = [symbolic(value, values) for value in arguments]
        results = getattr(snp, name)(*nodes, **options)
        several = results if isinstance(results, (list, tuple)) else [results]
        weights = [rng.normal(size=r.shape) if r.dtype == "float" else None for r in several]
        variables = [Variable(f"w{k}", r.shape) for k, r in enumerate(several)]
        shown = [v if w is not None else None for v, w in zip(variables, weights, strict=True)]
        phi = weighted(results, shown)
        wanted = [nodes[k] for k in places] or [v for v in values if v.dtype == "float"]
        given = values | {v: w for v, w in zip(variables, weights, strict=True) if w is not None}
        found = evaluate_all(gradients(phi, wanted, standard()), given)
        expected = by_jax(name, arguments, options, places, weights)
        for mine, theirs in zip(found, expected, strict=True):
            message = f"{name}{arguments} {options}"
            np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-10, err_msg=message)


def by_jax(name, arguments, options, places, weights):
    """JAX's gradients with respect to the arguments in some places, or those inside of lists."""
    with jax.enable_x64(True):
        fixed = [concrete(value) for value in arguments]
        inside = [value for group in arguments if isinstance(group, list) for value in group]
        at = [jnp.asarray(v) for v in inside if is_smooth(v)]

        def of_lists(*xs):
            line = iter(xs)
            args = [
                [next(line) if is_smooth(v) else concrete(v) for v in group]
                if isinstance(group, list)
                else concrete(group)
                for group in arguments
            ]
            return weighted(getattr(jnp, name)(*args, **options), weights)

        def of_places(*xs):
            args = list(fixed)
            for place, value in zip(places, xs, strict=True):
                args[place] = value
            return weighted(getattr(jnp, name)(*args, **options), weights)

        if places:
            at, function = [fixed[k] for k in places], of_places
        else:
            function = of_lists
        return computed(jax.grad(function, tuple(range(len(at)))), *at)
