"""Rules on positions keep the value, and need no zeros where none are needed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symflow as sf
import symflow.numpy as snp
from symflow.core import Apply, Tensor, Variable, dims, matrix, tensor, vector
from symflow.errors import DifferentialError
from symflow.ops.gathering import SCATTER, scatter
from symflow.ops.sorting import SORT
from tests.oracle import evaluate

n, m = dims("n m")
x, A, B = vector("x", n), matrix("A", n, 3), matrix("B", m, 3)
i = tensor("i", m, dtype="int")
VALUES = {
    x: np.array([2.0, -1.0, 0.5, 2.0]),
    A: np.arange(12.0).reshape(4, 3) ** 2 - 20,
    B: np.arange(6.0).reshape(2, 3) - 2,
    i: np.array([3, -4]),
}
SIZES = {"n": 4, "m": 2}


def operations(node):
    """The names of the operations of a graph."""
    return {part.operation.name for part in node.walk() if isinstance(part, Apply)}


def put(values, *indices):
    """Zeros in the shape of ``A`` with values added."""
    return scatter(values, list(indices), A.shape[: len(indices)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (x[snp.arange(n)], x),
        (scatter(x, [snp.arange(n)], (n,)), x),
        (snp.sum(put(B, i), axis=0), snp.sum(B, axis=0)),
        (snp.sum(put(B, i) * A), snp.sum(B * A[i])),
        (A.T @ put(B, i), A[i].T @ B),
        (snp.sum(scatter(x, [snp.arange(n), i[:1] % 3 * snp.ones(n, "int")], (n, 3)), axis=1), x),
        (x.at[1:3].set(7.0)[1:3], snp.full((2,), 7.0)),
        (x.at[1:3].set(7.0)[3], x[3]),
        (x.at[1:3].set(7.0).at[1:3].set(2.0), x.at[1:3].set(2.0)),
        (x.at[1:3].set(x[1:3]), x),
        (x.at[snp.array([2, 0])].set(x[:2])[snp.array([2, 0])], x[:2]),
        (snp.sort(snp.sort(A, 0), 0), snp.sort(A, 0)),
        (snp.sort(x)[0], snp.min(x)),
        (snp.sort(x)[-1], snp.max(x)),
        (snp.max(snp.sort(A, 1), axis=1), snp.max(A, axis=1)),
        (snp.sum(snp.sort(A, 1)), snp.sum(A)),
        (snp.linalg.eigvalsh(snp.diag(x)), snp.sort(x)),
        (A.T @ snp.eye(n)[:, i], A[i].T),
        (snp.eye(n)[i] @ A, A[i]),
        (snp.sum(snp.eye(n)[i] * x, axis=1), x[i]),
        (snp.sort(A, 1) @ snp.ones(3), snp.sum(A, axis=1)),
    ],
)
def test_simplified(before, after):
    result = sf.simplify(before)
    assert result == sf.simplify(after)
    np.testing.assert_allclose(
        evaluate(before, VALUES, SIZES), evaluate(result, VALUES, SIZES), atol=1e-12
    )


@pytest.mark.parametrize(
    "kept",
    [
        x.at[i].set(B[:, 0])[i],  # of two values at one position, one stays
        x[i],
        x.at[1:3].set(7.0)[2:4],
        snp.sum(snp.sort(A, 1), axis=0),
        snp.sort(snp.sort(A, 0), 1),
        snp.sort(x)[1],
        put(B, i),
    ],
)
def test_left_alone(kept):
    result = sf.simplify(kept)
    assert operations(result) & {"scatter_set", "gather", "slice_set", "sort", "scatter"}
    np.testing.assert_allclose(evaluate(kept, VALUES, SIZES), evaluate(result, VALUES, SIZES))


@st.composite
def graphs(draw) -> Tensor:
    """Graphs of lookups, additions at positions, updates and sorts of matrices."""
    node: Tensor = draw(st.sampled_from([A, A * 2, snp.exp(A / 20), snp.zeros((n, 3))]))
    rows = tensor("rows", n, dtype="int")
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.integers(0, 7))
        if kind == 0:
            node = node[rows]
        elif kind == 1:
            node = scatter(node, [rows], (n,))
        elif kind == 2:
            node = node.at[draw(st.integers(0, 1)) :].set(1.5)
        elif kind == 3:
            node = node.at[rows, 1].add(x)
        elif kind == 4:
            node = snp.sort(node, draw(st.integers(0, 1)))
        elif kind == 5:
            node = snp.take_along_axis(node, rows[:, None] % 3, 1) * A
        elif kind == 6:
            node = scatter(x, [snp.arange(n), rows % 3], (n, 3)) * node
        else:
            node = node + snp.sum(node, axis=draw(st.integers(0, 1)), keepdims=True)
    ends = [node, snp.sum(node), snp.sum(node, axis=1), A.T @ node, node[0], snp.max(node, axis=0)]
    return draw(st.sampled_from(ends))


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_simplified_graphs_keep_their_values(node):
    values = {**VALUES, Variable("rows", (n,), "int"): np.array([2, 0, -1, 2])}
    result = sf.simplify(node)
    np.testing.assert_allclose(
        evaluate(result, values, SIZES), evaluate(node, values, SIZES), rtol=1e-9, atol=1e-9
    )


def test_a_gradient_through_a_lookup_of_rows_needs_no_zeros_for_what_is_summed():
    w = vector("w", 3)
    gradient = sf.grad(snp.sum(snp.tanh(A[i] @ w)), w)
    assert SCATTER.name not in operations(gradient)
    assert SORT.name in operations(snp.sort(x))


@pytest.mark.parametrize("places", [[-2], [-1, -3], [2, 0]])
def test_known_positions_of_one_sign_differ(places: list[int]) -> None:
    x, v = sf.vector("x", 4), sf.vector("v", len(places))
    values = {x: np.arange(1.0, 5), v: np.arange(2.0, 2 + len(places))}
    product = snp.sum(x.at[np.array(places)].multiply(v) * np.arange(4))
    wanted = np.arange(4.0)
    wanted[places] *= values[v]
    np.testing.assert_allclose(evaluate(sf.grad(product, x), values), wanted)


def test_known_positions_of_both_signs_may_be_the_same() -> None:
    x, v = sf.vector("x", 4), sf.vector("v", 2)
    with pytest.raises(DifferentialError, match="known to differ"):
        sf.grad(snp.sum(x.at[np.array([1, -3])].multiply(v)), x)
