"""Random contractions, of every kind the node allows, against the oracle."""

import re

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import symflow.numpy as snp
from symflow.core import contract, dims, matrix, tensor, vector
from symflow.core.add import add_terms
from symflow.lowering import Program, write
from symflow.ops.reshaping import fuse, reshape
from tests.oracle import evaluate, measure

n, d, m, p = dims("n d m p")
SIZES = {"n": 3, "d": 2, "m": 4, "p": 1}
LABELS = [n, d, m, p, n, 2]  # labels 0 to 5


def run(node, values, backend="numpy"):
    written = write([node], precision="float64", backend=backend)
    arguments = [
        SIZES[parameter.name] if parameter.shape is None else values[parameter.name]
        for parameter in written.parameters
    ]
    return np.asarray(Program(written, many=False)(*arguments)), written.source


def data(node, seed=0):
    rng = np.random.default_rng(seed)
    values = {}
    for leaf in node.walk():
        if hasattr(leaf, "full_name"):
            shape = [s if isinstance(s, int) else measure(s, SIZES) for s in leaf.shape]
            values[leaf.full_name] = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape)
    return values


def check(node, backend="numpy"):
    values = data(node)
    result, source = run(node, values, backend)
    expected = evaluate(node, values, SIZES)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-10, atol=1e-10, err_msg=source)


@st.composite
def operands(draw, labels, depth=1):
    """A tensor with these labels as axes: a variable, a power, a sum, or another contraction."""
    shape = [LABELS[label] for label in labels]
    name = draw(st.sampled_from("ABC")) + "".join(map(str, labels))
    variable = tensor(name, *shape)
    kind = draw(st.sampled_from(["plain"] * 4 + ["inverse", "root", "sum", "literal", "nested"]))
    if kind == "inverse":
        return variable**-1
    if kind == "root":
        return snp.abs(variable) ** sp.Rational(-1, 2)
    if kind == "sum":
        return variable - 2 * tensor("D" + name, *shape)
    if kind == "literal":
        return snp.exp(snp.ones(shape))
    if kind == "nested" and depth:
        return draw(contractions(depth=0, output=labels))
    return variable


@st.composite
def contractions(draw, depth=1, output=None):
    """Any contraction: repeated labels, broadcasts, diagonals, loose sums."""
    count = draw(st.integers(0, 4))
    one = st.lists(st.integers(0, 5), max_size=3)
    subscripts = [tuple(draw(one)) for _ in range(count)]
    if output is None:
        output = draw(st.lists(st.integers(0, 5), max_size=4))
    factors = [draw(operands(labels, depth)) for labels in subscripts]
    if factors and draw(st.booleans()):
        factors, subscripts = [*factors, factors[0]], [*subscripts, subscripts[0]]
    coefficient = draw(st.sampled_from([sp.S.One, -sp.S.One, sp.Rational(2, 3), 1 / n, n * m]))
    return contract(coefficient, factors, subscripts, output, dict(enumerate(LABELS)))


@settings(max_examples=300)
@given(contractions())
def test_random_contractions(node):
    check(node)


@settings(max_examples=25)
@given(contractions())
def test_random_contractions_by_jax(node):
    check(node, "jax")


@settings(max_examples=100)
@given(st.data())
def test_random_sums_of_contractions(data_):
    output = data_.draw(st.lists(st.integers(0, 5), max_size=3))
    terms = [data_.draw(contractions(output=output)) for _ in range(3)]
    shape = terms[0].shape
    check(add_terms([(sp.Integer(k + 1), t) for k, t in enumerate(terms)], shape, "float"))


# ------------------------------------------------------------------------- merged axes

X, T = matrix("X", n, d), tensor("T", n, d, m)
RESHAPES = [
    reshape(X, (d, n)),
    reshape(X @ X.T, (n * n,)),
    reshape(T, (n, d * m)) @ reshape(T, (d * m, n)),
    reshape(T, (n * d, m)).T,
    reshape(reshape(T, (d, n * m)), (m, d * n)),
    snp.kron(X, X),
    snp.kron(X, snp.eye(m)) @ snp.kron(X.T, vector("v", m)[:, None]),
    snp.kron(snp.eye(n), snp.eye(d)) + snp.eye(n * d),
    snp.sum(reshape(X, (d * n,)) * reshape(matrix("Y", d, n), (d * n,))),
    snp.broadcast_to(reshape(vector("v", 2 * m), (1, 2, m)), (n, 2, m)),
    snp.diag(reshape(X, (n * d,))),
    snp.trace(reshape(X, (n * d,))[:, None] * reshape(X, (n * d,))),
    reshape(snp.broadcast_to(vector("v", d), (n, d)), (n * d,)),
    contract(sp.S.One, (fuse(n, d), X), ((0, 1, 2), (1, 3)), (0, 3), {0: n * d, 1: n, 2: d, 3: d}),
    contract(
        sp.S.One, (fuse(n, d), fuse(d, n), X), ((0, 1, 2), (0, 3, 4), (1, 2)), (1, 3),
        {0: n * d, 1: n, 2: d, 3: d, 4: n},
    ),
]  # fmt: skip


