"""Matrix and tensor products, diagonals and linear algebra, against NumPy."""

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import symflow.numpy as snp
from symflow.core import Einsum, dims, matrix, tensor
from symflow.errors import RankError, ShapeError
from tests.numpy.against import SHAPES, SIZES, agree, bools, floats, integers

MANY = settings(max_examples=40)


@MANY
@given(data=st.data())
def test_matmul(data):
    shapes = data.draw(
        hnp.mutually_broadcastable_shapes(
            signature=np.matmul.signature, max_dims=2, min_side=0, max_side=3
        )
    )
    x, y = (data.draw(floats(shape)) for shape in shapes.input_shapes)
    agree(lambda s, a, b: s.matmul(a, b), x, y, symbolic=data.draw(st.booleans()))
    agree(lambda s, a, b: a @ b, x, y)


@MANY
@given(data=st.data())
def test_products_of_any_shapes(data):
    x, y = data.draw(floats()), data.draw(floats())
    for name in ("matmul", "dot", "inner", "outer", "vdot"):
        agree(lambda s, a, b: getattr(s, name)(a, b), x, y)  # noqa: B023
    symbolic = data.draw(st.booleans())
    if x.ndim + y.ndim <= 5:
        agree(lambda s, a, b: s.kron(a, b), x, y, symbolic=symbolic)
    agree(lambda s, a, b: s.tensordot(a, b, 0), x, y)


@MANY
@given(data=st.data())
def test_products_along_axes(data):
    """Shapes that fit: one is a permutation of the other."""
    x = data.draw(floats())
    order = data.draw(st.permutations(range(x.ndim)))
    y = data.draw(floats(tuple(x.shape[k] for k in order)))
    symbolic = data.draw(st.booleans())
    some = order[: data.draw(st.integers(0, x.ndim))]
    negative = [k - x.ndim for k in range(len(some))]
    agree(lambda s, a, b: s.tensordot(a, b, (some, negative)), x, y, symbolic=symbolic)
    agree(lambda s, a, b: s.tensordot(a, b.T, x.ndim), x, x.T, symbolic=symbolic)
    agree(lambda s, a, b: s.vdot(a, b), x, x[...], symbolic=symbolic)
    if x.ndim:
        agree(lambda s, a: s.inner(a, a), x, symbolic=symbolic)
        agree(lambda s, a, b: s.dot(a, b), x, np.moveaxis(x, -1, -2 if x.ndim > 1 else 0))


@pytest.mark.parametrize(
    "axes", [3, ((0,), (0, 1)), ((0, 0), (0, 1)), ((0,), (5,)), (1, 0), ((1,), (1,))]
)
def test_tensordot_with_axes_that_may_not_fit(axes):
    agree(lambda s, a, b: s.tensordot(a, b, axes), np.ones((2, 3)), np.ones((2, 4)))


@settings(max_examples=300)
@given(data=st.data())
def test_einsum(data):
    count = data.draw(st.integers(1, 3))
    letters = data.draw(st.lists(st.sampled_from("ijkL"), min_size=1, unique=True))
    sizes = {letter: data.draw(st.integers(0, 3)) for letter in letters}
    inputs = [data.draw(st.lists(st.sampled_from(letters), max_size=3)) for _ in range(count)]
    used = sorted({letter for names in inputs for letter in names})
    output = data.draw(st.lists(st.sampled_from(used), unique=True)) if used else []
    explicit = data.draw(st.booleans())
    spec = ",".join(map("".join, inputs)) + ("->" + "".join(output) if explicit else "")
    arrays = [data.draw(floats(tuple(sizes[name] for name in names))) for names in inputs]
    symbolic = data.draw(st.booleans())
    agree(lambda s, *xs: s.einsum(spec, *xs), *arrays, symbolic=symbolic)
    batch = data.draw(st.lists(SIZES, max_size=2).map(tuple))
    wide = [data.draw(floats(batch + a.shape)) for a in arrays]
    dotted = ",".join("..." + "".join(names) for names in inputs) + "->" + "".join(output) + "..."
    agree(lambda s, *xs: s.einsum(dotted, *xs), *wide, symbolic=symbolic)


