"""Where formulas are undefined: what is NaN on a region stays NaN there."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.rewriting.domains import has_undefined_region
from tests.oracle import evaluate

y = sf.vector("y", "n")
p = sf.vector("p", "n", positive=True)
A = sf.matrix("A", "n", "n")

PARTIAL = [
    snp.log(y),
    snp.sqrt(y) + 1,
    snp.exp(snp.log1p(y)),
    snp.arcsin(2 * y),
    snp.power(y, p),
    snp.linalg.cholesky(A) @ y,
    snp.sum(snp.log(y - 1)),
]
WHOLE = [
    y,
    1 / y,
    snp.log(p),
    snp.log(snp.exp(y)),
    snp.sqrt(y * y + 1),
    snp.tan(y),
    snp.linalg.inv(A) @ y,
    snp.linalg.slogdet(A)[1],
    snp.power(p, y),
]


@pytest.mark.parametrize("node", PARTIAL, ids=str)
def test_regions_are_seen(node):
    assert has_undefined_region(node)


@pytest.mark.parametrize("node", WHOLE, ids=str)
def test_isolated_points_are_no_region(node):
    assert not has_undefined_region(node)


@pytest.mark.parametrize("node", [PARTIAL[0], PARTIAL[1], PARTIAL[3]], ids=str)
def test_quotients_keep_what_is_undefined(node):
    values = {y: np.array([-3.0, -0.25, 0.25, 3.0])}
    quotient = 3 * node / node
    with np.errstate(all="ignore"):
        before, after = (evaluate(e, values, {"n": 4}) for e in (quotient, sf.simplify(quotient)))
    assert np.isnan(before).any()
    np.testing.assert_array_equal(np.isnan(after), np.isnan(before))


def test_removable_singularities_go():
    assert sf.simplify(y / y) == snp.ones(y.shape)
    assert sf.simplify(snp.log(p) / snp.log(p)) == snp.ones(y.shape)
