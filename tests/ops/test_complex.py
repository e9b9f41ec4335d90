"""Elementwise operations of complex numbers: JAX's values and gradients, or a refusal."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow.numpy as snp
from rewrites.differentials import standard
from symflow.calculus import gradients
from symflow.core import Variable, dtypes
from symflow.errors import DTypeError
from symflow.ops import TABLE
from symflow.ops.arithmetic import elementwise
from symflow.ops.complex import TAKE_COMPLEX
from tests.ops.samples import in_jax, spec
from tests.ops.samples.spec import resolved
from tests.oracle import evaluate
from tests.tracing import computed

OWN = {"cast", "scalar_power", "where", "map"}
# JAX multiplies under the root, which is minus the derivative left of the imaginary axis
RIGHT_HALF = {"arccosh"}
TAKING = sorted(TAKE_COMPLEX - OWN)
OTHERS = sorted(
    name
    for name, record in TABLE.items()
    if record.elementwise and name not in TAKE_COMPLEX and record.inputs != "bool"
)


def operands(name):
    rng = np.random.default_rng(len(name))
    values = {}
    for k in range(TABLE[name].arity):
        array = rng.normal(size=(2, 3)) + 1j * rng.normal(size=(2, 3))
        array = array if name not in RIGHT_HALF else np.abs(array.real) + 1j * array.imag
        values[Variable(f"z{k}", (2, 3), "complex")] = array
    return values


@pytest.mark.parametrize("name", TAKING)
def test_values_and_gradients_are_those_of_jax(name):
    values = operands(name)
    params = dict(zip(TABLE[name].parameters, spec(name).params, strict=True))
    node = elementwise(TABLE[name], *values, params=spec(name).params)
    found = evaluate(node, values)
    with jax.enable_x64(True):
        at = [jnp.asarray(array) for array in values.values()]
        options = {key: resolved(value) for key, value in params.items()}
        expected = computed(lambda *zs: in_jax(name)(*zs, **options), *at)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10)
        if dtypes.kind(node.dtype) not in ("float", "complex"):
            return
        places = tuple(range(len(at)))
        paired = jax.grad(lambda *zs: jnp.real(jnp.sum((2 - 1j) * in_jax(name)(*zs))), places)
        wanted = computed(paired, *at)
    got = gradients(snp.real(snp.sum((2 - 1j) * node)), list(values), standard())
    for mine, theirs in zip(got, wanted, strict=True):
        np.testing.assert_allclose(evaluate(mine, values), theirs, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", OTHERS)
def test_others_are_refused(name):
    with pytest.raises(DTypeError, match="not defined for complex numbers"):
        elementwise(TABLE[name], *operands(name), params=spec(name).params)