@pytest.mark.parametrize(
    "spec",
    [
        *("i,i->", "i,i", "i,i->i", "ij,i->j", "ji,i->j", "ii", "ii->i", "i->ii", "i j", "ij->j"),
        *("i,j->k", "i", "i,,i", "ij,jk->ik", "...,...->...", "...i,i", "i->", "i1,i->i", "->"),
        *("...i,...i", "...->", "i,...->...i", "...,...->", "i,i->i...", "...j,j->...", "ij..."),
    ],
)
@pytest.mark.parametrize(
    "shapes", [((3,), (3,)), ((3, 3), (3,)), ((1,), (3,)), ((3,), (1,)), ((3, 1), (3,))]
)
def test_einsum_of_odd_subscripts(spec, shapes):
    agree(
        lambda s, *xs: s.einsum(spec, *xs),
        *(np.arange(1.0, 1 + np.prod(k)).reshape(k) for k in shapes),
    )
    agree(lambda s, a: s.einsum(spec, a), np.ones(shapes[0]))


def test_einsum_with_many_labels():
    letters = string.ascii_lowercase[:20]
    x = tensor("x", *[2] * 20)
    node = snp.einsum(f"{letters}->{letters[::-1]}", x)
    assert isinstance(node, Einsum)
    assert node is x.T
    assert len(set(node.spec)) == 22
    with pytest.raises(
        ShapeError, match="axis 0 of operand 1 has size n, but label 'j' has size m"
    ):
        snp.einsum("ij,jk", matrix("A", "n", "m"), matrix("B", "n", "m"))
    with pytest.raises(RankError, match="'ijk' names 3 axes, the operand has rank 2"):
        snp.einsum("ijk", matrix("A", "n", "m"))


# -------------------------------------------------------------------------- diagonals


@MANY
@given(data=st.data())
def test_diagonals(data):
    x = data.draw(floats(st.lists(SIZES, min_size=1, max_size=4).map(tuple)))
    one = data.draw(st.integers(-x.ndim, x.ndim - 1))
    other = data.draw(st.integers(-x.ndim, x.ndim - 1))
    offset = data.draw(st.integers(-3, 3))
    agree(lambda s, a: s.diagonal(a, offset, one, other), x)
    agree(lambda s, a: s.trace(a, offset, one, other), x)
    agree(lambda s, a: s.diag(a, offset), x)
    if x.ndim > 1:
        agree(lambda s, a: s.tril(a, offset), x, symbolic=data.draw(st.booleans()))
        agree(lambda s, a: s.triu(a, offset), x, symbolic=data.draw(st.booleans()))


@pytest.mark.parametrize("offset", [-2, -1, 0, 1, 2])
def test_diagonals_of_symbolic_size(offset):
    x = np.random.default_rng(0).normal(size=(4, 4))
    agree(lambda s, a: s.diag(a, offset), x, symbolic=True)
    agree(lambda s, a: s.diag(a, offset), x[0], symbolic=True)
    agree(lambda s, a: s.diagonal(a, offset), x, symbolic=True)
    agree(lambda s, a: s.trace(a, offset), x, symbolic=True)


def test_the_trace_counts_bools_and_may_change_type():
    agree(lambda s, a: s.trace(a), np.ones((3, 3), bool))
    agree(lambda s, a: s.trace(a, dtype=np.float64), np.ones((3, 3), int))
    with pytest.raises(ShapeError, match="the length of diagonal 0 of sizes n and m"):
        snp.trace(matrix("A", "n", "m"))


# ---------------------------------------------------------------------- linear algebra


def definite(rng, *shape):
    root = rng.normal(size=shape)
    return root @ np.swapaxes(root, -1, -2) + 2 * np.eye(shape[-1])


