"""Products with large triangular matrices leave out what is zero."""

import numpy as np
import pytest

import symflow as sf
from symflow.core import Tensor
from tests.oracle import evaluate

N = 390  # no multiple of the blocks
L = sf.matrix("L", N, N, lower_triangular=True)
U = sf.matrix("U", N, N, upper_triangular=True)
B, C = sf.matrix("B", N, 70), sf.matrix("C", 65, N)
CASES = {
    "lower": L @ B,
    "upper": U @ B,
    "lower transposed": L.T @ B,
    "upper transposed": U.T @ B,
    "lower from the right": C @ L,
    "upper from the right": C @ U,
    "upper transposed from the right": C @ U.T,
    "two": L @ L.T,
    "scaled": 2 * L @ B,
}


@pytest.mark.parametrize("name", CASES)
def test_blocks_have_the_value_of_the_whole(name: str) -> None:
    case = CASES[name]
    rng = np.random.default_rng(3)
    dense = {leaf.name: rng.normal(size=leaf.shape) for leaf in (L, U, B, C)}
    given = dense | {"L": np.tril(dense["L"]), "U": np.triu(dense["U"])}
    f = sf.lower(case, precision="float64")
    assert f.source.count("@") == 6
    got = f(**{str(leaf): given[str(leaf)] for leaf in f.inputs})
    np.testing.assert_allclose(got, evaluate(case, given, {}), rtol=1e-12, atol=1e-11)


SMALL = sf.matrix("S", 80, 80, lower_triangular=True)
DENSE = sf.matrix("A", N, N)
DIAGONAL = sf.matrix("D", N, N, lower_triangular=True, upper_triangular=True)


@pytest.mark.parametrize(
    "case",
    [SMALL @ SMALL.T, DENSE @ B, L @ B[:, 0], L @ B[:, :8], DIAGONAL @ B, L * DENSE],
    ids=str,
)
def test_other_products_stay_one(case: Tensor) -> None:
    assert "concatenate" not in sf.lower(case).source


def test_numpy_and_mixed_precision_take_the_whole() -> None:
    assert "concatenate" not in sf.lower(L @ B, backend="numpy").source
    assert "concatenate" not in sf.lower(L @ B, precision="mixed").source