@pytest.mark.parametrize("node", RESHAPES, ids=range(len(RESHAPES)))
def test_merged_axes(node):
    check(node)


@pytest.mark.parametrize("node", RESHAPES[:6], ids=range(6))
def test_merged_axes_become_reshapes(node):
    assert "eye" not in run(node, data(node))[1]


# ---------------------------------------------------------------------- what is written

A, B = matrix("A", d, d), matrix("B", d, d)
w, y, v = vector("w", d), vector("y", n), vector("v", m)
WRITTEN = {
    "w @ A": A.T @ w,
    "A @ B": A @ B,
    "A @ B.T": A @ B.T,
    "A.T @ B": A.T @ B,
    "jnp.outer(w, y)": snp.outer(w, y),
    "jnp.sum(w ** 2)": snp.sum(w**2),
    "jnp.sum(X ** 2, axis=1)": snp.sum(X**2, axis=1),
    "jnp.trace(A)": snp.trace(A),
    "jnp.sum(A * B.T)": snp.trace(A @ B),
    "jnp.diagonal(A)": snp.diagonal(A),
    "jnp.diag(w)": snp.diag(w),
    "A * w[:, None]": snp.diag(w) @ A,
    "A * w": A @ snp.diag(w),
    "X / y[:, None]": X / y[:, None],
    "w / jnp.sum(w)": w / snp.sum(w),
    "w / jnp.sqrt(jnp.sum(w ** 2))": w / snp.sqrt(snp.sum(w**2)),
    "1 / A": 1 / A,
    "A - B": A - B,
    "-(A + B)": -A - B,
    "A - 2 * B": A - 2 * B,
    "A / 3": A / 3,
    "1.5 * A": 1.5 * A,
    "w + 1": w + 1,
    "1 - w": 1 - w,
    "X @ w + y": y + X @ w,
    "T @ v": T @ v,
    "T.mT @ T": snp.swapaxes(T, 1, 2) @ T,
    "jnp.linalg.solve(A, w)": snp.linalg.solve(A, w),
    "X[1:]": X[1:],
    "X[:, -1]": X[:, -1],
    "X[::-1]": X[::-1],
    "X[::2]": X[::2],
    "w > 0": w > 0,
    "jnp.maximum(w, 0)": snp.maximum(w, 0),
    "w ** 2.5": w**2.5,
    "X.reshape(d * n)": snp.reshape(X, d * n),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_written(text):
    source = write([WRITTEN[text]]).source
    assert source.rstrip().endswith(f"return {text}"), source


def test_a_broadcast_that_is_reduced_is_never_made():
    source = write([snp.sum(snp.broadcast_to(w, (n, d)) * 3, axis=0), y]).source
    assert "broadcast" not in source
    assert "3 * n" in source


def test_shared_products_are_computed_once():
    residual = X @ w
    source = write([residual, X.T @ (X @ w), snp.sum(X @ w)]).source
    assert source.count("X @ w") == 1


def test_products_that_differ_in_order_alone_are_shared():
    product = snp.einsum("ij,jk->ik", A, B)
    cube = snp.einsum("nij,njk->nik", tensor("R", n, d, d), tensor("S", n, d, d))
    source = write([product, 3 * product.T, cube, -snp.transpose(cube, (2, 0, 1))]).source
    assert source.count("@") == 2


def test_matrix_chains_are_ordered_by_cost():
    chain = contract(sp.S.One, (A, B, w), ((0, 1), (1, 2), (2,)), (0,), {0: d, 1: d, 2: d})
    assert "A @ (B @ w)" in write([chain]).source


def test_size_hints_decide_the_order():
    left, right = matrix("L", n, m), matrix("R", m, p)
    chain = contract(
        sp.S.One, (left, right, matrix("Q", p, d)), ((0, 1), (1, 2), (2, 3)), (0, 3),
        {0: n, 1: m, 2: p, 3: d},
    )  # fmt: skip
    small = write([chain], sizes={"n": 10, "m": 1000, "p": 1, "d": 10}).source
    large = write([chain], sizes={"n": 1, "m": 10, "p": 1000, "d": 10}).source
    assert "(L @ R)" in small or "L @ R @" in small
    assert re.search(r"L @ R|R @ Q", large)
    assert small != large or "L @ R" in large


def test_off_the_diagonal_nothing_spreads():
    values = {"w": np.array([np.inf, 1.0])}
    result, _ = run(snp.diag(w), values)
    assert result[0, 1] == 0
    block = contract(sp.S.One, (X,), ((0, 1),), (0, 1, 0), {0: n, 1: d})
    result, _ = run(block, {"X": np.full((3, 2), np.inf)})
    assert result[0, 0, 1] == 0


def test_forms_read_matrices_along_their_rows():
    x, y, A = vector("x", n), vector("y", m), matrix("A", n, m)
    for form in (snp.einsum("n,nm,m", x, A, y), snp.einsum("m,n,nm", y, x, A)):
        assert "A @ y" in write([form]).source