SQUARES = [(0, 0), (1, 1), (3, 3), (2, 3, 3), (0, 2, 2), (2, 1, 2, 2)]


@pytest.mark.parametrize("shape", SQUARES)
@pytest.mark.parametrize("symbolic", [False, True])
def test_matrix_functions(shape, symbolic):
    x = definite(np.random.default_rng(1), *shape)
    for name in ("inv", "det", "cholesky", "slogdet", "eigvalsh"):
        agree(lambda s, a: getattr(s.linalg, name)(a), x, symbolic=symbolic)  # noqa: B023
    agree(lambda s, a: s.linalg.eigh(a)[0], x, symbolic=symbolic)
    agree(lambda s, a: s.linalg.cholesky(a, upper=True), x, symbolic=symbolic)
    agree(lambda s, a: s.linalg.qr(a)[1], x, symbolic=symbolic)
    for power in (0, 1, 2, 3, 7, -1, -2):
        agree(lambda s, a: s.linalg.matrix_power(a, power), x, symbolic=symbolic)  # noqa: B023


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (4, 1), (2, 3, 2), (0, 2), (2, 0)])
def test_qr_of_any_shape(shape):
    x = np.random.default_rng(1).normal(size=shape)
    agree(lambda s, a: s.linalg.qr(a), x)


@pytest.mark.parametrize("left", [(2, 2), (3, 2, 2), (1, 2, 2)])
@pytest.mark.parametrize("right", [(2,), (2, 1), (2, 3), (3, 2, 2), (3, 1, 2, 4), (3,), (3, 2), ()])
@pytest.mark.parametrize("symbolic", [False, True])
def test_solve(left, right, symbolic):
    rng = np.random.default_rng(2)
    agree(
        lambda s, a, b: s.linalg.solve(a, b),
        definite(rng, *left),
        rng.normal(size=right),
        symbolic=symbolic,
    )


def test_matrix_functions_of_integers_are_floats():
    x = np.array([[2, 1], [1, 3]])
    for name in ("inv", "det", "cholesky"):
        agree(lambda s, a: getattr(s.linalg, name)(a), x)  # noqa: B023
    agree(lambda s, a: s.linalg.matrix_power(a, 3), x)
    agree(lambda s, a: s.linalg.matrix_power(a, -1), x)


def test_matrix_functions_of_complex_numbers():
    x = np.array([[2.0, 1j], [-1j, 3.0]])
    for name in ("inv", "det", "cholesky", "eigvalsh", "slogdet"):
        agree(lambda s, a: getattr(s.linalg, name)(a), x)  # noqa: B023
    agree(lambda s, a: a @ a + s.trace(a) * s.abs(a), x)


def test_matmul_says_what_does_not_fit():
    n, m = dims("n m")
    A, B = matrix("A", n, m), matrix("B", n, m)
    with pytest.raises(ShapeError) as caught:
        A @ B
    message = str(caught.value)
    for text in (
        "(n, m) @ (n, m)",
        "the last axis of the left (m)",
        "axis -2 of the right (n)",
        "T",
    ):
        assert text in message
    with pytest.raises(RankError, match="scale with"):
        A @ snp.sum(B)


@MANY
@given(b=bools(), k=integers())
def test_products_of_other_types(b, k):
    agree(lambda s, a, c: s.tensordot(a, c, 0), b[:2] if b.ndim else b, k[:1] if k.ndim else k)
    agree(lambda s, a: s.inner(a, a), k)
    agree(lambda s, a: s.multiply(a, a), b)
    agree(lambda s, a: s.add(a, a), b)


def test_shapes_strategy_reaches_every_rank():
    ranks = set()

    @settings(max_examples=200, database=None)
    @given(shape=SHAPES)
    def collect(shape):
        ranks.add(len(shape))

    collect()
    assert ranks == {0, 1, 2, 3, 4}
