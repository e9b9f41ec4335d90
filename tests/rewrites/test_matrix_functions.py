"""Derivatives of matrix exponentials, alone and summed with other factors."""

import numpy as np
import pytest

import symflow as sf
import symflow.linalg as slinalg
import symflow.numpy as snp
from symflow.ops.matrix_functions import EXPM_FRECHET
from tests.oracle import evaluate

A, B, E = (sf.matrix(name, 3, 3) for name in "ABE")
t = sf.tensor("t")
rng = np.random.default_rng(3)
VALUES = {A: rng.normal(size=(3, 3)), B: rng.normal(size=(3, 3)), E: rng.normal(size=(3, 3))}
VALUES[t] = np.array(0.7)


def along(matrix, direction):
    """The derivative of the exponential in a direction."""
    return slinalg.expm_frechet(matrix, direction, compute_expm=False)


SUMS = {
    "a variable": snp.sum(along(A, E) * B),
    "a function of entries": snp.sum(along(snp.sin(A), E * snp.cos(A)) * snp.sin(A)),
    "a transpose": snp.sum(along(A.T, E) * A),
    "a stack of directions": snp.einsum(
        "ijk,jk->i", along(snp.broadcast_to(A, (3, 3, 3)), snp.stack([E, B, A])), A.T
    ),
    "a stack of matrices": snp.einsum(
        "ijk,jk->i", along(snp.stack([A, B]), snp.broadcast_to(E, (2, 3, 3))), A.T
    ),
    "along itself": along(t * A, A),
    "along the identity": along(A, 2 * snp.eye(3)),
}


@pytest.mark.parametrize("name", SUMS)
def test_values_are_kept(name):
    node = SUMS[name]
    found = sf.simplify(node)
    np.testing.assert_allclose(evaluate(found, VALUES), evaluate(node, VALUES), rtol=1e-9)


@pytest.mark.parametrize("name", ["along itself", "along the identity"])
def test_directions_that_commute_need_the_exponential_alone(name):
    parts = sf.simplify(SUMS[name]).walk()
    assert all(getattr(part, "operation", None) is not EXPM_FRECHET for part in parts)
