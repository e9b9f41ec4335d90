"""Indexing, joining and every change of shape, against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import symflow.numpy as snp
from symflow.core import dims, matrix, tensor, vector
from symflow.errors import RankError, ShapeError
from tests.numpy.against import SIZES, agree, floats
from tests.oracle import evaluate

SOME = st.lists(SIZES, min_size=1, max_size=4).map(tuple)
MANY = settings(max_examples=40)


@settings(max_examples=200)
@given(data=st.data())
def test_basic_indexing(data):
    x = data.draw(floats())
    index = data.draw(hnp.basic_indices(x.shape, allow_newaxis=True, max_dims=6))
    agree(lambda s, a: a[index], x)


@settings(max_examples=100)
@given(data=st.data())
def test_slices_of_slices(data):
    x = data.draw(floats(hnp.array_shapes(min_dims=1, max_dims=2, max_side=8)))
    first = data.draw(hnp.basic_indices(x.shape, allow_ellipsis=False))
    second = data.draw(hnp.basic_indices(x[first].shape, allow_newaxis=True))
    agree(lambda s, a: a[first][second], x)


@MANY
@given(index=st.integers(-5, 5), size=st.integers(0, 4))
def test_positions_out_of_range(index, size):
    agree(lambda s, a: a[index], np.arange(float(size)))


SYMBOLIC = [
    "x[1:]", "x[:-1]", "x[-1]", "x[0]", "x[2:-2]", "x[-3:]", "x[:3]", "x[::2]", "x[1::3]",
    "x[::-1]", "x[::-2]", "x[-2:-5]", "x[5:3]", "x[None, 1:]", "x[..., 2:4]", "x[1:][1:]",
    "x[::-1][1:]", "x[::2][1:]", "x[1:][::-1]", "x[:-2][-2]", "x[1:-1:2]",
]  # fmt: skip


@pytest.mark.parametrize("formula", SYMBOLIC)
@pytest.mark.parametrize("size", [5, 6, 9])
def test_slices_of_an_axis_of_symbolic_size(formula, size):
    array = np.arange(1.0, size + 1)
    found = evaluate(eval(formula, {"x": vector("x", "n")}), {"x": array})
    np.testing.assert_array_equal(found, eval(formula, {"x": array}))


def test_bounds_may_be_dimensions():
    n, k = dims("n k")
    x = vector("x", n)
    array = np.arange(7.0)
    for build, expected in [
        (x[k:], array[2:]),
        (x[:k], array[:2]),
        (x[k], array[2]),
        (x[n - k :], array[-2:]),
        (x[: n - k + 1], array[: 7 - 2 + 1]),
        (x[-k - 1], array[-3]),
        (x[-k - 1 :], array[-3:]),
        (x[k : 2 * k + 1 : 2], array[2:5:2]),
        (x[: n + 1], array),
        (x[n + 2 :], array[9:]),
    ]:
        np.testing.assert_array_equal(evaluate(build, {x: array}, {k: 2}), expected)
    assert x[1:].shape == (n - 1,)
    assert x[: n + 1] is x
    assert x[n:].shape == (0,)
    fixed = vector("y", 5)[:k]
    assert fixed.shape == (k,)


def test_bounds_that_count_from_an_undecided_end_are_refused():
    n, k = dims("n k")
    x = vector("x", n)
    for build in (lambda: x[-k:], lambda: x[:-k], lambda: x[-k]):
        with pytest.raises(ShapeError, match=r"counted from the end\? Write n - \(k\)"):
            build()
    with pytest.raises(ShapeError, match="a negative step"):
        x[3::-1]
    with pytest.raises(ShapeError, match="integers and expressions of dimensions"):
        x[:0.5]
    with pytest.raises(ShapeError, match="step must not be 0"):
        x[::0]


def test_sizes_set_later_keep_slices_inside():
    n = dims("n")[0]
    x = vector("x", n)
    assert x[2:5].subs(n, 5).shape == (3,)
    for node, size in [(x[2:5], 4), (x[1:], 0), (x[-2], 1), (x[::-1][3], 3)]:
        with pytest.raises(ShapeError):
            node.subs(n, size)
    assert x[::-1].subs(n, 0).shape == (0,)
    assert x[::2].subs(n, 0).shape == (0,)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ((0, 0, 0), "3 indices for a tensor of rank 2"),
        ((..., ...), "at most one ellipsis"),
        ((0, 4), r"index 4 is out of range for axis 1 of size 4"),
        ((1.0,), "axis 0 is indexed by 1.0"),
    ],
)
def test_what_is_no_basic_index(index, message):
    with pytest.raises(ShapeError, match=message):
        matrix("A", "n", 4)[index]


def test_iteration_needs_a_known_length():
    rows = list(matrix("A", 2, "n"))
    assert [row.shape for row in rows] == [dims("n")] * 2
    with pytest.raises(TypeError, match=r"axis 0 is the symbol n; use x.shape\[0\]"):
        list(vector("x", "n"))
    with pytest.raises(TypeError, match="scalar has no length"):
        len(snp.sum(vector("x", 3)))


# ------------------------------------------------------------------------------ joining


@MANY
@given(data=st.data())
def test_concatenate(data):
    shape = data.draw(SOME)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    sizes = data.draw(st.lists(SIZES, min_size=1, max_size=3))
    shapes = [tuple(s if k == axis % len(shape) else n for k, n in enumerate(shape)) for s in sizes]
    arrays = [data.draw(floats(shape)) for shape in shapes]
    agree(lambda s, *xs: s.concatenate(xs, axis), *arrays, symbolic=data.draw(st.booleans()))
    agree(lambda s, *xs: s.concatenate(xs, axis=None), *arrays)


@MANY
@given(data=st.data())
def test_stack(data):
    shape = data.draw(st.lists(SIZES, max_size=3).map(tuple))
    arrays = [data.draw(floats(shape)) for _ in range(data.draw(st.integers(1, 3)))]
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    agree(lambda s, *xs: s.stack(xs, axis), *arrays, symbolic=data.draw(st.booleans()))
    agree(lambda s, *xs: s.hstack(xs), *arrays)
    agree(lambda s, *xs: s.vstack(xs), *arrays)


def test_joining_refuses_what_does_not_fit():
    A, B = matrix("A", "n", 2), matrix("B", "n", 3)
    with pytest.raises(ShapeError, match=r"operand 1 has shape \(n, 3\), operand 0 has \(n, 2\)"):
        snp.concatenate([A, B])
    with pytest.raises(ShapeError, match=r"stack: operand 1 has shape \(n, 3\)"):
        snp.stack([A, B])
    with pytest.raises(RankError, match="one rank"):
        snp.concatenate([A, vector("x", 2)])
    with pytest.raises(ShapeError, match="at least one"):
        snp.stack([])
    assert snp.concatenate([A, np.ones((3, 2), np.float32)]).dtype == "float"
    assert snp.concatenate([A, A], dtype="float16").dtype == "float16"
    assert snp.concatenate([A]) is A


# ------------------------------------------------------------------------ other shapes


@MANY
@given(data=st.data())
def test_axes_in_another_order(data):
    x = data.draw(floats())
    order = data.draw(st.permutations([k - x.ndim * (k % 2) for k in range(x.ndim)]))
    symbolic = data.draw(st.booleans())
    agree(lambda s, a: s.transpose(a, tuple(order)), x, symbolic=symbolic)
    agree(lambda s, a: s.transpose(a), x, symbolic=symbolic)
    agree(lambda s, a: s.matrix_transpose(a), x, symbolic=symbolic)
    agree(lambda s, a: a.T, x, symbolic=symbolic)
    if x.ndim:
        one, other = data.draw(st.sampled_from(order)), data.draw(st.sampled_from(order))
        agree(lambda s, a: s.swapaxes(a, one, other), x, symbolic=symbolic)
        agree(lambda s, a: s.moveaxis(a, one, other), x, symbolic=symbolic)
        several = order[: data.draw(st.integers(0, x.ndim))]
        places = list(range(len(several)))
        agree(lambda s, a: s.moveaxis(a, several, places), x, symbolic=symbolic)


@pytest.mark.parametrize("order", [(0,), (0, 0), (0, 2), (0, 1, 1), (1, 0, 2)])
def test_no_permutation(order):
    agree(lambda s, a: s.transpose(a, order), np.ones((2, 3)))
    agree(lambda s, a: s.moveaxis(a, order, (0,)), np.ones((2, 3)))


@MANY
@given(data=st.data())
def test_axes_of_size_one(data):
    x = data.draw(floats(st.lists(st.sampled_from([0, 1, 1, 2]), max_size=4).map(tuple)))
    axis = data.draw(st.lists(st.integers(-x.ndim - 2, x.ndim + 1), max_size=2).map(tuple))
    agree(lambda s, a: s.expand_dims(a, axis), x, symbolic=data.draw(st.booleans()))
    agree(lambda s, a: s.squeeze(a, axis), x, symbolic=True)
    agree(lambda s, a: s.squeeze(a), x)
    with pytest.raises(ShapeError, match=r"cannot squeeze axis 0 of \(n, 1\)"):
        snp.squeeze(matrix("A", "n", 1), 0)


@MANY
@given(data=st.data())
def test_broadcast_to(data):
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=1, base_shape=(2, 1, 3)))
    x = data.draw(floats(shapes.input_shapes[0]))
    agree(lambda s, a: s.broadcast_to(a, shapes.result_shape), x)
    agree(lambda s, a: s.broadcast_to(a, (2, 3)), x)


@MANY
@given(data=st.data())
def test_flip(data):
    x = data.draw(floats())
    axis = data.draw(st.none() | st.integers(-x.ndim, x.ndim - 1)) if x.ndim else None
    agree(lambda s, a: s.flip(a, axis), x, symbolic=data.draw(st.booleans()))


@settings(max_examples=200)
@given(data=st.data())
def test_reshape_of_numbers(data):
    shape = data.draw(st.lists(st.sampled_from([0, 1, 2, 3, 4, 6]), max_size=4).map(tuple))
    x = np.arange(float(np.prod(shape))).reshape(shape)
    target = data.draw(shape_of(int(x.size)))
    order = data.draw(st.sampled_from("CF"))
    agree(lambda s, a: s.reshape(a, target, order), x)
    agree(lambda s, a: s.ravel(a, order), x)
    if target:
        hidden = data.draw(st.integers(0, len(target) - 1))
        unknown = tuple(-1 if k == hidden else size for k, size in enumerate(target))
        agree(lambda s, a: a.reshape(*unknown), x)
    again = data.draw(shape_of(int(x.size)))
    agree(lambda s, a: s.reshape(s.reshape(a, target), again), x)
    assert snp.reshape(snp.reshape(tensor("x", *shape), target), shape).shape == shape


@st.composite
def shape_of(draw, count):
    """A shape of so many entries."""
    if count == 0:
        others = draw(st.lists(st.integers(0, 3), max_size=3))
        others.insert(draw(st.integers(0, len(others))), 0)
        return tuple(others)
    factors, rest = [], count
    while rest > 1:
        factor = draw(st.sampled_from([k for k in range(2, rest + 1) if rest % k == 0]))
        factors.append(factor)
        rest //= factor
    factors += [1] * draw(st.integers(0, 2))
    return tuple(draw(st.permutations(factors)))


def test_reshape_refuses_other_numbers_of_entries():
    n, m = dims("n m")
    A = matrix("A", n, m)
    message = r"cannot reshape \(n, m\) \(m\*n entries\) to \(n, 2\) \(2\*n entries\)"
    with pytest.raises(ShapeError, match=message):
        A.reshape(n, 2)
    with pytest.raises(ShapeError, match="at most one"):
        A.reshape(-1, -1)
    with pytest.raises(ShapeError, match="cannot reshape"):
        A.reshape(2, -1)
    with pytest.raises(ShapeError, match="'C' or 'F'"):
        A.reshape(-1, order="A")
    with pytest.raises(ShapeError, match="product 0"):
        matrix("Z", 0, n).reshape(0, -1)


REGROUPED = [
    (("n", "m"), ("m", "n")),
    (("n", "m"), ("n*m",)),
    (("n*m",), ("n", "m")),
    (("n*m",), ("m", 1, "n")),
    (("n", 6), ("3*n", 2)),
    (("n", 6), (2, "3*n")),
    (("n", 2, "m"), (2, "m*n")),
    ((4, "n"), (2, "n", 2)),
    (("n+1", "n-1"), ("n**2-1",)),
    (("n", "m", "k"), ("k*m", "n")),
    (("n", 1, "m"), ("m", 1, 1, "n")),
    (("n", "n"), ("n**2",)),
    (("2*n", "m"), ("n", "2*m")),
]


@pytest.mark.parametrize(("old", "new"), REGROUPED)
def test_reshape_of_symbols(old, new):
    import sympy as sp

    n, m, k = dims("n m k")
    sizes = {n: 3, m: 5, k: 2}
    names = {"n": n, "m": m, "k": k}
    before = [eval(str(size), dict(names)) for size in old]
    after = [eval(str(size), dict(names)) for size in new]
    x = tensor("x", *before)
    shape = [int(sp.sympify(size).subs(sizes)) for size in before]
    target = [int(sp.sympify(size).subs(sizes)) for size in after]
    array = np.random.default_rng(0).normal(size=shape)
    for order in "CF":
        node = snp.reshape(x, after, order)
        assert list(node.shape) == [sp.expand(size) for size in after]
        found = evaluate(node, {x: array}, sizes)
        np.testing.assert_array_equal(found, array.reshape(target, order=order))
        fixed = node.subs(sizes)
        np.testing.assert_array_equal(evaluate(fixed, {"x": array}), found)
    assert x.reshape(after).reshape(before) is x
