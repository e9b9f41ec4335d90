"""Long scalar code: what counts as such, and what its derivatives and programs keep."""

import jax
import numpy as np

import symflow as sf
import symflow.numpy as snp
from rewrites import presets
from symflow.api.scalar_code import LONGEST_FORMULA, is_scalar_code, stability

x, X = sf.tensor("x"), sf.matrix("X", 3, 3)


def chain(start, length):
    z = start
    for _ in range(length):
        z = snp.sin(z) * 0.9 + 0.1
    return z


def test_many_operations_on_single_numbers_count():
    assert is_scalar_code([chain(x, LONGEST_FORMULA)])
    assert is_scalar_code([chain(X[0, 1], LONGEST_FORMULA), snp.sum(X @ X)])


def test_formulas_and_tensors_do_not():
    assert not is_scalar_code([])
    assert not is_scalar_code([chain(x, 20)])
    assert not is_scalar_code([chain(X, LONGEST_FORMULA)])


def test_the_derivative_stays_right():
    f = chain(x, LONGEST_FORMULA)
    program = sf.lower(sf.grad(f, x), backend="numpy", precision="float64")

    def plain(z):
        return jax.lax.fori_loop(0, LONGEST_FORMULA, lambda _, z: jax.numpy.sin(z) * 0.9 + 0.1, z)

    with jax.enable_x64(True):
        expected = jax.jvp(plain, (0.4,), (1.0,))[1]
    np.testing.assert_allclose(program(x=0.4), expected, rtol=1e-9, atol=1e-300)


def test_programs_are_made_stable_and_no_more():
    """What overflows is written in its stable form in long code, too."""
    z = x
    for _ in range(1100):
        z = snp.log(1 + snp.exp(z)) - 0.1
    program = sf.lower(z, backend="numpy", precision="float64")
    assert np.isclose(program(x=900.0), 900.0 - 110.0)
    names = {rule.name for rule in stability().rules}
    assert names
    assert names.isdisjoint(rule.name for rule in presets.READABLE.rules)
